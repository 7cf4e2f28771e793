"""From the form of the page `/` to what a version of a case keeps, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from regimens import releases
from regimens.forms import PatientForm
from regimens.models import KnowledgeRelease
from regimens.rules.knowledge import Knowledge
from regimens.rules.ranking import as_dict, rank

from .models import CaseVersion
from .models.case import ALL, NEC_ONLY

# What a form sends that is no feature of a patient, or is of no use later.
LEFT_OUT = ("compare", "supposed", "try", "drop")


@dataclass(frozen=True)
class Snapshot:
    """A patient as entered and the ranking that this gives, ready to be kept."""

    entered: list[list[str]]
    features: dict[str, Any]
    ranking: dict[str, Any]
    release: KnowledgeRelease
    preference: str
    evidence: str

    @property
    def primary_site(self) -> str:
        return str(self.features.get("primary_site") or "")

    @property
    def first(self) -> dict[str, Any] | None:
        """The option of rank 1."""
        return next((option for option in self.ranking["options"] if option["rank"] == 1), None)


def snapshot(form: PatientForm, knowledge: Knowledge) -> Snapshot | None:
    """What a valid form is kept as; None for one with errors, or of a patient of whom something is only supposed."""
    if not form.is_bound or not form.is_valid() or form.patient is None or form.suppositions:
        return None
    known = knowledge.nec_only if form.is_nec_only else knowledge
    ranking = as_dict(rank(form.patient, known, form.chosen_preference))
    return Snapshot(
        entered=[[name, value] for name, value in form.entered() if name not in LEFT_OUT],
        features=ranking["patient"],
        ranking=ranking,
        release=KnowledgeRelease.objects.defer("content").get(name=knowledge.release.name),
        preference=form.chosen_preference,
        evidence=NEC_ONLY if form.is_nec_only else ALL,
    )


def filled_form(version: CaseVersion, knowledge: Knowledge | None = None) -> PatientForm:
    """The form as it was filled in for a version, on the release in force or another. Raises NoRelease."""
    return PatientForm(as_sent(version.entered), knowledge=knowledge or releases.current())


def as_sent(entered: Iterable[Sequence[str]]) -> QueryDict:
    """Pairs of name and value as a form sends them."""
    data = QueryDict(mutable=True)
    for name, value in entered:
        data.appendlist(name, value)
    return data
