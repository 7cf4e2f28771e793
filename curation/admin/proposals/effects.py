"""What one proposal would do to the reference patients, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from curation.accepted import accepted, document_of, is_of_first_edition
from curation.admin.releases.comparison import place_words
from curation.models import Proposal
from curation.review.effect import Effect, EntryChange, effects, reference_patients
from regimens.rules.assessment import Band
from regimens.rules.knowledge import KnowledgeError
from regimens.rules.patient import PatientError
from regimens.rules.rank_changes import Move, Place

BANDS = list(Band)


@dataclass(frozen=True)
class MovedByProposal:
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class MovedPatient:
    """A reference patient whose ranking changes; `first` says so in words where the first option is another one.

    moved     what goes to another band, or further than one place
    by_one    what moves by one place, mostly since another does
    """

    label: str
    first: str
    moved: tuple[MovedByProposal, ...]
    by_one: tuple[MovedByProposal, ...]


@dataclass(frozen=True)
class EffectInWords:
    """The patients who are affected, the worst affected first, and how many are not.

    problem   why the effect cannot be worked out; empty where it was
    """

    patients: tuple[MovedPatient, ...]
    unmoved: int
    problem: str = ""

    @property
    def first_changes(self) -> int:
        return sum(bool(patient.first) for patient in self.patients)


def effect_of(proposal: Proposal) -> EffectInWords:
    """Of a proposal alone, on the evidence base as accepted now."""
    return effect_of_changes([EntryChange(proposal.kind, proposal.key, proposal.values)])


def effect_of_changes(changes: Sequence[EntryChange]) -> EffectInWords:
    """Of several changes together, on the evidence base as accepted now."""
    evidence = accepted()
    if is_of_first_edition(evidence):
        return EffectInWords((), 0, _("The patients cannot be ranked before load_evidence has carried the base over."))
    try:
        found = effects(document_of(evidence), changes, reference_patients(), is_kept=True)
    except (KnowledgeError, PatientError) as error:
        said = _("The patients cannot be ranked with this alone: %(error)s")
        return EffectInWords((), 0, said % {"error": error})
    moved = sorted((effect for effect in found if effect.moved), key=_gravity)
    names = {slug: str(content["name"]) for slug, content in evidence["regimens"].items()}
    for change in changes:
        if change.kind == "regimens" and change.content is not None:
            names.setdefault(change.key, str(change.content["name"]))
    return EffectInWords(tuple(_patient(effect, names) for effect in moved), len(found) - len(moved))


def _gravity(effect: Effect) -> tuple[bool, int, int]:
    """A new first option is the worst, then the longest way that an option goes, then how many go one."""
    return not effect.changes_first, -max(_length(one.move) for one in effect.moved), -len(effect.moved)


def _length(move: Move) -> int:
    return abs(_height(move.before) - _height(move.after))


def _height(place: Place | None) -> int:
    """Where a place is on one scale, a band further than any rank within it."""
    band = BANDS.index(place.band) if place and place.band else len(BANDS)
    return band * 1000 + (place.rank or 0 if place else 0)


def _patient(effect: Effect, names: Mapping[str, str]) -> MovedPatient:
    first = ""
    if effect.changes_first:
        was, becomes = (names.get(slug or "", _("nothing")) for slug in (effect.first_before, effect.first_after))
        first = _("%(was)s was first; %(becomes)s would be.") % {"was": was, "becomes": becomes}
    by_place = sorted(effect.moved, key=lambda one: (-_length(one.move), one.regimen))
    far: list[MovedByProposal] = []
    by_one: list[MovedByProposal] = []
    for one in by_place:
        option = MovedByProposal(
            names.get(one.regimen, one.regimen), place_words(one.move.before), place_words(one.move.after)
        )
        (by_one if _length(one.move) <= 1 else far).append(option)
    return MovedPatient(effect.patient.label, first, tuple(far), tuple(by_one))
