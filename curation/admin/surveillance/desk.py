"""The surveillance desk: retractions of what is held, what searches found, and what people decide on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.sent_once import once
from audit.errors import ActionRefused
from curation.accepted import accepted, document_of
from curation.actions import open_proposals
from curation.admin.addresses import edit_address
from curation.admin.packages.pages import begin_with_found, in_hand
from curation.freshness import Freshness, OfKind, freshness
from curation.imports.clinicaltrials import trial_entry
from curation.imports.found import citation_of, trial_of
from curation.imports.identifiers import identifier_in
from curation.imports.pubmed import new_entry
from curation.models import FindingReason, Proposal, SavedSearch, SearchLook, SurveyFinding
from curation.permissions import PROPOSE
from curation.review.dependents import Reach, reach
from curation.review.differences import differences
from curation.surveillance import deciding
from curation.surveillance.notices import propose_notice, settle_notice, waiting_notices
from curation.surveillance.searches import load_shipped
from regimens.models import ReportedNotice
from regimens.models.choices import EntryKind, ExclusionReason, FindingState, TrialStatus
from regimens.reported import searched_until
from staff.site import site

from .drawn import LOOKS, ages, bars

PER_PAGE = 25
OLDEST = 3  # of what is due, of each kind
REFUSED = "desk-refused"  # in the session
SNIPPET = 400  # characters of what else a source says
LATER = ((30, gettext_lazy("in a month")), (91, gettext_lazy("in three months")), (182, gettext_lazy("in six months")))
STATES = (
    (FindingState.UNDECIDED, gettext_lazy("To decide")),
    (FindingState.LATER, gettext_lazy("Later")),
    (FindingState.INCLUDED, gettext_lazy("Included")),
    (FindingState.EXCLUDED, gettext_lazy("Excluded")),
)
OLD_AFTER = timedelta(days=30)  # from when on a search that nobody saw through is marked


@dataclass(frozen=True)
class SearchLine:
    """A search at the side of the desk, with how many of what it found wait, and whether it is long ago.

    bars   what its last looks found
    """

    search: SavedSearch
    waiting: int
    bars: SafeString
    looked: date | None
    is_old: bool
    is_chosen: bool
    address: str


@dataclass(frozen=True)
class Shown:
    """Something found, as a row: its title in pieces of which some are words of the search, and why it was found.

    held     where what is held of the same stands
    change   of a trial that is held: how it stands here, and how at the source
    next_pk  the row below it, which is next once it is decided; 0 for the last
    """

    finding: SurveyFinding
    title: tuple[tuple[str, bool], ...]
    snippet: str
    reasons: tuple[FindingReason, ...]
    is_open: bool
    held: str
    change: tuple[str, str] | None
    next_pk: int


@dataclass(frozen=True)
class Pinned:
    """A notice against what is held, what rests on that, and the proposal of it that waits for a decision."""

    notice: ReportedNotice
    reach: Reach
    proposal: Proposal | None


def waiting_findings(today: date) -> QuerySet[SurveyFinding]:
    """What nobody decided on, and what was put off until today or before."""
    return SurveyFinding.objects.filter(
        Q(state=FindingState.UNDECIDED) | Q(state=FindingState.LATER, later_until__lte=today)
    )


def _count_waiting(user: Any) -> int:
    return waiting_findings(timezone.localdate()).count() + len(waiting_notices())


@site.tool("desk/", name="desk", title=gettext_lazy("Surveillance desk"), permission=PROPOSE, waiting=_count_waiting)
def desk(request: HttpRequest) -> HttpResponse:
    """What waits, of all searches or of one, and behind it what was put off, included and excluded."""
    today = timezone.localdate()
    chosen = SavedSearch.objects.filter(key=request.GET.get("search", "")).first()
    state = request.GET.get("state", FindingState.UNDECIDED)
    if state not in FindingState.values:
        state = FindingState.UNDECIDED
    rows = {value: _in_state(value, today) for value, _title in STATES}
    if chosen:
        rows = {value: found.filter(reasons__search=chosen) for value, found in rows.items()}
    page = Paginator(rows[state].order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    asked = {"search": chosen.key} if chosen else {}
    context = {
        "title": _("Surveillance desk"),
        "is_nav_sidebar_enabled": False,  # three columns need the width
        "searches": list(_search_lines(chosen, today)),
        "all_address": f"?{urlencode({'state': state})}",
        "chosen": chosen,
        "looks": chosen.looks.select_related("by")[:12] if chosen else (),
        "tabs": [
            (title, rows[value].count(), f"?{urlencode(asked | {'state': value})}", value == state)
            for value, title in STATES
        ],
        "state": state,
        "page": page,
        "found": _shown(page.object_list, today),
        "address": urlencode(asked | {"state": state}),
        "pinned": list(_pinned()),
        "searched": searched_until(),
        "reasons": _reasons(),
        "later": LATER,
        "fresh": list(_how_fresh(today)),
        "packages": in_hand(),
        "becomes": chosen.looks.order_by("-pk").values_list("until", flat=True).first() if chosen else None,
        "first_day": (today + timedelta(days=1)).isoformat(),
        "refused": request.session.pop(REFUSED, {}),
    }
    return TemplateResponse(request, "admin/surveillance/desk.html", site.each_context(request) | context)


@site.tool("desk/decide/", name="desk-decide", permission=PROPOSE)
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """One button on the desk: of one record ("include", "exclude", "later", "reopen") or of those that are ticked."""
    sent, now = request.POST, timezone.now()
    one = next(((name, sent[name]) for name in ("include", "exclude", "later", "reopen") if name in sent), None)
    try:
        if one:
            return _decide_one(request, *one)
        chosen = _findings(sent.getlist("chosen"))
        many, note = sent.get("many", ""), sent.get("note", "")
        if many == "include":
            made = deciding.include(chosen, by=request.user, now=now)
        elif many == "exclude":
            made = deciding.exclude(chosen, reason=sent.get("reason", ""), note=note, by=request.user, now=now)
        elif many == "later":
            made = deciding.defer(chosen, until=_day(sent.get("until", "")), note=note, by=request.user, now=now)
        else:
            raise Http404
        _say(request, made)
    except ActionRefused as error:
        messages.error(request, str(error))
        # What was ticked and typed stands there again on the page that says so, and on no other.
        request.session[REFUSED] = {
            "ticked": [int(number) for number in sent.getlist("chosen") if number.isdecimal() and len(number) < 10],
            **{name: sent.get(name, "")[:500] for name in ("reason", "until", "note")},
        }
    return redirect(_back(request))


@site.tool("desk/found/<int:pk>/", name="found", permission=PROPOSE)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def found(request: HttpRequest, pk: int) -> HttpResponse:
    """A record with why it was found and what became of it; where it was included, what a proposal of it would say."""
    finding = get_object_or_404(SurveyFinding.objects.select_related("decided_by"), pk=pk)
    if request.method == "POST":
        try:
            made = deciding.propose_found(finding, by=request.user)
        except ActionRefused as error:
            messages.error(request, str(error))
            return redirect("admin:found", finding.pk)
        messages.success(request, _("Proposed: another person decides."))
        return redirect("admin:regimens_proposal_change", made.proposal.pk)
    today = timezone.localdate()
    context = {
        "title": finding.title,
        "one": _shown([finding], today)[0],
        "preview": _preview(finding),
        "package_address": package_address(finding),
        "form_address": _form_address(finding),
        "same_address": _same_address(finding),
        "reasons": _reasons(),
        "later": LATER,
    }
    return TemplateResponse(request, "admin/surveillance/found.html", site.each_context(request) | context)


@site.tool("desk/notices/<int:pk>/", name="notice-decide", permission=PROPOSE)
@require_POST
@once
def decide_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose a notice, or say why it is not against the publication."""
    notice = get_object_or_404(ReportedNotice, pk=pk)
    try:
        if "propose" in request.POST:
            made = propose_notice(notice, by=request.user)
            messages.success(request, _("Proposed: another person decides."))
            return redirect("admin:regimens_proposal_change", made.proposal.pk)
        because = request.POST.get("because", "")
        settle_notice(notice, because=because, by=request.user, now=timezone.now())
        messages.success(request, _("It is on no page any more."))
    except ActionRefused as error:
        messages.error(request, str(error))
    return redirect("admin:desk")


