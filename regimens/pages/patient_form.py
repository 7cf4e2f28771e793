"""The patient form: five fieldsets, every field may stay unknown, and what is entered becomes a `Patient`.

The browser's door into the rules: ranges and contradictions are those of `regimens.rules.patient`, said at the field
that they concern. Nothing that identifies a person is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Fieldset, Layout
from crispy_forms.layout import Field as LayoutField
from django import forms
from django.forms.renderers import Jinja2
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from display import decimals
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE, Regimen
from regimens.rules.knowledge import Knowledge
from regimens.rules.ordering import DEFAULT_PREFERENCE, PREFERENCES
from regimens.rules.patient import CONDITIONS, FEATURES, Feature, Patient, PatientError, Problem
from regimens.wording.sentences import ACTIVE

UNKNOWN = gettext_lazy("unknown")
PLATINUM_GIVEN, PLATINUM_NOT_GIVEN = "given", "not-given"

TUMOUR = ("primary_site", "histology", "differentiation", "ki67")
PLATINUM = ("platinum_best_response", "lines_received", "platinum_free_interval_months")
MAIN_MARKERS = ("msi", "tmb", "braf_v600e")
FURTHER_MARKERS = (
    "kras_g12c",
    "ntrk",
    "ret",
    "her2",
    "dll3",
    "sstr",
    "pd_l1_cps",
    "rb1_loss",
    "mgmt_methylated",
)
ORGANS = ("bilirubin_uln", "creatinine_clearance", "neuropathy_grade", "lvef", "qtcf", "dpd", "ugt1a1")
NUMBERS = tuple(name for name, feature in FEATURES.items() if feature.is_numeric)
SINGLE = (*TUMOUR, *PLATINUM, *MAIN_MARKERS, *FURTHER_MARKERS, "ecog", *ORGANS, "region")

# The order of the page, in which errors are listed.
IN_ORDER = (
    *(*TUMOUR, "first_line_platinum", *PLATINUM, "received", "progressed"),
    *(*MAIN_MARKERS, *FURTHER_MARKERS),
    *("ecog", "conditions", *ORGANS, "region", "preference", "evidence"),
)

# Labels and help where the feature's name inside a sentence does not serve above a field.
LABELS = {
    "platinum_best_response": gettext_lazy("Best response to it"),
    "platinum_free_interval_months": gettext_lazy("Platinum-free interval"),
    "neuropathy_grade": gettext_lazy("Neuropathy grade"),
}
HELP = {
    "platinum_free_interval_months": gettext_lazy("From the end of platinum to progression"),
    "lines_received": gettext_lazy("Platinum included"),
    "sstr": gettext_lazy("Positive: uptake above liver in all lesions"),
}

# At which field of the form a problem with a feature is said, where that is not the field of the feature's own name.
FIELD_OF = {
    "platinum_received": "first_line_platinum",
    "prior_regimens": "received",
    "progressed_on": "received",
}


class TickedOptions(forms.MultipleChoiceField):
    """Options ticked for comparison. Nothing of the patient: whatever is ticked, the patient can be ranked."""

    def valid_value(self, value: Any) -> bool:
        return True


class PatientForm(forms.Form):
    """What the oncologist knows; once valid, `patient` is the patient and `chosen_preference` what matters more."""

    # Hundreds of options of selects: Django has its widget templates for both engines, and this one is far faster.
    default_renderer = Jinja2()

    first_line_platinum = forms.ChoiceField(label=gettext_lazy("First-line platinum"), required=False)
    received = forms.MultipleChoiceField(label=gettext_lazy("Other regimens received"), required=False)
    progressed = forms.MultipleChoiceField(label=gettext_lazy("Progressed on"), required=False)
    none_received = forms.BooleanField(label=gettext_lazy("No others"), required=False)
    none_progressed = forms.BooleanField(label=gettext_lazy("Progressed on none of them"), required=False)
    conditions = forms.MultipleChoiceField(label=gettext_lazy("Conditions that matter"), required=False)
    others_absent = forms.BooleanField(label=gettext_lazy("All others absent"), required=False)
    supposed = forms.MultipleChoiceField(
        label=gettext_lazy("Supposed"),
        required=False,
        choices=[(name, name) for name in (*MAIN_MARKERS, *FURTHER_MARKERS)],
    )
    compare = TickedOptions(label=gettext_lazy("Compare"), required=False)
    preference = forms.ChoiceField(
        label=gettext_lazy("What matters more"),
        choices=[(preference.name, gettext_lazy(preference.label)) for preference in PREFERENCES.values()],
        required=False,
    )
    evidence = forms.ChoiceField(
        label=gettext_lazy("Evidence that counts"),
        choices=[("all", gettext_lazy("All, by how far it applies")), ("nec", gettext_lazy("NEC only"))],
        required=False,
    )

    decimal_mark = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, knowledge: Knowledge):
        mark = decimals.mark_in_use()
        data = _without_dropped(_with_trial_value(_in_this_language(data, mark), mark))
        super().__init__(data, initial={"decimal_mark": mark})
        self.knowledge = knowledge
        self.patient: Patient | None = None
        for name in SINGLE:
            self.fields[name] = _field(FEATURES[name])
        region = self.fields["region"]
        region.choices = [("", _("unknown: US availability is used")), *region.choices[1:]]
        regimens = knowledge.regimens.values()
        self.fields["first_line_platinum"].choices = [
            ("", UNKNOWN),
            *((regimen.slug, regimen.name) for regimen in _first_line_platinum(regimens)),
            (PLATINUM_GIVEN, _("Platinum, regimen not known")),
            (PLATINUM_NOT_GIVEN, _("No platinum")),
        ]
        self.fields["received"].choices = self.fields["progressed"].choices = [
            (regimen.slug, regimen.name) for regimen in _givable(regimens)
        ]
        self.fields["conditions"].choices = [(name, capfirst(ACTIVE.text(label))) for name, label in CONDITIONS.items()]
        for name in ("first_line_platinum", *SINGLE):
            self.fields[name].widget.attrs.update(_attributes(self.fields[name], f"id_{name}"))
        self.order_fields(IN_ORDER)
        self.helper = _helper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        progressed = set(cleaned.get("progressed", []))
        received = set(cleaned.get("received", [])) | progressed
        if cleaned.get("none_received") and received:
            self._contradict(_("“No others” is ticked, and so are regimens: %(regimens)s."), received)
        if cleaned.get("none_progressed") and progressed:
            self._contradict(_("“Progressed on none of them” contradicts: %(regimens)s."), progressed)
        if self.errors:
            return cleaned
        try:
            self.patient = self.knowledge.patient(self._features(cleaned, received, progressed))
        except PatientError as error:
            for problem in error.problems:
                feature = problem.features[-1]
                self.add_error(FIELD_OF.get(feature, feature), self._in_words(problem, cleaned))
        return cleaned

    @property
    def suppositions(self) -> list[str]:
        """The features whose value is tried out: entered on the page, and not known of the patient."""
        chosen = self.cleaned_data.get("supposed", []) if self.is_bound else []
        return [name for name in chosen if self.cleaned_data.get(name) not in (None, "")]

    @property
    def chosen_preference(self) -> str:
        return (self.is_bound and self.cleaned_data.get("preference")) or DEFAULT_PREFERENCE

    @property
    def is_nec_only(self) -> bool:
        """Whether borrowed evidence is left out."""
        return self.is_bound and self.cleaned_data.get("evidence") == "nec"

    @property
    def ticked(self) -> tuple[str, ...]:
        """The options ticked for comparison, each once, as they were sent."""
        return tuple(dict.fromkeys(slug for slug in self["compare"].value() or () if slug))

    def entered(self) -> Iterator[tuple[str, str]]:
        """Every name and value that was sent and says something, for a form that sends the same again."""
        if self.is_bound:
            for name in self.fields:
                values = self.data.getlist(name) if hasattr(self.data, "getlist") else [self.data.get(name)]
                yield from ((name, value) for value in values if value)

    def without_suppositions(self) -> Iterator[tuple[str, str]]:
        """What was entered, less what is only supposed."""
        dropped = {"supposed", *self.suppositions}
        return ((name, value) for name, value in self.entered() if name not in dropped)

    def fields_that_may_fail(self) -> list[forms.BoundField]:
        """Those beside which the page keeps a place for errors: all but single tick boxes and what is hidden."""
        hidden = ("supposed", "compare", "decimal_mark")
        return [field for field in self if not isinstance(field.field, forms.BooleanField) and field.name not in hidden]

    def regimen_rows(self) -> Iterator[RegimenRow]:
        """Each regimen that may have been received, with what is ticked."""
        received, progressed = self["received"].value() or [], self["progressed"].value() or []
        for slug, name in self.fields["received"].choices:
            drugs = ", ".join(self.knowledge.regimens[slug].drugs)
            yield RegimenRow(slug, name, drugs, slug in received, slug in progressed)

    def received_summary(self) -> ListSummary:
        """What the closed list of regimens says: those ticked, none, or unknown."""
        ticked = dict.fromkeys([*(self["received"].value() or []), *(self["progressed"].value() or [])])
        names = [name for slug, name in self.fields["received"].choices if slug in ticked]
        return _summary(names, is_none=self["none_received"].value())

    def condition_summary(self) -> ListSummary:
        """What the closed list of conditions says."""
        ticked = [label for name, label, is_ticked in self.condition_rows() if is_ticked]
        return _summary(ticked, is_none=self["others_absent"].value())

    def condition_rows(self) -> Iterator[tuple[str, str, bool]]:
        ticked = self["conditions"].value() or []
        for name, label in self.fields["conditions"].choices:
            yield name, label, name in ticked

    def _features(self, cleaned: dict[str, Any], received: set[str], progressed: set[str]) -> dict[str, Any]:
        """Features as METHOD names them; what was left unknown is absent."""
        features = {name: cleaned[name] for name in SINGLE if cleaned.get(name) not in (None, "")}
        platinum = cleaned.get("first_line_platinum")
        if platinum:
            features["platinum_received"] = platinum != PLATINUM_NOT_GIVEN
        first_line = {platinum} if platinum in self.knowledge.regimens else set()
        nothing_else = cleaned.get("none_received") or (first_line and features.get("lines_received") == 1)
        if received or (nothing_else and (first_line or platinum == PLATINUM_NOT_GIVEN)):
            features["prior_regimens"] = received | first_line
        failed = _progressed_on_platinum(features)
        with_platinum = first_line or {slug for slug in received if self.knowledge.regimens[slug].holds_platinum}
        if failed and len(with_platinum) == 1:
            progressed = progressed | with_platinum
        others_answered = not received or cleaned.get("none_progressed")
        if progressed or ("prior_regimens" in features and failed is False and others_answered):
            features["progressed_on"] = progressed
        ticked = set(cleaned.get("conditions", []))
        for name in CONDITIONS:
            if name in ticked:
                features[name] = True
            elif cleaned.get("others_absent"):
                features[name] = False
        return features

    def _in_words(self, problem: Problem, cleaned: dict[str, Any]) -> str:
        """A contradiction in the words of the form: both fields, and what was entered in them."""
        match problem.features:
            case ("platinum_best_response", _):
                months = ACTIVE.number(cleaned["platinum_free_interval_months"], "g")
                message = _(
                    "With progression as best response the platinum-free interval is below 3 months; %(months)s "
                    "contradicts it."
                )
                return message % {"months": months}
            case ("platinum_received", "prior_regimens"):
                return _("“No platinum” contradicts the regimens ticked here that hold cisplatin or carboplatin.")
            case ("platinum_received", _):
                return _("“No platinum” is chosen above, so there is no response to it and no interval after it.")
            case ("histology", _):
                return _("A small-cell carcinoma or MiNEN is poorly differentiated; “Well” contradicts it.")
            case ("lines_received", _):
                return _("Lines received is 0, which contradicts the regimens received.")
        return problem.message

    def _contradict(self, message: str, slugs: Iterable[str]) -> None:
        self.add_error("received", message % {"regimens": ", ".join(sorted(self.knowledge.names[x] for x in slugs))})


@dataclass(frozen=True)
class ListSummary:
    """What a list of tick boxes says while it is closed."""

    words: str
    is_unknown: bool


@dataclass(frozen=True)
class RegimenRow:
    """One line of the list of regimens received."""

    slug: str
    name: str
    drugs: str
    received: bool
    progressed: bool


class NumberField(forms.Field):
    """A number within a feature's range; every refusal names the field, the value and the range."""

    def __init__(self, feature: Feature, **arguments: Any):
        super().__init__(widget=forms.TextInput, **arguments)
        self.feature = feature
        self.unit = ACTIVE.text(feature.unit) if feature.unit else ""

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        shown = text if len(text) <= 20 else f"{text[:20]}…"
        mark = decimals.mark_in_use()
        try:
            number = decimals.read(text, mark, allows=partial(_allows, self.feature))
        except decimals.AmbiguousError as error:
            raise self._refusal(
                _("“%(text)s” may be %(decimal)s or %(thousands)s: write one of the two."),
                "ambiguous",
                text=shown,
                decimal=ACTIVE.number(error.decimal, ".12g"),
                thousands=ACTIVE.number(error.thousands, ".12g"),
            ) from error
        except decimals.UnreadableError as error:
            message = _("“%(text)s” is not a number.")
            if mark == decimals.POINT and decimals.COMMA in text:
                message = _("“%(text)s” is not a number (write 2.5, not 2,5).")
            raise self._refusal(message, "no-number", text=shown) from error
        if not _allows(self.feature, number):
            raise self._refusal(_("%(text)s is not."), "out-of-range", text=text)
        return int(number) if number.is_integer() else number

    def _refusal(self, message: str, code: str, **parts: str) -> forms.ValidationError:
        """What the field takes, and what is wrong with what was written."""
        return forms.ValidationError(f"{self._rule} {message % parts}", code=code)

    @property
    def _rule(self) -> str:
        feature = self.feature
        if feature.kind == "count":
            message = _("%(field)s is a whole number from %(low)s to %(high)s.")
        elif feature.unit == "%":
            message = _("%(field)s is a percentage from %(low)s to %(high)s.")
        elif feature.unit == "months":
            message = _("%(field)s is a number of months from %(low)s to %(high)s.")
        else:
            message = _("%(field)s is a number from %(low)s to %(high)s.")
        low, high = (ACTIVE.number(bound, "g") for bound in (feature.low, feature.high))
        return message % {"field": self.label, "low": low, "high": high}


