"""`manage.py survey`: looks at the saved searches, at the sources where that is switched on, or in exported files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit.errors import ActionRefused
from curation.accepted import accepted
from curation.imports.web import Web
from curation.models import SavedSearch
from curation.surveillance import online
from curation.surveillance.files import read_file
from curation.surveillance.looking import Looked, LookedMeanwhile, newest_look, record_look
from curation.surveillance.notices import propose_notice, report_notices
from curation.surveillance.records import Answer
from curation.surveillance.searches import load_shipped
from regimens.knowledge.loader import LoadError
from regimens.models import ReportedNotice

from ._importing import files_in
from ._people import person

SWITCHED_OFF = (
    "looking at the sources is switched off: give the files that were exported there (--search KEY --until DAY FILE…), "
    "or set SURVEY_ONLINE=true"
)


class Command(BaseCommand):
    help = (
        "Look for what is new. Without files, every active search asks its source, if SURVEY_ONLINE is set; a search "
        "that was looked at today is passed over, so that the same command goes on where another one was stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="what a search gave, as exported")
        parser.add_argument("--search", metavar="KEY", help="one search; of files, the one that gave them")
        parser.add_argument("--until", type=_day, metavar="DAY", help="of files: the day of the export")
        parser.add_argument(
            "--notices",
            nargs="+",
            type=Path,
            default=[],
            metavar="FILE",
            help="Retraction Watch's CSV, or records of PubMed: what is against publications that are held",
        )
        parser.add_argument("--load-searches", action="store_true", help="bring in the shipped searches that lack")
        parser.add_argument("--again", action="store_true", help="also those that were looked at today")
        parser.add_argument("--by", metavar="USERNAME", help="who looks; notices are then proposed in their name")

    def handle(self, *args: Any, **options: Any) -> None:
        by = person(options["by"]) if options["by"] else None
        self.failed = 0
        try:
            if options["load_searches"]:
                made = load_shipped(by=by)
                self.stdout.write(f"{len(made)} searches brought in")
                if not (options["files"] or options["notices"] or options["search"]):
                    return
            if options["notices"]:
                self._notices(options["notices"], by)
            if options["files"]:
                self._files(options["files"], options["search"], options["until"], by)
            elif not options["notices"]:
                self._online(options["search"], by, again=options["again"])
        except LoadError as error:
            self._say_problems(error)
            raise CommandError("nothing was recorded of it") from error
        except ActionRefused as error:
            raise CommandError(str(error)) from error
        if self.failed:
            raise CommandError(f"{self.failed} of the searches or records could not be read; the others were recorded")

    def _notices(self, paths: Sequence[Path], by: User | None) -> None:
        answer = self._read(paths)
        names = ", ".join(path.name for path in paths)
        made = report_notices(answer.notices, found_by=names, by=by, now=timezone.now())
        self.stdout.write(f"{len(answer.notices)} notices read, {len(made)} against publications that are held")
        self._pinned(made, by)

    def _files(self, paths: Sequence[Path], key: str | None, until: date | None, by: User | None) -> None:
        if not key or not until:
            raise CommandError("of files, say which search gave them (--search KEY) and when (--until DAY)")
        search = _search(key)
        after = newest_look(search)
        answer = self._read(paths)
        names = ", ".join(path.name for path in paths)
        looked = record_look(search, answer, until=until, after=after, came_from=names, by=by, now=timezone.now())
        self._say(search, looked, by)

    def _online(self, key: str | None, by: User | None, *, again: bool) -> None:
        if not settings.SURVEY_ONLINE:
            raise CommandError(SWITCHED_OFF)
        searches = [_search(key)] if key else list(SavedSearch.objects.filter(is_active=True))
        if not searches:
            raise CommandError("there are no searches: --load-searches brings in those that are shipped")
        for search in searches:
            after = newest_look(search)
            today = timezone.localdate()
            if after and after.until >= today and not again:
                self.stdout.write(f"{search.key}: looked at today")
                continue
            try:
                answer = self._asked(search, after.until if after else None, today)
                self._say_problems(LoadError(answer.problems))
                self.failed += _count(answer)
                looked = record_look(search, answer, until=today, after=after, by=by, now=timezone.now())
            except LookedMeanwhile as error:
                self.stdout.write(f"{search.key}: {error}")
            except LoadError as error:  # the next search may be answered
                self.failed += 1
                self.stderr.write(f"{search.key}: not looked at")
                self._say_problems(error)
            else:
                self._say(search, looked, by)

    def _asked(self, search: SavedSearch, last: date | None, today: date) -> Answer:
        since = last - online.OVERLAP if last else search.since
        asked = online.Asked(search.source, search.query, since, today)
        with Web(hosts=settings.SURVEY_HOSTS, seconds=settings.SURVEY_SECONDS) as web:
            return online.ask(asked, accepted(), web, time.sleep)

    def _read(self, paths: Sequence[Path]) -> Answer:
        answer = Answer()
        for name, content in files_in(paths, ""):
            answer += read_file(content, Path(name).name, today=timezone.localdate())
        self._say_problems(LoadError(answer.problems))
        self.failed += _count(answer)
        return answer

    def _say(self, search: SavedSearch, looked: Looked, by: User | None) -> None:
        look = looked.look
        self.stdout.write(
            f"{search.key}: {look.answered} records until {look.until}, {look.known} known, "
            f"{len(looked.findings)} to decide"
        )
        self._pinned(looked.notices, by)

    def _pinned(self, notices: Sequence[ReportedNotice], by: User | None) -> None:
        """Say what was reported, and propose it where somebody does this."""
        for notice in notices:
            self.stdout.write(f"{notice.get_kind_display().upper()} {notice.publication}: {notice.text} ({notice.url})")
            if by is not None:
                try:
                    made = propose_notice(notice, by=by)
                    self.stdout.write(f"  proposed: proposal {made.proposal.pk}")
                except ActionRefused as error:
                    self.stdout.write(f"  not proposed: {error}")

    def _say_problems(self, error: LoadError) -> None:
        for problem in error.problems:
            self.stderr.write(str(problem))


def _search(key: str) -> SavedSearch:
    found = SavedSearch.objects.filter(key=key).first()
    if found is None:
        listed = ", ".join(SavedSearch.objects.values_list("key", flat=True)) or "none (--load-searches)"
        raise CommandError(f"there is no search {key}; there are: {listed}")
    return found


def _count(answer: Answer) -> int:
    """How many records could not be read."""
    return len({(problem.file, problem.key) for problem in answer.problems})


def _day(text: str) -> date:
    return date.fromisoformat(text)