@site.tool("desk/load/", name="load-searches", permission=PROPOSE)
@require_POST
def load(request: HttpRequest) -> HttpResponse:
    """Bring in the shipped searches that lack."""
    made = load_shipped(by=request.user)
    words = ngettext("%(count)d search brought in.", "%(count)d searches brought in.", len(made))
    messages.success(request, words % {"count": len(made)})
    return redirect("admin:desk")


def package_address(finding: SurveyFinding) -> str:
    """Where a work package is begun with the record; empty where there is no such page or nothing to name it by."""
    identifier = finding.nct or finding.pmid or finding.doi
    try:
        return f"{reverse('admin:work-package-new')}?{urlencode({'identifier': identifier})}" if identifier else ""
    except NoReverseMatch:
        return ""


def _decide_one(request: HttpRequest, how: str, value: str) -> HttpResponse:
    number, _colon, what = value.partition(":")
    findings, now, by = _findings([number]), timezone.now(), request.user
    if how == "include":
        finding = deciding.include(findings, by=by, now=now)[0]
        _say(request, [finding])
        identifier = identifier_in(finding.nct or finding.pmid or finding.doi)
        begun = begin_with_found(request, identifier) if identifier else None
        return begun or redirect(package_address(finding) or reverse("admin:found", args=[finding.pk]))
    if how == "exclude":
        _say(request, deciding.exclude(findings, reason=what, by=by, now=now))
    elif how == "later":
        days = int(what) if what in {str(days) for days, _words in LATER} else 0
        _say(request, deciding.defer(findings, until=now.date() + timedelta(days=days), by=by, now=now))
    else:
        for finding in findings:
            deciding.reopen(finding, by=by)
        messages.success(request, _("It waits for a decision again."))
    below = request.POST.get(f"next-{number}", "0")
    place = f"#found-{below}" if below.isdecimal() and below != "0" and len(below) < 10 else ""
    return redirect(f"{_back(request)}{place}")


