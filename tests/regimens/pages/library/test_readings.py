"""What a release says of the readers of its figures stands in the library and beside the ranking, figure by figure."""

from __future__ import annotations

import copy
import csv
import io
from typing import Any

import pytest
from django.test import Client

from curation.accepted import accepted, document_of
from regimens import releases
from regimens.rules.benchmark import benchmark_constants
from regimens.rules.knowledge import Knowledge, ReleaseIdentity
from tests.factories.patients import colorectal
from tests.pages import text

pytestmark = pytest.mark.django_db

KEY = "walter-2023-bevanec"
PLACE = {"on": "2026-11-02", "at": "https://example.org/full-text", "how": "fulltext"}
FIRST = PLACE | {"by": "Ada Lind", "kind": "first", "figures": {"pfs": 3.5}}
SECOND = PLACE | {"by": "Cleo Marsh", "kind": "second"}
DISPUTE = "Readings differ, PFS: 3.5 mo on record, 3.8 mo in the second reading"


def in_force(monkeypatch: pytest.MonkeyPatch, *readings: dict[str, Any], sha256: str) -> Knowledge:
    """A release in which someone read the first arm of the trial behind FOLFIRI."""
    document = document_of(accepted())
    document["publications"] = copy.deepcopy(document["publications"])
    row = next(row for row in document["publications"] if row["key"] == KEY)
    row["second_read_at"] = None
    row["results"][0]["readings"] = list(readings)
    document["constants"] = benchmark_constants(document)
    knowledge = Knowledge.from_document(document, release=ReleaseIdentity("read", "2026-11-02", sha256))
    monkeypatch.setattr(releases, "current", lambda: knowledge)
    return knowledge


@pytest.fixture
def disputed(monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    return in_force(monkeypatch, FIRST, SECOND | {"figures": {"pfs": 3.8, "os": 8.9}}, sha256="d" * 64)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    settling = PLACE | {"by": "Emil Novak", "kind": "settling", "figures": {"pfs": 3.5}}
    return in_force(monkeypatch, FIRST, SECOND | {"figures": {"pfs": 3.8}}, settling, sha256="5" * 64)


class TestDisputed:
    def test_the_publication_says_both_values_and_who_read_them(self, client: Client, disputed: Knowledge) -> None:
        page = text(client.get(f"/evidence/{KEY}/"))
        assert DISPUTE in page
        assert "readings differ; read in another paper’s account" in page
        assert "Ada Lind 2 Nov 2026" in page
        assert "Cleo Marsh 2 Nov 2026" in page
        assert "second reading, without seeing the first" in page

    def test_each_figure_says_how_it_was_read(self, client: Client, disputed: Knowledge) -> None:
        page = text(client.get(f"/evidence/{KEY}/"))
        assert "3.5 (1.9–5.1) mo readings differ" in page
        assert "8.9 (5.7–10.6) mo read twice in part" in page  # its bounds were not read a second time

    def test_the_rankings_cohort_lines_say_it(self, client: Client, disputed: Knowledge) -> None:
        page = text(client.post("/details/folfiri/", colorectal()))
        assert DISPUTE in page
        assert "second reading, without seeing the first: Cleo Marsh, 2 Nov 2026" in page

    def test_the_forest_plot_of_the_figure_says_it(self, client: Client, disputed: Knowledge) -> None:
        page = text(client.get("/options/folfiri/"))
        assert page.count(DISPUTE) == 1
        assert page.index("Progression-free survival, median") < page.index(DISPUTE)

    def test_the_list_is_filtered_by_it(self, client: Client, disputed: Knowledge) -> None:
        page = client.get("/evidence/", {"checked": "differ"}).content.decode()
        assert f"/evidence/{KEY}/" in page
        assert "1 of " in page
        assert f"/evidence/{KEY}/" not in client.get("/evidence/", {"checked": "once"}).content.decode()

    def test_the_csv_says_it(self, client: Client, disputed: Knowledge) -> None:
        response = client.get("/evidence.csv", {"q": KEY})
        rows = list(csv.DictReader(io.StringIO(response.content.decode())))
        assert [(row["read"], row["readings_differ"]) for row in rows] == [("differ", "pfs"), ("once", "")]

    def test_a_german_page_says_it(self, client: Client, disputed: Knowledge) -> None:
        page = text(client.get(f"/evidence/{KEY}/", headers={"accept-language": "de"}))
        assert "2. November 2026" in page


def test_what_a_third_person_decided_is_said(client: Client, settled: Knowledge) -> None:
    page = text(client.get(f"/evidence/{KEY}/"))
    assert "Readings differ" not in page
    assert "3.5 (1.9–5.1) mo read twice in part" in page
    assert "Emil Novak 2 Nov 2026" in page


def test_of_the_shipped_base_nobody_is_named(client: Client) -> None:
    page = text(client.get(f"/evidence/{KEY}/"))
    assert "Who read them first and a second time, and when, is not recorded" in page
    assert "Who read the figures" not in page
    assert "Readings differ" not in text(client.post("/", colorectal()))
