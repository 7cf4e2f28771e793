"""Files of FHIR that are taken from pages: a ranking from `/`, and a decision by a member of its board."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from audit.events import record
from boards.actions.decisions import latest_decision
from boards.shown.snapshot import snapshot
from boards.shown.stored_ranking import Recorded
from boards.views.access import my_item, signed_in
from regimens.pages.patient_form import PatientForm
from regimens.pages.views import patient_and_options, with_release
from regimens.rules.knowledge import Knowledge

from .terminology import terminology
from .writing.bundles import MEDIA_TYPE, Resource, as_json
from .writing.decision import decided, decision_bundle
from .writing.ranking import ranking_bundle

RANKING = "ranking.fhir.json"


@never_cache
@require_POST
@with_release
def ranking_file(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """The ranking of what was entered; the page with its errors where something of it is wrong or only supposed."""
    found = snapshot(PatientForm(request.POST, knowledge=knowledge), knowledge)
    if found is None:
        return patient_and_options(request)
    recorded = Recorded(found.ranking, knowledge)
    bundle = ranking_bundle(recorded, terms=terminology(), software=settings.VERSION, at=timezone.now())
    if request.user.is_authenticated:
        record("export", RANKING, details={"release": knowledge.release.sha256})
    return _file(bundle, RANKING)


@signed_in
@require_safe
def decision_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The version in force; nothing is there of an erased case, or where nothing is decided."""
    item, _held = my_item(request, pk)
    latest = latest_decision(item)
    if latest is None or item.version is None or item.is_hidden:
        raise Http404
    bundle = decision_bundle(decided(latest), software=settings.VERSION, at=timezone.now())
    details = {"document": "decision", "item": item.pk, "decision": latest.number}
    record("export", item.case, by=request.user, details=details)
    return _file(bundle, f"decision-case-{item.case_id}.fhir.json")


def _file(bundle: Resource, name: str) -> HttpResponse:
    response = HttpResponse(as_json(bundle), MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
