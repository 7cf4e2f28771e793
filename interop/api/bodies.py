"""What is sent, read strictly: sizes before anything else, and no text that two readers could read in two ways."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

from django.http import HttpRequest

from interop.nul import holds_half, holds_nul
from regimens.rules.patient import FEATURES

from .problems import Problem, said

PATIENT_BYTES = 64 * 1024
BATCH_BYTES = 16 * 1024 * 1024
BATCH_LINES = 10_000
DEEPEST = 64

JSON = "application/json"
NDJSON = "application/x-ndjson"
FHIR_NDJSON = "application/fhir+ndjson"

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def body_of(request: HttpRequest, *media_types: str, most: int) -> bytes:
    """The body, of one of these kinds and that size. Raises Problem."""
    if request.content_type not in media_types:
        raise Problem("media-type", f"This call reads {' or '.join(media_types)}.")
    if request.content_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise Problem("media-type", "JSON is read in UTF-8 alone.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem("media-type", "Compressed bodies are not read.")
    given = request.headers.get("Content-Length", "")
    if not given.isdecimal():
        raise Problem("length")
    if int(given) > most:
        raise Problem("too-large", f"The body is {int(given)} bytes; at most {most} are read.")
    return request.read(most)


def preferred(request: HttpRequest, *media_types: str) -> str:
    """Which of several kinds of answer the caller likes best, the first where all are alike. Raises Problem."""
    found = request.get_preferred_type(media_types)
    if found is None:
        raise Problem("not-acceptable", f"This call answers {' or '.join(media_types)}.")
    return str(found)


def accepts(request: HttpRequest, media_type: str) -> None:
    """Raises Problem where the caller does not take that kind of answer."""
    if not request.accepts(media_type):
        raise Problem("not-acceptable", f"This call answers {media_type}.")


def parsed(text: bytes) -> Any:
    """What a JSON text holds. Raises Problem."""
    try:
        decoded = text.removeprefix(_BYTE_ORDER_MARK).decode()
    except UnicodeDecodeError as error:
        raise Problem("no-json", f"Byte {error.start + 1} is not UTF-8.") from None
    if holds_nul(decoded):
        raise Problem("nul")
    if holds_half(decoded):
        raise Problem("no-json", "Half of a pair of surrogates stands in it, which is no character.")
    try:
        value = json.loads(decoded, object_pairs_hook=_without_repeats, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise Problem("no-json", f"Reading stopped at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # a whole number of thousands of digits
        raise Problem("no-json", "A number has more digits than can be read.") from None
    if _depth(value) > DEEPEST:
        raise _too_deep()
    return value


def object_in(text: bytes) -> Mapping[str, Any]:
    """The object that a JSON text holds: a patient. Raises Problem."""
    value = parsed(text)
    if not isinstance(value, dict):
        raise Problem("values", f"A patient is an object of features and values; this is {said(value).words}.")
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        error = {"feature": twice} if twice in FEATURES else {"feature": None}
        name = said(twice, FEATURES).words
        raise Problem("given-twice", f"A key, {name}, is given twice.", errors=[error | {"message": "given twice"}])
    return found


def _no_number(constant: str) -> NoReturn:
    raise Problem("no-json", f"{constant} is no JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Problem("no-json", "A number is beyond the range of a double.")
    return number


def _too_deep() -> Problem:
    return Problem("no-json", f"Objects and lists are nested deeper than {DEEPEST}.")


def _depth(value: Any) -> int:
    """How many objects and lists stand inside each other."""
    depth, here = 0, [value]
    while here := [each for each in here if isinstance(each, dict | list)]:
        depth += 1
        here = [inner for each in here for inner in (each.values() if isinstance(each, dict) else each)]
    return depth
