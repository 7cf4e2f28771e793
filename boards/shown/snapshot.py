"""From the form of the page `/` to what a version of a case keeps, and back.

A version that was saved under the method's first edition is read into today's form: what was asked together then and is
asked apart now stays open, and whoever ticked “all others absent” said it of the conditions that were listed then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from boards.models import CaseVersion
from boards.models.case import ALL, NEC_ONLY
from regimens import releases
from regimens.models import KnowledgeRelease
from regimens.pages.patient_form import PatientForm
from regimens.pages.quantities import CONVERSIONS
from regimens.rules.first_edition import ASKED_TOGETHER, FORMER, absent_of_today, of_today
from regimens.rules.knowledge import EDITION, Knowledge
from regimens.rules.patient import CONDITIONS
from regimens.rules.ranking import rank
from regimens.rules.record import OptionRecord, RankingRecord, of, plain

from .stored_ranking import knowledge_of

# What a form sends that is no feature of a patient, or is of no use later.
LEFT_OUT = ("compare", "supposed", "try", "drop")
# Fields that give one answer: whoever changes one of them answers for the others.
TOGETHER = (
    ("received", "progressed", "received_drugs", "progressed_drugs", "none_received", "none_progressed"),
    ("conditions", "absent", "others_absent"),
)


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
    is_of_today = knowledge_of(version.release_id).edition == EDITION
    entered = version.entered if is_of_today else list(_entered_today(version.entered))
    return PatientForm(as_sent(entered), knowledge=knowledge or releases.current())


def with_result(version: CaseVersion, feature: str, value: str, knowledge: Knowledge) -> PatientForm:
    """The form as it was filled in for a version, with another value of one feature, as it is typed.

    A laboratory's value that was converted gives way to it.
    """
    data = as_sent(filled_form(version, knowledge).entered())
    if conversion := CONVERSIONS.get(feature):
        for name in (conversion.measured, conversion.limit):
            data.pop(name, None)
    data[feature] = value
    return PatientForm(data, knowledge=knowledge)


def _entered_today(entered: Iterable[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """What the form of the first edition sent, as today's form sends what it says.

    “No others” was said of regimens, and today's is said of drugs as well: it is asked again.
    """
    pairs = [(name, value) for name, value in entered]
    ticked = {value for name, value in pairs if name == "conditions"}
    absent = absent_of_today(ticked) if any(name == "others_absent" for name, _value in pairs) else ()
    for name, value in pairs:
        if name == "conditions" and value not in CONDITIONS:
            continue
        if name not in ("others_absent", "none_received"):
            yield name, value
    for name in absent:
        if name in CONDITIONS:
            yield "absent", name
    for name in ASKED_TOGETHER:
        if name not in CONDITIONS and name not in FORMER and (name in ticked or name in absent):
            yield name, "true" if name in ticked else "false"


def not_entered_again(version: CaseVersion, form: PatientForm) -> tuple[str, ...]:
    """The features that a version says and the form, filled from it, does not: to be entered again.

    None of a form with errors, which says itself what is to be looked at; a region that was never chosen is no such
    error, for nothing else is in question.
    """
    form.is_valid()
    if form.understood is None:
        return ()
    return tuple(name for name in of_today(version.features).features if name not in form.understood.features)


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
