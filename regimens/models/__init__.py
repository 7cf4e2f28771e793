"""The evidence base as rows, and its releases; how they change is for `curation`."""

from .biomarker import Biomarker, Prevalence
from .drug import Drug, DrugCaution, ExposureClass
from .guideline import GuidelineStatement
from .publication import Finding, Publication
from .regimen import (
    Caution,
    Indication,
    IndicationSource,
    LeadDrug,
    Licence,
    Regimen,
    RegimenDrug,
    RegionalAvailability,
)
from .release import KnowledgeRelease, ReleaseInForce
from .study import Cohort, Study, StudyReport, SurvivalRate
from .surveillance import ReportedNotice, SearchedUntil
from .trial import Trial

__all__ = [
    "Biomarker",
    "Caution",
    "Cohort",
    "Drug",
    "DrugCaution",
    "ExposureClass",
    "Finding",
    "GuidelineStatement",
    "Indication",
    "IndicationSource",
    "KnowledgeRelease",
    "LeadDrug",
    "Licence",
    "Prevalence",
    "Publication",
    "Regimen",
    "RegimenDrug",
    "RegionalAvailability",
    "ReleaseInForce",
    "ReportedNotice",
    "SearchedUntil",
    "Study",
    "StudyReport",
    "SurvivalRate",
    "Trial",
]
