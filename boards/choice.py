"""A choice of a board: its kind with what it names, checked against the release that the item is frozen on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from boards.models.choices import NAMING, ChoiceKind
from boards.privacy.guard import kept
from display.punctuation import sign
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import CONDITIONS, FEATURES, TREATMENTS

from .errors import Refused

LONGEST_WORDS = 200


@dataclass(frozen=True)
class Choice:
    """What a vote or a decision is for.

    option   a regimen's slug, a trial's number or a feature's name; empty for the other kinds
    words    what another treatment is; may add to the others
    """

    kind: str
    option: str = ""
    words: str = ""


def checked(choice: Choice, knowledge: Knowledge) -> Choice:
    """The choice as it is kept. Raises Refused, which names the field."""
    if choice.kind not in ChoiceKind.values:
        raise Refused(_("Say what is chosen."), "kind")
    kind, words = ChoiceKind(choice.kind), kept(choice.words, "decision.words")
    option = choice.option.strip() if kind in NAMING else ""
    if len(words) > LONGEST_WORDS:
        raise Refused(_("At most %(most)d characters.") % {"most": LONGEST_WORDS}, "words")
    if kind == ChoiceKind.RANKED and (option not in knowledge.regimens or option == BEST_SUPPORTIVE_CARE):
        raise Refused(_("Say which option."), "regimen")
    if kind == ChoiceKind.TRIAL and not re.fullmatch(r"NCT\d{8}", option.upper()):
        raise Refused(_("Give the trial’s number: NCT and eight digits."), "trial")
    if kind == ChoiceKind.TEST_FIRST and option not in testable():
        raise Refused(_("Say which test."), "test")
    if kind in (ChoiceKind.OTHER, ChoiceKind.COMBINATION) and not words:
        raise Refused(_("Say what is chosen, in words."), "words")
    return Choice(kind, option.upper() if kind == ChoiceKind.TRIAL else option, words)


def testable() -> tuple[str, ...]:
    """The features that a test or an examination could show."""
    entered = (*TREATMENTS, "platinum_received", "lines_received", "tce_centre", "region")
    return tuple(name for name in FEATURES if name not in entered and name not in CONDITIONS)


def name_of(choice: Choice, knowledge: Knowledge) -> str:
    """What the option is called in a release: a regimen's name, a trial's acronym; empty where it has no name there."""
    if choice.kind == ChoiceKind.RANKED:
        return knowledge.names[choice.option]
    if choice.kind == ChoiceKind.TRIAL:
        trial = next((row for row in knowledge.document["trials"] if row["nct"] == choice.option), None)
        return (trial or {}).get("acronym") or ""
    return ""


def choice_words(choice: Choice, name: str = "") -> str:
    """A choice in words: "FOLFIRI", "Best supportive care alone", "Trial NCT02820857", "First test HER2"."""
    if choice.kind == ChoiceKind.RANKED:
        text = name or choice.option
    elif choice.kind == ChoiceKind.TRIAL:
        text = _("Trial %(number)s") % {"number": f"{choice.option} ({name})" if name else choice.option}
    elif choice.kind == ChoiceKind.TEST_FIRST:
        text = _("Test first: %(test)s") % {"test": _(FEATURES[choice.option].label)}
    elif choice.kind in (ChoiceKind.OTHER, ChoiceKind.COMBINATION):
        return choice.words or str(ChoiceKind(choice.kind).label)
    else:
        text = str(ChoiceKind(choice.kind).label)
    return f"{text}{sign(':')} {choice.words}" if choice.words else text
