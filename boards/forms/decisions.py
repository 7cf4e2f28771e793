"""The forms of a decision: the question, the options that are discussed, the choice and who was present."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit.people import person_name
from boards.actions.decisions import Written
from boards.choice import LONGEST_WORDS, Choice, choice_words, testable
from boards.errors import Refused
from boards.models import Decision, Membership
from boards.models.choices import DECIDED_KINDS, ChoiceKind, Reason, StepState
from boards.plans import AGREED, LONGEST_OWNER, MOST_STEPS, PLANNED, Identity, Standing, Step, identity_of
from boards.shown.stored_ranking import Frozen, later_line_regimens
from display.privacy.refusals import CANNOT_KNOW
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import FEATURES
from regimens.wording.bands import BAND_TITLES

from .base import BoardForm, GuardedField, text_area

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FEWEST_ROWS = 3
LONGEST_KEY = 18
_ROW = re.compile(r"step-(\d{1,3})-\w+")
_TRIAL = re.compile(r"NCT\d{8}\b", re.IGNORECASE)
CHOOSE = ("", gettext_lazy("choose"))


class PrepareForm(BoardForm):
    """What the board is asked on a case."""

    question = GuardedField(
        "agendaitem.question",
        label=gettext_lazy("Question to the board"),
        required=False,
        max_length=600,
        widget=text_area(3),
        help_text=CANNOT_KNOW,
    )
    based_on = forms.CharField(required=False, widget=forms.HiddenInput)


class OptionsForm(BoardForm):
    options = forms.MultipleChoiceField(
        label=gettext_lazy("Options side by side"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *arguments: Any, frozen: Frozen, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["options"].choices = [
            (_("Waits for a test") if band is None else str(BAND_TITLES[band]), listed)
            for band, listed in frozen.choosable()
        ]
        self._dress()


class ChoiceForm(BoardForm):
    """A choice: its kind, and what it names. Options are listed by name, unless a ranking that is shown is given."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Choice"), choices=ChoiceKind.choices, widget=forms.RadioSelect, required=False
    )
    regimen = forms.ChoiceField(label=gettext_lazy("Option"), required=False)
    trial = forms.CharField(label=gettext_lazy("Trial number (NCT)"), required=False, max_length=11)
    test = forms.ChoiceField(label=gettext_lazy("Test"), required=False)
    words = GuardedField(
        "decision.words",
        label=gettext_lazy("In words"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("No names, dates or numbers under which somebody is filed."),
    )

    def __init__(self, *arguments: Any, knowledge: Knowledge, frozen: Frozen | None = None, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["regimen"].choices = [CHOOSE, *(_by_band(frozen) if frozen else later_line_regimens(knowledge))]
        tests = [(name, capfirst(_(FEATURES[name].label))) for name in testable()]
        self.fields["test"].choices = [CHOOSE, *sorted(tests, key=lambda pair: pair[1].lower())]
        self._dress()

    @property
    def choice(self) -> Choice:
        """What is chosen, unchecked."""
        cleaned = self.cleaned_data
        kind = cleaned.get("kind") or ""
        named = {"ranked": "regimen", "trial": "trial", "test-first": "test"}.get(kind, "")
        return Choice(kind, cleaned.get(named) or "", cleaned.get("words") or "")

    @staticmethod
    def initial_of(choice: Choice) -> dict[str, str]:
        """The fields that say a choice."""
        field = {"ranked": "regimen", "trial": "trial", "test-first": "test"}.get(choice.kind)
        return {"kind": choice.kind, "words": choice.words} | ({field: choice.option} if field else {})


class StepForm(BoardForm):
    """A recommendation of a plan: a row of the form of a decision, which may be empty."""

    when = GuardedField("planstep.condition", label=gettext_lazy("When"), required=False, max_length=LONGEST_WORDS)
    do = forms.ChoiceField(label=gettext_lazy("Do"), required=False)
    words = GuardedField(
        "planstep.words",
        label=gettext_lazy("Details, or the trial’s NCT number"),
        required=False,
        max_length=LONGEST_WORDS,
    )
    who = GuardedField(
        "planstep.owner_words", label=pgettext_lazy("of a plan", "Who"), required=False, max_length=LONGEST_OWNER
    )
    due = forms.DateField(
        label=gettext_lazy("Due"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("This is no day: give one such as 2026-12-24.")},
    )
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    reason = GuardedField("planstep.reason", label=gettext_lazy("Why"), required=False, max_length=1000)

    def __init__(self, *arguments: Any, choices: Sequence[Any], **options: Any):
        super().__init__(*arguments, **options)
        planned = [(state.value, state.label) for state in PLANNED]
        if self.initial.get("state") == StepState.NOT_DONE:
            planned.append((StepState.NOT_DONE.value, StepState.NOT_DONE.label))
        self.fields["do"].choices = choices
        self.fields["state"].choices = planned
        self.fields["who"].widget.attrs["list"] = "people"
        self._dress()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was entered; a state says nothing by itself."""
        return not any(str(self[name].value() or "").strip() for name in self.fields if name != "state")

    def step(self, people: Mapping[str, User]) -> Step:
        """The recommendation, unchecked; what could not be read is left out."""
        given = getattr(self, "cleaned_data", {})
        kind, _colon, option = (given.get("do") or "").partition(":")
        words = given.get("words") or ""
        if kind == ChoiceKind.TRIAL:
            option, words = _trial_in(words)
        who = " ".join((given.get("who") or "").split())
        owner = people.get(who.casefold())
        return Step(
            Choice(kind, option, words),
            given.get("when") or "",
            given.get("reason") or "",
            owner,
            "" if owner else who,
            given.get("due"),
            "" if given.get("state") == StepState.NOT_DONE else given.get("state") or "",
        )


class PresentField(forms.MultipleChoiceField):
    """Who was present, as keys of accounts; whether they are on the board is for the action to say, by name."""

    def valid_value(self, value: Any) -> bool:
        return str(value).isascii() and str(value).isdecimal() and len(str(value)) < LONGEST_KEY


class DecisionForm(BoardForm):
    """A decision: its plan, why, and who was present. Once anything was signed, question and options as well."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Reason, if it is not among the recommended"),
        choices=[CHOOSE, *Reason.choices],
        required=False,
    )
    reason_words = GuardedField(
        "decision.reason_words", label=gettext_lazy("The reason in words"), required=False, widget=text_area(2)
    )
    rationale = GuardedField(
        "decision.rationale",
        label=gettext_lazy("Rationale"),
        required=False,
        widget=text_area(3),
        help_text=CANNOT_KNOW,
    )
    dissent = GuardedField("decision.dissent", label=gettext_lazy("Dissent"), required=False, widget=text_area(2))
    would_change = GuardedField(
        "decision.would_change", label=gettext_lazy("What would change it"), required=False, widget=text_area(2)
    )
    present = PresentField(label=gettext_lazy("Present"), widget=forms.CheckboxSelectMultiple, required=False)
    guests = GuardedField(
        "decision.guests",
        label=gettext_lazy("Guests"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Those present who are not members of the board."),
    )
    correction = GuardedField(
        "decision.correction",
        label=gettext_lazy("Why the signed decision is corrected"),
        required=False,
        widget=text_area(2),
    )
    question = GuardedField(
        "agendaitem.question",
        label=gettext_lazy("Question to the board"),
        required=False,
        max_length=600,
        widget=text_area(2),
    )
    options = forms.MultipleChoiceField(
        label=gettext_lazy("Options side by side"), required=False, widget=forms.CheckboxSelectMultiple
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    WHY = ("reason", "reason_words", "rationale", "dissent", "would_change")
    ROOM = ("present", "guests")
    CORRECTION = ("correction", "question", "options")

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        frozen: Frozen,
        members: Iterable[Membership],
        is_signed: bool,
        is_under_signature: bool,
        steps: Sequence[Mapping[str, Any]] = (),
        initial: Mapping[str, Any] | None = None,
    ):
        """`steps`: the rows as they are filled in beforehand, of a form that nobody sent."""
        super().__init__(data, initial=initial)
        self.people = people_named([held.person for held in members])
        self.fields["present"].choices = [(person.pk, name) for name, person in self.people]
        self.fields["options"].choices = [
            (_("Waits for a test") if band is None else str(BAND_TITLES[band]), listed)
            for band, listed in frozen.choosable()
        ]
        if not is_signed:
            del self.fields["correction"]
        if not is_under_signature:
            del self.fields["question"], self.fields["options"]
        self._dress()
        choices = do_choices(frozen)
        places = rows_sent(data) if data is not None else range(max(FEWEST_ROWS, len(steps) + 1))
        self.steps = [
            StepForm(
                data,
                prefix=f"step-{place}",
                choices=choices,
                initial=steps[place] if place < len(steps) else {"state": StepState.AGREED.value},
            )
            for place in places
        ]

    def is_valid(self) -> bool:
        """Whether every field can be read, those of the plan included: every one is looked at."""
        readable = [row.is_valid() for row in self.filled]
        return super().is_valid() and all(readable)

    @property
    def filled(self) -> list[StepForm]:
        return [row for row in self.steps if not row.is_empty]

    @property
    def written(self) -> Written:
        """What was written, unchecked."""
        given, people = self.cleaned_data, {name.casefold(): person for name, person in self.people}
        return Written(
            steps=tuple(row.step(people) for row in self.filled),
            rationale=(given.get("rationale") or "").strip(),
            present=frozenset(int(pk) for pk in given.get("present") or ()),
            reason=given.get("reason") or "",
            reason_words=(given.get("reason_words") or "").strip(),
            correction=(given.get("correction") or "").strip(),
            question=given.get("question") if "question" in self.fields else None,
            options=given.get("options") if "options" in self.fields else None,
        )

    def refuse(self, refusal: Refused) -> None:
        """Say at its field why it was refused, unless something else is wrong with it already."""
        _step, _dash, rest = refusal.field.partition("step-")
        if not rest:
            if refusal.field not in self.errors:
                super().refuse(refusal)
            return
        place, _dash, name = rest.partition("-")
        rows = self.filled or self.steps
        row = rows[min(int(place), len(rows) - 1)]
        row.is_valid()
        if name not in row.errors:
            row.add_error(name, str(refusal))

    @property
    def all_errors(self) -> list[str]:
        """Every error of the form and of its plan, for the list above it."""
        said = _("Step %(number)d, %(field)s: %(error)s")
        own = [str(error) for listed in self.errors.values() for error in listed]
        return [
            *(
                said % {"number": number, "field": row[name].label, "error": error}
                for number, row in enumerate(self.steps, start=1)
                if (row.is_bound and not row.is_empty) or row._errors
                for name, listed in row.errors.items()
                for error in listed
            ),
            *own,
        ]

    def part(self, *names: str) -> FormHelper:
        """How crispy-forms draws some of the fields."""
        helper = FormHelper()
        helper.form_tag, helper.disable_csrf = False, True
        helper.layout = Layout(*(self._laid_out(name) for name in names if name in self.fields))
        return helper

    @property
    def why_part(self) -> FormHelper:
        return self.part(*self.WHY)

    @property
    def room_part(self) -> FormHelper:
        return self.part(*self.ROOM)

    @property
    def correction_part(self) -> FormHelper:
        return self.part(*self.CORRECTION)

    @staticmethod
    def initial_from(decision: Decision) -> dict[str, Any]:
        """The fields of a decision that is gone on with; its rows are `steps_from`."""
        return {
            "reason": decision.reason,
            "reason_words": decision.reason_words,
            "rationale": decision.rationale,
            "present": [presence.person_id for presence in decision.presences.all()],
            "guests": decision.guests,
            "dissent": decision.dissent,
            "would_change": decision.would_change,
            "based_on": decision.number,
            "question": decision.shown.get("question", ""),
            "options": decision.shown.get("options", []),
        }


def steps_from(decision: Decision, standings: Mapping[Identity, Standing]) -> list[dict[str, Any]]:
    """The rows of a decision's plan; of one from before plans, its choice."""
    rows = [
        _row(Choice(step.kind, step.option, step.words))
        | {
            "when": step.condition,
            "reason": step.reason,
            "who": person_name(step.owner) if step.owner else step.owner_words,
            "due": step.due_on,
            "state": standings.get(identity_of(step), AGREED).state.value,
        }
        for step in decision.steps.all()
    ]
    return rows or [_row(Choice(decision.kind, decision.option, decision.words)) | {"state": StepState.AGREED.value}]


def _row(choice: Choice) -> dict[str, Any]:
    """The fields that say a choice."""
    if choice.kind == ChoiceKind.TRIAL:
        return {"do": ChoiceKind.TRIAL.value, "words": " ".join(filter(None, (choice.option, choice.words)))}
    return {"do": f"{choice.kind}:{choice.option}" if choice.option else str(choice.kind), "words": choice.words}


def from_pairs(pairs: Iterable[Sequence[str]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Fields and rows as they were typed, of a draft or of a form that gets another row."""
    data = QueryDict(mutable=True)
    for name, value in pairs:
        data.appendlist(name, value)
    names = [name for name in DecisionForm.base_fields if name in data]
    fields = {name: data.getlist(name) if name in ("present", "options") else data[name] for name in names}
    rows = [{name: data.get(f"step-{place}-{name}", "") for name in StepForm.base_fields} for place in rows_sent(data)]
    while rows and not any(value for name, value in rows[-1].items() if name != "state"):
        rows.pop()
    return fields, rows


def rows_sent(data: QueryDict) -> range:
    """The places of the rows that were sent."""
    places = [int(found[1]) for name in data if (found := _ROW.fullmatch(name))]
    return range(min(max(places, default=FEWEST_ROWS - 1) + 1, MOST_STEPS + 1))


def people_named(people: Sequence[User]) -> list[tuple[str, User]]:
    """People by the name that is typed for them: with the name of the account where two are called the same."""
    names = Counter(person_name(person).casefold() for person in people)
    return [
        (
            person_name(person)
            if names[person_name(person).casefold()] == 1
            else f"{person_name(person)} ({person.get_username()})",
            person,
        )
        for person in people
    ]


def do_choices(frozen: Frozen) -> list[Any]:
    """What a recommendation can be: options by band, tests, and the rest."""
    ranked = [
        (band, [(f"{ChoiceKind.RANKED}:{slug}", name) for slug, name in listed]) for band, listed in _by_band(frozen)
    ]
    tests = sorted(
        ((f"{ChoiceKind.TEST_FIRST}:{name}", choice_words(Choice(ChoiceKind.TEST_FIRST, name))) for name in testable()),
        key=lambda pair: pair[1].lower(),
    )
    others = [
        (kind.value, kind.label) for kind in DECIDED_KINDS if kind not in (ChoiceKind.RANKED, ChoiceKind.TEST_FIRST)
    ]
    return [CHOOSE, *ranked, (_("Otherwise"), others), (str(ChoiceKind.TEST_FIRST.label), tests)]


def _trial_in(words: str) -> tuple[str, str]:
    """The number of a trial and what else is said of it; no number where none is there."""
    found = _TRIAL.search(words)
    if not found:
        return words.strip(), ""
    return found[0].upper(), " ".join((words[: found.start()] + words[found.end() :]).split())


def _by_band(frozen: Frozen) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    found = []
    for band, listed in frozen.choosable():
        named = [(slug, name) for slug, name in listed if slug != BEST_SUPPORTIVE_CARE]
        if named:
            found.append((_("Waits for a test") if band is None else str(BAND_TITLES[band]), named))
    return found
