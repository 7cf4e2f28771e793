"""Forms of the admin as a browser fills and posts them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.http import QueryDict

WHY = {"proposal_reason": "Read again.", "proposal_source": "https://example.org/paper"}


class _Fields(HTMLParser):
    """The fields of a page's form with their values; no button, no token."""

    def __init__(self, form: str):
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._form = form
        self._inside = False
        self._templates = 0
        self._area: str | None = None
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("id") == self._form
        elif tag == "template":
            self._templates += 1
        if not self._inside or self._templates or ("disabled" in given and tag != "option"):
            return
        name = given.get("name") or ""
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in given:
                    self.found.append((name, given.get("value") or "on"))
            elif kind != "submit" and name != "csrfmiddlewaretoken":
                self.found.append((name, given.get("value") or ""))
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((given.get("value") or "", "selected" in given))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._templates -= 1
        elif tag == "form":
            self._inside = False
        elif tag == "textarea" and self._area:
            self.found.append((self._area, self._text.removeprefix("\n").replace("\n", "\r\n")))
            self._area = None
        elif tag == "select" and self._select:
            chosen = next((value for value, is_chosen in self._options if is_chosen), self._options[0][0])
            self.found.append((self._select, chosen))
            self._select = None


def filled(html: str, form: str = "entry-form", **changes: Any) -> QueryDict:
    """What a browser would post of a page's form, with some fields typed anew; None empties a field of boxes."""
    parser = _Fields(form)
    parser.feed(html)
    data = QueryDict(mutable=True)
    for name, value in parser.found:
        data.appendlist(name, value)
    return typed(data, **changes)


def typed(data: QueryDict, **changes: Any) -> QueryDict:
    """The same with other values: names with `-` are written with `__`."""
    for name, value in changes.items():
        name = name.replace("__", "-")
        if value is None:
            data.pop(name, None)
        else:
            data.setlist(name, value if isinstance(value, list) else [value])
    return data
