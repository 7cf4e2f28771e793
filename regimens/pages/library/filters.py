"""The filters of the library's lists: how they look, what they cover, and what to let go of where nothing is left.

The state of a filter is the address of its page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy

from regimens.models.choices import Histology, Line
from regimens.rules.evidence import SITE_GROUPS

ANY = ("", gettext_lazy("any"))

# Whoever asks for one of these is served by what is said of the others as well.
HISTOLOGIES: Mapping[str, frozenset[str]] = {
    "nec": frozenset({"nec", "g3-mixed", "nen-mixed", "tumour-agnostic"}),
    "net-g3": frozenset({"net-g3", "g3-mixed", "nen-mixed", "tumour-agnostic"}),
}
LINES: Mapping[str, frozenset[str]] = {
    "first": frozenset({"first", "any"}),
    "second": frozenset({"second", "second-or-later", "any"}),
    "later": frozenset({"later", "second-or-later", "any"}),
    "second-or-later": frozenset({"second", "later", "second-or-later", "any"}),
}


class Filter(forms.Form):
    """What a list is narrowed to; one that is not valid narrows nothing."""

    def __init__(self, data: Any):
        super().__init__(data)
        for field in self.fields.values():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select form-select-sm" if is_choice else "form-control form-control-sm"

    def wanted(self) -> dict[str, Any]:
        """What is asked for, field by field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

    @property
    def words(self) -> str:
        return str(self.wanted().get("q", ""))


@dataclass(frozen=True)
class Relaxed:
    """A filter that can be let go of where nothing is left: which, what it asks for, and what would be left then."""

    label: str
    value: str
    address: str
    count: int


def relaxations(form: Filter, count: Callable[[Mapping[str, str]], int]) -> tuple[Relaxed, ...]:
    """Each filter that is set, the most useful to let go of first; `count` counts what other values leave."""
    wanted = {name: str(form.data.get(name, "")) for name in form.wanted() if name != "sort"}
    found = []
    for name in wanted:
        rest = {other: value for other, value in wanted.items() if other != name}
        field = form.fields[name]
        value = wanted[name]
        if isinstance(field, forms.ChoiceField):
            value = str(dict(form.fields[name].choices).get(value, value))  # type: ignore[attr-defined]
        found.append(Relaxed(str(field.label), value, f"?{urlencode(rest)}" if rest else "?", count(rest)))
    return tuple(sorted(found, key=lambda one: -one.count))


def covers_site(named: Iterable[str], wanted: str) -> bool:
    """Whether what is said of these sites is said of that one too; "any" asks for what is said of any site."""
    sites = {*named}
    if not sites or wanted in sites:
        return True
    return wanted != "any" and ("any" in sites or bool(_members(sites) & _members({wanted})))


def covers_histology(named: str | None, wanted: str) -> bool:
    """The same of a histology; of what names none, it is not known that it does not."""
    return not named or named in HISTOLOGIES.get(wanted, {wanted, Histology.TUMOUR_AGNOSTIC.value})


def covers_line(named: str, wanted: str) -> bool:
    return named in LINES.get(wanted, {wanted, Line.ANY.value})


def _members(sites: Iterable[str]) -> frozenset[str]:
    return frozenset(member for site in sites for member in SITE_GROUPS.get(site, (site,)))
