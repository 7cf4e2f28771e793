"""Whose label a page gives, by the code that the evidence base has for it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regimens.rules.patient import REGIONS

# Beside the regions in which licences are looked up.
OTHERS: Mapping[str, Promise] = {
    "BH": gettext_lazy("Bahrain"),
    "BR": gettext_lazy("Brazil"),
    "CA": gettext_lazy("Canada"),
    "CH": gettext_lazy("Switzerland"),
    "DE": gettext_lazy("Germany"),
    "HK": gettext_lazy("Hong Kong"),
    "ID": gettext_lazy("Indonesia"),
    "IN": gettext_lazy("India"),
    "MY": gettext_lazy("Malaysia"),
    "PH": gettext_lazy("Philippines"),
    "SG": gettext_lazy("Singapore"),
    "TH": gettext_lazy("Thailand"),
}


def country_name(code: str) -> str:
    """The country or region of a label; a code that has no name here stands as it is."""
    return _(REGIONS[code]) if code in REGIONS else str(OTHERS.get(code, code))
