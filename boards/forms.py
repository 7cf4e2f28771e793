"""The forms of boards: laid out by crispy-forms in the look of the patient form; what they mean is for the actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field as LayoutField
from crispy_forms.layout import Layout
from django import forms
from django.contrib.auth import get_user_model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regimens.curation.people import person_name
from regimens.presenters.bands import BAND_TITLES
from regimens.rules.knowledge import BEST_SUPPORTIVE_CARE, Knowledge
from regimens.rules.patient import FEATURES, SITES

from .choosing import Choice, testable
from .errors import Refused
from .frozen import Frozen, later_line_regimens
from .labels import findings
from .models import Board, Decision, Membership
from .models.choices import Ballots, CaseStatus, ChoiceKind, Reason, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHOOSE = ("", gettext_lazy("choose"))


class BoardForm(forms.Form):
    """A form of boards; `prefix_id` keeps the ids of two forms on a page apart."""

    def __init__(self, *arguments: Any, prefix_id: str = "", **options: Any):
        super().__init__(*arguments, auto_id=f"id_{prefix_id}%s", **options)
        self._dress()

    def refuse(self, refusal: Refused) -> None:
        """Say at its field why the action was refused."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))

    def _dress(self) -> None:
        for name, field in self.fields.items():
            if field.widget.is_hidden:
                continue
            identifier = self.auto_id % name
            described = f"{identifier}_error" + (f" {identifier}_helptext" if field.help_text else "")
            attributes = {"aria-describedby": described}
            if isinstance(field.widget, forms.Select) and not isinstance(field.widget, forms.RadioSelect):
                attributes["class"] = "form-select form-select-sm"
            elif isinstance(field.widget, (forms.TextInput, forms.Textarea, forms.DateInput)):
                attributes |= {"class": "form-control form-control-sm", "autocomplete": "off"}
            field.widget.attrs.update(attributes)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*(self._laid_out(name) for name in self.fields))

    def _laid_out(self, name: str) -> LayoutField:
        widget = self.fields[name].widget
        if widget.is_hidden:
            return LayoutField(name)
        if isinstance(widget, forms.CheckboxInput):
            return LayoutField(name, template="boards/form/check.html")
        if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
            return Choices(name, template="boards/form/choices.html")
        return LayoutField(name, template="regimens/form/field.html")


class Choices(LayoutField):
    """Radio buttons or tick boxes, in groups where the choices have them."""

    def render(self, form: forms.Form, *arguments: Any, **options: Any) -> Any:
        bound = form[self.fields[0]]
        widget = bound.field.widget
        groups = widget.optgroups(bound.html_name, widget.format_value(bound.value()), {"id": bound.auto_id})
        context = {"groups": [(name, listed) for name, listed, _index in groups], "kind": widget.input_type}
        return super().render(form, *arguments, extra_context=context, **options)


def _text_area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class NotesForm(BoardForm):
    """Notes on a version; what looks as if it identified somebody is pointed at once, and then taken as meant."""

    notes = forms.CharField(
        label=gettext_lazy("Notes for the board"),
        required=False,
        widget=_text_area(4),
        max_length=4000,
        help_text=gettext_lazy("No names, dates of birth or record numbers."),
    )
    sure = forms.BooleanField(
        label=gettext_lazy("Nothing in the notes identifies the patient: save them as they are"), required=False
    )

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.suspicions = findings(str(self["notes"].value() or ""), is_prose=True)
        if not self.is_bound or not self.suspicions:
            del self.fields["sure"]
            self._dress()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.suspicions and not cleaned.get("sure"):
            said = "; ".join(
                _("“%(text)s” %(what)s") % {"text": found.text, "what": found.words} for found in self.suspicions
            )
            message = _("Look again: %(said)s. Take out what identifies the patient, or tick the box below.")
            self.add_error("notes", message % {"said": said})
        return cleaned


