"""The evidence base in the Django admin: every model can be listed, searched and shown. It is changed by loading."""

from django.contrib import admin

from . import biomarker, curation, guideline, publication, regimen, release, trial

__all__ = ["biomarker", "curation", "guideline", "publication", "regimen", "release", "trial"]

admin.site.site_header = admin.site.site_title = "necapp curation"
admin.site.index_title = "Evidence base and releases"
