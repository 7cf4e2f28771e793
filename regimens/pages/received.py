"""The list of what else a patient received: regimens and drugs of a release, found by every name that they go by.

One list for both: what is ticked as a drug was received outside of the regimens that are named. Where no script runs,
names are typed, and read as the list is searched.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from regimens.rules.evidence import BEST_SUPPORTIVE_CARE, Regimen
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import ALIKE, PLATINUM
from regimens.wording.names import plain

PLATINUM_GIVEN, PLATINUM_NOT_GIVEN = "given", "not-given"
STANDARD_FIRST_LINE = "etoposide-platinum"


@dataclass(frozen=True)
class Treatment:
    """A regimen or a drug that a patient may have received.

    words   every name of it and of its drugs, as `plain` writes them: what a search looks in
    """

    slug: str
    name: str
    words: str


@dataclass(frozen=True)
class TreatmentRow:
    """One line of the list: what is received, with what is ticked, and in which fields."""

    treatment: Treatment
    received_field: str
    progressed_field: str
    is_received: bool
    is_progressed: bool


@dataclass(frozen=True)
class Offered:
    """What a release has to choose from: first-line platinum, and the regimens and drugs of the list."""

    first_line: tuple[Regimen, ...]
    regimens: tuple[Treatment, ...]
    drugs: tuple[Treatment, ...]


def offered(knowledge: Knowledge) -> Offered:
    """Worked out once a release."""
    if "offered" not in knowledge.kept:
        knowledge.kept["offered"] = Offered(_first_line_platinum(knowledge), _regimens(knowledge), _drugs(knowledge))
    found: Offered = knowledge.kept["offered"]
    return found


@dataclass(frozen=True)
class Named:
    """What typed names of treatments were read as: slugs of regimens and of drugs, and what nothing bears as a name."""

    regimens: tuple[str, ...]
    drugs: tuple[str, ...]
    unknown: tuple[str, ...]


def named(text: str, knowledge: Knowledge) -> Named:
    """Treatments by their names, between which stands a semicolon, a comma or a new line: "XELOX; Opdivo".

    A name that a regimen and its only drug share is the regimen's. The words of a regimen's name may stand in any
    order; which regimen two drugs were is never guessed.
    """
    names = _by_every_name(knowledge)
    found: list[tuple[str, str]] = []
    unknown: list[str] = []
    for line in re.split(r"[;\n]", text):
        for part in [line] if plain(line) in names else line.split(","):
            if not plain(part):
                continue
            meant = names.get(plain(part)) or _same_words(part, knowledge)
            if meant:
                found.append(meant)
            else:
                unknown.append(part.strip())
    return Named(
        tuple(dict.fromkeys(slug for kind, slug in found if kind == "regimens")),
        tuple(dict.fromkeys(slug for kind, slug in found if kind == "drugs")),
        tuple(dict.fromkeys(unknown)),
    )


def nearest(name: str, knowledge: Knowledge) -> str:
    """What somebody probably meant who typed a name that nothing bears; "" where nothing is like it."""
    names = _by_every_name(knowledge)
    found = difflib.get_close_matches(plain(name), names, n=1, cutoff=ALIKE)
    if not found:
        return ""
    kind, slug = names[found[0]]
    return knowledge.regimens[slug].name if kind == "regimens" else knowledge.drugs[slug].name


def _by_every_name(knowledge: Knowledge) -> Mapping[str, tuple[str, str]]:
    """Every name, as `plain` writes it, with what it names: ("regimens", "xelox")."""
    if "by_every_name" not in knowledge.kept:
        choice, names = offered(knowledge), {}
        for treatment in choice.drugs:
            drug = knowledge.drugs[treatment.slug]
            for name in (drug.slug, drug.slug.replace("-", " "), drug.name, *drug.synonyms):
                names[plain(name)] = ("drugs", drug.slug)
        slugs = dict.fromkeys([*(each.slug for each in choice.first_line), *(each.slug for each in choice.regimens)])
        for slug in slugs:
            shorter = re.fullmatch(r"([^(]+)\((\w+)\)", knowledge.regimens[slug].name)  # "XELOX (CAPOX)" goes by either
            for name in shorter.groups() if shorter else ():
                names.setdefault(plain(name), ("regimens", slug))
        for slug in slugs:
            for name in (slug, slug.replace("-", " "), knowledge.regimens[slug].name):
                names[plain(name)] = ("regimens", slug)
        knowledge.kept["by_every_name"] = names
    found: Mapping[str, tuple[str, str]] = knowledge.kept["by_every_name"]
    return found


def _same_words(text: str, knowledge: Knowledge) -> tuple[str, str] | None:
    """The only regimen whose name has just these words, in whatever order and joined by whatever word."""
    words = _content(text)
    slugs = [treatment.slug for treatment in offered(knowledge).regimens]
    found = [
        slug for slug in slugs if words in (_content(slug.replace("-", " ")), _content(knowledge.regimens[slug].name))
    ]
    return ("regimens", found[0]) if len(found) == 1 and len(words) > 1 else None


def _content(text: str) -> frozenset[str]:
    return frozenset(plain(re.sub(r"[+/&]", " ", text)).split()) - {
        "and",
        "with",
        "und",
        "mit",
        "et",
        "avec",
        "y",
        "con",
    }


def _regimens(knowledge: Knowledge) -> tuple[Treatment, ...]:
    """What a patient may have received: no comparators, and no care that is no regimen."""
    fitting = [r for r in knowledge.regimens.values() if r.setting != "comparator" and r.slug != BEST_SUPPORTIVE_CARE]
    return _by_name(
        Treatment(r.slug, r.name, _words(knowledge, [r.name, _apart(r.slug)], r.all_drugs)) for r in fitting
    )


def _drugs(knowledge: Knowledge) -> tuple[Treatment, ...]:
    return _by_name(Treatment(slug, drug.name, _words(knowledge, [], [slug])) for slug, drug in knowledge.drugs.items())


def _first_line_platinum(knowledge: Knowledge) -> tuple[Regimen, ...]:
    """Platinum-etoposide first, where it is looked for; then other doublets, etoposide's first; then with a third drug.

    Where cisplatin and carboplatin are both named, either is meant.
    """
    fitting = [
        r
        for r in knowledge.regimens.values()
        if r.holds_platinum and (r.setting == "first-line" or r.slug == "irinotecan-platinum")
    ]

    def order(regimen: Regimen) -> tuple[bool, int, bool, str]:
        partners = regimen.all_drugs - PLATINUM
        is_other = regimen.slug != STANDARD_FIRST_LINE
        return is_other, len(partners), "etoposide" not in partners, regimen.name.lower()

    return tuple(sorted(fitting, key=order))


@dataclass(frozen=True)
class Said:
    """What the form says of earlier treatment, as it was ticked.

    first_line      the first-line platinum: a slug, PLATINUM_GIVEN, PLATINUM_NOT_GIVEN or "" for unknown
    none_received   whether it was said that there was nothing else
    none_progressed whether it was said that the disease progressed on none of what is listed
    """

    first_line: str
    regimens: frozenset[str]
    regimens_failed: frozenset[str]
    drugs: frozenset[str]
    drugs_failed: frozenset[str]
    none_received: bool
    none_progressed: bool

    def is_all(self, knowledge: Knowledge, lines: Any) -> bool:
        """Whether the first-line platinum is all that was received, for there was one line."""
        return lines == 1 and self.first_line in knowledge.regimens and not self.is_any_listed

    @property
    def is_any_failed(self) -> bool:
        return bool(self.regimens_failed or self.drugs_failed)

    @property
    def is_any_listed(self) -> bool:
        return bool(self.regimens or self.drugs)

    def features(self, knowledge: Knowledge, others: Mapping[str, Any]) -> dict[str, Any]:
        """The sets that are known, with whether platinum was received; `others` are the features beside them.

        A set is known once the list was answered: by a tick in it, by "none", or by a single line that is the
        platinum. A column is answered as a whole.
        """
        found: dict[str, Any] = {}
        if self.first_line:
            found["platinum_received"] = self.first_line != PLATINUM_NOT_GIVEN
        first_line = {self.first_line} & knowledge.regimens.keys()
        is_first_line_named = bool(first_line) or self.first_line == PLATINUM_NOT_GIVEN
        is_all = self.is_all(knowledge, others.get("lines_received"))
        is_answered = self.is_any_listed or self.none_received or is_all
        if self.regimens or (is_answered and is_first_line_named):
            found["prior_regimens"] = self.regimens | first_line
        if self.drugs or (self.none_received and is_first_line_named):
            found["prior_drugs"] = self.drugs
        found |= self._failed(knowledge, first_line, _progressed_on_platinum(others), found.keys())
        return found

    def _failed(
        self, knowledge: Knowledge, first_line: Collection[str], platinum_failed: bool | None, known: Collection[str]
    ) -> dict[str, Any]:
        """On what the disease progressed: what was ticked, and platinum where response or interval says so.

        Of several treatments with platinum none is guessed; and where others stand in the list of which nothing was
        said, that it was platinum says nothing of them: the sets stay unknown.
        """
        platinum = knowledge.vocabulary.platinum
        regimens = {*first_line, *self.regimens} & platinum
        drugs = self.drugs & platinum
        only = len(regimens) + len(drugs) == 1 and bool(platinum_failed)
        regimens_failed = self.regimens_failed | (regimens if only else set())
        drugs_failed = self.drugs_failed | (drugs if only else set())
        is_answered = self.none_progressed or self.is_any_failed
        is_all_said = is_answered or (self.regimens <= regimens_failed and self.drugs <= drugs_failed)
        found: dict[str, Any] = {}
        if is_all_said and (regimens_failed or ("prior_regimens" in known and platinum_failed is False)):
            found["progressed_on"] = regimens_failed
        if is_all_said and (drugs_failed or self.drugs):
            found["progressed_on_drugs"] = drugs_failed
        return found


def _progressed_on_platinum(features: Mapping[str, Any]) -> bool | None:
    """Whether the disease progressed on platinum or within 3 months of it; None when neither answer is there."""
    interval = features.get("platinum_free_interval_months")
    if features.get("platinum_best_response") == "PD":
        return True
    return None if interval is None else interval < 3


def _apart(slug: str) -> str:
    """The words of a slug: joined, "cisplatin-everolimus" would hold "cisplatine"."""
    return slug.replace("-", " ")


def _words(knowledge: Knowledge, names: Iterable[str], drugs: Iterable[str]) -> str:
    known = [knowledge.drugs[slug] for slug in sorted(drugs) if slug in knowledge.drugs]
    every = [*names, *(name for drug in known for name in (drug.name, _apart(drug.slug), *drug.synonyms))]
    return " ".join(dict.fromkeys(plain(name) for name in every))


def _by_name(treatments: Iterable[Treatment]) -> tuple[Treatment, ...]:
    return tuple(sorted(treatments, key=lambda treatment: treatment.name.lower()))
