"""A decision as FHIR for a member of the board, who takes it along as a file: de-identified, and an event."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit.events import record
from boards.actions.decisions import latest_decision
from boards.views.access import my_item, signed_in

from .writing.bundles import MEDIA_TYPE, as_json
from .writing.decision import decided, decision_bundle


@signed_in
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The version in force; nothing is there of an erased case, or where nothing is decided."""
    item, _held = my_item(request, pk)
    latest = latest_decision(item)
    if latest is None or item.version is None or item.is_hidden:
        raise Http404
    bundle = decision_bundle(decided(latest), software=settings.VERSION, at=timezone.now())
    details = {"document": "decision", "item": item.pk, "decision": latest.number}
    record("export", item.case, by=request.user, details=details)
    response = HttpResponse(as_json(bundle), MEDIA_TYPE)
    name = f"decision-case-{item.case_id}.fhir.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
