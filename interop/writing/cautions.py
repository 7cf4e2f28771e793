"""The cautions of a ranking as DetectedIssues: what applies (final), and what cannot be checked (preliminary).

One that several options have in common is written once, and names them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from boards.presenters.options import caution_words_of
from boards.shown.stored_ranking import Recorded
from regimens.pages.taken import caution_criterion
from regimens.rules.evidence import CautionFinding
from regimens.rules.record import OptionRecord
from regimens.wording.cautions import caution_line

from .bundles import OPTION, Entries, Resource, concept, extension

LEVEL = "urn:necapp:caution-level"
SEVERITY = {"contraindicated": "high", "avoid": "moderate", "caution": "low"}


@dataclass(frozen=True)
class Issue:
    """A caution as it is written; `url` is where it was read."""

    is_known: bool
    level: str
    word: str
    detail: str
    url: str


def add(entries: Entries, recorded: Recorded, *, patient: Resource, author: Resource, group: Resource) -> None:
    found: dict[Issue, list[OptionRecord]] = {}
    for option in recorded.options:
        for issue in dict.fromkeys(_issues(option, recorded)):
            found.setdefault(issue, []).append(option)
    for number, (issue, options) in enumerate(found.items(), 1):
        entries.add(
            f"DetectedIssue/{number}",
            "DetectedIssue",
            extension=[extension(OPTION, valueCoding=_coding(option)) for option in options],
            status="final" if issue.is_known else "preliminary",
            code=concept(LEVEL, issue.level, issue.word),
            severity=SEVERITY[issue.level],
            patient=patient,
            author=author,
            implicated=[group],
            detail=issue.detail,
            reference=issue.url,
        )


def _issues(option: OptionRecord, recorded: Recorded) -> Iterator[Issue]:
    if recorded.is_of_first_edition:  # told as it was
        for found in option.cautions:
            if found.truth is not False:
                line, unchecked = caution_words_of(found, recorded), "" if found.truth else ", cannot be checked"
                yield Issue(found.truth is True, found.level, line.word, f"{line.word}{unchecked}: {line.text}", "")
        return
    for finding in recorded.findings(option):
        if finding.truth is not False:
            yield _issue(finding, option, recorded)


def _issue(finding: CautionFinding, option: OptionRecord, recorded: Recorded) -> Issue:
    knowledge, caution = recorded.knowledge, finding.caution
    line = caution_line(finding, knowledge.regimens[option.regimen], recorded.patient, knowledge)
    parts = [f"{line.opening}: {line.text}"]
    if caution.when and finding.truth is None:
        parts.append(f"Holds if: {caution_criterion(caution, knowledge)}.")
    parts += filter(None, (line.advice, line.note, line.basis and f"({line.basis})", line.section))
    url = next((link.url for link in line.links if link.url), "")
    return Issue(finding.truth is True, caution.level, line.word, " ".join(parts), url)


def _coding(option: OptionRecord) -> Resource:
    return {"system": OPTION, "code": option.regimen, "display": option.name}
