"""The hospital systems that are let in or asked: one YAML file, named by INTEROP_CLIENTS, read once at start.

Without it nothing is allowed. Its shapes are below, and each fault names the file, the key, the value and what is
allowed. docs/interop.md shows such a file. Source: INTEROP, sections 8 to 10.
"""

from __future__ import annotations

import json
import stat
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import pydantic
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictBool, StrictStr, StringConstraints

from accounts.origins import Reach, is_loopback, origin_of

ALGORITHMS = {"ES384": "EC", "RS384": "RSA"}
SMALLEST_RSA = 2048  # bits
LONGEST_SHOWN = 80  # characters of a value that a fault repeats
# Parts of a key that only its owner has.
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k"}


class ClientsError(ValueError):
    """A file that cannot be used: every fault of it, not only the first."""

    def __init__(self, faults: list[str]):
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))


def _url(value: Any, info: pydantic.ValidationInfo) -> Any:
    """An address without query, of https; of a test on this machine, http too."""
    if not isinstance(value, str):
        raise ValueError("an address such as https://fhir.example/r4 is wanted")
    origin = origin_of(value)
    if "?" in value or "#" in value:
        raise ValueError("an address without ? and # is wanted")
    is_test = bool(info.context and info.context["test"])
    if not origin.startswith("https://") and not (is_test and is_loopback(urlsplit(value).hostname or "")):
        raise ValueError("an address of https is wanted; http is allowed with test: true on 127.0.0.1 alone")
    return value


def _origin(value: Any, info: pydantic.ValidationInfo) -> Any:
    url = _url(value, info)
    if url != (origin := origin_of(url)):
        raise ValueError(f"an origin is wanted, without a path or a port that is the usual one: {origin}")
    return url


def _network(value: Any) -> Any:
    network = ip_network(value)
    if network.is_loopback or network.is_multicast or network.is_link_local or network.prefixlen == 0:
        raise ValueError("a network of the hospital is wanted, such as 10.20.0.0/16")
    return network


def _file(value: Any) -> Any:
    if not isinstance(value, str) or not Path(value).is_file():
        raise ValueError("the path of a file that can be read is wanted")
    return value


