"""What was read from a record as a table to confirm, field by field; and what was confirmed as fields of the page `/`.

A row that is ticked is taken; conflicts and what is undecided are questions, unticked and empty. Nothing is stored.
Source: INTEROP, section 6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from display import decimals
from interop.reading import Ignored, Reading, Statement
from interop.reading.dates import span
from regimens.pages.form_layout import FLAGS
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import FEATURES, RECEIVED, Feature
from regimens.wording.sentences import ACTIVE

from .words import WHY

LABORATORY = frozenset(
    {"bilirubin_uln", "ast_alt_uln", "creatinine_clearance", "anc", "platelets", "proteinuria", "lvef", "qtcf"}
)
OLD_AFTER = timedelta(days=30)  # of a laboratory value
RECEIVED_OF = {failed: received for received, failed in RECEIVED}
# What the record says of a treatment where it does not say it of all.
DECIDED = {
    True: gettext_lazy("progressed"),
    False: gettext_lazy("did not progress"),
    None: gettext_lazy("to be answered"),
}
AT_FIRST = 3  # places shown beside a value
# A feature that no record gives is asked on the page `/` itself.
NEVER_READ = frozenset({"region"})


@dataclass(frozen=True)
class Place:
    """Where something is said: a resource, an element of it, and its date."""

    resource: str
    element: str
    date: str


@dataclass(frozen=True)
class Said:
    """Something that the record says of a field, and where; `why` it is not taken, "" where it is."""

    value: str
    why: str
    places: tuple[Place, ...]

    @property
    def first(self) -> tuple[Place, ...]:
        return self.places[:AT_FIRST]

    @property
    def more(self) -> tuple[Place, ...]:
        """The rest, folded away: a line of therapy rests on each of its doses."""
        return self.places[AT_FIRST:]


@dataclass(frozen=True)
class Choice:
    """One of several values of a field, or one treatment of a list; `note` what the record decides of it."""

    value: str
    label: str
    is_chosen: bool
    note: str = ""


@dataclass(frozen=True)
class Row:
    """One field to confirm.

    kind     number, choice or set: how it is corrected
    written  a number as it stands in the field
    reason   why it is unknown, "" where a value was read
    is_old   whether a laboratory value is older than 30 days
    """

    name: str
    label: str
    kind: str
    unit: str
    written: str
    choices: tuple[Choice, ...]
    is_ticked: bool
    reason: str
    said: tuple[Said, ...]
    is_old: bool


@dataclass(frozen=True)
class RecordTable:
    """The rows, what stays unknown because nothing was said, and resources that could not be read."""

    rows: tuple[Row, ...]
    unknown: tuple[str, ...]
    malformed: tuple[Ignored, ...]
    resources: int
    decimal_mark: str


def table(reading: Reading, knowledge: Knowledge, today: date) -> RecordTable:
    shown = [name for name in FEATURES if name in reading.statements]
    return RecordTable(
        rows=tuple(_row(FEATURES[name], reading, knowledge, today) for name in shown),
        unknown=tuple(_label(each) for name, each in FEATURES.items() if name not in shown and name not in NEVER_READ),
        malformed=tuple(each for each in reading.ignored if each.why == "malformed"),
        resources=reading.resources,
        decimal_mark=decimals.mark_in_use(),
    )


def confirmed(sent: Mapping[str, Any], lists: Any) -> dict[str, Any]:
    """The features of the rows that were ticked, as they were corrected; numbers as they were typed.

    `sent` gives the one value of a name and `lists` all of them, as a QueryDict does.
    """
    found: dict[str, Any] = {}
    for name in lists("take"):
        feature = FEATURES.get(name)
        if feature is None:
            continue
        if feature.kind == "set":
            found[name] = lists(name)
        elif value := sent.get(name, "").strip():
            found[name] = FLAGS.get(value) if feature.kind == "flag" else value
    return {name: value for name, value in found.items() if value is not None}


def _row(feature: Feature, reading: Reading, knowledge: Knowledge, today: date) -> Row:
    name = feature.name
    value = reading.features.get(name)
    said = tuple(_said(feature, reading, knowledge))
    because = reading.unknown_because.get(name, "")
    newest = [found for each in reading.provenance.get(name, ()) if (found := span(each.date))]
    is_old = name in LABORATORY and bool(newest) and max(each.last_day for each in newest) < today - OLD_AFTER
    return Row(
        name=name,
        label=_label(feature),
        kind="number" if feature.is_numeric else "set" if feature.kind == "set" else "choice",
        unit=ACTIVE.text(feature.unit) if feature.unit else "",
        written=_number(value) if feature.is_numeric and value is not None else "",
        choices=tuple(_choices(feature, value, reading, knowledge)),
        is_ticked=value is not None,
        reason="" if value is not None else str(WHY[because]) if because else _("nothing that counts"),
        said=said,
        is_old=is_old,
    )


def _choices(feature: Feature, value: Any, reading: Reading, knowledge: Knowledge) -> Iterator[Choice]:
    if feature.kind == "set":
        received = reading.features.get(RECEIVED_OF.get(feature.name, feature.name), [])
        names = knowledge.drugs if feature.holds == "drugs" else knowledge.regimens
        decided = {slug: each for statement in reading.statements[feature.name] for slug, each in statement.decided}
        for slug in sorted({*received, *(value or ()), *decided}):
            note = str(DECIDED[decided[slug]]) if slug in decided else ""
            yield Choice(slug, names[slug].name, slug in (value or ()) or decided.get(slug) is True, note)
    elif not feature.is_numeric:
        words = FLAGS if feature.kind == "flag" else feature.values
        yield Choice("", _("unknown"), value is None)
        for word in words:
            meant = FLAGS[word] if feature.kind == "flag" else word
            yield Choice(word, capfirst(feature.worded(meant, ACTIVE)), value is not None and meant == value)


def _said(feature: Feature, reading: Reading, knowledge: Knowledge) -> Iterator[Said]:
    """What the value rests on first; then what else was said, with why it is not taken."""
    basis = {(each.resource, each.element) for each in reading.provenance.get(feature.name, ())}
    is_conflict = feature.name in reading.conflicts
    found: dict[tuple[bool, str, str], list[Place]] = {}
    for statement in reading.statements[feature.name]:
        for source in statement.sources:
            is_basis = (source.resource, source.element) in basis and statement.value is not None
            why = "" if is_basis and not is_conflict else _why(statement, reading, source.resource)
            key = (not is_basis, _value(feature, statement, knowledge), str(WHY[why]) if why else "")
            found.setdefault(key, []).append(Place(source.resource, source.element, _day(source.date)))
    for key, places in sorted(found.items(), key=lambda each: each[0][0]):
        _is_left, value, reason = key
        yield Said(value, reason, tuple(dict.fromkeys(places)))


def _why(statement: Statement, reading: Reading, resource: str) -> str:
    """Why a statement is not taken."""
    if statement.why:
        return statement.why
    found = {each.why for each in reading.ignored if each.resource == resource and statement.feature in each.features}
    if found:
        return min(found)
    return "conflict" if statement.feature in reading.conflicts else ""


def _value(feature: Feature, statement: Statement, knowledge: Knowledge) -> str:
    if statement.value is None:
        return statement.shown
    if feature.kind == "set":
        held = knowledge.drugs if feature.holds == "drugs" else knowledge.regimens
        return ", ".join(held[slug].name for slug in sorted(statement.value) if slug in held) or _("none")
    return feature.worded(statement.value, ACTIVE)


def _label(feature: Feature) -> str:
    return capfirst(ACTIVE.text(feature.label))


def _number(value: float) -> str:
    """As the field of the page takes it, in its language."""
    return f"{value}".replace(decimals.POINT, decimals.mark_in_use())


def _day(written: str | None) -> str:
    """A date as it stands, without its time of day."""
    return (written or "").partition("T")[0]
