"""Numbers of the patient form as people type them: in a feature's range, with its unit behind them or without.

The unit of a field may be typed with its number, as each language of the app writes it: "80 %", "1,5 × ULN",
"150 G/l", "6 Monate". Another unit is refused and never converted.
"""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from display import decimals
from regimens.rules.patient import Feature
from regimens.wording.sentences import ACTIVE

# A number, and what is written behind it.
_TYPED = re.compile(r"\s*(?P<number>[+-]?(?:\d[\d.,]*|[.,]\d[\d.,]*))(?P<unit>.*)", re.ASCII | re.DOTALL)
# What is written behind a number and may be a unit; an exponent is none.
_LIKE_A_UNIT = re.compile(r"(?!e[+-]?\d)\W*[^\W\d_]|%|/")

# By the unit of `FEATURES`: how it is written behind a number, in any language of the app. "_" is a space, which may be
# left out, as capitals and full stops may. 10⁹/L is 10³/µL, a giga in a litre, and one in a nanolitre.
SPELLINGS = {
    "%": "% percent per_cent pct Prozent",
    "months": "months month mths mth mos mo m Monate Monaten Monat Mon.",
    "mut/Mb": "mut/Mb muts/Mb mutations/Mb mutations_per_Mb mutations/megabase mutations_per_megabase /Mb "
    "Mutationen/Mb Mutationen_pro_Mb Mutationen/Megabase Mutationen_pro_Megabase",
    "× ULN": "×_ULN ULN times_ULN × ×_upper_limit ×_upper_limit_of_normal -fold fold -fold_ULN fold_ULN "
    "-fach fach -fach_ULN fach_ULN ×_OGN OGN ×_oberer_Grenzwert ×_obere_Normgrenze",
    "mL/min": "mL/min mL/minute mL_per_min mL_per_minute mL/Minute mL_pro_Minute",
    "× 10⁹/L": "×_10⁹/L 10⁹/L ×_10*9/L 10*9/L ×_10E9/L 10E9/L G/L giga/L Gpt/L Mrd./L /nL "
    "×_10³/µL 10³/µL ×_10*3/µL 10*3/µL ×_10E3/µL 10E3/µL K/µL thousand/µL Tsd./µL ×_10³/mm³ 10³/mm³",
    "g/24 h": "g/24_h g/24_hours g/24_hrs g/d g/day g_per_day g/die g/24_Std. g/24_Stunden g/Tag g_pro_Tag",
    "ms": "ms msec msecs millisecond milliseconds msek Millisekunde Millisekunden",
}


def _same(unit: str) -> str:
    """A unit without what may be left out: spaces, capitals, full stops, the shapes of × and of powers."""
    plain = re.sub(r"^[×·*]", "x", re.sub(r"[\s.^]", "", unit))
    return unicodedata.normalize("NFKC", plain).casefold().replace("μ", "u")


_KNOWN = {unit: frozenset(_same(each.replace("_", "")) for each in words.split()) for unit, words in SPELLINGS.items()}


def without_unit(text: str, feature: Feature) -> str:
    """What was typed without the unit, if that is the feature's own; anything else as it is."""
    found = _TYPED.fullmatch(text)
    if found is None or not feature.unit or not found["unit"].strip():
        return text
    own = _same(ACTIVE.text(feature.unit))
    unit = _same(found["unit"])
    return found["number"] if unit == own or unit in _KNOWN[feature.unit] else text


def rewritten(text: str, feature: Feature, mark: str, new_mark: str) -> str:
    """The same number with another decimal mark; what cannot be read stays as it was typed."""
    return decimals.rewritten(text, mark, new_mark, allows=partial(is_allowed, feature))


def is_allowed(feature: Feature, number: float) -> bool:
    """Whether a number is one that the feature may have."""
    return (feature.kind != "count" or number.is_integer()) and feature.low <= number <= feature.high


class NumberField(forms.Field):
    """A number within a feature's range; every refusal names the field, the value and the range with its unit."""

    def __init__(self, feature: Feature, **arguments: Any):
        super().__init__(widget=forms.TextInput, **arguments)
        self.feature = feature
        self.unit = ACTIVE.text(feature.unit) if feature.unit else ""

    def clean(self, value: Any) -> Any:
        text = without_unit(str(value or "").strip(), self.feature)
        if not text:
            return None
        mark = decimals.mark_in_use()
        try:
            number = decimals.read(text, mark, allows=partial(is_allowed, self.feature))
        except decimals.AmbiguousError as error:
            raise self._refusal(
                _("“%(text)s” may be %(decimal)s or %(thousands)s: write one of the two."),
                "ambiguous",
                text=shortened(text),
                decimal=ACTIVE.number(error.decimal, ".12g"),
                thousands=ACTIVE.number(error.thousands, ".12g"),
            ) from error
        except decimals.UnreadableError as error:
            raise self._unreadable(text, mark) from error
        if not is_allowed(self.feature, number):
            raise self._refusal(_("%(text)s is not."), "out-of-range", text=shortened(text))
        return int(number) if number.is_integer() else number

    def _unreadable(self, text: str, mark: str) -> forms.ValidationError:
        found = _TYPED.fullmatch(text)
        if found and self.unit and _LIKE_A_UNIT.match(found["unit"].strip().casefold()):
            message = _("“%(text)s” is written with another unit than %(unit)s.")
            return self._refusal(message, "other-unit", text=shortened(text), unit=self.unit)
        message = _("“%(text)s” is not a number.")
        if mark == decimals.POINT and decimals.COMMA in text:
            message = _("“%(text)s” is not a number (write 2.5, not 2,5).")
        return self._refusal(message, "no-number", text=shortened(text))

    def _refusal(self, message: str, code: str, **parts: str) -> forms.ValidationError:
        """What the field takes, and what is wrong with what was written."""
        return forms.ValidationError(f"{self._rule} {message % parts}", code=code)

    @property
    def _rule(self) -> str:
        feature = self.feature
        if feature.kind == "count":
            message = _("%(field)s is a whole number from %(low)s to %(high)s.")
        elif feature.unit == "%":
            message = _("%(field)s is a percentage from %(low)s to %(high)s.")
        elif feature.unit == "months":
            message = _("%(field)s is a number of months from %(low)s to %(high)s.")
        elif feature.unit:
            message = _("%(field)s is a number from %(low)s to %(high)s %(unit)s.")
        else:
            message = _("%(field)s is a number from %(low)s to %(high)s.")
        low, high = (ACTIVE.number(bound, "g") for bound in (feature.low, feature.high))
        return message % {"field": self.label, "low": low, "high": high, "unit": self.unit}


def shortened(text: str) -> str:
    """What somebody typed, as much of it as an error repeats."""
    return text if len(text) <= 20 else f"{text[:20]}…"
