"""The guard of texts: it stands before every text of boards, in the form and in the action, and knows prose."""

from __future__ import annotations

import inspect
from importlib import import_module
from pkgutil import iter_modules

import pytest
from django import forms
from django.apps import apps
from django.db import models

import boards.forms
from boards.errors import Refused
from boards.forms.base import BoardForm, GuardedField
from boards.privacy.guard import ASKED, GUARDED, kept
from display.privacy.identifiers import Reading, findings
from tests.factories.sentences import CLINICAL, IDENTIFYING

# Texts of rows that nobody writes: they follow from a release, a ranking, a choice of a list, chance or an HMAC.
FOLLOWING = {
    "case.salt",
    *("ballot.first_option", "ballot.final_option", "ballot.voter_key"),
    *("caseversion.sha256", "caseversion.preference", "caseversion.primary_site"),
    *("caseversion.first_option", "caseversion.first_option_name"),
    *("decision.option", "decision.option_name", "decision.level", "decision.first_level"),
    *("followup.option", "followup.option_name"),
    *("followup.started_in", "followup.stopped_in", "followup.progressed_in", "followup.vital_in"),
    *("replay.first_option", "replay.first_option_name"),
    *("board.time_zone", "meeting.time_zone", "meeting.board_name", "meeting.header"),
    *("planstep.option", "planstep.option_name", "planstep.level"),
    *("latercourse.option", "latercourse.option_name"),
    *("latercourse.started_in", "latercourse.stopped_in", "latercourse.progressed_in"),
    *("development.option", "development.before", "development.after", "told.about"),
}
# Texts of forms that are not kept as they are: a filter, a month, the number of a trial, a name of an account that has
# to be there, a result that the patient form reads.
NOT_KEPT = {
    *("q", "option", "trial", "chair", "username", "value"),
    *("started_in", "stopped_in", "progressed_in", "vital_in"),
}
# The one of 240 sentences that is found: its first word is a given name as well.
ACCEPTED = {"Maxime de la consultation : ne pas nuire."}


def test_every_text_of_a_model_is_guarded_or_follows_from_something_else() -> None:
    texts = {
        f"{model._meta.model_name}.{field.name}"
        for model in apps.get_app_config("boards").get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.CharField | models.TextField) and not field.choices
    }
    assert texts == GUARDED.keys() | FOLLOWING


def test_every_text_of_a_form_is_guarded_or_not_kept() -> None:
    """Of every form: a field of one name is not another form's."""
    modules = [import_module(f"boards.forms.{found.name}") for found in iter_modules(boards.forms.__path__)]
    written = [
        (name, field)
        for module in modules
        for _form, form in inspect.getmembers(module, inspect.isclass)
        if issubclass(form, BoardForm)
        for name, field in form.base_fields.items()
        if isinstance(field, forms.CharField) and not isinstance(field.widget, forms.HiddenInput)
    ]
    assert {name for name, field in written if not isinstance(field, GuardedField)} == NOT_KEPT
    assert all(field.guarded in GUARDED for _name, field in written if isinstance(field, GuardedField))


@pytest.mark.parametrize("field", sorted(GUARDED.keys() - ASKED))
@pytest.mark.parametrize(
    "text",
    [
        *("Herr Müller", "Patient Jansen", "geb. 3.4.1957, MRN 12345678", "Mme Dupont", "Sra. García", "Mr O'Neill"),
        *("KVNR A123456789", "Née Dupont", "Patient: Smith", "田中様", "Frau K."),
    ],
)
def test_a_patient_is_named_nowhere(field: str, text: str) -> None:
    with pytest.raises(Refused, match=r"“.+”") as refusal:
        kept(f"As discussed, {text}", field, "here")
    assert refusal.value.field == "here"


@pytest.mark.parametrize("text", IDENTIFYING)
def test_a_sentence_that_identifies_is_found_in_prose_and_in_a_label(text: str) -> None:
    assert findings(text, Reading.PROSE) and findings(text, Reading.LABEL)


@pytest.mark.parametrize("language", CLINICAL)
def test_a_clinical_sentence_passes(language: str) -> None:
    assert len(CLINICAL[language]) == 60
    found = {text for text in CLINICAL[language] if findings(text, Reading.PROSE)}
    assert found <= ACCEPTED, [(text, findings(text, Reading.PROSE)) for text in found - ACCEPTED]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("board.header", "Universitätsklinikum, Hauptstraße 5, 69120 Heidelberg\nTel. 06221/56-1234, Prof. Dr. Weiss"),
        ("board.name", "Onkologisches Board Maria Hilf"),
        ("board.header", "Direktor: Herr Prof. Dr. Weiss"),
        ("meeting.place", "Hôpital Édouard Herriot, salle 12; visio 812 3456 7890"),
        ("decision.guests", "Dr. Weiss (radiology), Anna Schmidt (study nurse)"),
    ],
)
def test_a_hospital_gives_its_own_address_doctors_and_rooms(field: str, text: str) -> None:
    assert kept(text, field) == text


def test_what_nobody_sees_is_not_kept() -> None:
    assert kept("\uf0b7 one\r\n\u202etwo\u200b\x00\ufeff ", "decision.rationale") == "• one\ntwo"
    assert kept("Colon\u00ad\u2066 7\u202e", "case.label") == "Colon 7"


def test_a_heap_of_marks_is_refused_with_their_number() -> None:
    with pytest.raises(Refused, match=r"80 marks stand on one letter \(U\+0301"):
        kept("Z" + "\u0301" * 80, "decision.rationale")


def test_notes_are_left_to_whoever_answers_for_them() -> None:
    assert kept("Seen by Dr. Weiss", "caseversion.notes") == "Seen by Dr. Weiss"
