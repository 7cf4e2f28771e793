"""What is said on paper of data protection and of the purpose is what the code does."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import models

from regimens.rules.patient import FEATURES
from tests.databases import ROOT

# Apps whose rows are about patients, people who sign in, or what they did, whatever their columns.
OF_PEOPLE = {"boards", "accounts", "axes", "otp_totp", "interop", "sessions", "admin"}
# Columns that say who somebody is.
TELLING = {"username", "email", "ip_address", "address"}
# Expire times of lock-outs, which name a row of those and nobody.
NOBODY = {"axes_accessattemptexpiration"}


@cache
def text(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def is_of_people(model: type[models.Model]) -> bool:
    fields = model._meta.local_fields
    return (
        model is User
        or model._meta.app_label in OF_PEOPLE
        or any(field.related_model is User or field.name in TELLING for field in fields)
    )


def test_every_table_with_personal_data_is_named() -> None:
    """And no table that is not there."""
    there = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    of_people = {model._meta.db_table for model in there if is_of_people(model)} - NOBODY
    records = text("privacy.md").partition("## How long")[0]
    rows = [line.split("|")[-2] for line in records.splitlines() if line.startswith("|")]
    named = set(re.findall(r"`(\w+)`", " ".join(rows)))
    assert named - {model._meta.db_table for model in there} == set()
    assert of_people - named == set()


def test_periods_are_those_of_the_code() -> None:
    said = re.findall(r"`([\w.]+)` = (\d+)", text("privacy.md"))
    assert len(said) == 7
    for name, seconds in said:
        module, _, attribute = name.rpartition(".")
        period: Any = getattr(import_module(module) if module else settings, attribute)
        assert (period.total_seconds() if isinstance(period, timedelta) else period) == int(seconds), name


def test_all_that_goes_in_is_named() -> None:
    table = text("intended-purpose.md").partition("## What goes in")[2].partition("##")[0]
    assert sorted(re.findall(r"`(\w+)`", table)) == sorted(FEATURES)
