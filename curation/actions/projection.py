"""The accepted entries as rows."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction

from audit.guard import ROWS
from curation.accepted import accepted
from regimens.knowledge import document
from regimens.knowledge.document import ENTRIES
from regimens.knowledge.rows import write


def content_of(kind: str, key: str) -> dict[str, Any] | None:
    """An entry as its rows say it now, in the shape of its file; None where there is no such row."""
    return document.entry(kind, key)


def project(kind: str, key: str, content: dict[str, Any] | None) -> None:
    """Write one entry's rows, or delete them. Where rows hinder that were changed past the guard, all are put right."""
    try:
        with transaction.atomic(), ROWS.open():
            _put(kind, key, content)
    except (ObjectDoesNotExist, IntegrityError):
        refresh()


def refresh() -> dict[str, list[str]]:
    """Make all rows say what the accepted entries say; what had to be written or deleted, by list."""
    evidence = accepted()
    touched: dict[str, list[str]] = {}
    with transaction.atomic(), ROWS.open():
        present = {name: document.entries(name) for name in ENTRIES}
        for name in ENTRIES:
            touched[name] = sorted(key for key, values in evidence[name].items() if values != present[name].get(key))
            write(name, [evidence[name][key] for key in touched[name]])
        for name in reversed(ENTRIES):
            gone = sorted(present[name].keys() - evidence[name].keys())
            touched[name] += gone
            for key in gone:
                _put(name, key, None)
    return touched


def _put(kind: str, key: str, content: dict[str, Any] | None) -> None:
    if content is not None:
        write(kind, [content])
        return
    model = _model(kind)
    model._default_manager.filter(**{ENTRIES[kind][2]: key}).delete()


def _model(kind: str) -> Any:
    return ENTRIES[kind][0]().model
