"""What the library works out of a release once, for each language: lists, and whole pages without their frame.

No page that is kept holds anything of a patient, of a session or of who is signed in: it follows from the release, the
language, the day and what is asked for in the address. All of it goes when the release goes, or when
`display.cache.forget` is called; pages are kept up to a number of bytes, those that were not asked for longest first.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.utils.translation import get_language

from display.cache import forgotten
from regimens.rules.knowledge import Knowledge

MOST_BYTES = 32_000_000  # of the pages of one release

T = TypeVar("T")


class _Place:
    """Stands for a release among what is kept, which must not keep the release itself alive."""


class _OfRelease:
    """What is kept of one release."""

    def __init__(self) -> None:
        self.lists: dict[Hashable, Any] = {}
        self.pages: OrderedDict[Hashable, str] = OrderedDict()
        self.bytes = 0
        self.lock = Lock()

    def page(self, key: Hashable, make: Callable[[], str]) -> str:
        with self.lock:
            if key in self.pages:
                self.pages.move_to_end(key)
                return self.pages[key]
        page = make()
        with self.lock:
            if key not in self.pages:
                self.pages[key] = page
                self.bytes += sys.getsizeof(page)
            while self.bytes > MOST_BYTES:
                _key, oldest = self.pages.popitem(last=False)
                self.bytes -= sys.getsizeof(oldest)
        return page


_kept: WeakKeyDictionary[_Place, _OfRelease] = forgotten(WeakKeyDictionary())


def once_a_release(function: Callable[[Knowledge], T]) -> Callable[[Knowledge], T]:
    """Works out what follows from a release alone once for each language; what comes of it must not be changed."""

    @wraps(function)
    def found(knowledge: Knowledge) -> T:
        return kept_for_good(knowledge, function, lambda: function(knowledge))

    return found


def kept_for_good(knowledge: Knowledge, key: Hashable, make: Callable[[], T]) -> T:
    """Something in the language of the moment, of which there are few: as long as the release is there."""
    lists = _of(knowledge).lists
    place = (key, get_language())
    if place not in lists:
        lists[place] = make()
    made: T = lists[place]
    return made


def kept_page(knowledge: Knowledge, key: Hashable, make: Callable[[], str]) -> str:
    """A page in the language of the moment, which `make` writes where it is not kept."""
    return _of(knowledge).page((get_language(), key), make)


def _of(knowledge: Knowledge) -> _OfRelease:
    place = knowledge.kept.setdefault("library", _Place())
    found = _kept.get(place)
    return _kept.setdefault(place, _OfRelease()) if found is None else found