class Folded(Div):
    """Fields behind a summary that opens when something in them is filled in or wrong."""

    template = "regimens/form/folded.html"

    def __init__(self, summary: str, *names: str):
        super().__init__(*(_shown(name) for name in names))
        self.summary, self.names, self.is_open = summary, names, False

    def render(self, form: forms.Form, *arguments: Any, **options: Any) -> Any:
        self.is_open = any(form[name].errors or form[name].value() for name in self.names)
        return super().render(form, *arguments, **options)


def _helper() -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True  # the page writes the form tag and its token
    helper.layout = Layout(
        Fieldset(_("Tumour"), _grid(*TUMOUR)),
        Fieldset(
            _("Treatment so far"),
            _shown("first_line_platinum"),
            _grid(*PLATINUM),
            HTML('{% include "regimens/form/received.html" %}'),
        ),
        Fieldset(
            _("Biomarkers"),
            _grid(*MAIN_MARKERS),
            Folded(_("%(count)s further markers") % {"count": len(FURTHER_MARKERS)}, *FURTHER_MARKERS),
        ),
        Fieldset(
            _("Patient"),
            _grid("ecog"),
            HTML('{% include "regimens/form/conditions.html" %}'),
            Folded(_("Organ function and enzymes"), *ORGANS),
        ),
        Fieldset(
            _("Where, and what matters"),
            _shown("region"),
            HTML('{% include "regimens/form/buttons.html" with field=form.preference %}'),
            HTML('{% include "regimens/form/buttons.html" with field=form.evidence %}'),
        ),
    )
    return helper


