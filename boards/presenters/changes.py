"""What differs between two states of something, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from boards.frozen import knowledge_of
from boards.models import AgendaItem, CaseVersion
from regimens.rules.patient import FEATURES
from regimens.wording import ACTIVE


@dataclass(frozen=True)
class ChangedField:
    """A field that differs, with what it was and what it is, both in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class NewerVersion:
    """A version of a case saved after the one that a meeting looks at, and what it says otherwise of the patient."""

    number: int
    changes: tuple[ChangedField, ...]


def newer_version(item: AgendaItem) -> NewerVersion | None:
    """The newest version of an item's case, fetched with it; None where the meeting looks at that one."""
    frozen, newest = item.version, item.case.current
    if frozen is None or newest is None or newest.pk == frozen.pk:
        return None
    return NewerVersion(newest.number, changed_features(frozen, newest))


def changed_features(before: CaseVersion, after: CaseVersion) -> tuple[ChangedField, ...]:
    """What is known of the patient otherwise than before; a feature that is unknown in one is said to be."""
    names = [name for name in FEATURES if before.features.get(name) != after.features.get(name)]
    return tuple(
        ChangedField(capfirst(_(FEATURES[name].label)), _feature_in(before, name), _feature_in(after, name))
        for name in names
    )


def changed_version(before: CaseVersion, after: CaseVersion) -> tuple[ChangedField, ...]:
    """The same, and the notes."""
    fields = changed_features(before, after)
    if before.notes == after.notes:
        return fields
    return (*fields, ChangedField(_("Notes for the board"), before.notes, after.notes))


def _feature_in(version: CaseVersion, name: str) -> str:
    value = version.features.get(name)
    if value is None:
        return _("not entered")
    if isinstance(value, list):
        names: Mapping[str, Any] = knowledge_of(version.release_id).names
        return ", ".join(names[slug] for slug in value) or _("none")
    return FEATURES[name].worded(value, ACTIVE)
