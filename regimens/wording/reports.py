"""What was reported against publications of a release since it was made, as every page says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from display.punctuation import sign
from regimens.models.choices import NoticeKind
from regimens.reported import Reported
from regimens.rules.knowledge import Knowledge

from .citations import Link, citation


@dataclass(frozen=True)
class ReportLine:
    """One publication: what was reported of it, and where; `publication` is its key."""

    publication: str
    name: str
    words: str
    notice: Link

    @property
    def in_full(self) -> str:
        """For a text of its own, with where the notice is printed."""
        return f"{self.name}{sign(':')} {self.words} ({self.notice.text.rstrip('.')})"


def report_lines(reported: Iterable[Reported], knowledge: Knowledge) -> tuple[ReportLine, ...]:
    """A line a publication, of the gravest that was reported of it."""
    lines: dict[str, ReportLine] = {}
    for one in reported:
        publication = knowledge.publications.get(one.publication)
        if publication is None or one.publication in lines:
            continue
        if one.kind == NoticeKind.RETRACTION:
            words = _(
                "A retraction was reported on %(day)s and is under review. Its figures count in this release until "
                "the next one."
            )
        else:
            words = _(
                "An expression of concern was reported on %(day)s and is under review. Its figures count in this "
                "release."
            )
        words %= {"day": date_format(one.on)}
        lines[one.publication] = ReportLine(one.publication, citation(publication), words, Link(one.text, one.url))
    return tuple(lines.values())
