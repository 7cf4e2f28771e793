"""The parts that both documents are made of, as plain values: patient, options with their evidence, votes, decision.

Everything comes from the frozen ranking and the document of its release; nothing is ranked and no live row is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from boards.models import AgendaItem, Decision
from boards.models.choices import ChoiceKind
from boards.presenters.cases import case_label, decided_words
from boards.presenters.meetings import DecisionView, VotePage, decision_view, vote_page
from boards.presenters.options import (
    caution_words_of,
    licence_of,
    safety_of,
    standing_of,
    stored_estimate,
    words_of,
)
from boards.presenters.patient import not_known, stored_details
from boards.presenters.plan import PlanLine
from boards.presenters.questions import missing_tests
from boards.shown.stored_ranking import Frozen
from display.moments import moment_words
from display.punctuation import in_series, sign
from regimens.rules.evidence import OUTCOMES, Outcome
from regimens.rules.first_edition import MADE_AGAIN_WITH
from regimens.rules.ordering import PREFERENCES
from regimens.rules.record import OptionRecord
from regimens.wording.citations import addresses, citation, notice_of, publication_links, sentence
from regimens.wording.drugs import drug_name
from regimens.wording.indications import named_sources, stance_word
from regimens.wording.options import OptionWords, caution_item
from regimens.wording.outcomes import SHORT_TITLES
from regimens.wording.patient import patient_sentence
from regimens.wording.readings import how_read


@dataclass(frozen=True)
class Source:
    """A numbered reference; `read` says how its figures were read, `notice` what was printed against it."""

    number: int
    text: str
    url: str
    read: str
    notice: str


class Sources:
    """References, numbered in the order in which they are first named."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Source] = {}

    def number(self, text: str, url: str = "", read: str = "", notice: str = "") -> int:
        key = (text, url)
        if key not in self._found:
            self._found[key] = Source(len(self._found) + 1, text, url, read, notice)
        return self._found[key].number

    def publication(self, publication: Mapping[str, Any]) -> int:
        links, against = publication_links(publication), notice_of(publication)
        return self.number(
            citation(publication),
            links[0].url if links else "",
            how_read(publication),
            f"{against.word}: {against.link.text}" if against else "",
        )

    def listed(self) -> tuple[Source, ...]:
        return tuple(self._found.values())


@dataclass(frozen=True)
class Figure:
    """An outcome: what was published, in how many and by whom, beside what the model says and what that rests on."""

    title: str
    published: str
    study: str
    model: str
    interval: str
    basis: str


@dataclass(frozen=True)
class Statement:
    """A sentence of the evidence base with its opening word and the numbers of its sources; `language` of its text."""

    word: str
    text: str
    sources: tuple[int, ...]
    language: str = "en"


@dataclass(frozen=True)
class OptionConsidered:
    """An option as the frozen ranking has it.

    safety           what applies, cannot be checked, rules it out and was had before, at a glance
    says_published   whether the ranking names published figures: one of the method's first edition does not
    """

    words: OptionWords
    place: str
    licence: str
    safety: tuple[str, ...]
    draws: str
    says_published: bool
    figures: tuple[Figure, ...]
    reasons: tuple[Statement, ...]
    cautions: tuple[Statement, ...]
    cohorts: tuple[int, ...]
    is_chosen: bool


@dataclass(frozen=True)
class PatientWords:
    """One line, everything else that was entered, the markers without a result, and what is to be looked at first."""

    line: str
    details: tuple[str, ...]
    not_known: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class StepWords:
    """A recommendation of a plan; `standing` is where its option stood in the ranking, with its level of evidence."""

    number: int
    when: str
    do: str
    standing: str
    reason: str
    who: str
    due: str


@dataclass(frozen=True)
class DecisionWords:
    """A version of a decision; `former` are those that it takes the place of, in words.

    plan        what is to be done, as it was recorded: how far it has come since is no part of it
    unsigned    what is missing of its signatures, in words; empty where it has them
    discussion  that it was decided without one, in words; empty where it was discussed
    """

    number: int
    chosen: str
    standing: str
    plan: tuple[StepWords, ...]
    would_change: str
    unsigned: str
    discussion: str
    rationale: str
    reason: str
    present: str
    dissent: str
    correction: str
    by: str
    signatures: tuple[str, ...]
    is_signed: bool
    former: tuple[str, ...]


