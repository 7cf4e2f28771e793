"""The same option is told in the same words on page, comparison, text, library page, board and document."""

from __future__ import annotations

from dataclasses import dataclass
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
from regimens.rules.ranking import rank
from tests.factories.boards import a_board, a_case, a_meeting
from tests.factories.patients import colorectal

pytestmark = pytest.mark.django_db

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

    def is_in_text(self, words: str) -> bool:
        """Whether the text has the words, or has no room for the band of the option."""
        return words.replace("\N{NO-BREAK SPACE}", " ") in self.text or self.row not in [
            option for band in self.page.bands for option in band.options
        ]

    def cell(self, title: str) -> Cell:
        rows = (row for group in self.comparison.groups for row in group.rows)
        at = [column.slug for column in self.comparison.columns].index(self.row.words.slug)
        return next((row.cells[at] for row in rows if row.title == title), Cell())


def told(patient: str, slug: str) -> Told:
    values, knowledge = PATIENTS[patient], releases.current()
    form = PatientForm(colorectal(**values), knowledge=knowledge)
    assert form.is_valid() and form.patient is not None
    ranking = rank(form.patient, knowledge)
    page = present(ranking, knowledge)
    row = next(
        one
        for band in (*page.bands, *page.further_bands)
        for one in band.options
        if isinstance(one, OptionRow) and one.words.slug == slug
    )
    other = next(one.regimen.slug for one in ranking.options if one.rank is not None and one.regimen.slug != slug)
    comparison, library = compare(ranking, knowledge, [slug, other]), option_page(knowledge, slug)
    assert comparison is not None and library is not None
    board = a_board()
    item = a_meeting(board, a_case(board, **values)).items.get()
    assert item.version is not None
    frozen, item.options = Frozen(item.version), [slug]
    (column,) = option_columns(frozen, [slug])
    (part,) = considered(item, frozen, None, Sources())
    return Told(row, page, summary(page), comparison, library, column, part, frozen)


@pytest.mark.parametrize("language", ["en-gb", "de"])
@pytest.mark.parametrize(("patient", "slug"), OPTIONS)
def test_an_option_is_told_alike_everywhere(patient: str, slug: str, language: str) -> None:
    with translation.override(language):
        found = told(patient, slug)
        what_it_is_and_where_it_stands(found)
        its_estimates(found)
        its_reasons(found)
        its_cautions(found)


def what_it_is_and_where_it_stands(told: Told) -> None:
    words, standing = told.row.words, told.row.standing
    assert told.column.words == told.part.words == words
    assert words in told.comparison.columns
    ranked = [row for band in stored_ranking(told.frozen).bands for row in band.rows if row.words == words]
    assert [row.standing.place for row in ranked] == [standing.place]
    assert told.library.name == words.name
    assert {standing.place, told.column.standing.place, told.part.place} == {told.cell(_("Place")).lead}
    assert told.column.rests_on == words.evidence.in_one
    assert told.is_in_text(words.name)
    if words.evidence.patients:
        assert told.is_in_text(words.evidence.in_one)


def its_estimates(told: Told) -> None:
    shown = [one for one in told.row.details.estimates if one.has_data]
    figures = [figure for figure in told.column.figures if figure.number]
    parts = [figure for figure in told.part.figures if figure.interval]
    assert [(one.number_with_unit, one.interval) for one in shown] == [(one.number, one.interval) for one in figures]
    assert [(one.short_title, one.number_written_out, one.interval) for one in shown] == [
        (one.title, one.median, one.interval) for one in parts
    ]
    for one, part in zip(shown, parts, strict=True):
        assert part.basis.startswith(one.short_basis)
        assert one.mark in part.basis
        assert one.published is not None and one.published.in_one in part.basis
    for one, title in zip(told.row.details.estimates, IN_COMPARISON, strict=False):
        if one.has_data:
            cell = told.cell(_(title))
            assert (cell.lead, cell.text, cell.note) == (one.number, one.interval, one.short_basis)
    for mark in told.row.marks:
        if mark.words.has_data:
            assert told.is_in_text(f"{mark.words.title} {mark.words.number} ({mark.words.interval})")
        if mark.words.published:
            assert told.is_in_text(mark.words.published.in_one)


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
    for one in cautions.specific:
        assert told.is_in_text(f"{one.opening}: {one.text}")
