"""Two to four options of one ranking side by side: a table of cells, each said once, figures on shared axes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from display.drawings import interval_mark
from regimens.rules.assessment import IndicationFinding
from regimens.rules.evidence import Outcome
from regimens.rules.knowledge import Knowledge
from regimens.rules.ordering import ahead
from regimens.rules.patient import REGIONS
from regimens.rules.ranking import Option, Ranking
from regimens.rules.synthesis import Estimate
from regimens.wording.bands import BAND_TITLES
from regimens.wording.citations import Link
from regimens.wording.options import CautionLine, IndicationLine, Item, Mark
from regimens.wording.outcomes import figure, percent
from regimens.wording.patient import patient_details, patient_sentence, supposed_words
from regimens.wording.sentences import ACTIVE

from .options import FOLDED, OptionPresenter, OptionRow, ceilings_of
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
class Column:
    """An option that is compared."""

    slug: str
    name: str
    band: str
    band_key: str


@dataclass(frozen=True)
class Comparison:
    """The page of two to four options; `others` are the ranked options that can be added, as slug and name."""

    patient: tuple[tuple[str, bool], ...]
    more: tuple[str, ...]
    supposed: tuple[str, ...]
    warnings: tuple[str, ...]
    is_nec_only: bool
    preference: str
    columns: tuple[Column, ...]
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

    def estimate(self, outcome: Outcome) -> Estimate | None:
        """The estimate of an outcome for which a cohort speaks."""
        estimate = self.option.synthesis.estimates[outcome] if self.option.synthesis else None
        return estimate if estimate and estimate.has_data else None


def compare(
    ranking: Ranking, knowledge: Knowledge, ticked: Iterable[str], supposed: Iterable[str] = ()
) -> Comparison | None:
    """The ticked options side by side, in the order of the ranking; None where they cannot be compared."""
    found = ticks(ranking, knowledge, ticked)
    if found.refusal:
        return None
    chosen = [option for option in ranking.options if option.regimen.slug in found.slugs]
    presenter = OptionPresenter(ranking, knowledge, ceilings_of(chosen))
    rows = [row for row in presenter.rows(chosen) if isinstance(row, OptionRow)]
    table = _Table(ranking, knowledge, [Compared(o, row) for o, row in zip(chosen, rows, strict=True)])
    listed = [o.regimen for o in ranking.options if o.band not in FOLDED and o.regimen.slug not in found.slugs]
    return Comparison(
        patient=tuple(patient_sentence(ranking.patient)),
        more=tuple(patient_details(ranking.patient, knowledge)),
        supposed=supposed_words(ranking.patient, supposed),
        warnings=tuple(sentence.worded(ACTIVE) for _key, sentence in ranking.scope.warnings),
        is_nec_only=ranking.is_nec_only,
        preference=_(ranking.preference.label),
        columns=tuple(_column(compared) for compared in table.options),
        groups=tuple(_without_empty_rows(table.groups())),
        missing=found.missing,
        others=tuple((regimen.slug, regimen.name) for regimen in listed),
        can_drop=len(chosen) > FEWEST,
        is_full=len(chosen) == MOST,
    )


def _column(compared: Compared) -> Column:
    option = compared.option
    return Column(option.regimen.slug, option.regimen.name, str(BAND_TITLES[option.band]), option.band.value)


def _without_empty_rows(groups: Iterable[RowGroup]) -> Iterator[RowGroup]:
    """What none of the options has is left out."""
    for group in groups:
        rows = tuple(row for row in group.rows if any(cell != EMPTY for cell in row.cells))
        if rows:
            yield replace(group, rows=rows)


class _Table:
    """The rows of a comparison, group by group."""

    def __init__(self, ranking: Ranking, knowledge: Knowledge, options: Sequence[Compared]):
        self.ranking, self.knowledge, self.options = ranking, knowledge, options
        self.ceilings = ceilings_of(compared.option for compared in options)
        drawn = {o.regimen.slug: o.synthesis for o in ranking.options if o.rank is not None and o.synthesis}
        self.ahead = ahead(drawn, ranking.preference, [compared.row.slug for compared in options])

    def groups(self) -> Iterator[RowGroup]:
        region = _(REGIONS[self.ranking.patient.region])
        yield RowGroup("benefit", _("Benefit"), tuple(self._figures("orr", "pfs", "os")))
        yield RowGroup("harm", _("Harm"), tuple(self._figures("grade3")))
        yield RowGroup(
            "order",
            _("Order"),
            (
                self._row(_("Place"), _place),
                self._row(_("Level of evidence"), lambda c: Cell(lead=c.row.level, note=c.row.level_words)),
                self._row(_("Utility"), _utility, note=_("at the pooled medians")),
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
                self._row(_("Drugs"), lambda c: Cell(text=", ".join(c.option.regimen.drugs))),
                self._row(_("Schedule as published"), _schedule),
                self._row(_("Availability, %(region)s") % {"region": region}, lambda c: Cell(text=c.row.availability)),
                self._row(_("Approvals"), lambda c: _approvals(c, region)),
            ),
        )

    def _row(self, title: str, cell: Callable[[Compared], Cell], note: str = "") -> Row:
        return Row(title, tuple(map(cell, self.options)), note)

    def _figures(self, *outcomes: Outcome) -> Iterator[Row]:
        for outcome in outcomes:
            marked = _outstanding(outcome, [compared.estimate(outcome) for compared in self.options])
            cells = [self._figure(outcome, c, words) for c, words in zip(self.options, marked, strict=True)]
            yield Row(ROW_TITLES[outcome](), tuple(cells), _("median, 95 % interval"))

    def _figure(self, outcome: Outcome, compared: Compared, stands_out: str) -> Cell:
        estimate = compared.estimate(outcome)
        if estimate is None:
            return Cell(note=_("no data"), kind="no-data")
        mark = _mark(compared.row, outcome)
        drawing = interval_mark(
            low=estimate.low,
            median=estimate.median,
            high=estimate.high,
            benchmark=self.knowledge.benchmark.typical(outcome),
            ceiling=self.ceilings[outcome],
            has_data=True,
        )
        return Cell(lead=mark.number, text=mark.interval, note=_basis(estimate), stands_out=stands_out, drawing=drawing)

    def _pairs(self, compared: Compared) -> Cell:
        """In what share of the draws the option is ahead of each of the others."""
        if compared.option.rank is None:
            return Cell(note=_("not drawn, since it carries no rank"))
        items = [
            Item(_("%(name)s in %(share)s") % {"name": other.row.name, "share": percent(share)})
            for other in self.options
            if (share := self.ahead.get((compared.row.slug, other.row.slug))) is not None
        ]
        return Cell(items=tuple(items)) if items else Cell(note=_("none of the others carries a rank"))


ROW_TITLES: Mapping[Outcome, Callable[[], str]] = {
    "orr": lambda: _("Response rate"),
    "pfs": lambda: _("PFS, months"),
    "os": lambda: _("OS, months"),
    "grade3": lambda: _("Grade 3 or worse events"),
}


def _outstanding(outcome: Outcome, estimates: Sequence[Estimate | None]) -> list[str]:
    """At the one option with the most favourable median: that it is, and whether the intervals tell it apart.

    No option is marked where fewer than two have data, or where the medians are written the same.
    """
    known = [estimate for estimate in estimates if estimate]
    nothing = [""] * len(estimates)
    if len(known) < 2:
        return nothing
    leader = (min if outcome == "grade3" else max)(known, key=lambda estimate: estimate.median)
    rivals = [estimate for estimate in known if estimate is not leader]
    if any(figure(outcome, rival.median) == figure(outcome, leader.median) for rival in rivals):
        return nothing
    overlapping = any(rival.low <= leader.high and leader.low <= rival.high for rival in rivals)
    words = _leading_words(is_lowest=outcome == "grade3", of_two=len(known) == 2, overlapping=overlapping)
    return [words if estimate is leader else "" for estimate in estimates]


def _leading_words(*, is_lowest: bool, of_two: bool, overlapping: bool) -> str:
    if is_lowest and of_two:
        return _("lower median; intervals overlap") if overlapping else _("lower median; intervals apart")
    if is_lowest:
        return _("lowest median; intervals overlap") if overlapping else _("lowest median; intervals apart")
    if of_two:
        return _("higher median; intervals overlap") if overlapping else _("higher median; intervals apart")
    return _("highest median; intervals overlap") if overlapping else _("highest median; intervals apart")


def _basis(estimate: Estimate) -> str:
    values = {"count": estimate.studies, "share": percent(estimate.benchmark_share)}
    return (
        ngettext("%(count)d study, %(share)s benchmark", "%(count)d studies, %(share)s benchmark", estimate.studies)
        % values
    )


def _mark(row: OptionRow, outcome: Outcome) -> Mark:
    return next(mark for mark in row.estimates if mark.outcome == outcome)


def _place(compared: Compared) -> Cell:
    rank = compared.option.rank
    lead = _("Rank %(rank)d") % {"rank": rank} if rank is not None else _("No rank")
    received = (Item(compared.row.received),) if compared.row.received else ()
    return Cell(lead=lead, text=str(BAND_TITLES[compared.option.band]), note=compared.row.decided_by, items=received)


def _utility(compared: Compared) -> Cell:
    if not compared.row.utility:
        return Cell(note=_("not compared by figures"))
    terms = zip(("OS", "PFS", _("response"), _("grade 3+")), compared.row.terms, strict=True)
    items = tuple(Item(f"{label} {term.value}") for label, term in terms)
    return Cell(lead=compared.row.utility, items=items)


def _draws(compared: Compared) -> Cell:
    row, shares = compared.row, compared.option.shares
    if row.best:
        return Cell(lead=row.best, text=_("best of all; %(share)s in the top three") % {"share": row.top3})
    if shares is None:
        return Cell(note=_("not drawn"))
    return Cell(lead=percent(shares.first_in_band), text=_("first of its band"))


def _patients(compared: Compared) -> Cell:
    row = compared.row
    if not row.patients:
        return Cell(note=_("no cohort applies"), kind="no-data")
    return Cell(lead=row.patients, text=row.studies, note=_("effective: weighted by how far each cohort applies"))


def _cohorts(compared: Compared) -> Cell:
    used = compared.option.synthesis.cohorts if compared.option.synthesis else ()
    found = sorted(zip(used, compared.row.cohorts, strict=True), key=lambda pair: -pair[0].weight.product)
    items = tuple(
        Item(
            text=_("%(size)s, weight %(weight)s") % {"size": line.size, "weight": line.weight},
            word=line.borrowed,
            kind="when",
            links=(Link(line.citation, reverse("publication", args=[line.key])),),
        )
        for _used, line in found
    )
    rest = len(items) - COHORTS_SHOWN
    if rest <= 0:
        return Cell(items=items)
    words = ngettext("%(count)d further cohort", "%(count)d further cohorts", rest) % {"count": rest}
    return Cell(items=items[:COHORTS_SHOWN], further=items[COHORTS_SHOWN:], further_words=words)


def _cautions(lines: Iterable[CautionLine]) -> tuple[Item, ...]:
    return tuple(
        Item(line.text, f"{line.word}:", f"caution-{line.level}", (line.source,) if line.source else (), line.lang)
        for line in lines
    )


def _holding(compared: Compared) -> Cell:
    items = _cautions(compared.row.cautions)
    return Cell(items=items) if items else Cell(note=_("none known to hold"))


def _unchecked(compared: Compared) -> Cell:
    row = compared.row
    count = len(row.unchecked_cautions)
    if not count:
        return EMPTY
    grave = _("Contraindications among them, by: %(names)s") % {"names": row.grave_unknown} if row.grave_unknown else ""
    return Cell(
        text=ngettext("%(count)d caution", "%(count)d cautions", count) % {"count": count},
        items=(Item(grave),) if grave else (),
        further=_cautions(row.unchecked_cautions),
        further_words=_("Not known: %(names)s") % {"names": row.unchecked},
    )


def _general_cautions(compared: Compared) -> Cell:
    lines = compared.row.further_cautions
    if not lines:
        return EMPTY
    words = ngettext("%(count)d caution", "%(count)d cautions", len(lines)) % {"count": len(lines)}
    return Cell(further=_cautions(lines), further_words=words)


def _indications(compared: Compared) -> Iterator[tuple[IndicationFinding, IndicationLine]]:
    return zip(compared.option.indications, compared.row.indications, strict=True)


def _reasons(compared: Compared, truth: bool | None, *stances: str) -> Cell:
    found = [
        line
        for finding, line in _indications(compared)
        if finding.truth is truth and finding.indication.stance in stances
    ]
    return Cell(items=tuple(Item(line.rationale, f"{line.stance}:", links=line.sources, lang="en") for line in found))


def _open_reasons(compared: Compared) -> Cell:
    found = [line for finding, line in _indications(compared) if finding.truth is None]
    return Cell(
        items=tuple(
            Item(_("if %(criterion)s") % {"criterion": line.criterion}, f"{line.stance}", "truth truth-unknown")
            for line in found
        )
    )


def _schedule(compared: Compared) -> Cell:
    row = compared.row
    if not row.schedule:
        return Cell(note=_("No page with a schedule was read."))
    return Cell(items=(Item(row.schedule, links=(row.schedule_source,) if row.schedule_source else (), lang="en"),))


def _approvals(compared: Compared, where: str) -> Cell:
    """Those of the patient's region, with what is noted of the regions; those elsewhere to be opened."""
    here: list[Item] = []
    elsewhere: list[Item] = []
    for line in compared.row.approvals:
        item = Item(line.indication, f"{line.where}:", links=(line.source,) if line.source else (), lang="en")
        (here if line.where.startswith(where) else elsewhere).append(item)
    if compared.row.region_note:
        source = compared.row.region_note_source
        elsewhere.append(Item(compared.row.region_note, links=(source,) if source else (), lang="en"))
    return Cell(items=tuple(here), further=tuple(elsewhere), further_words=_("elsewhere") if elsewhere else "")
