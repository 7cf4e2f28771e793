"""What several pages of the library show: drugs as links, licences of a region, a text with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from regimens.models.choices import Availability, Covers, LicenceKind, Region, Site
from regimens.rules.evidence import Regimen
from regimens.rules.knowledge import Knowledge
from regimens.wording.citations import Link, link_to, lower_first
from regimens.wording.licences import (
    STATUS_WORDS,
    LicenceLine,
    Sourced,
    availability_in,
    licence_line,
    licences_of,
)
from regimens.wording.states import STALE_TEXT_DAYS, Age, age_of_reading

# What a reader knows a site by, where that is not its address.
SITES: Mapping[str, str] = {
    "doi.org": "DOI",
    "pubmed.ncbi.nlm.nih.gov": "PubMed",
    "pmc.ncbi.nlm.nih.gov": "PMC",
    "clinicaltrials.gov": "ClinicalTrials.gov",
    "dailymed.nlm.nih.gov": "DailyMed",
    "accessdata.fda.gov": "FDA",
    "fda.gov": "FDA",
    "ema.europa.eu": "EMA",
    "medicines.org.uk": "eMC",
    "pmda.go.jp": "PMDA",
}


# The sign beside what a licence covers.
SIGNS: Mapping[str, str] = {"yes": "tick", "arguable": "tick", "no": "cross", "reimbursed": "tick"}


@dataclass(frozen=True)
class Named:
    """An entry with a page of its own."""

    slug: str
    name: str


# What is given together; of several at one place one is given.
DrugGroups = tuple[tuple[Named, ...], ...]


@dataclass(frozen=True)
class LicenceRow:
    """A licence of a regimen, with the age of the page on which it was read. `sign` is that of what it covers."""

    regimen: Named
    licence: LicenceLine
    sign: str
    age: Age


@dataclass(frozen=True)
class RegionLicences:
    """The licences of a regimen, or of those of a drug, in a region.

    otherwise  what holds where none of them does, with its sign: "open" where that could not be verified; "" of a
               drug, where the page of each regimen says it
    """

    region: str
    otherwise: str
    sign: str
    licences: tuple[LicenceRow, ...]

    @property
    def rows(self) -> int:
        """How many lines it takes: one for each licence, and one for what holds otherwise."""
        return len(self.licences) + bool(self.otherwise or not self.licences)


def drug_groups(regimen: Regimen, knowledge: Knowledge) -> DrugGroups:
    """The drugs of a regimen in their order."""
    return tuple(
        tuple(Named(slug, lower_first(knowledge.drugs[slug].name)) for slug in group) for group in regimen.drugs
    )


def licences_by_region(regimen: Regimen, knowledge: Knowledge, today: date) -> tuple[RegionLicences, ...]:
    """Every region, those without a licence too; none for what is no drug."""
    if not regimen.drugs and not regimen.licences:
        return ()
    rows = list(licence_rows(regimen, knowledge, today))
    return tuple(
        RegionLicences(
            str(region.label),
            availability_in(region.value, regimen),
            "" if is_verified(region.value, regimen) else "open",
            tuple(row for row in rows if row.licence.region == region.value),
        )
        for region in Region
    )


def licence_rows(regimen: Regimen, knowledge: Knowledge, today: date) -> Iterator[LicenceRow]:
    """The licences of a regimen, each with its address under the name of the site."""
    for row in licences_of(regimen.slug, knowledge):
        is_withdrawn = row["kind"] == LicenceKind.WITHDRAWN
        line = replace(licence_line(row, knowledge), links=sources(row))
        if row["covers"] == Covers.ARGUABLE and not is_withdrawn:
            line = replace(line, covers=str(STATUS_WORDS["licensed-by-site"]))
        yield LicenceRow(
            Named(regimen.slug, regimen.name),
            line,
            "stop" if is_withdrawn else SIGNS[row["covers"]],
            age_of_reading(row.get("seen_on"), today, most_days=STALE_TEXT_DAYS),
        )


def is_verified(region: str, regimen: Regimen) -> bool:
    """Whether anybody could read what holds in a region where no licence does."""
    return regimen.otherwise.get(region, Availability.NOT_VERIFIED.value) != Availability.NOT_VERIFIED


def sourced(given: Mapping[str, Any] | None) -> Sourced | None:
    """A text of the evidence base with where it stands; None where nothing is given."""
    return Sourced(given["text"] or "", sources(given)) if given else None


def licensed_in_short(regimen: Regimen) -> Iterator[tuple[str, str]]:
    """For each region the widest licence in a word or two, and what holds where it does not; "" where it always does.

    For no patient in particular: whether a licence holds, its criterion decides. What is no drug needs none.
    """
    for region in Region:
        if not regimen.drugs:
            yield "", ""
            continue
        otherwise = availability_in(region.value, regimen)
        found = [licence for licence in regimen.licences if licence.region == region.value]
        covers = {licence.covers for licence in found}
        if "yes" in covers:
            always = any(licence.covers == "yes" and not licence.when for licence in found)
            yield (_("licensed"), "") if always else (_("licensed for some"), otherwise)
        elif "arguable" in covers:
            yield _("licensed for cancers of some sites"), otherwise
        elif "reimbursed" in covers:
            yield _("paid for, for some"), otherwise
        else:
            yield otherwise, ""


def named(slugs: Iterable[str], knowledge: Knowledge) -> tuple[Named, ...]:
    """Regimens by name."""
    return tuple(Named(slug, knowledge.regimens[slug].name) for slug in slugs)


def sources(row: Mapping[str, Any], name: str = "") -> tuple[Link, ...]:
    """Where a text stands, under `name` or that of its site, and behind it the page on which it was read."""
    url, read = row.get("url"), row.get("read_on")
    if name and not url:
        link = link_to(_("%(name)s, page read") % {"name": name}, read)
        return (link,) if link else (Link(name, ""),)
    found = link_to(name or site_name(url), url), read_on(read) if _place(read) != _place(url) else None
    return tuple(link for link in found if link)


def _place(url: str | None) -> str:
    """An address without what makes no other page of it."""
    return re.sub(r"^https?://(www\.)?", "", url or "").rstrip("/")


def read_on(url: str | None) -> Link | None:
    """The page on which something was read, which stands behind its canonical address."""
    return link_to(_("read on %(site)s") % {"site": site_name(url)}, url)


def naming_the_page_read(links: Iterable[Link]) -> tuple[Link, ...]:
    """Links of which the last may be the page that was read: that one with the name of its site."""
    return tuple(read_on(link.url) or link if link.text == _("page read") else link for link in links)


def newest_reading(knowledge: Knowledge) -> date | None:
    """The newest day on which a page is on record as read: a paper's, a label's or a register's."""
    document = knowledge.document
    days = [row.get("seen_on") for row in document["licences"]]
    days += [row.get("looked_up_on") for row in document["trials"]]
    for publication in document["publications"]:
        for result in publication["results"] or ():
            days += [reading["on"] for reading in result.get("readings") or ()]
    return max((date.fromisoformat(day) for day in days if day), default=None)


def regimen_names(slugs: Iterable[str], knowledge: Knowledge) -> tuple[tuple[str, str], ...]:
    return tuple((slug, knowledge.names[slug]) for slug in slugs)


def site_words(sites: Iterable[str]) -> str:
    return ", ".join(str(Site(site).label) for site in sites)


def site_name(url: str | None) -> str:
    """What a reader knows the site of an address by; "" without an address."""
    host = (urlsplit(url).hostname or "") if url else ""
    host = host.removeprefix("www.")
    return SITES.get(host, host)
