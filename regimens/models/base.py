"""What the models of the evidence base share: values that are checked on every save, and their constraints.

A rule stands twice: as a validator, which names the field in words, and as a constraint that holds in the database
whatever writes to it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Abs
from django.utils.translation import gettext_lazy as _

from audit.guard import GuardedModel
from regimens.rules.logic import CriterionError, check_criterion
from regimens.rules.readings import FIGURES, kind_of

from .choices import READABLE, ReadingKind, Region, Site
from .cohort_figures import HIGHEST, RANGES, is_allowed, range_of

NEVER = "never"

# A reported point may lie outside of its interval by rounding, in percent or months.
ROUNDING = 0.5

key_validator = RegexValidator(
    r"\A[A-Za-z0-9]+(-[A-Za-z0-9]+)*\Z", "letters and digits, in groups joined by single hyphens"
)


class CheckedModel(GuardedModel):
    """A row of the projection: what the accepted entries say, to list, search and edit on; no release is built from it.

    It is checked whenever it is saved. Raises ValidationError; uniqueness is the database's to refuse. Raises
    DirectWriteError outside of `curation.actions`.
    """

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.full_clean(validate_unique=False, validate_constraints=False)
        super().save(*args, **kwargs)


def validate_finite(value: float) -> None:
    if not math.isfinite(value):
        raise ValidationError("a finite number", code="finite")


validate_address = URLValidator(["http", "https"], message="an http or https address")


def validate_host(value: str) -> None:
    """The address of a source says whose page it is."""
    try:
        host = urlsplit(value).hostname or ""
    except ValueError:  # which is no address at all
        return
    if ":" in host or host.replace(".", "").isdigit():
        raise ValidationError("an address with a host name, not a bare IP address")


def validate_criterion(value: Any) -> None:
    """A criterion of METHOD section 2 on the features of section 1."""
    try:
        check_criterion(value)
    except CriterionError as error:
        raise ValidationError(str(error)) from error


def validate_where(value: Any) -> None:
    """Which patients a cohort stands for: a criterion, or "never"."""
    if value != NEVER:
        validate_criterion(value)


def validate_readings(value: Any) -> None:
    """Figures as they were read, each of a name and a value that a cohort may have."""
    for reading in value:
        for name, allowed in (("kind", ReadingKind.values), ("how", READABLE)):
            if reading[name] not in allowed:
                raise ValidationError(f"{name} {reading[name]}: one of {', '.join(allowed)}")
        try:
            date.fromisoformat(reading["on"])
        except ValueError as error:
            raise ValidationError(f"on {reading['on']}: a day, such as 2026-11-02") from error
        if not reading["figures"]:
            raise ValidationError("figures: one at least")
        for name, figure in reading["figures"].items():
            if kind_of(name) is None:
                raise ValidationError(f"{name}: one of {', '.join(FIGURES)} or a rate such as os-12")
            if figure is not None and not is_allowed(name, figure):
                raise ValidationError(f"{name} {figure:g}: {range_of(name)}")


def validate_labels(value: Any) -> None:
    """Official label pages: for each a region or country, and its address."""
    for label in value:
        if set(label) != {"region", "url"}:
            raise ValidationError("for each label its region and its url")
        if not re.fullmatch(r"[A-Z]{2}", label["region"]):
            raise ValidationError(f"region {label['region']}: two letters, such as US or EU")
        _validate_page(label["url"])


def validate_class_sources(value: Any) -> None:
    """On what the rule of an exposure class rests: for each the page, what it found, and in whom."""
    for source in value:
        if set(source) != {"url", "finding", "population"} or not source["finding"].strip():
            raise ValidationError("for each source its url, finding and population")
        _validate_page(source["url"])


def _validate_page(address: str) -> None:
    validate_address(address)
    validate_host(address)


def validate_text_list(value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(entry, str) and entry.strip() for entry in value):
        raise ValidationError("a list of texts")


def validate_sites(value: Any) -> None:
    _validate_members(value, Site.values)


def validate_regions(value: Any) -> None:
    _validate_members(value, Region.values)


def _validate_members(value: Any, allowed: Iterable[str]) -> None:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise ValidationError(f"a list of {', '.join(allowed)}")
    if odd := sorted(set(value) - set(allowed)):
        raise ValidationError(f"{', '.join(odd)}: each one of {', '.join(allowed)}")
    if len(set(value)) < len(value):
        raise ValidationError("each at most once")


class PercentField(models.FloatField):
    """Percent, 0 to 100; null when it is not given."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"null": True, "blank": True} | kwargs)

    default_validators = [
        validate_finite,
        MinValueValidator(0, RANGES["percent"]),
        MaxValueValidator(HIGHEST["percent"], RANGES["percent"]),
    ]


