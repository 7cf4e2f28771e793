"""A report as plain values: sections of words, tables and plots, which HTML and PDF lay out alike."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """A cell of a table; `is_english` marks words of the evidence base."""

    text: str
    is_number: bool = False
    is_english: bool = False


@dataclass(frozen=True)
class Table:
    """Its first column names the row; cells that are hidden say so."""

    caption: str
    head: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Plot:
    """A drawing as SVG; `says` is what is read out for it, and its table says the same in numbers."""

    svg: str
    says: str

    @property
    def address(self) -> str:
        """As an address that an image may have: within a page it could not bring its own style."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.svg.encode()).decode()}"


@dataclass(frozen=True)
class Section:
    """`warning` stands out before all else."""

    key: str
    title: str
    warning: str = ""
    words: Sequence[str] = ()
    plots: Sequence[Plot] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class Document:
    """The whole report; `words` are what its paper says in the reader's language."""

    title: str
    header: Sequence[str]
    sections: Sequence[Section]
    made: str
    words: dict[str, str] = field(default_factory=dict)
    template: str = "registries/report/report.typ"
