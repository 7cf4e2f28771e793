"""What the suite promises of itself: it depends on no day, and on no order."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation

from tests import clock
from tests.languages import left_as_found

IMPORTED_ON = timezone.localdate()


class TestLanguageAndTimeZone:
    @pytest.mark.django_db
    def test_are_undone(self, client: Client) -> None:
        with left_as_found():
            timezone.activate("Asia/Tokyo")
            client.get("/about/", headers={"accept-language": "de"})
            assert translation.get_language() == "de"
            assert timezone.get_current_timezone_name() == "Asia/Tokyo"
        assert translation.get_language() == settings.LANGUAGE_CODE
        assert timezone.get_current_timezone_name() == settings.TIME_ZONE

    def test_after_every_test(self, request: pytest.FixtureRequest) -> None:
        assert "language_and_time_zone" in request.fixturenames


class TestClock:
    def test_is_that_of_processes_which_a_test_starts(self) -> None:
        told = subprocess.run(
            [sys.executable, "-c", "import time; print(time.time())"], check=True, capture_output=True, text=True
        )
        assert abs(float(told.stdout) - time.time()) < 60

    def test_is_as_far_ahead_as_asked(self, tmp_path: Path) -> None:
        """What the system says of a file that is written now stays at the time as it is."""
        (tmp_path / "written").touch()
        days_ahead = (time.time() - (tmp_path / "written").stat().st_mtime) / clock.DAY
        assert clock.DAYS_AHEAD < days_ahead < clock.DAYS_AHEAD + 2

    @pytest.mark.parametrize("hour", ["00:00", "03:20", "07:00", "12:00", "23:59"])
    def test_no_day_ends_while_the_suite_runs(self, hour: str) -> None:
        """It is the morning of the next day, whenever it is started: half a day is left, in which it is long over."""
        started = datetime.fromisoformat(f"2026-11-30 {hour}:59Z").timestamp()
        first = datetime.fromtimestamp(started + clock.seconds_to_start(started), UTC)
        assert first == datetime(2026, 12, 1, 7, tzinfo=UTC)

    def test_it_is_still_the_day_on_which_this_was_imported(self) -> None:
        assert timezone.localdate() == IMPORTED_ON


def test_the_browser_comes_last_in_any_order(request: pytest.FixtureRequest) -> None:
    """Its driver keeps an event loop in the thread, which Django's database refuses."""
    in_browser = [Path(__file__).parent / "browser" in item.path.parents for item in request.session.items]
    assert in_browser == sorted(in_browser)
