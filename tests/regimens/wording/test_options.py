"""The same option is told in the same words on page, comparison, text, library page, board and document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext as _

from boards.documents.parts import OptionConsidered, Sources, considered
from boards.presenters.options import OptionColumn, option_columns
from boards.presenters.ranking import stored_ranking
from boards.shown.stored_ranking import Frozen
from regimens import releases
from regimens.pages import OptionRow, RankingPage, present
from regimens.pages.comparison import Cell, Comparison, compare
from regimens.pages.library.options import OptionPage, option_page
from regimens.pages.patient_form import PatientForm
from regimens.pages.summary import summary
from regimens.pages.taken import taken
from regimens.rules.ranking import rank
from regimens.wording.outcomes import OUTCOME_WORDS
from tests.factories.boards import a_board, a_case, a_meeting
from tests.factories.patients import colorectal

pytestmark = pytest.mark.django_db
AT = datetime(2026, 12, 3, 17, 30, tzinfo=UTC)
TODAY = AT.date()

PATIENTS: dict[str, dict[str, Any]] = {
    "colorectal": {},
    "of the pancreas, in Europe": {"primary_site": "pancreas", "region": "EU", "histology": "large-cell"},
    "MSI-high": {"msi": "high", "platinum_best_response": "PD"},
}
OPTIONS = [
    ("colorectal", "folfiri"),
    ("colorectal", "temozolomide"),
    ("colorectal", "best-supportive-care"),
    ("of the pancreas, in Europe", "folfox"),
    ("of the pancreas, in Europe", "captem"),
    ("MSI-high", "pembrolizumab"),
    ("MSI-high", "nivolumab-ipilimumab"),
]

# The rows of the comparison, in the order of the estimates.
IN_COMPARISON = ("Response rate", "PFS, months", "OS, months", "Grade 3 or worse events")


@dataclass(frozen=True)
class Told:
    """One option in every place that tells of it."""

    row: OptionRow
    page: RankingPage
    text: str
    comparison: Comparison
    library: OptionPage
    column: OptionColumn
    part: OptionConsidered
    frozen: Frozen

    @property
    def is_told_in_text(self) -> bool:
        """Whether the text has room for more of the option than its name."""
        return self.row.option.band.value in ("recommended", "supported", "trial-only")

    def is_in_text(self, words: str) -> bool:
        return in_plain_signs(words) in in_plain_signs(self.text)

    def cell(self, title: str) -> Cell:
        rows = (row for group in self.comparison.groups for row in group.rows)
        at = [column.slug for column in self.comparison.columns].index(self.row.words.slug)
        return next((row.cells[at] for row in rows if row.title == title), Cell())


def in_plain_signs(words: str) -> str:
    """As the text writes it, in one line."""
    plain = words.translate(
        str.maketrans({**dict.fromkeys("–—−", "-"), **dict.fromkeys("‘’", "'"), "×": "x", "…": "..."})
    )
    return " ".join(plain.replace("≥", ">=").replace("≤", "<=").replace("⁹", "^9").split())


def told(patient: str, slug: str) -> Told:
    values, knowledge = PATIENTS[patient], releases.current()
    form = PatientForm(colorectal(**values), knowledge=knowledge)
    assert form.is_valid() and form.patient is not None
    ranking = rank(form.patient, knowledge)
    page = present(ranking, knowledge, today=TODAY)
    row = next(
        one for band in page.bands for one in band.options if isinstance(one, OptionRow) and one.words.slug == slug
    )
    other = next(one.regimen.slug for one in ranking.options if one.rank is not None and one.regimen.slug != slug)
    comparison, library = (
        compare(ranking, knowledge, [slug, other], today=TODAY),
        option_page(knowledge, slug, today=TODAY),
    )
    assert comparison is not None and library is not None
    board = a_board()
    item = a_meeting(board, a_case(board, **values)).items.get()
    assert item.version is not None
    frozen, item.options = Frozen(item.version), [slug]
    (column,) = option_columns(frozen, [slug], today=TODAY)
    listed = considered(item, frozen, None, Sources())  # what is ranked first as well
    (part,) = [each for each in listed if each.words.name == frozen.name(slug)]
    return Told(row, page, summary(taken(page, at=AT)), comparison, library, column, part, frozen)


@pytest.mark.parametrize("language", ["en-gb", "de", "fr", "es"])
@pytest.mark.parametrize(("patient", "slug"), OPTIONS)
def test_an_option_is_told_alike_everywhere(patient: str, slug: str, language: str) -> None:
    with translation.override(language):
        found = told(patient, slug)
        what_it_is_and_where_it_stands(found)
        its_estimates(found)
        its_reasons(found)
        its_cautions(found)


def what_it_is_and_where_it_stands(told: Told) -> None:
    words = told.row.words
    assert told.column.words == told.part.words == words
    assert words in told.comparison.columns
    ranked = [row for band in stored_ranking(told.frozen, today=TODAY).bands for row in band.rows if row.words == words]
    assert [row.standing.number for row in ranked] == [told.row.place]
    assert told.library.name == words.name
    assert {told.column.standing.place, told.part.place} == {told.cell(_("Place")).lead}
    assert told.is_in_text(words.name)
    assert told.column.safety == told.row.safety
    assert told.part.safety == tuple(mark.in_one for mark in told.row.safety)
    assert told.column.licence == told.row.licence
    if told.row.licence:
        assert told.cell(_("Licence")).lead == told.row.licence.word
        assert told.part.licence.startswith(told.row.licence.word)
    if words.evidence.patients:
        assert told.is_in_text(told.column.rests_on) is told.is_told_in_text


def its_estimates(told: Told) -> None:
    """What was published stands beside the estimate wherever that is said."""
    shown = told.row.details.estimates
    for one, figure, part, title in zip(shown, told.column.figures, told.part.figures, IN_COMPARISON, strict=False):
        beside = one.published
        if one.has_data:
            assert (figure.number, figure.interval) == (one.number, one.interval)
            assert (part.model, part.interval, part.basis) == (one.number_written_out, one.interval, one.basis)
            assert f"{one.number} ({one.interval})" in told.cell(_(title)).note
        else:
            assert (figure.number, part.interval) == ("", "")
        assert figure.published == (beside.number if beside else "")
        if beside:
            cell = told.cell(_(title))
            assert part.published.startswith(beside.with_unit)
            assert beside.citation in part.study and beside.size in part.study
            assert (cell.lead, cell.text) == (beside.number, beside.interval)
            assert (figure.patients.partition(",")[0], figure.study) == (beside.size, beside.citation)
        if one.has_data and told.is_told_in_text:
            assert told.is_in_text(f"{OUTCOME_WORDS[one.outcome]} {one.number_with_unit} ({one.interval})")
        if beside and told.is_told_in_text:
            interval = f" ({beside.interval})" if beside.interval else ""
            assert told.is_in_text(f"{OUTCOME_WORDS[one.outcome]} {beside.with_unit}{interval}")


def its_reasons(told: Told) -> None:
    lines = told.row.details.indications
    holding = {(f"{one.words.stance}:", one.words.rationale) for one in lines if one.truth == "true"}
    on_board = {(one.word, one.text) for one in (*told.column.reasons_for, *told.column.reasons_against) if one.word}
    assert on_board == holding
    in_document = {(f"{one.word}:", one.text) for one in told.part.reasons}
    assert holding <= in_document
    assert len(in_document) == sum(one.truth != "false" for one in lines)
    in_library = {(f"{one.head}:", one.text) for one in told.library.indications}
    assert {(f"{one.words.stance}:", one.words.rationale) for one in lines} <= in_library


def its_cautions(told: Told) -> None:
    cautions = told.row.details.cautions
    evidence = {(one.word, one.text) for one in (*cautions.specific, *cautions.general) if one.lang}
    unchecked = {one.text for one in cautions.unchecked if one.lang}
    assert evidence <= {(one.word.removesuffix(":"), one.text) for one in told.column.cautions}
    assert unchecked <= {one.text for one in told.column.not_checked}
    in_document = {(one.word, one.text) for one in told.part.cautions}
    assert evidence <= in_document
    assert {(one.word.removesuffix(":"), one.text) for one in told.column.not_checked} <= in_document
    in_library = {(group.title, one.text) for group in told.library.cautions for one in group.cautions}
    assert evidence <= in_library
    if told.row.slug in {option.row.slug for option in taken(told.page, at=AT).leading}:
        for one in cautions.specific:
            assert told.is_in_text(one.text)
