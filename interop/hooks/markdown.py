"""Text for the detail of a card, in the Markdown of GitHub: it is escaped, and none of it is a text of a record."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~])")


def plain(text: str) -> str:
    """A text that means nothing to Markdown; spaces that no line breaks at stay as they are."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split("\n")))


def bold(text: str) -> str:
    return f"**{plain(text)}**"


def link(words: str, url: str) -> str:
    return f"[{plain(words)}](<{url}>)" if not re.search(r"[<>\s]", url) else plain(words)


def listed(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def paragraphs(parts: Iterable[str]) -> str:
    """Those that are not empty, apart from each other."""
    return "\n\n".join(part for part in parts if part)
