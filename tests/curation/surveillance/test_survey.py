"""`manage.py survey`: the sources as recorded answers, files, and what happens when it is stopped or started twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.actions import exclusive
from audit.models import Event
from curation.imports import clinicaltrials, pubmed, web
from curation.models import Proposal, SavedSearch, SearchLook, SurveyFinding
from curation.surveillance import online
from regimens.models import ReportedNotice
from tests.databases import ROOT, own_database
from tests.factories.curation import somebody
from tests.factories.registers import Register
from tests.factories.surveillance import FILES

pytestmark = pytest.mark.postgresql

FOUND = json.dumps({"esearchresult": {"count": "3", "idlist": ["41000001", "41000002", "36739879"]}}).encode()
STUDY = (ROOT / "tests" / "curation" / "imports" / "files" / "page-of-studies.json").read_bytes()


@pytest.fixture
def sources(register: Register, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Register:
    """The sources on this machine, which may be asked."""
    settings.SURVEY_ONLINE, settings.SURVEY_HOSTS = True, ["127.0.0.1"]
    monkeypatch.setattr(web, "SCHEMES", ("http",))
    monkeypatch.setattr(web, "ATTEMPTS", 1)
    monkeypatch.setattr(online, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(online, "SEARCH", f"{register.url}/esearch")
    monkeypatch.setattr(pubmed, "API", f"{register.url}/efetch")
    monkeypatch.setattr(clinicaltrials, "API", f"{register.url}/studies")
    return register


@pytest.mark.django_db
class TestAtTheSources:
    def test_a_search_is_asked_and_goes_on_from_where_it_was(self, search: SavedSearch, sources: Register) -> None:
        sources.will(200, FOUND)
        sources.will(200, (FILES / "records.xml").read_bytes())
        call_command("survey", "--search", search.key)
        assert SurveyFinding.objects.count() == 2
        assert "mindate=2026%2F01%2F01" in sources.asked[0]
        assert "id=41000001%2C41000002%2C36739879" in sources.asked[1]
        call_command("survey", "--search", search.key)
        assert len(sources.asked) == 2  # looked at today
        sources.will(200, json.dumps({"esearchresult": {"count": "0", "idlist": []}}).encode())
        call_command("survey", "--search", search.key, "--again")
        since = timezone.localdate() - online.OVERLAP
        assert f"mindate={since:%Y}%2F{since:%m}%2F{since:%d}" in sources.asked[2]

    def test_the_register_is_asked_page_by_page(self, search: SavedSearch, sources: Register) -> None:
        first = json.loads(STUDY) | {"nextPageToken": "next"}
        sources.will(200, json.dumps(first).encode())
        sources.will(200, json.dumps({"studies": []}).encode())
        call_command("survey", "--search", "nec-registered-trials")
        assert "pageToken=next" in sources.asked[1]
        assert SearchLook.objects.get().answered == len(first["studies"])

    def test_a_search_that_answers_in_parts_is_asked_to_its_end(self, search: SavedSearch, sources: Register) -> None:
        for named in (["41000001", "41000002"], ["41000002", "36739879"]):
            sources.will(200, json.dumps({"esearchresult": {"count": "3", "idlist": named}}).encode())
        sources.will(200, (FILES / "records.xml").read_bytes())
        call_command("survey", "--search", search.key)
        assert "retstart=2" in sources.asked[1]
        assert SearchLook.objects.get().answered == 3 and SurveyFinding.objects.count() == 2

    def test_a_search_that_counts_more_than_it_names_is_not_looked_at(
        self, search: SavedSearch, sources: Register
    ) -> None:
        for named in (["41000001", "41000002"], []):
            sources.will(200, json.dumps({"esearchresult": {"count": "3", "idlist": named}}).encode())
        with pytest.raises(CommandError, match="1 of the searches"):
            call_command("survey", "--search", search.key)
        assert not SearchLook.objects.exists()

    def test_a_record_that_is_not_given_is_named_and_the_others_are_recorded(
        self, search: SavedSearch, sources: Register, capsys: pytest.CaptureFixture[str]
    ) -> None:
        named = ["41000001", "41000002", "36739879", "41000077"]
        sources.will(200, json.dumps({"esearchresult": {"count": "4", "idlist": named}}).encode())
        sources.will(200, (FILES / "records.xml").read_bytes())
        sources.will(200, b"<PubmedArticleSet></PubmedArticleSet>")
        with pytest.raises(CommandError, match="1 of the searches or records"):
            call_command("survey", "--search", search.key)
        assert sources.asked[2].endswith("id=41000077")
        assert "41000077" in capsys.readouterr().err
        assert SurveyFinding.objects.count() == 2
        assert Event.objects.filter(action="survey").latest("pk").details["unread"] == ["41000077"]

    def test_pages_that_lead_back_are_not_followed(self, search: SavedSearch, sources: Register) -> None:
        for _ in range(2):
            sources.will(200, json.dumps({"studies": [], "nextPageToken": "again"}).encode())
        with pytest.raises(CommandError, match="1 of the searches"):
            call_command("survey", "--search", "nec-registered-trials")
        assert len(sources.asked) == 2 and not SearchLook.objects.exists()

    def test_a_feed_is_asked_and_what_it_says_again_is_found_once(self, sources: Register) -> None:
        given = {"source": "feed", "query": f"{sources.url}/feed", "words": ["tarlatamab"]}
        with exclusive():
            SavedSearch.objects.create(key="an-agency", name="An agency", **given)
        for _ in range(2):
            sources.will(200, (FILES / "feed.xml").read_bytes())
            call_command("survey", "--search", "an-agency", "--again")
        assert SurveyFinding.objects.get().url == "https://agency.example.org/tarlatamab"
        assert [look.known for look in SearchLook.objects.order_by("pk")] == [0, 1]

    @pytest.mark.parametrize(
        "answer",
        [
            (500, b""),
            (404, b""),
            (200, b"no JSON"),
            (200, b"[]"),
            (200, b'{"esearchresult": {"count": "1", "idlist": ["<b>"]}}'),
            (200, b"[" * 100_000),
            (200, json.dumps({"esearchresult": {"ERROR": "no such field"}}).encode()),
            (200, json.dumps({"esearchresult": {"count": "99999", "idlist": []}}).encode()),
        ],
    )
    def test_one_that_fails_leaves_the_others_to_be_asked(
        self, search: SavedSearch, sources: Register, answer: tuple[int, bytes]
    ) -> None:
        with exclusive():
            SavedSearch.objects.exclude(key__in=[search.key, "nec-markers"]).update(is_active=False)
        sources.will(*answer)
        sources.will(200, json.dumps({"esearchresult": {"count": "0", "idlist": []}}).encode())
        with pytest.raises(CommandError, match="1 of the searches"):
            call_command("survey")
        assert SearchLook.objects.get().search.key == "nec-markers"

    def test_no_other_host_is_asked_wherever_one_is_sent(self, sources: Register) -> None:
        sources.will(302, location="http://localhost:1/")
        with web.Web(hosts=["127.0.0.1"]) as line, pytest.raises(web.FetchError, match=r"only 127\.0\.0\.1"):
            line.read(sources.url)

    def test_time_is_limited(self, sources: Register) -> None:
        with web.Web(hosts=["127.0.0.1"], seconds=-1) as line, pytest.raises(web.FetchError, match="not done within"):
            line.read(sources.url)

    def test_nothing_is_asked_unless_switched_on(self, search: SavedSearch, sources: Register, settings: Any) -> None:
        settings.SURVEY_ONLINE = False
        with pytest.raises(CommandError, match="switched off"):
            call_command("survey")
        assert sources.asked == []


@pytest.mark.django_db
class TestFiles:
    def test_say_the_same_as_the_source(self, search: SavedSearch, sources: Register) -> None:
        day = (timezone.localdate() - timedelta(days=3)).isoformat()
        call_command("survey", str(FILES / "records.nbib"), "--search", search.key, "--until", day)
        sources.will(200, FOUND)
        sources.will(200, (FILES / "records.xml").read_bytes())
        call_command("survey", "--search", search.key)
        assert [look.answered for look in SearchLook.objects.all()] == [3, 3]
        assert SurveyFinding.objects.count() == 2

    def test_notices_are_proposed_by_whoever_reads_them(self) -> None:
        somebody("ada")
        with pytest.raises(CommandError, match="1 of the searches or records"):  # a row that names no text
            call_command("survey", "--notices", str(FILES / "retractions.csv"), "--by", "ada")
        assert ReportedNotice.objects.count() == Proposal.objects.count() == 1

    @pytest.mark.parametrize(
        "arguments",
        [
            [str(FILES / "records.xml")],
            [str(FILES / "records.xml"), "--search", "no-such", "--until", "2026-01-01"],
            [str(FILES / "conftest.py"), "--search", "nec-later-line", "--until", "2026-01-01"],
            ["--notices", str(FILES / "records.xml"), "--by", "nobody"],
        ],
    )
    def test_what_cannot_be_is_said(self, search: SavedSearch, arguments: list[str]) -> None:
        with pytest.raises(CommandError):
            call_command("survey", *arguments)
        assert not SearchLook.objects.exists()


START = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from curation.models import FindingReason, SavedSearch, SearchLook, SurveyFinding
from curation.surveillance import looking
from regimens.models import ReportedNotice, SearchedUntil
from audit.models import Event
import json
"""
LOOK = """
call_command("survey", "--load-searches")
if sys.argv[2:]:
    def die(*args, **kwargs):
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(looking, sys.argv[2], die)
call_command("survey", sys.argv[1], "--search", "nec-later-line", "--until", "2026-11-01")
"""
COUNT = """
models = (SearchLook, SurveyFinding, FindingReason, ReportedNotice)
print(json.dumps([*(m.objects.count() for m in models), Event.objects.filter(action="survey").count()]))
"""


def run(script: str, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", START + script, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_killed_or_started_twice_nothing_is_half_made(tmp_path: Path) -> None:
    environment, file = own_database("surveyed", tmp_path), str(FILES / "records.xml")
    for moment in ("move_searched_until", "record"):
        assert run(LOOK, environment, file, moment).returncode == -signal.SIGKILL
    command = [sys.executable, "-c", START + LOOK, file]
    both = [subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    said = [one.communicate()[1].decode() for one in both]
    assert 0 in [one.returncode for one in both], said
    looks, *found, events = json.loads(run(COUNT, environment).stdout)
    assert found == [2, 2, 1]
    assert looks == events
