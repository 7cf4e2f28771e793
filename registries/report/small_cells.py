"""Hides small counts: whoever reads that one patient of a site has a rare finding may know who that is.

A count below LEAST is hidden, but none at all. Where the whole is told, a single hidden count, or hidden ones that
together are small, could be reckoned from the others; then the smallest that is shown is hidden as well.
"""

from __future__ import annotations

from collections.abc import Sequence

LEAST = 5


def hidden(counts: Sequence[int], *, least: int = LEAST) -> list[bool]:
    """Which of some counts that add up to a known whole are not to be shown."""
    found = [0 < count < least for count in counts]
    if not any(found):
        return found
    shown = sorted((count, place) for place, count in enumerate(counts) if count and not found[place])
    together = sum(count for count, is_hidden in zip(counts, found, strict=True) if is_hidden)
    while shown and (found.count(True) < 2 or together < least):
        count, place = shown.pop(0)
        found[place] = True
        together += count
    return found
