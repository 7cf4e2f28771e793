"""Two to four options of one ranking side by side: a table of cells, each said once, figures on shared axes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regimens.rules.assessment import IndicationFinding
from regimens.rules.evidence import Outcome
from regimens.rules.explanation import Explanation
from regimens.rules.knowledge import Knowledge
from regimens.rules.ordering import SEPARABLE
from regimens.rules.ranking import Option, Ranking
from regimens.rules.synthesis import Estimate
from regimens.wording.cautions import CautionLine, CautionMark
from regimens.wording.citations import Link
from regimens.wording.estimates import EstimateWords, drawn_beside
from regimens.wording.indications import IndicationLine
from regimens.wording.licences import LicenceLine, region_words
from regimens.wording.options import Item, OptionWords, caution_item, equal_places, place_words, reason_item
from regimens.wording.outcomes import figure, percent, separation
from regimens.wording.patient import patient_details, patient_sentence, supposed_words
from regimens.wording.sentences import ACTIVE

from .options import FOLDED, OptionDetails, OptionPresenter, OptionRow
from .ticked import FEWEST, MOST, MissingTick, ticks

COHORTS_SHOWN = 3


@dataclass(frozen=True)
class Cell:
    """What one option has in one row.

    lead        the figure or word that is read first
    stands_out  in words, why it differs from the others
    further     items behind `further_words`, which a printed page leaves out
    """

    lead: str = ""
    text: str = ""
    note: str = ""
    stands_out: str = ""
    drawing: SafeString | str = ""
    items: tuple[Item, ...] = ()
    further: tuple[Item, ...] = ()
    further_words: str = ""
    kind: str = ""


EMPTY = Cell()


@dataclass(frozen=True)
class Row:
    title: str
    cells: tuple[Cell, ...]
    note: str = ""


@dataclass(frozen=True)
class RowGroup:
    key: str
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Comparison:
    """The page of two to four options; `others` are the ranked options that can be added, as slug and name."""

    patient: tuple[tuple[str, bool], ...]
    more: tuple[str, ...]
    supposed: tuple[str, ...]
    warnings: tuple[str, ...]
    separation: tuple[str, ...]
    is_nec_only: bool
    preference: str
    columns: tuple[OptionWords, ...]
    groups: tuple[RowGroup, ...]
    missing: tuple[MissingTick, ...]
    others: tuple[tuple[str, str], ...]
    can_drop: bool
    is_full: bool


@dataclass(frozen=True)
class Compared:
    """An option with its row as the ranking page has it."""

    option: Option
    row: OptionRow
    place: str

    @property
    def words(self) -> OptionWords:
        return self.row.words

    @property
    def details(self) -> OptionDetails:
        return self.row.details

    def estimate(self, outcome: Outcome) -> Estimate | None:
        """The estimate of an outcome for which a cohort speaks."""
        estimate = self.option.synthesis.estimates[outcome] if self.option.synthesis else None
        return estimate if estimate and estimate.has_data else None


def compare(
    ranking: Ranking,
    knowledge: Knowledge,
    ticked: Iterable[str],
    supposed: Iterable[str] = (),
    *,
    today: date | None = None,
) -> Comparison | None:
    """The ticked options side by side, in the order of the ranking; None where they cannot be compared."""
    found = ticks(ranking, knowledge, ticked)
    if found.refusal:
        return None
    chosen = [option for option in ranking.options if option.regimen.slug in found.slugs]
    explanation = Explanation(ranking, knowledge)
    presenter = OptionPresenter(explanation, today=today)
    rows = [row for row in presenter.rows(chosen) if isinstance(row, OptionRow)]
    places = {
        o.regimen.slug: place_words(o.rank, number) for o, number in equal_places(o for o in ranking.options if o.rank)
    }
    table = _Table(
        explanation,
        [Compared(o, row, places.get(row.slug) or place_words(None)) for o, row in zip(chosen, rows, strict=True)],
    )
    listed = [o.regimen for o in ranking.options if o.band not in FOLDED and o.regimen.slug not in found.slugs]
    return Comparison(
        patient=tuple(patient_sentence(ranking.patient)),
        more=tuple(patient_details(ranking.patient, knowledge)),
        supposed=supposed_words(ranking.patient, supposed),
        warnings=tuple(sentence.worded(ACTIVE) for _key, sentence in ranking.scope.warnings),
        separation=tuple(separation(ranking.separates, ranking.demonstrated, SEPARABLE)),
        is_nec_only=ranking.is_nec_only,
        preference=_(ranking.preference.label),
        columns=tuple(compared.words for compared in table.options),
        groups=tuple(_without_empty_rows(table.groups())),
        missing=found.missing,
        others=tuple((regimen.slug, regimen.name) for regimen in listed),
        can_drop=len(chosen) > FEWEST,
        is_full=len(chosen) == MOST,
    )


def _without_empty_rows(groups: Iterable[RowGroup]) -> Iterator[RowGroup]:
    """What none of the options has is left out."""
    for group in groups:
        rows = tuple(row for row in group.rows if any(cell != EMPTY for cell in row.cells))
        if rows:
            yield replace(group, rows=rows)


class _Table:
    """The rows of a comparison, group by group."""

    def __init__(self, explanation: Explanation, options: Sequence[Compared]):
        self.ranking, self.knowledge, self.options = explanation.ranking, explanation.knowledge, options
        self.ahead = explanation.ahead([compared.words.slug for compared in options])

    def groups(self) -> Iterator[RowGroup]:
        yield RowGroup("benefit", _("Benefit"), tuple(self._figures("orr", "pfs", "os")))
        yield RowGroup("harm", _("Harm"), tuple(self._figures("grade3")))
        yield RowGroup(
            "order",
            _("Order"),
            (
                self._row(_("Place"), _place),
                self._row(_("Level of evidence"), lambda c: Cell(lead=c.words.level, note=c.words.level_words)),
                self._row(_("Utility"), _utility, note=_("at the estimates")),
                self._row(_("In the draws"), _draws),
                self._row(_("Ahead of"), self._pairs, note=_("in this share of the draws")),
            ),
        )
        yield RowGroup(
            "evidence",
            _("Evidence"),
            (self._row(_("Rests on"), _patients), self._row(_("Cohorts used"), _cohorts)),
        )
        yield RowGroup(
            "cautions",
            _("Cautions"),
            (
                self._row(_("Safety"), _safety, note=_("at a glance")),
                self._row(_("Hold for this patient"), _holding),
                self._row(_("Cannot be checked"), _unchecked, note=_("what they ask for is not known")),
                self._row(_("Of the drugs themselves"), _general_cautions),
            ),
        )
        yield RowGroup(
            "reasons",
            _("Reasons for and against"),
            (
                self._row(_("For"), lambda c: _reasons(c, True, "recommend", "consider")),
                self._row(_("Against"), lambda c: _reasons(c, True, "against")),
                self._row(_("Still open"), _open_reasons),
            ),
        )
        yield RowGroup(
            "practicalities",
            _("Practicalities"),
            (
                self._row(_("Drugs"), lambda c: Cell(text=c.details.practicalities.drugs)),
                self._row(_("Schedule as published"), _schedule),
                self._row(_("Licence"), _licence, note=region_words(self.ranking.patient)),
            ),
        )

    def _row(self, title: str, cell: Callable[[Compared], Cell], note: str = "") -> Row:
        return Row(title, tuple(map(cell, self.options)), note)

    def _figures(self, *outcomes: Outcome) -> Iterator[Row]:
        for outcome in outcomes:
            marked = _outstanding(outcome, [compared.estimate(outcome) for compared in self.options])
            cells = [self._figure(outcome, c, words) for c, words in zip(self.options, marked, strict=True)]
            yield Row(ROW_TITLES[outcome](), tuple(cells), _("as published, and the model for this patient’s group"))

    def _figure(self, outcome: Outcome, compared: Compared, stands_out: str) -> Cell:
        """What was published, with its patients and study, above what the model says of this patient's group."""
        words = next((words for words in compared.details.estimates if words.outcome == outcome), None)
        if words is None or not (words.has_data or words.published):
            return Cell(note=_("no data"), kind="no-data")
        published, synthesis = words.published, compared.option.synthesis
        assert synthesis is not None
        return Cell(
            lead=published.number if published else "",
            text=published.interval if published else _("not reported"),
            note=_model(words),
            stands_out=stands_out,
            drawing=drawn_beside(words, synthesis.estimates[outcome], self.knowledge.benchmark),
            items=tuple(_beside(words)),
        )

    def _pairs(self, compared: Compared) -> Cell:
        """In what share of the draws the option is ahead of each of the others."""
        if compared.option.rank is None:
            return Cell(note=_("not drawn, since it carries no rank"))
        items = [
            Item(_("%(name)s in %(share)s") % {"name": other.words.name, "share": percent(share)})
            for other in self.options
            if (share := self.ahead.get((compared.words.slug, other.words.slug))) is not None
        ]
        return Cell(items=tuple(items)) if items else Cell(note=_("none of the others carries a rank"))


