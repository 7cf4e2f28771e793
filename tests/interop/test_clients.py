"""INTEROP_CLIENTS: which hospital systems are let in or asked. Nobody without it, and each fault named at start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.checks import run_checks
from joserfc.jwk import ECKey, OctKey, RSAKey

from interop import clients
from tests.factories.keys import private_file, public, signing_key

HOOKS: dict[str, Any] = {
    "name": "Main EHR",
    "issuer": "https://ehr.example/",
    "algorithm": "ES384",
    "jku": "https://ehr.example/jwks.json",
    "origins": ["https://ehr.example", "https://ehr.example:8443"],
    "fhir_server": "https://fhir.example/r4",
}
SMART: dict[str, Any] = {"name": "Main EHR", "iss": "https://fhir.example/r4", "client_id": "necapp"}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(given: Any) -> Path:
        path = tmp_path / "clients.yaml"
        path.write_text(given if isinstance(given, str) else yaml.safe_dump(given), encoding="utf-8")
        return path

    return written


@pytest.fixture
def fresh() -> Iterator[None]:
    """What a process has read is its own: this test is one."""
    clients.clients.cache_clear()
    yield
    clients.clients.cache_clear()


def faults(path: Path) -> list[str]:
    with pytest.raises(clients.ClientsError) as error:
        clients.read(path)
    return [fault.removeprefix(f"{path}: ") for fault in error.value.faults]


def test_nobody_without_the_setting(fresh: None, settings: Any) -> None:
    assert not settings.INTEROP_CLIENTS
    found = clients.clients()
    assert (found.hooks, found.smart, found.test) == ((), (), False)
    assert not found.reach([]).has("https://fhir.example/")


def test_a_whole_file(write: Any, tmp_path: Path, fresh: None, settings: Any) -> None:
    key = private_file(tmp_path, signing_key())
    given = {
        "networks": ["10.20.0.0/16", "fd12:3456::/32"],
        "hooks": [HOOKS],
        "smart": [SMART | {"private_key": str(key), "origins": ["https://auth.example"], "openid": True}],
    }
    settings.INTEROP_CLIENTS = str(write(given))
    found = clients.clients()
    assert found.issuer("https://ehr.example/") is found.hooks[0]
    assert found.issuer("https://ehr.example") is None
    assert found.server("https://fhir.example/r4") is found.smart[0]
    assert found.server("https://fhir.example/r4/") is None
    reach = found.reach([found.smart[0].iss, *found.smart[0].origins])
    assert reach.has("https://auth.example/token") and reach.has("https://fhir.example/other")
    assert reach.networks == (ip_network("10.20.0.0/16"), ip_network("fd12:3456::/32"))
    assert clients.read_private_key(key).kid == "k1"


def test_it_is_read_once_a_process(write: Any, fresh: None, settings: Any) -> None:
    settings.INTEROP_CLIENTS = str(write({"smart": [SMART]}))
    before = clients.clients()
    write({"smart": []})
    assert clients.clients() is before


def test_pinned_keys(write: Any) -> None:
    pinned = {key: value for key, value in HOOKS.items() if key != "jku"}
    rsa = RSAKey.generate_key(2048, {"kid": "r"}, private=True)
    given = [
        pinned | {"jwks": public(signing_key("a"), signing_key("b"))},
        pinned | {"name": "Other", "issuer": "o", "algorithm": "RS384", "jwks": public(rsa)},  # type: ignore[arg-type]
    ]
    found = clients.read(write({"hooks": given}))
    assert [len(each.jwks["keys"]) for each in found.hooks if each.jwks] == [2, 1]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"algorithm": "HS384"}, "hooks[0].algorithm: 'HS384': Input should be 'ES384' or 'RS384'"),
        ({"algorithm": "none"}, "hooks[0].algorithm: 'none': Input should be 'ES384' or 'RS384'"),
        ({"issuer": ""}, "hooks[0].issuer: '': String should have at least 1 character"),
        ({"secret": "x"}, "hooks[0].secret: no such key"),
        ({"jku": None}, "hooks[0]: one of jku and jwks is wanted"),
        ({"jwks": {"keys": []}}, "hooks[0]: one of jku and jwks is wanted"),
        (
            {"jku": "http://ehr.example/jwks.json"},
            "hooks[0].jku: 'http://ehr.example/jwks.json': an address of https is wanted; "
            "http is allowed with test: true on 127.0.0.1 alone",
        ),
        (
            {"fhir_server": "https://fhir.example/r4?x=1"},
            "hooks[0].fhir_server: 'https://fhir.example/r4?x=1': an address without ? and # is wanted",
        ),
        (
            {"fhir_server": "https://a:b@fhir.example"},
            "hooks[0].fhir_server: 'https://a:b@fhir.example': "
            "an address such as https://fhir.example/r4 is wanted, without a user",
        ),
        (
            {"origins": ["https://ehr.example/"]},
            "hooks[0].origins[0]: 'https://ehr.example/': an origin is wanted, "
            "without a path or a port that is the usual one: https://ehr.example",
        ),
        (
            {"origins": ["*"]},
            "hooks[0].origins[0]: '*': an address such as https://fhir.example/r4 is wanted, without a user",
        ),
    ],
)
def test_a_fault_of_a_system_that_asks(changes: dict[str, Any], fault: str, write: Any) -> None:
    assert faults(write({"hooks": [HOOKS | changes]})) == [fault]


def private_key_of(key: Any) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=True)]}


@pytest.mark.parametrize(
    ("jwks", "fault"),
    [
        ({}, "jwks: keys, a list of one key or more, is wanted"),
        (public(ECKey.generate_key("P-384", private=True)), "jwks.keys[0]: a key with a kid is wanted"),
        (private_key_of(signing_key()), "jwks.keys[0]: a public key is wanted, and this one is private or shared"),
        (
            private_key_of(OctKey.generate_key(256, {"kid": "o"})),
            "jwks.keys[0]: a public key is wanted, and this one is private or shared",
        ),
        (
            public(ECKey.generate_key("P-256", {"kid": "e"}, private=True)),
            "jwks.keys[0].crv: P-256 is not allowed; allowed: P-384",
        ),
        (
            public(RSAKey.generate_key(2048, {"kid": "r"}, private=True)),  # type: ignore[arg-type]
            "jwks.keys[0]: a key of kty EC for ES384 is wanted",
        ),
        (public(*[signing_key("a")] * 2), "jwks.keys[1].kid: 'a' stands twice"),
    ],
)
def test_a_fault_of_pinned_keys(jwks: dict[str, Any], fault: str, write: Any) -> None:
    assert faults(write({"hooks": [HOOKS | {"jku": None, "jwks": jwks}]})) == [f"hooks[0]: {fault}"]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("- a\n", "keys are wanted: test, networks, certificates, hooks, smart"),
        ("a: [", "no YAML"),
        ("test: true\ntest: false\n", "key test is given twice"),
        ({"servers": []}, "servers: no such key"),
        ({"test": "yes"}, "test: 'yes': Input should be a valid boolean"),
        ({"networks": ["127.0.0.0/8"]}, "networks[0]: '127.0.0.0/8': a network of the hospital is wanted"),
        ({"networks": ["0.0.0.0/0"]}, "networks[0]: '0.0.0.0/0': a network of the hospital is wanted"),
        ({"networks": ["10.20.0.1/16"]}, "networks[0]: '10.20.0.1/16': 10.20.0.1/16 has host bits set"),
        (
            {"certificates": "/nowhere.pem"},
            "certificates: '/nowhere.pem': the path of a file that can be read is wanted",
        ),
        (
            {"smart": [SMART, SMART | {"name": "Other"}]},
            "smart: iss https://fhir.example/r4 stands 2 times, and may once",
        ),
        ({"smart": [SMART | {"iss": 7}]}, "smart[0].iss: 7: an address such as https://fhir.example/r4 is wanted"),
        ({"smart": [{"name": "a", "iss": "https://a.example"}]}, "smart[0].client_id: this key is required"),
        ({"smart": [SMART | {"iss": "http://127.0.0.1:9"}]}, "http is allowed with test: true on 127.0.0.1 alone"),
        (
            {"test": True, "smart": [SMART | {"iss": "http://fhir.example"}]},
            "http is allowed with test: true on 127.0.0.1 alone",
        ),
        ({"smart": [SMART | {"private_key": "/nowhere"}]}, "smart[0].private_key: '/nowhere': the path of a file"),
    ],
)
def test_a_fault_of_the_file(given: Any, fault: str, write: Any) -> None:
    found = faults(write(given))
    assert len(found) == 1
    assert fault in found[0]


def test_no_such_file(tmp_path: Path) -> None:
    assert faults(tmp_path / "none.yaml") == ["cannot be read: No such file or directory"]


def test_a_test_on_this_machine(write: Any) -> None:
    found = clients.read(write({"test": True, "smart": [SMART | {"iss": "http://127.0.0.1:9"}]}))
    assert found.reach([found.smart[0].iss]).has("http://127.0.0.1:9/x")


class TestPrivateKey:
    def fault(self, path: Path, write: Any) -> str:
        found = faults(write({"smart": [SMART | {"private_key": str(path)}]}))
        assert len(found) == 1
        return found[0].partition(f"{str(path)!r}: ")[2]

    def test_a_public_one(self, tmp_path: Path, write: Any) -> None:
        path = tmp_path / "public"
        path.touch(0o600)
        path.write_text(json.dumps(public(signing_key())["keys"][0]))
        assert "one private key of P-384 as a JWK" in self.fault(path, write)

    @pytest.mark.parametrize("text", ["", "{}", "[]", '{"kty": "EC"}', "-----BEGIN EC PRIVATE KEY-----", "\x00"])
    def test_no_key(self, text: str, tmp_path: Path, write: Any) -> None:
        path = tmp_path / "key"
        path.touch(0o600)
        path.write_text(text)
        assert "one private key of P-384 as a JWK" in self.fault(path, write)

    def test_another_curve(self, tmp_path: Path, write: Any) -> None:
        key = ECKey.generate_key("P-256", {"kid": "k1"}, private=True)
        assert "one private key of P-384 as a JWK" in self.fault(private_file(tmp_path, key), write)

    def test_one_open_to_all(self, tmp_path: Path, write: Any) -> None:
        path = private_file(tmp_path, signing_key())
        path.chmod(0o644)
        assert "everybody may read the file" in self.fault(path, write)


class TestCheck:
    def test_it_names_each_fault_at_start(self, write: Any, settings: Any) -> None:
        settings.INTEROP_CLIENTS = str(write({"hooks": [HOOKS | {"algorithm": "none"}], "smart": [{}]}))
        found = [message for message in run_checks() if message.id == "interop.E002"]
        assert len(found) == 4
        assert "hooks[0].algorithm: 'none'" in found[0].msg

    def test_a_test_is_a_warning(self, write: Any, settings: Any) -> None:
        settings.INTEROP_CLIENTS = str(write({"test": True}))
        assert [message.id for message in run_checks()] == ["interop.W001"]

    def test_nothing_to_say(self, write: Any, settings: Any) -> None:
        settings.INTEROP_CLIENTS = str(write({"smart": [SMART]}))
        assert run_checks() == []
