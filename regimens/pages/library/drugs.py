"""Drugs in the library: the names that each goes by, what it rules out, what progression on it says of others of its
class, and where the regimens that hold it are licensed and studied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regimens.models.choices import CautionLevel, ClassResistance, Region, Setting, TrialStatus
from regimens.rules.evidence import Drug, Regimen
from regimens.rules.knowledge import Knowledge
from regimens.wording.citations import Link, citation, link_to, lower_first
from regimens.wording.countries import country_name
from regimens.wording.states import STALE_TRIAL_DAYS, Age, age_of_reading

from .cautions import CautionGroup, caution_groups
from .kept import once_a_release
from .parts import DrugGroups, Named, RegionLicences, drug_groups, licence_rows, named, read_on, site_name
from .search import Searched, caution_terms, chosen, class_terms, drug_terms, searched

# What progression on a drug does to another regimen of its class.
RESISTANCE: Mapping[str, Promise] = {
    ClassResistance.AVOID.value: gettext_lazy("advised against"),
    ClassResistance.CAUTION.value: gettext_lazy("a caution"),
    ClassResistance.NONE.value: gettext_lazy("no caution"),
}


@dataclass(frozen=True)
class DrugEntry:
    """A drug in the list; cautions: how many of each level, in words."""

    slug: str
    name: str
    synonyms: str
    classes: tuple[str, ...]
    atc: str
    cautions: tuple[str, ...]
    regimens: int
    searched: Searched


@dataclass(frozen=True)
class DrugGroup:
    title: str
    drugs: tuple[DrugEntry, ...]


@dataclass(frozen=True)
class ClassSource:
    """What was seen after progression on a drug of a class, and in whom; both in English."""

    finding: str
    population: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class ClassLine:
    """An exposure class of a drug.

    alone, combined   what holds for a regimen of this class that brings no other class, and for one that brings one
    exceptions        regimens that the class does not touch
    text              in English, as the evidence base has it
    others            the other drugs of the class
    """

    name: str
    alone: str
    combined: str
    exceptions: tuple[Named, ...]
    text: str
    sources: tuple[ClassSource, ...]
    others: tuple[Named, ...]

    @property
    def says_nothing(self) -> bool:
        return self.alone == self.combined == str(RESISTANCE[ClassResistance.NONE.value])


@dataclass(frozen=True)
class RegimenLine:
    """A regimen that holds a drug."""

    slug: str
    name: str
    drugs: DrugGroups
    setting: str


@dataclass(frozen=True)
class RegimenGroup:
    """Regimens that hold a drug in one way: alone, with others, in place of another."""

    title: str
    regimens: tuple[RegimenLine, ...]


@dataclass(frozen=True)
class TrialLine:
    nct: str
    title: str
    status: str
    regimen: Named
    links: tuple[Link, ...]
    age: Age


@dataclass(frozen=True)
class PublicationLine:
    key: str
    citation: str
    regimens: tuple[Named, ...]


@dataclass(frozen=True)
class DrugPage:
    slug: str
    name: str
    synonyms: tuple[str, ...]
    atc: str
    classes: tuple[ClassLine, ...]
    cautions: tuple[CautionGroup, ...]
    licences: tuple[RegionLicences, ...]
    regimens: tuple[RegimenGroup, ...]
    labels: tuple[tuple[str, Link], ...]
    trials: tuple[TrialLine, ...]
    publications: tuple[PublicationLine, ...]


@once_a_release
def all_drugs(knowledge: Knowledge) -> tuple[DrugEntry, ...]:
    """Every drug by name."""
    holding = _regimens_by_drug(knowledge)
    rows = {row["slug"]: row for row in knowledge.document["drugs"]}
    return tuple(
        _entry(drug, rows[drug.slug]["atc"] or "", len(holding.get(drug.slug, ())), knowledge)
        for drug in sorted(knowledge.drugs.values(), key=lambda drug: drug.name.lower())
    )


def listed_drugs(knowledge: Knowledge, words: str = "") -> tuple[DrugGroup, ...]:
    """Drugs that every word of a search is found in: those of a regimen, and those that a patient may have had."""
    found = chosen(words, all_drugs(knowledge))
    groups = (
        DrugGroup(_("In a regimen"), tuple(drug for drug in found if drug.regimens)),
        DrugGroup(
            _("In no regimen: named for what a patient had before"), tuple(drug for drug in found if not drug.regimens)
        ),
    )
    return tuple(group for group in groups if group.drugs)


def drug_page(knowledge: Knowledge, slug: str, today: date) -> DrugPage | None:
    """Everything that the release says of one drug; None when it knows none of that name."""
    drug = knowledge.drugs.get(slug)
    if drug is None:
        return None
    row = next(row for row in knowledge.document["drugs"] if row["slug"] == slug)
    holding = _regimens_by_drug(knowledge).get(slug, [])
    labels = ((country_name(label["region"]), label["url"]) for label in row["labels"] or ())
    return DrugPage(
        slug=slug,
        name=drug.name,
        synonyms=drug.synonyms,
        atc=row["atc"] or "",
        classes=tuple(_classes(drug, knowledge)),
        cautions=caution_groups(((caution, "", "") for caution in drug.cautions), knowledge),
        licences=tuple(_licences(holding, knowledge, today)),
        regimens=tuple(_regimen_groups(slug, holding, knowledge)),
        labels=tuple((where, link) for where, url in labels if (link := link_to(site_name(url), url))),
        trials=tuple(_trials(holding, knowledge, today)),
        publications=tuple(_publications(holding, knowledge)),
    )


def _regimens_by_drug(knowledge: Knowledge) -> dict[str, list[Regimen]]:
    """Of each drug the regimens that hold it, by name, those that are ranked first."""
    found: dict[str, list[Regimen]] = {}
    for regimen in sorted(knowledge.regimens.values(), key=lambda one: (not one.is_ranked, one.name.lower())):
        for slug in regimen.all_drugs:
            found.setdefault(slug, []).append(regimen)
    return found


def _entry(drug: Drug, atc: str, regimens: int, knowledge: Knowledge) -> DrugEntry:
    levels = [caution.level for caution in drug.cautions]
    return DrugEntry(
        slug=drug.slug,
        name=drug.name,
        synonyms=", ".join(drug.synonyms),
        classes=tuple(knowledge.exposure_classes[slug].name for slug in sorted(drug.classes)),
        atc=atc,
        cautions=tuple(
            f"{lower_first(str(level.label))} {levels.count(level.value)}"
            for level in CautionLevel
            if level.value in levels
        ),
        regimens=regimens,
        searched=searched(drug_terms(drug), (*class_terms(drug, knowledge), atc, *caution_terms(drug, knowledge))),
    )


def _classes(drug: Drug, knowledge: Knowledge) -> Iterator[ClassLine]:
    rows = {row["slug"]: row for row in knowledge.document["exposure_classes"]}
    for slug in sorted(drug.classes):
        row = rows[slug]
        others = [other for other in knowledge.drugs.values() if slug in other.classes and other.slug != drug.slug]
        yield ClassLine(
            name=row["name"],
            alone=str(RESISTANCE[row["alone"]]),
            combined=str(RESISTANCE[row["combined"]]),
            exceptions=named(row["exceptions"] or (), knowledge),
            text=row["text"] or "",
            sources=tuple(map(_class_source, row["sources"] or ())),
            others=tuple(Named(other.slug, other.name) for other in sorted(others, key=lambda one: one.name.lower())),
        )


def _class_source(row: Mapping[str, Any]) -> ClassSource:
    link = link_to(site_name(row["url"]), row["url"])
    return ClassSource(row["finding"], row["population"] or "", (link,) if link else ())


def _licences(holding: list[Regimen], knowledge: Knowledge, today: date) -> Iterator[RegionLicences]:
    rows = [row for regimen in holding for row in licence_rows(regimen, knowledge, today)]
    for region in Region:
        of_region = tuple(row for row in rows if row.licence.region == region.value)
        yield RegionLicences(str(region.label), otherwise="", sign="", licences=of_region)


def _regimen_groups(slug: str, holding: list[Regimen], knowledge: Knowledge) -> Iterator[RegimenGroup]:
    found: dict[str, list[RegimenLine]] = {"alone": [], "with others": [], "instead": []}
    for regimen in holding:
        group = next(group for group in regimen.drugs if slug in group)
        way = "instead" if len(group) > 1 else "alone" if len(regimen.drugs) == 1 else "with others"
        setting = str(Setting(regimen.setting).label)
        found[way].append(RegimenLine(regimen.slug, regimen.name, drug_groups(regimen, knowledge), setting))
    titles = {"alone": _("Alone"), "with others": _("With others"), "instead": _("In place of another drug")}
    for way, lines in found.items():
        if lines:
            yield RegimenGroup(titles[way], tuple(lines))


def _trials(holding: list[Regimen], knowledge: Knowledge, today: date) -> Iterator[TrialLine]:
    slugs = {regimen.slug for regimen in holding}
    order = list(TrialStatus.values)
    found = [trial for trial in knowledge.document["trials"] if trial["regimen"] in slugs]
    for trial in sorted(found, key=lambda trial: (order.index(trial["status_as_seen"]), trial["nct"])):
        canonical = link_to(trial["nct"], trial["url"] or f"https://clinicaltrials.gov/study/{trial['nct']}")
        read = read_on(trial["read_on"]) if trial["read_on"] != trial["url"] else None
        yield TrialLine(
            nct=trial["nct"],
            title=trial["title"],
            status=str(TrialStatus(trial["status_as_seen"]).label),
            regimen=Named(trial["regimen"], knowledge.regimens[trial["regimen"]].name),
            links=tuple(link for link in (canonical, read) if link),
            age=age_of_reading(trial.get("looked_up_on"), today, most_days=STALE_TRIAL_DAYS),
        )


def _publications(holding: list[Regimen], knowledge: Knowledge) -> Iterator[PublicationLine]:
    """Those that report a regimen with it, the newest first."""
    slugs = {regimen.slug for regimen in holding}
    rows = sorted(knowledge.publications.values(), key=lambda row: (-(row["year"] or 0), citation(row).lower()))
    for row in rows:
        reported = sorted({result["regimen"] for result in row["results"] or ()} & slugs)
        if reported:
            yield PublicationLine(row["key"], citation(row), named(reported, knowledge))