ROW_TITLES: Mapping[Outcome, Callable[[], str]] = {
    "orr": lambda: _("Response rate"),
    "pfs": lambda: _("PFS, months"),
    "os": lambda: _("OS, months"),
    "grade3": lambda: _("Grade 3 or worse events"),
}


def _outstanding(outcome: Outcome, estimates: Sequence[Estimate | None]) -> list[str]:
    """At the one option with the most favourable estimate: that it is, and whether the intervals tell it apart.

    No option is marked where fewer than two have data, or where the estimates are written the same.
    """
    known = [estimate for estimate in estimates if estimate]
    nothing = [""] * len(estimates)
    if len(known) < 2:
        return nothing
    leader = (min if outcome == "grade3" else max)(known, key=lambda estimate: estimate.value)
    rivals = [estimate for estimate in known if estimate is not leader]
    if any(figure(outcome, rival.value) == figure(outcome, leader.value) for rival in rivals):
        return nothing
    overlapping = any(rival.low <= leader.high and leader.low <= rival.high for rival in rivals)
    words = _leading_words(is_lowest=outcome == "grade3", of_two=len(known) == 2, overlapping=overlapping)
    return [words if estimate is leader else "" for estimate in estimates]


def _leading_words(*, is_lowest: bool, of_two: bool, overlapping: bool) -> str:
    if is_lowest and of_two:
        return _("lower estimate; intervals overlap") if overlapping else _("lower estimate; intervals apart")
    if is_lowest:
        return _("lowest estimate; intervals overlap") if overlapping else _("lowest estimate; intervals apart")
    if of_two:
        return _("higher estimate; intervals overlap") if overlapping else _("higher estimate; intervals apart")
    return _("highest estimate; intervals overlap") if overlapping else _("highest estimate; intervals apart")


