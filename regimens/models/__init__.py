"""The evidence base as entries and as rows, who decided on it, and its releases."""

from .biomarker import Biomarker, Prevalence
from .curation import Entry, Event, EventSeal, InterestStatement, Proposal
from .guideline import GuidelineStatement
from .publication import Finding, Publication
from .reading import Reading, ReadingTask
from .regimen import (
    Approval,
    Caution,
    Drug,
    Indication,
    IndicationSource,
    LeadDrug,
    Regimen,
    RegimenDrug,
    RegionalAvailability,
)
from .release import KnowledgeRelease, ReleaseInForce
from .study import Cohort, Study, StudyReport, SurvivalRate
from .trial import Trial

__all__ = [
    "Approval",
    "Biomarker",
    "Caution",
    "Cohort",
    "Drug",
    "Entry",
    "Event",
    "EventSeal",
    "Finding",
    "GuidelineStatement",
    "Indication",
    "IndicationSource",
    "InterestStatement",
    "KnowledgeRelease",
    "LeadDrug",
    "Prevalence",
    "Proposal",
    "Publication",
    "Reading",
    "ReadingTask",
    "Regimen",
    "RegimenDrug",
    "RegionalAvailability",
    "ReleaseInForce",
    "Study",
    "StudyReport",
    "SurvivalRate",
    "Trial",
]