def _say(request: HttpRequest, made: Sequence[SurveyFinding]) -> None:
    state = made[0].get_state_display()
    words = ngettext("%(count)d record: %(state)s.", "%(count)d records: %(state)s.", len(made))
    messages.success(request, words % {"count": len(made), "state": state})


def _back(request: HttpRequest) -> str:
    """To the part of the desk from which it was sent."""
    given = request.POST.get("back", "")
    is_ours = given.startswith(reverse("admin:desk")) and url_has_allowed_host_and_scheme(given, allowed_hosts=None)
    return given if is_ours else reverse("admin:desk")


def _findings(numbers: Sequence[str]) -> list[SurveyFinding]:
    wanted = [int(number) for number in numbers if number.isdecimal() and len(number) < 10]
    return list(SurveyFinding.objects.filter(pk__in=wanted))


def _in_state(state: str, today: date) -> QuerySet[SurveyFinding]:
    if state == FindingState.UNDECIDED:
        return waiting_findings(today)
    rows = SurveyFinding.objects.filter(state=state)
    return rows.filter(later_until__gt=today) if state == FindingState.LATER else rows


def _search_lines(chosen: SavedSearch | None, today: date) -> Iterator[SearchLine]:
    waiting = dict(
        FindingReason.objects.filter(finding__in=waiting_findings(today).values("pk"))
        .order_by()
        .values_list("search")
        .annotate(Count("pk"))
    )
    looked = dict(SearchLook.objects.order_by("pk").values_list("search", "until"))  # the newest counts
    for search in SavedSearch.objects.all():
        seen = search.searched_until
        yield SearchLine(
            search,
            waiting.get(search.pk, 0),
            bars(_found_at_looks(search)),
            looked.get(search.pk),
            search.is_active and (seen is None or seen + OLD_AFTER < today),
            search == chosen,
            f"?{urlencode({'search': search.key})}",
        )


