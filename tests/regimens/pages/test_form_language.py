"""The patient form in another language: its words, its numbers, and what becomes of them when the language changes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from display import decimals
from display.cache import forget
from display.decimals import COMMA, POINT
from regimens import releases
from regimens.pages.patient_form import NUMBERS, PatientForm
from regimens.rules.knowledge import Knowledge


@pytest.fixture
def knowledge(db: None) -> Knowledge:
    return releases.current()


@pytest.fixture
def in_german() -> Iterator[None]:
    with translation.override("de"):
        yield


def shown(form: PatientForm, name: str) -> str:
    """The value that stands in a field of the page."""
    found = re.search(r'value="([^"]*)"', str(form[name]))
    return html.unescape(found[1]) if found else ""


def code(form: PatientForm, name: str) -> str | None:
    return form.errors.as_data()[name][0].code if name in form.errors else None


class TestNumbers:
    @pytest.mark.parametrize("entered", ["2,5", "2.5", "2,50"])
    def test_german_takes_a_comma_and_shows_what_was_entered(
        self, in_german: None, knowledge: Knowledge, entered: str
    ) -> None:
        form = PatientForm({"region": "EU", "bilirubin_uln": entered}, knowledge=knowledge)
        assert form.is_valid()
        assert form.patient is not None and form.patient.features["bilirubin_uln"] == 2.5
        assert shown(form, "bilirubin_uln") == entered

    @pytest.mark.parametrize(
        ("name", "entered", "expected"),
        [
            ("qtcf", "1.000", "ambiguous"),
            ("tmb", "1.000", "ambiguous"),
            ("tmb", "1,000", "ambiguous"),
            ("ecog", "1,5", "out-of-range"),
            ("ki67", "100,1", "out-of-range"),
            ("ki67", "hoch", "no-number"),
        ],
    )
    def test_what_german_refuses(
        self, in_german: None, knowledge: Knowledge, name: str, entered: str, expected: str
    ) -> None:
        form = PatientForm({name: entered}, knowledge=knowledge)
        assert code(form, name) == expected
        assert shown(form, name) == entered
        assert "2.5, not" not in form.errors[name][0]

    def test_what_could_be_a_thousand_is_said_with_both_readings(self, knowledge: Knowledge) -> None:
        form = PatientForm({"tmb": "1.000"}, knowledge=knowledge)
        assert form.errors["tmb"] == [
            "TMB is a number from 0 to 1000 mut/Mb. “1.000” may be 1 or 1000: write one of the two.",
        ]

    def test_a_value_that_is_tried_out_is_written_as_the_page_writes(
        self, in_german: None, knowledge: Knowledge
    ) -> None:
        form = PatientForm(QueryDict("region=EU&try=tmb:12.5"), knowledge=knowledge)
        assert form.is_valid()
        assert shown(form, "tmb") == "12,5"


class TestChangeOfLanguage:
    @pytest.mark.parametrize(
        ("filled_in", "sent_in", "entered", "seen"),
        [
            ("de", "en-gb", "2,5", "2.5"),
            ("de", "en-gb", "2.5", "2.5"),
            ("en-gb", "de", "2.5", "2,5"),
            ("en-gb", "de", "2.125", "2,125"),
            ("en-gb", "de", "2", "2"),
            ("fr", "en-gb", "2,5", "2.5"),
            ("en-gb", "fr", "2.125", "2,125"),
            ("es", "en-gb", "2,5", "2.5"),
            ("en-gb", "es", "2.125", "2,125"),
            ("fr", "es", "2,5", "2,5"),
        ],
    )
    @pytest.mark.parametrize("as_query", [True, False])
    def test_a_number_keeps_its_value(
        self, knowledge: Knowledge, filled_in: str, sent_in: str, entered: str, seen: str, as_query: bool
    ) -> None:
        with translation.override(filled_in):
            page = PatientForm(knowledge=knowledge)
            sent = {"region": "EU", "bilirubin_uln": entered, "decimal_mark": shown(page, "decimal_mark")}
        if as_query:
            query = QueryDict(mutable=True)
            query.update(sent)
            sent = query
        with translation.override(sent_in):
            form = PatientForm(sent, knowledge=knowledge)
            assert form.is_valid()
            assert form.patient is not None and form.patient.features["bilirubin_uln"] == float(seen.replace(",", "."))
            assert shown(form, "bilirubin_uln") == seen
            # What is sent again from this page is of this page.
            again = PatientForm(dict(form.entered()), knowledge=knowledge)
            assert again.is_valid() and again.patient == form.patient
            assert shown(again, "bilirubin_uln") == seen

    @pytest.mark.parametrize("there_and_back", [("de", "en-gb"), ("en-gb", "de"), ("en-gb", "fr"), ("es", "en-gb")])
    @pytest.mark.parametrize("name", NUMBERS)
    @pytest.mark.parametrize("entered", ["1.000", "1,000", "2,5", "85.125", "hoch", "1.000,5"])
    def test_what_is_refused_is_kept_and_never_becomes_a_thousand(
        self, knowledge: Knowledge, there_and_back: tuple[str, str], name: str, entered: str
    ) -> None:
        sent: dict[str, Any] = {name: entered}
        for language in (*there_and_back, *there_and_back):
            with translation.override(language):
                form = PatientForm({"region": "EU", **sent}, knowledge=knowledge)
                value = form.patient.features[name] if form.is_valid() and form.patient else None
                assert value is None or value == float(entered.replace(",", "."))
                assert shown(form, name).replace(COMMA, POINT) == entered.replace(COMMA, POINT)
                sent = dict(form.entered())

    def test_the_page_and_every_form_on_it_say_how_numbers_are_written(self, client: Client, db: None) -> None:
        with translation.override("de"):
            sent = {"region": "EU", "ki67": "80,5", "decimal_mark": COMMA}
            page = client.post("/", sent, headers={"Accept-Language": "de"}).content.decode()
        forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
        resent = [found for found in forms if 'name="ki67"' in found]
        assert resent
        for found in resent:
            assert 'name="decimal_mark" value=","' in found
            assert re.search(r'name="ki67" value="80,5"', found)

    def test_an_unknown_mark_is_that_of_the_page(self, knowledge: Knowledge) -> None:
        form = PatientForm({"region": "EU", "ki67": "80.5", "decimal_mark": "x"}, knowledge=knowledge)
        assert form.is_valid()
        assert shown(form, "decimal_mark") == decimals.mark_in_use() == POINT


def marked(message: str) -> str:
    """A message in ⟦ ⟧, its placeholders outside."""
    return "⟦" + re.sub(r"%\(\w+\)[sd]", r"⟧\g<0>⟦", message) + "⟧" if message else ""


@pytest.fixture
def pseudo_language(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language whose every message is marked as one."""
    monkeypatch.setattr(translation._trans, "gettext", marked)
    monkeypatch.setattr(translation._trans, "ngettext", lambda one, many, count: marked(one if count == 1 else many))
    forget()
    yield
    forget()


