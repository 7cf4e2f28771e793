"""What is said in English whatever the language of the page: what is stored, sent or taken away.

A sentence that is not translated has no figure and no word of another language in it: "3.7 mo on record", not "3,7 Mon.
on record".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.utils import translation

LANGUAGE = "en-gb"

Said = TypeVar("Said")


def said_in_english(function: Callable[..., Said]) -> Callable[..., Said]:
    """A function whose words are English. It returns them whole: a generator would go on in the page's language.

    Not `translation.override` as a decorator: it keeps the former language in one place for all threads.
    """

    @wraps(function)
    def english(*args: Any, **kwargs: Any) -> Said:
        with translation.override(LANGUAGE):
            return function(*args, **kwargs)

    return english