def _grid(*names: str) -> Div:
    return Div(*(_shown(name) for name in names), css_class="field-grid")


def _shown(name: str) -> LayoutField:
    return LayoutField(name, template="regimens/form/field.html")


def _field(feature: Feature) -> forms.Field:
    label = str(LABELS.get(feature.name) or capfirst(ACTIVE.text(feature.label)))
    help_text = HELP.get(feature.name, "")
    if feature.is_numeric:
        return NumberField(feature, label=label, required=False, help_text=help_text)
    choices = [("", UNKNOWN), *((value, capfirst(feature.worded(value, ACTIVE))) for value in feature.values)]
    return forms.ChoiceField(label=label, choices=choices, required=False, help_text=help_text)


def _summary(ticked: list[str], *, is_none: bool) -> ListSummary:
    return ListSummary(", ".join(ticked) or (_("none") if is_none else str(UNKNOWN)), not (ticked or is_none))


def _allows(feature: Feature, number: float) -> bool:
    return (feature.kind != "count" or number.is_integer()) and feature.low <= number <= feature.high


def _attributes(field: forms.Field, identifier: str) -> dict[str, str]:
    described = f"{identifier}_error" + (f" {identifier}_helptext" if field.help_text else "")
    if isinstance(field, NumberField):
        return {
            "class": "form-control form-control-sm",
            "aria-describedby": described,
            "inputmode": "numeric" if field.feature.kind == "count" else "decimal",
            "placeholder": str(UNKNOWN),
            "autocomplete": "off",
        }
    return {"class": "form-select form-select-sm", "aria-describedby": described}


