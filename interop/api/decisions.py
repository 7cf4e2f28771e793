"""What a board decided, for the system to which an administrator gave a token that names the board.

From frozen rows, de-identified. A case that is erased is not found, nor one on which a vote is open: nobody is shown
its ranking until it is closed.
"""

from __future__ import annotations

from typing import Annotated, Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from ninja import Path, Query, Router

from audit.events import record
from boards.blindness import blind_cases
from boards.models import Board, Decision, Signature
from interop.models import Scope
from interop.writing.bundles import MEDIA_TYPE, as_json
from interop.writing.decision import decided, decision_bundle, month, status_of

from . import answers, bodies, document
from .access import Bearer
from .fhir import OF_R4
from .parameters import strictly
from .problems import Problem

PAGE = 100
# Columns that a list leaves where they are; what one decision needs of them is asked for then.
HEAVY = tuple(f"item__version__{name}" for name in ("ranking", "entered", "features", "release__content"))
LONGEST_NUMBER = 18  # digits: a row's number is no longer than a database takes

router = Router(tags=["decisions"], auth=Bearer(Scope.DECISIONS, needs_token=True))

Number = Annotated[str, Path(max_length=LONGEST_NUMBER, description="“id” of the list.")]
Before = Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$", description="“next” of the page before.")]


@router.get(
    "/boards/decisions",
    summary="The decisions of the board, every version, the newest first",
    openapi_extra=document.listed("Decision"),
    url_name="decisions",
)
@strictly
def decision_list(request: HttpRequest, cursor: Before = None) -> HttpResponseBase:
    """Those of cases that are neither erased nor being voted on."""
    bodies.accepts(request, bodies.JSON)
    found = _decisions(_board(request))
    total = found.count()
    if cursor:
        found = found.filter(pk__lt=int(cursor))
    rows = list(found[: PAGE + 1])
    page = {
        "total": total,
        "next": str(rows[PAGE - 1].pk) if len(rows) > PAGE else None,
        "items": [_item(row) for row in rows[:PAGE]],
    }
    return answers.json_answer(request, page, release=None)


@router.get(
    "/boards/decisions/{id}",
    summary="One version of a decision as a FHIR Bundle",
    openapi_extra=document.decision(),
    url_name="fhir-decision",
)
@strictly
def decision_one(request: HttpRequest, id: Number) -> HttpResponseBase:
    """A CarePlan: what was chosen, the alternatives beside it, who signed by role. No name, no day, no label."""
    bodies.preferred(request, MEDIA_TYPE, OF_R4)
    number = int(id) if id.isascii() and id.isdecimal() else 0
    row = _decisions(_board(request)).filter(pk=number).first()
    if row is None:
        raise Problem("not-found", "The board has no such decision, or nothing of it may be shown.")
    found = decided(row)
    bundle = decision_bundle(found, software=settings.VERSION, at=timezone.now())
    details = {"document": "decision", "item": row.item_id, "decision": row.number, "token": request.auth.pk}  # type: ignore[attr-defined]
    record("export", row.item.case, details=details)
    response = HttpResponse(as_json(bundle), MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    release = found.frozen.release
    response.headers[answers.RELEASE] = answers.release_header(release.name, release.sha256)
    return response


def _board(request: HttpRequest) -> Board:
    """The board that the token names."""
    board: Board = request.auth.board  # type: ignore[attr-defined]
    return board


def _decisions(board: Board) -> QuerySet[Decision]:
    """The versions of decisions that may be shown, with what a list says of them."""
    rows = Decision.objects.filter(item__meeting__board=board, item__version__isnull=False)
    shown = rows.exclude(item__case__in=blind_cases())
    complete = Signature.objects.filter(decision=OuterRef("pk"), place=OuterRef("signatures_needed"))
    newest = Decision.objects.filter(item=OuterRef("item")).order_by("-number").values("number")
    shown = shown.annotate(latest=Subquery(newest[:1]), is_signed=Exists(complete)).order_by("-pk")
    return shown.select_related("item__meeting__board", "item__case", "item__version__release").defer(*HEAVY)


def _item(row: Any) -> dict[str, Any]:
    release = row.item.version.release
    return {
        "id": str(row.pk),
        "item": row.item_id,
        "number": row.number,
        "status": status_of(row.number, latest=row.latest, is_signed=row.is_signed),
        "month": month(row.decided_at),
        "kind": row.kind,
        "option": row.option or None,
        "release": {"name": release.name, "sha256": release.sha256},
    }
