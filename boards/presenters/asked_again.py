"""What a patient stored under the method's first edition leaves open that is asked of one today, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from regimens.rules.first_edition import FORMER, of_today
from regimens.rules.patient import FEATURES


@dataclass(frozen=True)
class AskedAgain:
    """A feature that was entered then, and those of today of which it does not say which it was."""

    then: str
    today: tuple[str, ...]

    @property
    def listed(self) -> str:
        return ", ".join(self.today)


def asked_again(features: Mapping[str, Any]) -> tuple[AskedAgain, ...]:
    """Of a patient's features as stored; nothing for one that says all that it said."""
    return tuple(
        AskedAgain(capfirst(_(FORMER[former].label)), tuple(_(FEATURES[name].label) for name in parts))
        for former, parts in of_today(features).to_ask.items()
    )
