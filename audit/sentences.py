"""Events as people read them: what was done to what, with the page that shows it, and the details in words.

Each app registers the words of its own events (`event_words.py`); here stand only those that all share. Words are in
the reader's language, and in English where events are exported; what an event stores is shown as it is stored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import Event


@dataclass(frozen=True)
class Subject:
    """What an event was done to, where an app knows more of it than the event's own subject says.

    text     what it is called; None: as the event says
    page     the admin's page of it: a name for `reverse` and its argument; None where there is none
    phrase   said in place of the action's phrase; None: the action's
    """

    text: str | None = None
    page: tuple[str, int] | None = None
    phrase: Promise | None = None


# What an app knows of the subjects of some events, by the id of the event.
Subjects = Callable[[Sequence[Event]], Mapping[int, Subject]]

# What was done, after the name of who did it; {} is what it was done to.
_phrases: dict[str, Promise] = {
    "export": _("exported {}"),
    "export-events": _("exported the events as {}"),
    "seal-late": _("found {} events that were left without a hash, and sealed them"),
}
# What details are called; those of `None` say nothing to people that is not said already.
_labels: dict[str, Promise | None] = {
    "reason": _("Reason"),
    "comment": _("Comment"),
    "sha256": _("SHA-256"),
    "release": _("Release, SHA-256"),
    "added": _("Added"),
    "changed": _("Changed"),
    "also_changed": _("Changed as well"),
    "removed": _("Removed"),
    "rows": _("Rows"),
    "file": _("File"),
    "filters": _("Filters"),
    "os_user": _("Account of the operating system"),
    "command": _("Command"),
    "events": _("Events"),
}
# What the fields of a row are called within "Changed".
_fields: dict[str, Promise] = {}
_subjects: dict[str, Subjects] = {}


def register(
    app: str,
    phrases: Mapping[str, Promise],
    *,
    labels: Mapping[str, Promise | None] | None = None,
    fields: Mapping[str, Promise] | None = None,
    subjects: Subjects | None = None,
) -> None:
    """An app's words for its own events, once ready. Raises ValueError for an action that has a phrase already."""
    if twice := phrases.keys() & _phrases.keys():
        raise ValueError(f"{app}: {', '.join(sorted(twice))}: another app says what this action is called")
    _phrases.update(phrases)
    _labels.update(labels or {})
    _fields.update(fields or {})
    if subjects is not None:
        _subjects[app] = subjects


def known_actions() -> tuple[str, ...]:
    """Every action that has a phrase, app by app."""
    return tuple(_phrases)


@dataclass(frozen=True)
class Detail:
    label: str
    text: str

    def __str__(self) -> str:
        return f"{self.label}: {self.text}"


@dataclass(frozen=True)
class Told:
    """An event in words: `before`, `subject` and `after` make one phrase, such as "published release 2026-11".

    page   the admin's page of the subject: a name for `reverse` and its argument; None where there is none
    """

    before: str
    subject: str
    after: str
    page: tuple[str, int] | None
    details: tuple[Detail, ...]

    def __str__(self) -> str:
        return f"{self.before}{self.subject}{self.after}".strip()


def tell(events: Sequence[Event]) -> list[Told]:
    """Events in words, in their order; a few queries for what they name, however many they are."""
    known: dict[int, Subject] = {}
    for subjects in _subjects.values():
        known.update(subjects(events))
    return [_tell(event, known.get(event.pk, Subject())) for event in events]


def phrase_of(action: str) -> str:
    """What an action is called where it is chosen from a list."""
    return str(_phrases.get(action, action.replace("-", " "))).replace("{}", "…")


def details_of(details: Mapping[str, Any]) -> tuple[Detail, ...]:
    """The details in words; what is not known here is said as it is stored."""
    found = []
    for key, value in details.items():
        label = _labels.get(key, key.replace("_", " ").capitalize())
        text = _in_words(key, value)
        if label and text:
            found.append(Detail(str(label), text))
    return tuple(found)


def number_in(event: Event, key: str) -> int | None:
    """A whole number among an event's details, such as the id of a row."""
    value = event.details.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _tell(event: Event, subject: Subject) -> Told:
    phrase = str(subject.phrase or _phrases.get(event.action, f"{event.action.replace('-', ' ')} {{}}"))
    before, has_subject, after = phrase.partition("{}")
    if not has_subject:
        return Told(phrase, "", "", None, details_of(event.details))
    text = event.subject if subject.text is None else subject.text
    return Told(before, text or gettext("nobody"), after, subject.page, details_of(event.details))


def _in_words(key: str, value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if key == "changed" and isinstance(value, Mapping) and all(_is_pair(pair) for pair in value.values()):
        nothing = gettext("nothing")
        return "; ".join(
            f"{_fields.get(name, name)}: {_in_words('', then) or nothing} → {_in_words('', now) or nothing}"
            for name, (then, now) in value.items()
        )
    if key == "also_changed":
        return ", ".join(str(_fields.get(name, name)) for name in value)
    if key in ("added", "changed", "retired", "entries") and isinstance(value, Mapping):
        return "; ".join(f"{len(keys)} {name}{_listed(keys)}" for name, keys in value.items() if keys)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_in_words('', part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _listed(keys: Any) -> str:
    return f" ({', '.join(keys)})" if len(keys) <= 5 else ""


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and not any(isinstance(one, list | dict) for one in value)


def as_stored(details: Mapping[str, Any]) -> str:
    return json.dumps(details, ensure_ascii=False, sort_keys=True)
