"""Trials in the library: which take patients and where, as the newest page of each says, and how old that page is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from display.punctuation import in_series
from regimens.models.choices import Histology, Line, SelectionBiomarker, Site, TrialPhase, TrialStatus
from regimens.pages.missing_tests import trial_criteria
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import Truth
from regimens.rules.patient import Patient, scope
from regimens.rules.trials import OPEN_STATUSES, TrialFit, judged_trials
from regimens.wording.citations import Link
from regimens.wording.countries import country_in_words
from regimens.wording.indications import TRUTH_KEYS, PartLine
from regimens.wording.names import plain
from regimens.wording.patient import patient_details, patient_sentence, supposed_words
from regimens.wording.sentences import ACTIVE
from regimens.wording.states import STALE_TRIAL_DAYS, Age, age_of_reading

from .filters import ANY, Filter, covers_line, covers_site
from .kept import once_a_release
from .parts import read_on, site_words
from .search import Searched, chosen, searched, terms_of

OPEN, NOT_ON_RECORD, NO_MARKER = "open", "not-on-record", "none"

FIT_WORDS: Mapping[Truth, Promise] = {
    True: gettext_lazy("fits"),
    None: gettext_lazy("may fit"),
    False: gettext_lazy("does not fit"),
}


@dataclass(frozen=True)
class FitCell:
    """Whether a patient fits a trial, in words, and each criterion that is described of it. `truth` is its class."""

    truth: str
    words: str
    note: str
    criteria: tuple[PartLine, ...]


@dataclass(frozen=True)
class TrialRow:
    """A trial as the newest page says that was read.

    status_key  what the style sheet calls its status
    countries   "" where none is on record
    age         when that page was read, where that is known
    """

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
    status_key: str
    looked_up_on: str | None
    read_on: Link | None
    seen_note: str
    searched: Searched
    age: Age | None = None
    fit: FitCell | None = None


@dataclass(frozen=True)
class TrialGroup:
    """Trials that are listed together; `title` is "" where there is one group alone."""

    title: str
    trials: tuple[TrialRow, ...]


@dataclass(frozen=True)
class TrialPatient:
    """The patient whom trials are checked against."""

    sentence: tuple[tuple[str, bool], ...]
    more: tuple[str, ...]
    supposed: tuple[str, ...]
    reasons: tuple[str, ...]


class TrialFilter(Filter):
    """What narrows the list of trials; `with_fit` where they are checked against a patient.

    A trial for digestive NEC is left by each of its sites, one for the second line or later by the second line.
    """

    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=100)
    status = forms.ChoiceField(
        label=gettext_lazy("Status as seen"),
        required=False,
        choices=[ANY, (OPEN, gettext_lazy("may take patients")), *TrialStatus.choices],
    )
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    site = forms.ChoiceField(label=gettext_lazy("Primary site"), required=False, choices=[ANY, *Site.choices])
    line = forms.ChoiceField(label=gettext_lazy("Line"), required=False, choices=[ANY, *Line.choices])
    biomarker = forms.ChoiceField(label=gettext_lazy("Biomarker"), required=False)

    def __init__(self, data: Any, knowledge: Knowledge, *, with_fit: bool = False):
        super().__init__(data)
        trials = knowledge.document["trials"]
        markers = {trial["biomarker"] for trial in trials} - {None}
        chooses: dict[str, list[Any]] = {
            "country": [ANY, *countries(knowledge), (NOT_ON_RECORD, _("not on record"))],
            "biomarker": [
                ANY,
                *sorted((marker, str(SelectionBiomarker(marker).label)) for marker in markers),
                (NO_MARKER, _("asks for none")),
            ],
        }
        if with_fit:
            fits = [("", _("any")), *((TRUTH_KEYS[truth], words) for truth, words in FIT_WORDS.items())]
            self.fields["fit"] = forms.ChoiceField(label=_("This patient"), required=False, choices=fits)
            self.fields["fit"].widget.attrs["class"] = "form-select form-select-sm"
        for name, choices in chooses.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs["placeholder"] = _("title, drug, NCT number, country")


def countries(knowledge: Knowledge) -> list[tuple[str, str]]:
    """Where the trials of the release take patients: as the registers say it, and in the language of the page."""
    named = {country for trial in knowledge.document["trials"] for country in trial["countries"] or ()}
    return sorted(((name, country_in_words(name)) for name in named), key=lambda pair: plain(pair[1]))


def trial_groups(knowledge: Knowledge, filtered: TrialFilter, today: date) -> tuple[TrialGroup, ...]:
    """The trials that a filter leaves: those that recruit first, of these what was read last."""
    return _grouped([_aged(row, today) for row in _found(knowledge, filtered)], filtered)


def ordered_trials(knowledge: Knowledge, filtered: TrialFilter) -> list[Mapping[str, Any]]:
    """The same as they are recorded."""
    recorded = {trial["nct"]: trial for trial in knowledge.document["trials"]}
    return [recorded[row.nct] for row in _found(knowledge, filtered)]


def checked_trial_groups(
    knowledge: Knowledge, filtered: TrialFilter, patient: Patient, today: date
) -> tuple[TrialGroup, ...]:
    """The same with each trial's fit: those that may be open first, of these those that the patient fits."""
    rows, wanted = all_trials(knowledge), filtered.wanted()
    fits = {
        fit.trial["nct"]: fit
        for fit in judged_trials(patient, knowledge)
        if _fits(fit.trial, wanted) and wanted.get("fit", TRUTH_KEYS[fit.truth]) == TRUTH_KEYS[fit.truth]
    }

    def order(row: TrialRow) -> tuple[Any, ...]:
        fit = fits[row.nct]
        return not fit.may_be_open, list(FIT_WORDS).index(fit.truth), *likely(row)

    found = sorted(chosen(filtered.words, [rows[nct] for nct in fits]), key=order)
    return _grouped([replace(_aged(row, today), fit=_fit(fits[row.nct], patient)) for row in found], filtered)


