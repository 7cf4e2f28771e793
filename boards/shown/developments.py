"""What a later release says of a decision that its board has to know: standing lost and gained, cautions, trials,
retractions.

Everything is compared with what was shown or, where something was raised before, with what was raised last, so that
no release says again what an earlier one said. Nothing here is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from boards.models import CaseVersion, Decision, Development
from boards.models.choices import ChoiceKind, DevelopmentKind, Reason, StepState
from boards.plans import identity_of, states_of
from regimens.models.choices import NoticeKind
from regimens.rules.assessment import Band
from regimens.rules.evidence import CautionFinding
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import Truth
from regimens.rules.trials import OPEN_STATUSES

from .replay import PlacesOnRelease, as_shown, ranked_on, shown_on
from .stored_ranking import Frozen, knowledge_of

LONGEST = Development._meta.get_field("after").max_length or 0
WAITS, GONE, UNKNOWN = "needs-test", "gone", "unknown"
# The better the earlier. Who waits for a test is behind those whom evidence speaks for, and before those ruled out.
_ORDER = (
    *(Band.RECOMMENDED, Band.SUPPORTED, Band.TRIAL_ONLY, Band.LIMITED),
    *(WAITS, Band.NO_EVIDENCE, Band.UNSUITABLE, GONE),
)
STANDING = (DevelopmentKind.LOST_STANDING, DevelopmentKind.GAINED_STANDING)
TRIAL = (DevelopmentKind.TRIAL_CLOSED, DevelopmentKind.TRIAL_OPENED)

Identity = tuple[str | None, ...]
Past = Sequence[Development]  # the one raised last comes last


@dataclass(frozen=True)
class Found:
    """A development before it is stored; the fields are those of `models.Development`."""

    kind: DevelopmentKind
    undermines: bool
    option: str = ""
    before: str = ""
    after: str = ""


def developments(decision: Decision, version: CaseVersion, knowledge: Knowledge) -> list[Found]:
    """What a release says otherwise of a decision, with its developments and all its versions with their plans at hand.

    Raises DamagedRanking, DamagedRelease.
    """
    frozen = Frozen(version)
    now = shown_on(version, knowledge)
    past = sorted(decision.developments.all(), key=lambda each: (each.raised_at, each.pk))
    found = list(_of_trials(_options(decision, ChoiceKind.TRIAL), frozen, knowledge, past))
    if not now.is_ranked or (frozen.options and not now.places):
        return [*_not_ranked(version, past), *found]
    ranked = _options(decision, ChoiceKind.RANKED)
    found += _of_standing(ranked, frozen, now, past)
    found += _of_the_first(decision, ranked, frozen, now, past)
    if not frozen.is_of_first_edition:  # which said the same cautions in other words
        found += _of_cautions(ranked, frozen, now, past)
    found += _of_publications(ranked, decision, frozen, knowledge, past)
    return found


def plan_options(decision: Decision) -> tuple[tuple[str, str], ...]:
    """Kind and option of the recommendations that are not given up, in order; of a decision without a plan its own."""
    steps, states = decision.steps.all(), states_of(decision.item.decisions.all())
    going_on = [step for step in steps if states[identity_of(step)] != StepState.NOT_DONE]
    listed = [(step.kind, step.option) for step in going_on] if steps else [(decision.kind, decision.option)]
    return tuple(dict.fromkeys(listed))


def standing_order(standing: str) -> tuple[int, int]:
    """A standing as it is stored, such as "supported =4", to compare: the smaller the better."""
    band, _, number = standing.partition(" ")
    return _ORDER.index(band), int(number.lstrip("=")) if number else 0


def _options(decision: Decision, kind: ChoiceKind) -> tuple[str, ...]:
    return tuple(option for of_kind, option in plan_options(decision) if of_kind == kind)


def _standing(on: PlacesOnRelease, slug: str) -> str:
    """Where an option stands as it is stored: its band and its place, such as "supported =4"."""
    place = on.places.get(slug)
    if place is None:
        return GONE
    if place.band is None:
        return WAITS
    return f"{place.band} {on.numbers.get(slug, place.rank or '')}".rstrip()


def _not_ranked(version: CaseVersion, past: Past) -> Iterator[Found]:
    """Once, until a release has ranked the patient again."""
    last = max(version.replays.all(), key=lambda each: each.computed_at, default=None)
    was_raised = any(each.kind == DevelopmentKind.NOT_RANKED for each in past)
    if not (was_raised and last and last.is_refused):
        yield Found(DevelopmentKind.NOT_RANKED, undermines=True)


def _of_standing(ranked: Collection[str], frozen: Frozen, now: PlacesOnRelease, past: Past) -> Iterator[Found]:
    for slug in ranked:
        last = _last(past, STANDING, slug)
        before = last.after if last else _standing(as_shown(frozen), slug)
        after = _standing(now, slug)
        if standing_order(after) == standing_order(before):
            continue
        is_lost = standing_order(after) > standing_order(before)
        kind = DevelopmentKind.LOST_STANDING if is_lost else DevelopmentKind.GAINED_STANDING
        yield Found(kind, undermines=is_lost, option=slug, before=before, after=after)


def _of_the_first(
    decision: Decision, ranked: Collection[str], frozen: Frozen, now: PlacesOnRelease, past: Past
) -> Iterator[Found]:
    """Another option has the first place, and none of those that had it.

    It speaks against a decision for the option that was first, and against one that was taken since none was
    recommended; one for the option that is first now it confirms.
    """
    last = _last(past, (DevelopmentKind.OTHER_FIRST,))
    then = {last.option} if last else _firsts(as_shown(frozen))
    firsts = _firsts(now)
    if not firsts or firsts & then:
        return
    first = next(slug for slug, place in now.places.items() if place.rank == 1)
    before = last.after if last else (frozen.first.name if frozen.first else "")
    is_recommended = now.places[first].band is Band.RECOMMENDED
    was_lacking = decision.reason == Reason.NONE_RECOMMENDED and is_recommended
    yield Found(
        DevelopmentKind.OTHER_FIRST,
        undermines=not firsts & set(ranked) and (decision.agrees_with_first or was_lacking),
        option=first,
        before=before[:LONGEST],
        after=now.knowledge.names[first][:LONGEST],
    )


def _firsts(on: PlacesOnRelease) -> set[str]:
    """Those that share the first place."""
    ranked = {slug: on.numbers.get(slug, str(place.rank)) for slug, place in on.places.items() if place.rank}
    return {slug for slug, number in ranked.items() if number in ("1", "=1")}


def _of_cautions(ranked: Collection[str], frozen: Frozen, now: PlacesOnRelease, past: Past) -> Iterator[Found]:
    """Cautions that hold or cannot be checked, and were neither before; one that could not be checked and holds now."""
    for slug in ranked:
        known = _truths(frozen.findings(frozen.by_slug[slug])) if slug in frozen.by_slug else {}
        if last := _last(past, (DevelopmentKind.NEW_CAUTION,), slug):
            known |= _cautions_on(frozen.version, knowledge_of(last.release_id), slug)
        new = [
            str(identity[1])
            for identity, truth in _cautions_on(frozen.version, now.knowledge, slug).items()
            if truth is not False and known.get(identity, False) not in (True, truth)
        ]
        if new:
            words = " ".join(new)
            yield Found(
                DevelopmentKind.NEW_CAUTION,
                undermines=True,
                option=slug,
                after=words if len(words) <= LONGEST else words[: LONGEST - 2] + " …",
            )


def _cautions_on(version: CaseVersion, knowledge: Knowledge, slug: str) -> dict[Identity, Truth]:
    """The cautions of an option for the patient on a release that ranks them."""
    options = ranked_on(version, knowledge, draws=False).options
    return _truths(finding for option in options if option.regimen.slug == slug for finding in option.cautions)


def _truths(found: Iterable[CautionFinding]) -> dict[Identity, Truth]:
    """Truths by level, text, and what the caution is of, by which it is the same one."""
    return {
        (each.caution.level, each.caution.text, each.caution.drug, each.caution.exposure_class): each.truth
        for each in found
    }


def _of_trials(chosen: Collection[str], frozen: Frozen, knowledge: Knowledge, past: Past) -> Iterator[Found]:
    """A trial that no longer takes patients, or recruits now; one whose state is not known is neither."""
    for number in chosen:
        last = _last(past, TRIAL, number)
        before = last.after if last else _trial_status(number, frozen.knowledge)
        after = _trial_status(number, knowledge)
        if before in OPEN_STATUSES and after not in OPEN_STATUSES:
            yield Found(DevelopmentKind.TRIAL_CLOSED, undermines=True, option=number, before=before, after=after)
        elif after == "recruiting" and before != "recruiting":
            yield Found(DevelopmentKind.TRIAL_OPENED, undermines=False, option=number, before=before, after=after)


def _trial_status(number: str, knowledge: Knowledge) -> str:
    row = next((row for row in knowledge.document["trials"] if row["nct"] == number), None)
    return str(row["status_as_seen"]) if row else UNKNOWN


def _of_publications(
    ranked: Collection[str], decision: Decision, frozen: Frozen, knowledge: Knowledge, past: Past
) -> Iterator[Found]:
    """Publications behind the chosen options, and behind the others that stood beside them, that are retracted."""
    retracted = _retracted(knowledge) - _retracted(frozen.knowledge)
    if not retracted:
        return
    shown = decision.item.options or frozen.usual_options()
    groups = [(slug, [slug]) for slug in ranked] + [("", [slug for slug in shown if slug not in ranked])]
    for option, slugs in groups:
        last = _last(past, (DevelopmentKind.RETRACTED,), option)
        known = _retracted(knowledge_of(last.release_id)) if last else set()
        behind = {publication for slug in slugs for publication in _publications(slug, frozen)}
        if new := sorted((behind & retracted) - known):
            yield Found(DevelopmentKind.RETRACTED, undermines=bool(option), option=option, after=_in_row(new))


def _publications(slug: str, frozen: Frozen) -> set[str]:
    """The publications of an option's figures and of what is said for and against it."""
    option = frozen.by_slug.get(slug)
    if option is None:
        return set()
    sources = {cohort.publication for cohort in option.cohorts}
    for finding in option.indications:
        named = frozen.indications[finding.key]["sources"] if finding.key in frozen.indications else ()
        sources |= {source.removeprefix("publication:") for source in named if source.startswith("publication:")}
    return sources


def _retracted(knowledge: Knowledge) -> set[str]:
    notices = ((row["key"], row.get("notice")) for row in knowledge.document["publications"])
    return {key for key, notice in notices if notice and notice["kind"] == NoticeKind.RETRACTION}


def _in_row(keys: Sequence[str]) -> str:
    """As many keys of publications as there is room for."""
    row = " ".join(keys)
    return row if len(row) <= LONGEST else row[:LONGEST].rpartition(" ")[0]


def _last(past: Past, kinds: Collection[DevelopmentKind], option: str | None = None) -> Development | None:
    """The one raised last of these kinds, on that option where one is named."""
    of_kind = (each for each in past if each.kind in kinds and option in (None, each.option))
    return next(reversed(list(of_kind)), None)
