"""The evidence base in the Django admin: every model is listed, searched and shown; entries are edited."""

from . import addresses, groups, reports, search
from .evidence import biomarker, drug, guideline, publication, regimen, trial
from .proposals import entries, interests, several, waiting
from .proposals import proposals as proposal_pages
from .readings import pages as reading_pages
from .releases import publishing, reinstating, release

__all__ = [
    "addresses",
    "biomarker",
    "drug",
    "entries",
    "groups",
    "guideline",
    "interests",
    "proposal_pages",
    "publication",
    "publishing",
    "reading_pages",
    "regimen",
    "reinstating",
    "release",
    "reports",
    "search",
    "several",
    "trial",
    "waiting",
]