def trial_patient(patient: Patient, knowledge: Knowledge, supposed: Iterable[str]) -> TrialPatient:
    return TrialPatient(
        sentence=tuple(patient_sentence(patient)),
        more=tuple(patient_details(patient, knowledge)),
        supposed=supposed_words(patient, supposed),
        reasons=tuple(sentence.worded(ACTIVE) for _key, sentence in scope(patient).reasons),
    )


@once_a_release
def all_trials(knowledge: Knowledge) -> Mapping[str, TrialRow]:
    """Every trial by its number, without its age."""
    return {trial["nct"]: _trial(trial, knowledge) for trial in knowledge.document["trials"]}


def _found(knowledge: Knowledge, filtered: TrialFilter) -> list[TrialRow]:
    rows = all_trials(knowledge)
    trials = [trial for trial in knowledge.document["trials"] if _fits(trial, filtered.wanted())]
    return sorted(chosen(filtered.words, [rows[trial["nct"]] for trial in trials]), key=likely)


def _grouped(rows: list[TrialRow], filtered: TrialFilter) -> tuple[TrialGroup, ...]:
    """Where a country is asked for, those of which none is on record stand apart: they may be there too."""
    country = filtered.wanted().get("country")
    if country in (None, NOT_ON_RECORD):
        return (TrialGroup("", tuple(rows)),) if rows else ()
    groups = (
        TrialGroup(
            _("With sites in %(country)s") % {"country": country_in_words(country)},
            tuple(row for row in rows if row.countries),
        ),
        TrialGroup(_("Countries not on record: may be there too"), tuple(row for row in rows if not row.countries)),
    )
    return tuple(group for group in groups if group.trials)


def _fits(trial: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    status, country, marker = wanted.get("status"), wanted.get("country"), wanted.get("biomarker")
    known = trial["countries"] or ()
    return (
        (not status or trial["status_as_seen"] in (OPEN_STATUSES if status == OPEN else (status,)))
        and (not country or not known or country in known)
        and (not marker or trial["biomarker"] == (None if marker == NO_MARKER else marker))
        and ("line" not in wanted or covers_line(trial["line"], wanted["line"]))
        and ("site" not in wanted or covers_site(trial["sites"], wanted["site"]))
    )


def likely(row: TrialRow) -> tuple[Any, ...]:
    """The likelier to take patients first; of one status what was read last, what nobody dated at the end."""
    read = date.fromisoformat(row.looked_up_on).toordinal() if row.looked_up_on else 0
    return list(TrialStatus.values).index(row.status_key), -read, row.nct


def _aged(row: TrialRow, today: date) -> TrialRow:
    return replace(row, age=age_of_reading(row.looked_up_on, today, most_days=STALE_TRIAL_DAYS))


def _trial(trial: Mapping[str, Any], knowledge: Knowledge) -> TrialRow:
    slug = trial["regimen"]
    patients = [str(Histology(trial["histology"]).label), str(Line(trial["line"]).label), site_words(trial["sites"])]
    if trial["biomarker"]:
        patients.append(str(SelectionBiomarker(trial["biomarker"]).label))
    status = str(TrialStatus(trial["status_as_seen"]).label)
    return TrialRow(
        nct=trial["nct"],
        url=trial["url"] or f"https://clinicaltrials.gov/study/{trial['nct']}",
        acronym=trial["acronym"] or "",
        title=trial["title"],
        phase=str(TrialPhase(trial["phase"]).label) if trial["phase"] else "",
        intervention=trial["intervention"],
        regimen=(slug, knowledge.names[slug]) if slug else None,
        patients=in_series(part for part in patients if part),
        eligibility=tuple(trial["key_eligibility"]),
        countries=", ".join(map(country_in_words, trial["countries"] or ())),
        status=status,
        status_key=trial["status_as_seen"],
        looked_up_on=trial.get("looked_up_on"),
        read_on=read_on(trial["read_on"]) if trial["read_on"] != trial["url"] else None,
        seen_note=trial["seen_note"] or "",
        searched=searched(
            (trial["nct"], trial["acronym"]),
            (
                *(trial[name] for name in ("title", "intervention")),
                *terms_of(filter(None, [slug]), knowledge),
                *(trial["countries"] or ()),
                *map(country_in_words, trial["countries"] or ()),
                *trial["key_eligibility"],
                *patients,
                status,
            ),
        ),
    )


def _fit(fit: TrialFit, patient: Patient) -> FitCell:
    notes = []
    if not fit.parts:
        notes.append(_("Neither site nor line nor biomarker is described."))
    if not fit.may_be_open:
        notes.append(_("It was not taking patients when last seen."))
    return FitCell(TRUTH_KEYS[fit.truth], str(FIT_WORDS[fit.truth]), " ".join(notes), trial_criteria(fit, patient))
