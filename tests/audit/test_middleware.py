"""The address of a request, as an event keeps it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from audit import events as audit_events
from audit.middleware import RequestAddress
from audit.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


class TestAddress:
    @pytest.mark.parametrize(
        ("forwarded", "kept"),
        [
            ("198.51.100.1, 192.0.2.9", "192.0.2.9"),
            ("192.0.2.9:51234", "192.0.2.9"),
            ("[2001:db8::7]:51234", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("::ffff:192.0.2.9", "192.0.2.9"),
            ("fe80::1%eth0", "fe80::1"),
            ("192.0.2.9, ", None),
            ("unknown", None),
            ("'; DROP TABLE", None),
        ],
    )
    def test_behind_a_proxy_it_is_what_the_proxy_wrote_last(
        self, rf: RequestFactory, settings: Any, forwarded: str, kept: str | None
    ) -> None:
        settings.BEHIND_PROXY = True
        request = rf.get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
        RequestAddress(lambda request: audit_events.record("try"))(request)
        assert Event.objects.first().address == kept
