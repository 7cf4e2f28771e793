"""Questions of imports: what a register or PubMed says otherwise, where the evidence base seems to know better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from audit.errors import ActionRefused
from curation import actions
from curation.admin.addresses import entry_address
from curation.admin.editing.pages import proposal_address
from curation.models import ImportQuestion
from curation.permissions import PROPOSE
from regimens.models.choices import QuestionAnswer
from staff.rows import EvidenceAdmin
from staff.site import site

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PER_PAGE = 25


def count_open(person: User) -> int:
    return ImportQuestion.objects.filter(answer="").count()


@site.tool(
    "questions/",
    name="import-questions",
    title=gettext_lazy("Questions of imports"),
    permission=PROPOSE,
    waiting=count_open,
)
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest) -> HttpResponse:
    """Each with what is here and what was read; one is answered by its buttons, several that are ticked at once."""
    if request.method == "POST":
        _answer(request)
        return redirect(request.get_full_path())
    rows = ImportQuestion.objects.select_related("asked_by", "answered_by", "proposal")
    page = Paginator(rows.filter(answer=""), PER_PAGE).get_page(request.GET.get("page"))
    answered = rows.exclude(answer="").order_by("-answered_at")[:PER_PAGE]
    context = {
        "title": _("Questions of imports"),
        "page": page,
        "rows": [(one, _lines(one.held_value), _lines(one.offered_value), _entry(one)) for one in page],
        "answered": [(one, proposal_address(one.proposal) if one.proposal else "") for one in answered],
    }
    return TemplateResponse(request, "admin/questions/list.html", site.each_context(request) | context)


@admin.register(ImportQuestion)
class ImportQuestionAdmin(EvidenceAdmin):
    list_display = ("key", "kind", "field", "answer", "asked_at", "answered_by")
    list_filter = ("answer", "kind", "field")
    list_select_related = ("answered_by",)
    search_fields = ("key", "held", "offered")


def _answer(request: HttpRequest) -> None:
    """One by its own button, `keep-3`, or all that are ticked."""
    what, _dash, one = request.POST.get("answer", "").partition("-")
    if what not in QuestionAnswer.values:
        messages.error(request, _("Choose what to do."))
        return
    chosen = [one] if one else request.POST.getlist("question")
    rows = ImportQuestion.objects.filter(pk__in=[pk for pk in chosen if pk.isdecimal()][:PER_PAGE], answer="")
    answered = 0
    for row in rows:
        try:
            actions.answer_question(row, answer=QuestionAnswer(what), by=request.user)
        except ActionRefused as error:
            messages.error(request, f"{row}: {error}")
        else:
            answered += 1
    if answered:
        is_kept = what == QuestionAnswer.KEEP
        said = _("Kept: %(count)s.") if is_kept else _("Proposed, for another person to decide: %(count)s.")
        messages.success(request, said % {"count": answered})


def _lines(value: Any) -> list[str]:
    if value in (None, "", []):
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _entry(question: ImportQuestion) -> str:
    return entry_address(question.kind, question.key)
