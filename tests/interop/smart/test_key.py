"""`manage.py make_smart_key`: a private key that the file of clients may name, and the public one to register."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from interop.clients import read_private_key


def made(path: Path) -> str:
    out = io.StringIO()
    call_command("make_smart_key", str(path), stdout=out)
    return out.getvalue()


def test_a_key(tmp_path: Path) -> None:
    path = tmp_path / "key.jwk"
    (public,) = json.loads(made(path))["keys"]
    key = read_private_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert public == key.as_dict(private=False)
    assert (public["crv"], public["alg"], "d" in public) == ("P-384", "ES384", False)


def test_no_key_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key.jwk"
    made(path)
    before = path.read_bytes()
    with pytest.raises(CommandError, match="is there already"):
        made(path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        made(tmp_path / "none" / "key.jwk")