@dataclass(frozen=True)
class Provenance:
    """On what the ranking stands: enough to find the release again and to check that nothing was changed."""

    release: str
    published: str
    sha256: str
    ranking_sha256: str
    preference: str
    evidence: str
    method: str


def patient_words(frozen: Frozen) -> PatientWords:
    return PatientWords(
        line="".join(text for text, _emphasised in patient_sentence(frozen.patient)).strip(),
        details=tuple(stored_details(frozen)),
        not_known=not_known(frozen),
        warnings=(*frozen.scope.reasons, *(warning.text for warning in frozen.scope.warnings)),
    )


def provenance(frozen: Frozen) -> Provenance:
    release, version = frozen.release, frozen.version
    return Provenance(
        release=release.name,
        published=release.published,
        sha256=release.sha256,
        ranking_sha256=version.sha256,
        preference=_(PREFERENCES[version.preference].label),
        evidence=_("NEC only: without borrowed evidence") if frozen.record.is_nec_only else _("all evidence"),
        method=_method(frozen),
    )


def considered(shown: Shown, frozen: Frozen, decision: Decision | None, sources: Sources) -> Iterator[OptionConsidered]:
    """The options that stood side by side, the one that was ranked first, and those of the plan."""
    steps = decision.steps.all() if decision else ()
    planned = [step.option for step in steps if step.kind == ChoiceKind.RANKED]
    chosen = decision.option if decision and decision.kind == ChoiceKind.RANKED else ""
    first = [frozen.first.regimen] if frozen.first else []
    slugs = dict.fromkeys([*(shown.options or frozen.usual_options()), *first, *planned, *filter(None, [chosen])])
    for slug in slugs:
        if slug in frozen.by_slug:
            yield _option(frozen.by_slug[slug], frozen, sources, is_chosen=slug == chosen)


@dataclass(frozen=True)
class Shown:
    """What stands beside a decision: as it was when that was recorded, or as it is now where nothing is decided."""

    label: str
    question: str
    options: tuple[str, ...]
    board: str
    header: tuple[str, ...]
    place: str


def shown_of(item: AgendaItem, decision: Decision | None) -> Shown:
    """What the documents of an item show beside its ranking. Of an item with its case, meeting and board."""
    board = item.meeting.board
    now = {
        "label": item.case.label,
        "question": item.question,
        "options": item.options,
        "board": board.name,
        "header": board.header,
        "place": item.meeting.place,
    }
    kept = now | (decision.shown if decision else {})
    return Shown(
        label=kept["label"] or case_label(item.case),
        question=kept["question"],
        options=tuple(kept["options"]),
        board=kept["board"],
        header=lines_of(kept["header"]),
        place=kept["place"],
    )


def lines_of(header: str) -> tuple[str, ...]:
    """The lines that stand above a document."""
    return tuple(line for line in header.splitlines() if line.strip())


def first_words(frozen: Frozen) -> str:
    """What was ranked first: all that shared the place, with licence and safety as they were read then."""
    ranked = [option for option in frozen.options if option.rank is not None]
    first = [option for option in ranked if frozen.places[option.regimen] == frozen.places[ranked[0].regimen]]
    if not first:
        return _("No option was ranked.")
    return " ".join(_told(option, frozen, is_joint=len(first) > 1) for option in first)


def _told(option: OptionRecord, frozen: Frozen, *, is_joint: bool) -> str:
    words = (
        _("Ranked joint first: %(name)s (level %(level)s).")
        if is_joint
        else _("Ranked first: %(name)s (level %(level)s).")
    )
    said = [words % {"name": option.name, "level": option.level}]
    if licence := licence_words(frozen, option):
        said.append(_("Licence: %(words)s.") % {"words": licence})
    if safety := safety_words(frozen, option):
        said.append(_("Safety: %(words)s.") % {"words": in_series(safety)})
    return " ".join(said)


