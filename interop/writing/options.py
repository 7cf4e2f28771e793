"""A ranking's options as a RequestGroup: an action for each band, in it one for each option, of which at most one is
chosen.

What a text that is taken along carries stands with each option: published figures beside the model's estimates,
licence, safety at a glance, who names it, what put it into its band.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from boards.presenters.options import (
    licence_of,
    not_told_apart,
    rests_on,
    safety_of,
    standing_of,
    stored_estimate,
    words_of,
)
from boards.shown.stored_ranking import Recorded
from display.punctuation import in_series
from regimens.rules.assessment import Band
from regimens.rules.evidence import MEDIANS, OUTCOMES
from regimens.rules.record import OptionRecord
from regimens.wording.bands import BAND_TITLES
from regimens.wording.citations import citation, notice_of, publication_links, publication_name, sentence
from regimens.wording.estimates import EstimateWords
from regimens.wording.indications import NamedSource, named_sources, stance_word
from regimens.wording.outcomes import OUTCOME_WORDS
from regimens.wording.readings import how_read

from .bundles import DISCLAIMER, OPTION, Entries, Resource, annotations, concept, decimal, extension, extensions

PLACE = "RequestGroup"
FEWEST = 2  # never one option alone
BAND = "urn:necapp:band"
IN_RANKING = "urn:necapp:option-in-ranking"
UCUM = "http://unitsofmeasure.org"

# A reader that knows nothing of bands is told as well that such an option is none for the patient.
RULED_OUT = {
    "kind": "applicability",
    "expression": {
        "description": "ruled out or advised against for this patient, progressed on, or not available",
        "language": "text/fhirpath",
        "expression": "false",
    },
}


def can_be_written(recorded: Recorded) -> bool:
    """Whether there are options enough to choose between."""
    return recorded.scope.in_scope and len(recorded.options) >= FEWEST


def add(entries: Entries, recorded: Recorded, *, patient: Resource, author: Resource) -> Resource:
    """The RequestGroup of a ranking that can be written."""
    bands = ((band, [option for option in recorded.options if option.band is band]) for band in Band)
    return entries.add(
        PLACE,
        "RequestGroup",
        status="active",
        intent="proposal",
        subject=patient,
        author=author,
        note=annotations(DISCLAIMER, *not_told_apart(recorded)),
        action=[_band(band, options, recorded) for band, options in bands if options],
    )


def coded(slug: str, name: str) -> Resource:
    """An option of a release, as a CodeableConcept."""
    return concept(OPTION, slug, name)


def _band(band: Band, options: Iterable[OptionRecord], recorded: Recorded) -> Resource:
    title = str(BAND_TITLES[band])
    return {
        "title": title,
        "code": [concept(BAND, band.value, title)],
        **({"condition": [RULED_OUT]} if band is Band.UNSUITABLE else {}),
        "selectionBehavior": "at-most-one",
        "action": [_option(option, recorded) for option in options],
    }


def _option(option: OptionRecord, recorded: Recorded) -> Resource:
    """What FHIR asks for of an action without further ones is a resource: the regimen, by its name of our list."""
    estimates = [words for outcome in OUTCOMES if (words := stored_estimate(recorded, option, outcome))]
    documentation = [*_publications(option, recorded), *_statements(option, recorded)]
    regimen = {"system": OPTION, "value": option.regimen}
    return {
        "extension": [_in_ranking(option, estimates, recorded)],
        "title": option.name,
        "description": option.decided_by,
        "textEquivalent": "\n".join(_text(option, estimates, recorded)),
        "code": [coded(option.regimen, option.name)],
        **({"documentation": documentation} if documentation else {}),
        **({"condition": [RULED_OUT]} if option.band is Band.UNSUITABLE else {}),
        "resource": {"type": "PlanDefinition", "identifier": regimen, "display": option.name},
    }


def _text(option: OptionRecord, estimates: Iterable[EstimateWords], recorded: Recorded) -> Iterator[str]:
    """What a person reads of the option, a line for each thing."""
    words, standing = words_of(recorded, option), standing_of(recorded, option)
    yield f"{words.band}. {standing.place}; level of evidence {words.level}: {words.level_words}."
    if named := list(_named_by(option, recorded)):
        yield f"Named by: {in_series(named)}."
    told = [each for each in estimates if each.has_data or each.published]
    yield from map(_figures, told)
    if option.estimates and not told:
        yield "No figures: no cohort speaks for it."
    if option.cohorts:
        yield f"Rests on: {rests_on(recorded, option)}."
    if licence := licence_of(recorded, option, today=None):
        yield f"Licence: {licence.word}; {licence.read}."
    for mark in safety_of(recorded, option):
        yield f"{mark.in_one}."
    if standing.draws_in_full:
        yield sentence(standing.draws_in_full)
    yield f"Why here: {sentence(option.decided_by)}"


def _figures(words: EstimateWords) -> str:
    """An outcome: what was published, by whom and in how many, beside what the model says and what that rests on."""
    published = words.published
    figure = f"{published.in_one}; {published.citation}" if published else "not reported"
    disputed = f" ({in_series(published.disputed)})" if published and published.disputed else ""
    mark = f", {words.mark}" if words.mark else ""
    model = f"{words.number_with_unit} ({words.interval}); {words.basis}{mark}" if words.has_data else "no estimate"
    return f"{OUTCOME_WORDS[words.outcome]}: published {figure}{disputed}. Model: {model}."


def _named_by(option: OptionRecord, recorded: Recorded) -> Iterator[str]:
    """Who names it for this patient."""
    found = (source.name for word, source in _holding(option, recorded) if word != "against")
    yield from dict.fromkeys(found)


def _holding(option: OptionRecord, recorded: Recorded) -> Iterator[tuple[str, NamedSource]]:
    """Each source of an indication that holds for the patient, with its stance."""
    for finding in option.indications:
        row = recorded.indications.get(finding.key)
        if finding.truth is True and row:
            for source in named_sources(row["sources"], recorded.knowledge):
                yield finding.stance, source


def _in_ranking(option: OptionRecord, estimates: Iterable[EstimateWords], recorded: Recorded) -> Resource:
    """Place, level, shares of the draws, licence, and each outcome as figures."""
    found = extensions(
        band_valueCode=option.band.value,
        rank_valueInteger=option.rank,
        place_valueString=recorded.places.get(option.regimen),
        level_valueCode=option.level,
        utility_valueDecimal=decimal(option.utility),
        first_in_band_valueDecimal=decimal(option.first_in_band),
        best_valueDecimal=decimal(option.best),
        top_three_valueDecimal=decimal(option.top3),
        expected_rank_valueDecimal=decimal(option.expected_rank),
        about_equal_to_next_valueBoolean=option.about_equal_to_next,
        licence_valueCode=option.licence.status if option.licence else None,
    )
    found += [_outcome(words, option) for words in estimates]
    return extension(IN_RANKING, extension=found)


def _outcome(words: EstimateWords, option: OptionRecord) -> Resource:
    """An outcome: the published figure by its publication, and the model's estimate where any cohort speaks for it."""
    estimate, beside = option.estimates[words.outcome], option.published.get(words.outcome)
    found = extensions(outcome_valueCode=words.outcome, title_valueString=words.title)
    if words.published and beside:
        found += extensions(
            published_valueString=words.published.in_one,
            publication_valueCode=beside.publication,
            cohort_valueInteger=beside.index,
        )
    if words.has_data:
        found += [
            extension(name, valueQuantity=_quantity(words.outcome, value))
            for name, value in (("estimate", estimate.estimate), ("low", estimate.low), ("high", estimate.high))
        ]
    found += extensions(
        effective_patients_valueDecimal=decimal(estimate.effective_patients),
        studies_valueInteger=estimate.studies,
        benchmark_share_valueDecimal=decimal(estimate.benchmark_share),
        is_demonstrated_valueBoolean=not words.mark,
    )
    return extension("outcome", extension=found)


