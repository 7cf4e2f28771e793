"""The patient form: every field may stay unknown, and what is entered becomes a `Patient`.

The browser's door into the rules: ranges and contradictions are those of `regimens.rules.patient`, said at the fields
that they concern; what follows from an entry is said beside its field and not asked again. Nothing that identifies a
person is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.forms.renderers import Jinja2
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from display import decimals
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import features_named
from regimens.rules.ordering import DEFAULT_PREFERENCE, PREFERENCES
from regimens.rules.patient import (
    CONDITIONS,
    FEATURES,
    TREATMENTS,
    Patient,
    PatientError,
    Problem,
    entered_features,
    scope,
)
from regimens.rules.trials import trial_criterion
from regimens.wording.patient import implied_values
from regimens.wording.sentences import ACTIVE

from .form_layout import (
    CONDITION_GROUPS,
    FLAGS,
    FURTHER_MARKERS,
    IN_ORDER,
    LISTED,
    MAIN_MARKERS,
    NUMBERS,
    SINGLE,
    UNKNOWN,
    Note,
    described,
    field_of,
    layout,
)
from .quantities import rewritten, shortened, without_unit
from .received import (
    PLATINUM_GIVEN,
    PLATINUM_NOT_GIVEN,
    Said,
    TreatmentRow,
    offered,
)

# At which field of the form a problem with a feature is said, where that is not the field of the feature's own name.
FIELD_OF = {
    "platinum_received": "first_line_platinum",
    **dict.fromkeys(TREATMENTS, "received"),
    **dict.fromkeys(CONDITIONS, "conditions"),
}
# What a Child-Pugh class says by itself, so that “all others absent” is no answer for it.
LIVER = "severe_hepatic_impairment"
# Beside which fields something may be said: that a number looks like another unit, or what follows from another entry.
NOTED = (*NUMBERS, "kras_g12c", "ras_mutation", "first_line_platinum", "received", LIVER)
# What counts though no criterion names it: where nothing is ranked, what is warned of, where licences are read.
ALWAYS_COUNT = frozenset(
    {
        *("primary_site", "histology", "differentiation", "ki67", "sstr", "rb1_loss"),
        *("platinum_best_response", "platinum_free_interval_months", "lines_received"),
        *("ecog", "region", "pregnancy_or_breastfeeding", "active_infection"),
    }
)


class TickedOptions(forms.MultipleChoiceField):
    """Options ticked for comparison. Nothing of the patient: whatever is ticked, the patient can be ranked."""

    def valid_value(self, value: Any) -> bool:
        return True


class TreatmentsField(forms.MultipleChoiceField):
    """Ticks in one column of the list of treatments: slugs that the release knows."""

    knowledge: Knowledge

    def __init__(self, feature: str, **arguments: Any):
        super().__init__(required=False, **arguments)
        self.feature = FEATURES[feature]

    def validate(self, value: Any) -> None:
        vocabulary = self.knowledge.vocabulary
        for slug in value:
            if slug not in vocabulary.of(self.feature):
                nearest = vocabulary.nearest(slug, self.feature) or ""
                message = _("This release knows no treatment called “%(name)s”.")
                if nearest:
                    message = _("This release knows no treatment called “%(name)s”. Did you mean %(nearest)s?")
                held = self.knowledge.drugs if self.feature.holds == "drugs" else self.knowledge.regimens
                named = {"name": shortened(slug), "nearest": held[nearest].name if nearest else ""}
                raise forms.ValidationError(message % named, code="unknown-treatment")


class PatientForm(forms.Form):
    """What the oncologist knows; once valid, `patient` is the patient and `chosen_preference` what matters more."""

    # Hundreds of options of selects: Django has its widget templates for both engines, and this one is far faster.
    default_renderer = Jinja2()

    first_line_platinum = forms.ChoiceField(label=gettext_lazy("First-line platinum"), required=False)
    received = TreatmentsField("prior_regimens", label=gettext_lazy("Other treatment received"))
    progressed = TreatmentsField("progressed_on", label=gettext_lazy("Progressed on"))
    received_drugs = TreatmentsField("prior_drugs", label=gettext_lazy("Drugs received"))
    progressed_drugs = TreatmentsField("progressed_on_drugs", label=gettext_lazy("Drugs progressed on"))
    none_received = forms.BooleanField(label=gettext_lazy("No others"), required=False)
    none_progressed = forms.BooleanField(label=gettext_lazy("Progressed on none of them"), required=False)
    conditions = forms.MultipleChoiceField(label=gettext_lazy("Conditions that matter"), required=False)
    # Those that were stated absent by themselves, as where “all others absent” was said of a shorter list.
    absent = forms.MultipleChoiceField(label=gettext_lazy("Conditions stated absent"), required=False)
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
        self._notes: dict[str, Note] = {}
        for name in SINGLE:
            self.fields[name] = field_of(FEATURES[name])
        region = self.fields["region"]
        region.choices = [("", _("unknown: US availability is used")), *region.choices[1:]]
        choice = offered(knowledge)
        self.fields["first_line_platinum"].choices = [
            ("", UNKNOWN),
            *((regimen.slug, regimen.name) for regimen in choice.first_line),
            (PLATINUM_GIVEN, _("Platinum, regimen not known")),
            (PLATINUM_NOT_GIVEN, _("No platinum")),
        ]
        self.treatments = (
            ("received", "progressed", choice.regimens),
            ("received_drugs", "progressed_drugs", choice.drugs),
        )
        for name in LISTED:
            self.fields[name].knowledge = knowledge
        self.fields["conditions"].choices = [(name, capfirst(ACTIVE.text(label))) for name, label in CONDITIONS.items()]
        self.fields["absent"].choices = [(name, capfirst(ACTIVE.text(FEATURES[name].absent))) for name in CONDITIONS]
        described(self.fields["first_line_platinum"], "first_line_platinum")
        self.order_fields(IN_ORDER)

    @cached_property
    def helper(self) -> FormHelper:
        """How the form is laid out: only a whole page needs it."""
        return layout(_counting(self.knowledge))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._notes = dict(self._units(cleaned))
        said = _said(cleaned)
        listed = self._names(said.regimens, said.drugs)
        failed = self._names(said.regimens_failed, said.drugs_failed)
        if said.none_received and listed:
            self._contradict(_("“No others” is ticked, and so are regimens or drugs: %(regimens)s."), listed)
        if said.none_progressed and failed:
            self._contradict(_("“Progressed on none of them” contradicts: %(regimens)s."), failed)
        if both := set(cleaned.get("conditions", [])) & set(cleaned.get("absent", [])):
            names = ", ".join(_(label) for name, label in CONDITIONS.items() if name in both)
            self.add_error("conditions", _("Ticked as present and as absent: %(conditions)s.") % {"conditions": names})
        try:
            patient = self.knowledge.patient(self._features(cleaned, said))
        except PatientError as error:
            worded = [(problem, self._in_words(problem, cleaned)) for problem in error.problems]
            for problem, words in worded:  # an error takes what was entered out of `cleaned`
                self._tell(problem, words)
        else:
            self.patient = None if self.errors else patient
            self._notes |= {_place(name): Note(words) for name, words in implied_values(patient)}
            if not said.none_received and said.is_all(self.knowledge, cleaned.get("lines_received")):
                self._notes["received"] = Note(_("none (follows from one line received)"))
        return cleaned

    @property
    def notes(self) -> Mapping[str, Note]:
        """What is said beside fields and is no error, by field."""
        self.is_valid()
        return self._notes

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
        hidden = ("supposed", "compare", "decimal_mark", "absent")
        return [field for field in self if not isinstance(field.field, forms.BooleanField) and field.name not in hidden]

    def distinct_errors(self) -> list[tuple[str, str]]:
        """Each error once, with the element to correct it at: a contradiction stands at both of its fields."""
        found: dict[str, str] = {}
        for field in self.fields_that_may_fail():
            for error in field.errors:
                found.setdefault(error, FIRST_ELEMENT.get(field.name, f"id_{field.name}"))
        return [(element, error) for error, element in found.items()]

    def noted(self) -> Iterator[tuple[str, Note | None]]:
        """Every place for a note, with the note that is there."""
        return ((name, self.notes.get(name)) for name in NOTED)

    @cached_property
    def treatment_groups(self) -> list[TreatmentGroup]:
        """The regimens and the drugs that may have been received, with what is ticked; ticked ones come first."""
        titles = (_("Regimens"), _("Drugs received outside of these regimens"))
        groups = []
        for title, (received, progressed, treatments) in zip(titles, self.treatments, strict=True):
            is_received, is_progressed = (set(self[name].value() or []) for name in (received, progressed))
            rows = [
                TreatmentRow(each, received, progressed, each.slug in is_received, each.slug in is_progressed)
                for each in treatments
            ]
            rows.sort(key=lambda row: not (row.is_received or row.is_progressed))
            groups.append(TreatmentGroup(title, rows))
        return groups

    def received_summary(self) -> ListSummary:
        """What the closed list of treatments says: those ticked, none, or unknown."""
        ticked = [
            _("%(regimen)s (progressed)") % {"regimen": row.treatment.name} if row.is_progressed else row.treatment.name
            for group in self.treatment_groups
            for row in group.rows
            if row.is_received or row.is_progressed
        ]
        return _summary(ticked, is_none=self["none_received"].value())

    def listed_fields(self) -> list[forms.BoundField]:
        """The fields of the list of treatments."""
        return [self[name] for name in LISTED]

    @property
    def is_treatment_entered(self) -> bool:
        return any(field.value() or field.errors for field in self.listed_fields())

    def condition_summary(self) -> ListSummary:
        """What the closed list of conditions says."""
        rows = [row for group in self.condition_groups() for row in group.rows]
        said = [row.label for row in rows if row.is_ticked]
        if (stated := sum(bool(row.absent) for row in rows)) and not self["others_absent"].value():
            words = ngettext("%(count)d condition stated absent", "%(count)d conditions stated absent", stated)
            said.append(words % {"count": stated})
        return _summary(said, is_none=self["others_absent"].value())

    def condition_groups(self) -> Iterator[ConditionGroup]:
        """The conditions under their headings; those that decide nothing in the release come last."""
        ticked, stated = self["conditions"].value() or [], self["absent"].value() or []
        labels, absences = (dict(self.fields[name].choices) for name in ("conditions", "absent"))
        counting = _counting(self.knowledge)
        groups = [(title, [name for name in names if name in counting]) for title, names in CONDITION_GROUPS]
        idle = [name for _title, names in CONDITION_GROUPS for name in names if name not in counting]
        for title, names in (*groups, (_("Of no consequence in this release"), idle)):
            if names:
                rows = [
                    ConditionRow(
                        name=name,
                        label=labels[name],
                        is_ticked=name in ticked,
                        absent=absences[name] if name in stated else "",
                        may_follow=name in NOTED,
                        note=self.notes.get(name),
                    )
                    for name in names
                ]
                yield ConditionGroup(str(title), rows)

    def _features(self, cleaned: dict[str, Any], said: Said) -> dict[str, Any]:
        """Features as METHOD names them; what was left unknown is absent."""
        features = {name: _value(name, cleaned[name]) for name in SINGLE if cleaned.get(name) not in (None, "")}
        features |= said.features(self.knowledge, features)
        ticked, stated = set(cleaned.get("conditions", [])), set(cleaned.get("absent", []))
        for name in CONDITIONS:
            is_answered = cleaned.get("others_absent") and not (name == LIVER and "child_pugh" in features)
            if name in ticked:
                features[name] = True
            elif name in stated or is_answered:
                features[name] = False
        return features

    def _units(self, cleaned: dict[str, Any]) -> Iterator[tuple[str, Note]]:
        """What a number probably is where it looks like one in another unit; each by itself, whatever else is wrong."""
        for name in NUMBERS:
            if cleaned.get(name) is not None:
                for code, sentence in scope(self.knowledge.patient({name: cleaned[name]})).warnings:
                    if code == f"unit-{name}":
                        message = _("The number looks like %(other)s.")
                        other = sentence.parts["other"]
                        yield name, Note(message % {"other": other.worded(ACTIVE)}, is_warning=True)

    def _tell(self, problem: Problem, words: str) -> None:
        """An error at each of the fields concerned, once."""
        for field in dict.fromkeys(FIELD_OF.get(name, name) for name in problem.features):
            if words not in self.errors.get(field, []):
                self.add_error(field, words)

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
            case ("platinum_received", "platinum_best_response"):
                return _("First-line platinum: “No platinum” contradicts a best response to it.")
            case ("platinum_received", "platinum_free_interval_months"):
                return _("First-line platinum: “No platinum” contradicts a platinum-free interval.")
            case ("platinum_received", _):
                return _("First-line platinum: “No platinum” contradicts the treatments ticked that hold platinum.")
            case ("histology", _):
                message = _(
                    "Histology “%(histology)s” contradicts differentiation “Well”: it is poorly differentiated."
                )
                return message % {"histology": self._chosen("histology", cleaned)}
            case ("lines_received", _):
                return _("Lines received is 0, which contradicts the treatments received.")
            case ("kras_g12c", _):
                return _("KRAS G12C “Positive” contradicts RAS mutation “No”: it is one.")
            case ("child_pugh", _):
                message = _("Child-Pugh class %(grade)s contradicts “Severe hepatic impairment”, which is class C.")
                return message % {"grade": cleaned["child_pugh"]}
            case ("gynaecological_site", _):
                message = _("Gynaecological site “%(part)s” contradicts primary site “%(site)s”.")
                chosen = {"part": "gynaecological_site", "site": "primary_site"}
                return message % {key: self._chosen(name, cleaned) for key, name in chosen.items()}
        return problem.message

    def _chosen(self, name: str, cleaned: dict[str, Any]) -> str:
        """What was chosen in a field, as it stands in the list."""
        return str(dict(self.fields[name].choices)[cleaned[name]])

    def _names(self, regimens: Iterable[str], drugs: Iterable[str]) -> str:
        """What regimens and drugs are called, in the order of their names; one slug may be of both."""
        held, known = self.knowledge.regimens, self.knowledge.drugs
        return ", ".join(sorted([*(held[slug].name for slug in regimens), *(known[slug].name for slug in drugs)]))

    def _contradict(self, message: str, names: str) -> None:
        self.add_error("received", message % {"regimens": names})


# The element at which to correct what is wrong, where it is not that of the field's own name.
FIRST_ELEMENT = {
    **dict.fromkeys(LISTED, "id_received"),
    "preference": "id_preference_balanced",
    "evidence": "id_evidence_all",
}


@dataclass(frozen=True)
class ListSummary:
    """What a list of tick boxes says while it is closed."""

    words: str
    is_unknown: bool


@dataclass(frozen=True)
class TreatmentGroup:
    """The regimens, or the drugs, of the list of treatments."""

    title: str
    rows: list[TreatmentRow]


@dataclass(frozen=True)
class ConditionRow:
    """One condition of the list; `note` where it follows from another entry, as it may where `may_follow`.

    absent   what is said of one that was stated absent by itself; "" of any other
    """

    name: str
    label: str
    is_ticked: bool
    absent: str
    may_follow: bool
    note: Note | None


@dataclass(frozen=True)
class ConditionGroup:
    """Conditions under a heading."""

    title: str
    rows: list[ConditionRow]


def _value(name: str, entered: Any) -> Any:
    """What was entered in a field as the value of its feature."""
    return FLAGS[entered] if FEATURES[name].kind == "flag" else entered


def _place(name: str) -> str:
    """Beside which field something is said of a feature that is no field itself."""
    return name if name in NOTED else FIELD_OF[name]


def _said(cleaned: Mapping[str, Any]) -> Said:
    regimens, regimens_failed, listed, failed = (frozenset(cleaned.get(name, ())) for name in LISTED)
    return Said(
        first_line=cleaned.get("first_line_platinum", ""),
        regimens=regimens | regimens_failed,
        regimens_failed=regimens_failed,
        drugs=listed | failed,
        drugs_failed=failed,
        none_received=bool(cleaned.get("none_received")),
        none_progressed=bool(cleaned.get("none_progressed")),
    )


def _counting(knowledge: Knowledge) -> frozenset[str]:
    """The features that decide something in a release: named by its criteria or its trials, and a few always."""
    if "counting" not in knowledge.kept:
        trials = (trial_criterion(trial) for trial in knowledge.document["trials"])
        named = frozenset(knowledge.criteria.looking_at).union(*map(features_named, trials))
        knowledge.kept["counting"] = entered_features(named) | ALWAYS_COUNT
    found: frozenset[str] = knowledge.kept["counting"]
    return found


def _summary(ticked: list[str], *, is_none: bool) -> ListSummary:
    return ListSummary(", ".join(ticked) or (_("none") if is_none else str(UNKNOWN)), not (ticked or is_none))


def _in_this_language(data: Any, mark: str) -> Any:
    """What was sent, its numbers without their unit and with the decimal mark of this page.

    They may be from a page in another language.
    """
    if data is None:
        return None
    data, written = data.copy(), data.get("decimal_mark")
    data["decimal_mark"] = mark
    for name in NUMBERS:
        if text := str(data.get(name) or "").strip():
            number = without_unit(text, FEATURES[name])
            if written != mark and written in (decimals.POINT, decimals.COMMA):
                number = rewritten(number, FEATURES[name], written, mark)
            data[name] = number
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
