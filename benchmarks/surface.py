"""All that can be asked of the app: who is signed in, every address of theirs, and the forms on their pages.

Addresses are those of the URLconf, with rows that are there in place of their parameters; a form is taken as a browser
would send it. Nothing is listed here by hand that a page says by itself.
"""

from __future__ import annotations

import http.client
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from .mutations import Pairs
from .server import HOST

WAITS = 30  # seconds for an answer
# A sign-in, or another one's, that would be gone for the requests after it; only somebody anonymous asks for it.
ENDS_A_SESSION = re.compile(r"/sign-out/|/logout/|/sessions/|/account/(password|second-factor|recovery)|/password")
# Whose rows stand for an address's parameters.
FOLDERS = ("boards", "meetings", "agenda", "cases", "steps", "referrals", "v")


_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass
class Person:
    """Somebody who asks, signed in or not; `token` is for forms."""

    name: str
    session: str = ""
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def sends(self) -> dict[str, str]:
        """The headers of each request."""
        cookies = {"sessionid": self.session, "csrftoken": self.token}
        said = "; ".join(f"{name}={value}" for name, value in cookies.items() if value)
        return self.headers | ({"Cookie": said} if said else {}) | ({"X-CSRFToken": self.token} if self.token else {})


@dataclass(frozen=True)
class Form:
    """A form on somebody's page, and what stands in it."""

    path: str
    method: str
    fields: Pairs
    names: tuple[str, ...]


@dataclass(frozen=True)
class Surface:
    person: Person
    addresses: tuple[str, ...]
    forms: tuple[Form, ...]


def surface(port: int, person: Person, addresses: Iterable[str]) -> Surface:
    """Every address that somebody may ask for, and the forms that are found there."""
    asked, forms = list(addresses), dict[Any, Form]()
    if person.session:
        asked = [path for path in asked if not ENDS_A_SESSION.search(path)]
    for path in asked:
        if path.endswith((".pdf", ".zip")):
            continue
        headers, body = _page(port, path, person)
        if found := re.search(r"csrftoken=(\w+)", headers.get("set-cookie", "")):
            person.token = found[1]
        reader = _Forms(path)
        if headers.get("content-type", "").startswith("text/html"):
            reader.feed(body)
        for each in reader.found:
            if not (person.session and ENDS_A_SESSION.search(each.path)):
                forms.setdefault((each.path, each.method, each.names), each)
    return Surface(person, tuple(asked), tuple(forms.values()))


def addresses() -> Iterator[str]:
    """Every address of the app, with several rows for those of boards and one for those of the admin."""
    from django.urls import get_resolver

    for route in _routes(get_resolver().url_patterns):
        yield from dict.fromkeys(f"/{address}" for address in _filled(route))


def _routes(patterns: Any, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        yield from _routes(pattern.url_patterns, route) if hasattr(pattern, "url_patterns") else (route,)


def _filled(route: str) -> Iterator[str]:
    """An address with what is there: the newest rows, and one that is not."""
    from django.contrib.admin import site

    if "(" in route:  # a pattern of Django's admin: its lists, and whatever else is asked for
        yield from ("admin/regimens/", "admin/nothing/") if "app_label" in route else ("admin/nothing",)
        return
    if "<" not in route:
        yield route
        return
    folder = route.partition("/")[0]
    models = {model._meta.model_name: model for model in site._registry}
    named = re.match(r"admin/\w+/(\w+)/", route)
    if folder in FOLDERS:
        rows: list[Any] = _rows_of(folder)
    elif named and named[1] in models:
        rows = _rows(models[named[1]])
    else:
        rows = [1]
    for pk in rows:
        yield "".join(
            KNOWN.get(part, str(pk)) if place % 2 else part for place, part in enumerate(_PARAMETER.split(route))
        )


# Whatever else stands in addresses.
KNOWN = {
    "slug": "folfiri",
    "key": "folfiri",
    "kind": "regimens",
    "suffix": "csv",
    "content_type_id": "1",
    "number": "1",
    "token": "x-y",
    "sha256": "0" * 64,
    "reference": "R-0000",
    "version": "1",
    "code": "not-found",
    "rest": "options",
}


def _rows_of(folder: str) -> list[Any]:
    from boards.models import AgendaItem, Board, Case, Meeting, PlanStep

    models: dict[str, Any] = {"boards": Board, "meetings": Meeting, "v": Meeting, "agenda": AgendaItem, "cases": Case}
    models |= {"steps": PlanStep}
    return _rows(models.get(folder, Case), most=6)


def _rows(model: Any, most: int = 1) -> list[Any]:
    return list(model._default_manager.order_by("-pk").values_list("pk", flat=True)[:most]) or [1]


def _page(port: int, path: str, person: Person) -> tuple[dict[str, str], str]:
    connection = http.client.HTTPConnection(HOST, port, timeout=WAITS)
    try:
        connection.request("GET", path, headers=person.sends())
        answer = connection.getresponse()
        body = answer.read().decode(errors="replace")
    finally:
        connection.close()
    if answer.status >= 500:
        sys.stdout.write(f"{answer.status} as {person.name} asks for {path}\n")
    return {name.lower(): value for name, value in answer.getheaders()}, body


class _Forms(HTMLParser):
    """The forms of a page, each with the values that a browser would send, and the names of its buttons and boxes."""

    def __init__(self, path: str):
        super().__init__()
        self.found: list[Form] = []
        self._path = path
        self._form: tuple[str, str] | None = None
        self._fields: Pairs = []
        self._names: dict[str, None] = {}
        self._area: str | None = None
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._is_multiple = False
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            action = urlsplit(urljoin(self._path, given.get("action") or given.get("hx-post") or "")).path
            self._form = (action or self._path, given.get("method", "get").upper())
            self._fields, self._names = [], {}
        if self._form is None or (not name and tag != "option"):
            return
        if tag in ("input", "button", "select", "textarea"):
            self._names[name] = None
        if tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select, self._options, self._is_multiple = name, [], "multiple" in given
        elif tag == "option" and self._select:
            self._options.append((given.get("value", ""), "selected" in given))
        elif tag in ("input", "button"):
            is_off = given.get("type") in ("checkbox", "radio") and "checked" not in given
            is_pressed = tag == "button" or given.get("type") == "submit"
            if not is_off and not (is_pressed and any(each == name for each, _value in self._fields)):
                self._fields.append((name, given.get("value", "on" if given.get("type") == "checkbox" else "")))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            self._fields.append((self._area, self._text.removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select:
            chosen = [value for value, is_chosen in self._options if is_chosen]
            shown = chosen or ([] if self._is_multiple else [value for value, _is_chosen in self._options[:1]])
            self._fields += [(self._select, value) for value in shown]
            self._select = None
        elif tag == "form" and self._form:
            kept = [(name, value) for name, value in self._fields if name != "csrfmiddlewaretoken"]
            self.found.append(Form(*self._form, kept, tuple(self._names)))
            self._form = None
