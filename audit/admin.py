"""The audit trail for administrators: every event in words, found by who, what, when and from where, and exported."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from datetime import UTC, date
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from staff.rows import EvidenceAdmin

from . import periods
from .events import record
from .export import FORMATS, in_period
from .models import Event
from .sentences import Told, known_actions, phrase_of, tell

# What is listed of an event's details; its own page shows all.
SHOWN_DETAILS = 160
SHOWN_DIGITS = 7
NOBODY = "nobody"
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


class EventFilter(admin.ListFilter):
    """All that an event is found by, in one form: thirty actions one below the other are no list to choose from."""

    title = gettext_lazy("events")
    template = "admin/regimens/event/filter.html"
    asked = ("action", "by", "since", "until", "subject", "address")

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any):
        super().__init__(request, params, model, model_admin)
        for name in self.asked:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1].replace("\x00", "").strip()

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str]:
        return list(self.asked)

    @property
    def period(self) -> tuple[date | None, date | None]:
        """Raises IncorrectLookupParameters."""
        return _day(self.used_parameters.get("since", "")), _day(self.used_parameters.get("until", ""))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        asked = self.used_parameters
        events = in_period(queryset, *self.period)
        if action := asked.get("action"):
            events = events.filter(action=action)
        if subject := asked.get("subject"):
            events = events.filter(subject__icontains=subject)
        return _from(_by(events, asked.get("by", "")), asked.get("address", ""))

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        others = changelist.get_query_string(remove=[*self.asked, "p"])
        yield {
            "typed": {name: self.used_parameters.get(name, "") for name in self.asked},
            "actions": [(action, phrase_of(action)) for action in known_actions()],
            "people": [(NOBODY, _("nobody signed in")), *_people()],
            "kept": list(QueryDict(others[1:]).items()),
        }


def _people() -> Iterator[tuple[str, str]]:
    """Who did anything."""
    people = get_user_model().objects.filter(Exists(Event.objects.filter(by=OuterRef("pk")))).order_by("username")
    return ((str(person.pk), person.get_username()) for person in people)


def _by(events: QuerySet, typed: str) -> QuerySet:
    if typed == NOBODY:
        return events.filter(by__isnull=True)
    if typed and not typed.isdecimal():
        raise IncorrectLookupParameters
    return events.filter(by=int(typed)) if typed else events


def _from(events: QuerySet, typed: str) -> QuerySet:
    """From one address, in whatever way it is written."""
    if not typed:
        return events
    try:
        return events.filter(address=str(ipaddress.ip_address(typed)))
    except ValueError:
        return events.none()


class EventList(ChangeList):
    """Puts the events of a page into words all at once, and knows by which periods they can be narrowed."""

    @property
    def wider(self) -> tuple[str, str]:
        """The words and the address of the period around the one that is chosen; of all events at last."""
        since, until = self._period
        period = periods.wider(since, until)
        if period is not None:
            return period.label, self._of(period)
        return (_("All"), self.get_query_string(remove=["since", "until", "p"])) if since or until else ("", "")

    @property
    def narrower(self) -> list[tuple[str, str]]:
        """The words and the address of each period within the one that is chosen."""
        made = Event.objects.order_by("at").values_list("at", flat=True)
        first, last = made.first(), made.last()
        if first is None or last is None:
            return []
        days = timezone.localdate(first), timezone.localdate(last)
        return [(period.label, self._of(period)) for period in periods.narrower(*days, *self._period)]

    @property
    def _period(self) -> tuple[date | None, date | None]:
        return next(spec.period for spec in self.filter_specs if isinstance(spec, EventFilter))

    def _of(self, period: periods.Period) -> str:
        return self.get_query_string({"since": period.since, "until": period.until}, remove=["p"])

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        for event, told in zip(self.result_list, tell(self.result_list), strict=True):
            event.told = told


@admin.register(Event)
class EventAdmin(EvidenceAdmin):
    change_list_template = "admin/regimens/event/change_list.html"
    list_display = ("when", "person", "what", "shown_details", "address")
    list_display_links = ("when",)
    list_filter = (EventFilter,)
    list_select_related = ("by",)
    search_fields = ("=action", "subject", "by__username")
    search_help_text = gettext_lazy(
        "In what it was done to, the person's name, or the word of an action such as sign-in."
    )
    sortable_by = ("when",)
    show_facets = admin.ShowFacets.NEVER  # counting each choice of each filter takes seconds over years of events
    fields = readonly_fields = ("when", "person", "what", "address", "all_details", "sha256", "former")

    class Media:
        css = {"all": ("admin-events.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EventList

    def get_urls(self) -> list[URLPattern]:
        export = path("export.<slug:suffix>", self.admin_site.admin_view(self.export), name="regimens_event_export")
        return [export, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        exports = [
            (f"{reverse('admin:regimens_event_export', args=[suffix])}?{request.GET.urlencode()}", name)
            for suffix, name in (("csv", "CSV"), ("jsonl", _("JSON lines")))
        ]
        return super().changelist_view(request, {"exports": exports, "title": _("Events")} | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        event = self.get_object(request, unquote(object_id))
        titles = {"title": _("Event %(number)s") % {"number": event.pk}, "subtitle": str(_told(event))} if event else {}
        return super().change_view(request, object_id, form_url, titles | (extra_context or {}))

    def export(self, request: HttpRequest, suffix: str) -> HttpResponse | StreamingHttpResponse:
        """The events that the list shows, all pages of it; itself an event, which stands in the next export."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if suffix not in FORMATS:
            return HttpResponse(status=404)
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        try:
            events = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(f"{reverse('admin:regimens_event_changelist')}?e=1")
        newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        events = events.filter(pk__lte=newest)
        filters = {name: value for name, value in request.GET.items() if value and name not in ("p", "o", "all")}
        name = f"events-{timezone.now():%Y-%m-%d-%H%M%S}.{suffix}"
        record("export-events", name, details={"rows": events.count(), "filters": filters})
        content_type, lines = FORMATS[suffix]
        response = StreamingHttpResponse(lines(events), content_type=content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @admin.display(description=gettext_lazy("when (UTC)"), ordering="at")
    def when(self, event: Event) -> str:
        return f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"

    @admin.display(
        description=gettext_lazy("person"), ordering="by__username", empty_value=gettext_lazy("nobody signed in")
    )
    def person(self, event: Event) -> str | None:
        return event.by.get_username() if event.by else None

    @admin.display(description=gettext_lazy("what was done"))
    def what(self, event: Event) -> SafeString | str:
        told = _told(event)
        if told.page is None:
            return str(told)
        page, pk = told.page
        linked = format_html('<a href="{}">{}</a>', reverse(page, args=[pk]), told.subject)
        return format_html("{}{}{}", told.before, linked, told.after)

    @admin.display(description=gettext_lazy("details"), empty_value="")
    def shown_details(self, event: Event) -> str:
        details = "; ".join(map(str, _told(event).details))
        return Truncator(_DIGEST.sub(lambda found: f"{found[0][:SHOWN_DIGITS]}…", details)).chars(SHOWN_DETAILS)

    @admin.display(description=gettext_lazy("details"), empty_value=gettext_lazy("none"))
    def all_details(self, event: Event) -> SafeString | None:
        details = _told(event).details
        return render_to_string("admin/regimens/event/_details.html", {"details": details}) if details else None

    @admin.display(description=gettext_lazy("hash"), empty_value=gettext_lazy("not sealed"))
    def sha256(self, event: Event) -> str | None:
        return event.seal.sha256 if hasattr(event, "seal") else None

    @admin.display(
        description=gettext_lazy("hash before it"), empty_value=gettext_lazy("none: it is the first, or not sealed")
    )
    def former(self, event: Event) -> str | None:
        return (event.seal.former or None) if hasattr(event, "seal") else None


def _day(typed: str) -> date | None:
    try:
        return forms.DateField(required=False, input_formats=["%Y-%m-%d"]).clean(typed)
    except ValidationError as error:
        raise IncorrectLookupParameters(error) from error


def _told(event: Any) -> Told:
    if not hasattr(event, "told"):
        event.told = tell([event])[0]
    return event.told
