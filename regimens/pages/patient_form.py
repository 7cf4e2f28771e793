"""The patient form: every field may stay unknown, and what is entered becomes a `Patient`.

The browser's door into the rules: ranges and contradictions are those of `regimens.rules.patient`, said at the fields
that they concern; what follows from an entry is said beside its field and not asked again. Nothing that identifies a
person is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from display import decimals
from display.cache import kept
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import features_named
from regimens.rules.ordering import DEFAULT_PREFERENCE, PREFERENCES
from regimens.rules.patient import (
    CONDITIONS,
    FEATURES,
    REGIONS,
    TREATMENTS,
    Patient,
    PatientError,
    Problem,
    entered_features,
    looks_like,
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
    NAMED,
    NOTED,
    NUMBERS,
    SECTIONS,
    SINGLE,
    UNKNOWN,
    Note,
    field_of,
)
from .form_markup import filled_in, out_of_band
from .quantities import CONVERSIONS, rewritten, shortened, without_unit
from .received import (
    PLATINUM_GIVEN,
    PLATINUM_NOT_GIVEN,
    Said,
    TreatmentRow,
    named,
    nearest,
    offered,
)

# At which field of the form a problem with a feature is said, where that is not the field of the feature's own name.
FIELD_OF = {
    "platinum_received": "first_line_platinum",
    **dict.fromkeys(TREATMENTS, "received"),
    **dict.fromkeys(CONDITIONS, "conditions"),
}
# Where an error is said of a field that has no place for one beside it.
AT_WHICH = {
    "none_received": "received",
    "none_progressed": "received",
    "received_typed": "received",
    "progressed_typed": "received",
    "others_absent": "conditions",
    "preference": "region",
    "evidence": "region",
    "decimal_mark": "region",
}
# What a Child-Pugh class says by itself, so that “all others absent” is no answer for it.
LIVER = "severe_hepatic_impairment"
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
    """Ticks in one column of the list of treatments: slugs, which the form looks up in its release."""

    def __init__(self, feature: str, **arguments: Any):
        super().__init__(required=False, **arguments)
        self.feature = FEATURES[feature]

    def valid_value(self, value: Any) -> bool:
        return True


@kept(most=32)
def _fields(language: str | None, first_line: tuple[tuple[str, str], ...]) -> dict[str, forms.Field]:
    """The fields in a language, made once: a form reads them and changes none."""
    found: dict[str, forms.Field] = {name: field_of(FEATURES[name]) for name in SINGLE}
    given = [(PLATINUM_GIVEN, _("Platinum, regimen not known")), (PLATINUM_NOT_GIVEN, _("No platinum"))]
    found |= {
        "first_line_platinum": forms.ChoiceField(
            label=_("First-line platinum"), required=False, choices=[("", UNKNOWN), *first_line, *given]
        ),
        "received": TreatmentsField("prior_regimens", label=_("Other treatment received")),
        "progressed": TreatmentsField("progressed_on", label=_("Progressed on")),
        "received_drugs": TreatmentsField("prior_drugs", label=_("Drugs received")),
        "progressed_drugs": TreatmentsField("progressed_on_drugs", label=_("Drugs progressed on")),
        "received_typed": forms.CharField(label=_("Other treatment received, by name"), required=False),
        "progressed_typed": forms.CharField(label=_("Progressed on, by name"), required=False),
        "none_received": forms.BooleanField(label=_("No others"), required=False),
        "none_progressed": forms.BooleanField(label=_("Progressed on none of them"), required=False),
        "conditions": forms.MultipleChoiceField(
            label=_("Conditions that matter"),
            required=False,
            choices=[(name, capfirst(ACTIVE.text(label))) for name, label in CONDITIONS.items()],
        ),
        # Those that were stated absent by themselves, as where “all others absent” was said of a shorter list.
        "absent": forms.MultipleChoiceField(
            label=_("Conditions stated absent"),
            required=False,
            choices=[(name, capfirst(ACTIVE.text(FEATURES[name].absent))) for name in CONDITIONS],
        ),
        "others_absent": forms.BooleanField(label=_("All others absent"), required=False),
        "supposed": forms.MultipleChoiceField(
            label=_("Supposed"), required=False, choices=[(name, name) for name in (*MAIN_MARKERS, *FURTHER_MARKERS)]
        ),
        "compare": TickedOptions(label=_("Compare"), required=False),
        "preference": forms.ChoiceField(
            label=_("What matters more"),
            choices=[(preference.name, _(preference.label)) for preference in PREFERENCES.values()],
            required=False,
        ),
        "evidence": forms.ChoiceField(
            label=_("Evidence that counts"),
            choices=[("all", _("All, by how far it applies")), ("nec", _("NEC only"))],
            required=False,
        ),
        "decimal_mark": forms.CharField(required=False, widget=forms.HiddenInput),
    }
    for conversion in CONVERSIONS.values():
        found[conversion.measured] = forms.CharField(label=_("Laboratory’s value"), required=False)
        found[conversion.limit] = forms.CharField(label=_("Its upper limit"), required=False)
    return {name: found[name] for name in dict.fromkeys((*IN_ORDER, *found))}


@kept(most=32)
def _empty(language: str | None, first_line: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """What each field gives where nothing is sent."""
    fields = _fields(language, first_line)
    return {name: field.clean(field.widget.value_from_datadict({}, {}, name)) for name, field in fields.items()}


class PatientForm(forms.Form):
    """What the oncologist knows; once valid, `patient` is the patient and `chosen_preference` what matters more.

    Nothing is ranked for a region that nobody chose: a form without one has an error. `understood` is the patient as
    far as the entries agree, also where the region is all that is missing.
    """

    def __init__(self, data: Any = None, *, knowledge: Knowledge, region: str = ""):
        """`region` is the one that was remembered: chosen beforehand on an empty form."""
        mark = decimals.mark_in_use()
        # As it was sent: what is written anew below is there once.
        self._counts = {name: len(values) for name, values in data.lists()} if hasattr(data, "lists") else {}
        data = _without_dropped(_with_trial_value(_in_this_language(data, mark), mark))
        super().__init__(_by_slug(data, knowledge), initial={"decimal_mark": mark, "region": region})
        self.knowledge = knowledge
        self.patient: Patient | None = None
        self.understood: Patient | None = None
        self._notes: dict[str, Note] = {}
        choice = offered(knowledge)
        self.first_line = tuple((regimen.slug, regimen.name) for regimen in choice.first_line)
        self.fields = dict(_fields(get_language(), self.first_line))
        self.treatments = (
            ("received", "progressed", choice.regimens),
            ("received_drugs", "progressed_drugs", choice.drugs),
        )

    @property
    def is_beginning(self) -> bool:
        """Whether the form is as it is before anything was ranked: nothing sent, or the first entries with errors."""
        return not self.is_bound or bool(self.data.get("start") and not self.is_valid())

    @property
    def lacks_region_alone(self) -> bool:
        """Whether everything is right but that no region was chosen, as in a case of a time when none had to be."""
        return self.is_bound and not self.is_valid() and self.understood is not None

    @property
    def idle(self) -> frozenset[str]:
        """The fields that decide nothing in the release."""
        return frozenset(SINGLE) - _counting(self.knowledge)

    @cached_property
    def helper(self) -> FormHelper:
        """How crispy-forms draws the form: laid out once, and filled in for this patient."""
        return filled_in("beginning" if self.is_beginning else "sections")

    @property
    def example(self) -> str:
        """The region of an example that was chosen in place of a patient: nobody's own choice of a region."""
        sent = str(self.data.get("example") or "") if self.is_bound else ""
        return sent if sent in REGIONS else ""

    def _clean_fields(self) -> None:
        """As Django does it, but that most fields are left empty: what that gives is looked up.

        An empty text that is sent for a list is no empty list, and is looked at.
        """
        empty = _empty(get_language(), self.first_line)
        for name, field in self.fields.items():
            if self.data.get(name) or (name in self.data and isinstance(field, forms.MultipleChoiceField)):
                try:
                    self.cleaned_data[name] = field.clean(self[name].data)
                except forms.ValidationError as error:
                    self.add_error(name, error)
            else:
                value = empty[name]
                self.cleaned_data[name] = [] if isinstance(value, list) else value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._refuse_repeated()
        self._notes = dict(self._units(cleaned))
        self._convert(cleaned)
        self._look_up(cleaned)
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
            self.understood = None if self.errors else patient
            self._notes |= {_place(name): Note(words) for name, words in implied_values(patient)}
            if not said.none_received and said.is_all(self.knowledge, cleaned.get("lines_received")):
                self._notes["received"] = Note(_("none (follows from one line received)"))
        if not cleaned.get("region") and "region" not in self.errors:
            self.add_error("region", _("Choose a region: licences and trials differ, and nothing is ranked before."))
        self.patient = None if self.errors else self.understood
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

    # Those beside which the page keeps a place for errors: all but single tick boxes and what is hidden.
    names_that_may_fail = IN_ORDER

    def distinct_errors(self) -> list[tuple[str, str]]:
        """Each error once, with the element to correct it at: a contradiction stands at both of its fields."""
        found: dict[str, str] = {}
        for name in self.names_that_may_fail:
            for error in self.errors.get(name, ()):
                found.setdefault(error, FIRST_ELEMENT.get(name, f"id_{name}"))
        return [(element, error) for error, element in found.items()]

    def out_of_band(self) -> Iterator[tuple[str, str, str]]:
        """What an answer renews in the form that stays: errors, notes and the summaries of the sections."""
        return out_of_band(self)

    def noted(self) -> Iterator[tuple[str, Note | None]]:
        """Every place for a note, with the note that is there."""
        return ((name, self.notes.get(name)) for name in NOTED)

    @cached_property
    def ticked_treatments(self) -> tuple[list[TreatmentRow], list[TreatmentRow]]:
        """The regimens and the drugs that are ticked; the others are fetched when the list is opened."""
        found: tuple[list[TreatmentRow], list[TreatmentRow]] = ([], [])
        for rows, (received, progressed, treatments) in zip(found, self.treatments, strict=True):
            is_received, is_progressed = (set(self.sent(name)) for name in (received, progressed))
            if is_received or is_progressed:
                rows += [
                    TreatmentRow(each, received, progressed, each.slug in is_received, each.slug in is_progressed)
                    for each in treatments
                    if each.slug in is_received or each.slug in is_progressed
                ]
        return found

    @cached_property
    def received_summary(self) -> ListSummary:
        """What the closed list of treatments says: those ticked, none, or unknown."""
        ticked = [
            _("%(regimen)s (progressed)") % {"regimen": row.treatment.name} if row.is_progressed else row.treatment.name
            for rows in self.ticked_treatments
            for row in rows
        ]
        return _summary(ticked, is_none=bool(self.sent("none_received")))

    @property
    def is_treatment_entered(self) -> bool:
        return any(self.sent(name) or name in self.errors for name in (*LISTED, *NAMED))

    def open_sections(self) -> frozenset[str]:
        """The sections with something to correct or to check."""
        marked = {*self.errors, *(name for name, note in self.notes.items() if note.is_warning)}
        return frozenset(name for name, (_title, names) in SECTIONS.items() if marked & {*names, *_inside(names)})

    def sent(self, name: str) -> list[str]:
        """What was sent in a field, or stands in it beforehand, less what is empty."""
        if not self.is_bound:
            initial = self.initial.get(name, "")
            return [initial] if initial else []
        if hasattr(self.data, "getlist"):
            return [value for value in self.data.getlist(name) if value]
        value = self.data.get(name)
        return [str(each) for each in (value if isinstance(value, (list, tuple, set)) else [value]) if each]

    @cached_property
    def condition_summary(self) -> ListSummary:
        """What the closed list of conditions says."""
        rows = [row for group in self.condition_groups() for row in group.rows]
        ticked, absent = self.sent("conditions"), self.sent("absent")
        said = [row.label for row in rows if row.name in ticked]
        stated = sum(row.name in absent for row in rows)
        if stated and not self.sent("others_absent"):
            words = ngettext("%(count)d condition stated absent", "%(count)d conditions stated absent", stated)
            said.append(words % {"count": stated})
        return _summary(said, is_none=bool(self.sent("others_absent")))

    def condition_groups(self) -> Iterator[ConditionGroup]:
        """The conditions under their headings; those that decide nothing in the release come last."""
        labels = dict(self.fields["conditions"].choices)
        counting = _counting(self.knowledge)
        groups = [(title, [name for name in names if name in counting]) for title, names in CONDITION_GROUPS]
        idle = [name for _title, names in CONDITION_GROUPS for name in names if name not in counting]
        for title, names in (*groups, (_("Of no consequence in this release"), idle)):
            if names:
                rows = [ConditionRow(name, labels[name], may_follow=name in NOTED) for name in names]
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

    def _convert(self, cleaned: dict[str, Any]) -> None:
        """Multiples of the upper limit from a laboratory's value and its limit, and what was made of it."""
        for name, conversion in CONVERSIONS.items():
            measured, limit = (str(cleaned.get(field) or "") for field in (conversion.measured, conversion.limit))
            if not measured or not limit:
                if measured or limit:
                    message = _("%(value)s is not used: the value and the laboratory’s upper limit are both needed.")
                    self._notes[name] = Note(message % {"value": shortened(measured or limit)}, is_warning=True)
                continue
            try:
                found = conversion.read(measured, limit, decimals.mark_in_use())
            except forms.ValidationError as error:
                self.add_error(name, error)
                continue
            entered = cleaned.get(name)
            if entered is not None and abs(entered - found.ratio) > SAME_MULTIPLE:
                message = _("%(conversion)s %(entered)s × ULN, which is entered too, contradicts that.")
                said = {"conversion": found.words, "entered": ACTIVE.number(entered, "g")}
                self.add_error(name, message % said)
            elif entered is None and name not in self.errors:
                cleaned[name] = found.ratio
                doubted = dict(self._units({name: found.ratio})).get(name)
                words = f"{found.words} {doubted.words}" if doubted else found.words
                self._notes[name] = Note(words, is_warning=bool(doubted))

    def _look_up(self, cleaned: dict[str, Any]) -> None:
        """Say what the release does not know among the treatments that were ticked or named."""
        message = _("This release knows no treatment called “%(name)s”.")
        with_nearest = _("This release knows no treatment called “%(name)s”. Did you mean %(nearest)s?")
        vocabulary = self.knowledge.vocabulary
        for name in LISTED:
            feature = self.fields[name].feature
            known = vocabulary.of(feature)
            for slug in [slug for slug in cleaned.get(name) or () if slug not in known]:
                meant = vocabulary.nearest(slug, feature) or ""
                held = self.knowledge.drugs if feature.holds == "drugs" else self.knowledge.regimens
                words = {"name": shortened(slug), "nearest": held[meant].name if meant else ""}
                self.add_error(name, (with_nearest if meant else message) % words)
                break
        for name in NAMED:
            for unknown in named(str(cleaned.get(name) or ""), self.knowledge).unknown:
                meant = nearest(unknown, self.knowledge)
                words = {"name": shortened(unknown), "nearest": meant}
                self.add_error(name, (with_nearest if meant else message) % words)

    def _refuse_repeated(self) -> None:
        """Two values of one field leave open which is meant, as they do where a system sends them."""
        for name, field in self.fields.items():
            count = 1 if isinstance(field, forms.MultipleChoiceField) else self._counts.get(name, 0)
            if count > 1:
                message = _("%(field)s is given %(count)s times. Send it once.")
                self.add_error(AT_WHICH.get(name, name), message % {"field": field.label or name, "count": count})

    def _units(self, cleaned: dict[str, Any]) -> Iterator[tuple[str, Note]]:
        """What a number probably is where it looks like one in another unit; each by itself, whatever else is wrong."""
        for name in NUMBERS:
            if cleaned.get(name) is not None and (other := looks_like(name, cleaned[name])):
                message = _("The number looks like %(other)s.")
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
    "ecog": "id_ecog_",
    "region": "id_region_EU",
    "preference": "id_preference_balanced",
    "evidence": "id_evidence_all",
}
# Within which two ways to say the same multiple of the upper limit agree.
SAME_MULTIPLE = 0.05


