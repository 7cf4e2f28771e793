"""People who use the running app: made, and signed in, by a process beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.factories.accounts import PASSWORD

from .process import run

MAKE = """
import json
from accounts.models import Session
from accounts.second_factor import new_recovery_codes, secret_of
from tests.factories.accounts import account, with_app
device = with_app(account({username!r}, {role!r}))
store = Session.get_session_store_class()()
store.update({{
    "_auth_user_id": str(device.user.pk),
    "_auth_user_backend": "accounts.backends.SecondFactorBackend",
    "_auth_user_hash": device.user.get_session_auth_hash(),
    "otp_device_id": device.persistent_id,
}})
store.create()
store.save()
print(json.dumps([device.user.pk, secret_of(device), new_recovery_codes(device.user), store.session_key]))
"""
AGE = """
from datetime import timedelta
from django.db.models import F
from accounts.models import Session
Session.objects.filter(person__username={username!r}).update(seen_at=F("seen_at") - timedelta(seconds={seconds}))
"""

PROPOSE = """
from curation import actions
from tests.factories.curation import content, somebody
values = content("regimens", "folfiri", name="FOLFIRI, renamed")
about = {{"reason": {reason!r}, "source": "https://example.org/paper"}}
actions.propose(kind="regimens", key="folfiri", content=values, by=somebody({username!r}), **about)
"""


@dataclass
class Person:
    """codes: recovery codes, each good for one sign-in; session: the cookie's value of a browser that is signed in."""

    number: int
    username: str
    secret: str
    codes: list[str]
    session: str
    password: str = PASSWORD


def somebody(environment: dict[str, str], username: str, role: str = "Curator") -> Person:
    """A person with a role, a password and an authenticator app."""
    number, secret, codes, session = json.loads(run(environment, MAKE.format(username=username, role=role)))
    return Person(number, username, secret, codes, session)


def sign_in(page: Page, app: str, person: Person) -> None:
    """Have a page signed in from its next address on, without the page of the sign-in."""
    page.context.add_cookies([{"name": "sessionid", "value": person.session, "url": app}])


def propose(environment: dict[str, str], username: str, *, reason: str) -> None:
    """Have a curator propose a change of a regimen."""
    run(environment, PROPOSE.format(username=username, reason=reason))


def be_idle(environment: dict[str, str], person: Person, *, minutes: float) -> None:
    """As if a person had done nothing for so long more, as the server sees it."""
    run(environment, AGE.format(username=person.username, seconds=int(minutes * 60)))
