"""Biomarkers, guideline statements and trials in the library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from display.numbers import percent
from regimens.models.choices import (
    GuidelineTopic,
    Histology,
    Line,
    SelectionBiomarker,
    Site,
    TrialPhase,
    TrialStatus,
    Verified,
)
from regimens.pages.missing_tests import trial_criteria
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import Truth
from regimens.rules.patient import FEATURES, Patient, scope
from regimens.rules.trials import TrialFit, judged_trials
from regimens.wording.citations import Link, guideline_name, link_to
from regimens.wording.indications import TRUTH_KEYS, PartLine
from regimens.wording.patient import patient_details, patient_sentence, supposed_words
from regimens.wording.sentences import ACTIVE

from .parts import sources
from .search import is_found, terms_of

ANY = ("", gettext_lazy("any"))


@dataclass(frozen=True)
class PrevalenceRow:
    population: str
    percent: str
    tested: str
    width: str
    used_for: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class BiomarkerPage:
    slug: str
    name: str
    methods: tuple[str, ...]
    values: tuple[str, ...]
    why_it_matters: str
    tried_as: str
    prevalence: tuple[PrevalenceRow, ...]
    regimens: tuple[tuple[str, str], ...]
    statements: tuple[StatementRow, ...]


@dataclass(frozen=True)
class StatementRow:
    key: str
    statement: str
    strength: str
    applies_to: str
    links: tuple[Link, ...]
    full_name: str
    read: str
    regimens: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TopicGroup:
    title: str
    statements: tuple[StatementRow, ...]


@dataclass(frozen=True)
class TrialRow:
    nct: str
    url: str
    acronym: str
    title: str
    phase: str
    intervention: str
    regimen: tuple[str, str] | None
    patients: str
    eligibility: tuple[str, ...]
    countries: str
    status: str
    looked_up: str
    read_on: Link | None
    seen_note: str
    fit: FitCell | None = None


@dataclass(frozen=True)
class FitCell:
    """Whether a patient fits a trial, in words, and each criterion that is described of it. `truth` is its class."""

    truth: str
    words: str
    note: str
    criteria: tuple[PartLine, ...]


@dataclass(frozen=True)
class TrialPatient:
    """The patient whom trials are checked against."""

    sentence: tuple[tuple[str, bool], ...]
    more: tuple[str, ...]
    supposed: tuple[str, ...]
    reasons: tuple[str, ...]


FIT_WORDS: Mapping[Truth, Promise] = {
    True: gettext_lazy("fits"),
    None: gettext_lazy("may fit"),
    False: gettext_lazy("does not fit"),
}


class TrialFilter(forms.Form):
    """What narrows the list of trials; `with_fit` where they are checked against a patient."""

    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=100)
    status = forms.ChoiceField(
        label=gettext_lazy("Status as seen"), required=False, choices=[ANY, *TrialStatus.choices]
    )
    line = forms.ChoiceField(label=gettext_lazy("Line"), required=False, choices=[ANY, *Line.choices])
    site = forms.ChoiceField(label=gettext_lazy("Primary site"), required=False, choices=[ANY, *Site.choices])

    def __init__(self, data: Any, *, with_fit: bool = False):
        super().__init__(data)
        if with_fit:
            fits = [("", _("any")), *((TRUTH_KEYS[truth], words) for truth, words in FIT_WORDS.items())]
            self.fields["fit"] = forms.ChoiceField(label=_("This patient"), required=False, choices=fits)
        for field in self.fields.values():
            kind = (
                "form-select form-select-sm" if isinstance(field, forms.ChoiceField) else "form-control form-control-sm"
            )
            field.widget.attrs["class"] = kind
        self.fields["q"].widget.attrs["placeholder"] = _("title, drug, NCT number, country")

    def fits(self, trial: Mapping[str, Any], knowledge: Knowledge) -> bool:
        wanted = {name: value for name, value in self.cleaned_data.items() if value and name != "fit"}
        terms = (
            *(trial[name] for name in ("nct", "acronym", "title", "intervention")),
            *terms_of(filter(None, [trial["regimen"]]), knowledge),
            *(trial["countries"] or ()),
            *trial["key_eligibility"],
        )
        return (
            is_found(wanted.get("q", ""), terms)
            and wanted.get("status", trial["status_as_seen"]) == trial["status_as_seen"]
            and wanted.get("line", trial["line"]) == trial["line"]
            and ("site" not in wanted or wanted["site"] in trial["sites"])
        )

    def fits_patient(self, fit: TrialFit) -> bool:
        wanted = self.cleaned_data.get("fit")
        return not wanted or wanted == TRUTH_KEYS[fit.truth]


def biomarker_pages(knowledge: Knowledge) -> tuple[BiomarkerPage, ...]:
    records = sorted(knowledge.document["biomarkers"], key=lambda record: record["name"].lower())
    return tuple(_biomarker(record, knowledge) for record in records)


def biomarker_page(knowledge: Knowledge, slug: str) -> BiomarkerPage | None:
    return next((page for page in biomarker_pages(knowledge) if page.slug == slug), None)


def topic_groups(knowledge: Knowledge) -> tuple[TopicGroup, ...]:
    """Guideline statements by topic, newest first."""
    order = list(GuidelineTopic.values)
    rows = sorted(
        knowledge.guidelines.values(), key=lambda row: (order.index(row["topic"]), -(row["year"] or 0), row["key"])
    )
    return tuple(
        TopicGroup(str(GuidelineTopic(topic).label), tuple(_statement(row, knowledge) for row in found))
        for topic, found in groupby(rows, key=lambda row: row["topic"])
    )


def trial_rows(knowledge: Knowledge, chosen: TrialFilter) -> tuple[TrialRow, ...]:
    """The trials that a filter leaves: those that recruit first."""
    chosen.is_valid()
    order = list(TrialStatus.values)
    found = [trial for trial in knowledge.document["trials"] if chosen.fits(trial, knowledge)]
    found.sort(key=lambda trial: (order.index(trial["status_as_seen"]), trial["nct"]))
    return tuple(_trial(trial, knowledge) for trial in found)


def checked_trial_rows(knowledge: Knowledge, chosen: TrialFilter, patient: Patient) -> tuple[TrialRow, ...]:
    """The same with each trial's fit: those that may be open first, of these those that the patient fits."""
    chosen.is_valid()
    order = list(TrialStatus.values)
    found = [
        fit
        for fit in judged_trials(patient, knowledge)
        if chosen.fits(fit.trial, knowledge) and chosen.fits_patient(fit)
    ]
    found.sort(
        key=lambda fit: (
            not fit.may_be_open,
            list(FIT_WORDS).index(fit.truth),
            order.index(fit.trial["status_as_seen"]),
            fit.trial["nct"],
        )
    )
    return tuple(replace(_trial(fit.trial, knowledge), fit=_fit(fit, patient)) for fit in found)


