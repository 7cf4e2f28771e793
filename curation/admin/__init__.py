"""The evidence base in the Django admin: every model is listed, searched and shown; entries are edited."""

from . import addresses, groups, search
from .evidence import biomarker, drug, guideline, publication, regimen, trial
from .proposals import entries, interests, waiting
from .proposals import proposals as proposal_pages
from .readings import pages as reading_pages
from .releases import publishing, reinstating, release
from .surveillance import rows as surveillance_rows

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
    "search",
    "surveillance_rows",
    "trial",
    "waiting",
]
