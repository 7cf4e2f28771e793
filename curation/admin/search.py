"""One field that searches everything: entries, proposals and releases, case and accents apart.

What is called so stands first. A drug is found by each of its names, and a name that nothing bears is read as one that
is written nearly so. Texts are folded here and not in the database, so that SQLite and PostgreSQL find the same. What
an entry says in words is folded once in this process, and known by its SHA-256.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Case, F, TextField, Value, When
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curation.admin.proposals.proposed import Piece
from curation.models import Entry, Proposal
from curation.review.differences import differences, title_of
from display.cache import forgotten
from regimens.models import KnowledgeRelease
from regimens.models.choices import EntryKind, ProposalStatus
from regimens.rules.knowledge import Knowledge
from regimens.wording.names import bare, meant, regimen_of
from staff.site import site

from .addresses import edit_address, public_address, published

SHORTEST, LONGEST = 2, 100  # characters of a query
SHOWN = 10  # of each group, unless one group is asked for
PER_PAGE = 50
MOST_PASSAGES = 4
AROUND = 60  # characters of a long text that are shown on either side of what is found
MOST_FOLDED = 50_000  # entries and open proposals, of some 1.5 KB each

TITLES: Mapping[str, Promise] = {
    "regimens": gettext_lazy("Regimens"),
    "drugs": gettext_lazy("Drugs"),
    "exposure_classes": gettext_lazy("Exposure classes"),
    "licences": gettext_lazy("Licences"),
    "guidelines": gettext_lazy("Guideline statements"),
    "publications": gettext_lazy("Publications"),
    "indications": gettext_lazy("Indications"),
    "biomarkers": gettext_lazy("Biomarkers"),
    "trials": gettext_lazy("Trials"),
    "proposals": gettext_lazy("Proposals"),
    "releases": gettext_lazy("Releases"),
}

# A word that is searched for, with what stands for it.
Alternatives = tuple[str, ...]

# A label, a text, and whether both are English, as what the evidence base says is.
Text = tuple[str, str, bool]

# What entries and open proposals say, folded, by kind and SHA-256.
_folded: dict[tuple[str, str], str] = forgotten({})


@dataclass(frozen=True)
class Passage:
    """Where something is found, and the text around it, what is found marked; the labels of evidence are English."""

    label: str
    pieces: tuple[Piece, ...]
    is_english: bool


@dataclass(frozen=True)
class Hit:
    """A thing that holds every word, and the links to it."""

    title: str
    address: str
    note: str
    passages: tuple[Passage, ...]
    edit: str = ""
    public: str = ""


@dataclass(frozen=True)
class Group:
    """What is found of one kind: `more` is how many there are besides those shown."""

    name: str
    title: str
    count: int
    hits: tuple[Hit, ...]

    @property
    def more(self) -> int:
        return self.count - len(self.hits)


@site.tool("search/", name="search", title=gettext_lazy("Search everything"), permission="regimens.view_entry")
def search(request: HttpRequest) -> HttpResponse:
    """What holds all the words asked for, by kind; `group` asks for all of one."""
    asked = request.GET.get("q", "")[:LONGEST].strip()
    words = fold(asked).split()
    is_enough = len("".join(words)) >= SHORTEST
    found: dict[str, list[Any]] = {}
    read_as: list[Alternatives] = []
    if is_enough:
        entries = list(Entry.objects.order_by("kind", "key"))
        called = _called(entries)
        wanted = _alternatives(words, called)
        found = _found(entries, wanted, request.user)
        if not found and len(parted := re.sub(r"[/+&,;]", " ", fold(asked)).split()) > len(words):
            words, wanted = parted, _alternatives(parted, called)  # "nivo/ipi"
            found = _found(entries, wanted, request.user)
        if not found and (read_as := _as_meant(words, called)):
            wanted = read_as
            found = _found(entries, wanted, request.user)
        words = [*words, *(name for one in wanted for name in one if not any(word in name for word in words))]
    chosen = request.GET.get("group", "")
    page = None
    if chosen in found:
        page = Paginator(found[chosen], PER_PAGE).get_page(request.GET.get("page"))
    release = published() if any(name in EntryKind.values for name in found) else None
    shown = {chosen: page.object_list} if page else {name: rows[:SHOWN] for name, rows in found.items()}
    groups = [
        Group(name, str(TITLES[name]), len(found[name]), tuple(_hit(name, row, words, release) for row in rows))
        for name, rows in shown.items()
    ]
    context = {
        "title": _("Search: %(words)s") % {"words": asked} if asked else _("Search everything"),
        "asked": asked,
        "too_short": bool(asked) and not is_enough,
        "read_as": " · ".join(one[0] for one in read_as) if found else "",
        "groups": groups,
        "total": sum(map(len, found.values())),
        "chosen": chosen if page else "",
        "page": page,
        "page_address": urlencode({"q": asked, "group": chosen}),
    }
    return TemplateResponse(request, "admin/review/search.html", site.each_context(request) | context)


def fold(text: str) -> str:
    """Without case and accents: "ø" stays, being a letter of its own, and "ß" is "ss"."""
    if text.isascii():
        return text.lower()
    return "".join(map(_fold_character, text))


def _fold_character(character: str) -> str:
    parts = unicodedata.normalize("NFKD", character)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


def _found(entries: Sequence[Entry], wanted: Sequence[Alternatives], person: Any) -> dict[str, list[Any]]:
    """What holds every word, by group, in the order of the groups; three queries."""
    found: dict[str, list[Any]] = {name: [] for name in TITLES}
    for entry in entries:
        if _holds(_said(entry.kind, entry.sha256, entry.content), wanted):
            found[entry.kind].append(entry)
    for rows in found.values():
        rows.sort(key=lambda entry: _distance(fold(f"{title_of(entry.kind, entry.values)} {entry.key}"), wanted))
    if person.has_perm("regimens.view_proposal"):
        found["proposals"] = [row for row in _proposals() if _holds(_said_of_proposal(row), wanted)]
    if person.has_perm("regimens.view_knowledgerelease"):
        releases = KnowledgeRelease.objects.defer("content").select_related("published_by").order_by("-pk")
        found["releases"] = [row for row in releases if _holds(fold(_release_text(row)), wanted)]
    return {name: rows for name, rows in found.items() if rows}


def _holds(text: str, wanted: Iterable[Alternatives]) -> bool:
    return all(any(word in text for word in words) for words in wanted)


def _distance(title: str, wanted: Iterable[Alternatives]) -> tuple[int, int]:
    """How far what was asked for is from what a thing is called: as words of it, within words, or not in it.

    Of two that hold it, the one with the shorter name is called so rather than the other.
    """
    if not _holds(title, wanted):
        return 2, 0
    is_apart = all(any(re.search(rf"\b{re.escape(word)}\b", title) for word in words) for words in wanted)
    return 0 if is_apart else 1, len(title)


def _called(entries: Iterable[Entry]) -> dict[str, Alternatives]:
    """Every name of a drug or a regimen, bare, with all names of what it is, folded: a drug is its synonyms too."""
    called: dict[str, set[str]] = {}
    for entry in entries:
        if entry.kind in ("drugs", "regimens"):
            values = entry.values
            names = {values["name"], entry.key, *values.get("synonyms", ())}
            for name in names:
                called.setdefault(bare(name), set()).update(map(fold, names))
    # A name of two or three letters stands within words that have nothing to do with it: it is only found as typed.
    return {name: tuple(sorted(one for one in names if len(one) > 3)) for name, names in called.items() if name}


def _alternatives(words: Sequence[str], called: Mapping[str, Alternatives]) -> list[Alternatives]:
    """What stands for each word, or for several that are one name ("cpt 11"): itself, and the other names of a drug."""
    found: list[Alternatives] = []
    start = 0
    while start < len(words):
        for end in range(len(words), start, -1):
            name = bare("".join(words[start:end]))
            names = called.get(name) or called.get(regimen_of(name))
            if names or end == start + 1:
                own = words[start:end] if end == start + 1 else ()
                found.append(tuple(dict.fromkeys((*own, *(names or ())))))
                start = end
                break
    return found


def _as_meant(words: Sequence[str], called: Mapping[str, Alternatives]) -> list[Alternatives]:
    """The same where nothing was found: names that are written nearly so; nothing where there are none."""
    if whole := meant(bare("".join(words)), called):
        return [tuple(sorted({name for one in whole for name in called[one]}))]
    found, is_any_read = [], False
    for words_of_one in _alternatives(words, called):
        read = meant(bare(words_of_one[0]), called) if len(words_of_one) == 1 else frozenset()
        is_any_read |= bool(read)
        found.append(tuple(sorted({name for one in read for name in called[one]})) or words_of_one)
    return found if is_any_read else []


def _proposals() -> Iterable[Proposal]:
    """The newest first. What decided ones proposed is in the entries and their versions, so it is not read here."""
    open_content = When(status=ProposalStatus.PROPOSED, then=F("content"))
    rows = Proposal.objects.defer("content").select_related("proposer", "reviewer").order_by("-pk")
    return rows.annotate(open_content=Case(open_content, default=Value(None), output_field=TextField()))


def _said_of_proposal(row: Any) -> str:
    text = fold("\n".join(text for _label, text, _is_english in _proposal_texts(row)))
    return f"{text}\n{_said(row.kind, row.sha256, row.open_content)}" if row.open_content else text


def _proposal_texts(row: Proposal) -> Iterator[Text]:
    yield _("key"), row.key, False
    yield _("reason"), row.reason, False
    yield _("source"), row.source, False
    yield _("comment"), row.comment, False
    yield _("proposed by"), str(row.proposer or ""), False
    yield _("decided by"), str(row.reviewer or ""), False


def _release_text(row: KnowledgeRelease) -> str:
    return f"{row.name}\n{row.sha256}\n{row.published_by or ''}"


def _said(kind: str, sha256: str, content: str) -> str:
    """Everything that an entry says in words, folded."""
    known = _folded.get((kind, sha256))
    if known is None:
        if len(_folded) >= MOST_FOLDED:
            _folded.clear()
        texts = (one.after for one in differences(kind, None, json.loads(content)))
        known = _folded[kind, sha256] = fold("\n".join(texts))
    return known


def _hit(group: str, row: Any, words: Sequence[str], release: Knowledge | None) -> Hit:
    if group == "releases":
        address = reverse("admin:regimens_knowledgerelease_change", args=[row.pk])
        texts = [
            (_("name"), row.name, False),
            ("SHA-256", row.sha256, False),
            (_("published by"), str(row.published_by or ""), False),
        ]
        note = _("published %(day)s") % {"day": f"{row.published_at:%Y-%m-%d}"}
        return Hit(row.name, address, note, _passages(texts, words))
    if group == "proposals":
        return _proposal_hit(row, words)
    values = row.values
    note = _("retired %(day)s") % {"day": f"{row.retired_at:%Y-%m-%d}"} if row.retired_at else ""
    return Hit(
        title_of(row.kind, values),
        reverse("admin:regimens_entry_change", args=[row.pk]),
        note,
        _passages(_texts(row.kind, values), words),
        edit="" if row.retired_at else edit_address(row.kind, row.key),
        public=public_address(row.kind, row.key, values, release),
    )


def _proposal_hit(row: Any, words: Sequence[str]) -> Hit:
    texts = list(_proposal_texts(row))
    if row.open_content:
        texts += _texts(row.kind, json.loads(row.open_content))
    return Hit(
        str(row),
        reverse("admin:regimens_proposal_change", args=[row.pk]),
        str(row.get_status_display()),
        _passages(texts, words),
    )


def _texts(kind: str, values: Mapping[str, Any]) -> list[Text]:
    return [(one.label, one.after, True) for one in differences(kind, None, values)]


def _passages(texts: Iterable[Text], words: Sequence[str]) -> tuple[Passage, ...]:
    """The texts in which words are found; first those with a word that none before them has."""
    first: list[Passage] = []
    others: list[Passage] = []
    seen: set[str] = set()
    for label, text, is_english in texts:
        folded = fold(text)
        held = {word for word in words if word in folded}
        if held:
            (others if held <= seen else first).append(Passage(label, marked(text, words), is_english))
            seen |= held
    return tuple([*first, *others][:MOST_PASSAGES])


def marked(text: str, words: Sequence[str]) -> tuple[Piece, ...]:
    """A text, shortened around the first word found, in pieces that are marked where they are one of the words."""
    folded, origin = _with_origins(text)
    hits = [False] * len(text)
    for word in words:
        at = folded.find(word)
        while word and at >= 0:
            for place in range(origin[at], origin[at + len(word) - 1] + 1):
                hits[place] = True
            at = folded.find(word, at + len(word))
    first = hits.index(True) if True in hits else 0
    start = 0 if first <= 2 * AROUND else first - AROUND
    end = min(len(text), max(start + 4 * AROUND, first + AROUND))
    pieces = [Piece("…", False)] if start else []
    at = start
    while at < end:
        to = at
        while to < end and hits[to] == hits[at]:
            to += 1
        pieces.append(Piece(text[at:to], hits[at]))
        at = to
    return tuple([*pieces, Piece("…", False)] if end < len(text) else pieces)


def _with_origins(text: str) -> tuple[str, list[int]]:
    """A text folded, and for each character of that the place in the text that it comes from."""
    parts = [fold(character) for character in text]
    origins = [place for place, part in enumerate(parts) for _ in part]
    return "".join(parts), origins
