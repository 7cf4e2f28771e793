"""What stands behind the question mark of an address: each parameter known, and once. Nothing of a patient is taken."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import wraps
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponseBase
from ninja import Query

from regimens.rules.ordering import PREFERENCES

from .problems import Problem, said

Call = Callable[..., HttpResponseBase]

Release = Annotated[
    str | None,
    Query(min_length=1, max_length=80, description="A release by name or SHA-256; left out: the one in force."),
]
Cursor = Annotated[
    str | None,
    Query(pattern=r"^[0-9a-f]{16}-[0-9]{1,6}$", description="“next” of the page before."),
]
Words = Annotated[str, Query(max_length=100, description="Words that an entry holds.")]
Preference = Annotated[Literal[tuple(PREFERENCES)], Query(description="What matters more to the patient.")]  # type: ignore[valid-type]
Draws = Annotated[
    Literal["true", "false"],
    Query(description="Whether to say how sure the order is; without it the shares are null, all else is the same."),
]


def strictly(call: Call) -> Call:
    """The call, which refuses parameters that it does not have, and one given twice: a misspelt filter filters nothing.

    Its parameters are the arguments with a default.
    """
    signature = inspect.signature(call, eval_str=True)
    known = [name for name, argument in signature.parameters.items() if argument.default is not argument.empty]

    @wraps(call)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if errors := list(_refused(request, known)):
            raise Problem("parameters", errors=errors)
        return call(request, *args, **kwargs)

    checked.__signature__ = signature  # type: ignore[attr-defined]  # with the names of the module of the call
    return checked


def not_allowed(name: str, value: Any, allowed: str, closed_list: Collection[str] = ()) -> dict[str, Any]:
    """One error of a parameter."""
    found = said(value, closed_list)
    message = f"{name}: {found.words} is not allowed; allowed: {allowed}"
    return {"parameter": name, **found.value, "range": allowed, "message": message}


def from_pydantic(errors: Collection[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What django-ninja found wrong with parameters, in the form of ours; it gives no values."""
    return [_named(error) for error in errors]


def _named(error: Mapping[str, Any]) -> dict[str, Any]:
    name, context = str(error["loc"][1]), error.get("ctx", {})
    allowed = {
        "literal_error": f"one of {context.get('expected')}",
        "string_too_short": f"at least {context.get('min_length')} character",
        "string_too_long": f"at most {context.get('max_length')} characters",
        "string_pattern_mismatch": "a text as an answer gave it",
        "int_parsing": "a whole number",
        "greater_than_equal": f"{context.get('ge')} or more",
        "less_than_equal": f"{context.get('le')} or less",
    }.get(error["type"], "as the document of the API says")
    return {"parameter": name, "range": allowed, "message": f"{name} is not allowed as it is; allowed: {allowed}"}


def _refused(request: HttpRequest, known: Collection[str]) -> Iterator[dict[str, Any]]:
    allowed = ", ".join(known) or "no parameter"
    for name, values in request.GET.lists():
        if name not in known:
            message = f"no parameter of this call has this name, {said(name).words}"
            yield {"parameter": None, "range": allowed, "message": message}
        elif len(values) > 1:
            yield {"parameter": name, "range": "once", "message": f"{name}: given {len(values)} times"}
