"""What differs between two states of something, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.models import AgendaItem, CaseVersion
from boards.models.case import ALL, NEC_ONLY
from boards.shown.stored_ranking import knowledge_of
from regimens.rules.first_edition import FORMER, feature_called, of_today
from regimens.rules.ordering import PREFERENCES
from regimens.rules.patient import FEATURES
from regimens.wording.sentences import ACTIVE

# As the form of the patient says it.
EVIDENCE = {ALL: gettext_lazy("All, by how far it applies"), NEC_ONLY: gettext_lazy("NEC only")}


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
    then, now = _known(before.features), _known(after.features)
    return _beside(_differing(then, now), then, now, after)


def changed_version(before: CaseVersion, after: CaseVersion) -> tuple[ChangedField, ...]:
    """The same, and what else the ranking was asked for: by which preference, on which evidence."""
    fields = changed_features(before, after)
    if before.preference != after.preference:
        labels = [_(PREFERENCES[version.preference].label) for version in (before, after)]
        fields = (*fields, ChangedField(_("What matters more"), *labels))
    if before.evidence != after.evidence:
        labels = [str(EVIDENCE[version.evidence]) for version in (before, after)]
        fields = (*fields, ChangedField(_("Evidence that counts"), *labels))
    return fields


def merged_changes(
    seen: CaseVersion, latest: CaseVersion, features: Mapping[str, Any], written: Mapping[str, str]
) -> tuple[tuple[ChangedField, ...], tuple[ChangedField, ...]]:
    """What `latest` changed of the version `seen`: what a form that was merged with it took over, before and after; and
    what its writer had changed too, theirs and that of `latest`. `features` are those of the form, `written` its notes
    and wish.
    """
    then, now = _known(seen.features), _known(latest.features)
    changed = _differing(then, now)
    taken = [name for name in changed if features.get(name) == now.get(name)]
    contested = [name for name in changed if name not in taken]
    over = _beside(taken, then, now, latest)
    both = _beside(contested, features, now, latest)
    for name, title in (("notes", _("Notes for the board")), ("wish", _("The patient’s wish"))):
        before, after = getattr(seen, name), getattr(latest, name)
        if before != after and written[name] == after:
            over = (*over, ChangedField(title, told_again(before, is_in_force=False), after))
        elif before != after:
            both = (*both, ChangedField(title, written[name], after))
    return over, both


def told_again(text: str, *, is_in_force: bool) -> str:
    """What somebody wrote, where it is in force; of words that others took the place of only that they were there.

    Who takes a name back has to be sure that no list of changes shows it again.
    """
    return text if is_in_force or not text else _("other words, not shown again")


def feature_names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(_(FEATURES[name].label) for name in names)


def _known(features: Mapping[str, Any]) -> Mapping[str, Any]:
    """Stored features as today's form has them, with what it asks again beside them as it was entered."""
    mapped = of_today(features)
    return {**mapped.features, **dict.fromkeys(mapped.to_ask, True)}


def _differing(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [name for name in (*FORMER, *FEATURES) if then.get(name) != now.get(name)]


def _beside(
    names: Iterable[str], before: Mapping[str, Any], after: Mapping[str, Any], version: CaseVersion
) -> tuple[ChangedField, ...]:
    """Features in words; regimens and drugs by the names of a version's release."""
    names_there = knowledge_of(version.release_id).names
    return tuple(
        ChangedField(
            capfirst(_(feature_called(name).label)),
            _in_words(name, before.get(name), names_there),
            _in_words(name, after.get(name), names_there),
        )
        for name in names
    )


def _in_words(name: str, value: Any, names_there: Mapping[str, Any]) -> str:
    if value is None:
        return _("not asked any more") if name in FORMER else _("not entered")
    if isinstance(value, list):
        return ", ".join(names_there.get(slug, slug) for slug in value) or _("none")
    return feature_called(name).worded(value, ACTIVE)
