"""An indication in words: for or against, for whom and where, and on whose word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regimens.models.choices import Stance
from regimens.rules.assessment import IndicationFinding
from regimens.rules.evidence import Indication
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import Criterion, Part, Truth, describe, explain
from regimens.rules.patient import FEATURES, REGIONS, Patient

from .citations import Link, addresses, guideline_name, publication_links, publication_name
from .licences import licence_name
from .patient import feature_words
from .sentences import ACTIVE

TRUTH_KEYS: Mapping[Truth, str] = {True: "true", False: "false", None: "unknown"}
TRUTH_WORDS: Mapping[Truth, Promise] = {
    True: gettext_lazy("Met"),
    False: gettext_lazy("Not met"),
    None: gettext_lazy("Not known"),
}


@dataclass(frozen=True)
class IndicationWords:
    """An indication before it is weighed for anyone.

    regions     "" where it is for everywhere
    rationale   in English, as the evidence base has it
    """

    stance: str
    criterion: str
    regions: str
    rationale: str

    @property
    def where(self) -> str:
        return self.regions or _("everywhere")


@dataclass(frozen=True)
class PartLine:
    """A part of a criterion; `truth` is what the style sheet calls it, `truth_word` what a reader is told."""

    text: str
    truth: str
    truth_word: str


@dataclass(frozen=True)
class IndicationLine:
    """An indication as it is for a patient, with each part of its criterion and links to its sources."""

    words: IndicationWords
    truth: str
    truth_word: str
    parts: tuple[PartLine, ...]
    sources: tuple[Link, ...]


@dataclass(frozen=True)
class NamedSource:
    """What an indication stands on, by its key in the release.

    name   as a reader knows it, which says so where nobody could read it
    row    its record in the release
    """

    kind: Literal["guideline", "publication", "licence"]
    key: str
    name: str
    row: Mapping[str, Any]


def indication_words(indication: Indication, knowledge: Knowledge) -> IndicationWords:
    return IndicationWords(
        stance=stance_word(indication.stance),
        criterion=criterion_words(indication.when, knowledge) or _("every patient"),
        regions=", ".join(_(REGIONS[region]) for region in REGIONS if region in (indication.regions or ())),
        rationale=indication.rationale,
    )


def indication_line(finding: IndicationFinding, patient: Patient, knowledge: Knowledge) -> IndicationLine:
    indication = finding.indication
    return IndicationLine(
        words=indication_words(indication, knowledge),
        truth=TRUTH_KEYS[finding.truth],
        truth_word=str(TRUTH_WORDS[finding.truth]),
        parts=tuple(map(part_line, explain(indication.when, patient.values, names=knowledge.names))),
        sources=source_links(indication.sources, knowledge, region=patient.region),
    )


def part_line(part: Part) -> PartLine:
    return PartLine(part.worded(ACTIVE), TRUTH_KEYS[part.truth], str(TRUTH_WORDS[part.truth]))


def matched(part: Part, patient: Patient) -> str:
    """A part of a criterion that is true: of a list of values, the one that the patient has."""
    feature = FEATURES.get(part.feature)
    if feature is None or feature.kind != "choice" or part.feature not in patient.values:
        return part.worded(ACTIVE)
    return feature_words(part.feature, patient.values[part.feature])


def stance_word(stance: str, truth: Truth = True) -> str:
    """For or against, which says so where it is not known whether the criterion holds."""
    word = str(Stance(stance).label)
    return _("%(stance)s, not known whether it applies") % {"stance": word} if truth is None else word


def criterion_words(criterion: Criterion | None, knowledge: Knowledge) -> str:
    return describe(criterion, names=knowledge.names, language=ACTIVE) if criterion else ""


def named_sources(sources: Iterable[str], knowledge: Knowledge) -> Iterator[NamedSource]:
    """The sources of an indication, in their order."""
    for source in sources:
        kind, _colon, key = source.partition(":")
        if kind == "guideline":
            statement = knowledge.guidelines[key]
            yield NamedSource("guideline", key, guideline_name(statement), statement)
        elif kind == "publication":
            publication = knowledge.publications[key]
            yield NamedSource("publication", key, publication_name(publication), publication)
        else:
            licence = knowledge.licences[key]
            yield NamedSource("licence", key, licence_name(licence), licence)


def is_guideline(source: NamedSource) -> bool:
    """Whether a source is a guideline in more than the name of its kind: reviews are kept among them."""
    return source.kind == "guideline" and "not a guideline" not in source.row["guideline"]


def source_links(sources: Iterable[str], knowledge: Knowledge, *, region: str) -> tuple[Link, ...]:
    """Guideline statements, publications and licences, each as a link to where it is, else to where it was read.

    Licences of `region`, the patient's, come first: they are what counts there.
    """
    found = sorted(named_sources(sources, knowledge), key=lambda source: source.row.get("region") != region)
    return tuple(map(_link, found))


def _link(source: NamedSource) -> Link:
    """A source without any address keeps its name."""
    row = source.row
    if source.kind == "publication":
        links, is_read = publication_links(row), row["verified"] != "none"
    else:
        links, is_read = addresses(source.name, row.get("url"), row.get("read_on")), True
    return Link(source.name, links[0].url if links else "", is_read)
