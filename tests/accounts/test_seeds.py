"""The seeds of authenticator apps: encrypted in the database, with keys from outside, each for its account alone."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from accounts import checks, seeds
from accounts.models import AuthenticatorApp
from audit.models import Event
from tests.factories.accounts import account, code_of, signs_in, with_app

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
FIRST, SECOND = "one key of seeds, for tests alone, and no other", "another key of seeds, for tests alone, and no other"


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM otp_totp_totpdevice")
        return "|".join(key for (key,) in cursor.fetchall())


def test_the_database_holds_no_seed_as_it_is() -> None:
    device = with_app(account("bea"))
    assert len(device.bin_key) == 20
    assert device.bin_key.hex() not in stored()
    assert len(stored()) <= TOTPDevice._meta.get_field("key").max_length


def test_a_seed_of_another_account_lets_nobody_in(client: Client) -> None:
    """Whoever may write in the table and has an app of their own."""
    own = with_app(account("cy"))
    with_app(account("bea"))
    AuthenticatorApp.objects.filter(user__username="bea").update(key=own.key)
    assert not signs_in(client, "bea", token=code_of(own))


def test_nor_does_one_that_was_written_there_in_plain(client: Client) -> None:
    device = with_app(account("bea"))
    plain = default_key()
    AuthenticatorApp.objects.update(key=plain)
    device.key = seeds.sealed(bytes.fromhex(plain), device.user_id)
    assert not signs_in(client, "bea", token=code_of(device))


@pytest.mark.parametrize("spoilt", ["", "s1.", "s1.!!!", "s1.AAAA", "s1." + "A" * 70])
def test_what_was_never_stored_so_is_no_seed(spoilt: str) -> None:
    with pytest.raises(seeds.SeedError):
        seeds.opened(spoilt, 1)


def test_every_byte_of_it_counts() -> None:
    kept = seeds.sealed(b"x" * 20, 1)
    for place in range(len(seeds.PREFIX), len(kept) - 1):
        spoilt = kept[:place] + ("A" if kept[place] != "A" else "B") + kept[place + 1 :]
        with pytest.raises(seeds.SeedError):
            seeds.opened(spoilt, 1)
    assert seeds.opened(kept, 1) == b"x" * 20


def test_a_key_is_changed_without_anybody_signing_in_anew(settings: Any, client: Client) -> None:
    device = with_app(account("bea"))  # with a key made of SECRET_KEY
    settings.SEED_KEYS = [FIRST]
    assert signs_in(client, "bea", token=code_of(device))
    call_command("reseal_seeds")
    settings.SECRET_KEY = "another secret of the server altogether"  # noqa: S105 - of a test
    settings.SEED_KEYS = [SECOND, FIRST]
    call_command("reseal_seeds")
    settings.SEED_KEYS = [SECOND]
    device.refresh_from_db()
    AuthenticatorApp.objects.update(last_t=-1)
    assert signs_in(Client(), "bea", token=code_of(device))
    assert [event.details["apps"] for event in Event.objects.filter(action="reseal-seeds")] == [1, 1]


def test_a_key_that_is_lost_is_said_and_nothing_is_changed(settings: Any, client: Client) -> None:
    settings.SEED_KEYS = [FIRST]
    device = with_app(account("bea"))
    code, kept = code_of(device), stored()
    settings.SEED_KEYS = [SECOND]
    assert not signs_in(client, "bea", token=code)
    with pytest.raises(CommandError, match="bea: The seed was encrypted with a key that is not among"):
        call_command("reseal_seeds")
    assert stored() == kept


def test_the_migration_encrypts_what_was_there_and_back() -> None:
    person = account("bea")
    plain = TOTPDevice.objects.create(user=person, key=default_key()).key
    migration = importlib.import_module("accounts.migrations.0003_identities_and_encrypted_seeds")
    migration.encrypt(apps, None)
    assert plain not in stored()
    assert AuthenticatorApp.objects.get().bin_key.hex() == plain
    migration.encrypt(apps, None)
    migration.decrypt(apps, None)
    assert stored() == plain


def test_a_server_without_a_key_of_its_own_is_told(settings: Any) -> None:
    settings.SEED_KEYS = []
    assert [said.id for said in checks.seed_key_is_its_own()] == ["accounts.W001"]
    settings.SEED_KEYS = [FIRST, "short"]
    assert checks.seed_key_is_its_own() == []
    assert [said.id for said in checks.seed_key()] == ["accounts.E001"]


def test_a_key_that_is_not_the_one_is_said(settings: Any) -> None:
    """As after a restore beside another SEED_KEY, before somebody stands at the sign-in."""
    settings.SEED_KEYS = [FIRST]
    with_app(account("bea"))
    assert checks.seeds_open(databases=["default"]) == []
    settings.SEED_KEYS = [SECOND]
    (warning,) = checks.seeds_open(databases=["default"])
    assert warning.msg.startswith("1 authenticator apps are locked")
    assert checks.seeds_open(databases=None) == []
    settings.SEED_KEYS = [SECOND, FIRST]
    assert checks.seeds_open(databases=["default"]) == []
