"""The admin's site: Django's own, with pages of the project's besides those of the models.

Its pages speak the reader's language; what the evidence base says stays English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, resolve, reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from .english import LANGUAGE
from .names import translate_names

if TYPE_CHECKING:
    from django.contrib.auth.models import User

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Tool:
    """A page of the admin that is no model's.

    title        of its link on the start page; empty for a page that others link to
    permission   who may see it; empty for everybody who may enter the admin
    waiting      how many things wait there for a person; None where nothing does
    """

    route: str
    name: str
    view: View
    title: str | Promise
    permission: str
    waiting: Callable[[User], int] | None

    def is_for(self, user: Any) -> bool:
        return not self.permission or user.has_perm(self.permission)


@dataclass(frozen=True)
class ToolLink:
    """A tool as the start page shows it to one person."""

    title: str
    url: str
    waiting: int | None


class CurationSite(admin.AdminSite):
    """Django's admin with tools."""

    site_header = site_title = gettext_lazy("necapp curation")
    index_title = gettext_lazy("Evidence base and releases")
    index_template = "admin/start.html"

    def __init__(self, name: str = "admin"):
        super().__init__(name)
        self.tools: list[Tool] = []
        # What the start page lists together: a title, and models by their labels, such as "regimens.regimen".
        self.groups: list[tuple[str | Promise, tuple[str, ...]]] = []
        # What people call models where the start page lists them, by their labels.
        self.names: dict[str, Promise] = {}

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Of a model and of those whose rows its page lists, what they and their fields are called is translated."""
        super().register(model_or_iterable, admin_class, **options)
        models = model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        for model in models:
            for shown in (model, *(inline.model for inline in self.get_model_admin(model).inlines)):
                translate_names(shown)

    def tool(
        self,
        route: str,
        *,
        name: str,
        title: str | Promise = "",
        permission: str = "",
        waiting: Callable[[User], int] | None = None,
    ) -> Callable[[View], View]:
        """A view becomes a page of the admin at `route`, known as `admin:name`."""

        def registered(view: View) -> View:
            self.tools.append(Tool(route, name, view, title, permission, waiting))
            return view

        return registered

    def tool_links(self, request: HttpRequest) -> list[ToolLink]:
        """The tools of the person who asks: those where something can wait first, and else as they were registered."""
        return [
            ToolLink(
                str(tool.title), reverse(f"admin:{tool.name}"), tool.waiting(request.user) if tool.waiting else None
            )
            for tool in sorted(self.tools, key=lambda tool: tool.waiting is None)
            if tool.title and tool.is_for(request.user)
        ]

    def get_urls(self) -> list[URLPattern | URLResolver]:
        pages = [path(tool.route, self.admin_view(_permitted(tool)), name=tool.name) for tool in self.tools]
        return [*pages, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Django's list of apps and models, in the groups of this site; what is in no group stays with its app."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            for model in app["models"]:
                model["name"] = str(self.names.get(model["model"]._meta.label_lower, model["name"]))
        if app_label:
            return apps
        found = {model["model"]._meta.label_lower: (app, model) for app in apps for model in app["models"]}
        grouped = []
        for title, labels in self.groups:
            here = [found.pop(label) for label in labels if label in found]
            if here:
                group = {"name": str(title), "app_label": _anchor(title), "models": [model for _, model in here]}
                grouped.append(here[0][0] | group)
        left = {model["admin_url"] for _, model in found.values()}
        for app in apps:
            if rest := [model for model in app["models"] if model["admin_url"] in left]:
                grouped.append(app | {"models": rest})
        return grouped

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """What the person works with and edits; what they may look at alone is folded below it."""
        lists = self.get_app_list(request)
        edited, looked_at = _of_lists(lists, view_only=False), _of_lists(lists, view_only=True)
        tools = self.tool_links(request)
        shown = {"app_list": edited, "looked_at": looked_at} if edited or tools else {"app_list": lists}
        return super().index(request, {"tools": tools} | shown | (extra_context or {}))

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff alone, and only with their second factor; `SignedIn` sees to it before, for every page."""
        is_verified = not settings.REQUIRE_SECOND_FACTOR or request.user.is_verified()
        return super().has_permission(request) and is_verified

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """There is one sign-in for everything. Whoever is signed in and comes here may not enter."""
        if request.user.is_authenticated:
            raise PermissionDenied
        path = request.GET.get(REDIRECT_FIELD_NAME, reverse("admin:index"))
        return redirect(f"{reverse('sign-in')}?{urlencode({'next': path})}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return resolve(reverse("sign-out")).func(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("change-password")


# The site itself, which Django makes when it is first used. A page of it that is no model's registers so:
#
# @site.tool("waiting/", name="waiting", title=gettext_lazy("Waiting for my review"), permission=…)
# def waiting(request: HttpRequest) -> HttpResponse:
#     return render(request, "admin/review/waiting.html", site.each_context(request) | {…})
site = cast(CurationSite, admin.site)


def _of_lists(lists: list[Any], *, view_only: bool) -> list[Any]:
    """The lists with those models alone that the person may look at but not edit, or with the others."""
    found = [one | {"models": [each for each in one["models"] if each["view_only"] == view_only]} for one in lists]
    return [one for one in found if one["models"]]


def _anchor(title: str | Promise) -> str:
    """The same in every language."""
    with translation.override(LANGUAGE):
        return slugify(str(title))


def _permitted(tool: Tool) -> View:
    @wraps(tool.view)
    def permitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not tool.is_for(request.user):
            raise PermissionDenied
        return tool.view(request, *args, **kwargs)

    return permitted
