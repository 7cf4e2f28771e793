"""Numbers of the patient form as people type them: in a feature's range, with its unit behind them or without.

The unit of a field may be typed with its number, as each language of the app writes it: "80 %", "1,5 × ULN",
"150 G/l", "6 Monate". Another unit is refused and never converted behind the reader's back: where a laboratory's value
is converted, with its upper limit beside it, the page says what was made of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from display import decimals
from regimens.rules.patient import FEATURES, Feature
from regimens.wording.sentences import ACTIVE

# A number, and what is written behind it.
_TYPED = re.compile(r"\s*(?P<number>[+-]?(?:\d[\d.,]*|[.,]\d[\d.,]*))(?P<unit>.*)", re.ASCII | re.DOTALL)
# What is written behind a number and may be a unit; an exponent is none.
_LIKE_A_UNIT = re.compile(r"(?!e[+-]?\d)\W*[^\W\d_]|%|/")

# By the unit of `FEATURES`: how it is written behind a number, in any language of the app. "_" is a space, which may be
# left out, as capitals and full stops may. 10⁹/L is 10³/µL, a giga in a litre, and one in a nanolitre.
SPELLINGS = {
    "%": "% percent per_cent pct Prozent pour_cent pourcent por_ciento por_cien",
    "months": "months month mths mth mos mo m Monate Monaten Monat Mon. mois meses mes",
    "mut/Mb": "mut/Mb muts/Mb mutations/Mb mutations_per_Mb mutations/megabase mutations_per_megabase /Mb "
    "Mutationen/Mb Mutationen_pro_Mb Mutationen/Megabase Mutationen_pro_Megabase mutations_par_Mb "
    "mutations/mégabase mutations_par_mégabase mutaciones/Mb mutaciones_por_Mb mutaciones/megabase "
    "mutaciones_por_megabase",
    "× ULN": "×_ULN ULN times_ULN × ×_upper_limit ×_upper_limit_of_normal -fold fold -fold_ULN fold_ULN "
    "-fach fach -fach_ULN fach_ULN ×_OGN OGN ×_oberer_Grenzwert ×_obere_Normgrenze "
    "×_LSN LSN N ×_N fois_la_LSN fois_la_limite_supérieure_de_la_normale ×_limite_supérieure_de_la_normale "
    "veces_el_LSN veces_LSN veces_el_límite_superior_de_la_normalidad ×_límite_superior_de_la_normalidad "
    "veces_el_límite_superior_normal ×_límite_superior_normal",
    "mL/min": "mL/min mL/minute mL_per_min mL_per_minute mL/Minute mL_pro_Minute mL_par_minute mL/minuto mL_por_minuto",
    "× 10⁹/L": "×_10⁹/L 10⁹/L ×_10*9/L 10*9/L ×_10E9/L 10E9/L G/L giga/L Gpt/L Mrd./L /nL "
    "×_10³/µL 10³/µL ×_10*3/µL 10*3/µL ×_10E3/µL 10E3/µL K/µL thousand/µL Tsd./µL ×_10³/mm³ 10³/mm³ "
    "mille/µL mille/mm³ mil/µL mil/mm³",
    "g/24 h": "g/24_h g/24_hours g/24_hrs g/d g/day g_per_day g/die g/24_Std. g/24_Stunden g/Tag g_pro_Tag "
    "g/24_heures g/j g/jour g_par_jour g_par_24_h g/24_horas g/día g_por_día g_en_24_h",
    "ms": "ms msec msecs millisecond milliseconds msek Millisekunde Millisekunden "
    "milliseconde millisecondes milisegundo milisegundos mseg",
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


@dataclass(frozen=True)
class Unit:
    """A unit in which laboratories report; its name is a message.

    worth    how many of the first unit of its conversion one of it is
    limits   between which the upper limits of normal lie that laboratories print
    """

    name: str
    worth: float
    limits: tuple[float, float]

    @property
    def worded(self) -> str:
        return _(self.name)


@dataclass(frozen=True)
class Conversion:
    """How a multiple of the upper limit of normal follows from a laboratory's value and its own limit.

    The ranges of limits do not touch, so that a limit without a unit says in which it is.
    """

    feature: Feature
    measured: str
    limit: str
    units: tuple[Unit, ...]

    @property
    def unit_names(self) -> str:
        return _(" or ").join(unit.worded for unit in self.units)

    def read(self, measured: str, limit: str, mark: str) -> Converted:
        """The multiple, with how it came about. Raises ValidationError for what cannot be read or is not plausible."""
        (value, value_unit), (upper, limit_unit) = (self._parted(text, mark) for text in (measured, limit))
        unit = limit_unit or value_unit or next((u for u in self.units if u.limits[0] <= upper <= u.limits[1]), None)
        if unit is None or not unit.limits[0] <= upper <= unit.limits[1]:
            ranges = _(" or ").join(_range(each) for each in self.units)
            message = _("An upper limit of %(limit)s is not usual: laboratories print %(ranges)s.")
            raise forms.ValidationError(message % {"limit": limit, "ranges": ranges}, code="unusual-limit")
        value_unit = value_unit or unit
        ratio = round(value * value_unit.worth / (upper * unit.worth), 3)
        if not is_allowed(self.feature, ratio):
            message = _("%(value)s of %(limit)s is %(ratio)s × ULN, which is above %(high)s.")
            parts = {"ratio": ACTIVE.number(ratio, "g"), "high": ACTIVE.number(self.feature.high, "g")}
            raise forms.ValidationError(message % {"value": measured, "limit": limit, **parts}, code="out-of-range")
        message = _("%(value)s of %(limit)s is %(ratio)s × ULN.")
        worded = {"value": _quantity(value, value_unit), "limit": _quantity(upper, unit)}
        return Converted(ratio, message % {**worded, "ratio": ACTIVE.number(ratio, "g")})

    def _parted(self, text: str, mark: str) -> tuple[float, Unit | None]:
        found = _TYPED.fullmatch(text)
        named = _same(found["unit"]) if found else ""
        unit = next((each for each in self.units if _same(each.name) == named), None)
        if found is None or (named and unit is None):
            message = _("“%(text)s” is not a number in %(units)s.")
            raise forms.ValidationError(message % {"text": shortened(text), "units": self.unit_names}, code="unit")
        try:
            number = decimals.read(found["number"], mark, allows=lambda read: read > 0)
        except ValueError as error:
            message = _("“%(text)s” is not a number in %(units)s.")
            parts = {"text": shortened(text), "units": self.unit_names}
            raise forms.ValidationError(message % parts, code="no-number") from error
        if number <= 0:
            message = _("“%(text)s” is not above 0.")
            raise forms.ValidationError(message % {"text": shortened(text)}, code="out-of-range")
        return number, unit

    def rewritten(self, text: str, mark: str, new_mark: str) -> str:
        """The same quantity with another decimal mark; what cannot be read stays as it was typed."""
        found = _TYPED.fullmatch(text)
        if found is None:
            return text
        number = decimals.rewritten(found["number"], mark, new_mark, allows=lambda read: read > 0)
        return f"{number}{found['unit']}"


@dataclass(frozen=True)
class Converted:
    """A multiple of the upper limit, and in words what it was made of."""

    ratio: float
    words: str


def _range(unit: Unit) -> str:
    low, high = (ACTIVE.number(bound, "g") for bound in unit.limits)
    return _("%(low)s to %(high)s %(unit)s") % {"low": low, "high": high, "unit": unit.worded}


def _quantity(number: float, unit: Unit) -> str:
    return f"{ACTIVE.number(number, 'g')} {unit.worded}"


# 1 mg/dL of bilirubin is 17.1 µmol/L (molar mass 584.7 g/mol); 1 µkat/L of an enzyme is 60 U/L.
CONVERSIONS: Mapping[str, Conversion] = MappingProxyType(
    {
        "bilirubin_uln": Conversion(
            FEATURES["bilirubin_uln"],
            "bilirubin_measured",
            "bilirubin_limit",
            (Unit(gettext_noop("µmol/L"), 1, (10, 40)), Unit(gettext_noop("mg/dL"), 17.1, (0.5, 2.5))),
        ),
        "ast_alt_uln": Conversion(
            FEATURES["ast_alt_uln"],
            "ast_alt_measured",
            "ast_alt_limit",
            (Unit(gettext_noop("U/L"), 1, (15, 100)), Unit(gettext_noop("µkat/L"), 60, (0.25, 1.5))),
        ),
    }
)
