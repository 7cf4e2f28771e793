"""The answer written as HTML: all of `#answer`, the details of an option, and what opening a closed part shows.

What was opened comes back open with the next answer: a part that is fetched puts its name into the form (`opened`), and
the next answer brings that part with it. With `everything` an answer holds all of them, for who has no script.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from display.moments import moment_words
from regimens.jinja import messages
from regimens.rules.ranking import Option

from .changes import Strip
from .options import FOLDED
from .patient_form import PatientForm
from .ranking import RankingPage
from .ranking_document import cautions_in_full
from .summary import summary
from .taken import Taken, taken
from .ticked import Ticks, ticks


@dataclass(frozen=True)
class Said:
    """The answer with the line above it; `announcement` is what a screen reader is told after a change."""

    answer: SafeString
    patient_line: SafeString | str
    announcement: str


def written(
    request: HttpRequest,
    form: PatientForm,
    page: RankingPage | None,
    strip: Strip,
    *,
    is_comparison_refused: bool = False,
) -> Said:
    """`page` is None where nothing could be ranked. A refused comparison is said above the answer."""
    context: dict[str, Any] = {"form": form, "page": page, "strip": strip}
    context["is_comparison_refused"] = is_comparison_refused
    if page is None:
        return Said(_filled("answer/answer.html", context, request), "", _not_ranked(form))
    found = ticks(page.ranking, page.knowledge, form.ticked)
    wanted = _Wanted(request, page, found)
    context |= {"ticks": found, "bodies": dict(wanted.bodies()), "opened": wanted.details()}
    if wanted.is_everything:
        told = taken(page, at=timezone.now(), base=request.build_absolute_uri("/"))
        context |= {"summary": summary(told), "printed": printed(told)}
    return Said(
        _filled("answer/answer.html", context, request),
        _filled("answer/patient_line.html", {"page": page}, request),
        page.announcement,
    )


def live(request: HttpRequest, form: PatientForm, said: Said) -> SafeString:
    """What htmx puts into the page: the answer, and out of band what the form says of its fields and sections."""
    context = {"form": form, "answer": said.answer, "patient_line": said.patient_line}
    return _filled("answer/live.html", context | {"announcement": said.announcement}, request)


def _not_ranked(form: PatientForm) -> str:
    count = len(form.distinct_errors())
    words = ngettext("Not ranked: %(count)s entry to correct.", "Not ranked: %(count)s entries to correct.", count)
    return words % {"count": count}


def printed(told: Taken) -> SafeString:
    """What only a printed page shows."""
    context = {"cautions": cautions_in_full(told), "made": moment_words(told.made), "release": told.page.release}
    return mark_safe(get_template("regimens/_print.html", using="django").render(context))  # noqa: S308 - escaped there


def has_details(option: Option) -> bool:
    """Whether it can be opened; one that is only listed cannot, as the page may have had it open before."""
    return option.synthesis is not None and option.band not in FOLDED


def details_of(page: RankingPage, option: Option) -> SafeString:
    """What opening an option shows."""
    details = page.presenter.details(option)
    template = get_template("regimens/_option_details.html", using="django")
    return mark_safe(_opened(option.regimen.slug) + template.render({"option": details}))  # noqa: S308 - escaped there


def part_of(page: RankingPage, key: str, found: Ticks, opened: Mapping[str, SafeString]) -> SafeString | None:
    """What opening a closed part shows; None where there is no such part."""
    options = page.part(key)
    if options is not None:
        context = {"rows": page.presenter.rows(options), "ticks": found, "opened": opened}
        return mark_safe(_opened(key) + _filled("answer/rows.html", context))  # noqa: S308 - escaped there
    template = PARTS.get(key)
    if template is None:
        return None
    return mark_safe(_opened(key) + get_template(template, using="django").render({"page": page}))  # noqa: S308


# The closed parts that hold no rows.
PARTS = {
    "after": "regimens/_after.html",
    "tests": "regimens/_tests.html",
    "waiting": "regimens/_waiting.html",
    "closest": "regimens/_closest.html",
}


class _Wanted:
    """What of the closed parts an answer brings with it."""

    def __init__(self, request: HttpRequest, page: RankingPage, found: Ticks):
        self.page, self.ticks = page, found
        self.is_everything = request.POST.get("everything") == "yes"
        self.names = set(request.POST.getlist("opened"))

    def bodies(self) -> Iterator[tuple[str, SafeString]]:
        """The parts that were opened, and those in which an option is ticked, so that no tick is lost."""
        details = self.details()
        keys = [band.key for band in self.page.closed_bands]
        keys += [f"rest-{open.band.key}" for open in self.page.open_bands if open.rest]
        for key in (*keys, *PARTS):
            options = self.page.part(key) or ()
            is_ticked = any(option.regimen.slug in self.ticks.slugs for option in options)
            if self.is_everything or key in self.names or is_ticked:
                body = part_of(self.page, key, self.ticks, details)
                if body is not None:
                    yield key, body

    def details(self) -> dict[str, SafeString]:
        """The details of the options that were opened, by slug."""
        if not self.is_everything and not self.names:
            return {}
        return {
            option.regimen.slug: details_of(self.page, option)
            for option in self.page.ranking.options
            if has_details(option)
            if self.is_everything or option.regimen.slug in self.names
        }


def _opened(name: str) -> str:
    """Tells the next answer that the part was opened; only names of parts that are there come by here."""
    return f'<input type="hidden" name="opened" value="{name}" form="patient-form">'


def _filled(template: str, context: Mapping[str, Any], request: HttpRequest | None = None) -> SafeString:
    words = {**context, "_": messages()}
    return mark_safe(get_template(template, using="jinja2").render(words, request))  # noqa: S308 - escaped there
