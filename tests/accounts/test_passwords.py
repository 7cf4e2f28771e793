"""New passwords: none that breaches have made known, by the lists inside the app and by a hospital's own file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts import checks, passwords
from tests.factories.accounts import PASSWORD

GOOD = [PASSWORD, "a heron on every other stone", "seven lanterns above the quay", "grün-Tisch 7 Möwen Leiter"]
# Each has twelve characters or more, and is more than digits: Django's own validators take most of them.
BREACHED = [
    "Password1234",
    "P@ssw0rd1234",
    "qwertyuiop123",
    "iloveyou12345",
    "abcd1234abcd1234",
    "Sommer2026!!",
    "password.password",
    "1q2w3e4r5t6y",
    "aaaaaaaaaaaaaaaaa",
]


@pytest.mark.parametrize("password", GOOD)
def test_words_that_do_not_belong_together_are_taken(password: str) -> None:
    validate_password(password, User(username="bea"))


@pytest.mark.parametrize("password", BREACHED)
def test_what_is_made_of_breached_ones_is_refused(password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        passwords.BreachedPasswordValidator().validate(password)
    assert refused.value.code == "password_soon_guessed"


def test_names_of_the_person_count_for_nothing() -> None:
    bea = User(username="bmarchetti", first_name="Beatrice", last_name="Marchetti", email="b.marchetti@klinik.example")
    assert passwords.is_soon_guessed("beatricemarchetti1", passwords._words_of(bea))
    assert not passwords.is_soon_guessed("beatrice river marchetti", passwords._words_of(bea))


@pytest.fixture(params=["\n", "\r\n"], ids=["LF", "CRLF"])
def listed(request: Any, tmp_path: Path) -> Path:
    """A list such as that of Pwned Passwords: 500 of them, in order."""
    digests = sorted(hashlib.sha1(f"breached {number}".encode()).hexdigest().upper() for number in range(500))  # noqa: S324
    path = tmp_path / "pwned.txt"
    path.write_bytes("".join(f"{digest}:{place + 1}{request.param}" for place, digest in enumerate(digests)).encode())
    return path


def test_every_password_of_a_list_is_found_and_no_other(listed: Path) -> None:
    assert all(passwords.is_listed(f"breached {number}", listed) for number in range(500))
    assert not any(passwords.is_listed(f"other {number}", listed) for number in range(500))


def test_a_list_of_one_or_none(tmp_path: Path) -> None:
    path = tmp_path / "pwned.txt"
    path.write_text("")
    assert not passwords.is_listed("a", path)
    path.write_text(hashlib.sha1(b"a").hexdigest())  # noqa: S324
    assert passwords.is_listed("a", path)


def test_a_password_of_the_list_is_refused_in_words(settings: Any, listed: Path) -> None:
    settings.BREACHED_PASSWORDS = str(listed)
    validate_password(PASSWORD)
    listed.write_text(f"{hashlib.sha1(PASSWORD.encode()).hexdigest()}:7\n")  # noqa: S324
    with pytest.raises(ValidationError, match="found in a breach"):
        validate_password(PASSWORD)


def test_a_list_that_is_not_there_is_said(settings: Any, tmp_path: Path) -> None:
    settings.BREACHED_PASSWORDS = str(tmp_path / "none.txt")
    assert [said.id for said in checks.breached_passwords()] == ["accounts.E002"]


def test_words_of_the_hospital_are_guessed_soon(settings: Any) -> None:
    """ASVS 6.2.11: what everybody there would try first."""
    settings.PASSWORD_WORDS = []
    assert not passwords.is_soon_guessed("Brunkenstein-Klinikum", passwords._words_of(None))
    settings.PASSWORD_WORDS = ["Brunkenstein", "Klinikum"]
    assert passwords.is_soon_guessed("Brunkenstein-Klinikum", passwords._words_of(None))
    assert passwords.is_soon_guessed("brunkensteinklinikum1", passwords._words_of(None))
    assert not passwords.is_soon_guessed("a heron on every other stone", passwords._words_of(None))
