"""The evidence base in the Django admin: every model is listed, searched and shown; entries are edited."""

from . import addresses, groups, search
from .evidence import biomarker, guideline, publication, regimen, trial
from .proposals import entries, interests, proposals, waiting
from .readings import pages as readings
from .releases import publishing, reinstating, release

__all__ = [
    "addresses",
    "biomarker",
    "entries",
    "groups",
    "guideline",
    "interests",
    "proposals",
    "publication",
    "publishing",
    "readings",
    "regimen",
    "reinstating",
    "release",
    "search",
    "trial",
    "waiting",
]
