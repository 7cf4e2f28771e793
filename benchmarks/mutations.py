"""What no page and no system sends: values, forms, JSON, bodies and headers that are wrong by a few changes."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from regimens.rules.patient import FEATURES

Pairs = list[tuple[str, str]]

NASTY = (
    *(
        "",
        " ",
        "\0",
        "80\0",
        "null",
        "None",
        "true",
        "-1",
        "0",
        "-0",
        "+80",
        "80.",
        ".5",
        "--80",
        "1e1",
        "1e400",
        "1_0",
    ),
    *(
        "NaN",
        "inf",
        "-Infinity",
        "８０",
        "٨٠",
        "८०",
        "𝟖𝟎",
        "½",
        "²",
        "0x50",
        "1" * 400,
        "9" * 25,
        "1e-400",
        "1/0",
        "(80)",
    ),
    *("1.5", "1,5", "1.234,5", "80%", "80 ", "\u00a080", "\u200b80", "\ufeff80", "\u202e", "e\u0301" * 200, "é" * 300),
    *("a" * 5000, "\U0001f600", "\ud800", "\r\nX-Injected: 1", "<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}"),
    *("../../etc/passwd", "%00", "%s%n", "[]", "{}", "[1]", '{"a": 1}', "(a+)+$", "[", "\\", "*", "colorectal", "on"),
    *("given", "US", "CR", "folfiri", "folfiri,folfox", "ranked:folfiri", "2026-13-45", "0000-00-00", "9999-12-31"),
    *(
        "2026-11-30",
        "2026-11-30T25:00",
        "NCT00000000",
        "1",
        "2",
        "999999999999999999",
        "-9223372036854775809",
        "__all__",
    ),
)
NASTY_JSON: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 80, 80.5, 1e300, -0.0, 10**30, float("nan"), float("inf"), [], {}, [[]], {"": None}),
    *NASTY,
)
NASTY_HEADERS = {
    "Accept": ("application/json", "application/fhir+xml", "*/*;q=x", ";;;", "a" * 500),
    "Accept-Language": ("de-CH;q=0.1,*", "xx-\x7f", "a" * 2000, "en;q=NaN", "fr-" * 300),
    "Accept-Encoding": ("br;q=nan", "gzip, gzip", "identity;q=0, *;q=0", "x" * 300),
    "Authorization": ("Bearer", "Bearer \xff", "Bearer " + "a." * 50, "Basic !!!", "Bearer eyJhbGciOiJub25lIn0.e30."),
    "Content-Length": ("abc", "-1", "+5", "1_0", "", "99999999999999999999", "５"),
    "Cookie": (
        "sessionid=\xff",
        "messages=x:y:z",
        "region=\x7f; region=US",
        "=;;=",
        "django_language=../..",
        "a" * 4000,
    ),
    "Host": ("", "evil.example", "127.0.0.1:99999", "[::1", "a@b", "127.0.0.1\xff"),
    "HX-Current-URL": ("http://[", "javascript:1", "\xff"),
    "HX-Request": ("true", "\xff"),
    "If-Modified-Since": ("Thu, 99 Foo 0000 99:99:99 GMT", "\xff", "0"),
    "If-None-Match": ("*", '"', 'W/"x", ', "\xff"),
    "Origin": ("null", "http://[::1", "https://evil.example"),
    "Range": ("bytes=0-0,1-1", "bytes=9-1", "lines=x"),
    "Referer": ("http://[", "https://evil.example/", "\xff"),
    "X-Forwarded-For": ("1.2.3.4.5", "::::", "\xff", "a" * 1000),
    "X-Forwarded-Proto": ("https", "ftp"),
    "X-HTTP-Method-Override": ("DELETE",),
    "X-Request-ID": ("\x7f", "a" * 1000, "../x"),
}
FORM = "application/x-www-form-urlencoded"
KINDS = (
    *("application/json", "application/fhir+json", "application/x-ndjson", "text/plain", "text/xml", "", ";", "\xff"),
    *(
        f"{FORM}; charset={name}"
        for name in ("utf-16", "latin-1", "utf-7", "nonsense", "idna", "rot13", "zlib", "undefined")
    ),
    *("multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary=" + "y" * 300),
)
_PART = b'--x\r\nContent-Disposition: form-data; name="ki67"'
BODIES = (
    *(
        b"",
        b"--x\r\n",
        b"--x--",
        _PART + b"\r\n\r\n80",
        _PART + b"\r\n\r\n80\r\n--x--\r\n",
        b"ki67=80&" * 2000,
        b"&=&=%%%",
    ),
    _PART + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n",
    _PART + b'; filename="../../a\0"\r\nContent-Type: text/plain\r\n\r\nabc\r\n--x--\r\n',
    *(
        b"{",
        b"[" * 20_000,
        b'{"a":' * 20_000,
        b'{"ki67": 80, "ki67": 90}',
        b'{"ki67": NaN}',
        b'\xef\xbb\xbf{"ki67": 80}',
    ),
    *(b'{"ki67": "\\ud800"}', b'{"ki67": 1e999}', b"\xff\xfe\0", b"null", b'"x"', b"\n\n{}\n\n", b"<Bundle/>"),
)


def form(drawn: random.Random, fields: Pairs, names: Sequence[str] = ()) -> Pairs:
    """A form in which up to three entries are others, missing, added or repeated; `names` may be added to it."""
    found = list(fields)
    for _ in range(drawn.randint(1, 3)):
        way = drawn.random()
        if way < 0.6 and (found or names):
            name = drawn.choice([*dict(found), *names])
            found = [pair for pair in found if pair[0] != name] + [(name, drawn.choice(NASTY))]
        elif way < 0.72 and found:
            found.pop(drawn.randrange(len(found)))
        elif way < 0.86:
            found.append((drawn.choice(NASTY)[:50] or "x", drawn.choice(NASTY)))
        elif found:
            found += [drawn.choice(found)] * drawn.randint(1, 30)
    return found


def document(drawn: random.Random, content: Any) -> bytes:
    """JSON in which up to three places hold something else, nothing, or the same twice; sometimes cut off."""
    found = copy.deepcopy(content)
    for _ in range(drawn.randint(1, 3)):
        place, key = drawn.choice(list(_places(found)) or [([None], 0)])
        way = drawn.random()
        if way < 0.6:
            place[key] = drawn.choice(NASTY_JSON)
        elif way < 0.75:
            del place[key]
        elif way < 0.85:
            place[key] = [place[key]] * 2
        elif isinstance(place, dict):
            place[drawn.choice(NASTY)[:60]] = place[key]
    text = json.dumps(found).encode()
    return text[: drawn.randrange(len(text))] if drawn.random() < 0.05 else text


def parts(pairs: Pairs) -> bytes:
    """A form as multipart/form-data with the boundary x."""
    lines = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in pairs]
    return encoded("".join([*lines, "--x--\r\n"]))


def query(pairs: Iterable[tuple[str, str]]) -> str:
    return urlencode(list(pairs), errors="surrogatepass")


def encoded(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def not_offered(fields: Pairs) -> list[str]:
    """Entries of a patient's form that it does not offer, by what is declared of each feature."""
    found, names = [], [name for name, _value in fields]
    for name, value in fields:
        feature = FEATURES.get(name)
        if feature is None or feature.kind in ("set", "flag") or not value.strip():
            continue
        if names.count(name) > 1:
            found.append(f"{name} {names.count(name)} times")
        elif feature.kind == "choice":
            found += [f"{name}={value[:30]!r}"] if value not in feature.values else []
        elif not _is_number(value.strip().removesuffix("%"), feature.low, feature.high):
            found.append(f"{name}={value[:30]!r}")
    return found


