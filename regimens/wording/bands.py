"""What the bands are called, and what each holds."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regimens.rules.assessment import Band

BAND_TITLES: Mapping[Band, Promise] = {
    Band.RECOMMENDED: _("Recommended for this patient"),
    Band.SUPPORTED: _("Supported by evidence in NEC"),
    Band.TRIAL_ONLY: _("Only in a trial"),
    Band.LIMITED: _("Limited activity or indirect evidence"),
    Band.NO_EVIDENCE: _("No evidence"),
    Band.UNSUITABLE: _("Not suitable"),
}
BAND_NOTES: Mapping[Band, Promise] = {
    Band.RECOMMENDED: _("a guideline, a licence or a review recommends it for this situation"),
    Band.SUPPORTED: _("studied in NEC after first line, or matched to a biomarker"),
    Band.TRIAL_ONLY: _("investigational in this region, and no licence of it holds for this patient"),
    Band.LIMITED: _("weak figures, advised against, or borrowed evidence"),
    Band.NO_EVIDENCE: _("no usable cohort applies to this patient; not ranked"),
    Band.UNSUITABLE: _("ruled out or advised against for this patient, progressed on, or not available"),
}
