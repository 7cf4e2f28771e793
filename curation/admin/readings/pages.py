"""Reading twice: what waits for a second reader, the reader's form, and the figures on which two readers differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.sent_once import once
from audit.errors import ActionRefused, NotAllowed
from curation import accepted, actions
from curation.accepted import document_of
from curation.actions.embedded_readings import (
    DECLINED,
    UNDECIDED,
    all_left_out,
    content_in_force,
    is_pending,
    left_out,
)
from curation.actions.second_readings import seen_by, shape_of, who_may_read, why_not_to_read
from curation.actions.settling import (
    is_last_resort,
    is_overtaken,
    last_proposal,
    may_reopen,
    open_tasks,
    overtaken_tasks,
    who_may_settle,
    why_not_to_settle,
)
from curation.admin.addresses import edit_address
from curation.errors import InvalidContent
from curation.models import Reading, ReadingTask
from curation.permissions import PROPOSE
from curation.review.effect import reference_patients
from curation.review.influence import Influence, compiled, influence_of, read_once
from regimens.models.choices import EntryKind, ProposalStatus, ReadingKind
from regimens.rules.benchmark import benchmark_constants
from regimens.rules.knowledge import KnowledgeError
from regimens.rules.readings import kind_of, pooled_results, state_of_publication
from regimens.wording.citations import Link, arm_words, citation, link_to, publication_links
from regimens.wording.readings import figure_name, in_reading_order
from staff.rows import EvidenceAdmin
from staff.site import site

from .reading_form import SecondReadingForm, pooled_for_reading
from .settling_form import SettlingForm

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PER_PAGE = 50
RECENT = 20
SEE = "regimens.view_readingtask"
STATES = {"once": gettext_lazy("read once"), "partly": gettext_lazy("read twice in part")}
STATUSES = [
    ("open", gettext_lazy("open")),
    ("resolved", gettext_lazy("decided")),
    ("overtaken", gettext_lazy("overtaken")),
    ("all", gettext_lazy("all")),
]


@dataclass(frozen=True)
class ToRead:
    """A publication that waits for a second reader; no figure of it."""

    key: str
    citation: str
    title: str
    cohorts: tuple[str, ...]
    options: int
    patients: int
    weight: float
    state: str
    why_not: str


@dataclass(frozen=True)
class FigureRead:
    """A figure of a second reading beside the one that was on record; `differs` where they are not the same."""

    label: str
    recorded: str
    read: str
    differs: bool


def count_to_read(person: User) -> int:
    return len(read_once(document_of(accepted.accepted())))


def count_open_tasks(person: User) -> int:
    return len(open_tasks())


@site.tool(
    "readings/",
    name="readings",
    title=gettext_lazy("Figures to read a second time"),
    permission=PROPOSE,
    waiting=count_to_read,
)
def readings(request: HttpRequest) -> HttpResponse:
    """What one person alone has read, by how much hangs on it."""
    document = document_of(accepted.accepted())
    recent = Reading.objects.filter(kind=ReadingKind.SECOND).select_related("reader", "proposal")[:RECENT]
    tasks = [task.reading_id for task in open_tasks()]
    context = {
        "title": _("Figures to read a second time"),
        "to_read": _to_read(document, request.user),
        "left_out": all_left_out(),
        "recent": [(reading, tasks.count(reading.pk)) for reading in recent],
        "patients": len(reference_patients()),
    }
    return _page(request, "admin/readings/list.html", context)


@site.tool("readings/publication/<slug:key>/", name="read-second", permission=PROPOSE)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def read_second(request: HttpRequest, key: str) -> HttpResponse:
    """The form of a second reader. Nothing of what was read before is on the page, nor in what it refuses."""
    content = content_in_force(key)
    if content is None:
        raise Http404
    if why_not := why_not_to_read(key, request.user):
        context = {"title": _("Second reading"), "why_not": why_not, "who_may": _named(who_may_read(key))}
        return _page(request, "admin/readings/refused.html", context, status=403)
    shape = shape_of(content)
    results = pooled_for_reading(content, pooled_results(content))
    form = SecondReadingForm(results, request.POST or None, initial={"shape": shape})
    if request.method == "POST" and form.is_valid():
        try:
            entered = _enter(form, key, request.user)
        except InvalidContent:
            # Its problems may say what is on record.
            said = _("The evidence base would not take this reading. Nothing was recorded; ask a colleague.")
            form.add_error(None, said)
        except ActionRefused as error:
            form.add_error(None, str(error))
        else:
            _say_entered(request, entered)
            return redirect("admin:second-reading", entered.reading.pk)
    context = {
        "title": _("Second reading: %(publication)s") % {"publication": citation(content)},
        "form": form,
        "shape": shape,
        "publication": content,
        "links": publication_links(content),
    }
    return _page(request, "admin/readings/form.html", context, status=200 if not form.errors else 422)


@site.tool("readings/<int:pk>/", name="second-reading", permission=PROPOSE)
def second_reading(request: HttpRequest, pk: int) -> HttpResponse:
    """What a second reader read, beside what was on record."""
    rows = Reading.objects.filter(kind=ReadingKind.SECOND).select_related("reader", "proposal__reviewer")
    reading = get_object_or_404(rows, pk=pk)
    tasks = list(reading.tasks.all())
    context = {
        "title": _("Second reading: %(publication)s") % {"publication": reading.publication},
        "reading": reading,
        "cohorts": [(arm_words(cohort), _compared(cohort, tasks)) for cohort in reading.values],
        "open": len({task.pk for task in tasks} & {task.pk for task in open_tasks(reading.publication)}),
        "is_declined": reading.proposal.status in DECLINED,
        "is_left_out": reading.proposal.status == ProposalStatus.SUPERSEDED and left_out(reading.publication),
        "who_may": _named(who_may_read(reading.publication)),
    }
    return _page(request, "admin/readings/reading.html", context)


@site.tool("readings/again/<slug:key>/", name="read-again", permission=PROPOSE)
@require_POST
@once
def propose_again(request: HttpRequest, key: str) -> HttpResponse:
    """Propose once more what another change left out."""
    try:
        proposed = actions.propose_again(key, by=request.user)
    except ActionRefused as error:
        messages.error(request, str(error))
        return redirect("admin:readings")
    said = _("Proposed again: %(proposal)s. Another person accepts it.")
    messages.success(request, said % {"proposal": proposed.proposal})
    return redirect("admin:readings")


@site.tool(
    "readings/differ/",
    name="readings-differ",
    title=gettext_lazy("Readings that differ"),
    permission=SEE,
    waiting=count_open_tasks,
)
def differing(request: HttpRequest) -> HttpResponse:
    """The figures on which readings differ, without the figures: who looks for a paper to read may come by here."""
    rows = ReadingTask.objects.select_related("reading__reader", "first_reader", "resolved_by", "proposal")
    status = request.GET.get("status") if request.GET.get("status") in dict(STATUSES) else "open"
    words = request.GET.get("q", "").strip()[:80]
    overtaken = {task.pk for task in overtaken_tasks()}
    if status != "all":
        undecided = rows.filter(outcome="")
        rows = {
            "open": undecided.exclude(pk__in=overtaken),
            "overtaken": undecided.filter(pk__in=overtaken),
            "resolved": rows.exclude(outcome=""),
        }[status]
    if words:
        rows = rows.filter(publication__icontains=words)
    page = Paginator(rows.order_by("publication", "position", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    address = request.GET.copy()
    address.pop("page", None)
    context = {
        "title": _("Readings that differ"),
        "page": page,
        "tasks": [(task, figure_name(task.figure), task.pk in overtaken) for task in page],
        "statuses": [(value, text, value == status) for value, text in STATUSES],
        "q": words,
        "address": address.urlencode(),
        "may_decide": request.user.has_perm(PROPOSE),
    }
    return _page(request, "admin/readings/differing.html", context)


@site.tool("readings/differ/<slug:key>/", name="settle-readings", permission=SEE)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def settle(request: HttpRequest, key: str) -> HttpResponse:
    """Both values of each figure side by side with their sources, and which is right."""
    tasks, overtaken = open_tasks(key), overtaken_tasks(key)
    former = ReadingTask.objects.filter(publication=key).exclude(outcome="")
    former = former.select_related("resolved_by", "proposal", "reading__reader", "first_reader")
    if not tasks and not former and not overtaken:
        raise Http404
    form = SettlingForm(tasks, request.POST or None)
    why_not = _why_not_to_settle(tasks, request.user)
    if request.method == "POST":
        if why_not:
            raise PermissionDenied
        if form.is_valid() and (proposed := _settled(form, key, request)):
            said = _("Proposed: %(proposal)s. It stands when another person accepts it.")
            messages.success(request, said % {"proposal": proposed.proposal})
            return redirect("admin:settle-readings", key)
    content = content_in_force(key)
    context = {
        "title": _("Readings that differ: %(publication)s") % {"publication": key},
        "key": key,
        "form": form,
        "rows": [(fields, _both(fields.task)) for fields in form.rows()],
        "former": [(task, _both(task), may_reopen(task), _becomes_of(task, content)) for task in former],
        "overtaken": [_both(task) for task in overtaken],
        "left_out": left_out(key),
        "edit": edit_address(EntryKind.PUBLICATIONS, key) if content else "",
        "why_not": why_not,
        "who_may": _named(who_may_settle(tasks)) if tasks else "",
        "who_may_read": _named(who_may_read(key)) if content else "",
        "is_last_resort": not why_not and is_last_resort(tasks, request.user),
        "links": publication_links(content) if content else (),
    }
    return _page(request, "admin/readings/settle.html", context, status=422 if form.errors else 200)


@site.tool("readings/reopen/<int:pk>/", name="reopen-reading", permission=PROPOSE)
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(ReadingTask, pk=pk)
    try:
        actions.reopen(task, by=request.user)
    except ActionRefused as error:
        messages.error(request, str(error))
    return redirect("admin:settle-readings", task.publication)


@admin.register(Reading)
class ReadingAdmin(EvidenceAdmin):
    list_display = ("publication", "kind", "reader", "read_on", "how", "at")
    list_filter = ("kind", "how")
    list_select_related = ("reader",)
    search_fields = ("publication", "reader__username", "at")


@admin.register(ReadingTask)
class ReadingTaskAdmin(EvidenceAdmin):
    list_display = ("publication", "arm", "figure", "opened_at", "outcome", "resolved_by", "resolved_at")
    list_filter = ("outcome",)
    list_select_related = ("resolved_by",)
    search_fields = ("publication", "arm", "figure", "comment")


def _to_read(document: Mapping[str, Any], person: User) -> list[ToRead]:
    publications = {row["key"]: row for row in document["publications"]}
    influence = _influence(document)
    seen = seen_by(person)
    pending = _pending()
    found = [
        _waiting(publications[key], influence.get(key, Influence()), seen.get(key, ""), key in pending)
        for key in read_once(document)
    ]
    return sorted(found, key=lambda one: (-one.weight, one.key))


def _influence(document: Mapping[str, Any]) -> dict[str, Influence]:
    if not document["drugs"]:  # of the first edition, until load_evidence has carried it over
        return {}
    try:
        return influence_of(compiled(document, benchmark_constants(document)), reference_patients())
    except KnowledgeError:
        return {}


def _pending() -> set[str]:
    """The publications of which a second reading waits for review, or to be proposed again."""
    readings = Reading.objects.filter(kind=ReadingKind.SECOND, proposal__status__in=UNDECIDED)
    return {key for key in set(readings.values_list("publication", flat=True)) if is_pending(key)}


def _waiting(publication: Mapping[str, Any], influence: Influence, why_not: str, is_pending: bool) -> ToRead:
    state = str(STATES[state_of_publication(publication)])
    if is_pending:
        state = _("%(state)s; a second reading is not in force yet") % {"state": state}
    return ToRead(
        key=publication["key"],
        citation=citation(publication),
        title=publication["title"] or "",
        cohorts=tuple(arm_words(publication["results"][index]) for index in pooled_results(publication)),
        options=len(influence.options),
        patients=influence.patients,
        weight=influence.weight,
        state=state,
        why_not=why_not,
    )


def _enter(form: SecondReadingForm, key: str, person: User) -> actions.Entered:
    given = form.cleaned_data
    return actions.enter_second_reading(
        key,
        cohorts=form.read,
        at=given["at"],
        how=given["how"],
        read_on=given["read_on"],
        shape=given["shape"],
        by=person,
    )


def _say_entered(request: HttpRequest, entered: actions.Entered) -> None:
    if entered.tasks:
        said = _("Recorded. Figures that differ: %(count)d; another person decides on each.")
        messages.warning(request, said % {"count": len(entered.tasks)})
    else:
        messages.success(request, _("Recorded. Every figure that you read is the same as the one on record."))
    if entered.proposed.competing:
        said = _("Other open proposals on this publication: %(count)d. The first accepted supersedes.")
        messages.warning(request, said % {"count": len(entered.proposed.competing)})


def _compared(cohort: Mapping[str, Any], tasks: Sequence[ReadingTask]) -> list[FigureRead]:
    place = (cohort["index"], cohort["arm"], cohort["subgroup"] or "")
    differing = {task.figure: task for task in tasks if (task.position, task.arm, task.subgroup) == place}
    found = []
    for name in sorted(cohort["figures"], key=in_reading_order):
        value = cohort["figures"][name]
        task = differing.get(name)
        recorded = _value(name, task.recorded) if task else _("the same")
        found.append(FigureRead(figure_name(name), recorded, _value(name, value), task is not None))
    return found


@dataclass(frozen=True)
class Both:
    """Two readings of a figure in words, each with its reader, and where."""

    cohort: str
    label: str
    recorded: str
    recorded_by: str
    recorded_at: Link
    read: str
    read_by: str
    read_at: Link
    settled: str
    settled_at: Link


def _both(task: ReadingTask) -> Both:
    name = task.figure
    return Both(
        cohort=f"{task.arm}, {task.subgroup}" if task.subgroup else task.arm,
        label=figure_name(name),
        recorded=_value(name, task.recorded),
        recorded_by=str(task.first_reader) if task.first_reader else _("by whom and when is not recorded"),
        recorded_at=_link(task.recorded_at),
        read=_value(name, task.read),
        read_by=f"{task.reading.reader}, {task.reading.read_on:%Y-%m-%d}",
        read_at=_link(task.reading.at),
        settled=_value(name, task.settled),
        settled_at=_link(task.settled_at),
    )


def _named(people: Iterable[User]) -> str:
    return ", ".join(map(str, people))


def _becomes_of(task: ReadingTask, content: Mapping[str, Any] | None) -> str:
    """What comes next of a decision, and by whom, in words; empty where a button beside it says so."""
    last = last_proposal(task)
    status = last.status
    if status == ProposalStatus.PROPOSED:
        return _("Somebody other than %(person)s accepts or rejects it.") % {"person": last.proposer}
    if status == ProposalStatus.ACCEPTED:
        return _("It is in force. Who finds the source to say otherwise changes the figure in its form.")
    if is_overtaken(task, content):
        return _("The figure on record is another one by now: there is nothing left to decide.")
    if status in DECLINED and not may_reopen(task):
        return _("It was opened anew.")
    return ""


def _why_not_to_settle(tasks: Iterable[ReadingTask], person: User) -> str:
    if not person.has_perm(PROPOSE):
        return _("You have no permission to propose which is right.")
    return why_not_to_settle(tasks, person)


def _settled(form: SettlingForm, key: str, request: HttpRequest) -> actions.Proposed | None:
    try:
        return actions.settle(key, decisions=form.decisions, comment=form.cleaned_data["comment"], by=request.user)
    except InvalidContent as error:
        for problem in error.problems:
            form.add_error(None, f"{problem.field}: {problem.value}: {problem.rule}")
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except ActionRefused as error:
        form.add_error(None, str(error))
    return None


def _link(text: str) -> Link:
    return link_to(text, text) or Link(text, "")


def _value(name: str, value: float | None) -> str:
    """A figure as it was typed, with a decimal point in every language, and its unit."""
    if value is None:
        return _("not given")
    kind = kind_of(name)
    if kind == "months":
        return _("%(figure)s months") % {"figure": f"{value:g}"}
    return f"{value:g} %" if kind in ("percent", "level") else f"{value:g}"


def _page(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    return TemplateResponse(request, template, site.each_context(request) | dict(context), status=status)
