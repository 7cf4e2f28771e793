"""Jinja2 for the answer of the page `/`, which is written anew at every change of what is entered.

Its templates are those of templates/answer/; a fraction of the time of Django's own, which write every other page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from jinja2 import Environment

from display.cache import forgotten
from display.cache import kept as kept_of_all
from display.punctuation import sign


def environment(**options: Any) -> Environment:
    """What Django's backend asks for: the settings name it."""
    made = Environment(**options, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 - Django has it escape
    made.globals |= {
        "_": gettext,
        "url": url,
        "kept": kept,
        "sign": sign,
        "language": get_language,
        "django": django_fragment,
    }
    return made


def url(name: str, *args: str) -> str:
    """The address of a view by its name."""
    return _address(name, args)


@kept_of_all(most=512)
def _address(name: str, args: tuple[str, ...]) -> str:
    return reverse(name, args=args)


def messages() -> Callable[[str], str]:
    """The messages of the templates in the language that is active, each looked up once."""
    return _messages.setdefault(get_language(), _Messages()).__getitem__


class _Messages(dict[str, str]):
    def __missing__(self, message: str) -> str:
        found = self[message] = gettext(message)
        return found


_messages: dict[str | None, _Messages] = forgotten({})


def kept(template: str, value: object) -> SafeString:
    """A fragment for a value that comes back as the same object, for as long as that is kept itself."""
    fragments = _fragments.setdefault(value, {})
    if template not in fragments:
        fragments[template] = mark_safe(get_template(template, using="jinja2").render({"value": value}))  # noqa: S308 - escaped there
    return fragments[template]


_fragments: WeakKeyDictionary[object, dict[str, SafeString]] = forgotten(WeakKeyDictionary())


def django_fragment(template: str, **context: Any) -> SafeString:
    """A fragment that other pages share, by Django's own templates."""
    return mark_safe(get_template(template, using="django").render(context))  # noqa: S308 - escaped there
