"""What the first edition of the method knew of a patient, and what of it is known of today's.

Rankings of that edition are shown as they were stored (`record`), and none is made any more: this module ranks nothing.
A patient stored then is mapped when it is read into today's form or ranking; what is stored stays as it is.
Names, texts and sources come from the releases of then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from .evidence import MEDIANS, RATES
from .knowledge import RANKED_BY, Knowledge, ReleaseIdentity
from .patient import FEATURES, Feature
from .wording import N_

FIRST_EDITION = 1

# What makes a ranking of the first edition again, to the last bit.
MADE_AGAIN_WITH = RANKED_BY[FIRST_EDITION]

# The features that there are no more, each with those of today that say apart what it said together. It was true where
# one of them is, and false where all are.
FORMER = MappingProxyType(
    {
        "bleeding_or_thrombosis": Feature(
            "bleeding_or_thrombosis",
            "flag",
            N_("bleeding or recent thrombosis"),
            absent=N_("no bleeding or recent thrombosis"),
        )
    }
)
PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"bleeding_or_thrombosis": ("bleeding_active", "arterial_thrombosis", "venous_thrombosis")}
)

# What “all others absent” was said of, in the order of its form: whoever ticked it was asked of nothing else.
ASKED_TOGETHER = (
    "autoimmune_active",
    "transplant",
    "immunodeficiency",
    "long_term_steroids",
    "bleeding_or_thrombosis",
    "hypertension_uncontrolled",
    "recent_or_planned_surgery",
    "bowel_obstruction",
    "bowel_perforation_or_fistula",
    "brain_metastases_untreated",
    "ild",
    "hepatitis_b",
    "severe_hepatic_impairment",
    "marrow_reserve_low",
    "hearing_impairment",
    "charcot_marie_tooth",
    "retinal_disease",
    "platinum_allergy",
    "drug_hypersensitivity",
    "warfarin",
    "cyp3a4_interaction",
    "ras_mutation",
)


@dataclass(frozen=True)
class Mapped:
    """A patient of the first edition as today's features have it.

    features   what is known; a feature that was not asked for then is absent, so unknown
    to_ask     the former features that leave today's unknown, each with these: to be asked
    """

    features: Mapping[str, Any]
    to_ask: Mapping[str, tuple[str, ...]]


def of_today(features: Mapping[str, Any]) -> Mapped:
    """Map the features of a patient, as stored; a patient of today stays the same.

    A feature that was false then is false in each of its parts. One that was true says of none of them which it was.
    """
    known = {name: value for name, value in features.items() if name not in PARTS}
    to_ask = {}
    for former, parts in PARTS.items():
        if features.get(former) is False:
            known |= dict.fromkeys(parts, False)
        elif features.get(former) is True:
            to_ask[former] = parts
    in_order = {name: known[name] for name in FEATURES if name in known}
    return Mapped(MappingProxyType({**in_order, **known}), MappingProxyType(to_ask))


def absent_of_today(ticked: frozenset[str] | set[str]) -> tuple[str, ...]:
    """Today's features that are known to be absent where “all others absent” was ticked beside these of the list.

    A condition that the list did not name then stays unknown.
    """
    said = {name: name in ticked for name in ASKED_TOGETHER}
    return tuple(name for name, value in of_today(said).features.items() if value is False)


def feature_called(name: str) -> Feature:
    """A feature of today, or one that only the first edition asked for."""
    return FORMER.get(name) or FEATURES[name]


def to_read(document: Mapping[str, Any], *, release: ReleaseIdentity) -> Knowledge:
    """A release of the first edition, to read from: `document` is its own in the shapes of today.

    Its benchmark says what was typical then, for the drawings; nothing can be ranked with it.
    """
    held = document["constants"]["benchmark"]
    constants: dict[str, Any] = {
        outcome: {"p0": held[outcome]["p0"], "S": held[outcome]["strength"]} for outcome in RATES
    }
    constants |= {outcome: dict.fromkeys(_OF_MEDIANS, 0.0) | {"m0": held[outcome]["m0"]} for outcome in MEDIANS}
    return replace(
        Knowledge.from_document({**document, "constants": constants}, release=release),
        document=document,
        edition=FIRST_EDITION,
    )


# The constants of a median; the first edition had no slope by the response rate, nor its errors.
_OF_MEDIANS = ("m0", "b", "s_squared", "tau_squared", "V_m", "V_b", "V_mb")