def _quantity(outcome: str, value: float) -> Resource:
    """Months, or a rate as a fraction of 1, by UCUM."""
    unit, code = ("months", "mo") if outcome in MEDIANS else ("fraction", "1")
    return {"value": decimal(value), "unit": unit, "system": UCUM, "code": code}


def _publications(option: OptionRecord, recorded: Recorded) -> Iterator[Resource]:
    """The publication of each cohort that speaks for the option, with how its figures were read."""
    for key in dict.fromkeys(used.publication for used in option.cohorts):
        yield _publication("citation", recorded.knowledge.publications[key])


def _publication(kind: str, row: Mapping[str, Any], words: str = "") -> Resource:
    links, against = publication_links(row), notice_of(row)
    notice = f" {against.word}: {against.link.text}." if against else ""
    return _related(
        kind,
        f"{words}: {publication_name(row)}" if words else publication_name(row),
        citation=f"{citation(row)}. {sentence(how_read(row))}{notice}",
        url=links[0].url if links else "",
    )


def _statements(option: OptionRecord, recorded: Recorded) -> Iterator[Resource]:
    """What guidelines, licences and publications say for or against it: what holds, and what is not known to."""
    for finding in option.indications:
        row = recorded.indications.get(finding.key)
        if finding.truth is False or not row:
            continue
        word = stance_word(finding.stance, finding.truth)
        for source in named_sources(row["sources"], recorded.knowledge):
            if source.kind == "publication":
                yield _publication("justification", source.row, f"{word}. {sentence(row['rationale'])}")
            else:
                yield _related(
                    "justification",
                    f"{word}: {source.name}",
                    citation=sentence(row["rationale"]),
                    url=source.row.get("url") or "",
                )


def _related(kind: str, display: str, *, citation: str, url: str) -> Resource:
    found = {"type": kind, "display": display, "citation": citation}
    return found | ({"url": url} if url.startswith(("https://", "http://")) else {})
