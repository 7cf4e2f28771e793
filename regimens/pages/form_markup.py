"""The form as HTML: laid out once by crispy-forms, with places, and filled in for each patient.

A form of forty fields costs a hundred templates. They are written once a language, a way to lay them out and a set of
features that decide nothing; what a patient adds is put into the places. Nothing of a patient is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from crispy_forms.utils import render_crispy_form
from django import forms
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from display.cache import forgotten
from regimens.templatetags.remembered import remembered

from .form_layout import LISTED, NAMED, SECTIONS, Places, counted, folded_names, layout, place
from .form_summaries import Summary, summary
from .received import Treatment, TreatmentRow

if TYPE_CHECKING:
    from .form_layout import Note
    from .patient_form import PatientForm

_PLACE = re.compile("\ue000([^\ue001]*)\ue001")
MOST = 64  # layouts that are kept: languages, times two, times the releases that were in force


@dataclass(frozen=True)
class Skeleton:
    """A form between whose parts the places are; there is one part more.

    options   of each list of choices, as they are while none is chosen
    """

    parts: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    options: MappingProxyType[str, str]


_kept: dict[tuple[Any, ...], Skeleton] = forgotten({})


class Filled(LayoutObject):
    """The whole form, for crispy-forms: its skeleton with what this patient adds."""

    def __init__(self, kind: str):
        self.kind = kind
        self.fields: list[str] = []

    def render(self, form: PatientForm, context: Any, template_pack: str = "", **options: Any) -> SafeString:
        return markup(form, self.kind)


def filled_in(kind: str) -> FormHelper:
    """What `{% crispy form %}` draws a form with."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True  # the page writes the form tag and its token
    helper.include_media = False
    helper.layout = Layout(Filled(kind))
    return helper


def markup(form: PatientForm, kind: str) -> SafeString:
    """The form at the "beginning" or in "sections", filled in."""
    form.is_valid()
    skeleton = _skeleton(form, kind)
    found: list[str] = [skeleton.parts[0]]
    for (what, name), part in zip(skeleton.places, skeleton.parts[1:], strict=True):
        found += (_FILLED[what](form, name, skeleton), part)
    return mark_safe("".join(found))  # noqa: S308 - each part is escaped where it is written


def _skeleton(form: PatientForm, kind: str) -> Skeleton:
    key = (get_language(), kind, form.idle, form.knowledge.release.sha256)
    if key not in _kept:
        if len(_kept) >= MOST:
            _kept.clear()
        laid_out = render_crispy_form(form, layout(kind, form.idle), _context(form))
        pieces = _PLACE.split(re.sub(r"(?<=>) (?=<)| (?=>)", "", re.sub(r"\s+", " ", laid_out)))
        places = tuple(tuple(piece.split(":", 1)) for piece in pieces[1::2])
        choices = {name: _options(field) for name, field in form.fields.items() if isinstance(field, forms.ChoiceField)}
        _kept[key] = Skeleton(tuple(pieces[::2]), places, MappingProxyType(choices))  # type: ignore[arg-type]
    return _kept[key]


def _context(form: PatientForm) -> dict[str, Any]:
    """What the templates of the lists find beside the form."""
    ticks = ("none_received", "none_progressed", "others_absent")
    groups = (
        (_("Regimens"), "received", "progressed"),
        (_("Drugs received outside of these regimens"), "received_drugs", "progressed_drugs"),
    )
    return {
        "form": form,
        "release": form.knowledge.release,
        "conditions": Places("conditions"),
        "received": Places("received"),
        "names": [(form.fields[name], name, Places(name)) for name in NAMED],
        "listed": [(name, Places(name)) for name in LISTED],
        "ticked": {name: place("ticked", f"{name}=on") for name in ticks},
        "treatment_groups": [
            {"title": title, "received": received, "progressed": progressed, "rows": place("rows", received)}
            for title, received, progressed in groups
        ],
        "treatment_row": TreatmentRow(Treatment("#", "#", ""), *LISTED[:2], is_received=False, is_progressed=False),
        "condition_rows": [
            {"title": group.title, "rows": [(row, *_condition_places(row.name)) for row in group.rows]}
            for group in form.condition_groups()
        ],
    }


def _condition_places(name: str) -> tuple[str, str, str]:
    return place("ticked", f"conditions={name}"), place("absent", name), place("note", name)


def _options(field: forms.ChoiceField) -> str:
    return format_html_join("", '<option value="{}">{}</option>', field.choices)


def said_of(note: Note | None) -> str:
    """What stands in the place of a note."""
    if note is None:
        return ""
    return format_html('<span class="{}">{}</span>', "is-warning" if note.is_warning else "follows", note.words)