Name = Annotated[
    StrictStr, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]*$")
]
Url = Annotated[StrictStr, BeforeValidator(_url)]
Origin = Annotated[StrictStr, BeforeValidator(_origin)]
File = Annotated[StrictStr, BeforeValidator(_file)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


class Entry(BaseModel):
    """Every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HooksClient(Entry):
    """A system that asks by CDS Hooks.

    name         what it is called in events and counts
    issuer       `iss` of its tokens, exactly
    algorithm    of their signature
    jku, jwks    where its public keys are, exactly as its tokens say; or the keys themselves: one of both
    origins      of its pages, from which browsers may ask
    fhir_server  whose data may be fetched where a request does not bring them
    client_id    what this app is registered as there, for whom tokens to fetch with are made; null: nothing is fetched
    """

    name: Name
    issuer: Name
    algorithm: Literal["ES384", "RS384"]
    jku: Url | None = None
    jwks: dict[str, Any] | None = None
    origins: tuple[Origin, ...] = ()
    fhir_server: Url | None = None
    client_id: Name | None = None

    @pydantic.model_validator(mode="after")
    def _has_keys(self) -> HooksClient:
        if (self.jku is None) == (self.jwks is None):
            raise ValueError("one of jku and jwks is wanted")
        if self.jwks is not None:
            _check_public(self.jwks, self.algorithm)
        return self


class SmartServer(Entry):
    """A FHIR server from whose records this app is started.

    name         what it is called in the list of servers and in events
    iss          its base, exactly as it names itself when it starts the app
    client_id    what this app is registered as there
    private_key  file with the private key (JWK, P-384, with a kid) of a confidential client; null: a public one
    origins      of its authorization server, where that is another than the one of `iss`
    openid       whether the server demands the scope openid
    callback     the end of a redirect address that is registered there alone, `/smart/callback/…`; null: the one of all
    """

    name: Name
    iss: Url
    client_id: Name
    private_key: File | None = None
    origins: tuple[Origin, ...] = ()
    openid: StrictBool = False
    callback: Annotated[StrictStr, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")] | None = None

    @pydantic.field_validator("private_key")
    @classmethod
    def _is_a_key(cls, path: str | None) -> str | None:
        if path is not None:
            read_private_key(path)
        return path


class Clients(Entry):
    """The whole file.

    test          plain http and this machine are allowed: for tests, never on a server
    networks      private networks in which the systems may be, such as 10.20.0.0/16
    certificates  a PEM file of the hospital's own authorities
    """

    test: StrictBool = False
    networks: tuple[Network, ...] = ()
    certificates: File | None = None
    hooks: tuple[HooksClient, ...] = ()
    smart: tuple[SmartServer, ...] = ()

    @pydantic.model_validator(mode="after")
    def _each_once(self) -> Clients:
        for where, key, values in (
            ("hooks", "name", [each.name for each in self.hooks]),
            ("hooks", "issuer", [each.issuer for each in self.hooks]),
            ("smart", "name", [each.name for each in self.smart]),
            ("smart", "iss", [each.iss for each in self.smart]),
            ("smart", "callback", [each.callback for each in self.smart if each.callback]),
        ):
            for value, count in Counter(values).items():
                if count > 1:
                    raise ValueError(f"{where}: {key} {value} stands {count} times, and may once")
        return self

    def issuer(self, issuer: str) -> HooksClient | None:
        """The system with an issuer of tokens."""
        return next((each for each in self.hooks if each.issuer == issuer), None)

    def server(self, iss: str) -> SmartServer | None:
        """The FHIR server with a base."""
        return next((each for each in self.smart if each.iss == iss), None)

    def reach(self, urls: Iterable[str]) -> Reach:
        """What may be asked: the origins of these addresses, and no others."""
        return Reach(frozenset(map(origin_of, urls)), self.networks, self.test, self.certificates or "")


NOBODY = Clients()


@lru_cache(maxsize=1)
def clients() -> Clients:
    """Those of INTEROP_CLIENTS, read once a process. Raises ClientsError."""
    from django.conf import settings

    return read(settings.INTEROP_CLIENTS) if settings.INTEROP_CLIENTS else NOBODY


def read(path: str | Path) -> Clients:
    """Raises ClientsError."""
    try:
        given = yaml.load(Path(path).read_bytes(), _Loader)  # noqa: S506 - a safe one
    except OSError as error:
        raise ClientsError([f"{path}: cannot be read: {error.strerror}"]) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ClientsError([f"{path}: no YAML: {error}"]) from error
    if not isinstance(given, dict):
        raise ClientsError([f"{path}: keys are wanted: {', '.join(Clients.model_fields)}"])
    try:
        return Clients.model_validate(given, context={"test": given.get("test") is True})
    except pydantic.ValidationError as error:
        raise ClientsError([f"{path}: {_fault(each)}" for each in error.errors()]) from error


def read_private_key(path: str | Path) -> Any:
    """A key with which this app signs: P-384, with the name by which the server knows it. Raises ValueError."""
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey

    wanted = "a file is wanted with one private key of P-384 as a JWK, with its kid"
    try:
        is_open_to_all = Path(path).stat().st_mode & stat.S_IROTH
        text = Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror}") from error
    if is_open_to_all:
        raise ValueError("everybody may read the file; only the user of this app should: chmod 600")
    try:
        key = ECKey.import_key(dict(json.loads(text)))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ValueError(wanted) from error
    if not key.is_private or key.curve_name != "P-384" or not key.kid:
        raise ValueError(wanted)
    return key


class _Loader(yaml.SafeLoader):
    """YAML in which no key stands twice."""


def _once(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    for key, count in Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)).items():
        if count > 1:
            raise yaml.constructor.ConstructorError(None, None, f"key {key} is given twice", node.start_mark)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _once)


def _check_public(jwks: dict[str, Any], algorithm: str) -> None:
    """Keys that verify signatures of an algorithm, each with its name. Raises ValueError."""
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    keys = jwks.get("keys")
    if not isinstance(keys, list) or not keys:
        raise ValueError("jwks: keys, a list of one key or more, is wanted")
    names = set()
    for number, key in enumerate(keys):
        where = f"jwks.keys[{number}]"
        if not isinstance(key, dict) or not isinstance(key.get("kid"), str):
            raise ValueError(f"{where}: a key with a kid is wanted")
        if key["kid"] in names:
            raise ValueError(f"{where}.kid: {_shown(key['kid'])} stands twice")
        names.add(key["kid"])
        if _PRIVATE & key.keys():
            raise ValueError(f"{where}: a public key is wanted, and this one is private or shared")
        kind = RSAKey if algorithm == "RS384" else ECKey
        try:
            known = kind.import_key(key)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{where}: a key of kty {ALGORITHMS[algorithm]} for {algorithm} is wanted") from error
        if isinstance(known, ECKey) and known.curve_name != "P-384":
            raise ValueError(f"{where}.crv: {known.curve_name} is not allowed; allowed: P-384")
        if isinstance(known, RSAKey) and known.raw_value.key_size < SMALLEST_RSA:
            raise ValueError(f"{where}: {known.raw_value.key_size} bits; from {SMALLEST_RSA} bits is allowed")


def _fault(error: Any) -> str:
    place = ""
    for part in error["loc"]:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else str(part)
    rule = error["msg"].removeprefix("Value error, ")
    if error["type"] == "missing":
        return f"{place}: this key is required"
    if error["type"] == "extra_forbidden":
        return f"{place}: no such key"
    value = error["input"]
    if isinstance(value, str | int | float | None):
        return f"{place}: {_shown(value)}: {rule}"
    return f"{place}: {rule}" if place else rule


def _shown(value: Any) -> str:
    written = repr(value)
    return written if len(written) <= LONGEST_SHOWN else f"{written[:LONGEST_SHOWN]}…"
