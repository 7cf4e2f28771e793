"""The evidence base in the Django admin: every model can be listed, searched and shown. It is changed by loading."""

from . import biomarker, curation, guideline, publication, readings, regimen, release, trial

__all__ = ["biomarker", "curation", "guideline", "publication", "readings", "regimen", "release", "trial"]
