"""The evidence base in the Django admin: every model is listed, searched and shown; entries are edited."""

from . import biomarker, curation, groups, guideline, publication, regimen, release, trial

__all__ = ["biomarker", "curation", "groups", "guideline", "publication", "regimen", "release", "trial"]
