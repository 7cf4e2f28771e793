"""What people decide on what was found: include, exclude with a reason, later; and what an included record becomes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.actions import exclusive
from audit.errors import ActionRefused
from audit.events import record
from audit.people import permitted
from curation.accepted import accepted
from curation.actions import Proposed, propose
from curation.errors import AlreadyDecided
from curation.imports.batch import new_ones_proposed
from curation.imports.clinicaltrials import missing, trial_entry, why_older
from curation.imports.found import citation_of, trial_of
from curation.imports.pubmed import new_entry, new_key
from curation.models import SurveyFinding
from curation.permissions import PROPOSE
from regimens.models.choices import EntryKind, ExclusionReason, FindingState

from .known import Known
from .looking import move_searched_until
from .records import Record

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_AT_ONCE = 500
OPEN = (FindingState.UNDECIDED, FindingState.LATER)


def include(findings: Sequence[SurveyFinding], *, by: User, now: datetime) -> list[SurveyFinding]:
    """Say that these belong into the evidence base. Raises NotAllowed, AlreadyDecided; ActionRefused for none."""
    return _decide(findings, "include-found", by, now, state=FindingState.INCLUDED)


def exclude(
    findings: Sequence[SurveyFinding], *, reason: str, note: str = "", by: User, now: datetime
) -> list[SurveyFinding]:
    """Say why these do not. Raises as `include` does; ActionRefused without a reason, or words for another one."""
    if reason not in ExclusionReason.values:
        raise ActionRefused(_("Say why it is left out."))
    if reason == ExclusionReason.OTHER and not note.strip():
        raise ActionRefused(_("Say in words what the other reason is."))
    changes = {"state": FindingState.EXCLUDED, "reason": reason, "note": note.strip()}
    return _decide(findings, "exclude-found", by, now, **changes)


def defer(
    findings: Sequence[SurveyFinding], *, until: date | None, note: str = "", by: User, now: datetime
) -> list[SurveyFinding]:
    """Say on which day these shall come back. Raises as `include` does; ActionRefused for a day that is not to come."""
    if until is None or until <= now.date():
        raise ActionRefused(_("Give a day to come on which it shall be looked at again."))
    changes = {"state": FindingState.LATER, "later_until": until, "note": note.strip()}
    return _decide(findings, "defer-found", by, now, **changes)


def reopen(finding: SurveyFinding, *, by: User) -> SurveyFinding:
    """Put back among those to decide what was decided. Raises NotAllowed, AlreadyDecided."""
    person = permitted(by, PROPOSE)
    with exclusive():
        row = SurveyFinding.objects.get(pk=finding.pk)
        if row.state == FindingState.UNDECIDED:
            raise AlreadyDecided(_("It waits for a decision already."))
        former = row.state
        row.state, row.reason, row.note, row.later_until = FindingState.UNDECIDED, "", "", None
        row.decided_by = row.decided_at = None
        row.save()
        record("reopen-found", row, by=person, details={"found": [row.identity], "before": former})
    return row


def propose_found(finding: SurveyFinding, *, by: User) -> Proposed:
    """Propose what an included record says: the citation of a new publication, or how a held trial stands.

    Raises as `propose` does; ActionRefused where the record says too little, or the text is held or proposed by now.
    """
    row = SurveyFinding.objects.get(pk=finding.pk)
    if row.state != FindingState.INCLUDED:
        raise ActionRefused(_("Only what was included is proposed."))
    with exclusive():
        citation, trial = citation_of(row.record), trial_of(row.record)
        evidence = accepted()
        if trial is not None:
            base = evidence["trials"].get(trial.nct)
            looked_up_on = trial.version or row.found_at.date()
            if base and (older := why_older(trial, base, looked_up_on=looked_up_on)):
                raise ActionRefused(f"{older[0].upper()}{older[1:]}.")
            content = trial_entry(trial, base, looked_up_on=looked_up_on)
            if asked := missing(content):
                raise ActionRefused(
                    _("The register does not say everything of a new trial (%(fields)s): add it in its form.")
                    % {"fields": ", ".join(asked)}
                )
            reason = f"ClinicalTrials.gov, looked up on {looked_up_on.isoformat()}"
            return propose(
                kind=EntryKind.TRIALS, key=trial.nct, content=content, reason=reason, source=trial.page, by=by
            )
        if citation is None:
            raise ActionRefused(_("The source says too little for a proposal: add it in the form of publications."))
        proposed = new_ones_proposed(EntryKind.PUBLICATIONS)
        same = Record(
            title=citation.title, pmid=citation.pmid, doi=citation.doi or "", author=row.author, year=row.year
        )
        if Known(evidence, {"publications": proposed, "trials": {}}, ()).is_held_or_proposed(same):
            raise ActionRefused(_("It is held or proposed by now."))
        key = new_key(citation, evidence["publications"].keys() | proposed.keys())
        return propose(
            kind=EntryKind.PUBLICATIONS,
            key=key,
            content=new_entry(citation, key),
            reason=f"New from PubMed {citation.pmid}; not read yet",
            source=citation.page,
            by=by,
        )


def _decide(
    findings: Sequence[SurveyFinding], action: str, by: User, now: datetime, **changes: object
) -> list[SurveyFinding]:
    """All of them or none, with one event; what somebody decided meanwhile stays as they decided."""
    person = permitted(by, PROPOSE)
    wanted = {finding.pk for finding in findings}
    if not wanted:
        raise ActionRefused(_("Choose at least one."))
    if len(wanted) > MOST_AT_ONCE:
        raise ActionRefused(_("%(count)s at once at most.") % {"count": MOST_AT_ONCE})
    with exclusive():
        rows = list(SurveyFinding.objects.filter(pk__in=wanted).order_by("pk"))
        decided = [row for row in rows if row.state not in OPEN]
        if decided:
            words = ngettext(
                "Somebody has decided on %(count)d of them: nothing was changed.",
                "Somebody has decided on %(count)d of them: nothing was changed.",
                len(decided),
            )
            raise AlreadyDecided(words % {"count": len(decided)})
        for row in rows:
            row.later_until, row.note = None, ""
            for name, value in changes.items():
                setattr(row, name, value)
            row.decided_by, row.decided_at = person, now
            row.save()
        move_searched_until()
        details = {"found": [row.identity for row in rows]}
        details |= {name: str(value) for name, value in changes.items() if name in ("reason", "note", "later_until")}
        record(action, rows[0] if len(rows) == 1 else f"{len(rows)} records", by=person, details=details)
    return rows