class MonthsField(models.FloatField):
    """Months, 0 to 200; null when it is not given or not reached."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"null": True, "blank": True} | kwargs)

    default_validators = [
        validate_finite,
        MinValueValidator(0, RANGES["months"]),
        MaxValueValidator(HIGHEST["months"], RANGES["months"]),
    ]


class SourceField(models.CharField):
    """The address of a page; empty when there is none."""

    default_validators = [validate_address]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"max_length": 500, "blank": True} | kwargs)


class CanonicalField(SourceField):
    """The address that readers are shown: of the original, no proxy and no mirror."""

    def __init__(self, verbose_name: str = "address", **kwargs: Any):
        kwargs = {"validators": [validate_host], "help_text": _("Shown to readers.")} | kwargs
        super().__init__(verbose_name, **kwargs)


class ReadOnField(SourceField):
    """The page that was read, where it is not the address shown."""

    default_validators = [validate_address, validate_host]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"help_text": _("The page that was read; empty when it is the address.")} | kwargs)


def is_among(field: str, choices: type[models.TextChoices] | type[models.IntegerChoices], *, empty: bool = False) -> Q:
    """The values of an enumeration; where `empty`, nothing as well."""
    values = [*choices.values, ""] if empty else choices.values
    return Q(**{f"{field}__in": values})


def choice_constraint(
    model: str, field: str, choices: type[models.TextChoices], *, empty: bool = False
) -> models.CheckConstraint:
    return models.CheckConstraint(condition=is_among(field, choices, empty=empty), name=f"{model}_{field}_is_listed")


def range_constraint(model: str, field: str, low: float, high: float | None) -> models.CheckConstraint:
    within = Q(**{f"{field}__gte": low})
    if high is not None:
        within &= Q(**{f"{field}__lte": high})
    return models.CheckConstraint(condition=Q(**{f"{field}__isnull": True}) | within, name=f"{model}_{field}_in_range")


def interval_constraints(model: str, field: str, *, rounding: float = ROUNDING) -> list[models.CheckConstraint]:
    """The interval `field_low` to `field_high` is in order, and around its point."""
    low, high = f"{field}_low", f"{field}_high"
    return [
        models.CheckConstraint(
            condition=_missing(low, high) | Q(**{f"{low}__lte": F(high)}), name=f"{model}_{field}_interval_in_order"
        ),
        models.CheckConstraint(
            condition=_missing(field, low) | Q(**{f"{field}__gte": F(low) - rounding}),
            name=f"{model}_{field}_not_below_interval",
        ),
        models.CheckConstraint(
            condition=_missing(field, high) | Q(**{f"{field}__lte": F(high) + rounding}),
            name=f"{model}_{field}_not_above_interval",
        ),
    ]


def check_interval(row: Any, field: str, *, rounding: float = ROUNDING) -> dict[str, str]:
    """The same in words, by field."""
    point, low, high = (getattr(row, name) for name in (field, f"{field}_low", f"{field}_high"))
    if low is not None and high is not None and low > high:
        return {f"{field}_low": f"not above the upper bound, {high:g}"}
    if point is not None and low is not None and point < low - rounding:
        return {field: f"not below its interval, {low:g} to {high if high is None else format(high, 'g')}"}
    if point is not None and high is not None and point > high + rounding:
        return {field: f"not above its interval, {low if low is None else format(low, 'g')} to {high:g}"}
    return {}


def response_rate_constraints(model: str, tolerance: float) -> list[models.CheckConstraint]:
    """Responders are among the evaluable, and the response rate is theirs."""
    both = _missing("responders", "evaluable")
    return [
        models.CheckConstraint(
            condition=both | Q(responders__lte=F("evaluable")), name=f"{model}_responders_among_evaluable"
        ),
        models.CheckConstraint(
            condition=both
            | Q(objective_response_rate__isnull=True)
            | Q(
                evaluable__gte=Abs(F("responders") * 100.0 - F("objective_response_rate") * F("evaluable")) / tolerance
            ),
            name=f"{model}_response_rate_is_responders_of_evaluable",
        ),
    ]


def _missing(*fields: str) -> Q:
    found = Q()
    for field in fields:
        found |= Q(**{f"{field}__isnull": True})
    return found
