"""A page of the library within the frame that every page has: header, search, footer.

The page itself is kept with its release, since no patient is on it. The frame is written for each request of whoever is
signed in; for all others it is kept too, with places for the address and the token of the request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.defaultfilters import urlencode
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import mark_safe

from regimens import releases
from regimens.rules.knowledge import Knowledge

from .kept import kept_for_good, kept_page

LONGEST = 100  # of what is taken from an address
FRAME = "library/base.html"

# Where in a kept frame something of the request or of the page goes.
CONTENT, TITLE, SEARCHED, TOKEN, ADDRESS = (
    f"necapp.{name}.goes.here" for name in ("content", "title", "search", "token", "address")
)
NEXT = f"?next={ADDRESS}"  # the address within another one


@dataclass(frozen=True)
class Shown:
    """Which page: its section in the header, its title, its template, and the search that led to it.

    about   the kind and key of the entry whose page it is
    """

    section: str
    title: str
    template: str
    q: str = ""
    about: tuple[str, str] | None = None


# What other rooms say of an entry below its page, by kind and key, in HTML: it is not kept with the release.
BESIDE: list[Callable[[str, str], str]] = []


def page(
    request: HttpRequest,
    knowledge: Knowledge,
    shown: Shown,
    make: Callable[[], Mapping[str, Any] | None],
    *asked: Hashable,
) -> HttpResponse:
    """A page without a patient; `asked` is all that it follows from beside its release, its template and the language.

    `make` gives what its template shows; where it gives None, there is no such page.
    """

    def written() -> str:
        context = make()
        if context is None:
            raise Http404
        return render_to_string(shown.template, {"seen_in": knowledge.release.sha256, **context})

    content = kept_page(knowledge, (shown.template, *asked), written)
    if shown.about:
        content += "".join(say(*shown.about) for say in BESIDE)
    return framed(request, knowledge, shown, content)


def framed(request: HttpRequest, knowledge: Knowledge, shown: Shown, content: str, **further: Any) -> HttpResponse:
    """The frame around a page that was written; where nobody is signed in, one that is kept and only filled in."""
    if further or request.user.is_authenticated:
        context = {"content": mark_safe(content), "title": shown.title, "searched_for": shown.q}  # noqa: S308
        return render(request, FRAME, context | _same(knowledge, shown.section) | further)
    place = (FRAME, shown.section, releases.reported())  # which the frame tells
    parts = kept_for_good(knowledge, place, lambda: _parts(request, knowledge, shown.section))
    address = request.get_full_path()
    filled = {
        CONTENT: content,
        TITLE: escape(shown.title),
        SEARCHED: escape(shown.q),
        TOKEN: get_token(request),
        ADDRESS: escape(address),
        NEXT: f"?next={urlencode(address)}",
    }
    return HttpResponse("".join(filled.get(part, part) for part in parts))


class _Anywhere:
    """Stands for a request where its frame is kept: the header asks for its address alone."""

    def get_full_path(self) -> str:
        return ADDRESS


def _parts(request: HttpRequest, knowledge: Knowledge, section: str) -> tuple[str, ...]:
    """The frame for whoever is not signed in, taken apart where something of a request or of a page goes."""
    context = {"content": CONTENT, "title": TITLE, "searched_for": SEARCHED, "csrf_token": TOKEN}
    context |= {"request": _Anywhere(), **_same(knowledge, section)}
    places = "|".join(map(re.escape, (CONTENT, TITLE, SEARCHED, TOKEN, NEXT, ADDRESS)))
    return tuple(re.split(f"({places})", render_to_string(FRAME, context, request)))


def _same(knowledge: Knowledge, section: str) -> dict[str, Any]:
    return {"section": section, "release": knowledge.release}


def taken(request: HttpRequest, *names: str) -> dict[str, str]:
    """What an address says of these fields, those that it leaves empty left out."""
    return {name: value[:LONGEST] for name in names if (value := request.GET.get(name, "").strip())}
