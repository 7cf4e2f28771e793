"""Guideline statements in the library: by society and year, for which situation each is, and how old it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from display.punctuation import in_series
from regimens.models.choices import GuidelineTopic, Histology, SelectionBiomarker, Site, Verified
from regimens.rules.knowledge import Knowledge
from regimens.wording.citations import Link, guideline_name
from regimens.wording.states import Age, age_of_year

from .filters import ANY, Filter, covers_histology, covers_site
from .kept import once_a_release
from .parts import regimen_names, site_words, sources
from .search import Searched, chosen, searched

# Who issued a text, by how its name begins in the evidence base, which is in English.
SOCIETIES: Mapping[str, str] = {
    "Advanced Prostate Cancer Consensus Conference": "APCCC",
    "Belgian Society of Medical Oncology": "BSMO",
    "Dutch Pharmacogenetics Working Group": "DPWG",
    "ENETS": "ENETS",
    "ESMO": "ESMO",
    "European Medicines Agency": "European Medicines Agency (EMA)",
    "German medicines agency": "BfArM",
    "NANETS": "NANETS",
    "NCCN": "NCCN",
    "NICE": "NICE",
    "Norwegian Directorate of Health": "Norwegian Directorate of Health",
    "SEOM": "SEOM",
    "Scottish Medicines Consortium": "Scottish Medicines Consortium (SMC)",
    "UK Medicines and Healthcare products Regulatory Agency": "MHRA",
    "WHO": "WHO",
}
OTHERS = "others"


class GuidelineFilter(Filter):
    """What narrows the statements: a statement that names no site, or no histology, is left by any of them."""

    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=100)
    topic = forms.ChoiceField(label=gettext_lazy("Situation"), required=False, choices=[ANY, *GuidelineTopic.choices])
    society = forms.ChoiceField(label=gettext_lazy("Society"), required=False)
    site = forms.ChoiceField(label=gettext_lazy("Primary site"), required=False, choices=[ANY, *Site.choices])
    histology = forms.ChoiceField(label=gettext_lazy("Histology"), required=False, choices=[ANY, *Histology.choices])
    biomarker = forms.ChoiceField(label=gettext_lazy("Biomarker"), required=False)

    def __init__(self, data: Any, knowledge: Knowledge):
        super().__init__(data)
        rows = knowledge.guidelines.values()
        societies = sorted({society_of(row) for row in rows} - {OTHERS}, key=str.lower)
        markers = {row["applies_to"]["biomarker"] for row in rows if row["applies_to"].get("biomarker")}
        chooses: dict[str, list[Any]] = {
            "society": [ANY, *((name, name) for name in societies), (OTHERS, _others())],
            "biomarker": [ANY, *sorted((marker, _biomarker_words(marker)) for marker in markers)],
        }
        for name, choices in chooses.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs["placeholder"] = _("words, regimen, drug, society")


@dataclass(frozen=True)
class StatementRow:
    """A statement in our words, in English as the evidence base has it.

    applies_to  for whom it is; topic: the situation
    newer       the year of a newer one of the same society for the same situation and patients, and its key
    read        where it was read
    """

    key: str
    statement: str
    strength: str
    topic: str
    applies_to: str
    links: tuple[Link, ...]
    full_name: str
    society: str
    year: int | None
    newer: tuple[int, str] | None
    read: str
    regimens: tuple[tuple[str, str], ...]
    searched: Searched


@dataclass(frozen=True)
class DatedStatement:
    """A statement with its age on the day."""

    statement: StatementRow
    age: Age


@dataclass(frozen=True)
class SocietyGroup:
    """The statements of a society, the newest first; `title` is in English, unless it is `is_others`."""

    title: str
    is_others: bool
    statements: tuple[DatedStatement, ...]


@once_a_release
def all_statements(knowledge: Knowledge) -> Mapping[str, StatementRow]:
    return {key: _statement(row, knowledge) for key, row in knowledge.guidelines.items()}


def statement_rows(keys: Iterable[str], knowledge: Knowledge) -> tuple[StatementRow, ...]:
    """These statements, the newest first."""
    rows = all_statements(knowledge)
    return tuple(sorted((rows[key] for key in keys), key=_newest_first))


def listed_statements(knowledge: Knowledge, filtered: GuidelineFilter) -> list[StatementRow]:
    """The statements that a filter leaves."""
    wanted = filtered.wanted()
    rows = all_statements(knowledge)
    found = [rows[key] for key, row in knowledge.guidelines.items() if _fits(row, wanted)]
    return chosen(wanted.get("q", ""), found)


def society_groups(statements: Iterable[StatementRow], today: date) -> tuple[SocietyGroup, ...]:
    """Statements by society, what is no guideline last."""
    ordered = sorted(statements, key=lambda row: (row.society == OTHERS, row.society.lower(), *_newest_first(row)))
    return tuple(
        SocietyGroup(
            title=_others() if society == OTHERS else society,
            is_others=society == OTHERS,
            statements=tuple(DatedStatement(row, age_of_year(row.year, today)) for row in found),
        )
        for society, found in groupby(ordered, key=lambda row: row.society)
    )


def society_of(row: Mapping[str, Any]) -> str:
    """Who issued a text; what is no guideline, or of nobody who is known here, is of others."""
    text = row["guideline"]
    return next((name for start, name in SOCIETIES.items() if text.startswith(start)), OTHERS)


def _others() -> str:
    return _("Reviews, labels and other texts")


def _newest_first(row: StatementRow) -> tuple[int, str]:
    return -(row.year or 0), row.key


def _fits(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    applies = row["applies_to"]
    histology = applies.get("histology")
    return (
        wanted.get("topic", row["topic"]) == row["topic"]
        and ("society" not in wanted or wanted["society"] == society_of(row))
        and ("site" not in wanted or covers_site(applies.get("sites") or (), wanted["site"]))
        and ("histology" not in wanted or covers_histology(histology, wanted["histology"]))
        and ("biomarker" not in wanted or wanted["biomarker"] == applies.get("biomarker"))
    )


def _statement(row: Mapping[str, Any], knowledge: Knowledge) -> StatementRow:
    name, society = guideline_name(row), society_of(row)
    topic = str(GuidelineTopic(row["topic"]).label)
    regimens = regimen_names(row["regimens"], knowledge)
    applies_to = in_series(_for_whom(row["applies_to"]))
    drugs = (
        knowledge.drugs[drug].name
        for slug in row["regimens"]
        if slug in knowledge.regimens
        for drug in sorted(knowledge.regimens[slug].all_drugs)
    )
    return StatementRow(
        key=row["key"],
        statement=row["statement"],
        strength=row["strength"] or "",
        topic=topic,
        applies_to=applies_to,
        links=sources(row, name=name),
        full_name=row["guideline"],
        society=society,
        year=row["year"],
        newer=_newer(row, knowledge),
        read=str(Verified(row["verified"]).label),
        regimens=regimens,
        searched=searched(
            (row["key"], name, society if society != OTHERS else None),
            (
                *(row["guideline"], row["statement"], topic, applies_to, str(row["year"] or "")),
                *(name for _slug, name in regimens),
                *drugs,
            ),
        ),
    )


def _for_whom(applies: Mapping[str, Any]) -> Iterator[str]:
    if applies.get("sites"):
        yield site_words(applies["sites"])
    if applies.get("histology"):
        yield str(Histology(applies["histology"]).label)
    if applies.get("ki67"):
        yield f"Ki-67 {applies['ki67']} %"
    if applies.get("platinum_free_interval_months"):
        months = applies["platinum_free_interval_months"]
        yield _("platinum-free interval %(months)s months") % {"months": months}
    if applies.get("biomarker"):
        yield _biomarker_words(applies["biomarker"])


def _biomarker_words(biomarker: str) -> str:
    known = biomarker in SelectionBiomarker.values
    return str(SelectionBiomarker(biomarker).label) if known else str(biomarker).upper()


def _newer(row: Mapping[str, Any], knowledge: Knowledge) -> tuple[int, str] | None:
    """A newer text of the society on the same situation, for the same patients and about the same regimens."""
    if row["year"] is None or society_of(row) == OTHERS:
        return None

    def is_of_the_same(other: Mapping[str, Any]) -> bool:
        same = ("histology", "biomarker", "sites")
        return (
            (other["year"] or 0) > row["year"]
            and other["topic"] == row["topic"]
            and society_of(other) == society_of(row)
            and all(other["applies_to"].get(name) == row["applies_to"].get(name) for name in same)
            and (not other["regimens"] or not row["regimens"] or bool({*other["regimens"]} & {*row["regimens"]}))
        )

    found = [other for other in knowledge.guidelines.values() if is_of_the_same(other)]
    newest = max(found, key=lambda other: other["year"], default=None)
    return (newest["year"], newest["key"]) if newest else None