def trial_patient(patient: Patient, knowledge: Knowledge, supposed: Iterable[str]) -> TrialPatient:
    return TrialPatient(
        sentence=tuple(patient_sentence(patient)),
        more=tuple(patient_details(patient, knowledge)),
        supposed=supposed_words(patient, supposed),
        reasons=tuple(sentence.worded(ACTIVE) for _key, sentence in scope(patient).reasons),
    )


def _biomarker(record: Mapping[str, Any], knowledge: Knowledge) -> BiomarkerPage:
    feature, positive = record["feature"], record["positive"]
    tried = "" if positive is None else FEATURES[feature].worded(positive, ACTIVE)
    return BiomarkerPage(
        slug=record["slug"],
        name=record["name"],
        methods=tuple(record["test_methods"]),
        values=tuple(record["values"]),
        why_it_matters=record["why_it_matters"],
        tried_as=_("%(value)s or more") % {"value": tried} if tried and FEATURES[feature].is_numeric else tried,
        prevalence=tuple(
            PrevalenceRow(
                population=row["population"],
                percent=percent(row["percent"]),
                tested="" if row["n"] is None else str(row["n"]),
                width=f"{min(row['percent'], 100):g}",
                used_for=_site_words(row["chance"]["sites"]) if row["chance"] else "",
                links=sources(row),
            )
            for row in sorted(record["prevalence"], key=lambda row: -row["percent"])
        ),
        regimens=_regimens(record["actionable_with"], knowledge),
        statements=tuple(_statement(knowledge.guidelines[key], knowledge) for key in record["guideline_keys"]),
    )


def _statement(row: Mapping[str, Any], knowledge: Knowledge) -> StatementRow:
    applies = row["applies_to"]
    words = [_site_words(applies["sites"])] if applies.get("sites") else []
    if applies.get("histology"):
        words.append(str(Histology(applies["histology"]).label))
    if applies.get("ki67"):
        words.append(f"Ki-67 {applies['ki67']} %")
    if applies.get("platinum_free_interval_months"):
        months = applies["platinum_free_interval_months"]
        words.append(_("platinum-free interval %(months)s months") % {"months": months})
    if biomarker := applies.get("biomarker"):
        known = biomarker in SelectionBiomarker.values
        words.append(str(SelectionBiomarker(biomarker).label) if known else str(biomarker).upper())
    return StatementRow(
        key=row["key"],
        statement=row["statement"],
        strength=row["strength"] or "",
        applies_to="; ".join(words),
        links=sources(row, name=guideline_name(row)),
        full_name=row["guideline"],
        read=str(Verified(row["verified"]).label),
        regimens=_regimens(row["regimens"], knowledge),
    )


def _trial(trial: Mapping[str, Any], knowledge: Knowledge) -> TrialRow:
    slug = trial["regimen"]
    patients = [str(Histology(trial["histology"]).label), str(Line(trial["line"]).label), _site_words(trial["sites"])]
    if trial["biomarker"]:
        patients.append(str(SelectionBiomarker(trial["biomarker"]).label))
    return TrialRow(
        nct=trial["nct"],
        url=trial["url"] or f"https://clinicaltrials.gov/study/{trial['nct']}",
        acronym=trial["acronym"] or "",
        title=trial["title"],
        phase=str(TrialPhase(trial["phase"]).label) if trial["phase"] else "",
        intervention=trial["intervention"],
        regimen=(slug, knowledge.names[slug]) if slug else None,
        patients="; ".join(part for part in patients if part),
        eligibility=tuple(trial["key_eligibility"]),
        countries=", ".join(trial["countries"] or ()),
        status=str(TrialStatus(trial["status_as_seen"]).label),
        looked_up=date_format(date.fromisoformat(looked_up)) if (looked_up := trial.get("looked_up_on")) else "",
        read_on=link_to(_("page read"), trial["read_on"]),
        seen_note=trial["seen_note"] or "",
    )


def _fit(fit: TrialFit, patient: Patient) -> FitCell:
    notes = []
    if not fit.parts:
        notes.append(_("Neither site nor line nor biomarker is described."))
    if not fit.may_be_open:
        notes.append(_("It was not taking patients when last seen."))
    return FitCell(TRUTH_KEYS[fit.truth], str(FIT_WORDS[fit.truth]), " ".join(notes), trial_criteria(fit, patient))


def _regimens(slugs: Iterable[str], knowledge: Knowledge) -> tuple[tuple[str, str], ...]:
    return tuple((slug, knowledge.names[slug]) for slug in slugs)


def _site_words(sites: Iterable[str]) -> str:
    return ", ".join(str(Site(site).label) for site in sites)
