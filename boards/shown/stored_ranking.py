"""The one reader of stored rankings: what a version of a case showed, with the release that it names.

Nothing is ranked here. Figures, bands and truths are those of the stored record; names, texts and sources come from
the document of its release, which never changes. Both may be of the method's first edition: what it did not say is not
said, and nothing is ranked on its releases any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from boards.models import CaseVersion
from regimens import releases
from regimens.models import KnowledgeRelease
from regimens.rules.assessment import Band
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE, Caution, CautionFinding, CautionRecord
from regimens.rules.first_edition import FIRST_EDITION
from regimens.rules.knowledge import Knowledge, ReleaseIdentity
from regimens.rules.logic import evaluate
from regimens.rules.patient import Patient
from regimens.rules.record import OptionRecord, RankingRecord, ScopeRecord
from regimens.rules.wording import say
from regimens.wording.options import equal_places

FEWEST, MOST, USUAL = 2, 4, 3


@lru_cache(maxsize=16)
def knowledge_of(release_id: int) -> Knowledge:
    """A release of either edition of the method, compiled once in this process; its `edition` says whether anything can
    be ranked with it. Raises DamagedRelease.
    """
    return releases.compiled(KnowledgeRelease.objects.get(pk=release_id))


@dataclass(frozen=True)
class StoredStanding:
    """Where an option stands: `rank` is null where it carries none, `band` while it waits for a test."""

    band: Band | None
    rank: int | None
    level: str


class Recorded:
    """A ranking as it travels and its release: what is said of it rests on these two, whether it was stored or just
    made.
    """

    def __init__(self, record: RankingRecord, knowledge: Knowledge):
        self.record = record
        self.knowledge = knowledge

    @property
    def release(self) -> ReleaseIdentity:
        return self.knowledge.release

    @property
    def is_of_first_edition(self) -> bool:
        return self.record.method == FIRST_EDITION

    @cached_property
    def patient(self) -> Patient:
        """The patient as it was understood then, implied and derived features included."""
        known, implied = dict(self.record.patient), dict(self.record.implied)
        derived = {name: value for name, value in self.record.derived.items() if value is not None}
        values = MappingProxyType(known | implied | derived)
        return Patient(MappingProxyType(known), MappingProxyType(implied), values, self.knowledge.vocabulary)

    @property
    def scope(self) -> ScopeRecord:
        return self.record.scope

    @property
    def options(self) -> Sequence[OptionRecord]:
        return self.record.options

    @cached_property
    def by_slug(self) -> Mapping[str, OptionRecord]:
        return {option.regimen: option for option in self.options}

    @cached_property
    def waiting(self) -> Mapping[str, Sequence[str]]:
        """The regimens that wait for a test, and for which features."""
        return {waits.regimen: waits.features for waits in self.record.needs_test}

    @property
    def first(self) -> OptionRecord | None:
        """The option of rank 1."""
        return self.record.first

    @cached_property
    def places(self) -> Mapping[str, str]:
        """The place of each option that carries a rank: "=4" where several share it, which the first edition did not
        say."""
        ranked = [option for option in self.options if option.rank is not None]
        if self.is_of_first_edition:
            return {option.regimen: str(option.rank) for option in ranked}
        return {option.regimen: place for option, place in equal_places(ranked)}

    def findings(self, option: OptionRecord) -> Iterator[CautionFinding]:
        """The cautions of an option as they were found then, with criterion and source from the release."""
        known: dict[tuple[str, str | None, str], list[Caution]] = {}
        for placed in self.knowledge.regimens[option.regimen].cautions:
            for caution in filter(None, (placed.caution, placed.softer)):
                known.setdefault((caution.level, caution.drug, caution.text), []).append(caution)
        for found in option.cautions:
            alike = known.get((found.level, found.drug, found.text), [])
            then = (caution for caution in alike if evaluate(caution.when, self.patient.values) is found.truth)
            yield CautionFinding(next(then, None) or _as_found(found), found.truth)

    def standing(self, slug: str) -> StoredStanding | None:
        """Where an option stands; None where the ranking does not know it."""
        if slug in self.waiting:
            return StoredStanding(None, None, "")
        option = self.by_slug.get(slug)
        return StoredStanding(option.band, option.rank, option.level) if option else None

    def name(self, slug: str) -> str:
        return self.knowledge.names.get(slug, slug)

    @property
    def recommends_treatment(self) -> bool:
        """Whether any treatment is among the recommended, besides best supportive care, which always is."""
        return any(o.band is Band.RECOMMENDED and o.regimen != BEST_SUPPORTIVE_CARE for o in self.options)

    def usual_options(self) -> list[str]:
        """What stands side by side where nobody chose: the first of the ranking."""
        ranked = [option.regimen for option in self.options if option.rank is not None]
        others = [option.regimen for option in self.options if option.regimen not in ranked]
        return (ranked[:USUAL] + others)[: max(FEWEST, min(USUAL, len(ranked)))]

    def choosable(self) -> Iterator[tuple[Band | None, list[tuple[str, str]]]]:
        """Every option by band, as slug and name, in the order of the ranking; at last those that wait for a test."""
        for band in Band:
            listed = [(o.regimen, o.name) for o in self.options if o.band is band]
            if listed:
                yield band, listed
        if self.waiting:
            yield None, sorted(((slug, self.name(slug)) for slug in self.waiting), key=lambda pair: pair[1].lower())

    @cached_property
    def indications(self) -> Mapping[str, Mapping[str, Any]]:
        """The indications of the release, by key."""
        return {row["key"]: row for row in self.knowledge.document["indications"]}


class Frozen(Recorded):
    """The stored ranking of a version, and its release. Raises DamagedRanking, DamagedRelease."""

    def __init__(self, version: CaseVersion):
        super().__init__(version.ranked, knowledge_of(version.release_id))
        self.version = version


def _as_found(record: CautionRecord) -> Caution:
    """A caution that the rules made of earlier treatment, and that no release holds."""
    said = say("%(text)s", text=record.text)
    return Caution({}, record.level, said, None, drug=record.drug, exposure_class=record.exposure_class)


def later_line_regimens(knowledge: Knowledge) -> list[tuple[str, str]]:
    """Every regimen that could be ranked, by name: what a ballot lists, which tells nothing of a ranking."""
    listed = ((regimen.slug, regimen.name) for regimen in knowledge.ranked_regimens)
    return sorted(listed, key=lambda pair: pair[1].lower())
