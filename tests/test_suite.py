"""What the suite promises of itself: it depends on no day, and on no order."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation

from tests.languages import left_as_found


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
