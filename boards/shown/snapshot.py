"""From the form of the page `/` to what a version of a case keeps, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from boards.models import CaseVersion
from boards.models.case import ALL, NEC_ONLY
from regimens import releases
from regimens.models import KnowledgeRelease
from regimens.pages.patient_form import PatientForm
from regimens.rules.knowledge import Knowledge
from regimens.rules.ranking import rank
from regimens.rules.record import OptionRecord, RankingRecord, of, plain

# What a form sends that is no feature of a patient, or is of no use later.
LEFT_OUT = ("compare", "supposed", "try", "drop")
# Fields that give one answer: whoever changes one of them answers for the others.
TOGETHER = (("received", "progressed", "none_received", "none_progressed"), ("conditions", "others_absent"))


@dataclass(frozen=True)
class Snapshot:
    """A patient as entered and the ranking that this gives, ready to be kept."""

    entered: list[list[str]]
    features: dict[str, Any]
    ranking: RankingRecord
    release: KnowledgeRelease
    preference: str
    evidence: str

    @property
    def primary_site(self) -> str:
        return str(self.features.get("primary_site") or "")

    @property
    def first(self) -> OptionRecord | None:
        """The option of rank 1."""
        return self.ranking.first


def snapshot(form: PatientForm, knowledge: Knowledge) -> Snapshot | None:
    """What a valid form is kept as; None for one with errors, or of a patient of whom something is only supposed."""
    if not form.is_bound or not form.is_valid() or form.patient is None or form.suppositions:
        return None
    known = knowledge.nec_only if form.is_nec_only else knowledge
    ranking = of(rank(form.patient, known, form.chosen_preference))
    return Snapshot(
        entered=[[name, value] for name, value in form.entered() if name not in LEFT_OUT],
        features={name: plain(value) for name, value in ranking.patient.items()},
        ranking=ranking,
        release=KnowledgeRelease.objects.defer("content").get(name=knowledge.release.name),
        preference=form.chosen_preference,
        evidence=NEC_ONLY if form.is_nec_only else ALL,
    )


def filled_form(version: CaseVersion, knowledge: Knowledge | None = None) -> PatientForm:
    """The form as it was filled in for a version, on the release in force or another. Raises NoRelease."""
    return PatientForm(as_sent(version.entered), knowledge=knowledge or releases.current())


def merged(form: PatientForm, *, seen: CaseVersion, latest: CaseVersion) -> PatientForm:
    """A form that went on from the version `seen`, with what `latest` changed where the form still says the same."""
    mine, before, theirs = (
        list(each.entered()) for each in (form, filled_form(seen, form.knowledge), filled_form(latest, form.knowledge))
    )
    alone = [(name,) for name in form.fields if not any(name in names for names in TOGETHER)]
    data = as_sent(
        pair
        for names in (*TOGETHER, *alone)
        for pair in _said(theirs if _said(mine, names) == _said(before, names) else mine, names)
    )
    return PatientForm(data, knowledge=form.knowledge)


def _said(pairs: Iterable[tuple[str, str]], names: Sequence[str]) -> list[tuple[str, str]]:
    """What was entered in some fields, in an order of no meaning."""
    return sorted(pair for pair in pairs if pair[0] in names)


def as_sent(entered: Iterable[Sequence[str]]) -> QueryDict:
    """Pairs of name and value as a form sends them."""
    data = QueryDict(mutable=True)
    for name, value in entered:
        data.appendlist(name, value)
    return data
