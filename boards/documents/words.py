"""The headings of the documents, in the reader's language: a template holds no words of its own."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

Words = dict[str, str]


def report_words() -> Words:
    return {
        "patient": _("Patient"),
        "check": _("Check first"),
        "question": _("Question"),
        "options": _("Options considered"),
        "option": _("Option"),
        "outcome": _("Outcome"),
        "published": _("Published"),
        "study": _("In"),
        "model": _("Model"),
        "median": _("Estimate"),
        "interval": _("95 % interval"),
        "basis": _("Rests on"),
        "chosen": _("chosen"),
        "level": _("Level of evidence"),
        "licence": _("Licence"),
        "safety": _("Safety"),
        "not_told_apart": _("Not told apart"),
        "reasons": _("For and against"),
        "cautions": _("Cautions"),
        "no_reasons": _("No indication names it for this patient."),
        "no_cautions": _("No caution is on record that holds or could hold."),
        "cohorts": _("Cohorts from"),
        "tests": _("Tests that could change the order"),
        "votes": _("Votes"),
        "who": _("Member"),
        "choice": _("Choice"),
        "count": _("Votes"),
        "first": _("Before the ranking was shown"),
        "final": _("After the discussion"),
        "decision": _("Decision"),
        "plan": _("Care plan"),
        "when": _("When"),
        "do": _("Do"),
        "in_charge": pgettext("of a plan", "Who"),
        "due": _("Due"),
        "why": _("Why"),
        "would_change": _("What would change it"),
        "wish": _("Patient’s wish"),
        "notes": _("Notes"),
        "ranked_first": _("Ranked first"),
        "standard": _("Standard of care, without discussion"),
        "corrected": _("Corrected after the meeting"),
        "no_decision": _("Nothing is decided yet."),
        "rationale": _("Rationale"),
        "reason": _("Reason for departing"),
        "present": _("Present"),
        "dissent": _("Dissent"),
        "correction": _("Corrected because"),
        "former": _("Former versions"),
        "signatures": _("Signatures"),
        "by": _("Recorded by"),
        "provenance": _("Evidence used"),
        "release": _("Knowledge release"),
        "published_on": _("published"),
        "sha256": _("SHA-256 of the release"),
        "ranking_sha256": _("SHA-256 of the ranking"),
        "preference": _("Preference"),
        "evidence": _("Evidence"),
        "method": _("Method"),
        "sources": _("Sources"),
        "made": _("Made"),
        "page": _("Page"),
        "of": _("of"),
        "disclaimer": _(
            "Supports and does not replace judgement. Evidence for groups of patients, not a prediction for one."
        ),
    }
