"""Countries: whose label a page gives, by its code, and where a trial has its sites, by the register's English name."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regimens.rules.patient import REGIONS
from regimens.rules.wording import N_

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

# As registers name them, beside those above: where most trials of this disease have their sites.
REGISTERED = (
    *(N_("Australia"), N_("Austria"), N_("Belgium"), N_("Denmark")),
    *(N_("France"), N_("Ireland"), N_("Israel"), N_("Italy")),
    *(N_("Netherlands"), N_("Norway"), N_("Poland"), N_("Portugal")),
    *(N_("South Korea"), N_("Spain"), N_("Sweden"), N_("Taiwan")),
)


def country_in_words(name: str) -> str:
    """A country that a register names; one without a translation stands as it is."""
    return _(name)


def country_name(code: str) -> str:
    """The country or region of a label; a code that has no name here stands as it is."""
    return _(REGIONS[code]) if code in REGIONS else str(OTHERS.get(code, code))
