"""Drugs by name: of a regimen, and those that a lead drug stands for."""

from __future__ import annotations

from regimens.rules.evidence import EITHER_PLATINUM, Regimen, stands_for
from regimens.rules.knowledge import Knowledge
from regimens.rules.wording import one_of_them

from .citations import lower_first
from .sentences import ACTIVE


def drug_name(slug: str, knowledge: Knowledge) -> str:
    """A drug, or a lead drug with those that it stands for: "cisplatin or carboplatin"."""
    if slug == EITHER_PLATINUM:
        return one_of_them([drug_name(each, knowledge) for each in sorted(stands_for(slug), reverse=True)], ACTIVE)
    return knowledge.drugs[slug].name if slug in knowledge.drugs else slug


def drugs_in_words(regimen: Regimen, knowledge: Knowledge) -> str:
    """The drugs of a regimen in their order: "etoposide, cisplatin or carboplatin"."""
    groups = ([lower_first(drug_name(slug, knowledge)) for slug in group] for group in regimen.drugs)
    return ", ".join(one_of_them(names, ACTIVE) for names in groups)
