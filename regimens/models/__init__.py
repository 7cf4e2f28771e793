"""The evidence base as rows, and its releases; how they change is for `curation`."""

from .biomarker import Biomarker, Prevalence
from .guideline import GuidelineStatement
from .publication import Finding, Publication
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
    "Finding",
    "GuidelineStatement",
    "Indication",
    "IndicationSource",
    "KnowledgeRelease",
    "LeadDrug",
    "Prevalence",
    "Publication",
    "Regimen",
    "RegimenDrug",
    "RegionalAvailability",
    "ReleaseInForce",
    "Study",
    "StudyReport",
    "SurvivalRate",
    "Trial",
]
