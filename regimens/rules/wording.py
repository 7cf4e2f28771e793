"""What the rules say: written in English here, read in any language.

The rules know no catalogue of translations and no language but English. They mark their messages for whoever
translates, and keep apart what a sentence is made of, so that a page can have it put together in its own language.
What travels as JSON is English.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Protocol


@dataclass(frozen=True)
class Language:
    """How a language puts words and numbers.

    text     a message of these sources, as the language has it
    number   a number by a format specification: `number(2.5, "g")`
    joined   two names in such a message, whose words between them may depend on what follows, as "and" does in Spanish
    """

    text: Callable[[str], str]
    number: Callable[[float, str], str]
    joined: Callable[[str, str, str], str] = lambda message, one, other: message % {"one": one, "other": other}


ENGLISH = Language(text=str, number=format)


def N_(message: str) -> str:  # noqa: N802 - the name by which tools that extract messages know it
    """Marks a message for translation and leaves it as it is; `%` is written twice, for it is filled in."""
    return message


class Words(Protocol):
    """Something that can be said in any language."""

    def worded(self, language: Language = ENGLISH) -> str: ...


@dataclass(frozen=True)
class Sentence:
    """A message with what stands at its placeholders, `%(name)s`.

    Strings among the parts are names or evidence, which are alike in every language.
    """

    message: str
    parts: Mapping[str, str | Words]

    def worded(self, language: Language = ENGLISH) -> str:
        parts = {name: part if isinstance(part, str) else part.worded(language) for name, part in self.parts.items()}
        return language.text(self.message) % parts

    def __str__(self) -> str:
        return self.worded()


@dataclass(frozen=True)
class Figure:
    """A number inside a sentence."""

    value: float
    spec: str = "g"

    def worded(self, language: Language = ENGLISH) -> str:
        return language.number(self.value, self.spec)


@dataclass(frozen=True)
class Listing:
    """Names of which all are meant: "carboplatin and etoposide"."""

    names: tuple[str | Words, ...]

    def worded(self, language: Language = ENGLISH) -> str:
        names = [name if isinstance(name, str) else name.worded(language) for name in self.names]
        return all_of_them(names, language)


@dataclass(frozen=True)
class Alternatives:
    """Names of which one is meant: "cisplatin or carboplatin"."""

    names: tuple[str, ...]

    def worded(self, language: Language = ENGLISH) -> str:
        return one_of_them(self.names, language)


def say(message: str, **parts: str | Words) -> Sentence:
    """A sentence from a message that `N_` marks, and its parts."""
    return Sentence(message, parts)


def all_of_them(words: Sequence[str], language: Language) -> str:
    """Joined by "and"."""
    message = language.text(N_("%(one)s and %(other)s"))
    return reduce(partial(language.joined, message), words)


def any_of_them(words: Sequence[str], language: Language) -> str:
    """Joined by "or"."""
    message = language.text(N_("%(one)s or %(other)s"))
    return reduce(partial(language.joined, message), words)


def one_of_them(words: Sequence[str], language: Language) -> str:
    """Alternatives of one kind: "stomach, liver or pancreas"."""
    return any_of_them([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words, language)
