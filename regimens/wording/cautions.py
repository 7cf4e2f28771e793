"""A caution in words: how grave it is, what it says, and where that was read."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from regimens.models.choices import CautionLevel
from regimens.rules.evidence import CautionFinding
from regimens.rules.logic import Truth

from .citations import Link, link_to, sentence
from .sentences import ACTIVE


@dataclass(frozen=True)
class CautionLine:
    """A caution; `lang` is the language of its text where that is not the page's."""

    level: str
    word: str
    text: str
    source: Link | None
    lang: str


def caution_line(finding: CautionFinding) -> CautionLine:
    """One that the rules found; the evidence base says its own in English."""
    caution = finding.caution
    return caution_in_words(
        caution.level, caution.worded(ACTIVE), url=caution.url, lang="en" if caution.is_evidence else ""
    )


def caution_in_words(level: str, text: str, *, url: str | None = None, lang: str = "en") -> CautionLine:
    """One of the evidence base, or of a stored ranking."""
    return CautionLine(level, str(CautionLevel(level).label), sentence(text), link_to(_("source"), url), lang)


def word_by_truth(line: CautionLine, truth: Truth) -> str:
    """Its opening word where those that hold stand beside those that cannot be checked."""
    return _("%(level)s, cannot be checked") % {"level": line.word} if truth is None else line.word
