"""What the models of boards share: they are written by `boards.actions` alone."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.guard import Guard, GuardedModel

from .choices import DECIDED_KINDS, NAMING, ChoiceKind

GUARD = Guard("boards", "it is written by boards.actions alone")


class BoardRow(GuardedModel):
    """A row that the actions of `boards.actions` alone write; raises DirectWriteError otherwise."""

    guard = GUARD

    class Meta(GuardedModel.Meta):
        abstract = True


def choice_field(**options: object) -> models.CharField:
    return models.CharField(max_length=30, choices=ChoiceKind, **options)


def person_field(**options: object) -> models.ForeignKey:
    """A person who did something; nobody with `null=True`."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", **options)


def option_field() -> models.CharField:
    """A regimen's slug, a trial's number or a feature's name, as the release of the item has it."""
    return models.CharField(max_length=80, blank=True)


def choice_constraints(
    model: str, prefix: str = "", kinds: Sequence[ChoiceKind] = DECIDED_KINDS
) -> list[models.CheckConstraint]:
    """A choice is of one of the kinds, names what its kind asks for, and nothing else."""
    kind, option = f"{prefix}kind", f"{prefix}option"
    return [
        models.CheckConstraint(
            condition=Q(**{f"{kind}__in": [each.value for each in kinds]}), name=f"{model}_{kind}_is_listed"
        ),
        models.CheckConstraint(
            condition=Q(**{f"{kind}__in": NAMING}) & ~Q(**{option: ""})
            | ~Q(**{f"{kind}__in": NAMING}) & Q(**{option: ""}),
            name=f"{model}_{prefix}option_fits_kind",
        ),
    ]
