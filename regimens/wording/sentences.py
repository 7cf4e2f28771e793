"""The language of the page, for what the rules say: Django's catalogue and Django's way to write numbers."""

from __future__ import annotations

import re

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

from display.numbers import number
from regimens.rules.wording import Language, Sentence, Words

# Spanish "y" and "o" before a word that begins with their own sound: "topotecan e irinotecan", "uno u otro".
_BEFORE_OWN_SOUND = (
    (re.compile(r"%\(one\)s y %\(other\)s"), re.compile(r"h?[ií](?![aeoáéó])", re.IGNORECASE), "%(one)s e %(other)s"),
    (re.compile(r"%\(one\)s o %\(other\)s"), re.compile(r"h?[oó]", re.IGNORECASE), "%(one)s u %(other)s"),
)


def joined(message: str, one: str, other: str) -> str:
    """Two names in a message, with the word between them as it sounds well before the second."""
    if get_language() == "es":
        for words, sound, instead in _BEFORE_OWN_SOUND:
            if sound.match(other):
                message = words.sub(instead, message)
    return message % {"one": one, "other": other}


# Whichever is active where something is said.
ACTIVE = Language(text=gettext, number=number, joined=joined)


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
