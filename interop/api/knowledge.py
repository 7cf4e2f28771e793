"""The calls that read a release: each list with the filters of its page, in pages of 100; each entry whole.

An entry is given as the release holds it: what is recorded, in the shapes and the words of the evidence base.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal

from django import forms
from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from interop.models import Scope
from regimens import releases
from regimens.models.choices import SelectionBiomarker
from regimens.pages.library.evidence import EvidenceFilter, listed
from regimens.pages.library.options import all_options
from regimens.pages.library.search import chosen
from regimens.pages.library.trials import NO_MARKER, NOT_ON_RECORD, TrialFilter, ordered_trials
from regimens.rules.knowledge import Knowledge

from . import answers, bodies, document
from .access import Bearer
from .parameters import Cursor, Release, Words, not_allowed, strictly
from .problems import Problem

PAGE = 100

router = Router(tags=["knowledge"], auth=Bearer(Scope.KNOWLEDGE))

Key = Annotated[str, Path(max_length=200, description="The key of an entry, as lists give it.")]
Year = Annotated[int | None, Query(ge=1950, le=2100, description="The year from which.")]


def _choices(form: type[forms.Form], name: str) -> Any:
    """The values that a filter of a page takes, "" for any."""
    return Literal[tuple(value for value, _ in form.base_fields[name].choices)]


Site, Histology, Line = (_choices(EvidenceFilter, name) for name in ("site", "histology", "line"))
Design, Biomarker, Checked = (_choices(EvidenceFilter, name) for name in ("design", "biomarker", "checked"))
Order = _choices(EvidenceFilter, "sort")
Status, TrialLine, TrialSite = (_choices(TrialFilter, name) for name in ("status", "line", "site"))
TrialMarker: Any = Literal[("", NO_MARKER, *SelectionBiomarker.values)]
Country = Annotated[
    str, Query(max_length=100, description=f"A country as the registers name it, or “{NOT_ON_RECORD}”.")
]

Row = Mapping[str, Any]


def _list(path: str, schema: str, summary: str) -> Callable[..., Any]:
    return router.get(path, summary=summary, openapi_extra=document.listed(schema), url_name=path.strip("/"))


def _one(path: str, schema: str, summary: str) -> Callable[..., Any]:
    name = path.strip("/").partition("/")[0]
    return router.get(path, summary=summary, openapi_extra=document.one(schema), url_name=f"{name}-one")


# ---- releases


@_list("/releases", "Release", "Every release, the newest first")
@strictly
def release_list(request: HttpRequest, cursor: Cursor = None) -> HttpResponse:
    bodies.accepts(request, bodies.JSON)
    items = [asdict(identity) | {"in_force": is_in_force} for identity, is_in_force in answers.identities()]
    start = int(cursor.partition("-")[2]) if cursor else 0
    in_force = next((item for item in items if item["in_force"]), None)
    page = _page(items, start, in_force["sha256"] if in_force else "0" * 64)
    return answers.json_answer(request, page, release=None)


@_one("/releases/{name}", "ReleaseDetail", "One release with its counts, by name or SHA-256")
@strictly
def release_one(request: HttpRequest, name: Key) -> HttpResponse:
    bodies.accepts(request, bodies.JSON)
    row = answers.release_named(name)
    knowledge = answers.knowledge_for(row.name)
    counts = {name: len(rows) for name, rows in sorted(knowledge.document.items()) if isinstance(rows, list)}
    found = asdict(knowledge.release) | {
        "in_force": row == releases.in_force(),
        "edition": knowledge.edition,
        "counts": counts,
    }
    return answers.json_answer(request, found, release=knowledge.release)


# ---- options


@_list("/options", "Option", "Regimens by name, those whose names or drugs a search finds")
@strictly
def option_list(request: HttpRequest, release: Release = None, cursor: Cursor = None, q: Words = "") -> HttpResponse:
    def rows(knowledge: Knowledge) -> list[Row]:
        return [_option(entry.slug, knowledge) for entry in chosen(q, all_options(knowledge))]

    return _listed(request, release, cursor, rows)


@_one("/options/{key}", "Option", "One regimen, by its slug")
@strictly
def option_one(request: HttpRequest, key: Key, release: Release = None) -> HttpResponse:
    return _entry(request, release, lambda knowledge: _option(key, knowledge) if key in knowledge.regimens else None)


def _option(slug: str, knowledge: Knowledge) -> Row:
    """A regimen as it is recorded, with what is recorded for it elsewhere."""
    regimen = knowledge.regimens[slug]

    def of(rows: str) -> list[Row]:
        return [row for row in knowledge.document[rows] if row["regimen"] == slug]

    cohorts = [{"publication": cohort.publication, "index": cohort.index} for cohort in regimen.cohorts]
    return _by(knowledge, "regimens", "slug")[slug] | {
        "indications": of("indications"),
        "licences": of("licences"),
        "cohorts": cohorts,
    }


# ---- publications


@_list("/publications", "Publication", "Publications and what was read in each")
@strictly
def publication_list(
    request: HttpRequest,
    release: Release = None,
    cursor: Cursor = None,
    q: Words = "",
    site: Site = "",
    histology: Histology = "",
    line: Line = "",
    design: Design = "",
    biomarker: Biomarker = "",
    checked: Checked = "",
    since: Year = None,
    sort: Order = "",
) -> HttpResponse:
    filtered = EvidenceFilter(request.GET)
    _check(filtered)
    return _listed(
        request,
        release,
        cursor,
        lambda knowledge: [knowledge.publications[entry.key] for entry in listed(knowledge, filtered)],
    )


@_one("/publications/{key}", "Publication", "One publication, by its key")
@strictly
def publication_one(request: HttpRequest, key: Key, release: Release = None) -> HttpResponse:
    return _entry(request, release, lambda knowledge: knowledge.publications.get(key))


# ---- biomarkers


@_list("/biomarkers", "Biomarker", "Biomarkers, how often they are found, and what they open")
@strictly
def biomarker_list(request: HttpRequest, release: Release = None, cursor: Cursor = None) -> HttpResponse:
    return _listed(request, release, cursor, lambda knowledge: knowledge.document["biomarkers"])


@_one("/biomarkers/{key}", "Biomarker", "One biomarker, by its slug")
@strictly
def biomarker_one(request: HttpRequest, key: Key, release: Release = None) -> HttpResponse:
    return _entry(request, release, lambda knowledge: _by(knowledge, "biomarkers", "slug").get(key))


# ---- guidelines


@_list("/guidelines", "GuidelineStatement", "What guidelines say")
@strictly
def guideline_list(request: HttpRequest, release: Release = None, cursor: Cursor = None) -> HttpResponse:
    return _listed(request, release, cursor, lambda knowledge: list(knowledge.guidelines.values()))


@_one("/guidelines/{key}", "GuidelineStatement", "One statement, by its key")
@strictly
def guideline_one(request: HttpRequest, key: Key, release: Release = None) -> HttpResponse:
    return _entry(request, release, lambda knowledge: knowledge.guidelines.get(key))


# ---- trials


@_list("/trials", "Trial", "Trials as they were last seen: those that recruit first")
@strictly
def trial_list(
    request: HttpRequest,
    release: Release = None,
    cursor: Cursor = None,
    q: Words = "",
    status: Status = "",
    country: Country = "",
    site: TrialSite = "",
    line: TrialLine = "",
    biomarker: TrialMarker = "",
) -> HttpResponse:
    def rows(knowledge: Knowledge) -> list[Row]:
        filtered = TrialFilter(request.GET, knowledge)
        _check(filtered)
        return ordered_trials(knowledge, filtered)

    return _listed(request, release, cursor, rows)


@_one("/trials/{key}", "Trial", "One trial, by its NCT number")
@strictly
def trial_one(request: HttpRequest, key: Key, release: Release = None) -> HttpResponse:
    return _entry(request, release, lambda knowledge: _by(knowledge, "trials", "nct").get(key))


# ---- what they share


def _listed(
    request: HttpRequest, release: str | None, cursor: str | None, rows: Callable[[Knowledge], Sequence[Row]]
) -> HttpResponse:
    """A page of a list. Pages of one walk are of one release: a cursor names it, and the place in it."""
    bodies.accepts(request, bodies.JSON)
    sha256, _, start = cursor.partition("-") if cursor else ("", "", "0")
    knowledge = answers.knowledge_for(release or sha256 or None)
    if not knowledge.release.sha256.startswith(sha256):
        raise Problem("parameters", errors=[not_allowed("cursor", "", "one of a page of the same release")])
    page = _page(rows(knowledge), int(start), knowledge.release.sha256)
    content = {"release": asdict(knowledge.release)} | page
    return answers.json_answer(request, content, release=knowledge.release, tag=f'"{knowledge.release.sha256}"')


def _page(rows: Sequence[Row], start: int, sha256: str) -> dict[str, Any]:
    end = start + PAGE
    following = f"{sha256[:16]}-{end}" if end < len(rows) else None
    return {"total": len(rows), "next": following, "items": rows[start:end]}


def _entry(request: HttpRequest, release: str | None, find: Callable[[Knowledge], Row | None]) -> HttpResponse:
    bodies.accepts(request, bodies.JSON)
    knowledge = answers.knowledge_for(release)
    row = find(knowledge)
    if row is None:
        raise Problem("not-found", f"Release {knowledge.release.name} holds no such entry.")
    return answers.json_answer(request, row, release=knowledge.release, tag=f'"{knowledge.release.sha256}"')


def _check(filtered: forms.Form) -> None:
    """What the form refuses beyond the choices of the document: a null character in a search, a country in which no
    trial of the release is. Raises Problem."""
    if not filtered.is_valid():
        raise Problem("parameters", errors=[_refused(filtered, name) for name in filtered.errors])


def _refused(filtered: forms.Form, name: str) -> dict[str, Any]:
    is_choice = isinstance(filtered.fields[name], forms.ChoiceField)
    allowed = "one that is recorded in the release" if is_choice else "text that can be searched for"
    return not_allowed(name, filtered.data.get(name), allowed)


def _by(knowledge: Knowledge, rows: str, key: str) -> dict[str, Row]:
    return {row[key]: row for row in knowledge.document[rows]}
