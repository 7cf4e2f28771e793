"""What stands where on the patient form: fields in the order in which they are asked, in sections that fold.

The form is laid out in two ways. At the beginning eight facts are asked for, and the rest is behind one summary. Once
something is ranked, five sections fold to what was answered in them. crispy-forms lays both out with places instead of
values (`form_markup`), once a language and release; what decides nothing in a release stands last.
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
from regimens.wording.definitions import DEFINITIONS
from regimens.wording.sentences import ACTIVE

from .quantities import CONVERSIONS, NumberField

UNKNOWN = gettext_lazy("unknown")

TUMOUR = ("primary_site", "gynaecological_site", "histology", "differentiation", "ki67")
PLATINUM = ("platinum_best_response", "platinum_free_interval_months", "lines_received", "rapid_progression")
PERSON = ("ecog", "tce_centre")
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
SINGLE = (*TUMOUR, *PLATINUM, *PERSON, "region", *MAIN_MARKERS, *FURTHER_MARKERS, *ORGANS)
LISTED = ("received", "progressed", "received_drugs", "progressed_drugs")
# Treatments by name, where no script runs; what is understood of them is ticked.
NAMED = ("received_typed", "progressed_typed")
# Beside which fields something may be said: that a number looks like another unit, or what follows from another entry.
NOTED = (*NUMBERS, "kras_g12c", "ras_mutation", "first_line_platinum", "received", "severe_hepatic_impairment")
# Buttons side by side, one of which is pressed.
BUTTONS = ("ecog", "region", "preference", "evidence")

# What is asked before anything is ranked.
FIRST_FACTS = (
    *("primary_site", "histology", "ki67"),
    *("first_line_platinum", "platinum_best_response", "platinum_free_interval_months"),
    *("ecog", "region"),
)

# The sections, each with its title and the fields whose answers it sums up.
SECTIONS = {
    "tumour": (gettext_lazy("Tumour"), TUMOUR),
    "treatment": (gettext_lazy("Treatment so far"), ("first_line_platinum", *PLATINUM, *LISTED, *NAMED)),
    "markers": (gettext_lazy("Biomarkers"), (*MAIN_MARKERS, *FURTHER_MARKERS)),
    "patient": (gettext_lazy("Patient"), (*PERSON, "conditions", *ORGANS)),
    "place": (gettext_lazy("Where, and what matters"), ("region", "preference", "evidence")),
}

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
    *(*TUMOUR, "first_line_platinum", *PLATINUM, *LISTED, *NAMED, *PERSON),
    *(*MAIN_MARKERS, *FURTHER_MARKERS, "conditions", *ORGANS, "region", "preference", "evidence"),
)

# Labels and help where the feature's name inside a sentence does not serve above a field.
LABELS = {
    "platinum_best_response": gettext_lazy("Best response to it"),
    "platinum_free_interval_months": gettext_lazy("Platinum-free interval"),
    "neuropathy_grade": gettext_lazy("Neuropathy grade"),
    "tce_centre": gettext_lazy("T-cell engager centre"),
    "region": gettext_lazy("Region, for licences and trials"),
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
# Regions on buttons, which are short.
REGION_NAMES = {
    "EU": gettext_lazy("EU"),
    "UK": gettext_lazy("UK"),
    "US": gettext_lazy("US"),
    "JP": gettext_lazy("Japan"),
    "CN": gettext_lazy("China"),
}

# What a field of a flag sends, as METHOD writes it.
FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class Note:
    """What is said beside a field and is no error.

    is_warning   whether something is to be checked; else it follows from another entry
    """

    words: str
    is_warning: bool = False


def field_of(feature: Feature) -> forms.Field:
    """The field in which a feature is entered; one that stays empty is unknown."""
    named: dict[str, Any] = {
        "label": str(LABELS.get(feature.name) or capfirst(ACTIVE.text(feature.label))),
        "help_text": HELP.get(feature.name, ""),
        "required": False,
    }
    if feature.is_numeric:
        return NumberField(feature, **named)
    values = {value: feature.worded(value, ACTIVE) for value in feature.values}
    if feature.kind == "flag":
        values = {word: feature.worded(value, ACTIVE) for word, value in FLAGS.items()}
    return forms.ChoiceField(choices=[("", UNKNOWN), *((v, capfirst(words)) for v, words in values.items())], **named)


def place(kind: str, name: str = "") -> str:
    """Where something of a patient stands in the laid out form: ("value", "ki67")."""
    return f"\ue000{kind}:{name}\ue001"


class Places:
    """The places for what is said of a field, for its template: `{{ places.error }}`."""

    def __init__(self, name: str):
        self.name = name

    def __getitem__(self, kind: str) -> str:
        return place(kind, self.name)


class Shown(LayoutField):
    """A field with its unit, its help, what it means and the places for what is said beside it."""

    def __init__(self, name: str):
        template = "regimens/form/buttons.html" if name in BUTTONS else "regimens/form/feature.html"
        super().__init__(name, template=template)

    def render(self, form: Any, *arguments: Any, **options: Any) -> Any:
        name = self.fields[0]
        conversion = CONVERSIONS.get(name)
        given = {
            "places": Places(name),
            "is_noted": name in NOTED,
            "definition": DEFINITIONS.get(name),
            "conversion": conversion,
            "measured": Places(conversion.measured) if conversion else None,
            "limit": Places(conversion.limit) if conversion else None,
            "buttons": [(value, label, place("pressed", f"{name}={value}")) for value, label in buttons(form, name)],
        }
        return super().render(form, *arguments, **options | {"extra_context": given})


def buttons(form: forms.Form, name: str) -> list[tuple[str, str]]:
    """The values of a field that is a row of buttons, with what is written on them; "" where it is not known."""
    if name == "ecog":
        return [("", str(UNKNOWN)), *((str(grade), str(grade)) for grade in range(5))]
    if name == "region":
        return [(value, str(label)) for value, label in REGION_NAMES.items()]
    return list(form.fields[name].choices) if name in BUTTONS else []


class Section(Div):
    """Fields that fold to what was answered in them."""

    template = "regimens/form/section.html"

    def __init__(self, name: str, *fields: Any):
        super().__init__(*fields)
        self.name, self.title = name, SECTIONS[name][0]
        self.opening, self.said = place("open", name), place("summary", name)


class Folded(Div):
    """Fields behind a summary that counts what is entered, and opens when something in them is filled in or noted."""

    template = "regimens/form/folded.html"

    def __init__(self, name: str, summary: str, *fields: Any):
        super().__init__(*fields)
        self.name, self.summary = name, summary
        self.opening, self.count = place("open", name), place("count", name)
        self.words_none, self.words_many = counted(0), counted("#")


def counted(count: int | str) -> str:
    """How many are entered; with a sign in the place of the number for the script that counts on."""
    return _("%(count)s entered") % {"count": count} if count else _("none entered")


def folded_names(idle: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """The fields behind each fold inside of the form, where `idle` decide nothing in the release."""
    every = tuple(name for name in SINGLE if name not in FIRST_FACTS)
    return {
        "organs": tuple(name for name in ORGANS if name not in idle),
        "idle": tuple(name for name in SINGLE if name in idle),
        "more": (*every, *LISTED, *NAMED, "conditions", "absent", "others_absent", "none_received", "none_progressed"),
    }


def layout(kind: str, idle: frozenset[str]) -> FormHelper:
    """The form at the "beginning" or in "sections", in a release in which the features `idle` decide nothing."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True  # the page writes the form tag and its token
    helper.layout = (_beginning if kind == "beginning" else _sections)(idle)
    return helper


