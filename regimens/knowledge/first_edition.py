"""The evidence base of the first edition (FORMAT 1) in the shapes of the second: entry by entry, and releases whole.

A former release is read with it, and the entries that people wrote under the first edition are carried over with it
(`curation.actions.upgrading`). Nothing is looked up, and nothing that was said is said otherwise, but where the second
edition refuses it: then the entry says less, and a note says so. Shapes: README.md beside this module.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from itertools import count
from typing import Any

from regimens.rules.evidence import EITHER_PLATINUM
from regimens.rules.logic import features_named

FORMAT = EDITION = 1

Content = Mapping[str, Any]
Entries = Mapping[str, Mapping[str, Any]]

# One condition of the first edition, and what stands for it in the second.
BLEEDING_OR_THROMBOSIS = "bleeding_or_thrombosis"
BLEEDINGS_AND_THROMBOSES = ("bleeding_active", "arterial_thrombosis", "venous_thrombosis")

# What carries resistance, where the first edition named a class of drugs: the exposure classes that it is.
CLASSES_THAT_LED: Mapping[str, tuple[str, ...]] = {
    "anthracycline": ("topoisomerase-2",),
    "braf inhibitor": ("braf",),
    "checkpoint blockade": ("anti-pd-1-pd-l1", "anti-ctla-4"),
    "dll3 engager": ("dll3-tce",),
    "kras g12c inhibitor": ("kras-g12c",),
    "lutetium": ("sstr-radioligand",),
    "vegfr inhibitor": ("anti-vegf",),
}
# Of a drug that is given in one tablet, the first edition named the parts.
ONE_TABLET = {"trifluridine": "trifluridine-tipiracil", "tipiracil": "trifluridine-tipiracil"}

BARE_ADDRESS = re.compile(r"https?://\d+\.\d+\.\d+\.\d+\b")  # of no host by name: no reader is sent there
APPROVED, OFF_LABEL = "approved", "off-label"
YES, ARGUABLE, NO = "yes", "arguable", "no"  # whether a licence covers EP-NEC
NOT_NEC = re.compile(r"\bnot (?:ep-)?nec\b", re.IGNORECASE)


@dataclass(frozen=True)
class SecondEdition:
    """The entries of the second edition that an entry of the first may come to name, each by its key."""

    drugs: Entries
    licences: Entries
    regimens: Entries

    @cached_property
    def slugs(self) -> Mapping[str, str]:
        """The drugs by every name, in small letters."""
        found = {name: slug for name, slug in ONE_TABLET.items() if slug in self.drugs}
        for slug, drug in self.drugs.items():
            found |= {name.lower(): slug for name in (slug, drug["name"], *(drug["synonyms"] or ()))}
        return found

    def licences_of(self, regimen: str, region: str) -> list[Content]:
        rows = (row for _, row in sorted(self.licences.items()))
        return [row for row in rows if (row["regimen"], row["region"]) == (regimen, region)]

    def with_licences(self, licences: Entries) -> SecondEdition:
        return replace(self, licences={**self.licences, **licences})


NOTHING = SecondEdition({}, {}, {})


@dataclass(frozen=True)
class Converted:
    """An entry in the shape of the second edition.

    more    entries that it gives rise to, by list and key: the licences of a regimen, drugs that have no entry yet
    notes   what a curator has to look at, in English: what it says less or otherwise than before
    """

    content: dict[str, Any]
    more: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def is_first_edition(kind: str, entry: Content) -> bool:
    """Whether an entry has the shape of the first edition, or says what only that could say."""
    if kind == "regimens":
        return "availability" in entry
    if kind in ("publications", "guidelines") and "read_on" not in entry:
        return True
    if kind == "trials":
        return "seen_at" in entry
    if kind == "biomarkers":
        return any("read_on" not in row for row in entry["prevalence"])
    if kind == "indications":
        return any(source.startswith("approval:") for source in entry["sources"]) or _is_former(entry["when"])
    return kind == "publications" and any(_is_former(result.get("where")) for result in entry["results"])


def as_second_edition(
    kind: str, entry: Content, known: SecondEdition, *, as_shipped: Content | None = None
) -> Converted:
    """An entry of the list `kind` in the shape of the second edition; one that has it stays as it is.

    as_shipped   the entry as the first edition shipped it, of one that people changed since: what they left of its
                 cautions and approvals stands, in the second edition, in drugs and licences of their own
    """
    if not is_first_edition(kind, entry):
        return Converted(dict(entry))
    if kind == "regimens":
        return _Regimen(entry, known, as_shipped).converted()
    if kind == "indications":
        return _indication(entry, known)
    return Converted(_SIMPLE[kind](entry))


def document_as_second_edition(document: Content, known: SecondEdition = NOTHING) -> dict[str, Any]:
    """A whole document of the first edition, such as a release: to read names, citations and cohorts from.

    What it holds of drugs is their names: cautions and classes of the second edition are none of this release's.
    Constants and whatever else it holds besides its lists stay as they are, and `edition` says of which it is.
    """
    names = {slug: {**drug, "classes": [], "cautions": [], "labels": []} for slug, drug in known.drugs.items()}
    found = SecondEdition(names, {}, {})
    more: dict[tuple[str, str], dict[str, Any]] = {}
    result = {name: value for name, value in document.items() if not isinstance(value, list)}
    result |= {"format": FORMAT + 1, "edition": EDITION, "exposure_classes": []}
    for kind in ("regimens", "guidelines", "publications", "indications", "biomarkers", "trials"):
        converted = [as_second_edition(kind, row, found) for row in document[kind]]
        for one in converted:
            more |= one.more
        found = found.with_licences({key: row for (name, key), row in more.items() if name == "licences"})
        result[kind] = [one.content for one in converted]
    drugs = {key: row for (kind, key), row in more.items() if kind == "drugs"}
    named = {slug for row in result["regimens"] for slug in _slugs(row["drugs"])} - {EITHER_PLATINUM}
    drugs |= {slug: names[slug] for slug in named if slug in names}
    result["drugs"] = [drugs[slug] for slug in sorted(drugs)]
    result["licences"] = [row for _, row in sorted(found.licences.items())]
    return result


def criterion_as_second_edition(criterion: Any) -> Any:
    """The same with the features of the second edition; whatever is no criterion stays as it is."""
    if not isinstance(criterion, Mapping) or not criterion:
        return criterion
    if criterion.get("feature") == BLEEDING_OR_THROMBOSIS:
        return _any_of_three(criterion["is"])
    if "not" in criterion:
        return {"not": criterion_as_second_edition(criterion["not"])}
    for joint in ("all", "any"):
        if joint in criterion:
            return {joint: [criterion_as_second_edition(part) for part in criterion[joint]]}
    return dict(criterion)


def _any_of_three(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        parts = [_any_of_three(one) for one in value]
        return parts[0] if len(parts) == 1 else {"any": parts}
    one_of_them = {"any": [{"feature": name, "is": True} for name in BLEEDINGS_AND_THROMBOSES]}
    return one_of_them if value else {"not": one_of_them}


def _is_former(criterion: Any) -> bool:
    return isinstance(criterion, Mapping) and BLEEDING_OR_THROMBOSIS in features_named(criterion)


class _Regimen:
    """One regimen, taken apart: the entry itself, its licences, and drugs that have no entry yet."""

    def __init__(self, entry: Content, known: SecondEdition, as_shipped: Content | None) -> None:
        self.entry, self.known, self.as_shipped = entry, known, as_shipped or {}
        self.slug = entry["slug"]
        self.requires = criterion_as_second_edition(entry["requires"])
        self.notes: list[str] = []
        self.drugs: dict[str, dict[str, Any]] = {}
        self.licences: dict[str, dict[str, Any]] = {}

    def converted(self) -> Converted:
        entry = self.entry
        groups = _grouped(dict.fromkeys(map(self._slug, entry["drugs"])))
        content = {
            **{key: entry[key] for key in ("slug", "name", "class", "setting", "gaps")},
            "drugs": groups,
            "lead_drugs": list(dict.fromkeys(self._leading(groups))),
            "requires": self.requires,
            "otherwise": dict(self._otherwise()),
            "schedule": _sourced(entry["schedule"]),
            "region_note": _sourced(entry["region_note"]),
            "cautions": list(self._cautions(_slugs(groups))),
        }
        more = {("drugs", slug): drug for slug, drug in self.drugs.items()}
        more |= {("licences", key): licence for key, licence in self.licences.items()}
        return Converted(content, more, tuple(self.notes))

    def _slug(self, name: str) -> str:
        """Of a drug, which gets an entry where the second edition knows no drug of that name."""
        slug = self.known.slugs.get(name.lower())
        if slug is None:
            slug = slug_of(name)
            if slug not in self.known.drugs and slug not in self.drugs:
                self.drugs[slug] = _drug(slug, name)
                self.notes.append(f"{name} has an entry among the drugs now, as yet without classes and cautions")
        return slug

    def _leading(self, groups: Sequence[Any]) -> Iterator[str]:
        drugs = _slugs(groups)
        for name in self.entry["lead_drugs"]:
            classes = CLASSES_THAT_LED.get(name)
            if name == EITHER_PLATINUM:
                yield name
            elif classes is None:
                yield self._slug(name)
            else:
                yield from self._of_class(name, classes, drugs)

    def _of_class(self, name: str, classes: Sequence[str], drugs: Sequence[str]) -> Iterator[str]:
        """The drugs of the regimen that a class of the first edition stands for, which then carries the class."""
        holding = [slug for slug in drugs if set(classes) & set(self.known.drugs.get(slug, {}).get("classes") or ())]
        unknown = [slug for slug in drugs if slug in self.drugs]
        if not holding:
            for slug in unknown:
                held = self.drugs[slug]["classes"]
                self.drugs[slug]["classes"] = [*held, classes[0]] if classes[0] not in held else held
                self.notes.append(f"{slug} is of the class {classes[0]}, since the regimen said {name}")
        yield from holding or unknown or drugs

    def _otherwise(self) -> Iterator[tuple[str, str]]:
        """What holds where no licence does; and the licences."""
        former = self.as_shipped.get("approvals", ())
        for region, availability in self.entry["availability"].items():
            approvals = [row for row in self.entry["approvals"] if row["region"] == region]
            is_approved = availability == APPROVED
            was_shipped = self.as_shipped.get("availability", {}).get(region) == availability
            # As shipped, and the second edition ships licences in its place: those are for it to say.
            stands_elsewhere = was_shipped and bool(self.known.licences_of(self.slug, region))
            for row in approvals:
                if not (stands_elsewhere and row in former):
                    self._add_licence(region, row, is_for_nec=is_approved and not NOT_NEC.search(row["indication"]))
            held = [licence for licence in self.licences.values() if licence["region"] == region]
            if is_approved and not stands_elsewhere and all(row["covers"] == NO for row in held):
                self._add_licence(region, {"indication": "Approved; no licence was listed.", "year": None, "url": None})
            yield region, OFF_LABEL if is_approved else availability

    def _add_licence(self, region: str, approval: Content, *, is_for_nec: bool = True) -> None:
        """A licence holds for whoever has what the regimen requires; where that is nothing, for whom is open."""
        taken = self.known.licences.keys() | self.licences.keys()
        key = next(key for n in count(1) if (key := f"{self.slug}-{region.lower()}-{n}") not in taken)
        covers = NO
        if is_for_nec:
            covers = YES if self.requires else ARGUABLE
            whom = "for whoever has what the regimen requires" if self.requires else "for nobody for sure"
            self.notes.append(f"licence {key}: the approval named no criterion, so that it holds {whom}")
        self.licences[key] = {
            "key": key,
            "regimen": self.slug,
            "region": region,
            "when": self.requires or {"feature": "region", "is": region},
            "covers": covers,
            "kind": None,
            "since": approval["year"],
            "label": approval["indication"],
            **_addresses(approval["url"]),
            "seen_on": None,
        }

    def _cautions(self, drugs: Sequence[str]) -> Iterator[dict[str, Any]]:
        former = self.as_shipped.get("cautions", ())
        carried = [caution for slug in drugs for caution in self.known.drugs.get(slug, {}).get("cautions") or ()]
        kept = self.known.regimens.get(self.slug, {}).get("cautions") or ()
        for row in self.entry["cautions"]:
            when, level = criterion_as_second_edition(row["when"]), row["level"]
            if row in former and _is_among(when, carried) and not _is_among(when, kept):
                continue
            if not when and level != "caution":
                self.notes.append(f"“{row['text']}” was at the level {level} for everybody, and is a caution now")
                level = "caution"
            yield {
                "when": when,
                "level": level,
                "text": row["text"],
                "section": None,
                "label": None,
                "extrapolated": False,
                **_addresses(row["url"]),
            }


def slug_of(name: str) -> str:
    """A slug made of a name; of one in another alphabet, some digits of its SHA-256."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-")
    return slug or f"drug-{sha256(name.encode()).hexdigest()[:8]}"