@dataclass(frozen=True)
class ListSummary:
    """What a list of tick boxes says while it is closed."""

    words: str
    is_unknown: bool


@dataclass(frozen=True)
class ConditionRow:
    """One condition of the list; `may_follow` where it may follow from another entry."""

    name: str
    label: str
    may_follow: bool


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


def _inside(names: Iterable[str]) -> Iterator[str]:
    """The conditions that stand inside of the list of conditions, where a note may stand beside one."""
    if "conditions" in names:
        yield from CONDITIONS


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
    data, written = copy(data), data.get("decimal_mark")  # no list of it is changed, only put in another's place
    data["decimal_mark"] = mark
    for name in NUMBERS:
        if text := str(data.get(name) or "").strip():
            number = without_unit(text, FEATURES[name])
            if written != mark and written in (decimals.POINT, decimals.COMMA):
                number = rewritten(number, FEATURES[name], written, mark)
            data[name] = number
    for conversion in CONVERSIONS.values():
        for name in (conversion.measured, conversion.limit):
            if data.get(name) and written != mark and written in (decimals.POINT, decimals.COMMA):
                data[name] = conversion.rewritten(str(data[name]), written, mark)
    return data


def _by_slug(data: Any, knowledge: Knowledge) -> Any:
    """What was sent, with the treatments that were typed by name ticked; a name that nothing bears stays typed."""
    if data is None or not any(data.get(name) for name in NAMED):
        return data
    data = data.copy()
    for name, regimens, drugs in zip(
        NAMED, ("received", "progressed"), ("received_drugs", "progressed_drugs"), strict=True
    ):
        found = named(str(data.get(name) or ""), knowledge)
        data[name] = "; ".join(found.unknown)
        for field, slugs in ((regimens, found.regimens), (drugs, found.drugs)):
            ticked = data.getlist(field) if hasattr(data, "getlist") else data.get(field, [])
            every = list(dict.fromkeys([*ticked, *slugs]))
            if hasattr(data, "setlist"):
                data.setlist(field, every)
            else:
                data[field] = every
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