def _model(words: EstimateWords) -> str:
    if not words.has_data:
        return _("model: no estimate")
    said = {"figure": words.number, "interval": words.interval, "basis": words.basis}
    return _("model %(figure)s (%(interval)s), %(basis)s") % said


def _beside(words: EstimateWords) -> Iterator[Item]:
    """Of whom the published figure is, and what the response rate did to the estimate."""
    if words.published:
        published = words.published
        address = reverse("publication", args=[published.key])
        of_whom = ", ".join(filter(None, (published.size, published.borrowed)))
        yield Item(of_whom, _("Published:"), "when", (Link(published.citation, address),))
        yield from (Item(disputed, kind="against") for disputed in published.disputed)
    if words.response:
        yield Item(words.response_words, kind="of-response")


def _place(compared: Compared) -> Cell:
    return Cell(
        lead=compared.place,
        text=compared.words.band,
        note=compared.details.decided_by,
        items=tuple(map(Item, compared.details.earlier)),
    )


def _utility(compared: Compared) -> Cell:
    utility = compared.details.utility
    if not utility.value:
        return Cell(note=_("not compared by figures"))
    terms = zip(("OS", "PFS", _("response"), _("grade 3+")), utility.terms, strict=True)
    return Cell(lead=utility.value, items=tuple(Item(f"{label} {term.value}") for label, term in terms))


def _draws(compared: Compared) -> Cell:
    standing = compared.row.standing
    if not standing.first_in_band:
        return Cell(note=_("not drawn"))
    note = _("mean rank within its band %(rank)s") % {"rank": standing.expected_rank}
    if not standing.best:
        return Cell(lead=standing.first_in_band, text=_("first of its band"), note=note)
    return Cell(
        lead=standing.best,
        text=_("best of all; %(share)s in the top three") % {"share": standing.top3},
        note=note,
        items=(Item(_("first of its band in %(share)s") % {"share": standing.first_in_band}),),
    )


def _patients(compared: Compared) -> Cell:
    evidence = compared.words.evidence
    if not evidence.patients:
        return Cell(note=evidence.in_one, kind="no-data")
    note = _("effective: weighted by how far each cohort applies")
    most = max(words.effective for words in compared.details.estimates)
    effective = ngettext("%(count)d effective patient", "%(count)d effective patients", most) % {"count": most}
    return Cell(lead=effective, text=evidence.studies, note=note)


