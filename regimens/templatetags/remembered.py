"""Fragments that are written once and then kept: lines of evidence that come back on every page.

A page of a patient holds some four hundred cohorts, indications and cautions, and the next patient's holds nearly the
same ones. Writing them anew is most of what a page costs.
"""

from __future__ import annotations

from collections.abc import Hashable
from weakref import WeakKeyDictionary

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from display.cache import forgotten, kept

register = template.Library()

# Two pages' worth of fragments are some 0.5 MB; a whole evidence base, with every weight and truth, some 5 MB.
MOST = 8192


@register.simple_tag
def remembered(name: str, **values: Hashable) -> SafeString:
    """The fragment `name` with these values and nothing else of the page: `{% remembered "…" line=line %}`.

    Only for values that say something of the evidence and how one line of it applies, never who the patient is: what
    is kept outlives the request, in this process's memory, until newer fragments push it out.
    """
    return _rendered(name, get_language(), **values)


@register.simple_tag
def kept_with(option: object, name: str) -> SafeString:
    """The fragment `name` for an option that comes back as the same object, for as long as that is kept itself."""
    fragments = _fragments.setdefault(option, {})
    if name not in fragments:
        fragments[name] = get_template(name).render({"option": option})
    return fragments[name]


_fragments: WeakKeyDictionary[object, dict[str, SafeString]] = forgotten(WeakKeyDictionary())


@kept(most=MOST)
def _rendered(name: str, language: str | None, **values: Hashable) -> SafeString:
    return get_template(name).render(values)
