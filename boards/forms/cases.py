"""The forms of cases: what is written of a patient, labels, the filter of the list, erasure."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.models import Board, CaseVersion
from boards.models.choices import CaseStatus
from boards.privacy.guard import GUARDED
from display.privacy.identifiers import findings
from display.privacy.refusals import CANNOT_KNOW
from display.punctuation import in_series
from regimens.rules.patient import SITES

from .base import BoardForm, GuardedField, text_area


class NotesForm(BoardForm):
    """Notes on a version; what looks as if it identified somebody is pointed at once, and then taken as meant."""

    notes = GuardedField(
        "caseversion.notes",
        label=gettext_lazy("Notes for the board"),
        required=False,
        widget=text_area(4),
        max_length=4000,
        help_text=format_lazy("{} {}", gettext_lazy("No names, dates of birth or record numbers."), CANNOT_KNOW),
    )
    wish = GuardedField(
        "caseversion.wish",
        label=gettext_lazy("The patient’s wish"),
        required=False,
        max_length=CaseVersion._meta.get_field("wish").max_length,
        help_text=gettext_lazy("As asked and said, in a line or two: the board reads it beside the options."),
    )
    sure = forms.BooleanField(
        label=gettext_lazy("Nothing in the notes identifies the patient: save them as they are"), required=False
    )

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.suspicions = findings(str(self["notes"].value() or ""), GUARDED["caseversion.notes"])
        if not self.is_bound or not self.suspicions:
            del self.fields["sure"]
            self._dress()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.suspicions and not cleaned.get("sure"):
            said = in_series(
                _("“%(text)s” %(what)s") % {"text": found.text, "what": found.words} for found in self.suspicions
            )
            message = _("Look again: %(said)s. Take out what identifies the patient, or tick the box below.")
            self.add_error("notes", message % {"said": said})
        return cleaned


class LabelForm(BoardForm):
    """A label; whether it is another patient than that of a similar one is asked once there is one."""

    label = GuardedField(
        "case.label",
        label=gettext_lazy("Label"),
        max_length=60,
        help_text=gettext_lazy("Never a name, initials, a date of birth or a record number."),
    )
    another = forms.BooleanField(label=gettext_lazy("Yes, this is another patient"), required=False)

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        if "another" not in self.data:
            del self.fields["another"]
            self._dress()


class CaseForm(LabelForm, NotesForm):
    label = GuardedField(
        "case.label",
        label=gettext_lazy("Label"),
        max_length=60,
        help_text=gettext_lazy(
            "How the board knows the case, such as “Colon 7” or “2026-14”. Never a name, initials, a date of birth or "
            "a record number: everybody who sees the list reads it."
        ),
    )
    board = forms.ModelChoiceField(label=gettext_lazy("Board"), queryset=Board.objects.none(), empty_label=None)

    field_order = ("label", "another", "board", "notes", "sure")

    def __init__(self, *arguments: Any, boards: Any, referred_to: Any, **options: Any):
        """`boards` are those whose cases the person prepares, `referred_to` those to which a case may be referred."""
        super().__init__(*arguments, **options)
        field = self.fields["board"]
        field.queryset = boards | referred_to
        groups = [(_("Your boards"), boards), (_("Boards that take referrals"), referred_to)]
        listed = [(str(title), [(board.pk, board.name) for board in found]) for title, found in groups]
        field.choices = [(title, named) for title, named in listed if named]
        if referred_to:
            field.help_text = _(
                "A board that you are not on takes the case as a referral: you see its label, its status and the "
                "signed outcome, and nothing else."
            )
        self._dress()


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
