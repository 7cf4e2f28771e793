"""What is said on paper of data protection and of the purpose is what the code does."""

from __future__ import annotations

import re
from collections import Counter
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


def test_limits_are_those_of_the_code() -> None:
    said = re.findall(r"`([\w.]+)` = (\d+)", text("limits.md"))
    assert len(said) == 21
    for name, number in said:
        module, _, attribute = name.rpartition(".")
        assert getattr(import_module(module) if module else settings, attribute) == int(number), name


def test_all_that_goes_in_is_named() -> None:
    table = text("intended-purpose.md").partition("## What goes in")[2].partition("##")[0]
    assert sorted(re.findall(r"`(\w+)`", table)) == sorted(FEATURES)


# How many requirements of levels 1 and 2 each section of ASVS 5.0 has; within a section they are numbered from 1.
ASVS = (
    "1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 "
    "5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 "
    "8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 "
    "11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 "
    "16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2"
)


def test_no_requirement_is_forgotten() -> None:
    """Each has one of four words and a reason, and the sum is theirs."""
    asked = [
        f"{section}.{number}"
        for section, _, count in (part.partition(":") for part in ASVS.split())
        for number in range(1, int(count) + 1)
    ]
    rows = re.findall(r"^\| (\d+\.\d+\.\d+) \| (met|part|not|n/a) \| (.+) \|$", text("asvs.md"), re.MULTILINE)
    assert [number for number, _, _ in rows] == asked
    words = Counter(word for _, word, _ in rows)
    summed = f"{words['met']} met, {words['part']} in part, {words['not']} not, {words['n/a']} not applicable"
    assert f"**Sum**: {summed}, of {len(rows)}." in text("asvs.md")
