"""Why a text is refused, in words, with what was found in it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from display.punctuation import in_series
from display.texts import MOST_MARKS, code_point, floods

from .identifiers import IdentifierFound, Reading, findings

CANNOT_KNOW = gettext_lazy(
    "Names, dates and numbers of patients are looked for by rules and lists. They do not know a surname that stands "
    "alone, a rare name or a nickname."
)
_REFUSED: Mapping[Reading, Promise] = {
    Reading.LABEL: gettext_lazy("A label must not identify the patient: %(said)s."),
    Reading.GUESTS: gettext_lazy("Guests are named by their offices, never patients or their families: %(said)s."),
}


def flooded(text: str) -> str:
    """Why a text with more marks on a letter than any script has is refused; "" for any other."""
    found = floods(text)
    if not found:
        return ""
    words = _("%(count)d marks stand on one letter (%(mark)s and others): at most %(most)d can be read.")
    return words % {"count": len(found[0]), "mark": code_point(found[0][0]), "most": MOST_MARKS}


def identifying(found: tuple[IdentifierFound, ...], reading: Reading) -> str:
    """Why a text is refused, with the words that were found in it."""
    said = in_series(_("“%(text)s” %(what)s") % {"text": each.text, "what": each.words} for each in found)
    refused = _REFUSED.get(reading, gettext_lazy("Nothing here may identify the patient: %(said)s."))
    return refused % {"said": said}


def refusal(text: str, reading: Reading) -> str:
    """Why a text may not be kept: it floods, or looks as if it identified a person; "" where it may."""
    if said := flooded(text):
        return said
    found = findings(text, reading)
    return identifying(found, reading) if found else ""
