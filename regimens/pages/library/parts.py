"""What several pages of the library show: drugs as links, licences of a region, a text with where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from regimens.models.choices import Region
from regimens.rules.evidence import Regimen
from regimens.rules.knowledge import Knowledge
from regimens.wording.citations import Link, addresses, link_to, lower_first
from regimens.wording.licences import LicenceLine, Sourced, availability_in, licence_line, licences_of

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


@dataclass(frozen=True)
class Named:
    """An entry with a page of its own."""

    slug: str
    name: str


# What is given together; of several at one place one is given.
DrugGroups = tuple[tuple[Named, ...], ...]


@dataclass(frozen=True)
class RegionLicences:
    """What is known of a regimen in a region: its licences, and what holds where none of them does."""

    region: str
    otherwise: str
    licences: tuple[LicenceLine, ...]

    @property
    def rows(self) -> int:
        """How many lines it takes: one for each licence, and one for what holds otherwise."""
        return len(self.licences) + 1


def drug_groups(regimen: Regimen, knowledge: Knowledge) -> DrugGroups:
    """The drugs of a regimen in their order."""
    return tuple(
        tuple(Named(slug, lower_first(knowledge.drugs[slug].name)) for slug in group) for group in regimen.drugs
    )


def licences_by_region(regimen: Regimen, knowledge: Knowledge) -> tuple[RegionLicences, ...]:
    """Every region, those without a licence too; none for what is no drug."""
    if not regimen.drugs and not regimen.licences:
        return ()
    lines = list(licence_lines(regimen, knowledge))
    return tuple(
        RegionLicences(
            str(region.label),
            availability_in(region.value, regimen),
            tuple(line for line in lines if line.region == region.value),
        )
        for region in Region
    )


def licence_lines(regimen: Regimen, knowledge: Knowledge) -> Iterator[LicenceLine]:
    """The licences of a regimen, each with its address under the name of the site."""
    for row in licences_of(regimen.slug, knowledge):
        yield replace(licence_line(row, knowledge), links=sources(row))


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
    url, read_on = row.get("url"), row.get("read_on")
    if name and not url:
        link = link_to(_("%(name)s, page read") % {"name": name}, read_on)
        return (link,) if link else (Link(name, ""),)
    return addresses(name or site_name(url), url, read_on)


def site_name(url: str | None) -> str:
    """What a reader knows the site of an address by; "" without an address."""
    host = (urlsplit(url).hostname or "") if url else ""
    host = host.removeprefix("www.")
    return SITES.get(host, host)
