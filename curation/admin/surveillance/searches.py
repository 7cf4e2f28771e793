"""The form of a saved search."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.sent_once import once
from audit.errors import ActionRefused
from curation.models import SavedSearch
from curation.permissions import PROPOSE
from curation.surveillance.searches import keep_search
from regimens.models.choices import SurveySource
from staff.site import site


class SearchForm(forms.Form):
    """A search; its key is given once."""

    key = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=80,
        help_text=gettext_lazy("Small letters and digits, in groups joined by hyphens: by it a file names its search."),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    source = forms.ChoiceField(label=gettext_lazy("Source"), choices=SurveySource.choices)
    query = forms.CharField(
        label=gettext_lazy("Query"),
        required=False,
        max_length=8000,
        widget=forms.Textarea({"rows": 6, "cols": 90}),
        help_text=gettext_lazy(
            "In the source’s own language; of a feed, its address. Empty where all that is held is asked about."
        ),
    )
    words = forms.CharField(
        label=gettext_lazy("Words"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 4, "cols": 60}),
        help_text=gettext_lazy(
            "One a line: marked in what is found; of a feed, one has to occur. One that ends with * begins a word."
        ),
    )
    since = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("The day from which the first look looks."),
    )
    is_active = forms.BooleanField(label=gettext_lazy("Active"), required=False, initial=True)

    def clean_words(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["words"].splitlines() if line.strip()]


@site.tool("desk/search/", name="search-new", permission=PROPOSE)
@once
def new(request: HttpRequest) -> HttpResponse:
    return _form(request, None)


@site.tool("desk/search/<slug:key>/", name="search-edit", permission=PROPOSE)
@once
def edit(request: HttpRequest, key: str) -> HttpResponse:
    return _form(request, get_object_or_404(SavedSearch, key=key))


def _form(request: HttpRequest, search: SavedSearch | None) -> HttpResponse:
    form = SearchForm(request.POST if request.method == "POST" else None, initial=_initial(search))
    if search:
        form.fields["key"].disabled = True
    if form.is_valid():
        try:
            kept = keep_search(search, by=request.user, **form.cleaned_data)
        except ActionRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The search is kept: %(name)s.") % {"name": kept.name})
            host = urlsplit(kept.query).hostname if kept.source == SurveySource.FEED else None
            if host and host not in settings.SURVEY_HOSTS:
                said = _(
                    "This feed’s host is not among those that may be asked (SURVEY_HOSTS), %(host)s: until it is, what "
                    "it gives is read from a file."
                )
                messages.warning(request, said % {"host": host})
            return redirect(f"{reverse('admin:desk')}?{urlencode({'search': kept.key})}")
    context = {
        "title": search.name if search else _("New search"),
        "form": form,
        "search": search,
        "looks": search.looks.select_related("by")[:20] if search else (),
    }
    status = 422 if form.errors else 200
    template = "admin/surveillance/search.html"
    return TemplateResponse(request, template, site.each_context(request) | context, status=status)


def _initial(search: SavedSearch | None) -> dict[str, Any]:
    if search is None:
        return {"is_active": True}
    fields = ("key", "name", "source", "query", "since", "is_active")
    return {name: getattr(search, name) for name in fields} | {"words": "\n".join(search.words)}
