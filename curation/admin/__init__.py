"""The evidence base in the Django admin: every model is listed, searched and shown; entries are edited."""

from . import addresses, groups, questions, reports, search
from .evidence import biomarker, drug, guideline, publication, regimen, trial
from .packages import pages as package_pages
from .proposals import entries, interests, several, waiting
from .proposals import proposals as proposal_pages
from .readings import pages as reading_pages
from .releases import publishing, reinstating, release
from .surveillance import desk, freshness, searches
from .surveillance import rows as surveillance_rows

__all__ = [
    "addresses",
    "biomarker",
    "desk",
    "drug",
    "entries",
    "freshness",
    "groups",
    "guideline",
    "interests",
    "package_pages",
    "proposal_pages",
    "publication",
    "publishing",
    "questions",
    "reading_pages",
    "regimen",
    "reinstating",
    "release",
    "reports",
    "search",
    "searches",
    "several",
    "surveillance_rows",
    "trial",
    "waiting",
]