def _found_at_looks(search: SavedSearch) -> list[tuple[date, int]]:
    looks = search.looks.order_by("-pk").annotate(found=Count("reasons")).values_list("until", "found")
    return list(looks[:LOOKS])[::-1]


def _how_fresh(today: date) -> Iterator[tuple[OfKind, SafeString, list[tuple[Freshness, str]]]]:
    """Each kind with its drawing, and the oldest of those that are due, each with where it is edited."""
    for kind in freshness(today):
        yield kind, ages(kind, today), [(one, edit_address(one.kind, one.key)) for one in kind.due[:OLDEST]]


def _shown(findings: Sequence[SurveyFinding], today: date) -> list[Shown]:
    reasons: dict[int, list[FindingReason]] = {}
    for reason in FindingReason.objects.filter(finding__in=[one.pk for one in findings]).select_related("search"):
        reasons.setdefault(reason.finding_id, []).append(reason)
    shown = []
    below = [finding.pk for finding in findings][1:]
    for finding, next_pk in zip_longest(findings, below, fillvalue=0):
        why = reasons.get(finding.pk, [])
        words = {word for reason in why for word in reason.words}
        snippet = finding.text if len(finding.text) <= SNIPPET else f"{finding.text[:SNIPPET].rsplit(' ', 1)[0]} …"
        shown.append(
            Shown(
                finding,
                tuple(_pieces(finding.title, words)),
                snippet,
                tuple(why),
                finding.state in deciding.OPEN,
                _same_address(finding),
                _change(finding),
                next_pk,
            )
        )
    return shown


def _change(finding: SurveyFinding) -> tuple[str, str] | None:
    """How a trial stands here and at the source, where it was found because the two differ."""
    if not finding.held:
        return None
    trial, held = trial_of(finding.record), accepted()["trials"].get(finding.held)
    if trial is None or held is None:
        return None
    return str(TrialStatus(held["status_as_seen"]).label), str(TrialStatus(trial.status).label)


def _pieces(title: str, words: set[str]) -> Iterator[tuple[str, bool]]:
    """A title in pieces, those marked that are words of the search."""
    parts = [r"\W+".join(re.findall(r"\w+", word)) for word in sorted(words, key=len, reverse=True)]
    parts = [part for part in parts if part]
    if not parts:
        yield title, False
        return
    for place, piece in enumerate(re.split(rf"(\b(?:{'|'.join(parts)}))", title, flags=re.IGNORECASE)):
        if piece:
            yield piece, place % 2 == 1


def _pinned() -> Iterator[Pinned]:
    notices = waiting_notices()
    document = document_of(accepted()) if notices else {}
    for notice in notices:
        waiting = (one for one in open_proposals(EntryKind.PUBLICATIONS, notice.publication) if one.values)
        proposal = next((one for one in waiting if (one.values.get("notice") or {}).get("kind") == notice.kind), None)
        yield Pinned(notice, reach(document, notice.publication), proposal)


def _reasons() -> list[tuple[str, str]]:
    """Those that are one click; another one takes words."""
    return [(value, str(label)) for value, label in ExclusionReason.choices if value != ExclusionReason.OTHER]


def _preview(finding: SurveyFinding) -> list[Any]:
    """What a proposal of it would say, field by field; nothing where the source says too little for one."""
    citation, trial = citation_of(finding.record), trial_of(finding.record)
    if citation is not None:
        return list(differences("publications", None, new_entry(citation, "")))
    if trial is not None:
        known = accepted()["trials"].get(trial.nct)
        day = trial.version or finding.found_at.date()
        return list(differences("trials", known, trial_entry(trial, known, looked_up_on=day)))
    return []


def _form_address(finding: SurveyFinding) -> str:
    """Of the form in which it is entered by hand."""
    if finding.nct:
        return edit_address(EntryKind.TRIALS, finding.nct)
    return reverse("admin:regimens_publication_add")


def _same_address(finding: SurveyFinding) -> str:
    """Of the entry of the same study, or of the one that changed."""
    key = finding.same_study or finding.held
    if not key:
        return ""
    kind = EntryKind.TRIALS if key.startswith("NCT") else EntryKind.PUBLICATIONS
    return reverse("admin:entry-of", args=[kind, key])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
