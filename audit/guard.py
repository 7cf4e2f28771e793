"""What keeps code from writing past the named actions: outside of one, saves and queries of guarded rows are refused.

The two-person rule itself does not rest on this: a release is built from accepted entries alone, and triggers guard
those. The guard says at once, in words, what a write that would come to nothing should have been.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models


class DirectWriteError(RuntimeError):
    """A write past the actions of `curation.actions`; nothing was written."""


class Guard:
    """Refuses writes but inside `with guard.open()`; each thread and task opens it for itself."""

    def __init__(self, name: str, why: str):
        self._why = why
        self._is_open = ContextVar(name, default=False)

    @contextmanager
    def open(self) -> Iterator[None]:
        token = self._is_open.set(True)
        try:
            yield
        finally:
            self._is_open.reset(token)

    def check(self, model: type[models.Model]) -> None:
        """Raises DirectWriteError."""
        if not self._is_open.get():
            raise DirectWriteError(f"{model._meta.verbose_name}: {self._why}")


ROWS = Guard("rows", "a change is a proposal: use curation.actions.propose, which another person accepts")
RECORDS = Guard("records", "it is written by the actions of curation.actions alone")


class GuardedQuerySet(models.QuerySet):
    """Refuses what writes without calling a row's `save` or `delete`."""

    def update(self, **kwargs: Any) -> int:
        self.model.guard.check(self.model)
        return super().update(**kwargs)

    def bulk_create(self, *args: Any, **kwargs: Any) -> Any:
        self.model.guard.check(self.model)
        return super().bulk_create(*args, **kwargs)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        self.model.guard.check(self.model)
        return super().bulk_update(*args, **kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self.model.guard.check(self.model)
        return super().delete()

    def _raw_delete(self, using: str | None) -> int:
        self.model.guard.check(self.model)
        return super()._raw_delete(using)

    update.alters_data = True  # type: ignore[attr-defined]
    delete.alters_data = delete.queryset_only = True  # type: ignore[attr-defined]


class GuardedModel(models.Model):
    """A row that is written while its guard is open."""

    guard = ROWS
    objects = GuardedQuerySet.as_manager()

    class Meta:
        abstract = True
        # Related managers update through the base manager; models that inherit find its name here.
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.guard.check(type(self))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.guard.check(type(self))
        return super().delete(*args, **kwargs)


def check_many_to_many(sender: type[models.Model], instance: Any, action: str, **kwargs: Any) -> None:
    """Refuses what related managers add to, remove from and clear on many-to-many relations of guarded rows."""
    if action.startswith("pre_") and isinstance(instance, GuardedModel):
        instance.guard.check(type(instance))