def _drug(slug: str, name: str) -> dict[str, Any]:
    named = name[:1].upper() + name[1:]
    return {"slug": slug, "name": named, "synonyms": [], "atc": None, "classes": [], "cautions": [], "labels": []}


def _grouped(slugs: Iterable[str]) -> list[Any]:
    """Cisplatin and carboplatin of one regimen are given in each other's place: nobody receives both."""
    slugs = list(slugs)
    if not {"cisplatin", "carboplatin"} <= set(slugs):
        return slugs
    place = min(slugs.index("cisplatin"), slugs.index("carboplatin"))
    found: list[Any] = [slug for slug in slugs if slug not in ("cisplatin", "carboplatin")]
    found.insert(place, {"alternatives": ["cisplatin", "carboplatin"]})
    return found


def _slugs(groups: Iterable[Any]) -> list[str]:
    return [slug for one in groups for slug in (one["alternatives"] if isinstance(one, Mapping) else [one])]


def _is_among(when: Any, cautions: Iterable[Content]) -> bool:
    """Whether one of the cautions is about a feature of the criterion; of everybody, where that is."""
    features = features_named(when)
    return any(
        bool(features_named(one["when"]) & features) if features else not features_named(one["when"])
        for one in cautions
    )


def _indication(entry: Content, known: SecondEdition) -> Converted:
    sources: list[str] = []
    notes = []
    for source in entry["sources"]:
        kind, _, region = source.partition(":")
        if kind != "approval":
            sources.append(source)
            continue
        cited = _cited(entry["when"], known.licences_of(entry["regimen"], region))
        sources += [f"licence:{row['key']}" for row in cited]
        if not cited:
            notes.append(f"{source} is gone, since no licence of {entry['regimen']} is known there")
    when = criterion_as_second_edition(entry["when"])
    return Converted({**entry, "when": when, "sources": list(dict.fromkeys(sources))}, notes=tuple(notes))


