"""What the models of boards share: they are written by `boards.actions` alone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit.guard import Guard, GuardedModel
from regimens.models.base import choice_constraint

from .choices import NAMING, ChoiceKind

GUARD = Guard("boards", "it is written by boards.actions alone")


class BoardRow(GuardedModel):
    """A row that the actions of `boards.actions` alone write; raises DirectWriteError otherwise."""

    guard = GUARD

    class Meta(GuardedModel.Meta):
        abstract = True


def choice_field(**options: object) -> models.CharField:
    return models.CharField(max_length=30, choices=ChoiceKind, **options)


def option_field() -> models.CharField:
    """A regimen's slug, a trial's number or a feature's name, as the release of the item has it."""
    return models.CharField(max_length=80, blank=True)


def choice_constraints(model: str, prefix: str = "") -> list[models.CheckConstraint]:
    """A choice names what its kind asks for, and nothing else."""
    kind, option = f"{prefix}kind", f"{prefix}option"
    return [
        choice_constraint(model, kind, ChoiceKind),
        models.CheckConstraint(
            condition=Q(**{f"{kind}__in": NAMING}) & ~Q(**{option: ""})
            | ~Q(**{f"{kind}__in": NAMING}) & Q(**{option: ""}),
            name=f"{model}_{prefix}option_fits_kind",
        ),
    ]
