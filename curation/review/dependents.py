"""What rests on a publication: its cohorts, the options that they feed, and the indications that name it.

For a retraction, so that a curator sees at once what it touches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regimens.rules.knowledge import cohorts_by_regimen


@dataclass(frozen=True)
class CohortAtStake:
    """A result of the publication; `pooled` where its figures can enter a ranking."""

    index: int
    who: str
    regimen: str | None
    pooled: bool


@dataclass(frozen=True)
class Reach:
    """What rests on one publication.

    options       regimens that its cohorts are of, by slug
    indications   by key
    same_study    other publications of the same patients, by key
    """

    cohorts: tuple[CohortAtStake, ...]
    options: tuple[str, ...]
    indications: tuple[str, ...]
    same_study: tuple[str, ...]


def reach(document: Mapping[str, Any], key: str) -> Reach:
    """What rests on the publication of that key in the lists of a document."""
    publication = next(row for row in document["publications"] if row["key"] == key)
    usable = {
        cohort.index
        for found in cohorts_by_regimen(document).values()
        for cohort in found
        if cohort.publication == key and cohort.is_usable
    }
    cohorts = tuple(
        CohortAtStake(
            index,
            ", ".join(part for part in (result["arm"], result["subgroup"]) if part),
            result["regimen"],
            index in usable,
        )
        for index, result in enumerate(publication["results"])
    )
    indications = [row for row in document["indications"] if f"publication:{key}" in row["sources"]]
    study = publication["study_key"]
    return Reach(
        cohorts=cohorts,
        options=tuple(sorted({cohort.regimen for cohort in cohorts if cohort.regimen})),
        indications=tuple(row["key"] for row in indications),
        same_study=tuple(
            row["key"] for row in document["publications"] if study and row["study_key"] == study and row["key"] != key
        ),
    )
