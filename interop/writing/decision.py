"""What a board decided, as a Bundle: a CarePlan beside the options that it was chosen from, and who signed it.

From frozen rows alone: the version of the case that the board saw, the version of its decision, the signatures. Nothing
in it names a person or a day: the label of the case is left out, a month stands for each day, and of what members wrote
only that which would pass as the label of a case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from boards.choice import Choice, choice_words
from boards.models import Decision, Membership, Signature
from boards.models.choices import ChoiceKind, Reason, Role
from boards.models.decision import SIGNATURES
from boards.models.months import month_of
from boards.privacy.identifiers import findings
from boards.shown.stored_ranking import Frozen
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE
from staff.english import said_in_english

from . import options
from .bundles import DISCLAIMER, FEATURE, OPTION, Entries, Resource, address, annotations, concept
from .ranking import PARTICIPANT, add_device, add_failure, instant

DECISION = "urn:necapp:decision"
REASON = "urn:necapp:board-reason"
ROLE = "urn:necapp:board-role"
TRIAL = "urn:necapp:trial"
WITHHELD = "A text that a member wrote is left out: it may name the patient."

_LISTS = {ChoiceKind.RANKED: OPTION, ChoiceKind.TRIAL: TRIAL, ChoiceKind.TEST_FIRST: FEATURE}
_PLACE = "CarePlan"


@dataclass(frozen=True)
class Decided:
    """A version of a decision with its frozen ranking.

    signatures   with the role that each person has or had on the board
    latest       the number of the newest version: another one takes the place of this
    """

    decision: Decision
    frozen: Frozen
    signatures: tuple[tuple[Signature, str], ...]
    latest: int

    @property
    def status(self) -> str:
        return status_of(self.decision.number, latest=self.latest, is_signed=len(self.signatures) == SIGNATURES)


def status_of(number: int, *, latest: int, is_signed: bool) -> str:
    """draft until two have signed, then active; revoked once a further version is there."""
    if number < latest:
        return "revoked"
    return "active" if is_signed else "draft"


def decided(decision: Decision) -> Decided:
    """A version of a decision on a case that is not erased. Raises DamagedRanking, DamagedRelease."""
    version, board = decision.item.version, decision.item.meeting.board
    assert version is not None
    signatures = tuple(Signature.objects.filter(decision=decision))
    held = Membership.objects.filter(board=board, person__in=[each.person_id for each in signatures])
    roles = {membership.person_id: membership.role for membership in held.order_by("since")}
    newest = Decision.objects.filter(item=decision.item).order_by("-number").values_list("number", flat=True)
    return Decided(
        decision,
        Frozen(version),
        tuple((each, roles.get(each.person_id, Role.MEMBER)) for each in signatures),
        newest[0],
    )


@said_in_english
def decision_bundle(found: Decided, *, software: str, at: datetime) -> Resource:
    """What was decided as FHIR; the same rows give the same Bundle but for `Provenance.recorded`, which is `at`."""
    decision, frozen = found.decision, found.frozen
    entries = Entries(frozen.release, _seed(decision, decision.number))
    patient, plan = entries.reference("Patient"), entries.reference(_PLACE)
    device = entries.reference("Device")
    has_options = options.can_be_written(frozen)
    name = {"system": DECISION, "value": f"{decision.item_id}-{decision.number}"}
    entries.add(
        _PLACE,
        "CarePlan",
        identifier=[name],
        replaces=[_former(decision)] if decision.number > 1 else [],
        status=found.status,
        intent="plan",
        title="Decision of a tumour board",
        subject=patient,
        created=month(decision.decided_at),
        supportingInfo=[entries.reference(options.PLACE if has_options else "GuidanceResponse")],
        activity=[_chosen(decision), *_alternatives(decision, frozen)],
        note=list(_notes(decision)),
    )
    entries.add("Patient", "Patient")
    if has_options:
        options.add(entries, frozen, patient=patient, author=device)
    else:
        add_failure(entries, frozen, patient=patient, performer=device)
    add_device(entries, software, frozen.record.method)
    for signature, role in found.signatures:
        entries.add(
            f"Provenance/{signature.place}",
            "Provenance",
            target=[plan],
            occurredDateTime=month(signature.signed_at),
            recorded=instant(at),
            agent=[_signatory(signature, role)],
        )
    return entries.bundle(identifier=name, type="collection")


def _seed(decision: Decision, number: int) -> str:
    version = decision.item.version
    return f"{version.sha256 if version else ''} {decision.item_id} {number}"


def _former(decision: Decision) -> Resource:
    former = decision.number - 1
    name = {"system": DECISION, "value": f"{decision.item_id}-{former}"}
    return {"reference": address(_seed(decision, former), _PLACE), "type": "CarePlan", "identifier": name}


def _chosen(decision: Decision) -> Resource:
    """What was decided, which is not begun."""
    kind = ChoiceKind(decision.kind)
    words = choice_words(Choice(kind, decision.option, _safe(decision.words)), decision.option_name)
    if kind is ChoiceKind.SUPPORTIVE:
        code = concept(OPTION, BEST_SUPPORTIVE_CARE, words)
    else:
        code = concept(_LISTS[kind], decision.option, words) if kind in _LISTS else {"text": words}
    found = {"code": code, "status": "not-started"}
    if reason := decision.reason:
        found["reasonCode"] = [_reason(reason)]
    return {"detail": found}


def _alternatives(decision: Decision, frozen: Frozen) -> Iterator[Resource]:
    """The options that stood side by side and were not chosen, each with the coded reason where one was given."""
    chosen = BEST_SUPPORTIVE_CARE if decision.kind == ChoiceKind.SUPPORTIVE else decision.option
    reason = _reason(decision.reason) if decision.reason else {"text": "Another option was chosen"}
    for slug in decision.item.options or frozen.usual_options():
        if slug != chosen and slug in frozen.by_slug:
            code = options.coded(slug, frozen.by_slug[slug].name)
            yield {"detail": {"code": code, "status": "cancelled", "statusReason": reason}}


def _reason(code: str) -> Resource:
    return concept(REASON, code, str(Reason(code).label))


def _notes(decision: Decision) -> Iterator[Resource]:
    """Rationale, reason and dissent, if they pass; else that they are left out."""
    told = {
        "Rationale": decision.rationale,
        "Reason": decision.reason_words,
        "Dissent": decision.dissent,
        "Corrected because": decision.correction,
    }
    yield from annotations(DISCLAIMER)
    for title, text in told.items():
        if text:
            yield from annotations(f"{title}: {_safe(text) or WITHHELD}")


def _safe(text: str) -> str:
    """The text, if the rule for labels of cases finds nothing in it that may identify; else nothing."""
    return "" if findings(text) else text


def _signatory(signature: Signature, role: str) -> Resource:
    """Who signed, by role: no name leaves a board."""
    words = str(Role(role).label)
    return {
        "type": concept(PARTICIPANT, "attester", "Attester"),
        "role": [concept(ROLE, role, words)],
        "who": {"display": f"{words} of the board, signature {signature.place} of {SIGNATURES}"},
    }


def month(at: datetime) -> str:
    """Which month of the board's calendar it was."""
    return month_of(timezone.localtime(at).date())