def tests(frozen: Frozen) -> tuple[str, ...]:
    """The missing tests that could change the order, in words."""
    return tuple(
        _("%(test)s, %(result)s (%(chance)s): %(effect)s")
        % {"test": line.name, "result": line.result, "chance": line.chance, "effect": line.effect}
        for line in missing_tests(frozen)
    )


def votes(item: AgendaItem) -> VotePage | None:
    """The votes of an item fetched with its ballots, once the ranking may be shown; None where nobody voted."""
    ballots = list(item.ballots_cast.all())
    return vote_page(item, ballots, len(ballots)) if ballots and not item.is_hidden else None


def decision_words(decisions: Sequence[Decision], zone_name: str) -> DecisionWords | None:
    """The newest of an item's decisions (newest first), with those before it; None where there is none.

    Its times are told in the time zone of the meeting.
    """
    if not decisions:
        return None
    view = decision_view(decisions[0])
    return DecisionWords(
        number=view.number,
        chosen=view.chosen,
        standing=view.standing,
        plan=tuple(_step_words(line) for line in view.plan),
        would_change=view.would_change,
        unsigned="" if view.is_signed else _unsigned(view),
        discussion="" if view.is_discussed else _("Standard of care: decided without discussion, by the chair."),
        rationale=view.rationale,
        reason=f"{view.reason}{sign(':')} {view.reason_words}" if view.reason_words else view.reason,
        present=", ".join(filter(None, (view.present, view.guests))),
        dissent=view.dissent,
        correction=view.correction,
        by=view.by,
        signatures=tuple(f"{line.who}, {moment_words(line.at, zone_name)}" for line in view.signatures),
        is_signed=view.is_signed,
        former=tuple(
            _("Version %(number)d, %(at)s: %(chosen)s")
            % {
                "number": old.number,
                "at": moment_words(old.decided_at, zone_name),
                "chosen": decided_words(old, with_words=decision_view(old).is_signed),
            }
            for old in decisions[1:]
        ),
    )


def _step_words(line: PlanLine) -> StepWords:
    return StepWords(
        number=line.number,
        when=line.when,
        do=line.do,
        standing=line.standing,
        reason=line.reason,
        who=line.who,
        due=date_format(line.due, "DATE_FORMAT") if line.due else "",
    )


def _unsigned(view: DecisionView) -> str:
    if view.is_discussed:
        return _("Not signed by two members yet: this is a draft.")
    return _("Not signed by the chair yet: this is a draft.")


def _option(row: OptionRecord, frozen: Frozen, sources: Sources, *, is_chosen: bool) -> OptionConsidered:
    standing = standing_of(frozen, row)
    return OptionConsidered(
        words=words_of(frozen, row),
        place=standing.place,
        licence=licence_words(frozen, row),
        safety=safety_words(frozen, row),
        draws=standing.draws_in_full,
        says_published=not frozen.is_of_first_edition,
        figures=tuple(_figure(outcome, row, frozen) for outcome in OUTCOMES),
        reasons=tuple(_reasons(row, frozen, sources)),
        cautions=tuple(_cautions(row, frozen, sources)),
        cohorts=tuple(
            dict.fromkeys(sources.publication(frozen.knowledge.publications[used.publication]) for used in row.cohorts)
        ),
        is_chosen=is_chosen,
    )


def _method(frozen: Frozen) -> str:
    """By which edition of the method a ranking was made, and what makes one of the first edition again."""
    if frozen.record.can_be_made_again:
        return _("edition %(number)d") % {"number": frozen.record.method}
    words = _("first edition: kept as it was shown, and made again with %(version)s")
    return words % {"version": MADE_AGAIN_WITH}


