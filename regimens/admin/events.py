"""The audit trail for administrators: every event in words, found by who, what, when and from where, and exported."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
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
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from regimens.audit.export import FORMATS, in_period
from regimens.audit.words import ACTIONS, Told, phrase_of, tell
from regimens.curation.events import record
from regimens.models import Event

from .base import EvidenceAdmin

SHOWN_DETAILS = 160


class ActionFilter(admin.SimpleListFilter):
    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(action, phrase_of(action)) for action in ACTIONS]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(action=self.value()) if self.value() else queryset


class PersonFilter(admin.SimpleListFilter):
    title = "person"
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        people = get_user_model().objects.filter(Exists(Event.objects.filter(by=OuterRef("pk")))).order_by("username")
        return [("nobody", "nobody signed in"), *((str(person.pk), person.get_username()) for person in people)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        if chosen == "nobody":
            return queryset.filter(by__isnull=True)
        if chosen and not chosen.isdecimal():
            raise IncorrectLookupParameters
        return queryset.filter(by=int(chosen)) if chosen else queryset


class EnteredFilter(admin.ListFilter):
    """A filter whose values are typed: a form of its own, which keeps the other filters.

    fields   what is typed, by parameter: the type of the field, and its label
    """

    template = "admin/regimens/event/entered_filter.html"
    fields: dict[str, tuple[str, str]]

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any):
        super().__init__(request, params, model, model_admin)
        for name in self.expected_parameters():
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1].strip()

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str]:
        return list(self.fields)

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        others = changelist.get_query_string(remove=self.expected_parameters())
        yield {
            "fields": [
                {"name": name, "type": kind, "label": label, "value": self.used_parameters.get(name, "")}
                for name, (kind, label) in self.fields.items()
            ],
            "kept": [(name, value) for name, value in QueryDict(others[1:]).items() if name != "p"],
            "is_set": any(self.used_parameters.values()),
            "without": others,
        }


class PeriodFilter(EnteredFilter):
    """From a day to a day, both included; days are those of the time zone of the server."""

    title = "period"
    fields = {"since": ("date", "From"), "until": ("date", "To")}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        since, until = (_day(self.used_parameters.get(name, "")) for name in self.fields)
        return in_period(queryset, since, until)


class SubjectFilter(EnteredFilter):
    title = "subject"
    fields = {"subject": ("text", "Holds")}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        typed = self.used_parameters.get("subject")
        return queryset.filter(subject__icontains=typed.replace("\x00", "")) if typed else queryset


class AddressFilter(EnteredFilter):
    """One address, whole; IPv6 in whatever way it is written."""

    title = "address"
    fields = {"address": ("text", "Is")}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        typed = self.used_parameters.get("address")
        if not typed:
            return queryset
        try:
            return queryset.filter(address=str(ipaddress.ip_address(typed)))
        except ValueError:
            return queryset.none()


class EventList(ChangeList):
    """Puts the events of a page into words all at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        for event, told in zip(self.result_list, tell(self.result_list), strict=True):
            event.told = told


@admin.register(Event)
class EventAdmin(EvidenceAdmin):
    change_list_template = "admin/regimens/event/change_list.html"
    list_display = ("at", "person", "what", "shown_details", "address")
    list_display_links = ("at",)
    list_filter = (ActionFilter, PersonFilter, PeriodFilter, SubjectFilter, AddressFilter)
    list_select_related = ("by",)
    search_fields = ("=action", "subject", "by__username")
    search_help_text = "In what it was done to, the person's name, or the word of an action such as sign-in."
    sortable_by = ("at",)
    date_hierarchy = "at"
    show_facets = admin.ShowFacets.NEVER  # counting each choice of each filter takes seconds over years of events
    fields = readonly_fields = ("at", "person", "what", "address", "all_details", "sha256", "former")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EventList

    def get_urls(self) -> list[URLPattern]:
        export = path("export.<slug:suffix>", self.admin_site.admin_view(self.export), name="regimens_event_export")
        return [export, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        exports = [
            (f"{reverse('admin:regimens_event_export', args=[suffix])}?{request.GET.urlencode()}", suffix.upper())
            for suffix in FORMATS
        ]
        return super().changelist_view(request, {"exports": exports} | (extra_context or {}))

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

    @admin.display(description="person", ordering="by__username", empty_value="nobody signed in")
    def person(self, event: Event) -> str | None:
        return event.by.get_username() if event.by else None

    @admin.display(description="what was done")
    def what(self, event: Event) -> SafeString | str:
        told = _told(event)
        if told.page is None:
            return str(told)
        page, pk = told.page
        linked = format_html('<a href="{}">{}</a>', reverse(page, args=[pk]), told.subject)
        return format_html("{}{}{}", told.before, linked, told.after)

    @admin.display(description="details")
    def shown_details(self, event: Event) -> str:
        return Truncator("; ".join(map(str, _told(event).details))).chars(SHOWN_DETAILS)

    @admin.display(description="details", empty_value="none")
    def all_details(self, event: Event) -> SafeString | None:
        details = _told(event).details
        rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", ((one.label, one.text) for one in details))
        return format_html('<dl class="event-details">{}</dl>', rows) if details else None

    @admin.display(description="hash", empty_value="not sealed")
    def sha256(self, event: Event) -> str | None:
        return event.seal.sha256 if hasattr(event, "seal") else None

    @admin.display(description="hash before it", empty_value="none: it is the first, or not sealed")
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
