"""Keeps what was worked out for whoever asks again, within a bound in bytes."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Results by what they follow from, `most` bytes of them.

    Each is put in with the bytes that it takes, as the one who makes it reckons them. Where another one would pass the
    bound, all are forgotten: what is needed is worked out again, and nothing else follows from it.
    """

    def __init__(self, most: int):
        self.most = most
        self.bytes = 0
        self._found: dict[K, V] = {}
        self._writing = Lock()
        self.get = self._found.get  # one call less for what is asked most

    def keep(self, key: K, value: V, size: int) -> V:
        with self._writing:
            if key not in self._found:
                if self.bytes + size > self.most:
                    self._found.clear()
                    self.bytes = 0
                self.bytes += size
                self._found[key] = value
        return value

    def __len__(self) -> int:
        return len(self._found)

    def take_over(self, other: Kept[K, V], is_wanted: Callable[[K], bool]) -> None:
        """Keeps what another keeps under the keys wanted; each is reckoned as large as the other's are on average."""
        found = list(other._found.items())
        for key, value in found:
            if is_wanted(key):
                self.keep(key, value, other.bytes // len(found))