class CaseForm(NotesForm):
    label = forms.CharField(
        label=gettext_lazy("Label"),
        max_length=60,
        help_text=gettext_lazy(
            "How the board knows the case, such as “Colon 7” or “2026-14”. Never a name, initials, a date of birth or "
            "a record number: whoever sees the list reads it."
        ),
    )
    board = forms.ModelChoiceField(label=gettext_lazy("Board"), queryset=Board.objects.none(), empty_label=None)

    field_order = ("label", "board", "notes", "sure")

    def __init__(self, *arguments: Any, boards: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["board"].queryset = boards
        self._dress()


class LabelForm(BoardForm):
    label = forms.CharField(
        label=gettext_lazy("Label"),
        max_length=60,
        help_text=gettext_lazy("Never a name, initials, a date of birth or a record number."),
    )


class CaseFilter(BoardForm):
    """What the list of cases is narrowed by. It comes by POST, so that no label is in an address."""

    q = forms.CharField(
        label=gettext_lazy("Label"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )
    board = forms.ModelChoiceField(
        label=gettext_lazy("Board"), queryset=Board.objects.none(), required=False, empty_label=gettext_lazy("any")
    )
    site = forms.ChoiceField(label=gettext_lazy("Primary site"), required=False)
    option = forms.CharField(
        label=gettext_lazy("First or chosen option"),
        required=False,
        max_length=80,
        widget=forms.TextInput({"type": "search"}),
    )
    status = forms.ChoiceField(label=gettext_lazy("Status"), required=False)

    def __init__(self, *arguments: Any, boards: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["board"].queryset = boards
        sites = sorted(((name, capfirst(_(label))) for name, label in SITES.items()), key=lambda pair: pair[1])
        self.fields["site"].choices = [("", _("any")), *sites]
        self.fields["status"].choices = [("", _("all but archived and erased")), *CaseStatus.choices]
        self._dress()
        for field in self.fields.values():
            field.widget.attrs.pop("aria-describedby")  # the filter says errors within the field's own box


class EraseForm(BoardForm):
    sure = forms.BooleanField(label=gettext_lazy("Erase this case for good"))
    even_if_decided = forms.BooleanField(
        label=gettext_lazy("The board decided on it: I know that the decision loses its words"), required=False
    )

    def __init__(self, *arguments: Any, is_decided: bool, **options: Any):
        super().__init__(*arguments, **options)
        if not is_decided:
            del self.fields["even_if_decided"]
            self._dress()


class MeetingForm(BoardForm):
    held_on = forms.DateField(
        label=gettext_lazy("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    place = forms.CharField(label=gettext_lazy("Place"), required=False, max_length=120)


class SettingsForm(BoardForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    header = forms.CharField(
        label=gettext_lazy("Header of its documents"),
        required=False,
        max_length=600,
        widget=_text_area(3),
        help_text=gettext_lazy("Hospital and department, as they stand above minutes and reports."),
    )
    blind_first = forms.BooleanField(
        label=gettext_lazy("Vote before the ranking is shown"),
        required=False,
        help_text=gettext_lazy(
            "Each member records a first choice; the ranking of a case is shown once its vote is closed. For meetings "
            "made from now on."
        ),
    )
    ballots = forms.ChoiceField(
        label=gettext_lazy("Votes are shown"), choices=Ballots.choices, widget=forms.RadioSelect
    )


class NewBoardForm(BoardForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    chair = forms.CharField(label=gettext_lazy("Who chairs it: user name"), max_length=150)

    def clean_chair(self) -> User:
        return account_of(self.cleaned_data["chair"])


class MemberForm(BoardForm):
    username = forms.CharField(label=gettext_lazy("User name"), max_length=150)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)

    def clean_username(self) -> User:
        return account_of(self.cleaned_data["username"])


def account_of(username: str) -> User:
    """The account of that name. Raises ValidationError."""
    person = get_user_model().objects.filter(username=username.strip(), is_active=True).first()
    if person is None:
        raise forms.ValidationError(_("There is no account of this name."))
    return person


class PrepareForm(BoardForm):
    """What the board is asked on a case."""

    question = forms.CharField(
        label=gettext_lazy("Question to the board"), required=False, max_length=600, widget=_text_area(3)
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
    words = forms.CharField(label=gettext_lazy("In words"), required=False, max_length=200)

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
    reason_words = forms.CharField(label=gettext_lazy("The reason in words"), required=False, widget=_text_area(2))
    rationale = forms.CharField(label=gettext_lazy("Rationale"), required=False, widget=_text_area(4))
    present = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Present"),
        queryset=get_user_model().objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    guests = forms.CharField(
        label=gettext_lazy("Guests"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Who was present without being on the board."),
    )
    dissent = forms.CharField(label=gettext_lazy("Dissent"), required=False, widget=_text_area(2))
    correction = forms.CharField(
        label=gettext_lazy("Why the signed decision is corrected"), required=False, widget=_text_area(2)
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