def _figure(outcome: Outcome, row: OptionRecord, frozen: Frozen) -> Figure:
    words = stored_estimate(frozen, row, outcome)
    if words is None:
        nothing = _("no estimate")
        return Figure(str(SHORT_TITLES[outcome]), _("not reported"), "", nothing, "", "")
    published = words.published
    in_study = [published.size, published.borrowed, published.citation, *published.disputed] if published else []
    figure = f"{published.with_unit} ({published.interval})" if published and published.interval else ""
    return Figure(
        title=words.short_title,
        published=(figure or published.with_unit) if published else _("not reported"),
        study=in_series(filter(None, in_study)),
        model=words.number_written_out if words.has_data else _("no estimate"),
        interval=words.interval if words.has_data else "",
        basis=words.basis if words.has_data else "",
    )


def licence_words(frozen: Frozen, row: OptionRecord) -> str:
    """The licence as it stood when it was read; it ages nowhere in a document that does not change."""
    licence = licence_of(frozen, row, today=None)
    return f"{licence.word}{sign(';')} {licence.read}" if licence else ""


def safety_words(frozen: Frozen, row: OptionRecord) -> tuple[str, ...]:
    return tuple(mark.in_one for mark in safety_of(frozen, row))


def _reasons(row: OptionRecord, frozen: Frozen, sources: Sources) -> Iterator[Statement]:
    """Indications that hold or are open; one that is known not to hold is no reason."""
    for finding in row.indications:
        if finding.truth is not False:
            indication = frozen.indications[finding.key]
            named = tuple(dict.fromkeys(_indication_sources(indication, frozen, sources)))
            word = stance_word(finding.stance, finding.truth)
            yield Statement(word, sentence(indication["rationale"]), named)


def _indication_sources(indication: Mapping[str, Any], frozen: Frozen, sources: Sources) -> Iterator[int]:
    for source in named_sources(indication["sources"], frozen.knowledge):
        if source.kind == "publication":
            yield sources.publication(source.row)
            continue
        text = source.name if source.kind == "guideline" else f"{source.name}: {source.row['label']}"
        links = addresses(text, source.row["url"], source.row.get("read_on"))
        is_canonical = bool(source.row["url"])
        yield sources.number(text, links[0].url if links else "", "" if is_canonical or not links else _("page read"))


def _cautions(row: OptionRecord, frozen: Frozen, sources: Sources) -> Iterator[Statement]:
    """Cautions that hold, and those that cannot be checked; the address of each from its release."""
    pages = _addresses(row.regimen, frozen)
    for finding in row.cautions:
        if finding.truth is not False:
            item = caution_item(caution_words_of(finding, frozen), finding.truth)
            found = pages.get((finding.drug, finding.text))
            numbers = (_page(found, finding.drug, frozen, sources),) if found else ()
            yield Statement(item.word.removesuffix(":"), item.text, numbers)


def _page(found: tuple[str, bool], drug: str | None, frozen: Frozen, sources: Sources) -> int:
    """A page of which a caution was read: by the drug that it is about and whose page it is."""
    url, is_canonical = found
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    text = f"{drug_name(drug, frozen.knowledge)}, {host}" if drug else host
    return sources.number(text, url, "" if is_canonical else _("page read"))


def _addresses(slug: str, frozen: Frozen) -> dict[tuple[str | None, str], tuple[str, bool]]:
    """Where the cautions of a regimen and of its drugs were read: by drug, None for those of the regimen, and text.

    The canonical address, or, and false, the page that was read where none is known.
    """
    regimen, drugs = _regimen(slug, frozen), {row["slug"]: row for row in frozen.knowledge.document["drugs"]}
    named = [
        drug for group in regimen["drugs"] for drug in (group["alternatives"] if isinstance(group, dict) else [group])
    ]
    found = {(drug, each["text"]): each for drug in named for each in drugs[drug]["cautions"] or ()}
    found |= {(None, each["text"]): each for each in regimen["cautions"] or ()}
    return {key: (url, bool(each["url"])) for key, each in found.items() if (url := each["url"] or each.get("read_on"))}


def _regimen(slug: str, frozen: Frozen) -> Mapping[str, Any]:
    return next(row for row in frozen.knowledge.document["regimens"] if row["slug"] == slug)
