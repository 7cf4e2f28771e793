"""Whether a regimen is licensed for a patient, where else and for whom, and how it is given: in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from display.punctuation import sign
from regimens.models.choices import Availability, Covers, LicenceKind
from regimens.rules.evidence import Regimen
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import Criterion, describe, explain
from regimens.rules.patient import REGIONS, Patient
from regimens.rules.wording import all_of_them

from .citations import Link, addresses
from .sentences import ACTIVE
from .states import STALE_TEXT_DAYS

STATUS_WORDS: Mapping[str, Promise | str] = {
    "approved": gettext_lazy("licensed for this"),
    "licensed-by-site": gettext_lazy("licensed for cancers of this site"),
    **{status.value: status.label for status in Availability},
}


class LicenceFound(Protocol):
    """A licence status as the rules find it or as a stored ranking has it."""

    @property
    def status(self) -> str: ...
    @property
    def keys(self) -> tuple[str, ...]: ...
    @property
    def possible(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Sourced:
    """A text of the evidence base, which is in English, with where it is and was read."""

    text: str
    links: tuple[Link, ...]

    @property
    def source(self) -> Link | None:
        """The first of its links."""
        return next(iter(self.links), None)


@dataclass(frozen=True)
class LicenceLine:
    """A licence or a payer's ruling.

    where     its region
    covers    whether it is for this, for cancers of the site, for another disease, or a ruling
    brief     its kind and since when; terms: that, and when the page was read
    criterion under which it holds
    text      what it is for, in English
    if_only   for one of which it is not known whether it holds: what would have to be
    """

    key: str
    region: str
    where: str
    covers: str
    brief: str
    terms: str
    criterion: str
    text: str
    links: tuple[Link, ...]
    if_only: str = ""


@dataclass(frozen=True)
class LicenceStanding:
    """How a regimen stands for a patient where licences are looked up.

    status      what the style sheet calls it
    word        licensed for this, for cancers of this site, off-label, …
    where       the region, which says so where none was entered
    holding     the licences that hold; possible: those of which it is not known
    further     the others of the region; elsewhere: those of other regions
    """

    status: str
    word: str
    where: str
    holding: tuple[LicenceLine, ...]
    possible: tuple[LicenceLine, ...]
    further: tuple[LicenceLine, ...]
    elsewhere: tuple[LicenceLine, ...]


@dataclass(frozen=True)
class LicenceCell:
    """The licence of an option in the patient's region, as a row has room for it.

    status   what the style sheet calls it
    word     licensed for this, for cancers of this site, for others, off-label, not verified, …
    read     its kind and when its page was read, or what would have to be known
    is_stale whether that was more than a year ago; then `read` says how long
    link     the page that was read
    """

    status: str
    word: str
    read: str
    is_stale: bool
    link: Link | None


CELL_WORDS: Mapping[str, Promise] = {
    "approved": gettext_lazy("Licensed for this"),
    "licensed-by-site": gettext_lazy("For cancers of this site"),
    "others": gettext_lazy("For others, off-label"),
    "off-label": gettext_lazy("Off-label"),
    "investigational": gettext_lazy("Only in trials"),
    "unavailable": gettext_lazy("Not available"),
    "not-verified": gettext_lazy("Not verified"),
}
STALE_AFTER_MONTHS = STALE_TEXT_DAYS // 30


def licence_cell(
    found: LicenceFound, slug: str, patient: Patient, knowledge: Knowledge, today: date | None
) -> LicenceCell:
    """`today` is the day on which somebody reads it; without one nothing is said of its age."""
    here = [row for row in licences_of(slug, knowledge) if row["region"] == patient.region]
    holding = [row for row in here if row["key"] in found.keys]
    of_others = [row for row in here if row["covers"] == Covers.NO and row["kind"] != LicenceKind.WITHDRAWN]
    status = "others" if found.status == Availability.OFF_LABEL and of_others else found.status
    asked = holding or here
    seen = max((str(row["seen_on"]) for row in asked if row.get("seen_on")), default="")
    kinds = dict.fromkeys(str(LicenceKind(row["kind"]).label) for row in holding if row["kind"])
    links = [link for row in asked for link in addresses(_("source"), row.get("url"), row.get("read_on"))]
    read, is_stale = _age(seen, today) if asked else (_("no label on record"), False)
    possible = next((row for row in here if row["key"] in found.possible), None)
    if possible and not holding:
        read = _if_only(possible, patient, knowledge)
    return LicenceCell(
        status, str(CELL_WORDS[status]), ", ".join([*kinds, read]), is_stale, links[0] if links else None
    )


def _age(seen: str, today: date | None) -> tuple[str, bool]:
    """When a page was read; how long ago, where that is more than a year."""
    if not seen:
        return _("day of reading not on record"), False
    day = date.fromisoformat(seen)
    months = months_between(day, today) if today else 0
    if months > STALE_AFTER_MONTHS:
        words = ngettext("read %(count)d month ago", "read %(count)d months ago", months)
        return words % {"count": months}, True
    return _("read %(day)s") % {"day": date_format(day)}, False


def months_between(day: date, today: date) -> int:
    """Whole months from one day to a later one."""
    return (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)


def sourced(given: Mapping[str, Any] | None) -> Sourced | None:
    """A schedule, or what is noted of the regions; None where nothing is."""
    if not given:
        return None
    return Sourced(given["text"] or "", addresses(_("source"), given["url"], given.get("read_on")))


def licence_standing(found: LicenceFound, slug: str, patient: Patient, knowledge: Knowledge) -> LicenceStanding:
    """The licence status of a regimen, with every licence on record of it."""
    region = patient.region
    lines = {row["key"]: (row, licence_line(row, knowledge)) for row in licences_of(slug, knowledge)}
    told = {*found.keys, *found.possible}
    rest = [line for key, (_row, line) in lines.items() if key not in told]
    return LicenceStanding(
        status=found.status,
        word=str(STATUS_WORDS[found.status]),
        where=region_words(patient),
        holding=tuple(lines[key][1] for key in found.keys),
        possible=tuple(_possible(*lines[key], patient, knowledge) for key in found.possible),
        further=tuple(line for line in rest if line.region == region),
        elsewhere=tuple(line for line in rest if line.region != region),
    )


def region_words(patient: Patient) -> str:
    """Where licences are looked up."""
    where = _(REGIONS[patient.region])
    return where if patient.knows("region") else _("%(region)s, since no region was entered") % {"region": where}


def licences_of(slug: str, knowledge: Knowledge) -> Sequence[Mapping[str, Any]]:
    """The licences on record of a regimen, in the order of regions."""
    keys = [licence.key for licence in knowledge.regimens[slug].licences]
    order = list(REGIONS)
    return sorted((knowledge.licences[key] for key in keys), key=lambda row: (order.index(row["region"]), row["key"]))


def licence_line(row: Mapping[str, Any], knowledge: Knowledge) -> LicenceLine:
    """A licence as the release has it."""
    is_withdrawn = row["kind"] == LicenceKind.WITHDRAWN
    kind = str(LicenceKind(row["kind"]).label) if row["kind"] else ""
    since = _("since %(day)s") % {"day": _day(str(row["since"]))} if row["since"] else ""
    brief = ", ".join(filter(None, (kind, since)))
    seen = (
        _("page read on %(day)s") % {"day": _day(str(row["seen_on"]))}
        if row.get("seen_on")
        else _("when the page was read is not on record")
    )
    return LicenceLine(
        key=row["key"],
        region=row["region"],
        where=_(REGIONS[row["region"]]),
        covers=str(LicenceKind.WITHDRAWN.label if is_withdrawn else Covers(row["covers"]).label),
        brief=brief,
        terms=f"{brief}{sign(';')} {seen}" if brief else seen,
        criterion=describe(row["when"], names=knowledge.names, language=ACTIVE) if row["when"] else _("every patient"),
        text=row["label"],
        links=addresses(_("source"), row.get("url"), row.get("read_on")),
    )


def licence_name(row: Mapping[str, Any]) -> str:
    """A licence as a source: by its region, and the year where that is known."""
    year = f", {str(row['since'])[:4]}" if row["since"] else ""
    return _("Licence, %(where)s") % {"where": f"{_(REGIONS[row['region']])}{year}"}


def availability_in(region: str, regimen: Regimen) -> str:
    """What holds in a region where no licence does; what nobody could read is said to be so."""
    return str(Availability(regimen.otherwise.get(region) or Availability.NOT_VERIFIED.value).label)


def _day(given: str) -> str:
    """A day as the language writes it, or a year as it is."""
    return given if len(given) == len("2024") else date_format(date.fromisoformat(given))


def _possible(row: Mapping[str, Any], line: LicenceLine, patient: Patient, knowledge: Knowledge) -> LicenceLine:
    """One of which it is not known whether it holds: with what would have to be."""
    return replace(line, if_only=_if_only(row, patient, knowledge))


def _if_only(row: Mapping[str, Any], patient: Patient, knowledge: Knowledge) -> str:
    """What would have to be for a licence to hold of which that is not known."""
    message = (
        _("would be licensed if: %(criterion)s")
        if row["covers"] == "yes"
        else _("would be licensed for cancers of this site if: %(criterion)s")
    )
    return message % {"criterion": _still_open(row["when"], patient, knowledge)}


def _still_open(criterion: Criterion, patient: Patient, knowledge: Knowledge) -> str:
    """Of facts that must all hold those that are not known; any other criterion as a whole."""
    parts = list(explain(criterion, patient.values, names=knowledge.names))
    if "feature" in criterion or ("all" in criterion and all("feature" in part for part in criterion["all"])):
        return all_of_them(_worded(part.worded(ACTIVE) for part in parts if part.truth is None), ACTIVE)
    return describe(criterion, names=knowledge.names, language=ACTIVE)


def _worded(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
