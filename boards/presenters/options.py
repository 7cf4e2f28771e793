"""An option of a stored ranking: figures, reasons for and against, cautions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from boards.shown.stored_ranking import Frozen
from display.drawings import interval_mark
from regimens.models import choices
from regimens.rules.assessment import Band
from regimens.rules.evidence import OUTCOMES, Outcome
from regimens.rules.patient import FEATURES, REGIONS
from regimens.wording.bands import BAND_TITLES
from regimens.wording.citations import Link, guideline_name, publication_name, sentence
from regimens.wording.estimates import axis_ends
from regimens.wording.options import LEVEL_WORDS, Item
from regimens.wording.outcomes import SHORT_TITLES, figure, patients, percent, studies

TITLES: Mapping[Outcome, Promise | str] = {**SHORT_TITLES, "grade3": gettext_lazy("Grade 3+")}
GRAVE = (choices.CautionLevel.CONTRAINDICATED, choices.CautionLevel.AVOID)
CAUTIONS_SHOWN = 2
UNITS: Mapping[Outcome, str] = {"pfs": "months", "os": "months"}
WEAK = (Band.LIMITED.value, Band.NO_EVIDENCE.value, Band.UNSUITABLE.value)


@dataclass(frozen=True)
class FigureLine:
    """An estimate as it stands beside its drawing; `number` is empty where no cohort speaks for it."""

    title: str
    number: str
    interval: str
    drawing: SafeString | str


@dataclass(frozen=True)
class OptionColumn:
    """An option that stands beside others.

    place     its rank, or that it has none
    cautions  those that hold for the patient, the gravest first
    further   how many of them the screen leaves to the list in full; unchecked: how many cannot be checked, and how
              many of these would rule the option out or advise against it
    not_checked  those that cannot be checked, each with its level, the gravest first
    """

    slug: str
    name: str
    band_key: str
    band: str
    place: str
    level: str
    level_words: str
    figures: tuple[FigureLine, ...]
    rests_on: str
    draws: str
    reasons_for: tuple[Item, ...]
    reasons_against: tuple[Item, ...]
    cautions: tuple[Item, ...]
    further: str
    unchecked: str
    not_checked: tuple[Item, ...]


def option_columns(frozen: Frozen, slugs: Iterable[str]) -> tuple[OptionColumn, ...]:
    """Options side by side, on shared axes."""
    known = [slug for slug in slugs if slug in frozen.by_slug or slug in frozen.waiting]
    ceilings = _ceilings(frozen, [frozen.by_slug[slug] for slug in known if slug in frozen.by_slug])
    return tuple(
        _column(frozen, frozen.by_slug[slug], ceilings) if slug in frozen.by_slug else _waiting(frozen, slug)
        for slug in known
    )


def figure_lines(frozen: Frozen, option: Mapping[str, Any], ceilings: Mapping[Outcome, float]) -> Iterator[FigureLine]:
    for outcome in OUTCOMES if option["estimates"] else ():
        estimate = option["estimates"].get(outcome)
        title = str(TITLES[outcome])
        if estimate is None or estimate["no_data"]:
            yield FigureLine(title, "", "", "")
            continue
        median, low, high = (estimate[name] for name in ("median", "low", "high"))
        drawing = interval_mark(
            low=low,
            median=median,
            high=high,
            benchmark=frozen.knowledge.benchmark.typical(outcome),
            ceiling=ceilings[outcome],
            has_data=True,
        )
        unit = _("%(figure)s mo") if outcome in UNITS else "%(figure)s"
        number = unit % {"figure": figure(outcome, median, unit=True)}
        yield FigureLine(title, number, f"{figure(outcome, low)}–{figure(outcome, high)}", drawing)


def rests_on(frozen: Frozen, option: Mapping[str, Any]) -> str:
    """Effective patients of the outcome that has most, and studies."""
    if not option["cohorts"]:
        return _("no cohort applies")
    effective = max(estimate["effective_patients"] for estimate in option["estimates"].values())
    publications = frozen.knowledge.publications
    keys = {publications[cohort["publication"]]["study_key"] or cohort["publication"] for cohort in option["cohorts"]}
    # Translators: numbers with their nouns, as in "85 patients in 3 studies".
    return _("%(patients)s in %(studies)s") % {"patients": patients(round(effective)), "studies": studies(len(keys))}


def place_words(rank: int | None) -> str:
    return _("Rank %(rank)d") % {"rank": rank} if rank is not None else _("No rank")


def _column(frozen: Frozen, option: Mapping[str, Any], ceilings: Mapping[Outcome, float]) -> OptionColumn:
    cautions = tuple(_cautions(option))
    return OptionColumn(
        slug=option["regimen"],
        name=option["name"],
        band_key=option["band"],
        band=str(BAND_TITLES[Band(option["band"])]),
        place=place_words(option["rank"]),
        level=option["level"],
        level_words=str(LEVEL_WORDS[option["level"]]),
        figures=tuple(figure_lines(frozen, option, ceilings)),
        rests_on=rests_on(frozen, option),
        draws=_("best of all in %(share)s of the draws") % {"share": percent(option["best"])}
        if option["best"] is not None
        else "",
        reasons_for=tuple(_reasons_for(frozen, option)),
        reasons_against=tuple(_reasons_against(frozen, option)),
        cautions=cautions,
        further=_further(len(cautions) - CAUTIONS_SHOWN),
        unchecked=_unchecked([caution for caution in option["cautions"] if caution["truth"] is None]),
        not_checked=tuple(_not_checked(option)),
    )


def _further(count: int) -> str:
    words = ngettext("and %(count)d more, below;", "and %(count)d more, below;", count)
    return words % {"count": count} if count > 0 else ""


def _unchecked(cautions: Sequence[Mapping[str, Any]]) -> str:
    """How many cannot be checked, and how many of these are grave."""
    if not cautions:
        return ""
    grave = sum(caution["level"] in GRAVE for caution in cautions)
    words = ngettext("%(count)d caution cannot be checked", "%(count)d cautions cannot be checked", len(cautions))
    counted = words % {"count": len(cautions)}
    if not grave:
        return counted
    return _("%(counted)s, grave if they hold: %(grave)d") % {"counted": counted, "grave": grave}


def _waiting(frozen: Frozen, slug: str) -> OptionColumn:
    tests = ", ".join(_(FEATURES[name].label) for name in frozen.waiting[slug])
    return OptionColumn(
        slug=slug,
        name=frozen.name(slug),
        band_key="waiting",
        band=_("Waits for a test: %(tests)s") % {"tests": tests},
        place=place_words(None),
        level="",
        level_words="",
        figures=(),
        rests_on="",
        draws="",
        reasons_for=(),
        reasons_against=(),
        cautions=(),
        further="",
        unchecked="",
        not_checked=(),
    )


def _reasons_for(frozen: Frozen, option: Mapping[str, Any]) -> Iterator[Item]:
    found = list(_indications(frozen, option, "recommend", "consider"))
    yield from found
    if not found and option["band"] not in WEAK:
        yield _decided_by(option)


def _reasons_against(frozen: Frozen, option: Mapping[str, Any]) -> Iterator[Item]:
    found = list(_indications(frozen, option, "against"))
    yield from found
    if not found and option["band"] in WEAK:
        grave = any(c["truth"] is True and c["level"] in GRAVE for c in option["cautions"])
        yield Item(_("Ruled out or advised against: see the cautions.")) if grave else _decided_by(option)


def _decided_by(option: Mapping[str, Any]) -> Item:
    """What put it into its band: stored in English, and translated where it is a message without parts."""
    stored = option["decided_by"]
    words = _(stored)
    is_english = words == stored and not (get_language() or "en").startswith("en")
    return Item(sentence(words), lang="en" if is_english else "")


def _indications(frozen: Frozen, option: Mapping[str, Any], *stances: str) -> Iterator[Item]:
    """What guidelines, approvals and publications say for this patient, and who says it."""
    for finding in option["indications"]:
        row = frozen.indications.get(finding["key"])
        if finding["truth"] is True and finding["stance"] in stances and row:
            names = ", ".join(_source_names(frozen, row["sources"]))
            stance = str(choices.Stance(finding["stance"]).label)
            kind = "against-word" if finding["stance"] == "against" else "for"
            sources = (Link(names, ""),) if names else ()
            yield Item(row["rationale"], f"{stance}:", kind, sources, lang="en")


def _source_names(frozen: Frozen, sources: Iterable[str]) -> Iterator[str]:
    for source in sources:
        kind, _colon, key = source.partition(":")
        if kind == "guideline":
            yield guideline_name(frozen.knowledge.guidelines[key])
        elif kind == "publication":
            yield publication_name(frozen.knowledge.publications[key])
        else:
            yield _("Approval, %(where)s") % {"where": _(REGIONS[key])}


def _cautions(option: Mapping[str, Any]) -> Iterator[Item]:
    """Those that hold, the gravest first."""
    for caution in _gravest_first(option, truth=True):
        word = f"{choices.CautionLevel(caution['level']).label}:"
        yield Item(sentence(caution["text"]), word, f"caution-{caution['level']}", lang="en")


def _not_checked(option: Mapping[str, Any]) -> Iterator[Item]:
    """Those of which nobody knows whether they hold, the gravest first."""
    for caution in _gravest_first(option, truth=None):
        word = _("%(level)s, cannot be checked") % {"level": choices.CautionLevel(caution["level"]).label}
        yield Item(sentence(caution["text"]), f"{word}:", f"caution-{caution['level']}", lang="en")


def _gravest_first(option: Mapping[str, Any], *, truth: bool | None) -> list[dict[str, Any]]:
    levels = list(choices.CautionLevel.values)
    found = [caution for caution in option["cautions"] if caution["truth"] is truth]
    return sorted(found, key=lambda caution: levels.index(caution["level"]))


def _ceilings(frozen: Frozen, options: Iterable[Mapping[str, Any]]) -> dict[Outcome, float]:
    """Axes that hold every interval and the benchmark: one beyond the end would be drawn at it."""
    shown = [option["estimates"] for option in options if option["estimates"]]
    return axis_ends(
        {
            outcome: [
                frozen.knowledge.benchmark.typical(outcome),
                *(e[outcome]["high"] for e in shown if outcome in e and not e[outcome]["no_data"]),
            ]
            for outcome in OUTCOMES
        }
    )


def ceilings_of(frozen: Frozen) -> dict[Outcome, float]:
    """The axes that all ranked options of a ranking share."""
    return _ceilings(frozen, (option for option in frozen.options if option["rank"] is not None))
