"""What is worked out once and then kept in this process: words and fragments of the evidence, each in its language.

Bounded, and never written anywhere. Some keys are clinical values of a patient; nothing that identifies a person is
asked for, so none of them can (docs/adr/0010-kept-in-memory.md). What is kept outlives the request that asked for it
first.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any, TypeVar

Store = TypeVar("Store", bound=MutableMapping[Any, Any])

_forgetting: list[Callable[[], None]] = []
_forgotten: list[None] = []


def kept(*, most: int) -> Callable[[Callable[..., Any]], Any]:
    """As functools.lru_cache. One argument has to be the language, wherever the result is in words."""

    def keep(function: Callable[..., Any]) -> Any:
        keeping = lru_cache(maxsize=most)(function)
        _forgetting.append(keeping.cache_clear)
        return keeping

    return keep


def forgotten(keeping: Store) -> Store:
    """A mapping that is emptied when all that is kept is let go of; who fills it sees to its bounds."""
    _forgetting.append(keeping.clear)
    return keeping


def generation() -> int:
    """How often all that is kept was let go of: a part of the key of what is kept elsewhere."""
    return len(_forgotten)


def forget() -> None:
    """Let go of all that is kept, as after a change of the catalogues."""
    _forgotten.append(None)
    for letting_go in _forgetting:
        letting_go()
