"""Why a card may be overridden: the codes that HL7 lists, and those with which a board gives its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from boards.models.choices import Reason

NON_ADHERENCE = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
BOARD_REASON = "urn:necapp:board-reason"
OTHER = "other"

# Codes: HL7/cds-hooks, input/vocabulary. The words are ours.
WORDS: Mapping[str, Promise] = {
    "patient-ineligible": _("The patient is not eligible for it"),
    "action-completed": _("It is done already"),
    "need-more-info": _("More has to be known first"),
    "does-not-align-latest-evidence": _("The latest evidence says otherwise"),
    "expert-contradicts": _("An expert says otherwise"),
    "policy-contradicts": _("Our policy says otherwise"),
    "risk-benefit-ratio": _("The risk outweighs the benefit"),
    "patient-contraindication": _("It is contraindicated for the patient"),
    "prefers-alternative": _("An alternative is preferred"),
    "patient-refuses": _("The patient refuses it"),
    "service-not-available": _("It is not available"),
    "too-costly-uncovered": _("It costs too much, or is not covered"),
    "comorbidity-disability": _("Comorbidity or disability"),
}


def override_reasons() -> list[dict[str, str]]:
    """As a card has them, in the reader's language."""
    return _in(get_language() or "")


@cache
def _in(language: str) -> list[dict[str, str]]:
    codes = [(NON_ADHERENCE, code, str(words)) for code, words in WORDS.items()]
    codes += [(BOARD_REASON, reason.value, str(reason.label)) for reason in Reason]
    return [{"system": system, "code": code, "display": display} for system, code, display in codes]


def stored(system: object, code: object) -> str:
    """How a reason is kept: its code where it is of our lists, else that it was another one."""
    if system == NON_ADHERENCE and code in WORDS:
        return f"{code}"
    if system == BOARD_REASON and code in Reason.values:
        return f"board:{code}"
    return OTHER