def _cohorts(compared: Compared) -> Cell:
    used = compared.option.synthesis.cohorts if compared.option.synthesis else ()
    found = sorted(zip(used, compared.details.cohorts, strict=True), key=lambda pair: -pair[0].weight.product)
    items = tuple(
        Item(
            text=_("%(size)s, weight %(weight)s") % {"size": line.words.size, "weight": line.weight},
            word=line.borrowed,
            kind="when",
            links=(Link(line.words.citation, reverse("publication", args=[line.key])),),
        )
        for _used, line in found
    )
    rest = len(items) - COHORTS_SHOWN
    if rest <= 0:
        return Cell(items=items)
    words = ngettext("%(count)d further cohort", "%(count)d further cohorts", rest) % {"count": rest}
    return Cell(items=items[:COHORTS_SHOWN], further=items[COHORTS_SHOWN:], further_words=words)


def _cautions(lines: Iterable[CautionLine]) -> tuple[Item, ...]:
    return tuple(map(caution_item, lines))


def _safety(compared: Compared) -> Cell:
    """What applies, cannot be checked, rules it out and was had before, as its row has it."""
    return Cell(
        items=tuple(
            Item(mark.facts, f"{mark.word}:" if mark.facts else mark.word, f"sign sign-{mark.kind}", _link_of(mark))
            for mark in compared.row.safety
        )
    )


def _link_of(mark: CautionMark) -> tuple[Link, ...]:
    return (mark.link,) if mark.link else ()


def _holding(compared: Compared) -> Cell:
    items = _cautions(compared.details.cautions.specific)
    return Cell(items=items) if items else Cell(note=_("none known to hold"))


def _unchecked(compared: Compared) -> Cell:
    told = compared.details.cautions
    count = len(told.unchecked)
    if not count:
        return EMPTY
    by = told.grave_not_known
    grave = _("Some would rule it out or advise against it; not known: %(names)s") % {"names": by} if by else ""
    return Cell(
        text=ngettext("%(count)d caution", "%(count)d cautions", count) % {"count": count},
        items=(Item(grave),) if grave else (),
        further=_cautions(told.unchecked),
        further_words=_("Not known: %(names)s") % {"names": told.not_known},
    )


def _general_cautions(compared: Compared) -> Cell:
    lines = compared.details.cautions.general
    if not lines:
        return EMPTY
    words = ngettext("%(count)d caution", "%(count)d cautions", len(lines)) % {"count": len(lines)}
    return Cell(further=_cautions(lines), further_words=words)


def _indications(compared: Compared) -> Iterator[tuple[IndicationFinding, IndicationLine]]:
    return zip(compared.option.indications, compared.details.indications, strict=True)


def _reasons(compared: Compared, truth: bool | None, *stances: str) -> Cell:
    found = [
        line
        for finding, line in _indications(compared)
        if finding.truth is truth and finding.indication.stance in stances
    ]
    items = (reason_item(line.words.stance, line.words.rationale, line.sources) for line in found)
    return Cell(items=tuple(items))


def _open_reasons(compared: Compared) -> Cell:
    found = [line for finding, line in _indications(compared) if finding.truth is None]
    return Cell(
        items=tuple(
            Item(_("if %(criterion)s") % {"criterion": line.words.criterion}, line.words.stance, "truth truth-unknown")
            for line in found
        )
    )


def _schedule(compared: Compared) -> Cell:
    schedule = compared.details.practicalities.schedule
    if not schedule or not schedule.text:
        return Cell(note=_("No page with a schedule was read."))
    return Cell(items=(_in_english(schedule.text, schedule.links),))


def _licence(compared: Compared) -> Cell:
    """Where licences are looked up for the patient; the others on record to be opened."""
    licence = compared.details.licence
    if licence is None:
        return EMPTY
    possible = (replace(_licence_item(line), word=f"{line.if_only}:") for line in licence.possible)
    further = [*map(_licence_item, (*licence.further, *licence.elsewhere))]
    note = compared.details.practicalities.region_note
    if note and note.text:
        further.append(_in_english(note.text, note.links))
    shown = compared.row.licence
    return Cell(
        lead=shown.word if shown else licence.word,
        text=shown.read if shown else "",
        items=(*map(_licence_item, licence.holding), *possible),
        further=tuple(further),
        further_words=_("other licences on record") if further else "",
    )


def _licence_item(line: LicenceLine) -> Item:
    return _in_english(line.text, line.links, f"{line.where}, {line.covers}:", f"({line.terms})" if line.terms else "")


def _in_english(text: str, links: tuple[Link, ...], word: str = "", further: str = "") -> Item:
    """A text of the evidence base with where it is."""
    return Item(text, word, links=links, lang="en", further=further)
