"""What a cohort is and reported, in words: the same for every patient, and so put into words once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language

from display.cache import kept
from regimens.rules.evidence import Cohort
from regimens.rules.knowledge import Knowledge

from .citations import Link, Notice, citation, cohort_words, notice_of, publication_links, reported_figures
from .outcomes import patients
from .readings import disputes, how_result_was_read, readers


@dataclass(frozen=True)
class CohortWords:
    """A cohort before it is weighed for anyone: who it was, what it reported, where that was read."""

    citation: str
    who: str
    where: str
    size: str
    reported: tuple[tuple[str, str], ...]
    links: tuple[Link, ...]
    read: str
    readers: tuple[str, ...]
    disputes: tuple[str, ...]
    notice: Notice | None


def cohort_in_words(cohort: Cohort, knowledge: Knowledge) -> CohortWords:
    publication = knowledge.publications[cohort.publication]
    place = (knowledge.release.sha256, cohort.publication, cohort.index)
    return _in_words(_Asked(place, get_language(), cohort, publication))


@dataclass(frozen=True)
class _Asked:
    """A cohort by its place in its release, and the language in which it is asked for."""

    place: tuple[str, str, int]
    language: str | None
    cohort: Cohort = field(compare=False)
    publication: Mapping[str, Any] = field(compare=False)


# A release holds some four hundred cohorts: two languages of it and of the one before.
@kept(most=2048)
def _in_words(asked: _Asked) -> CohortWords:
    cohort, publication = asked.cohort, asked.publication
    result = publication["results"][cohort.index]
    return CohortWords(
        citation=citation(publication),
        who=f"{cohort.arm}{f', {cohort.subgroup}' if cohort.subgroup else ''}",
        where=cohort_words(cohort),
        size=patients(round(cohort.size or 0)),
        reported=tuple(reported_figures(result)),
        links=publication_links(publication),
        read=how_result_was_read(publication, result),
        readers=readers(result),
        disputes=tuple(disputes(publication, result)),
        notice=notice_of(publication),
    )