def _in_this_language(data: Any, mark: str) -> Any:
    """What was sent, its numbers with the decimal mark of this page: they may be from a page in another language."""
    if data is None:
        return None
    data, written = data.copy(), data.get("decimal_mark")
    data["decimal_mark"] = mark
    if written != mark and written in (decimals.POINT, decimals.COMMA):
        for name in NUMBERS:
            if text := str(data.get(name) or "").strip():
                data[name] = decimals.rewritten(text, written, mark, allows=partial(_allows, FEATURES[name]))
    return data


def _with_trial_value(data: Any, mark: str) -> Any:
    """What was sent, with the value that the button of a missing test tries out: `try=msi:high`."""
    feature, __, value = (data or {}).get("try", "").partition(":")
    if not feature:
        return data
    data = data.copy()
    data[feature] = value.replace(decimals.POINT, mark) if feature in NUMBERS else value
    if hasattr(data, "appendlist"):
        data.appendlist("supposed", feature)
    else:
        data["supposed"] = [*data.get("supposed", []), feature]
    return data


def _without_dropped(data: Any) -> Any:
    """What was sent, less the option that a button of the comparison drops: `drop=folfox`."""
    dropped = (data or {}).get("drop")
    if not dropped or not hasattr(data, "setlist"):
        return data
    data = data.copy()
    data.setlist("compare", [slug for slug in data.getlist("compare") if slug != dropped])
    return data


