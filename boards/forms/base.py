"""What the forms of boards share."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field as LayoutField
from crispy_forms.layout import Layout
from django import forms

from boards.errors import Refused


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
            identifier = self.auto_id % self.add_prefix(name)
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


def text_area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})
