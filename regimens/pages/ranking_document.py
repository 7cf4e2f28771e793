"""The answer for a patient as a document of two pages, from the same values as the copied text, to be typeset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import groupby

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from display.moments import moment_words
from display.punctuation import in_series, sign
from regimens.rules.assessment import Band
from regimens.wording.bands import BAND_TITLES
from regimens.wording.cautions import CautionLine
from regimens.wording.outcomes import OUTCOME_TITLES

from .answer import AnswerCard
from .out_of_scope import OutOfScope
from .ranking import NotKnown
from .rows import OutcomeCell
from .taken import Taken, TakenOption

# The bands whose options are rows; of the others the names.
_ROWS = (Band.RECOMMENDED, Band.SUPPORTED)


@dataclass(frozen=True)
class FigurePair:
    """An outcome of an option: what was published above what the model says."""

    published: str
    published_interval: str
    model: str
    model_interval: str


@dataclass(frozen=True)
class Sign:
    kind: str
    text: str


@dataclass(frozen=True)
class Row:
    """An option, or, where `band` is set, the head of those that follow."""

    band: str = ""
    place: str = ""
    name: str = ""
    basis: str = ""
    figures: tuple[FigurePair, ...] = ()
    study: str = ""
    safety: tuple[Sign, ...] = ()
    licence: str = ""
    licence_read: str = ""
    is_stale: bool = False


@dataclass(frozen=True)
class CautionText:
    """A caution in full: of what and when it holds, its text, its language where not the document's, and its source."""

    head: str
    text: str
    lang: str = ""
    source: str = ""
    url: str = ""


@dataclass(frozen=True)
class CautionGroup:
    """Cautions of one kind; `told_before` names those of which the text stands under an earlier option."""

    kind: str
    title: str
    lines: tuple[CautionText, ...]
    told_before: str = ""


@dataclass(frozen=True)
class CautionsInFull:
    name: str
    groups: tuple[CautionGroup, ...]


@dataclass(frozen=True)
class RankingDocument:
    """`words` are its headings in the reader's language: a template holds no words of its own."""

    title: str
    header: tuple[str, ...]
    patient: str
    details: str
    supposed: tuple[str, ...]
    warnings: tuple[str, ...]
    not_known: tuple[NotKnown, ...]
    not_known_title: str
    out_of_scope: tuple[OutOfScope, ...]
    card: AnswerCard | None
    names: str
    notes: tuple[str, ...]
    rows: tuple[Row, ...]
    further: tuple[str, ...]
    cautions: tuple[CautionsInFull, ...]
    tests: tuple[str, ...]
    trials: tuple[str, ...]
    release: str
    sha256: str
    made: str
    words: dict[str, str]
    template: str = "regimens/pages/ranking.typ"


def ranking_document(taken: Taken) -> RankingDocument:
    page = taken.page
    notes = []
    if page.is_nec_only:
        notes.append(_("NEC ONLY: borrowed evidence is left out, so this is not the order of the method"))
    return RankingDocument(
        title=_("Later-line options: the answer for one patient"),
        header=(),
        patient=taken.patient,
        details=in_series(page.more),
        supposed=tuple(
            _("HYPOTHETICAL: %(words)s is supposed, and not known of this patient") % {"words": words}
            for words in page.supposed
        ),
        warnings=page.warnings,
        not_known=tuple(page.not_known),
        not_known_title=page.not_known_words,
        out_of_scope=taken.out_of_scope,
        card=page.card,
        names=page.card.names if page.card else "",
        notes=tuple(filter(None, (*notes, page.moves))),
        rows=tuple(_rows([o for o in taken.options if o.band in _ROWS and o.place])),
        further=tuple(_further(taken, [o for o in taken.options if o.band not in _ROWS or not o.place])),
        cautions=cautions_in_full(taken),
        tests=tuple(_tests(taken)),
        trials=tuple(_trials(taken)),
        release=_("Knowledge release %(name)s, published %(day)s")
        % {"name": page.release.name, "day": date_format(page.release.published_on)},
        sha256=page.release.sha256,
        made=moment_words(taken.made),
        words=_words(),
    )


def _rows(options: Sequence[TakenOption]) -> Iterator[Row]:
    for _band, found in groupby(options, key=lambda option: option.band):
        listed = list(found)
        yield Row(band=listed[0].words.band)
        yield from map(_row, listed)


def _row(option: TakenOption) -> Row:
    shown, figures = option.row, option.row.figures
    licence = shown.licence
    return Row(
        place=option.place,
        name=option.name,
        basis=option.basis or _("no cohort applies"),
        figures=tuple(map(_pair, figures.cells)) if figures else (),
        study=in_series(study.in_short for study in option.published),
        safety=tuple(Sign(mark.kind, mark.in_one) for mark in shown.safety),
        licence=licence.word if licence else "",
        licence_read=licence.read if licence else "",
        is_stale=bool(licence and licence.is_stale),
    )


def _pair(cell: OutcomeCell) -> FigurePair:
    return FigurePair(
        published=cell.published.number if cell.published else _("not reported"),
        published_interval=cell.published.interval if cell.published else "",
        model=cell.model.number if cell.model else _("no estimate"),
        model_interval=f"({cell.model.interval})" if cell.model else "",
    )


