"""The decisions of a board that stay watched, and what its members answer."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from boards.actions.replays import replay_decisions
from boards.actions.watch import acknowledge, close_watch
from boards.models import AgendaItem
from boards.models.choices import DECIDING_ROLES, Acknowledged
from boards.presenters.replay import list_words
from boards.presenters.watch import watched_rows
from boards.shown.replay import release_in_use
from boards.shown.watched import for_rows, hidden_count, in_order, watched_items
from boards.times import day_of

from .access import done, my_board, row_number, signed_in

PER_PAGE = 30
# How long opening the page may go on replaying what is not replayed yet.
SECONDS = 0.5
SAID = {
    Acknowledged.NO_CHANGE: lambda: _("It is recorded that you have seen it, and that nothing changes."),
    Acknowledged.LISTED_AGAIN: lambda: _("The case is listed again, or waits for the next meeting."),
    Acknowledged.NOT_GIVEN: lambda: _("It is recorded that the patient is not on it any more."),
}


@signed_in
@require_safe
def watched(request: HttpRequest, pk: int) -> HttpResponse:
    """What undermines a decision first, the newest first; brought up to date with the release in force."""
    board, held = my_board(request, pk)
    release_id = release_in_use()
    left = replay_decisions(release_id, by=request.user, seconds=SECONDS, case__board=board).left if release_id else 0
    today = day_of(timezone.now(), board.time_zone)
    rows = in_order(watched_items(meeting__board=board), today)
    page = Paginator(for_rows(rows), PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "board": board,
        "page": page,
        "rows": watched_rows(page, today),
        "left_out": list_words(left, hidden_count(meeting__board=board)),
        "may_answer": held.role in DECIDING_ROLES,
        "today": today,
        "section": "boards",
    }
    return render(request, "boards/watched.html", context)


@signed_in
@require_POST
def watch_answer(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """What a member answers to what the page showed; or that the decision is watched no more, as the button says."""
    board, _held = my_board(request, pk, DECIDING_ROLES)
    row: AgendaItem = get_object_or_404(watched_items(meeting__board=board), pk=item)
    decision = get_object_or_404(row.decisions, number=row_number(request.POST.get("number", "")))
    answer = request.POST.get("answer", "")
    if answer == "close":
        said = _("The decision is not watched any more.")
        return done(request, partial(close_watch, decision, by=request.user), said, "boards:watched", pk)
    shown = [row_number(each) for each in request.POST.getlist("shown")]
    act = partial(acknowledge, decision, shown=shown, answer=answer, by=request.user)
    return done(request, act, SAID[Acknowledged(answer)]() if answer in SAID else "", "boards:watched", pk)