def untranslated(markup: str, names: set[str]) -> list[str]:
    """What a reader is told that is neither a message nor a name."""
    told = re.findall(r'(?:placeholder|title|aria-label|data-word-\w+)="([^"]*)"', markup)
    told += re.sub(r"<[^>]*>", "\n", markup).splitlines()
    left = [re.sub(r"⟦[^⟦⟧]*⟧", "", html.unescape(text)).strip() for text in told]
    return [text for text in left if re.search(r"[^\W\d_]", text) and text not in names]


class TestWords:
    ENTRIES = (
        {},
        {"ki67": "180", "ecog": "1.5", "tmb": "1.000", "qtcf": "2,5", "platinum_free_interval_months": "?"},
        {"platinum_best_response": "PD", "platinum_free_interval_months": "7"},
        {"first_line_platinum": "not-given", "received": ["etoposide-platinum"]},
        {"first_line_platinum": "not-given", "platinum_best_response": "PR"},
        {"histology": "small-cell", "differentiation": "well"},
        {"lines_received": "0", "received": ["folfiri"]},
        {"none_progressed": "on", "progressed": ["folfiri"]},
        {"none_received": "on", "received": ["folfiri"], "conditions": ["transplant"]},
        {"none_received": "on", "others_absent": "on"},
        {"first_line_platinum": "not-given", "platinum_free_interval_months": "26 %"},
        {"first_line_platinum": "not-given", "platinum_free_interval_months": "2", "received_drugs": ["cisplatin"]},
        {"kras_g12c": "positive", "ras_mutation": "false"},
        {"child_pugh": "A", "conditions": ["severe_hepatic_impairment"]},
        {"primary_site": "pancreas", "gynaecological_site": "ovary"},
        {"received": ["folfri"], "received_drugs": ["?"]},
        # what looks like another unit, and what follows
        {"ki67": "0.8", "creatinine_clearance": "1.1", "platinum_free_interval_months": "30", "tmb": "400"},
        {"bilirubin_uln": "25", "ast_alt_uln": "80", "anc": "60", "platelets": "2", "lvef": "9", "proteinuria": "30"},
        {
            "platinum_best_response": "PD",
            "kras_g12c": "positive",
            "child_pugh": "C",
            "progressed": ["etoposide-platinum"],
        },
        {"ras_mutation": "false", "child_pugh": "B", "progressed_drugs": ["olaparib"]},
        # the first entries with errors, and what is folded
        {"start": "yes", "ki67": "180", "received_typed": "folfri"},
        {"region": "EU", "lines_received": "2", "rapid_progression": "true", "absent": ["ild"], "msi": "high"},
        {"region": "EU", "bilirubin_measured": "25", "bilirubin_limit": "21", "ast_alt_measured": "40"},
        {"region": "EU", "bilirubin_measured": "25 µmol", "bilirubin_limit": "21"},
        {"region": "EU", "bilirubin_measured": "25", "bilirubin_limit": "5"},
        {"region": "EU", "bilirubin_measured": "25", "bilirubin_limit": "20", "bilirubin_uln": "3"},
        {"region": "EU", "bilirubin_measured": "2500", "bilirubin_limit": "20", "ast_alt_measured": "0"},
    )

    @pytest.mark.parametrize("entered", ENTRIES)
    def test_nothing_of_the_form_escapes_translation(
        self, pseudo_language: None, knowledge: Knowledge, entered: dict[str, Any]
    ) -> None:
        form = PatientForm(entered or None, knowledge=knowledge)
        if entered:
            form.is_valid()
        page = Template("{% load crispy_forms_tags %}{% crispy form %}").render(Context({"form": form}))
        assert page.count("⟦") > 150
        treatments = [*knowledge.regimens.values(), *knowledge.drugs.values()]
        # A class, and what was typed for a regimen with the nearest there is.
        names = {"A", "folfriFOLFIRI", "25 µmol"} | {
            *(f"{before}{each.name}" for before in ("", ", ") for each in treatments),
            *(f"{before}{each.name}." for before in ("", ", ") for each in treatments),
        }
        assert untranslated(page, names) == []
        assert all("⟦" in error for errors in form.errors.values() for error in errors)

    def test_an_untranslated_word_is_found(self) -> None:
        assert untranslated('<p title="x">⟦a⟧ b</p>⟦c⟧<i>FOLFIRI</i>', {"FOLFIRI"}) == ["x", "b"]

    def test_the_summary_for_the_record(self, pseudo_language: None, client: Client, db: None) -> None:
        body = client.post(
            "/summary.txt", {"region": "EU", "ki67": "80", "differentiation": "uncertain"}
        ).content.decode()
        lines = body.splitlines()
        assert lines[0].startswith("⟦Later-line options")
        assert any(line.strip().startswith("⟦CHECK FIRST: ⟧") for line in lines)
        assert "⟦Supports and does not replace judgement" in body
