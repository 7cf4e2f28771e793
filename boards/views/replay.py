"""A decided case on later releases, and the cases of a board for which the first option has changed."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from boards.actions.replays import replay_decisions
from boards.blindness import blind_cases
from boards.models import DamagedRanking
from boards.presenters.cases import case_label, decided_words
from boards.presenters.patient import patient_line
from boards.presenters.replay import Column, changed_rows, column, list_words, replay_page
from boards.shown.replay import (
    PlacesOnRelease,
    account,
    as_shown,
    changed_items,
    decided_items,
    release_in_use,
    releases_since,
    reproduction,
    shown_on,
)
from boards.shown.stored_ranking import Frozen, knowledge_of
from regimens.models import KnowledgeRelease
from regimens.releases import DamagedRelease, edition_of, in_force
from regimens.rules.knowledge import EDITION

from .access import my_board, my_case, my_item, signed_in

PER_PAGE = 40
# How long opening the list may go on replaying what is not replayed yet.
SECONDS = 0.5


@signed_in
@require_safe
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """The ranking then, on a release that `release` names, and on the one in force; each with what moved."""
    item, _held = my_item(request, pk)
    decision = item.decisions.order_by("-number").first()
    if decision is None or item.version is None:
        return redirect("boards:item", pk)
    context: dict[str, Any] = {
        "item": item,
        "label": case_label(item.case),
        "decided": decided_words(decision),
        "decision": decision,
        "section": "boards",
    }
    if my_case(request, item.case_id).is_hidden:
        return render(request, "boards/replay.html", context | {"is_hidden": True})
    since = releases_since(item.version)
    chosen = _chosen(request, since)
    try:
        frozen = Frozen(item.version)
        columns, standings = _columns(frozen, chosen)
        found = account(frozen, standings[1])
        page = replay_page(frozen, columns, standings, found, reproduced=reproduction(frozen))
    except (DamagedRanking, DamagedRelease) as error:
        return render(request, "boards/replay.html", context | {"damage": str(error)}, status=500)
    context |= {"patient": patient_line(frozen), "page": page, "since": since, "chosen": chosen}
    return render(request, "boards/replay.html", context)


@signed_in
@require_safe
def changed(request: HttpRequest, pk: int) -> HttpResponse:
    """The cases of a board for which the first option has changed since the decision, the latest meeting first.

    What is not replayed on the release in force yet is replayed now, for half a second at most.
    """
    board, _held = my_board(request, pk)
    release_id = release_in_use()
    context: dict[str, Any] = {"board": board, "section": "boards"}
    if release_id is not None:
        progress = replay_decisions(release_id, by=request.user, seconds=SECONDS, case__board=board)
        rows = changed_items(release_id, meeting__board=board)
        shown = rows.exclude(case__in=blind_cases()).select_related("case", "meeting", "version__release")
        unread = ("version__ranking", "version__entered", "version__features", "version__release__content")
        shown = shown.prefetch_related("decisions").defer(*unread)
        page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
        # All that are decided, whether or not their first option changed: how many of those did would tell of them.
        hidden = decided_items(meeting__board=board, case__in=blind_cases()).count()
        release = KnowledgeRelease.objects.defer("content").get(pk=release_id)
        found = changed_rows(page)
        context |= {"rows": found, "page": page, "today": release}
        context["is_method_changed"] = any(row.is_method_changed for row in found)
        context |= {"left_out": list_words(progress.left, hidden)}
    else:
        newest = in_force()
        context["former"] = newest if newest and edition_of(newest.sha256) != EDITION else None
    return render(request, "boards/changed.html", context)


def _chosen(request: HttpRequest, since: list[KnowledgeRelease]) -> int | None:
    """The release asked for, one of those since; None for the one in force."""
    wanted = request.GET.get("release", "")
    return next((release.pk for release in since if str(release.pk) == wanted), None)


def _columns(frozen: Frozen, chosen: int | None) -> tuple[list[Column], list[PlacesOnRelease]]:
    """Then, the chosen release where there is one, and today; the second is the one that is compared with the first."""
    version = frozen.version
    today = release_in_use() or version.release_id
    shown = [(_("Then, as it was shown"), as_shown(frozen))]
    for key in [today] if chosen in (None, today) else [chosen, today]:
        title = _("Today") if key == today else _("Chosen release")
        shown.append((title, shown_on(version, knowledge_of(key))))
    return [column(frozen, *each) for each in shown], [standing for _title, standing in shown]
