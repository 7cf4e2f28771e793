"""What is ranked before and after: reference patients on the release in force, and every decided case on its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from boards.models import AgendaItem, CaseVersion, DamagedRanking
from boards.shown.replay import reproduction
from boards.shown.stored_ranking import Frozen, knowledge_of
from curation.review.effect import names_known, reference_patients
from regimens import releases
from regimens.bundles import compared
from regimens.rules.knowledge import EDITION
from regimens.rules.ranking import rank
from regimens.rules.record import as_dict, of

DAMAGED = "damaged"


@dataclass(frozen=True)
class Rankings:
    """release     SHA-256 of the one in force; empty where nothing can be ranked, and `why` says why
    patients    the whole ranking of each reference patient, by label
    decisions   whether each decided case version is made again as it was shown, by id: a name of `Reproduction`
    """

    release: str = ""
    why: str = ""
    patients: dict[str, Any] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)

    def differences(self, later: Rankings) -> Iterator[str]:
        """What is ranked otherwise later: numbers by more than 1e-9, all else at all."""
        if self.release != later.release:
            yield f"the release in force is {later.release or 'none'} and was {self.release or 'none'}"
        for label, ranking in self.patients.items():
            found = next(compared(ranking, later.patients.get(label)), None)
            if found:
                yield f"the reference patient “{label}” is ranked otherwise"
        for pk, outcome in self.decisions.items():
            if later.decisions.get(pk) != outcome:
                yield f"the decided case version {pk}: {later.decisions.get(pk, 'gone')}, and was {outcome}"


def ranked() -> Rankings:
    """By the database that is worked on, and by nothing that this process holds of another one."""
    knowledge_of.cache_clear()
    decisions = dict(_decisions())
    release = releases.in_force()
    if release is None:
        return Rankings(why=str(releases.NoRelease()), decisions=decisions)
    try:
        knowledge = releases.compiled(release)
    except releases.ReleaseError as error:
        return Rankings(why=str(error), decisions=decisions)
    if knowledge.edition != EDITION:
        return Rankings(why=str(releases.FormerEdition(knowledge)), decisions=decisions)
    patients = {}
    for patient in reference_patients():
        if names_known(patient, knowledge.document):
            found = rank(knowledge.patient(patient.features), knowledge, patient.preference)
            patients[patient.label] = as_dict(of(found))
    return Rankings(release.sha256, "", patients, decisions)


def _decisions() -> Iterator[tuple[str, str]]:
    decided = AgendaItem.objects.filter(decisions__isnull=False, version__isnull=False)
    versions = CaseVersion.objects.filter(pk__in=decided.values("version_id")).order_by("release_id", "pk")
    for version in versions.iterator(chunk_size=100):
        try:
            yield str(version.pk), reproduction(Frozen(version)).name
        except (DamagedRanking, releases.DamagedRelease):
            yield str(version.pk), DAMAGED