def _beginning(idle: frozenset[str]) -> Layout:
    left = [name for name in (*TUMOUR, *PLATINUM) if name not in FIRST_FACTS and name != "gynaecological_site"]
    return Layout(
        HTML(place("hidden")),
        Fieldset(
            _("Tumour"),
            _grid(idle, "primary_site", "histology", "ki67", "gynaecological_site", css_class="three"),
        ),
        Fieldset(
            _("Treatment so far"),
            _grid(frozenset(), *FIRST_FACTS[3:6], css_class="three"),
        ),
        Fieldset(_("Patient and place"), Div(Shown("ecog"), Shown("region"), css_class="first-buttons")),
        Folded(
            "more",
            _("Add other treatment, markers and conditions"),
            Fieldset(_("Tumour and treatment, further"), _grid(idle, *left, css_class="three"), _received()),
            Fieldset(_("Biomarkers"), _grid(idle, *MAIN_MARKERS, *FURTHER_MARKERS, css_class="three")),
            Fieldset(
                _("What may rule an option out"),
                _conditions(),
                _grid(idle, "tce_centre", *ORGANS, css_class="three"),
                *_idle(idle),
            ),
            Fieldset(_("What matters"), Shown("preference"), Shown("evidence")),
        ),
    )


def _sections(idle: frozenset[str]) -> Layout:
    organs = folded_names(idle)["organs"]
    title = _("Organ function, %(count)s values") % {"count": len(organs)}
    return Layout(
        HTML(place("hidden")),
        Section("tumour", _grid(idle, *TUMOUR)),
        Section("treatment", Shown("first_line_platinum"), _grid(idle, *PLATINUM), _received()),
        Section("markers", _grid(idle, *MAIN_MARKERS, *FURTHER_MARKERS)),
        Section(
            "patient",
            _grid(idle, *PERSON),
            _conditions(),
            *([Folded("organs", title, _grid(idle, *organs))] if organs else []),
            *_idle(idle),
        ),
        Section("place", Shown("region"), Shown("preference"), Shown("evidence")),
    )


def _grid(idle: Iterable[str], *names: str, css_class: str = "") -> Div:
    return Div(*(Shown(name) for name in names if name not in idle), css_class=f"field-grid {css_class}".strip())


def _idle(idle: frozenset[str]) -> list[Folded]:
    names = folded_names(idle)["idle"]
    return [Folded("idle", _("Of no consequence in this release"), _grid((), *names))] if names else []


def _received() -> HTML:
    return HTML('{% include "regimens/form/received.html" %}')


def _conditions() -> HTML:
    return HTML('{% include "regimens/form/conditions.html" %}')
