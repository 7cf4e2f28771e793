"""The patient form: every feature entered and understood, what follows, what contradicts, and how it is searched."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from regimens.pages.form_layout import CONDITION_GROUPS, FIRST_FACTS, FLAGS, NUMBERS, SECTIONS, SINGLE
from regimens.pages.form_summaries import summary
from regimens.pages.patient_form import PatientForm
from regimens.pages.quantities import SPELLINGS
from regimens.pages.received import Treatment, named, offered
from regimens.rules.knowledge import Knowledge
from regimens.rules.ordering import PREFERENCES
from regimens.rules.patient import CONDITIONS, FEATURES, Patient
from regimens.wording.definitions import DEFINITIONS
from regimens.wording.names import plain
from regimens.wording.patient import patient_details, patient_sentence
from tests.factories.documents import published
from tests.factories.evidence import shipped_document
from tests.factories.patients import colorectal, worked
from tests.pages import post, text

# A value for each field with a unit, as it is written in English and in German.
VALUES = {
    "ki67": ("80", "80"),
    "platinum_free_interval_months": ("2.5", "2,5"),
    "tmb": ("12.5", "12,5"),
    "bilirubin_uln": ("1.5", "1,5"),
    "ast_alt_uln": ("3", "3"),
    "creatinine_clearance": ("45", "45"),
    "anc": ("1.5", "1,5"),
    "platelets": ("150", "150"),
    "proteinuria": ("1.5", "1,5"),
    "lvef": ("55", "55"),
    "qtcf": ("450", "450"),
}
LANGUAGES = {"en-gb": 0, "de": 1, "fr": 1, "es": 1}
PLATINUM = {"first_line_platinum": "etoposide-platinum"}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return published(shipped_document())


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


def sent(values: dict[str, Any]) -> QueryDict:
    """As a browser sends it, the region chosen."""
    data = QueryDict(mutable=True)
    for name, value in {"region": "US", **values}.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


@pytest.mark.parametrize(
    "values", [{}, {"received": [""], "conditions": [""], "ecog": " "}, {"region": "US", "ecog": "9"}]
)
def test_fields_left_empty_are_what_django_makes_of_them(
    knowledge: Knowledge, language: str, values: dict[str, Any]
) -> None:
    """Absent or sent empty, as a browser sends them: the look-up of the form gives what each field gives itself."""
    for data in (sent(values), sent(dict.fromkeys(SINGLE, "") | values)):
        ours, djangos = (PatientForm(data, knowledge=knowledge) for _ in range(2))
        ours.cleaned_data, ours._errors = {}, ErrorDict()
        ours._clean_fields()
        djangos.cleaned_data, djangos._errors = {}, ErrorDict()
        forms.Form._clean_fields(djangos)
        assert ours.cleaned_data == djangos.cleaned_data
        assert ours.errors == djangos.errors


def filled(knowledge: Knowledge, **values: Any) -> PatientForm:
    return PatientForm(sent(values), knowledge=knowledge)


def understood(knowledge: Knowledge, **values: Any) -> Patient:
    form = filled(knowledge, **values)
    assert form.is_valid() and form.patient is not None, form.errors
    return form.patient


def errors(form: PatientForm) -> dict[str, list[str]]:
    assert not form.is_valid() and form.patient is None
    return {name: [str(error) for error in found] for name, found in form.errors.items()}


def markup(form: PatientForm) -> str:
    return Template("{% load crispy_forms_tags %}{% crispy form %}").render(Context({"form": form}))


def found(treatments: Iterable[Treatment], search: str) -> set[str]:
    """The names in a part of the list that a search leaves, as the script does it."""
    words = plain(search).split()
    return {
        each.name for each in treatments if all(word in each.words for word in words) or "".join(words) in each.words
    }


class TestEveryFeature:
    def test_each_has_its_field_or_its_tick(self) -> None:
        elsewhere = {"platinum_received", "prior_regimens", "progressed_on", "prior_drugs", "progressed_on_drugs"}
        assert {*SINGLE, *CONDITIONS, *elsewhere} == set(FEATURES)
        assert len(SINGLE) == len(set(SINGLE))

    def test_each_condition_stands_under_one_heading(self) -> None:
        grouped = [name for _title, names in CONDITION_GROUPS for name in names]
        assert sorted(grouped) == sorted(CONDITIONS)

    def test_each_value_of_each_choice_is_understood(self, knowledge: Knowledge) -> None:
        for name in SINGLE:
            for value in FEATURES[name].values:
                with_site = {"primary_site": "gynaecological"} if name == "gynaecological_site" else {}
                assert understood(knowledge, **with_site, **{name: value}).features[name] == value

    @pytest.mark.parametrize("name", [name for name in SINGLE if FEATURES[name].kind == "flag"])
    def test_each_yes_and_no_is_understood(self, knowledge: Knowledge, name: str) -> None:
        for word, value in FLAGS.items():
            assert understood(knowledge, **{name: word}).features[name] is value
        assert name not in understood(knowledge, **{name: ""}).features

    @pytest.mark.parametrize("name", NUMBERS)
    def test_each_number_is_understood_from_bound_to_bound_and_no_further(
        self, knowledge: Knowledge, name: str
    ) -> None:
        low, high = FEATURES[name].low, FEATURES[name].high
        for number in (low, high):
            assert understood(knowledge, **{name: f"{number:g}"}).features[name] == number
        for number in (low - 1, high + 1):
            assert list(errors(filled(knowledge, **{name: f"{number:g}"}))) == [name]

    def test_a_field_says_its_unit(self, knowledge: Knowledge) -> None:
        page = markup(PatientForm(knowledge=knowledge))
        for name in NUMBERS:
            field = page[page.index(f'id="div_id_{name}"') :]
            field = field[: field.index(f'id="id_{name}_error"')]
            assert (f'aria-hidden="true">{FEATURES[name].unit}</span>' in field) is bool(FEATURES[name].unit), name

    def test_a_worked_patient_can_be_entered_and_is_understood_as_it_is(self, knowledge: Knowledge) -> None:
        for features in worked():
            values = {name: _typed(features[name]) for name in SINGLE if name in features}
            platinum = features.get("platinum_received")
            if platinum is not None:
                values["first_line_platinum"] = "given" if platinum else "not-given"
            for feature, field in (
                *(("prior_regimens", "received"), ("progressed_on", "progressed")),
                *(("prior_drugs", "received_drugs"), ("progressed_on_drugs", "progressed_drugs")),
            ):
                values[field] = features.get(feature, [])
            values["conditions"] = [name for name in CONDITIONS if features.get(name) is True]
            found = understood(knowledge, **values).features
            given = {name: value for name, value in features.items() if value is not None}
            for name, value in given.items():
                if isinstance(value, list):  # that it progressed on its platinum follows from response and interval
                    assert found.get(name, frozenset()) - knowledge.vocabulary.platinum == (
                        set(value) - knowledge.vocabulary.platinum
                    ), (name, features)
                elif value is not False or name in SINGLE:
                    assert found[name] == value, (name, features)
            assert found.keys() <= {*given, "prior_regimens", "progressed_on", "region"}, features


def _typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class TestUnits:
    """Bugs unit-typed and leading-point: 80 % and .8 were no numbers."""

    @pytest.mark.parametrize("name", VALUES)
    def test_the_unit_of_the_field_may_be_typed(self, knowledge: Knowledge, language: str, name: str) -> None:
        typed = VALUES[name][LANGUAGES[language]]
        number = float(VALUES[name][0])
        unit = FEATURES[name].unit
        for spelling in SPELLINGS[unit].split():
            shown = spelling.replace("_", " ")
            for written in (f"{typed} {shown}", f"{typed}{shown}", f"  {typed}\N{NO-BREAK SPACE}{shown.upper()} "):
                form = filled(knowledge, **{name: written})
                if written == f"{typed}{shown}" and shown[0].isdigit():  # where the number ends cannot be told
                    assert list(errors(form)) == [name]
                    continue
                assert form.is_valid(), (written, form.errors)
                assert form.patient is not None and form.patient.features[name] == number, written

    def test_every_field_with_a_unit_is_tried(self) -> None:
        assert set(VALUES) == {name for name in NUMBERS if FEATURES[name].unit}

    @pytest.mark.parametrize(
        ("name", "typed", "number"),
        [
            ("ki67", "80 %", 80),
            ("ki67", "80%", 80),
            ("ki67", "80 percent", 80),
            ("bilirubin_uln", "1.5 ×ULN", 1.5),
            ("bilirubin_uln", "1.5 x ULN", 1.5),
            ("bilirubin_uln", "1.5*ULN", 1.5),
            ("creatinine_clearance", "45 mL/min", 45),
            ("creatinine_clearance", "45ml/min", 45),
            ("platinum_free_interval_months", "6 months", 6),
            ("platinum_free_interval_months", "6 mo.", 6),
            ("tmb", "12 mut/Mb", 12),
            ("anc", "1.5 x10^9/L", 1.5),
            ("anc", "1.5 10⁹/l", 1.5),
            ("platelets", "150 G/l", 150),
            ("platelets", "150 /nl", 150),
            ("platelets", "150 x10³/µL", 150),
            ("platelets", "150 ×10^3/uL", 150),
            ("proteinuria", "1.2 g/24h", 1.2),
            ("lvef", "55 %", 55),
            ("qtcf", "450 msec", 450),
        ],
    )
    def test_as_it_is_written_in_english(self, knowledge: Knowledge, name: str, typed: str, number: float) -> None:
        assert understood(knowledge, **{name: typed}).features[name] == number

    @pytest.mark.parametrize(
        ("name", "typed", "number"),
        [
            ("ki67", "80 Prozent", 80),
            ("ki67", "80,5 %", 80.5),
            ("bilirubin_uln", "1,5-fach", 1.5),
            ("bilirubin_uln", "1,5 × ULN", 1.5),
            ("creatinine_clearance", "45 ml/min", 45),
            ("platinum_free_interval_months", "6 Monate", 6),
            ("platinum_free_interval_months", "2,5 Mon.", 2.5),
            ("tmb", "12,5 Mut/Mb", 12.5),
            ("anc", "1,5 Gpt/l", 1.5),
            ("platelets", "150 Tsd./µl", 150),
            ("proteinuria", "1,2 g/Tag", 1.2),
        ],
    )
    def test_as_it_is_written_in_german(self, knowledge: Knowledge, name: str, typed: str, number: float) -> None:
        with translation.override("de"):
            assert understood(knowledge, **{name: typed}).features[name] == number

    @pytest.mark.parametrize(
        ("name", "typed", "number"),
        [
            ("ki67", "80 pour cent", 80),
            ("ki67", "80,5\u202f%", 80.5),
            ("bilirubin_uln", "1,5 × LSN", 1.5),
            ("bilirubin_uln", "1,5 N", 1.5),
            ("creatinine_clearance", "45 ml/min", 45),
            ("platinum_free_interval_months", "6 mois", 6),
            ("tmb", "12,5 mutations/Mb", 12.5),
            ("anc", "1,5 G/L", 1.5),
            ("proteinuria", "1,2 g/24 heures", 1.2),
            ("proteinuria", "1,2 g/j", 1.2),
            ("qtcf", "450 millisecondes", 450),
        ],
    )
    def test_as_it_is_written_in_french(self, knowledge: Knowledge, name: str, typed: str, number: float) -> None:
        with translation.override("fr"):
            assert understood(knowledge, **{name: typed}).features[name] == number

    @pytest.mark.parametrize(
        ("name", "typed", "number"),
        [
            ("ki67", "80 por ciento", 80),
            ("ki67", "80,5 %", 80.5),
            ("bilirubin_uln", "1,5 veces el LSN", 1.5),
            ("bilirubin_uln", "1,5 × límite superior de la normalidad", 1.5),
            ("creatinine_clearance", "45 ml/minuto", 45),
            ("platinum_free_interval_months", "6 meses", 6),
            ("tmb", "12,5 mutaciones/Mb", 12.5),
            ("platelets", "150 mil/µl", 150),
            ("proteinuria", "1,2 g/24 horas", 1.2),
            ("proteinuria", "1,2 g/día", 1.2),
            ("qtcf", "450 milisegundos", 450),
        ],
    )
    def test_as_it_is_written_in_spanish(self, knowledge: Knowledge, name: str, typed: str, number: float) -> None:
        with translation.override("es"):
            assert understood(knowledge, **{name: typed}).features[name] == number

    @pytest.mark.parametrize("name", NUMBERS)
    def test_a_leading_mark_is_read(self, knowledge: Knowledge, language: str, name: str) -> None:
        for typed in (".5", *([",5"] if language != "en-gb" else [])):
            form = filled(knowledge, **{name: typed})
            if FEATURES[name].kind == "number" and FEATURES[name].low <= 0.5:
                assert form.is_valid() and form.patient is not None and form.patient.features[name] == 0.5
            else:  # it is a number, and none that the field takes
                assert form.errors.as_data()[name][0].code == "out-of-range"

    @pytest.mark.parametrize(
        ("name", "typed"),
        [
            ("platinum_free_interval_months", "26 weeks"),
            ("platinum_free_interval_months", "2 years"),
            ("creatinine_clearance", "45 mL/min/1.73 m²"),
            ("creatinine_clearance", "1.1 mg/dL"),
            ("bilirubin_uln", "25 µmol/L"),
            ("ast_alt_uln", "120 U/L"),
            ("anc", "1500/µL"),
            ("platelets", "150000 /µl"),
            ("proteinuria", "300 mg/24 h"),
            ("tmb", "12 %"),
            ("qtcf", "0.45 s"),
        ],
    )
    def test_another_unit_is_refused_and_named(self, knowledge: Knowledge, name: str, typed: str) -> None:
        form = filled(knowledge, **{name: typed})
        assert list(errors(form)) == [name]
        assert form.errors.as_data()[name][0].code == "other-unit"
        assert form.errors[name][0].endswith(f"“{typed}” is written with another unit than {FEATURES[name].unit}.")
        assert form[name].value() == typed

    @pytest.mark.parametrize("name", [name for name in NUMBERS if not FEATURES[name].unit])
    def test_a_field_without_a_unit_takes_none(self, knowledge: Knowledge, name: str) -> None:
        form = filled(knowledge, **{name: "1 %"})
        assert form.errors.as_data()[name][0].code == "no-number"

    def test_a_unit_goes_along_when_the_language_changes(self, knowledge: Knowledge) -> None:
        with translation.override("de"):
            form = filled(knowledge, platinum_free_interval_months="2,5 Monate", decimal_mark=",")
            entered = dict(form.entered())
        assert form["platinum_free_interval_months"].value() == "2,5"
        form = PatientForm(entered, knowledge=knowledge)
        assert form.is_valid() and form["platinum_free_interval_months"].value() == "2.5"


class TestOtherUnits:
    """What is possible and looks like another unit: a warning beside the field, and no error."""

    @pytest.mark.parametrize(
        ("name", "typed", "other"),
        [
            ("ki67", "0.8", "a fraction; percent is asked for"),
            ("ki67", "1", "a fraction; percent is asked for"),
            ("creatinine_clearance", "1.1", "a serum creatinine; the clearance in mL/min is asked for"),
            ("platinum_free_interval_months", "26", "weeks; months are asked for"),
            ("tmb", "450", "a count of mutations; mutations per megabase are asked for"),
            ("bilirubin_uln", "25", "µmol/L; multiples of the upper limit are asked for"),
            ("ast_alt_uln", "80", "U/L; multiples of the upper limit are asked for"),
            ("anc", "60", "a percentage; 10⁹/L is asked for"),
            ("platelets", "1.5", "a count in 10⁵/µL; 10⁹/L is asked for"),
            ("lvef", "10", "another unit; percent is asked for"),
            ("proteinuria", "30", "mg/dL or mg/mmol; grams in 24 hours are asked for"),
        ],
    )
    def test_it_is_said_beside_the_field(self, knowledge: Knowledge, name: str, typed: str, other: str) -> None:
        form = filled(knowledge, **{name: typed})
        assert form.is_valid()
        assert form.notes[name].is_warning and form.notes[name].words == f"The number looks like {other}."
        page = markup(form)
        assert re.search(rf'id="id_{name}_note" class="field-note"><span class="is-warning">The number looks', page)

    @pytest.mark.parametrize(("name", "typed"), [("ki67", "0"), ("ki67", "2"), ("lvef", "15"), ("platelets", "5")])
    def test_an_ordinary_number_is_not_doubted(self, knowledge: Knowledge, name: str, typed: str) -> None:
        assert name not in filled(knowledge, **{name: typed}).notes

    def test_it_is_said_whatever_else_is_wrong(self, knowledge: Knowledge) -> None:
        form = filled(knowledge, ki67="0.8", ecog="7")
        assert list(errors(form)) == ["ecog"] and form.notes["ki67"].is_warning


class TestImplied:
    @pytest.mark.parametrize(
        ("values", "name", "beside", "in_line"),
        [
            (
                {"platinum_best_response": "PD"},
                "platinum_free_interval_months",
                "0 months (follows from progression on platinum)",
                "Platinum-free interval 0 months (follows from progression on platinum)",
            ),
            (
                {"kras_g12c": "positive"},
                "ras_mutation",
                "yes (follows from KRAS G12C positive)",
                "RAS mutation (follows from KRAS G12C positive)",
            ),
            (
                {"ras_mutation": "false"},
                "kras_g12c",
                "negative (follows from no RAS mutation)",
                "KRAS G12C negative (follows from no RAS mutation)",
            ),
            (
                {"child_pugh": "C"},
                "severe_hepatic_impairment",
                "yes (follows from the Child-Pugh class)",
                "Severe hepatic impairment (follows from the Child-Pugh class)",
            ),
            (
                {"child_pugh": "A"},
                "severe_hepatic_impairment",
                "no (follows from the Child-Pugh class)",
                "No severe hepatic impairment (follows from the Child-Pugh class)",
            ),
            (
                {"received": ["carboplatin-paclitaxel"]},
                "platinum_received",
                "yes (follows from the treatment received)",
                "Platinum received (follows from the treatment received)",
            ),
            (
                {"received": ["folfiri"], "progressed": ["folfiri"]},
                "progressed_on_drugs",
                "no progression on other drugs (follows from none being named)",
                "No progression on other drugs (follows from none being named)",
            ),
        ],
    )
    def test_it_is_said_beside_the_field_and_in_the_line_and_never_entered(
        self, knowledge: Knowledge, values: dict[str, Any], name: str, beside: str, in_line: str
    ) -> None:
        form = filled(knowledge, **values)
        assert form.is_valid() and form.patient is not None
        assert name in form.patient.implied and name not in form.patient.features
        place = {"platinum_received": "first_line_platinum", "progressed_on_drugs": "received"}.get(name, name)
        assert form.notes[place].words == beside and not form.notes[place].is_warning
        assert re.search(
            rf'id="id_{place}_note" class="field-note">\s*<span class="follows">{re.escape(beside)}', markup(form)
        )
        assert in_line in list(patient_details(form.patient, knowledge))
        assert name not in dict(form.entered())

    def test_nothing_else_was_received_where_one_line_was(self, knowledge: Knowledge) -> None:
        form = filled(knowledge, **PLATINUM, lines_received="1")
        assert form.notes["received"].words == "none (follows from one line received)"
        assert "received" not in filled(knowledge, **PLATINUM, lines_received="2").notes
        assert "received" not in filled(knowledge, **PLATINUM, lines_received="1", none_received="on").notes

    def test_what_was_entered_is_not_said_to_follow(self, knowledge: Knowledge) -> None:
        form = filled(knowledge, platinum_best_response="PD", platinum_free_interval_months="2")
        assert form.is_valid() and "platinum_free_interval_months" not in form.notes

    def test_the_sentence_counts_an_interval_that_was_entered_alone(self, knowledge: Knowledge) -> None:
        def sentence(**values: str) -> str:
            return "".join(words for words, _ in patient_sentence(understood(knowledge, **values)))

        assert sentence(platinum_best_response="PD").endswith("; progression on platinum: platinum-refractory.")
        given = sentence(platinum_best_response="PD", platinum_free_interval_months="2")
        assert "progressed after 2 months" in given

    def test_all_others_absent_is_no_answer_for_what_a_child_pugh_class_says(self, knowledge: Knowledge) -> None:
        patient = understood(knowledge, child_pugh="C", others_absent="on")
        assert patient.implied["severe_hepatic_impairment"] is True
        assert sum(patient.features.get(name) is False for name in CONDITIONS) == len(CONDITIONS) - 1

    def test_kras_g12c_goes_with_all_others_absent(self, knowledge: Knowledge) -> None:
        patient = understood(knowledge, kras_g12c="positive", others_absent="on")
        assert patient.values["ras_mutation"] is True


class TestContradictions:
    @pytest.mark.parametrize(
        ("values", "fields", "said"),
        [
            (
                {"platinum_best_response": "PD", "platinum_free_interval_months": "7"},
                {"platinum_best_response", "platinum_free_interval_months"},
                "With progression as best response the platinum-free interval is below 3 months; 7 contradicts it.",
            ),
            (
                {"first_line_platinum": "not-given", "platinum_best_response": "PR"},
                {"first_line_platinum", "platinum_best_response"},
                "First-line platinum: “No platinum” contradicts a best response to it.",
            ),
            (
                {"first_line_platinum": "not-given", "platinum_free_interval_months": "2"},
                {"first_line_platinum", "platinum_free_interval_months"},
                "First-line platinum: “No platinum” contradicts a platinum-free interval.",
            ),
            *(
                (
                    {"first_line_platinum": "not-given", field: [slug]},
                    {"first_line_platinum", "received"},
                    "First-line platinum: “No platinum” contradicts the treatments ticked that hold platinum.",
                )
                for field, slug in (
                    ("received", "etoposide-platinum"),
                    ("progressed", "carboplatin-paclitaxel"),
                    ("received_drugs", "cisplatin"),
                    ("progressed_drugs", "carboplatin"),
                )
            ),
            *(
                (
                    {"lines_received": "0", field: [slug]},
                    {"lines_received", "received"},
                    "Lines received is 0, which contradicts the treatments received.",
                )
                for field, slug in (
                    ("received", "folfiri"),
                    ("progressed", "folfiri"),
                    ("received_drugs", "olaparib"),
                    ("progressed_drugs", "olaparib"),
                )
            ),
            (
                {"histology": "small-cell", "differentiation": "well"},
                {"histology", "differentiation"},
                "Histology “Small cell” contradicts differentiation “Well”: it is poorly differentiated.",
            ),
            (
                {"histology": "minen", "differentiation": "well"},
                {"histology", "differentiation"},
                "Histology “MiNEN” contradicts differentiation “Well”: it is poorly differentiated.",
            ),
            (
                {"kras_g12c": "positive", "ras_mutation": "false"},
                {"kras_g12c", "ras_mutation"},
                "KRAS G12C “Positive” contradicts RAS mutation “No”: it is one.",
            ),
            *(
                (
                    {"child_pugh": grade, "conditions": ["severe_hepatic_impairment"]},
                    {"child_pugh", "conditions"},
                    f"Child-Pugh class {grade} contradicts “Severe hepatic impairment”, which is class C.",
                )
                for grade in "AB"
            ),
            (
                {"primary_site": "pancreas", "gynaecological_site": "cervix"},
                {"primary_site", "gynaecological_site"},
                "Gynaecological site “Cervix” contradicts primary site “Pancreas”.",
            ),
        ],
    )
    def test_it_names_both_and_stands_at_both(
        self, knowledge: Knowledge, values: dict[str, Any], fields: set[str], said: str
    ) -> None:
        form = filled(knowledge, **values)
        assert errors(form) == {field: [said] for field in fields}
        page = markup(form)
        for field in fields:
            assert re.search(rf'id="id_{field}_error" class="field-error">\s*<span>', page), field
        assert dict(form.entered()) == {"decimal_mark": ".", "region": "US"} | {
            name: value[0] if isinstance(value, list) else value for name, value in values.items()
        }
        assert len(form.distinct_errors()) == 1

    def test_all_of_them_are_said_beside_a_number_out_of_range(self, knowledge: Knowledge) -> None:
        form = filled(
            knowledge,
            ki67="180",
            histology="minen",
            differentiation="well",
            first_line_platinum="not-given",
            platinum_best_response="PD",
            platinum_free_interval_months="7",
        )
        found = errors(form)
        assert {"ki67", "histology", "differentiation", "first_line_platinum"} <= found.keys()
        assert len(found["platinum_free_interval_months"]) == 2

    @pytest.mark.parametrize("slug", ["folfri", "olaparib"])
    def test_an_unknown_regimen_names_the_nearest(self, knowledge: Knowledge, slug: str) -> None:
        found = errors(filled(knowledge, received=[slug]))
        assert found["received"][0].startswith(f"This release knows no treatment called “{slug}”.")
        assert ("Did you mean FOLFIRI?" in found["received"][0]) is (slug == "folfri")

    def test_an_unknown_drug_is_found_by_its_synonym(self, knowledge: Knowledge) -> None:
        found = errors(filled(knowledge, received_drugs=["lynparza"]))
        assert found == {
            "received_drugs": ["This release knows no treatment called “lynparza”. Did you mean Olaparib?"]
        }


class TestTreatments:
    """Bug synonyms: CPT-11, nal-IRI, Onivyde, 5-FU and Opdivo found nothing."""

    @pytest.mark.parametrize(
        ("search", "regimen", "drug"),
        [
            ("CPT-11", "FOLFIRI", "Irinotecan"),
            ("CPT 11", "FOLFIRI", "Irinotecan"),
            ("nal-IRI", "Liposomal irinotecan with fluorouracil", "Liposomal irinotecan"),
            ("Onivyde", "NALIRIFOX", "Liposomal irinotecan"),
            ("5-FU", "FOLFOX", "Fluorouracil"),
            ("Opdivo", "Nivolumab with ipilimumab", "Nivolumab"),
            ("opdivo yervoy", "Nivolumab with ipilimumab", None),
            ("CAPOX", "XELOX (CAPOX)", None),
            ("Lynparza", None, "Olaparib"),
            ("Tevimbra", "Platinum-etoposide with tislelizumab", "Tislelizumab"),
            ("carboplatin paclitaxel", "Carboplatin and paclitaxel", None),
            ("PRRT", "PRRT with lutetium (177Lu) oxodotreotide", "Lutetium (177Lu) oxodotreotide"),
        ],
    )
    def test_it_is_found_by_synonym_and_brand(
        self, knowledge: Knowledge, search: str, regimen: str | None, drug: str | None
    ) -> None:
        choice = offered(knowledge)
        regimens, drugs = found(choice.regimens, search), found(choice.drugs, search)
        assert regimen in regimens if regimen else regimens == set()
        assert drug in drugs if drug else drugs == set()

    def test_every_name_of_every_drug_finds_it_and_the_regimens_with_it(self, knowledge: Knowledge) -> None:
        choice = offered(knowledge)
        regimens, drugs = ({each.slug: each for each in part} for part in (choice.regimens, choice.drugs))
        assert set(drugs) == set(knowledge.drugs)
        for slug, drug in knowledge.drugs.items():
            for name in (drug.name, *drug.synonyms):
                assert plain(name) in drugs[slug].words
                for regimen in knowledge.regimens.values():
                    if slug in regimen.all_drugs and regimen.slug in regimens:
                        assert plain(name) in regimens[regimen.slug].words

    @pytest.mark.parametrize(
        ("values", "features"),
        [
            ({"received": ["carboplatin-paclitaxel"]}, {"prior_regimens": {"carboplatin-paclitaxel"}}),
            ({"received": ["tislelizumab"]}, {"prior_regimens": {"tislelizumab"}}),
            ({"received_drugs": ["tislelizumab"]}, {"prior_drugs": {"tislelizumab"}}),
            ({"received_drugs": ["olaparib"]}, {"prior_drugs": {"olaparib"}}),
            (
                {"progressed_drugs": ["olaparib"]},
                {"prior_drugs": {"olaparib"}, "progressed_on_drugs": {"olaparib"}},
            ),
            (
                {"received_drugs": ["olaparib"], "none_progressed": "on"},
                {"prior_drugs": {"olaparib"}, "progressed_on_drugs": set()},
            ),
            # a column is answered as a whole
            (
                {"received": ["folfiri"], "received_drugs": ["olaparib"], "progressed": ["folfiri"]},
                {
                    "prior_regimens": {"folfiri"},
                    "progressed_on": {"folfiri"},
                    "prior_drugs": {"olaparib"},
                    "progressed_on_drugs": set(),
                },
            ),
            # a drug beside the platinum: the list is answered
            (
                PLATINUM | {"received_drugs": ["olaparib"]},
                {"prior_regimens": {"etoposide-platinum"}, "prior_drugs": {"olaparib"}},
            ),
            (PLATINUM | {"none_received": "on"}, {"prior_regimens": {"etoposide-platinum"}, "prior_drugs": set()}),
            # a platinum whose regimen nobody knows is no empty set
            ({"first_line_platinum": "given", "none_received": "on"}, {}),
            ({"first_line_platinum": "given", "received_drugs": ["olaparib"]}, {"prior_drugs": {"olaparib"}}),
            # of one treatment with platinum it is known on which the disease progressed
            (
                {"received_drugs": ["carboplatin"], "platinum_best_response": "PD"},
                {"prior_drugs": {"carboplatin"}, "progressed_on_drugs": {"carboplatin"}},
            ),
            # and where something else was received, that says nothing of it
            (
                {"received_drugs": ["carboplatin", "olaparib"], "platinum_best_response": "PD"},
                {"prior_drugs": {"carboplatin", "olaparib"}},
            ),
            (
                PLATINUM | {"received": ["platinum-rechallenge"], "platinum_free_interval_months": "1"},
                {"prior_regimens": {"etoposide-platinum", "platinum-rechallenge"}},
            ),
        ],
    )
    def test_what_is_ticked_is_what_is_known(
        self, knowledge: Knowledge, values: dict[str, Any], features: dict[str, Any]
    ) -> None:
        found = understood(knowledge, **values).features
        sets = ("prior_regimens", "progressed_on", "prior_drugs", "progressed_on_drugs")
        assert {name: found[name] for name in sets if name in found} == features

    def test_what_is_ticked_is_in_the_page_and_is_summed_up(self, knowledge: Knowledge) -> None:
        form = filled(
            knowledge, received=["folfiri", "tislelizumab"], progressed=["folfiri"], received_drugs=["olaparib"]
        )
        regimens, drugs = form.ticked_treatments
        assert [row.treatment.slug for row in regimens] == ["folfiri", "tislelizumab"]
        assert [row.treatment.slug for row in drugs] == ["olaparib"]
        assert form.received_summary.words == "FOLFIRI (progressed), Tislelizumab, Olaparib"
        assert filled(knowledge, none_received="on").received_summary.words == "none"
        assert filled(knowledge).received_summary.is_unknown

    def test_none_contradicts_a_tick_of_a_drug(self, knowledge: Knowledge) -> None:
        assert errors(filled(knowledge, none_received="on", received_drugs=["olaparib"])) == {
            "received": ["“No others” is ticked, and so are regimens or drugs: Olaparib."]
        }
        assert errors(filled(knowledge, none_progressed="on", progressed_drugs=["olaparib"])) == {
            "received": ["“Progressed on none of them” contradicts: Olaparib."]
        }

    def test_what_was_received_is_said_in_the_line(self, knowledge: Knowledge) -> None:
        patient = understood(
            knowledge,
            **PLATINUM,
            received=["folfiri"],
            progressed=["folfiri"],
            received_drugs=["olaparib", "tislelizumab"],
        )
        details = list(patient_details(patient, knowledge))
        assert details[0] == "Received: Etoposide with cisplatin or carboplatin, FOLFIRI (progressed)"
        assert details[1] == "Drugs received outside of these: Olaparib, Tislelizumab"


class TestSites:
    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"primary_site": "ampulla"}, "Ampullary NEC"),
            ({"primary_site": "oesophagogastric-junction"}, "NEC of the oesophagogastric junction"),
            ({"primary_site": "gynaecological"}, "Gynaecological NEC"),
            ({"primary_site": "gynaecological", "gynaecological_site": "cervix"}, "Cervical NEC"),
            ({"primary_site": "gynaecological", "gynaecological_site": "ovary"}, "Ovarian NEC"),
            ({"primary_site": "gynaecological", "gynaecological_site": "endometrium"}, "Endometrial NEC"),
            ({"primary_site": "gynaecological", "gynaecological_site": "other"}, "Gynaecological NEC"),
            ({"gynaecological_site": "cervix"}, "Cervical NEC"),
        ],
    )
    def test_the_tumour_is_called_by_its_site(self, knowledge: Knowledge, values: dict[str, str], said: str) -> None:
        patient = understood(knowledge, **values)
        assert next(patient_sentence(patient)) == (said, True)
        if values.get("gynaecological_site") == "other":
            assert "Gynaecological site another gynaecological site" in list(patient_details(patient, knowledge))

    def test_every_site_has_its_words(self, knowledge: Knowledge) -> None:
        said = {
            next(patient_sentence(understood(knowledge, primary_site=site)))[0]
            for site in FEATURES["primary_site"].values
        }
        assert len(said) == len(FEATURES["primary_site"].values)


class TestFolding:
    def folds(self, form: PatientForm) -> dict[str, tuple[bool, str]]:
        pattern = (
            r'<details class="folded" id="folded-\w+"( open)?><summary>(.*?)<span class="fold-count"[^>]*>(.*?)</span>'
        )
        found = re.findall(pattern, markup(form))
        return {title.strip(): (bool(is_open), count) for is_open, title, count in found}

    def test_at_the_beginning_all_but_eight_facts_is_behind_one_summary(self, knowledge: Knowledge) -> None:
        page = markup(PatientForm(knowledge=knowledge))
        assert self.folds(PatientForm(knowledge=knowledge)) == {
            "Add other treatment, markers and conditions": (False, "none entered")
        }
        before = page[: page.index('id="folded-more"')]
        asked = set(re.findall(r' name="(\w+)"', before))
        assert asked == {*FIRST_FACTS, "start", "gynaecological_site"}

    @pytest.mark.parametrize(
        ("values", "count"),
        [
            ({"lvef": "55"}, "1 entered"),
            ({"lvef": "55", "dpd": "partial"}, "2 entered"),
            ({"lvef": "3"}, "1 entered"),
            ({"creatinine_clearance": "1.1"}, "1 entered"),
        ],
    )
    def test_it_opens_where_something_is_entered_or_wrong(
        self, knowledge: Knowledge, values: dict[str, str], count: str
    ) -> None:
        assert self.folds(filled(knowledge, **values))["Organ function, 12 values"] == (True, count)
        assert self.folds(filled(knowledge, ecog="1"))["Organ function, 12 values"] == (False, "none entered")

    @pytest.mark.parametrize("values", [{"msi": "high"}, {"lvef": "3"}, {"received_typed": "folfri"}])
    def test_at_the_beginning_it_opens_where_something_is_entered_or_wrong(
        self, knowledge: Knowledge, values: dict[str, str]
    ) -> None:
        form = filled(knowledge, start="yes", region="", **values)
        assert self.folds(form)["Add other treatment, markers and conditions"][0]

    def test_what_no_criterion_names_stands_last_and_can_be_entered(self) -> None:
        document = shipped_document()
        quiet = published({**document, **_without({"mgmt_methylated", "warfarin", "rapid_progression"}, document)})
        form = filled(quiet)
        assert list(self.folds(form)) == ["Organ function, 12 values", "Of no consequence in this release"]
        assert [group.title for group in form.condition_groups()][-1] == "Of no consequence in this release"
        assert [row.name for row in list(form.condition_groups())[-1].rows] == ["warfarin"]
        page = markup(form)
        last = page.rindex("Of no consequence in this release")
        for name in ("mgmt_methylated", "rapid_progression"):
            assert page.index(f'id="id_{name}"') > last
        patient = understood(quiet, rapid_progression="true", conditions=["warfarin"])
        assert patient.features["rapid_progression"] is True and patient.features["warfarin"] is True
        at_first = markup(PatientForm(knowledge=quiet))
        assert at_first.index('id="id_mgmt_methylated"') > at_first.rindex("Of no consequence in this release")

    @pytest.mark.parametrize("kind", ["beginning", "sections"])
    def test_every_field_is_there_once(self, knowledge: Knowledge, kind: str) -> None:
        page = markup(PatientForm(knowledge=knowledge) if kind == "beginning" else filled(knowledge))
        page = re.sub(r"<template.*?</template>", "", page)
        for name in (*SINGLE, "conditions", "preference", "evidence", "received_typed", "progressed_typed"):
            controls = re.findall(rf'<(?:input|select)[^>]* name="{name}"', page)
            many = {
                "conditions": len(CONDITIONS),
                "ecog": 6,
                "region": 5,
                "preference": len(PREFERENCES),
                "evidence": 2,
            }
            assert len(controls) == many.get(name, 1), name
        assert not re.search("[\ue000\ue001]", page)


class TestSections:
    """What is settled folds to what was answered; what is wrong or doubtful is open."""

    def said(self, form: PatientForm, name: str) -> tuple[str, str]:
        found = summary(form, name)
        return found.known, found.unknown

    def test_a_section_says_what_was_answered(self, knowledge: Knowledge) -> None:
        form = filled(knowledge, **colorectal(histology="large-cell", ki67="75", region="EU"))
        assert self.said(form, "tumour") == ("Colon or rectum, large cell, poor, Ki-67 75\xa0%.", "")
        assert self.said(form, "treatment") == (
            "Etoposide with cisplatin or carboplatin, partial response to platinum, progressed after 2 months, 1 line.",
            "",
        )
        assert self.said(form, "markers") == ("", "None known: MSI / MMR, TMB, BRAF V600E and 10 more.")
        known, unknown = self.said(form, "patient")
        assert known == "ECOG 1." and unknown.startswith("Not known: ") and "25 conditions" in unknown
        assert self.said(form, "place") == (
            "European Union. What matters more: balanced. Evidence that counts: all, by how far it applies.",
            "",
        )

    def test_nothing_known_is_said_as_such(self, knowledge: Knowledge) -> None:
        form = filled(knowledge)
        assert self.said(form, "tumour")[1] == "None known: primary site, histology, differentiation, Ki-67."
        assert self.said(form, "treatment")[1].startswith("None known: first-line platinum, ")

    def test_what_follows_is_not_called_unknown(self, knowledge: Knowledge) -> None:
        assert "KRAS" not in self.said(filled(knowledge, ras_mutation="false"), "markers")[1]
        form = filled(knowledge, **PLATINUM, platinum_best_response="PD")
        assert "interval" not in self.said(form, "treatment")[1]

    def test_what_is_wrong_is_neither_known_nor_unknown(self, knowledge: Knowledge) -> None:
        form = filled(knowledge, primary_site="anal", histology="nos", differentiation="poor", ki67="750")
        assert self.said(form, "tumour") == ("Anal canal, not specified, poor.", "")

    def test_an_absent_list_of_conditions_is_known(self, knowledge: Knowledge) -> None:
        known, unknown = self.said(filled(knowledge, ecog="1", others_absent="on"), "patient")
        assert known == "ECOG 1, no condition that matters." and "condition" not in unknown
        known, _unknown = self.said(filled(knowledge, conditions=["ild"], others_absent="on"), "patient")
        assert known == "Interstitial lung disease, no other condition."

    def test_other_treatment_is_named(self, knowledge: Knowledge) -> None:
        form = filled(knowledge, received=["folfiri"], progressed=["folfiri"])
        assert "other treatment: FOLFIRI (progressed)" in self.said(form, "treatment")[0].lower().replace(
            "folfiri", "FOLFIRI"
        )
        assert "other treatment: none" in self.said(filled(knowledge, none_received="on"), "treatment")[0].lower()

    @pytest.mark.parametrize(
        ("values", "opened"),
        [
            ({}, set()),
            (colorectal(), set()),
            ({"ki67": "750"}, {"tumour"}),
            ({"ki67": "0.8"}, {"tumour"}),
            ({"region": ""}, {"place"}),
            ({"received": ["folfri"]}, {"treatment"}),
            ({"received_typed": "folfri"}, {"treatment"}),
            ({"creatinine_clearance": "1.1"}, {"patient"}),
            ({"kras_g12c": "positive", "ras_mutation": "false"}, {"markers"}),
            ({"kras_g12c": "positive"}, set()),  # what follows is nothing to look at
            ({"child_pugh": "A", "conditions": ["severe_hepatic_impairment"]}, {"patient"}),
        ],
    )
    def test_what_is_to_be_looked_at_is_open(
        self, knowledge: Knowledge, values: dict[str, Any], opened: set[str]
    ) -> None:
        page = markup(filled(knowledge, **values))
        assert set(re.findall(r'<details class="form-section" id="section-(\w+)" open', page)) == opened
        assert len(re.findall(r'<details class="form-section"', page)) == len(SECTIONS)

    def test_an_answer_renews_what_they_say(self, knowledge: Knowledge) -> None:
        renewed = {element: words for element, _class, words in filled(knowledge, msi="high").out_of_band()}
        assert renewed["summary-markers"].startswith("MSI / MMR MSI-high or dMMR.")
        assert {f"summary-{name}" for name in SECTIONS} <= renewed.keys()
        page = markup(filled(knowledge))
        assert all(page.count(f'id="{element}"') == 1 for element in renewed)

    def test_markup_in_what_was_typed_is_shown_as_text(self, knowledge: Knowledge) -> None:
        form = filled(knowledge, ki67="<b>", received_typed="<b>", bilirubin_measured='"><b>')
        assert "<b>" not in markup(form)


class TestRegion:
    def test_nothing_is_ranked_for_a_region_that_nobody_chose(self, knowledge: Knowledge) -> None:
        form = filled(knowledge, **colorectal(region=""))
        assert errors(form) == {
            "region": ["Choose a region: licences and trials differ, and nothing is ranked before."]
        }
        assert form.understood is not None and form.understood.primary_site == "colorectal"

    def test_an_unknown_one_is_refused_once(self, knowledge: Knowledge) -> None:
        assert len(errors(filled(knowledge, region="XX"))["region"]) == 1

    def test_one_that_was_remembered_is_chosen_beforehand_and_counts_once_it_is_sent(
        self, knowledge: Knowledge
    ) -> None:
        page = markup(PatientForm(knowledge=knowledge, region="JP"))
        assert re.search(r'name="region" value="JP" id="id_region_JP" checked', page)
        assert "region" in errors(PatientForm(sent({"region": ""}), knowledge=knowledge, region="JP"))


class TestConversions:
    """Bilirubin and transaminases as the laboratory reports them, with its own upper limit."""

    @pytest.mark.parametrize(
        ("measured", "limit", "ratio", "said"),
        [
            ("25", "21", 1.19, "25 µmol/L of 21 µmol/L is 1.19 × ULN."),
            ("25 µmol/L", "21", 1.19, "25 µmol/L of 21 µmol/L is 1.19 × ULN."),
            ("1.5", "1.2", 1.25, "1.5 mg/dL of 1.2 mg/dL is 1.25 × ULN."),
            ("1.5 mg/dl", "1.2 MG/DL", 1.25, "1.5 mg/dL of 1.2 mg/dL is 1.25 × ULN."),
            ("1.5 mg/dL", "20.52 umol/l", 1.25, "1.5 mg/dL of 20.52 µmol/L is 1.25 × ULN."),
            ("34.2 µmol/L", "1 mg/dL", 2, "34.2 µmol/L of 1 mg/dL is 2 × ULN."),
        ],
    )
    def test_the_multiple_is_computed_and_said(
        self, knowledge: Knowledge, measured: str, limit: str, ratio: float, said: str
    ) -> None:
        form = filled(knowledge, bilirubin_measured=measured, bilirubin_limit=limit)
        assert form.is_valid() and form.patient is not None, form.errors
        assert form.patient.features["bilirubin_uln"] == ratio
        assert form.notes["bilirubin_uln"].words == said and not form.notes["bilirubin_uln"].is_warning
        assert 'name="bilirubin_measured" id="id_bilirubin_measured"' in markup(form)

    def test_transaminases_too(self, knowledge: Knowledge) -> None:
        assert understood(knowledge, ast_alt_measured="120", ast_alt_limit="40").features["ast_alt_uln"] == 3
        values = {"ast_alt_measured": "2 µkat/L", "ast_alt_limit": "0.5"}
        assert understood(knowledge, **values).features["ast_alt_uln"] == 4

    def test_it_is_read_as_the_language_writes_numbers(self, knowledge: Knowledge) -> None:
        with translation.override("de"):
            form = filled(knowledge, bilirubin_measured="1,5 mg/dL", bilirubin_limit="1,2", decimal_mark=",")
            assert form.is_valid() and form.patient is not None and form.patient.features["bilirubin_uln"] == 1.25
            entered = dict(form.entered())
        again = PatientForm(entered, knowledge=knowledge)
        assert again.is_valid() and again.patient == form.patient
        assert entered["bilirubin_measured"] == "1,5 mg/dL" and again["bilirubin_measured"].value() == "1.5 mg/dL"

    @pytest.mark.parametrize(
        ("measured", "limit", "said"),
        [
            ("25", "5", "An upper limit of 5 is not usual: laboratories print 10 to 40 µmol/L or 0.5 to 2.5 mg/dL."),
            ("25 µmol/L", "1.2", "An upper limit of 1.2 is not usual"),
            ("25", "0", "“0” is not above 0."),
            ("x", "21", "“x” is not a number in µmol/L or mg/dL."),
            ("25 mmol", "21", "“25 mmol” is not a number in µmol/L or mg/dL."),
            ("2000", "20", "2000 of 20 is 100 × ULN, which is above 50."),
        ],
    )
    def test_what_cannot_be_read_or_is_not_plausible_is_refused_at_the_field(
        self, knowledge: Knowledge, measured: str, limit: str, said: str
    ) -> None:
        found = errors(filled(knowledge, bilirubin_measured=measured, bilirubin_limit=limit))
        assert list(found) == ["bilirubin_uln"] and found["bilirubin_uln"][0].startswith(said)

    def test_half_of_it_is_not_used_and_says_so(self, knowledge: Knowledge) -> None:
        form = filled(knowledge, bilirubin_measured="25")
        assert form.is_valid() and form.patient is not None and "bilirubin_uln" not in form.patient.features
        assert form.notes["bilirubin_uln"].is_warning and form.notes["bilirubin_uln"].words.startswith("25 is not used")

    def test_both_ways_have_to_agree(self, knowledge: Knowledge) -> None:
        values = {"bilirubin_measured": "25", "bilirubin_limit": "21"}
        assert understood(knowledge, bilirubin_uln="1.2", **values).features["bilirubin_uln"] == 1.2
        found = errors(filled(knowledge, bilirubin_uln="2", **values))
        assert found == {
            "bilirubin_uln": ["25 µmol/L of 21 µmol/L is 1.19 × ULN. 2 × ULN, which is entered too, contradicts that."]
        }


class TestTypedNames:
    """Without a script treatments are named, by every name that they go by."""

    @pytest.mark.parametrize(
        ("typed", "regimens", "drugs"),
        [
            ("carboplatin-paclitaxel; XELOX", ["carboplatin-paclitaxel", "xelox"], []),
            ("capox", ["xelox"], []),
            ("Opdivo, Yervoy", [], ["nivolumab", "ipilimumab"]),
            ("CPT-11\n5-FU", [], ["irinotecan", "fluorouracil"]),
            ("Paclitaxel + carboplatin", ["carboplatin-paclitaxel"], []),
            ("Carboplatin, etoposide and vincristine", ["carboplatin-etoposide-vincristine"], []),
            ("tislelizumab", ["tislelizumab"], []),
            ("S-1;;", [], ["tegafur-gimeracil-oteracil"]),
        ],
    )
    def test_they_become_ticks(self, knowledge: Knowledge, typed: str, regimens: list[str], drugs: list[str]) -> None:
        form = filled(knowledge, received_typed=typed)
        assert form.is_valid(), form.errors
        entered = [pair for pair in form.entered() if pair[0] not in ("decimal_mark", "region")]
        assert entered == [*(("received", slug) for slug in regimens), *(("received_drugs", slug) for slug in drugs)]

    def test_every_name_of_the_release_is_understood_as_what_bears_it(self, knowledge: Knowledge) -> None:
        choice = offered(knowledge)
        for each in choice.regimens:
            assert named(each.name, knowledge).regimens == (each.slug,)
        for each in choice.drugs:
            for name in (each.name, *knowledge.drugs[each.slug].synonyms):
                meant = named(name, knowledge)
                alone = [knowledge.regimens[slug].all_drugs for slug in meant.regimens]
                assert meant.unknown == () and (meant.drugs == (each.slug,) or alone == [{each.slug}]), name

    def test_which_regimen_two_drugs_were_is_not_guessed(self, knowledge: Knowledge) -> None:
        found = errors(filled(knowledge, received_typed="etoposide and carboplatin"))
        assert list(found) == ["received_typed"]

    def test_those_on_which_it_progressed_have_a_field_of_their_own(self, knowledge: Knowledge) -> None:
        patient = understood(knowledge, received_typed="olaparib", progressed_typed="FOLFIRI")
        assert patient.prior_regimens == patient.progressed_on == {"folfiri"} and patient.prior_drugs == {"olaparib"}

    def test_a_name_that_nothing_bears_names_the_nearest_and_stays_typed(self, knowledge: Knowledge) -> None:
        form = filled(knowledge, received_typed="FOLFIRI; folfoxx", progressed_typed="qwertz")
        assert errors(form) == {
            "received_typed": ["This release knows no treatment called “folfoxx”. Did you mean FOLFOX?"],
            "progressed_typed": ["This release knows no treatment called “qwertz”."],
        }
        assert form["received_typed"].value() == "folfoxx"
        assert [row.treatment.slug for row in form.ticked_treatments[0]] == ["folfiri"]

    def test_a_plain_mapping_is_read_as_well(self, knowledge: Knowledge) -> None:
        form = PatientForm({"region": "US", "received_typed": "capox"}, knowledge=knowledge)
        assert form.is_valid() and form.patient is not None and form.patient.prior_regimens == {"xelox"}


class TestDefinitions:
    @pytest.mark.parametrize("name", ["dll3", "rb1_loss", "mgmt_methylated", "tmb", "platinum_free_interval_months"])
    def test_what_is_meant_stands_at_the_field_behind_a_summary(self, knowledge: Knowledge, name: str) -> None:
        page = markup(filled(knowledge))
        field = page[page.index(f'id="div_id_{name}"') : page.index(f'id="id_{name}_error"')]
        assert '<details class="definition"><summary aria-label="' in field
        assert str(DEFINITIONS[name]) in html.unescape(field)

    def test_each_is_of_a_field(self) -> None:
        assert set(DEFINITIONS) <= set(SINGLE)

    def test_a_clearance_is_not_computed_and_the_page_says_why(self, knowledge: Knowledge) -> None:
        assert "not computed here from creatinine and age" in markup(filled(knowledge))


class TestCost:
    """The form was 212 KB and 20 ms on every page."""

    @pytest.mark.parametrize("values", [{}, colorectal(), colorectal(received=["folfiri"], conditions=["ild"])])
    def test_it_is_small(self, knowledge: Knowledge, language: str, values: dict[str, Any]) -> None:
        assert len(markup(filled(knowledge, **values)).encode()) < 46_000

    def test_it_is_laid_out_once_and_filled_in_after_that(
        self, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for values in ({}, {"start": "yes", "region": ""}):
            markup(filled(knowledge, **values))
        monkeypatch.setattr("regimens.pages.form_markup.render_crispy_form", None)
        assert 'name="ki67" value="80"' in markup(filled(knowledge, ki67="80"))
        assert 'value="80"' not in markup(filled(knowledge))
        assert 'id="folded-more"' in markup(filled(knowledge, start="yes", region=""))


def _without(features: set[str], document: dict[str, Any]) -> dict[str, Any]:
    """The lists of a document with another feature wherever a criterion named one of these."""

    def quiet(part: Any) -> Any:
        if isinstance(part, list):
            return [quiet(each) for each in part]
        if isinstance(part, dict):
            if part.get("feature") in features:
                return {"feature": "ecog", "at_least": 4}
            return {key: quiet(value) for key, value in part.items()}
        return part

    return {name: quiet(document[name]) for name in ("drugs", "regimens", "licences", "indications", "publications")}


class TestKnown:
    def test_all_others_absent_makes_every_condition_known(self, knowledge: Knowledge) -> None:
        form = filled(knowledge, conditions=["transplant"], others_absent="on")
        assert form.is_valid() and form.patient is not None
        assert {name: form.patient.values[name] for name in CONDITIONS} == {
            name: name == "transplant" for name in CONDITIONS
        }

    def test_what_is_not_ticked_stays_unknown_without_it(self, knowledge: Knowledge) -> None:
        form = filled(knowledge, conditions=["transplant"])
        assert form.is_valid() and form.patient is not None
        assert [name for name in CONDITIONS if form.patient.knows(name)] == ["transplant"]

    def test_an_empty_form_knows_nothing(self, knowledge: Knowledge) -> None:
        form = filled(knowledge)
        assert form.is_valid() and form.patient is not None
        assert dict(form.patient.features) == {"region": "US"}

    def test_regimens_are_known_only_when_all_of_them_are_said(self, knowledge: Knowledge) -> None:
        platinum = {"first_line_platinum": "etoposide-platinum"}
        for values, known in (
            (platinum, False),
            (platinum | {"lines_received": "2"}, False),
            (platinum | {"lines_received": "1"}, True),
            (platinum | {"none_received": "on"}, True),
            (platinum | {"received": ["folfiri"]}, True),
            ({"none_received": "on"}, False),
            ({"first_line_platinum": "not-given", "none_received": "on"}, True),
        ):
            form = filled(knowledge, **values)
            assert form.is_valid() and form.patient is not None, form.errors
            assert form.patient.knows("prior_regimens") is known, values

    @pytest.mark.parametrize(
        ("values", "progressed"),
        [
            # nothing said of how FOLFIRI went: not known
            ({"received": ["folfiri"], "platinum_free_interval_months": "8"}, None),
            ({"received": ["folfiri"], "platinum_free_interval_months": "8", "none_progressed": "on"}, set()),
            ({"received": ["folfiri"], "progressed": ["folfiri"]}, {"folfiri"}),
            # platinum failed: of the regimens that hold it, the only one is meant
            ({"none_received": "on", "platinum_best_response": "PD"}, {"etoposide-platinum"}),
            ({"platinum_best_response": "PD"}, {"etoposide-platinum"}),
            (
                {"first_line_platinum": "given", "received": ["platinum-rechallenge"], "platinum_best_response": "PD"},
                {"platinum-rechallenge"},
            ),
            # that says nothing of what else was received: not known, and not that FOLFIRI did not fail
            ({"received": ["folfiri"], "platinum_best_response": "PD"}, None),
            ({"received_drugs": ["irinotecan"], "platinum_best_response": "PD"}, None),
            (
                {"first_line_platinum": "given", "received": ["folfiri", "platinum-rechallenge"]}
                | {"platinum_best_response": "PD"},
                None,
            ),
            (
                {"received": ["folfiri"], "none_progressed": "on", "platinum_best_response": "PD"},
                {"etoposide-platinum"},
            ),
            # which of two is not said: not known, and not none
            (
                {"first_line_platinum": "given", "received": ["etoposide-platinum", "irinotecan-platinum"]}
                | {"platinum_best_response": "PD"},
                None,
            ),
            ({"first_line_platinum": "given", "platinum_best_response": "PD"}, None),
        ],
    )
    def test_progression_is_known_only_as_far_as_it_was_said(
        self, knowledge: Knowledge, values: dict[str, Any], progressed: set[str] | None
    ) -> None:
        form = filled(knowledge, **PLATINUM | values)
        assert form.is_valid() and form.patient is not None, form.errors
        assert (form.patient.progressed_on if form.patient.knows("progressed_on") else None) == progressed

    def test_progression_on_platinum_follows_from_response_and_interval(self, knowledge: Knowledge) -> None:
        for values, expected in (
            ({"platinum_best_response": "PD"}, {"etoposide-platinum"}),
            ({"platinum_free_interval_months": "2.9"}, {"etoposide-platinum"}),
            ({"platinum_free_interval_months": "3"}, set()),
        ):
            given = {"first_line_platinum": "etoposide-platinum", "lines_received": "1", **values}
            form = filled(knowledge, **given)
            assert form.is_valid() and form.patient is not None, form.errors
            assert form.patient.progressed_on == expected


@pytest.mark.django_db
class TestPage:
    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("ki67", "180", "Ki-67 is a percentage from 0 to 100. 180 is not."),
            ("ki67", "-1", "Ki-67 is a percentage from 0 to 100. -1 is not."),
            ("ki67", "nan", "“nan” is not a number"),
            ("ecog", "nan", "ECOG is a whole number from 0 to 4. “nan” is not a number"),
            ("lines_received", "inf", "“inf” is not a number"),
            ("neuropathy_grade", "1e400", "“1e400” is not a number"),
            ("ecog", "9" * 5000, "“99999999999999999999…” is not a number"),
            ("ki67", "1_0", "“1_0” is not a number"),
            ("ki67", "high", "“high” is not a number"),
            ("ki67", "80,5", "(write 2.5, not 2,5)"),
            ("ecog", "1.5", "a whole number from 0 to 4. 1.5 is not."),
            ("lvef", "3", "LVEF is a percentage from 5 to 90. 3 is not."),
            ("qtcf", "200", "QTcF is a number from 300 to 700 ms. 200 is not."),
            ("platinum_free_interval_months", "241", "a number of months from 0 to 240. 241 is not."),
            ("primary_site", "colon", "Select a valid choice"),
            ("received", "folfri", "This release knows no treatment called “folfri”. Did you mean FOLFIRI?"),
        ],
    )
    def test_a_wrong_entry_is_said_at_its_field_and_above_and_everything_is_kept(
        self, client: Client, field: str, value: str, said: str
    ) -> None:
        entered = {**colorectal(), "conditions": ["transplant"], "tmb": "12.5", field: value}
        response = post(client, **entered)
        page, html = text(response), response.content.decode()
        assert "Not ranked: please correct what is marked" in page
        assert page.count(said) == 2
        assert f'href="#id_{field}' in html
        assert 'name="tmb" value="12.5"' in html
        assert re.search(r'value="transplant"\s+checked', html)
        if field in ("ki67", "lvef"):
            assert f'value="{value}"' in html
        assert "<article" not in html

    def test_a_contradiction_is_said_once_above_and_at_both_of_its_fields(self, client: Client) -> None:
        response = post(client, **colorectal(differentiation="well"))
        said = "Histology “Small cell” contradicts differentiation “Well”: it is poorly differentiated."
        assert text(response).count(said) == 3
        assert f'<a href="#id_histology">{said}</a>' in response.content.decode()
        assert 'name="ki67" value="80"' in response.content.decode()

    def test_an_answer_brings_what_follows_and_takes_it_away_again(self, client: Client) -> None:
        place = r'<div id="id_ras_mutation_note" class="field-note" hx-swap-oob="true">\s*%s\s*</div>'
        page = post(client, live=True, kras_g12c="positive").content.decode()
        assert re.search(place % '<span class="follows">yes \\(follows from KRAS G12C positive\\)</span>', page)
        assert re.search(place % "", post(client, live=True, kras_g12c="negative").content.decode())

    def test_without_scripts_the_closed_lists_say_what_is_ticked(self, client: Client) -> None:
        html = post(client, received=["folfiri"], conditions=["transplant"]).content.decode()
        assert re.search(r'id="id_received"[^>]*>FOLFIRI</summary>', html)
        assert re.search(r'id="id_conditions"[^>]*>Organ transplant</summary>', html)
        html = post(client, others_absent="on").content.decode()
        assert re.search(r'id="id_conditions"[^>]*>none</summary>', html)

    def test_platinum_etoposide_is_the_first_of_the_first_line_regimens(self, client: Client) -> None:
        html = client.get("/").content.decode()
        assert re.findall(r'<option value="([a-z-]*)"', html[html.index('id="id_first_line_platinum"') :])[:2] == [
            "",
            "etoposide-platinum",
        ]

    def test_what_was_entered_stands_in_the_form_again(self, client: Client) -> None:
        html = post(client, **colorectal(), received=["folfiri"], progressed=["folfiri"]).content.decode()
        assert '<option value="colorectal" selected>' in html
        assert re.search(r'name="ki67" value="80"', html)
        assert len(re.findall(r'value="folfiri"\s+aria-label="[^"]*"\s+checked', html)) == 2

    def test_markup_in_an_entry_is_shown_as_text(self, client: Client) -> None:
        html = post(client, ki67="<script>alert(1)</script>").content.decode()
        assert "<script>alert(1)" not in html
        assert "&lt;script&gt;alert(1)" in html


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["ki67", "region", "primary_site", "preference", "none_received", "decimal_mark"])
@pytest.mark.parametrize("values", [("80", "80"), ("80", "10", "")])
def test_a_field_that_is_sent_twice_is_refused_by_name(client: Client, name: str, values: tuple[str, ...]) -> None:
    """As the command and the API refuse a key: which of two values is meant, nobody knows."""
    sent = {"region": "EU", "primary_site": "colorectal", "histology": "small-cell"} | {name: list(values)}
    page = client.post("/ranking.json", sent)
    assert page.headers["Content-Type"].startswith("text/html")
    assert f"is given {len(values)} times. Send it once." in page.content.decode()
