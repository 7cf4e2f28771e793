"""The forms of a decision: the question, the options that are discussed, the choice and who was present."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.people import person_name
from boards.choice import Choice, testable
from boards.models import Decision, Membership
from boards.models.choices import ChoiceKind, Reason
from boards.privacy.guard import CANNOT_KNOW
from boards.shown.stored_ranking import Frozen, later_line_regimens
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import FEATURES
from regimens.wording.bands import BAND_TITLES

from .base import BoardForm, GuardedField, text_area

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


class DecisionForm(ChoiceForm):
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
        widget=text_area(4),
        help_text=CANNOT_KNOW,
    )
    present = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Present"),
        queryset=get_user_model().objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    guests = GuardedField(
        "decision.guests",
        label=gettext_lazy("Guests"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Those present who are not members of the board."),
    )
    dissent = GuardedField("decision.dissent", label=gettext_lazy("Dissent"), required=False, widget=text_area(2))
    correction = GuardedField(
        "decision.correction",
        label=gettext_lazy("Why the signed decision is corrected"),
        required=False,
        widget=text_area(2),
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    field_order = (
        *("based_on", "kind", "regimen", "trial", "test", "words", "reason", "reason_words"),
        *("rationale", "present", "guests", "dissent", "correction"),
    )

    def __init__(self, *arguments: Any, members: Iterable[Membership], is_signed: bool, **options: Any):
        super().__init__(*arguments, **options)
        people = [held.person for held in members]
        self.fields["kind"].label = _("Decision")
        self.fields["present"].queryset = get_user_model().objects.filter(pk__in=[person.pk for person in people])
        self.fields["present"].choices = [(person.pk, person_name(person)) for person in people]
        if not is_signed:
            del self.fields["correction"]
        self._dress()

    @staticmethod
    def initial_from(decision: Decision) -> dict[str, Any]:
        """The fields of a decision that is gone on with."""
        choice = Choice(decision.kind, decision.option, decision.words)
        return ChoiceForm.initial_of(choice) | {
            "reason": decision.reason,
            "reason_words": decision.reason_words,
            "rationale": decision.rationale,
            "present": [presence.person_id for presence in decision.presences.all()],
            "guests": decision.guests,
            "dissent": decision.dissent,
            "based_on": decision.number,
        }


def _by_band(frozen: Frozen) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    found = []
    for band, listed in frozen.choosable():
        named = [(slug, name) for slug, name in listed if slug != BEST_SUPPORTIVE_CARE]
        if named:
            found.append((_("Waits for a test") if band is None else str(BAND_TITLES[band]), named))
    return found
