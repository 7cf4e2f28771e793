"""Where a regimen may be had and how it is given, in words: availability, approvals, schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from regimens.models.choices import Availability
from regimens.rules.evidence import Regimen
from regimens.rules.patient import REGIONS

from .citations import Link, link_to


@dataclass(frozen=True)
class Sourced:
    """A text of the evidence base, which is in English, with the page on which it was read."""

    text: str
    source: Link | None


@dataclass(frozen=True)
class ApprovalLine:
    """An approval; `where` is its region and year."""

    where: str
    indication: str
    source: Link | None


def sourced(given: Mapping[str, Any] | None) -> Sourced | None:
    """A schedule, or what is noted of the regions; None where nothing is."""
    return Sourced(given["text"] or "", link_to(_("source"), given["url"])) if given else None


def approval_line(approval: Mapping[str, Any]) -> ApprovalLine:
    return ApprovalLine(where_approved(approval), approval["indication"], link_to(_("source"), approval["url"]))


def where_approved(approval: Mapping[str, Any]) -> str:
    year = f", {approval['year']}" if approval["year"] else ""
    return f"{_(REGIONS[approval['region']])}{year}"


def approval_name(where: str) -> str:
    """An approval as a source, by its region, or by region and year."""
    return _("Approval, %(where)s") % {"where": where}


def availability_in(region: str, regimen: Regimen) -> str:
    """What nobody could read is said to be so."""
    return str(Availability(regimen.availability.get(region, Availability.NOT_VERIFIED.value)).label)
