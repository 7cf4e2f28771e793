"""Biomarkers in the library: how they are tested, how often they are found, and what they make actionable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from display.numbers import percent
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import FEATURES
from regimens.wording.citations import Link
from regimens.wording.sentences import ACTIVE

from .guidelines import StatementRow, statement_rows
from .kept import once_a_release
from .parts import regimen_names, site_words, sources
from .search import Searched, chosen, searched


@dataclass(frozen=True)
class PrevalenceRow:
    """In English of whom; tested is "" where the source does not say how many."""

    population: str
    percent: str
    tested: str
    width: str
    used_for: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class BiomarkerPage:
    slug: str
    name: str
    methods: tuple[str, ...]
    values: tuple[str, ...]
    why_it_matters: str
    tried_as: str
    prevalence: tuple[PrevalenceRow, ...]
    regimens: tuple[tuple[str, str], ...]
    statements: tuple[StatementRow, ...]
    searched: Searched


@once_a_release
def biomarker_pages(knowledge: Knowledge) -> tuple[BiomarkerPage, ...]:
    records = sorted(knowledge.document["biomarkers"], key=lambda record: record["name"].lower())
    return tuple(_biomarker(record, knowledge) for record in records)


def listed_biomarkers(knowledge: Knowledge, words: str) -> list[BiomarkerPage]:
    return chosen(words, biomarker_pages(knowledge))


def biomarker_page(knowledge: Knowledge, slug: str) -> BiomarkerPage | None:
    return next((page for page in biomarker_pages(knowledge) if page.slug == slug), None)


def _biomarker(record: Mapping[str, Any], knowledge: Knowledge) -> BiomarkerPage:
    feature, positive = record["feature"], record["positive"]
    tried = "" if positive is None else FEATURES[feature].worded(positive, ACTIVE)
    regimens = regimen_names(record["actionable_with"], knowledge)
    return BiomarkerPage(
        slug=record["slug"],
        name=record["name"],
        methods=tuple(record["test_methods"]),
        values=tuple(record["values"]),
        why_it_matters=record["why_it_matters"],
        tried_as=_("%(value)s or more") % {"value": tried} if tried and FEATURES[feature].is_numeric else tried,
        prevalence=tuple(
            PrevalenceRow(
                population=row["population"],
                percent=percent(row["percent"]),
                tested="" if row["n"] is None else str(row["n"]),
                width=f"{min(row['percent'], 100):g}",
                used_for=site_words(row["chance"]["sites"]) if row["chance"] else "",
                links=sources(row),
            )
            for row in sorted(record["prevalence"], key=lambda row: -row["percent"])
        ),
        regimens=regimens,
        statements=statement_rows(record["guideline_keys"], knowledge),
        searched=searched(
            (record["slug"], record["name"], *record["name"].split(" / "), feature and _(FEATURES[feature].label)),
            (record["why_it_matters"], *record["test_methods"], *record["values"], *(name for _slug, name in regimens)),
        ),
    )