def not_allowed(body: bytes) -> list[str]:
    """Features of a patient as JSON whose values they cannot have, by the same."""
    try:
        patient = json.loads(body)
    except ValueError:
        return ["no JSON"]
    if not isinstance(patient, dict):
        return ["no patient"]
    return [f"{name}={str(value)[:30]!r}" for name, value in patient.items() if not _is_allowed(name, value)]


def _is_allowed(name: str, value: Any) -> bool:
    feature = FEATURES.get(name)
    if feature is None or value is None:
        return feature is not None
    if feature.kind == "choice":
        return isinstance(value, str) and value in feature.values
    if feature.kind == "flag":
        return isinstance(value, bool)
    if feature.kind == "set":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and feature.low <= value <= feature.high


def _is_number(text: str, low: float, high: float) -> bool:
    written = re.fullmatch(r"-?(?=[.,]?\d)\d{0,9}(?:[.,]\d{1,9})?", text.strip(), re.ASCII)
    return bool(written) and low <= float(text.strip().replace(",", ".")) <= high


def _places(content: Any) -> Iterable[tuple[Any, Any]]:
    keys: Iterable[Any] = ()
    if isinstance(content, Mapping):
        keys = list(content)
    elif isinstance(content, list):
        keys = range(len(content))
    for key in keys:
        yield content, key
        yield from _places(content[key])
