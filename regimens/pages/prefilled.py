"""The patient form filled in from features: what a record says, or a worked patient, as a clinician would enter it.

The other way round from `patient_form`. What the form cannot say apart is left out, and so stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from display import decimals
from regimens.rules.patient import CONDITIONS, FEATURES, RECEIVED, TREATMENTS

from .form_layout import FLAGS, LISTED, SINGLE
from .received import PLATINUM_GIVEN, PLATINUM_NOT_GIVEN

Entered = dict[str, str | list[str]]


def entered(features: Mapping[str, Any]) -> Entered:
    """The fields of the form, by name; numbers have the decimal point, as `decimal_mark` says."""
    fields: Entered = {"decimal_mark": decimals.POINT}
    fields |= {name: f"{features[name]}" for name in SINGLE if name in features and FEATURES[name].kind != "flag"}
    fields |= {name: word for name in SINGLE for word, value in FLAGS.items() if features.get(name) is value}
    if "platinum_received" in features:
        fields["first_line_platinum"] = PLATINUM_GIVEN if features["platinum_received"] else PLATINUM_NOT_GIVEN
    fields |= _treatments(features)
    fields["conditions"] = [name for name in CONDITIONS if features.get(name) is True]
    fields["absent"] = [name for name in CONDITIONS if features.get(name) is False]
    return {name: value for name, value in fields.items() if value}


def _treatments(features: Mapping[str, Any]) -> Entered:
    """What was received, and on what the disease progressed.

    The form answers the second column as a whole: where it is known of the regimens and not of the drugs beside them,
    or the other way round, it is left unanswered.
    """
    fields: Entered = {}
    received = [name for name, _ in RECEIVED if features.get(name)]
    is_answered = all(failed in features for name, failed in RECEIVED if name in received)
    for field, feature in zip(LISTED, TREATMENTS, strict=True):
        is_failed = feature in dict(RECEIVED).values()
        if features.get(feature) and (is_answered or not is_failed):
            fields[field] = sorted(features[feature])
    is_none = is_answered and not any(features.get(failed) for _, failed in RECEIVED)
    if received and is_none and any(failed in features for _, failed in RECEIVED):
        fields["none_progressed"] = "on"
    if not received and any(name in features for name, _ in RECEIVED):
        fields["none_received"] = "on"
    return fields
