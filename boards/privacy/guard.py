"""What every text of boards passes before it is kept: forms ask for it, and actions again.

Invisible characters fall away, so that what is kept is what its writer saw; more marks on a letter than any script has
are refused, and so is what looks as if it identified a patient. Each text is declared here once, by model and field.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.errors import Refused
from display.punctuation import in_series
from display.texts import MOST_MARKS, code_point, floods, readable

from .identifiers import IdentifierFound, Reading, findings, plain_text

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

CANNOT_KNOW = gettext_lazy(
    "Names, dates and numbers of patients are looked for by rules and lists. They do not know a surname that stands "
    "alone, a rare name or a nickname."
)
_REFUSED: Mapping[Reading, Promise] = {
    Reading.LABEL: gettext_lazy("A label must not identify the patient: %(said)s."),
    Reading.GUESTS: gettext_lazy("Guests are named by their offices, never patients or their families: %(said)s."),
}


def kept(text: str, field: str, name: str = "") -> str:
    """A text as it is kept in a field of `GUARDED`. Raises Refused, at the form's field `name` or that of the model.

    A field of `ASKED` is not looked through: its form has done so.
    """
    seen = plain_text(readable(text)) if GUARDED[field] is Reading.LABEL else readable(text)
    plain = seen.strip() if field in OF_LINES else " ".join(seen.split())
    at = name or field.partition(".")[2]
    if flooded := floods(plain):
        raise Refused(_flooded(flooded[0]), at)
    if field not in ASKED and (found := findings(plain, GUARDED[field])):
        raise Refused(identifying(found, GUARDED[field]), at)
    return plain


def identifying(found: tuple[IdentifierFound, ...], reading: Reading) -> str:
    """Why a text is refused, with the words that were found in it."""
    said = in_series(_("“%(text)s” %(what)s") % {"text": each.text, "what": each.words} for each in found)
    refused = _REFUSED.get(reading, gettext_lazy("Nothing here may identify the patient: %(said)s."))
    return refused % {"said": said}


def _flooded(marks: str) -> str:
    words = _("%(count)d marks stand on one letter (%(mark)s and others): at most %(most)d can be read.")
    return words % {"count": len(marks), "mark": code_point(marks[0]), "most": MOST_MARKS}
