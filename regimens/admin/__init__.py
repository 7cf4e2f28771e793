"""The evidence base in the Django admin: every model can be listed, searched and shown. It is changed by loading."""

from . import (
    addresses,
    biomarker,
    curation,
    entries,
    guideline,
    interests,
    proposals,
    publication,
    publishing,
    readings,
    regimen,
    reinstating,
    release,
    search,
    trial,
    waiting,
)

__all__ = [
    "addresses",
    "biomarker",
    "curation",
    "entries",
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
