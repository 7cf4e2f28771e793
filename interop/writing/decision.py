"""What a board decided, as a Bundle: a CarePlan beside the options that it was chosen from, and who signed it.

Treatments of the plan are its activities; what is asked for before one, such as a test, is a ServiceRequest each.

From frozen rows alone: the version of the case that the board saw, the version of its decision, the signatures. Nothing
in it names a person or a day: the label of the case is left out, a month stands for each day, and of what members wrote
only that which would pass as the label of a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from boards.choice import Choice, choice_words
from boards.models import Decision, Membership, PlanStep, Signature, StepProgress
from boards.models.choices import BEFORE_TREATMENT, ChoiceKind, NotDone, Reason, Role, StepState
from boards.models.months import month_of
from boards.plans import AGREED, Identity, Standing, identity_of, standings, with_plans
from boards.shown.stored_ranking import Frozen
from display.privacy.identifiers import Reading, findings
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE
from staff.english import said_in_english

from . import options
from .bundles import DISCLAIMER, FEATURE, OPTION, Entries, Resource, address, annotations, concept
from .ranking import PARTICIPANT, add_device, add_failure, instant

DECISION = "urn:necapp:decision"
REASON = "urn:necapp:board-reason"
ROLE = "urn:necapp:board-role"
TRIAL = "urn:necapp:trial"
NOT_DONE = "urn:necapp:not-carried-out"
MEMBER = "A member of the board"
WITHHELD = "A text that a member wrote is left out: it may name the patient."

_LISTS = {ChoiceKind.RANKED: OPTION, ChoiceKind.TRIAL: TRIAL, ChoiceKind.TEST_FIRST: FEATURE}
_PLACE = "CarePlan"
_REQUEST = "ServiceRequest"
_ACTIVITY = {
    StepState.AGREED: "not-started",
    StepState.ASKED_FOR: "scheduled",
    StepState.GOING_ON: "in-progress",
    StepState.DONE: "completed",
    StepState.NOT_DONE: "cancelled",
}


@dataclass(frozen=True)
class Decided:
    """A version of a decision with its frozen ranking.

    standings    how far each recommendation of its plan has come
    signatures   with the role that each person has or had on the board
    latest       the number of the newest version: another one takes the place of this
    """

    decision: Decision
    frozen: Frozen
    standings: Mapping[Identity, Standing]
    signatures: tuple[tuple[Signature, str], ...]
    latest: int

    @property
    def status(self) -> str:
        return status_of(self.decision.number, latest=self.latest, is_signed=self.is_signed)

    @property
    def is_signed(self) -> bool:
        return len(self.signatures) == self.decision.signatures_needed


def status_of(number: int, *, latest: int, is_signed: bool) -> str:
    """draft until those have signed whom it needs, then active; revoked once a further version is there."""
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
    versions = Decision.objects.filter(item=decision.item).order_by("-number")
    until = list(with_plans(versions.filter(number__lte=decision.number)))
    newest = versions.values_list("number", flat=True)
    return Decided(
        decision,
        Frozen(version),
        standings(until),
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
        activity=[
            *(_activity(each, found, entries) for each in _asked(found)),
            *_alternatives(decision, frozen),
        ],
        note=list(_notes(decision)),
    )
    entries.add("Patient", "Patient")
    for each in _asked(found):
        if each.kind in BEFORE_TREATMENT:
            _add_request(entries, each, found, patient)
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


@dataclass(frozen=True)
class _Asked:
    """A recommendation of a plan, with what of its words may leave a board."""

    place: str
    kind: ChoiceKind
    option: str
    words: str
    condition: str
    reason: str
    owner: str
    due: str
    standing: Standing
    departing: str


def _asked(found: Decided) -> list[_Asked]:
    """The plan in order; of a decision from before plans, its one choice."""
    decision, steps = found.decision, list(found.decision.steps.all())
    if not steps:
        kind = ChoiceKind(decision.kind)
        words = choice_words(Choice(kind, decision.option, _safe(decision.words)), decision.option_name)
        return [
            _Asked(f"{_REQUEST}/step-1", kind, decision.option, words, "", "", "", "", AGREED, str(decision.reason))
        ]
    headline = next((step for step in steps if step.kind not in BEFORE_TREATMENT), steps[0])
    return [
        _Asked(
            place=f"{_REQUEST}/step-{step.position}",
            kind=ChoiceKind(step.kind),
            option=step.option,
            words=choice_words(Choice(step.kind, step.option, _safe(step.words)), step.option_name),
            condition=_told(step.condition),
            reason=_told(step.reason),
            owner=MEMBER if step.owner_id else _safe(step.owner_words, Reading.HOUSE),
            due=month_of(step.due_on) if step.due_on else "",
            standing=found.standings.get(identity_of(step), AGREED),
            departing=str(decision.reason) if step == headline else "",
        )
        for step in steps
    ]


def _coded(asked: _Asked) -> Resource:
    if asked.kind is ChoiceKind.SUPPORTIVE:
        return concept(OPTION, BEST_SUPPORTIVE_CARE, asked.words)
    return concept(_LISTS[asked.kind], asked.option, asked.words) if asked.kind in _LISTS else {"text": asked.words}


def _activity(asked: _Asked, found: Decided, entries: Entries) -> Resource:
    """A treatment with how far it has come; what comes before one is a request of its own."""
    if asked.kind in BEFORE_TREATMENT:
        return {"reference": entries.reference(asked.place)}
    detail: Resource = {"code": _coded(asked), "status": _ACTIVITY[asked.standing.state]}
    if asked.departing:
        detail["reasonCode"] = [_reason(asked.departing)]
    if record := asked.standing.record:
        detail |= {"statusReason": _not_done(record)} if record.not_done else {}
    if asked.due:
        detail["scheduledPeriod"] = {"end": asked.due}
    if asked.owner:
        detail["performer"] = [{"display": asked.owner}]
    if told := "; ".join(filter(None, (asked.condition, asked.reason))):
        detail["description"] = told
    return {"detail": detail}


def _add_request(entries: Entries, asked: _Asked, found: Decided, patient: Resource) -> None:
    record = asked.standing.record
    entries.add(
        asked.place,
        _REQUEST,
        status=_request_status(asked, found),
        intent="plan",
        code=_coded(asked),
        subject=patient,
        occurrencePeriod={"end": asked.due} if asked.due else None,
        asNeededCodeableConcept={"text": asked.condition} if asked.condition else None,
        performer=[{"display": asked.owner}] if asked.owner else [],
        reasonCode=[{"text": asked.reason}] if asked.reason else [],
        note=annotations(str(NotDone(record.not_done).label)) if record and record.not_done else [],
    )


def _request_status(asked: _Asked, found: Decided) -> str:
    if found.status == "revoked" or asked.standing.state is StepState.NOT_DONE:
        return "revoked"
    if asked.standing.state is StepState.DONE:
        return "completed"
    return "active" if found.status == "active" else "draft"


def _not_done(record: StepProgress) -> Resource:
    return concept(NOT_DONE, record.not_done, str(NotDone(record.not_done).label))


def _alternatives(decision: Decision, frozen: Frozen) -> Iterator[Resource]:
    """The options that stood side by side and are no part of the plan, with the coded reason where there is one."""
    planned = {
        BEST_SUPPORTIVE_CARE if each.kind == ChoiceKind.SUPPORTIVE else each.option for each in _choices(decision)
    }
    reason = _reason(decision.reason) if decision.reason else {"text": "Another option was chosen"}
    for slug in decision.shown.get("options") or frozen.usual_options():
        if slug not in planned and slug in frozen.by_slug:
            code = options.coded(slug, frozen.by_slug[slug].name)
            yield {"detail": {"code": code, "status": "cancelled", "statusReason": reason}}


def _choices(decision: Decision) -> Iterable[Decision | PlanStep]:
    return [decision, *decision.steps.all()]


def _reason(code: str) -> Resource:
    return concept(REASON, code, str(Reason(code).label))


def _notes(decision: Decision) -> Iterator[Resource]:
    """Rationale, reason and dissent, if they pass; else that they are left out."""
    told = {
        "Rationale": decision.rationale,
        "Reason": decision.reason_words,
        "Dissent": decision.dissent,
        "What would change it": decision.would_change,
        "Corrected because": decision.correction,
    }
    yield from annotations(DISCLAIMER)
    for title, text in told.items():
        if text:
            yield from annotations(f"{title}: {_told(text)}")


def _safe(text: str, reading: Reading = Reading.PROSE) -> str:
    """The text, if nothing in it may identify a patient; else nothing."""
    return "" if findings(text, reading) else text


def _told(text: str) -> str:
    """The text, or that it is left out: nobody takes a condition that is not shown for none."""
    return (_safe(text) or WITHHELD) if text else ""


def _signatory(signature: Signature, role: str) -> Resource:
    """Who signed, by role: no name leaves a board."""
    words, needed = str(Role(role).label), signature.decision.signatures_needed
    return {
        "type": concept(PARTICIPANT, "attester", "Attester"),
        "role": [concept(ROLE, role, words)],
        "who": {"display": f"{words} of the board, signature {signature.place} of {needed}"},
    }


def month(at: datetime) -> str:
    """Which month of the board's calendar it was."""
    return month_of(timezone.localtime(at).date())
