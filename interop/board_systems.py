"""Which systems read the decisions of a board: its chair agrees to each, and may end it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit.errors import ActionRefused
from boards.models.choices import Role
from boards.views.access import my_board, row_number

from . import actions
from .models import ApiToken


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def board_systems(request: HttpRequest, pk: int) -> HttpResponse:
    board, _held = my_board(request, pk, (Role.CHAIR,))
    tokens = ApiToken.objects.filter(board=board).select_related("made_by", "agreed_by")
    if request.method == "POST":
        token = get_object_or_404(tokens, pk=row_number(request.POST.get("token", "")))
        act = actions.revoke_token if "end" in request.POST else actions.agree_to_token
        try:
            act(token, by=request.user, now=timezone.now())
        except ActionRefused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Done: %(token)s.") % {"token": token})
        return redirect("board-systems", board.pk)
    today = timezone.now().date()
    rows = [{"token": token, "is_over": token.revoked_at is not None or token.is_over(today)} for token in tokens]
    return render(request, "interop/board_systems.html", {"board": board, "rows": rows, "section": "boards"})
