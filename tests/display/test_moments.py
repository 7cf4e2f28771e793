"""A time that somebody reads names its time zone, on whatever page or paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.utils import translation

from display.moments import moment_words

MOMENT = datetime(2026, 12, 3, 17, 30, tzinfo=UTC)
# How a template writes a time: of Django's formats those that hold one, and letters for hours.
WRITTEN = re.compile(r"""\|(date|time)(?::"([^"]*)")?""")
NAMED_BESIDE = {"templates/accounts/account.html"}  # "(UTC)" once, behind two times


@pytest.mark.parametrize(
    ("language", "zone_name", "words"),
    [
        ("en-gb", "", "3 Dec 2026, 5:30 p.m. (UTC)"),
        ("en-gb", "Europe/Berlin", "3 Dec 2026, 6:30 p.m. (Europe/Berlin)"),
        ("de", "Asia/Tokyo", "4. Dezember 2026 02:30 (Asia/Tokyo)"),
    ],
)
def test_a_moment_is_said_where_the_reader_is(language: str, zone_name: str, words: str) -> None:
    with translation.override(language):
        assert moment_words(MOMENT, zone_name) == words


def times() -> Iterator[tuple[str, str]]:
    """Each time in a template, with how it is written."""
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.html")):
        name = str(path.relative_to(settings.BASE_DIR))
        for kind, written in WRITTEN.findall(path.read_text(encoding="utf-8")):
            if kind == "time" or "TIME" in written or re.search("[HhGgPf]", written.replace("_FORMAT", "")):
                yield name, written


def test_templates_name_the_zone_beside_each_time() -> None:
    found = list(times())
    assert found
    assert [each for each in found if not each[1].endswith(" T") and each[0] not in NAMED_BESIDE] == []
    for name in NAMED_BESIDE:
        assert "(UTC)" in (settings.BASE_DIR / name).read_text(encoding="utf-8")


def test_only_one_function_writes_a_moment() -> None:
    """Others would forget the zone."""
    rooms = [path for path in settings.BASE_DIR.iterdir() if (path / "__init__.py").exists() and path.name != "tests"]
    writing = [path for room in rooms for path in room.rglob("*.py") if "DATETIME_FORMAT" in path.read_text("utf-8")]
    assert writing == [settings.BASE_DIR / "display/moments.py"]
