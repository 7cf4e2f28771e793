"""Studies of ClinicalTrials.gov (API version 2, JSON) as entries of the evidence base.

The register says what a trial is called, its phase, status, countries and criteria. Whom it stands for (line,
histology, sites, biomarker), its treatment in a few words and its regimen are a curator's to say: kept where they are
known, asked for where they are not.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from regimens.knowledge.loader import LoadError, LoadProblem
from regimens.models.choices import TrialPhase, TrialStatus

from .web import FetchError, Web

API = "https://clinicaltrials.gov/api/v2/studies"
NCT = re.compile(r"NCT\d{8}")
LONGEST_LINE = 160  # characters of a criterion
MOST_LINES = 8

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
    "Korea, Republic of": "South Korea",
    "Russian Federation": "Russia",
    "Turkey (Türkiye)": "Turkey",
    "Türkiye": "Turkey",
    "Viet Nam": "Vietnam",
}
# What a curator says of a trial, in the order in which it is asked for; a biomarker and a regimen may be none.
CURATED = ("intervention", "line", "histology", "sites", "biomarker", "regimen")
DEMANDED = ("intervention", "line", "histology", "sites")


def _nothing(value: Any) -> Any:
    """The register leaves a key out, or gives it as null or an empty text."""
    return None if value == "" else value


Words = Annotated[str | None, BeforeValidator(_nothing)]


class _Module(BaseModel):
    """A part of a study, of which the keys that are not read here are left out."""

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel, str_strip_whitespace=True)


class _Identification(_Module):
    nct_id: str = Field(pattern=r"^NCT\d{8}$")
    brief_title: str = Field(min_length=1)
    acronym: Words = None


class _DateStruct(_Module):
    date: Words = None


class _Status(_Module):
    overall_status: str
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
    name: str


class _ArmsInterventions(_Module):
    arm_groups: tuple[_Arm, ...] = ()
    interventions: tuple[_Intervention, ...] = ()


class _Eligibility(_Module):
    eligibility_criteria: Words = None


class _Location(_Module):
    country: Words = None


class _ContactsLocations(_Module):
    locations: tuple[_Location, ...] = ()


class _Conditions(_Module):
    conditions: tuple[str, ...] = ()


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
class RegisteredTrial:
    """A trial as the register gives it.

    version       the day of the register's data that the file holds; None where it does not say
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
            found, wrong = read_studies(web.read(f"{api}/{nct}"), nct)
        except FetchError as error:
            rule = "the register knows no such study" if error.status == 404 else str(error)
            problems.append(LoadProblem("ClinicalTrials.gov", nct, "", None, rule))
        else:
            trials += found
            problems += wrong
            problems += [
                LoadProblem("ClinicalTrials.gov", nct, "nctId", trial.nct, "the study that was asked for")
                for trial in found
                if trial.nct != nct
            ]
    if problems:
        raise LoadError(problems)
    return trials


def read_studies(text: bytes, file: str) -> tuple[list[RegisteredTrial], list[LoadProblem]]:
    """The trials of a file, a study or a page of studies, and everything that is wrong with it."""
    try:
        content = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return [], [LoadProblem(file, "", "", None, f"no JSON: {error}")]
    if isinstance(content, dict) and "protocolSection" in content:
        studies = [content]
    elif isinstance(content, dict) and isinstance(content.get("studies"), list):
        studies = content["studies"]
    else:
        return [], [LoadProblem(file, "", "", None, "a study of ClinicalTrials.gov, or a page with a list of studies")]
    trials: list[RegisteredTrial] = []
    problems: list[LoadProblem] = []
    for position, study in enumerate(studies):
        name = _name(study, position)
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
    return trials, problems


def trial_entry(
    trial: RegisteredTrial,
    known: Mapping[str, Any] | None,
    *,
    looked_up_on: date,
    answers: Mapping[str, Any] | None = None,
    words: bool = False,
) -> dict[str, Any]:
    """The entry as it shall be; null where a curator has to be asked (`missing`).

    known    the entry in force: what a curator wrote stays, title and criteria among it unless `words`; what the
             register does not say stays as well
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
        "seen_note": trial.note or None,
        "looked_up_on": looked_up_on.isoformat(),
    }


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
    given = {location.country for location in protocol.contacts_locations_module.locations if location.country}
    arms = protocol.arms_interventions_module
    return RegisteredTrial(
        nct=protocol.identification_module.nct_id,
        acronym=protocol.identification_module.acronym,
        title=protocol.identification_module.brief_title,
        phase=str(phase) if phase else None,
        status=str(STATUSES[status.overall_status]),
        countries=tuple(sorted(COUNTRIES.get(country, country) for country in given)),
        criteria=tuple(criteria_lines(protocol.eligibility_module.eligibility_criteria or "")),
        note=" ".join(_note(status, design)),
        version=study.derived_section.misc_info_module.version_holder,
        conditions=protocol.conditions_module.conditions,
        arms=tuple(": ".join(x for x in (arm.label, arm.description) if x) for arm in arms.arm_groups),
        interventions=tuple(
            f"{one.name} ({one.type.replace('_', ' ').lower()})" if one.type else one.name for one in arms.interventions
        ),
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
    if updated := status.last_update_post_date_struct.date:
        yield f"Register record last updated {updated}."
    if design.enrollment_info.count is not None:
        yield f"Enrolment in the record: {design.enrollment_info.count}."
    if design.phases == ("PHASE4",):
        yield "Phase IV."
    if status.why_stopped:
        yield f"Stopped: {status.why_stopped.rstrip('.')}."


BULLET = re.compile(r"^(\s*)(?:[*•-]|\d{1,2}[.)])\s+(.*)$")


def criteria_lines(text: str) -> Iterator[str]:
    """The first inclusion criteria as short lines: those of the outermost level, without the register's markup."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    included = []
    for line in lines:
        heading = line.strip(" *#:").lower()
        if re.match(r"(key )?exclusion( criteria)?\b", heading) and len(heading) < 60:
            break
        if not (re.match(r"(key )?inclusion( criteria)?\b", heading) and len(heading) < 60):
            included.append(line)
    bullets = [match for line in included if (match := BULLET.match(line))]
    outermost = min((len(match[1]) for match in bullets), default=0)
    found = [match[2] for match in bullets if len(match[1]) == outermost] or included
    for line in found[:MOST_LINES]:
        plain = re.sub(r"\\([^\w\s])", r"\1", line).strip(" *;")
        if plain:
            yield textwrap.shorten(plain, LONGEST_LINE, placeholder="…")