def _progressed_on_platinum(features: dict[str, Any]) -> bool | None:
    """Whether the disease progressed on platinum or within 3 months of it; None when neither answer is there."""
    interval = features.get("platinum_free_interval_months")
    if features.get("platinum_best_response") == "PD":
        return True
    return None if interval is None else interval < 3


def _first_line_platinum(regimens: Iterable[Regimen]) -> list[Regimen]:
    """Platinum-etoposide first, where it is looked for; then the other doublets; then those with a third drug.

    Where cisplatin and carboplatin are both named, either is meant.
    """
    fitting = [
        r for r in regimens if r.holds_platinum and (r.setting == "first-line" or r.slug == "irinotecan-platinum")
    ]

    def order(regimen: Regimen) -> tuple[int, bool, str]:
        partners = set(regimen.drugs) - {"cisplatin", "carboplatin"}
        return len(partners), "etoposide" not in partners, regimen.name.lower()

    return sorted(fitting, key=order)


def _givable(regimens: Iterable[Regimen]) -> list[Regimen]:
    """What a patient may have received: no comparators, and no care that is no regimen."""
    fitting = [r for r in regimens if r.setting != "comparator" and r.slug != BEST_SUPPORTIVE_CARE]
    return sorted(fitting, key=lambda r: r.name.lower())