def _cited(when: Any, licences: Sequence[Content]) -> Sequence[Content]:
    """Of the licences of a region those that an indication meant: of the features that it names, else all that hold."""
    features = features_named(when)
    holding = [row for row in licences if row["covers"] in (YES, ARGUABLE)]
    return [row for row in holding if features_named(row["when"]) & features] or holding or licences


def _publication(entry: Content) -> dict[str, Any]:
    results = [{**row, "where": criterion_as_second_edition(row.get("where"))} for row in entry["results"]]
    return {**_read(entry), "results": results}


def _biomarker(entry: Content) -> dict[str, Any]:
    return {**entry, "prevalence": [_read(row) for row in entry["prevalence"]]}


def _trial(entry: Content) -> dict[str, Any]:
    rest = {key: value for key, value in entry.items() if key != "seen_at"}
    return {**rest, "url": entry["seen_at"], "read_on": None}


def _sourced(row: Content | None) -> dict[str, Any] | None:
    return None if row is None else _read(row)


def _read(row: Content) -> dict[str, Any]:
    """With the page that was read beside the address that is shown."""
    return dict(row) if "read_on" in row else {**row, **_addresses(row["url"])}


def _addresses(url: str | None) -> dict[str, str | None]:
    if url and BARE_ADDRESS.match(url):
        return {"url": None, "read_on": url}
    return {"url": url, "read_on": None}


_SIMPLE: Mapping[str, Callable[[Content], dict[str, Any]]] = {
    "publications": _publication,
    "guidelines": _read,
    "biomarkers": _biomarker,
    "trials": _trial,
}
