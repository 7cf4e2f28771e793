"""Studies of ClinicalTrials.gov (API version 2, JSON) as entries of the evidence base.

The register says what a trial is called, its phase, status, countries and criteria. Whom it stands for (line,
histology, sites, biomarker), its treatment in a few words and its regimen are a curator's to say: kept where they are
known, asked for where they are not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from curation.actions.questions import Asked
from regimens.knowledge.loader import LoadError, LoadProblem
from regimens.models.choices import TrialPhase, TrialStatus

from .eligibility import MOST_LINES, inclusion, said_of_cut, shortened, unescaped
from .web import FetchError, Web

API = "https://clinicaltrials.gov/api/v2/studies"
NCT = re.compile(r"NCT\d{8}")
STATUSES: Mapping[str, TrialStatus] = {
    "RECRUITING": TrialStatus.RECRUITING,
    "NOT_YET_RECRUITING": TrialStatus.NOT_YET_RECRUITING,
    "ENROLLING_BY_INVITATION": TrialStatus.ENROLLING_BY_INVITATION,
    "ACTIVE_NOT_RECRUITING": TrialStatus.ACTIVE_NOT_RECRUITING,
    "SUSPENDED": TrialStatus.SUSPENDED,
    "COMPLETED": TrialStatus.COMPLETED,
    "TERMINATED": TrialStatus.TERMINATED,
    "WITHDRAWN": TrialStatus.WITHDRAWN,
    "UNKNOWN": TrialStatus.UNKNOWN,
}
# "Not applicable" is no phase; phase IV is none that the evidence base knows, and stands in the note.
PHASES: Mapping[tuple[str, ...], TrialPhase | None] = {
    (): None,
    ("NA",): None,
    ("EARLY_PHASE1",): TrialPhase.PHASE_1,
    ("PHASE1",): TrialPhase.PHASE_1,
    ("PHASE1", "PHASE2"): TrialPhase.PHASE_1_2,
    ("PHASE2",): TrialPhase.PHASE_2,
    ("PHASE2", "PHASE3"): TrialPhase.PHASE_2_3,
    ("PHASE3",): TrialPhase.PHASE_3,
    ("PHASE4",): None,
}
# As the evidence base writes them, where the register has written them otherwise.
COUNTRIES: Mapping[str, str] = {
    "Bolivia, Plurinational State of": "Bolivia",
    "Czech Republic": "Czechia",
    "Hong Kong SAR": "Hong Kong",
    "Iran, Islamic Republic of": "Iran",
    "Korea, Republic of": "South Korea",
    "Republic of Korea": "South Korea",
    "Macedonia, The Former Yugoslav Republic of": "North Macedonia",
    "Moldova, Republic of": "Moldova",
    "Republic of Moldova": "Moldova",
    "Russian Federation": "Russia",
    "Syrian Arab Republic": "Syria",
    "Taiwan, Province of China": "Taiwan",
    "The Netherlands": "Netherlands",
    "Turkey (Türkiye)": "Turkey",
    "Türkiye (Turkey)": "Turkey",
    "Türkiye": "Turkey",
    "UK": "United Kingdom",
    "USA": "United States",
    "United States of America": "United States",
    "Venezuela, Bolivarian Republic of": "Venezuela",
    "Viet Nam": "Vietnam",
}
NO_TRIALS = ("OBSERVATIONAL", "EXPANDED_ACCESS")
WITHDRAWN = "WITHDRAWN"  # of a site that never took part
# How far a trial is: none goes back in it. Nothing is said of one whose state is not known.
_COURSE: Mapping[str, int] = {
    TrialStatus.NOT_YET_RECRUITING: 1,
    TrialStatus.RECRUITING: 2,
    TrialStatus.ENROLLING_BY_INVITATION: 2,
    TrialStatus.SUSPENDED: 2,
    TrialStatus.ACTIVE_NOT_RECRUITING: 3,
    TrialStatus.COMPLETED: 4,
    TrialStatus.TERMINATED: 4,
    TrialStatus.WITHDRAWN: 4,
}
# What a curator says of a trial, in the order in which it is asked for; a biomarker and a regimen may be none.
CURATED = ("intervention", "line", "histology", "sites", "biomarker", "regimen")
DEMANDED = ("intervention", "line", "histology", "sites")


def _nothing(value: Any) -> Any:
    """The register leaves a key out, or gives it as null or an empty text."""
    if isinstance(value, str):
        return unescaped(value).strip() or None
    return value


Words = Annotated[str | None, BeforeValidator(_nothing)]
Plain = Annotated[str, BeforeValidator(lambda value: unescaped(value) if isinstance(value, str) else value)]


class _Module(BaseModel):
    """A part of a study, of which the keys that are not read here are left out."""

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel, str_strip_whitespace=True)

    @pydantic.model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: Any) -> Any:
        """A key that is null says as much as one that is left out."""
        return {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given


class _Identification(_Module):
    nct_id: str = Field(pattern=r"^NCT\d{8}$")
    brief_title: Plain = Field(min_length=1)
    acronym: Words = None


class _DateStruct(_Module):
    date: Words = None


class _Status(_Module):
    overall_status: str
    last_known_status: Words = None
    status_verified_date: Words = None
    why_stopped: Words = None
    last_update_post_date_struct: _DateStruct = _DateStruct()


class _Enrollment(_Module):
    count: int | None = None


class _Design(_Module):
    study_type: Words = None
    phases: tuple[str, ...] = ()
    enrollment_info: _Enrollment = _Enrollment()


class _Arm(_Module):
    label: Words = None
    description: Words = None


class _Intervention(_Module):
    type: Words = None
    name: Plain


class _ArmsInterventions(_Module):
    arm_groups: tuple[_Arm, ...] = ()
    interventions: tuple[_Intervention, ...] = ()


class _Eligibility(_Module):
    eligibility_criteria: Words = None


class _Location(_Module):
    country: Words = None
    status: Words = None


class _ContactsLocations(_Module):
    locations: tuple[_Location, ...] = ()


class _Conditions(_Module):
    conditions: tuple[Plain, ...] = ()


class _Protocol(_Module):
    identification_module: _Identification
    status_module: _Status
    design_module: _Design = _Design()
    conditions_module: _Conditions = _Conditions()
    arms_interventions_module: _ArmsInterventions = _ArmsInterventions()
    eligibility_module: _Eligibility = _Eligibility()
    contacts_locations_module: _ContactsLocations = _ContactsLocations()


class _Miscellany(_Module):
    version_holder: date | None = None


class _Derived(_Module):
    misc_info_module: _Miscellany = _Miscellany()


class _Study(_Module):
    protocol_section: _Protocol
    derived_section: _Derived = _Derived()


@dataclass(frozen=True)
class StudiesRead:
    """What a file of the register holds.

    problems   of the file, or of a study that cannot be read: then its number is the key
    skipped    studies of a page that are no trials, by their numbers
    """

    trials: tuple[RegisteredTrial, ...] = ()
    problems: tuple[LoadProblem, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegisteredTrial:
    """A trial as the register gives it.

    version       the day of the register's data that the file holds; None where it does not say
    updated       the day of the record's last update, as far as it is given
    conditions, arms, interventions   in the register's words, to help the curator who is asked for the rest
    """

    nct: str
    acronym: str | None
    title: str
    phase: str | None
    status: str
    countries: tuple[str, ...]
    criteria: tuple[str, ...]
    note: str
    version: date | None
    conditions: tuple[str, ...]
    arms: tuple[str, ...]
    interventions: tuple[str, ...]
    updated: str | None = None

    @property
    def page(self) -> str:
        return f"https://clinicaltrials.gov/study/{self.nct}"


def fetch(ncts: list[str], web: Web, *, api: str = API) -> list[RegisteredTrial]:
    """Trials from the register itself, in the order asked for. Raises LoadError with every one that cannot be had."""
    trials: list[RegisteredTrial] = []
    problems: list[LoadProblem] = []
    for nct in dict.fromkeys(ncts):
        if not NCT.fullmatch(nct):
            problems.append(LoadProblem("--nct", nct, "", None, "NCT and eight digits"))
            continue
        try:
            found = read_studies(web.read(f"{api}/{nct}"), nct)
        except FetchError as error:
            rule = "the register knows no such study" if error.status == 404 else str(error)
            problems.append(LoadProblem("ClinicalTrials.gov", nct, "", None, rule))
        else:
            trials += found.trials
            problems += found.problems
            problems += [
                LoadProblem("ClinicalTrials.gov", nct, "nctId", trial.nct, "the study that was asked for")
                for trial in found.trials
                if trial.nct != nct
            ]
    if problems:
        raise LoadError(problems)
    return trials


def read_studies(text: bytes, file: str) -> StudiesRead:
    """The trials of a file, a study or a page of studies, and everything that is wrong with it.

    A search finds observational studies and expanded access as well: on a page they are passed over and named.
    """
    try:
        content = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return StudiesRead(problems=(LoadProblem(file, "", "", None, f"no JSON: {error}"),))
    is_page = False
    if isinstance(content, dict) and "protocolSection" in content:
        studies = [content]
    elif isinstance(content, dict) and isinstance(content.get("studies"), list):
        studies, is_page = content["studies"], True
    elif isinstance(content, list) and content:  # as the register's own pages download what a search found
        studies, is_page = content, True
    else:
        rule = "a study of ClinicalTrials.gov, or a page with a list of studies"
        return StudiesRead(problems=(LoadProblem(file, "", "", None, rule),))
    trials: list[RegisteredTrial] = []
    problems: list[LoadProblem] = []
    skipped: list[str] = []
    for position, study in enumerate(studies):
        name = _name(study, position)
        if is_page and _is_no_trial(study):
            skipped.append(name)
            continue
        try:
            trial = _trial(_Study.model_validate(study))
        except pydantic.ValidationError as error:
            problems += [
                LoadProblem(file, name, ".".join(map(str, one["loc"])), _given(one), one["msg"])
                for one in error.errors()
            ]
        except _Unfit as error:
            problems += [LoadProblem(file, name, *one) for one in error.problems]
        else:
            trials.append(trial)
    return StudiesRead(tuple(trials), tuple(problems), tuple(skipped))


def trial_entry(
    trial: RegisteredTrial,
    known: Mapping[str, Any] | None,
    *,
    looked_up_on: date,
    answers: Mapping[str, Any] | None = None,
    words: bool = False,
) -> dict[str, Any]:
    """The entry as it shall be; null where a curator has to be asked (`missing`).

    known    the entry in force: what a curator wrote stays, title and criteria among it unless `words`, and a note on
             the status behind the register's; what the register does not say stays as well
    answers  what a curator says of a new trial
    """
    kept = known or {}
    said = {name: (answers or {}).get(name, kept.get(name)) for name in CURATED}
    title, criteria = kept.get("title"), kept.get("key_eligibility")
    return {
        "nct": trial.nct,
        "acronym": trial.acronym or kept.get("acronym"),
        "title": trial.title if words or not title else title,
        "phase": trial.phase or kept.get("phase"),
        **said,
        "key_eligibility": list(trial.criteria) if trial.criteria and (words or not criteria) else criteria or [],
        "countries": list(trial.countries) or kept.get("countries"),
        "status_as_seen": trial.status,
        "url": trial.page,
        "read_on": None,
        "seen_note": " ".join(filter(None, (trial.note, curators_note(kept.get("seen_note"))))) or None,
        "looked_up_on": looked_up_on.isoformat(),
    }


def why_older(trial: RegisteredTrial, known: Mapping[str, Any], *, looked_up_on: date) -> str:
    """Why a record tells of a time before what is held, which it does not replace; empty where it does not.

    By the day on which the held state was looked up; where none is held, a trial does not go back in its course.
    """
    seen = known.get("looked_up_on") or ""
    if seen > looked_up_on.isoformat():
        return f"the file is of {looked_up_on}; it was looked up later, on {seen}"
    held, offered = (_COURSE.get(status) for status in (known["status_as_seen"], trial.status))
    if not seen and held and offered and offered < held:
        return f"the file of {looked_up_on} says {trial.status}; {known['status_as_seen']} is held, without a day"
    return ""


def day_to_come(trial: RegisteredTrial, file: str, *, looked_up_on: date, today: date) -> LoadProblem | None:
    """The problem of a record that says a day on which nobody can have looked at it."""
    if looked_up_on > today:
        rule = f"the day of the look-up, not after today, {today}"
        return LoadProblem(file, trial.nct, "looked_up_on", looked_up_on.isoformat(), rule)
    if (trial.updated or "") > today.isoformat():
        rule = f"the day of the last update, not after today, {today}"
        return LoadProblem(file, trial.nct, "lastUpdatePostDateStruct", trial.updated, rule)
    return None


def questions_on(trial: RegisteredTrial, known: Mapping[str, Any], *, looked_up_on: date) -> Iterator[Asked]:
    """What the register says otherwise and a person wrote or saw later: for a curator to answer."""
    place = {"kind": "trials", "key": trial.nct, "source": trial.page}
    if older := why_older(trial, known, looked_up_on=looked_up_on):
        why = f"{older[0].upper()}{older[1:]}."
        yield Asked(field="status_as_seen", held=known["status_as_seen"], offered=trial.status, why=why, **place)
        return
    why = "A curator’s words stand here; the register has others."
    yield Asked(field="title", held=known["title"], offered=trial.title, why=why, **place)
    if trial.criteria and known["key_eligibility"]:
        held, offered = list(known["key_eligibility"]), list(trial.criteria)
        yield Asked(field="key_eligibility", held=held, offered=offered, why=why, **place)


def curators_note(note: str | None) -> str:
    """A note on a status without the sentences that an import wrote."""
    return " ".join(OURS.sub("", note or "").split())


def missing(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """What the rules demand of an entry, the register does not say, and nobody has said yet."""
    return tuple(name for name in DEMANDED if entry[name] in (None, "", []))


class _Unfit(Exception):  # noqa: N818 - a study, and not a fault
    """A study that no entry can be made of: field, value and rule of each reason."""

    def __init__(self, problems: list[tuple[str, Any, str]]):
        self.problems = problems
        super().__init__(str(problems))


def _name(study: Any, position: int) -> str:
    try:
        return str(study["protocolSection"]["identificationModule"]["nctId"])
    except (KeyError, TypeError):
        return f"study {position}"


def _is_no_trial(study: Any) -> bool:
    """Observational studies, and access to a drug outside of trials."""
    try:
        return study["protocolSection"]["designModule"]["studyType"] in NO_TRIALS
    except (KeyError, TypeError):
        return False


def _given(error: Any) -> Any:
    """What stood there, if it is short enough to be shown."""
    value = error["input"]
    return value if error["type"] != "missing" and isinstance(value, str | int | float) else None


def _trial(study: _Study) -> RegisteredTrial:
    protocol = study.protocol_section
    status, design = protocol.status_module, protocol.design_module
    if wrong := list(_unfit(status, design)):
        raise _Unfit(wrong)
    phase = PHASES[design.phases]
    sites = [site for site in protocol.contacts_locations_module.locations if site.status != WITHDRAWN]
    given = {COUNTRIES.get(site.country, site.country) for site in sites if site.country}
    criteria = inclusion(protocol.eligibility_module.eligibility_criteria or "")
    arms = protocol.arms_interventions_module
    return RegisteredTrial(
        nct=protocol.identification_module.nct_id,
        acronym=protocol.identification_module.acronym,
        title=protocol.identification_module.brief_title,
        phase=str(phase) if phase else None,
        status=str(STATUSES[status.overall_status]),
        countries=tuple(sorted(given)),
        criteria=tuple(shortened(str(criterion)) for criterion in criteria[:MOST_LINES]),
        note=" ".join([*_note(status, design), *said_of_cut(criteria)]),
        version=study.derived_section.misc_info_module.version_holder,
        conditions=protocol.conditions_module.conditions,
        arms=tuple(": ".join(x for x in (arm.label, arm.description) if x) for arm in arms.arm_groups),
        interventions=tuple(
            f"{one.name} ({one.type.replace('_', ' ').lower()})" if one.type else one.name for one in arms.interventions
        ),
        updated=status.last_update_post_date_struct.date,
    )


def _unfit(status: _Status, design: _Design) -> Iterator[tuple[str, Any, str]]:
    if design.study_type not in (None, "INTERVENTIONAL"):
        yield "designModule.studyType", design.study_type, "INTERVENTIONAL: the evidence base lists trials alone"
    if status.overall_status not in STATUSES:
        yield "statusModule.overallStatus", status.overall_status, f"one of {', '.join(STATUSES)}"
    if design.phases not in PHASES:
        listed = ", ".join("/".join(phases) for phases in PHASES if phases)
        yield "designModule.phases", "/".join(design.phases), f"one of {listed}, or none"


def _note(status: _Status, design: _Design) -> Iterator[str]:
    """What a reader of the status should know: facts of the register, in sentences."""
    if status.overall_status == "UNKNOWN":
        known = STATUSES.get(status.last_known_status or "")
        verified = f", verified {status.status_verified_date}" if status.status_verified_date else ""
        yield f"Last known status: {known.label.lower() if known else 'not given'}{verified}."
    if updated := status.last_update_post_date_struct.date:
        yield f"Register record last updated {updated}."
    if design.enrollment_info.count is not None:
        yield f"Enrolment in the record: {design.enrollment_info.count}."
    if design.phases == ("PHASE4",):
        yield "Phase IV."
    if status.why_stopped:
        # One sentence, which the next import knows again as its own.
        yield f"Stopped: {re.sub(r'[.]+ ', '; ', ' '.join(status.why_stopped.split()).rstrip('. '))}."


# The sentences of `_note` and `said_of_cut`.
OURS = re.compile(
    r"Last known status: [^.]*\.|Register record last updated [^.]*\.|Enrolment in the record: \d+\."
    r"|Phase IV\.|Stopped: (?:[^.]|\.(?=\S))*\.|The first \d+ of \d+ inclusion criteria are kept\."
    r"|\d+ of them (?:is|are) shortened\."
)
