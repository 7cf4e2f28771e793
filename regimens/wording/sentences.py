"""The language of the page, for what the rules say: Django's catalogue and Django's way to write numbers."""

from __future__ import annotations

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext

from display.numbers import number
from regimens.rules.wording import Language, Sentence, Words

# Whichever is active where something is said.
ACTIVE = Language(text=gettext, number=number)


def as_html(sentence: Sentence) -> SafeString:
    """A sentence with a capital and a full stop; names and evidence in it are marked as English."""
    text = capfirst(str(inside_html(sentence)))
    return mark_safe(text if sentence.worded(ACTIVE).endswith(".") else f"{text}.")  # noqa: S308 - escaped in its parts


def inside_html(part: str | Words) -> SafeString:
    """The same as a part of another sentence."""
    if isinstance(part, str):
        return format_html('<span lang="en">{}</span>', part)
    if not isinstance(part, Sentence):
        return conditional_escape(part.worded(ACTIVE))
    parts = {name: inside_html(inner) for name, inner in part.parts.items()}
    return mark_safe(conditional_escape(gettext(part.message)) % parts)  # noqa: S308 - escaped in its parts
