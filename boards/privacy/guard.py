"""What every text of boards passes before it is kept: forms ask for it, and actions again.

Invisible characters fall away, so that what is kept is what its writer saw; more marks on a letter than any script has
are refused, and so is what looks as if it identified a patient. Each text is declared here once, by model and field.
"""

from __future__ import annotations

from collections.abc import Mapping

from boards.errors import Refused
from display.privacy.identifiers import Reading, findings, plain_text
from display.privacy.refusals import flooded, identifying
from display.texts import readable

GUARDED: Mapping[str, Reading] = {
    "case.label": Reading.LABEL,
    "caseversion.notes": Reading.PROSE,
    "agendaitem.question": Reading.PROSE,
    "decision.words": Reading.PROSE,
    "decision.rationale": Reading.PROSE,
    "decision.reason_words": Reading.PROSE,
    "decision.dissent": Reading.PROSE,
    "decision.correction": Reading.PROSE,
    "decision.guests": Reading.GUESTS,
    "ballot.first_words": Reading.PROSE,
    "ballot.final_words": Reading.PROSE,
    "followup.words": Reading.PROSE,
    "followup.not_carried_out_words": Reading.PROSE,
    "latercourse.words": Reading.PROSE,
    "toxicity.term": Reading.PROSE,
    "caseversion.wish": Reading.PROSE,
    "decision.would_change": Reading.PROSE,
    "planstep.words": Reading.PROSE,
    "planstep.condition": Reading.PROSE,
    "planstep.reason": Reading.PROSE,
    "planstep.owner_words": Reading.HOUSE,
    "stepprogress.words": Reading.PROSE,
    "meeting.guests": Reading.GUESTS,
    "meeting.place": Reading.HOUSE,
    "board.name": Reading.HOUSE,
    "board.header": Reading.HOUSE,
}
# Texts of more than a line; what else is written stands on one, whatever is pasted into it.
OF_LINES = frozenset(
    {
        *("caseversion.notes", "agendaitem.question", "board.header"),
        *("decision.rationale", "decision.reason_words", "decision.dissent", "decision.correction"),
        *("decision.would_change", "planstep.reason"),
    }
)
# Who writes these may say that what is found identifies nobody: the form asks, and takes the answer as meant.
ASKED = frozenset({"caseversion.notes"})


def kept(text: str, field: str, name: str = "") -> str:
    """A text as it is kept in a field of `GUARDED`. Raises Refused, at the form's field `name` or that of the model.

    A field of `ASKED` is not looked through: its form has done so.
    """
    seen = plain_text(readable(text)) if GUARDED[field] is Reading.LABEL else readable(text)
    plain = seen.strip() if field in OF_LINES else " ".join(seen.split())
    at = name or field.partition(".")[2]
    if said := flooded(plain):
        raise Refused(said, at)
    if field not in ASKED and (found := findings(plain, GUARDED[field])):
        raise Refused(identifying(found, GUARDED[field]), at)
    return plain
