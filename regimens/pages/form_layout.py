"""What stands where on the patient form: fields in the order in which they are asked, and what is folded away.

What an oncologist enters first comes first. Laboratory values, conditions and rarer markers are behind a summary that
says how much of them is entered; what decides nothing in a release stands last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Fieldset, Layout
from crispy_forms.layout import Field as LayoutField
from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regimens.rules.patient import FEATURES, Feature
from regimens.wording.sentences import ACTIVE

from .quantities import NumberField

UNKNOWN = gettext_lazy("unknown")

TUMOUR = ("primary_site", "gynaecological_site", "histology", "differentiation", "ki67")
PLATINUM = ("platinum_best_response", "platinum_free_interval_months", "lines_received", "rapid_progression")
PERSON = ("ecog", "tce_centre", "region")
MAIN_MARKERS = ("msi", "tmb", "braf_v600e", "dll3")
FURTHER_MARKERS = (
    *("kras_g12c", "ras_mutation", "ntrk", "ret"),
    *("her2", "pd_l1_cps", "sstr", "rb1_loss", "mgmt_methylated"),
)
# Side by side: liver, kidney, marrow, heart, enzymes.
ORGANS = (
    *("bilirubin_uln", "ast_alt_uln", "child_pugh", "neuropathy_grade"),
    *("creatinine_clearance", "proteinuria", "anc", "platelets", "lvef", "qtcf", "dpd", "ugt1a1"),
)
NUMBERS = tuple(name for name, feature in FEATURES.items() if feature.is_numeric)
SINGLE = (*TUMOUR, *PLATINUM, *PERSON, *MAIN_MARKERS, *FURTHER_MARKERS, *ORGANS)
LISTED = ("received", "progressed", "received_drugs", "progressed_drugs")

# The conditions by what they belong to; each is a heading of the list.
CONDITION_GROUPS = (
    (
        gettext_lazy("Immune system and infection"),
        (
            "autoimmune_active",
            "transplant",
            "immunodeficiency",
            "long_term_steroids",
            "active_infection",
            "hepatitis_b",
        ),
    ),
    (
        gettext_lazy("Bleeding, vessels, surgery"),
        (
            *("bleeding_active", "arterial_thrombosis", "venous_thrombosis"),
            *("hypertension_uncontrolled", "recent_or_planned_surgery"),
        ),
    ),
    (
        gettext_lazy("Bowel and liver"),
        ("bowel_obstruction", "bowel_perforation_or_fistula", "severe_hepatic_impairment"),
    ),
    (gettext_lazy("Lung, marrow, pregnancy"), ("ild", "marrow_reserve_low", "pregnancy_or_breastfeeding")),
    (
        gettext_lazy("Nervous system, ears, eyes"),
        ("brain_metastases_untreated", "charcot_marie_tooth", "hearing_impairment", "retinal_disease"),
    ),
    (
        gettext_lazy("Allergies and other drugs"),
        ("platinum_allergy", "drug_hypersensitivity", "warfarin", "cyp3a4_interaction"),
    ),
)

# The order of the page, in which errors are listed.
IN_ORDER = (
    *(*TUMOUR, "first_line_platinum", *PLATINUM, *LISTED, *PERSON),
    *(*MAIN_MARKERS, *FURTHER_MARKERS, "conditions", *ORGANS, "preference", "evidence"),
)

# Labels and help where the feature's name inside a sentence does not serve above a field.
LABELS = {
    "platinum_best_response": gettext_lazy("Best response to it"),
    "platinum_free_interval_months": gettext_lazy("Platinum-free interval"),
    "neuropathy_grade": gettext_lazy("Neuropathy grade"),
    "tce_centre": gettext_lazy("T-cell engager centre"),
}
HELP = {
    "platinum_best_response": gettext_lazy("To the last platinum"),
    "platinum_free_interval_months": gettext_lazy("From its end to progression"),
    "lines_received": gettext_lazy("Platinum included"),
    "rapid_progression": gettext_lazy("Within weeks"),
    "tce_centre": gettext_lazy("24 hours of watching, and somebody at home"),
    "ras_mutation": gettext_lazy("KRAS, NRAS or HRAS"),
    "sstr": gettext_lazy("Positive: uptake above liver in all lesions"),
    "ast_alt_uln": gettext_lazy("The higher of the two"),
}


@dataclass(frozen=True)
class Note:
    """What is said beside a field and is no error.

    is_warning   whether something is to be checked; else it follows from another entry
    """

    words: str
    is_warning: bool = False


# What a field of a flag sends, as METHOD writes it.
FLAGS = {"true": True, "false": False}


def field_of(feature: Feature) -> forms.Field:
    """The field in which a feature is entered; one that stays empty is unknown."""
    named: dict[str, Any] = {
        "label": str(LABELS.get(feature.name) or capfirst(ACTIVE.text(feature.label))),
        "help_text": HELP.get(feature.name, ""),
        "required": False,
    }
    if feature.is_numeric:
        return described(NumberField(feature, **named), feature.name)
    values = {value: feature.worded(value, ACTIVE) for value in feature.values}
    if feature.kind == "flag":
        values = {word: feature.worded(value, ACTIVE) for word, value in FLAGS.items()}
    choices = [("", UNKNOWN), *((value, capfirst(words)) for value, words in values.items())]
    return described(forms.ChoiceField(choices=choices, **named), feature.name)


def described(field: forms.Field, name: str) -> forms.Field:
    """A field as it is drawn, tied to what is said of it on the page."""
    said = [f"id_{name}_error", f"id_{name}_note", *([f"id_{name}_helptext"] if field.help_text else [])]
    attributes = {"class": "form-select form-select-sm"}
    if isinstance(field, NumberField):
        attributes = {
            "class": "form-control form-control-sm",
            "inputmode": "numeric" if field.feature.kind == "count" else "decimal",
            "placeholder": str(UNKNOWN),
            "autocomplete": "off",
        }
    field.widget.attrs.update(attributes | {"aria-describedby": " ".join(said)})
    return field


class Folded(Div):
    """Fields behind a summary that counts what is entered, and opens when something in them is filled in or noted."""

    template = "regimens/form/folded.html"

    def __init__(self, summary: str, names: Iterable[str]):
        self.names = tuple(names)
        super().__init__(*(_shown(name) for name in self.names))
        self.summary, self.is_open, self.count = summary, False, ""

    def render(self, form: Any, *arguments: Any, **options: Any) -> Any:
        entered = sum(bool(form[name].value()) for name in self.names)
        self.count = self.counted(entered) if entered else self.none
        self.is_open = bool(entered) or any(form[name].errors or name in form.notes for name in self.names)
        return super().render(form, *arguments, **options)

    @property
    def none(self) -> str:
        return _("none entered")

    @staticmethod
    def counted(count: int | str = "#") -> str:
        """How many are entered; with a sign in the place of the number for the script that counts on."""
        return _("%(count)s entered") % {"count": count}


def layout(counting: frozenset[str]) -> FormHelper:
    """The form of a release in which the features `counting` decide something."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True  # the page writes the form tag and its token
    idle = [name for name in SINGLE if name not in counting]

    def grid(*names: str) -> Div:
        return Div(*(_shown(name) for name in names if name not in idle), css_class="field-grid")

    def folded(summary: str, names: Iterable[str]) -> list[Folded]:
        left = [name for name in names if name not in idle]
        return [Folded(summary % {"count": len(left)}, left)] if left else []

    helper.layout = Layout(
        Fieldset(_("Tumour"), grid(*TUMOUR)),
        Fieldset(
            _("Treatment so far"),
            _shown("first_line_platinum"),
            grid(*PLATINUM),
            HTML('{% include "regimens/form/received.html" %}'),
        ),
        Fieldset(_("Patient and place"), grid(*PERSON)),
        Fieldset(
            _("Biomarkers"),
            grid(*MAIN_MARKERS),
            *folded(_("%(count)s further markers"), FURTHER_MARKERS),
        ),
        Fieldset(
            _("What may rule an option out"),
            HTML('{% include "regimens/form/conditions.html" %}'),
            *folded(_("Organ function, %(count)s values"), ORGANS),
            *([Folded(_("Of no consequence in this release"), idle)] if idle else []),
        ),
        Fieldset(
            _("What matters"),
            HTML('{% include "regimens/form/buttons.html" with field=form.preference %}'),
            HTML('{% include "regimens/form/buttons.html" with field=form.evidence %}'),
        ),
    )
    return helper


def _shown(name: str) -> Noted:
    return Noted(name, template="regimens/form/field.html")


class Noted(LayoutField):
    """A field with what is said beside it."""

    def render(self, form: Any, *arguments: Any, **options: Any) -> Any:
        note = {"note": form.notes.get(self.fields[0])}
        return super().render(form, *arguments, **options | {"extra_context": note})