def _further(taken: Taken, options: Sequence[TakenOption]) -> Iterator[str]:
    """Options of the weaker bands by name, and what is not suitable with its reason."""
    if taken.page.in_scope:
        yield taken.page.counts
    for _band, found in groupby(options, key=lambda option: option.band):
        listed = list(found)
        names = in_series(f"{option.place} {option.name}".strip() for option in listed)
        yield _("%(band)s: %(names)s.") % {"band": listed[0].words.band, "names": names}
    if taken.unsuitable:
        told = in_series(f"{names} ({reason})" for reason, names in taken.unsuitable)
        yield _("%(band)s: %(names)s.") % {"band": BAND_TITLES[Band.UNSUITABLE], "names": told}


def cautions_in_full(taken: Taken) -> tuple[CautionsInFull, ...]:
    """Every caution of the first options, one that several share (of a drug of theirs) in full once."""
    return tuple(_in_full(taken.leading))


def _in_full(options: Sequence[TakenOption]) -> Iterator[CautionsInFull]:
    told: set[CautionText] = set()
    for option in options:
        groups = [_told_once(group, told) for group in _groups(option)]
        told |= {line for group in groups for line in group.lines}
        yield CautionsInFull(option.name, tuple(groups))


def _told_once(group: CautionGroup, told: Set[CautionText]) -> CautionGroup:
    again = [line.head for line in group.lines if line.head and line in told]
    if not again:
        return group
    words = _("In full under an earlier option: %(heads)s.") % {"heads": in_series(again)}
    return replace(group, lines=tuple(line for line in group.lines if line not in told), told_before=words)


def _groups(option: TakenOption) -> Iterator[CautionGroup]:
    cautions = option.cautions
    for line in cautions.applies:
        kind = "must-not" if line.level == "contraindicated" else "present"
        yield CautionGroup(kind, _("Applies"), (_caution(line.opening, line),))
    if cautions.of_drugs:
        lines = tuple(_caution(line.opening, line) for line in cautions.of_drugs)
        yield CautionGroup("present", _("Of the drugs themselves"), lines)
    if cautions.had_before:
        yield CautionGroup(
            "had-before", _("Had before"), tuple(CautionText("", words) for words in cautions.had_before)
        )
    for level, unchecked in cautions.cannot_check:
        lines = tuple(_caution(f"{each.line.of}{sign(':')} {each.criterion}", each.line) for each in unchecked)
        yield CautionGroup("check", str(NOT_CHECKED[level]), lines)
    if cautions.not_so:
        checked = CautionText("", in_series(cautions.not_so))
        yield CautionGroup("none-applies", _("Checked, does not apply"), (checked,))


def _caution(head: str, line: CautionLine) -> CautionText:
    """Where it stands: whose text it is, and its address."""
    source = line.source
    text = " ".join(filter(None, (line.text, line.advice)))
    return CautionText(
        head, text, line.lang, line.basis or (source.text if source else ""), source.url if source else ""
    )


NOT_CHECKED: Mapping[str, Promise] = {
    "contraindicated": gettext_lazy("Cannot be checked, must not be given if"),
    "avoid": gettext_lazy("Cannot be checked, advised against if"),
    "caution": gettext_lazy("Cannot be checked, with care if"),
}


def _tests(taken: Taken) -> Iterator[str]:
    for test in taken.tests:
        yield _("%(test)s (%(result)s): chance %(chance)s; then first: %(regimen)s") % {
            "test": test.name,
            "result": test.supposed,
            "chance": test.chance,
            "regimen": test.then_first,
        }
    yield from taken.questions


def _trials(taken: Taken) -> Iterator[str]:
    for trial in taken.trials:
        yield f"{trial.nct} {trial.name}{sign(':')} {trial.status}, {trial.seen}"
    if taken.more_trials:
        yield ngettext("and %(count)d more", "and %(count)d more", taken.more_trials) % {"count": taken.more_trials}


def _words() -> dict[str, str]:
    return {
        "check": _("Check first"),
        "not_known": _("None of it was read as negative."),
        "out_of_scope": _("Out of scope: no options are ranked"),
        "options": _("Options, in order"),
        "rows_note": _(
            "Above, what the study that weighs most reported; below, the model’s pooled estimate for this patient’s "
            "group. Places with = are equal: the order holds in fewer than 60 %% of the draws."
        )
        % {},
        "place": _("Place"),
        "option": _("Option"),
        "orr": str(OUTCOME_TITLES["orr"]),
        "pfs": str(OUTCOME_TITLES["pfs"]),
        "os": str(OUTCOME_TITLES["os"]),
        "study": _("Published in"),
        "safety": _("Safety"),
        "licence": _("Licence"),
        "cautions": _("Cautions in full, first options"),
        "cautions_note": _(
            "Cautions on record are those that somebody read. An empty list is not the absence of risk."
        ),
        "tests": _("Tests that could change what is first"),
        "trials": _("Trials that may fit"),
        "trials_note": _("Ask the register before anything is planned."),
        "sha256": "SHA-256",
        "made": _("Made"),
        "page": _("Page"),
        "of": _("of"),
        "disclaimer": _(
            "Supports and does not replace judgement. Evidence for groups of patients, not a prediction for one."
        ),
    }
