"""Why an option is not among the recommended, in words: what a test could show, what may change, what cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from display.punctuation import in_series
from regimens.rules.logic import describe
from regimens.rules.patient import FEATURES, Patient
from regimens.rules.why_not import Fact, Facts, Kind, WhyNot

from .sentences import ACTIVE, as_html


@dataclass(frozen=True)
class FactsLine:
    """Facts that together would do, by what can come of them; each group a list in words, empty where it has none."""

    open: str
    changing: str
    fixed: str


@dataclass(frozen=True)
class WhyNotLine:
    """obstacles are sentences; without any, `smallest` are the ways with the fewest facts, each of which would do.

    licensed   with an obstacle, the ways after which a licence would cover the patient
    """

    obstacles: tuple[SafeString, ...]
    smallest: tuple[FactsLine, ...]
    attainable: tuple[FactsLine, ...]
    licensed: tuple[FactsLine, ...]


def why_not_line(found: WhyNot, patient: Patient, names: Mapping[str, str]) -> WhyNotLine:
    """What was found for a patient; `names` are those of the regimens, by slug."""
    words = partial(_fact_words, patient=patient, names=names)
    return WhyNotLine(
        tuple(map(as_html, found.obstacles)),
        tuple(_lines(found.smallest, words)),
        tuple(_lines(found.attainable, words)),
        tuple(_lines(found.licensed, words)),
    )


def _lines(ways: Sequence[Facts], words: Callable[[Fact], str]) -> Iterator[FactsLine]:
    """Each way; single facts of one kind are alternatives in one line."""
    kinds = {fact.kind for way in ways for fact in way}
    if len(kinds) == 1 and all(len(way) == 1 for way in ways):
        alternatives = [words(fact) for (fact,) in ways]
        said = reduce(lambda one, other: _("%(one)s; or %(other)s") % {"one": one, "other": other}, alternatives)
        yield _line({kind: [said] for kind in kinds})
    else:
        for way in ways:
            yield _line({kind: [words(fact) for fact in way if fact.kind == kind] for kind in kinds})


def _line(said: Mapping[Kind, Sequence[str]]) -> FactsLine:
    return FactsLine(*(in_series(map(capfirst, said.get(kind, ()))) for kind in ("open", "changing", "fixed")))


def _fact_words(fact: Fact, *, patient: Patient, names: Mapping[str, str]) -> str:
    """What would have to hold; where a value is known, with what holds: "primary site liver (here pancreas)"."""
    feature, known = FEATURES[fact.feature], patient.features.get(fact.feature)
    needed = describe(fact.criterion, names=names, language=ACTIVE)
    if known is None or feature.kind in ("flag", "set"):
        return needed
    return _("%(needed)s (here %(known)s)") % {"needed": needed, "known": feature.worded(known, ACTIVE)}
