"""The card of tests: those whose result could change the order, each as a draft order to be taken up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interop.terminology import Terminology
from regimens.pages.missing_tests import TestLine, test_line
from regimens.rules.knowledge import Knowledge
from regimens.rules.missing_tests import MissingTest
from regimens.rules.ranking import Ranking
from regimens.wording.patient import label

from .cards import TESTS, Card, Suggestion
from .markdown import bold, listed, paragraphs, plain

# Besides biomarkers, what a laboratory is asked for; other facts are asked of people.
ORDERED_TOO = ("ki67", "dpd")
LOINC = "http://loinc.org"
# The kinds of code under which a test is ordered, in the order in which they are looked for.
ASKED_BY = ("number", "choice", "question")


def could_change(ranking: Ranking) -> tuple[MissingTest, ...]:
    """The tests whose result could change the order, each once, those that matter most first."""
    found: dict[str, MissingTest] = {}
    for test in ranking.tests:
        if test.changes_order and (test.is_biomarker or test.feature in ORDERED_TOO):
            found.setdefault(test.feature, test)
    return tuple(found.values())


def tests_card(ranking: Ranking, knowledge: Knowledge, terms: Terminology, patient: str) -> Card | None:
    """None where no test could change the order. `patient` is the id of the Patient, for the orders."""
    tests = could_change(ranking)
    if not tests:
        return None
    summary = ngettext(
        "%(count)d test could change the order of the options",
        "%(count)d tests could change the order of the options",
        len(tests),
    ) % {"count": len(tests)}
    lines = listed(_line(test_line(test, ranking, knowledge)) for test in tests)
    note = plain(_("Each can be taken up as a draft order. Whether a sample allows it is for you to judge."))
    suggestions = tuple(_suggestion(test.feature, terms, patient) for test in tests)
    return Card(TESTS, "info", summary, paragraphs((lines, note)), suggestions)


def _line(test: TestLine) -> str:
    words = _("%(result)s; chance %(chance)s") % {"result": test.in_short, "chance": test.chance}
    return f"{bold(capfirst(test.name))}, {plain(words)}"


def _suggestion(feature: str, terms: Terminology, patient: str) -> Suggestion:
    name = capfirst(label(feature))
    words = _("Draft an order: %(test)s") % {"test": name}
    return Suggestion(feature, words, words, _service_request(feature, name, terms, patient))


def _service_request(feature: str, name: str, terms: Terminology, patient: str) -> dict[str, Any]:
    """A draft proposal: nobody has ordered anything."""
    coding = next(_codings(feature, terms), None)
    return {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "code": {"text": name} | ({"coding": [coding]} if coding else {}),
        "subject": {"reference": f"Patient/{patient}"},
        "reasonCode": [{"text": _("could change the order")}],
    }


def _codings(feature: str, terms: Terminology) -> Iterator[dict[str, str]]:
    """The LOINC codes that ask for a feature and for nothing else, as the reader knows them."""
    for reads in ASKED_BY:
        for code in terms.of(reads):
            if code.feature == feature and terms.systems.get(LOINC) == code.system and not code.is_local:
                yield {"system": LOINC, "code": code.code, "display": code.means}
