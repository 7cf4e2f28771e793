"""Notices and look-ups in the evidence base: kept by loader, rows and releases, absent where there are none, shown."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
import yaml
from django.test import Client

from audit.guard import ROWS
from curation.accepted import accepted, document_of
from regimens import releases
from regimens.knowledge import document as rows_as_document
from regimens.knowledge.loader import normal, problems_in
from regimens.knowledge.rows import write
from regimens.rules.benchmark import benchmark_constants
from regimens.rules.knowledge import Knowledge, ReleaseIdentity
from tests.factories.patients import colorectal
from tests.pages import text

pytestmark = pytest.mark.django_db

KEY = "walter-2023-bevanec"
NOTICE = {"kind": "retraction", "text": "Lancet Oncol. 2026;27:9", "url": "https://pubmed.ncbi.nlm.nih.gov/39999901/"}


def publication(**values: Any) -> dict[str, Any]:
    return copy.deepcopy(accepted()["publications"][KEY]) | values


def trial(**values: Any) -> dict[str, Any]:
    return copy.deepcopy(accepted()["trials"]["NCT05882058"]) | values


def problems(kind: str, entry: dict[str, Any], key: str) -> list[str]:
    document = document_of(accepted())
    name = {"publications": "key", "trials": "nct"}[kind]
    document[kind] = [entry if row[name] == key else row for row in document[kind]]
    return [f"{problem.field}: {problem.rule}" for problem in problems_in(document)]


def test_neither_is_in_an_entry_that_has_none() -> None:
    evidence = accepted()
    assert not any("notice" in entry for entry in evidence["publications"].values())
    assert None not in {entry.get("looked_up_on", "left out") for entry in evidence["trials"].values()}
    assert normal("publications", KEY, publication(notice=None)) == publication()
    never_looked_up = trial()
    never_looked_up.pop("looked_up_on", None)
    assert normal("trials", "NCT05882058", trial(looked_up_on=None)) == never_looked_up


def test_rows_hold_them_and_give_them_back() -> None:
    entries = {"publications": publication(notice=NOTICE), "trials": trial(looked_up_on="2026-11-02")}
    with ROWS.open():
        for kind, entry in entries.items():
            write(kind, [entry])
    assert rows_as_document.entries("publications")[KEY] == entries["publications"]
    assert rows_as_document.entries("trials")["NCT05882058"] == entries["trials"]
    with ROWS.open():
        write("publications", [publication()])
        write("trials", [trial()])
    assert rows_as_document.entries("publications")[KEY] == publication()
    assert rows_as_document.entries("trials")["NCT05882058"] == trial()


@pytest.mark.parametrize(
    ("notice", "expected"),
    [
        (NOTICE | {"kind": "gossip"}, "notice.kind: one of retraction, expression-of-concern, erratum"),
        (NOTICE | {"url": "javascript:alert(1)"}, "notice.url: an http or https address"),
        (NOTICE | {"text": ""}, "notice.text: Input should be a valid string"),
        ({"kind": "erratum"}, "notice.text: this key is required, null where nothing is known"),
        (NOTICE | {"more": 1}, "notice.more: no key of this entry"),
    ],
)
def test_a_notice_is_checked(notice: dict[str, Any], expected: str) -> None:
    assert expected in problems("publications", publication(notice=notice), KEY)


@pytest.mark.parametrize("day", ["2026-13-01", "2 November", "", 7])
def test_a_look_up_is_a_day(day: Any) -> None:
    found = problems("trials", trial(looked_up_on=day), "NCT05882058")
    assert [problem.partition(":")[0] for problem in found] == (["looked_up_on"] if day != "" else [])


def test_a_day_may_stand_in_a_file_without_quotation_marks() -> None:
    given = yaml.safe_load("looked_up_on: 2026-11-02")
    assert normal("trials", "NCT05882058", trial(**given))["looked_up_on"] == "2026-11-02"


def in_force(notice: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    """A release in which a notice stands against the publication behind FOLFIRI's best cohort."""
    document = document_of(accepted())
    document["publications"] = [publication(notice=notice) if e["key"] == KEY else e for e in document["publications"]]
    document["constants"] = benchmark_constants(document)
    sha256 = notice["kind"][0] * 64
    knowledge = Knowledge.from_document(document, release=ReleaseIdentity("noticed", "2026-11-02", sha256))
    monkeypatch.setattr(releases, "current", lambda: knowledge)
    return knowledge


@pytest.fixture
def retracted(monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    return in_force(NOTICE, monkeypatch)


@pytest.fixture
def in_doubt(monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    return in_force(NOTICE | {"kind": "expression-of-concern"}, monkeypatch)


SAID = "Retracted: Lancet Oncol. 2026;27:9"


class TestPages:
    def test_the_publication_says_it(self, client: Client, retracted: Knowledge) -> None:
        response = client.get(f"/evidence/{KEY}/")
        assert SAID in text(response)
        assert f'href="{NOTICE["url"]}"' in response.content.decode()

    def test_every_option_that_it_feeds_says_it(self, client: Client, retracted: Knowledge) -> None:
        for slug in {result["regimen"] for result in retracted.publications[KEY]["results"]}:
            page = text(client.get(f"/options/{slug}/"))
            assert page.count(SAID) >= 2  # above, and at the cohort's place in the plot
        assert SAID not in text(client.get("/options/topotecan/"))

    def test_the_rankings_cohort_lines_say_what_is_in_doubt(self, client: Client, in_doubt: Knowledge) -> None:
        page = text(client.post("/", colorectal(everything="yes")))
        assert page.count("Expression of concern: Lancet Oncol. 2026;27:9") >= 2

    def test_card_and_row_say_it_of_the_figures_that_they_show(self, client: Client, in_doubt: Knowledge) -> None:
        page = client.post("/", colorectal()).content.decode()
        card = page[page.index('id="answer-first"') : page.index('id="tests"')]
        assert "PRODIGE 41-BEVANEC, expression of concern (67 patients)" in card
        row = page[page.index('<h4 id="option-folfiri"') :]
        row = row[: row.index("</article>")]
        assert re.search(rf'sign-disputed" title="[^"]*"><a href="{NOTICE["url"]}"[^>]*>Expression of concern</a>', row)

    def test_what_is_retracted_feeds_no_estimate_and_whoever_cites_it_says_so(
        self, client: Client, retracted: Knowledge
    ) -> None:
        page = text(client.post("/", colorectal()))
        card, _, row = page[page.index("First in order") :].partition("Rank 1")
        row = row.partition("Best supportive care")[0]
        assert "2 studies" in row
        assert "Walter T, Lancet Oncol, 2023 (retracted)" in card
        assert "published 18 %" not in row
        assert SAID not in row

    def test_a_german_page_says_it_in_german(self, client: Client, retracted: Knowledge) -> None:
        page = text(client.get(f"/evidence/{KEY}/", headers={"accept-language": "de"}))
        assert "Zurückgezogen: Lancet Oncol. 2026;27:9" in page

    def test_a_release_without_notices_says_nothing(self, client: Client) -> None:
        assert "Retracted" not in client.get(f"/evidence/{KEY}/").content.decode()
        assert 'class="against"' not in client.post("/", colorectal()).content.decode()