def errors_of(form: PatientForm, name: str) -> str:
    """What stands in the place of a field's errors."""
    found = form.errors.get(name)
    return format_html_join("", "<span>{}</span>", ((error,) for error in found)) if found else ""


def worded(said: Summary) -> str:
    """A section's summary: what is known, and what is not."""
    unknown = format_html('<span class="not-known">{}</span>', said.unknown) if said.unknown else ""
    return format_html_join(" ", "{}", ((part,) for part in (said.known, unknown) if part))


def out_of_band(form: PatientForm) -> Iterator[tuple[str, str, str]]:
    """What an answer renews in the form: the element's id, its class and what stands in it."""
    for name in form.names_that_may_fail:
        yield f"id_{name}_error", "field-error", errors_of(form, name)
    for name, note in form.noted():
        yield f"id_{name}_note", "field-note", said_of(note)
    for name in SECTIONS:
        yield f"summary-{name}", "section-said", worded(summary(form, name))


def _value(form: PatientForm, name: str, skeleton: Skeleton) -> str:
    sent = form.sent(name)
    return format_html(' value="{}"', sent[-1]) if sent else ""


def _options_chosen(form: PatientForm, name: str, skeleton: Skeleton) -> str:
    options = skeleton.options[name]
    chosen = form.sent(name)
    if not chosen:
        return options
    value = f'value="{conditional_escape(chosen[-1])}"'
    return options.replace(value, f"{value} selected", 1)


def _pressed(form: PatientForm, name: str, skeleton: Skeleton) -> str:
    """Whether a button of a row is pressed: the one that was, else the first of those that have one by nature."""
    field, __, value = name.partition("=")
    sent = form.sent(field)
    usual = {"ecog": "", "preference": form.chosen_preference, "evidence": "all"}
    return " checked" if (sent[-1] if sent else usual.get(field)) == value else ""


def _ticked(form: PatientForm, name: str, skeleton: Skeleton) -> str:
    field, __, value = name.partition("=")
    return " checked" if value in form.sent(field) or (value == "on" and form.sent(field)) else ""


def _stated_absent(form: PatientForm, name: str, skeleton: Skeleton) -> str:
    if name not in form.sent("absent"):
        return ""
    label = dict(form.fields["absent"].choices)[name]
    return remembered("regimens/form/absent.html", condition=name, label=label)


def _rows(form: PatientForm, name: str, skeleton: Skeleton) -> str:
    regimens, drugs = form.ticked_treatments
    rows = regimens if name == "received" else drugs
    return "".join(remembered("regimens/form/regimen.html", row=row) for row in rows)


def _list_summary(form: PatientForm, name: str, skeleton: Skeleton) -> str:
    said = form.received_summary if name == "received" else form.condition_summary
    return conditional_escape(said.words)


def _list_unknown(form: PatientForm, name: str, skeleton: Skeleton) -> str:
    said = form.received_summary if name == "received" else form.condition_summary
    return " is-unknown" if said.is_unknown else ""


def _open(form: PatientForm, name: str, skeleton: Skeleton) -> str:
    if name == "received":
        is_open = form.is_treatment_entered
    elif name == "conditions":
        is_open = bool(form.sent("conditions") or "conditions" in form.errors)
    elif name.endswith("_measured"):
        is_open = bool(form.sent(name) or form.sent(name.replace("_measured", "_limit")))
    elif name in ("organs", "idle", "more"):
        inside = folded_names(form.idle)[name]
        is_open = any(form.sent(each) or each in form.errors or each in form.notes for each in inside)
    else:
        is_open = name in form.open_sections()
    return " open" if is_open else ""


def _count(form: PatientForm, name: str, skeleton: Skeleton) -> str:
    return counted(sum(bool(form.sent(each)) for each in folded_names(form.idle)[name]))


def _hidden(form: PatientForm, name: str, skeleton: Skeleton) -> str:
    """What says from where a form comes: nothing was ranked yet, or the patient is an example."""
    sent = {"start": "yes" if form.is_beginning else "", "example": form.example}
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', ((n, v) for n, v in sent.items() if v))


_FILLED: dict[str, Callable[[PatientForm, str, Skeleton], str]] = {
    "value": _value,
    "options": _options_chosen,
    "pressed": _pressed,
    "ticked": _ticked,
    "absent": _stated_absent,
    "rows": _rows,
    "words": _list_summary,
    "unknown": _list_unknown,
    "open": _open,
    "count": _count,
    "hidden": _hidden,
    "error": lambda form, name, skeleton: errors_of(form, name),
    "invalid": lambda form, name, skeleton: ' aria-invalid="true"' if name in form.errors else "",
    "note": lambda form, name, skeleton: said_of(form.notes.get(name)),
    "summary": lambda form, name, skeleton: worded(summary(form, name)),
}
