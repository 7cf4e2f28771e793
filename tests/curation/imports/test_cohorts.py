"""Cohorts as tables: out and back unchanged, changes shown and proposed, every problem with its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from curation.accepted import accepted
from curation.actions import accept, propose
from curation.imports.cohorts import CohortResource, result_of, row_of
from curation.imports.tables import read_table
from curation.models import Proposal
from tests.factories.curation import somebody

pytestmark = pytest.mark.django_db

BEVANEC = "walter-2023-bevanec"
Rows = list[dict[str, str]]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """What export_cohorts writes."""
    path = tmp_path / "cohorts.csv"
    call_command("export_cohorts", path, stdout=io.StringIO())
    return path


def edit(path: Path, how: Callable[[Rows], Any]) -> None:
    """Change the rows of a table, as somebody in a spreadsheet does."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    how(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def row(rows: Rows, key: str = BEVANEC, index: int = 0) -> dict[str, str]:
    return next(found for found in rows if (found["publication"], found["index"]) == (key, str(index)))


def run(path: Path, *arguments: str, by: str = "curator") -> str:
    out = io.StringIO()
    call_command("import_cohorts", path, *arguments, by=by, stdout=out)
    return out.getvalue()


def problems(path: Path) -> list[str]:
    err = io.StringIO()
    with pytest.raises(CommandError, match="nothing was imported"):
        call_command("import_cohorts", path, "--apply", by="curator", stdout=io.StringIO(), stderr=err)
    assert not Proposal.objects.exists()
    return err.getvalue().splitlines()


def test_every_result_is_a_row_and_comes_back_as_it_was() -> None:
    for publication in accepted()["publications"].values():
        for index, result in enumerate(publication["results"]):
            assert result_of(row_of(publication, index)) == result


@pytest.mark.parametrize("name", ["cohorts.csv", "cohorts.xlsx"])
def test_an_export_that_nobody_touched_changes_nothing(curator: User, tmp_path: Path, name: str) -> None:
    call_command("export_cohorts", tmp_path / name, stdout=io.StringIO())
    results = sum(len(entry["results"]) for entry in accepted()["publications"].values())
    assert len(read_table(tmp_path / name)) == results
    assert run(tmp_path / name, "--apply").splitlines() == ["0 proposed, 0 left alone"]
    assert not Proposal.objects.exists()


def test_a_change_is_shown_before_it_is_proposed(curator: User, table: Path) -> None:
    edit(table, lambda rows: row(rows).update(os="9.2", dcr="60.5"))
    assert run(table).splitlines() == [
        BEVANEC,
        "  cohort: FOLFIRI: disease control rate: nothing → 60.5 %",
        "  cohort: FOLFIRI: median OS: 8.9 months → 9.2 months",
        "1 publication would change; --apply proposes it",
    ]
    assert not Proposal.objects.exists()


def test_each_publication_that_changes_is_one_proposal(curator: User, table: Path) -> None:
    def change(rows: Rows) -> None:
        row(rows).update(os="9,2")
        row(rows, index=1).update(grade3="20")
        row(rows, "mohamed-2022-ipinivo").update(rates="os-6: 40; pfs-6: 12.5")

    edit(table, change)
    assert "2 proposed, 0 left alone" in run(table, "--apply", "--reason", "Read anew", "--source", "the full text")
    one, other = Proposal.objects.order_by("pk")
    assert {one.key, other.key} == {"mohamed-2022-ipinivo", BEVANEC}
    bevanec = one if one.key == BEVANEC else other
    assert (bevanec.reason, bevanec.source, bevanec.proposer) == ("Read anew", "the full text", curator)
    assert [bevanec.values["results"][0]["os"], bevanec.values["results"][1]["grade3"]] == [9.2, 20]
    assert accepted()["publications"][BEVANEC]["results"][0]["os"] == 8.9


def test_the_same_table_twice_proposes_nothing_twice(curator: User, table: Path) -> None:
    edit(table, lambda rows: row(rows).update(os="9.2"))
    run(table, "--apply")
    assert "0 proposed, 1 left alone" in run(table, "--apply")
    assert Proposal.objects.count() == 1


def test_a_row_at_the_next_place_is_a_new_result(curator: User, table: Path) -> None:
    def add(rows: Rows) -> None:
        new = row(rows) | {"index": "2", "exported": "", "subgroup": "Ki-67 55 % or more", "subgroup_kind": "ki67"}
        rows.append(new | {"where": '{"feature": "ki67", "at_least": 55}'})

    edit(table, add)
    run(table, "--apply")
    results = Proposal.objects.get().values["results"]
    (read,) = results[2].pop("readings")
    assert (read["kind"], read["by"], read["figures"]["os"]) == ("first", "curator", 8.9)
    assert results[2] == results[0] | {
        "subgroup": "Ki-67 55 % or more",
        "subgroup_kind": "ki67",
        "where": {"feature": "ki67", "at_least": 55},
    }


def test_rows_and_columns_that_are_left_out_stay(curator: User, tmp_path: Path, table: Path) -> None:
    with table.open(encoding="utf-8-sig", newline="") as file:
        mark = row(list(csv.DictReader(file)))["exported"]
    short = tmp_path / "short.csv"
    short.write_text(f"publication,index,exported,os\n{BEVANEC},0,{mark},9.2\n")
    run(short, "--apply")
    content = Proposal.objects.get().values
    was = accepted()["publications"][BEVANEC]
    assert [read["figures"] for read in content["results"][0].pop("readings")] == [{"os": 9.2}]
    assert content == was | {"results": [was["results"][0] | {"os": 9.2}, *was["results"][1:]]}


@pytest.mark.parametrize(
    "content", ["publication,index,exported,orr\n,,,\n,,,\n", "sep=;\npublication;index;exported;orr\n"]
)
def test_a_table_without_a_row_changes_nothing(curator: User, tmp_path: Path, content: str) -> None:
    path = tmp_path / "none.csv"
    path.write_text(content)
    assert run(path) == run(path, "--apply") == "Nothing would change\n"
    assert not Proposal.objects.exists()


SPOILT: list[tuple[dict[str, str], str]] = [
    ({"os": "long"}, "os: 'long': a number"),
    ({"os": "1,234"}, "os: '1,234': a number"),
    ({"n": "67.5"}, "n: '67.5': a whole number"),
    ({"n": "true"}, "n: 'true': a number"),
    ({"rates": "os-6"}, "rates: 'os-6': rates as os-6: 60; pfs-12: 8.5"),
    ({"rates": "os-6: 60; os-6: 61"}, "rates: 'os-6: 60; os-6: 61': rates as os-6: 60; pfs-12: 8.5, each once"),
    ({"where": "{"}, "where: '{': JSON, as the export writes it"),
    ({"publication": "nobody-2020-text"}, "publication: 'nobody-2020-text': nobody-2020-text: the key of a"),
    ({"index": ""}, "index: the place of the result among those"),
    ({"index": "-1"}, "index: '-1': the place of the result among those"),
    ({"index": "99", "exported": ""}, "index: 99: 2, the next free place of walter-2023-bevanec"),
    ({"index": "99"}, "exported: "),
    ({"exported": ""}, "exported: as the export wrote it: this result has changed since"),
    ({"exported": "v0"}, "exported: 'v0': as the export wrote it: this result has changed since"),
    ({"orr": "118", "responders": ""}, "orr: 118.0: a percentage from 0 to 100"),
    ({"os": "201"}, "os: 201.0: months from 0 to 200"),
    ({"os_low": "12", "os_high": "10.6"}, "os_low: 12.0: not above the upper bound, 10.6"),
    ({"regimen": "folfri"}, "regimen: 'folfri': a key of regimens"),
    ({"arm": ""}, "arm: Input should be a valid string"),
    ({"rates": "os-x: 6"}, "rates: "),
    ({"hr": "0.9"}, "hr_endpoint: "),
    ({"ci_level": "99"}, "ci_level: 99: one of 80, 90, 95"),
    ({"subgroup": "Ki-67 55 % or more"}, "subgroup_kind: '': set together with the subgroup"),
    ({"where": '{"feature": "ki76", "at_least": 5}'}, "where: "),
    ({"population": '{"line": "second"}'}, "population: 'second': differs from the study's"),
]


@pytest.mark.parametrize(("given", "expected"), SPOILT)
def test_what_is_wrong_is_named_with_its_row_and_column(
    curator: User, table: Path, given: dict[str, str], expected: str
) -> None:
    numbers: list[int] = []

    def spoil(rows: Rows) -> None:
        numbers.append(rows.index(row(rows)) + 2)
        row(rows).update(given)

    edit(table, spoil)
    start = f"cohorts.csv: row {numbers[0]}: {expected}"
    assert start in [found[: len(start)] for found in problems(table)]


def test_every_problem_is_listed_at_once(curator: User, table: Path) -> None:
    def spoil(rows: Rows) -> None:
        row(rows).update(os="long", n="many")
        row(rows, index=1).update(pfs="201")
        row(rows, "mohamed-2022-ipinivo").update(regimen="none-such")
        rows.append(dict(row(rows, "mohamed-2022-ipinivo")))

    edit(table, spoil)
    fields = {tuple(text.split(": ")[1:3]) for text in problems(table)}
    assert {field for _, field in fields} == {"n", "os", "pfs", "regimen", "index"}
    assert len({place for place, _ in fields}) == 4


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("publication,index,exported,orr,os_median", "cohorts.csv: row 1: os_median: one of publication, index"),
        ("index,exported,os", "cohorts.csv: row 1: publication: a column that every table has"),
        ("publication,index,os", "cohorts.csv: row 1: exported: a column that every table has"),
    ],
)
def test_columns_that_are_none_or_are_lacking_are_named(
    curator: User, tmp_path: Path, header: str, expected: str
) -> None:
    path = tmp_path / "cohorts.csv"
    path.write_text(f"{header}\n")
    assert [found[: len(expected)] for found in problems(path)] == [expected]


def test_a_table_from_before_somebodys_change_does_not_undo_it(curator: User, table: Path) -> None:
    other = somebody("other")
    content = accepted()["publications"][BEVANEC]
    content["results"][0]["os"] = 9.0
    made = propose(kind="publications", key=BEVANEC, content=content, reason="r", source="s", by=curator)
    accept(made.proposal, by=other)
    edit(table, lambda rows: row(rows).update(os="9.2"))
    err = io.StringIO()
    with pytest.raises(CommandError):
        call_command("import_cohorts", table, "--apply", by="curator", stdout=io.StringIO(), stderr=err)
    assert "exported" in err.getvalue()
    assert Proposal.objects.count() == 1


def test_who_may_not_propose_does_not(table: Path) -> None:
    User.objects.create_user("reader", password="x")
    edit(table, lambda rows: row(rows).update(os="9.2"))
    assert "1 publication would change" in run(table, by="reader")
    with pytest.raises(CommandError):
        run(table, "--apply", by="reader")
    with pytest.raises(CommandError, match="no account named nobody"):
        run(table, "--apply", by="nobody")
    assert not Proposal.objects.exists()


def test_the_admins_preview_has_a_row_for_each_change(curator: User, table: Path) -> None:
    edit(table, lambda rows: row(rows).update(os="9.2"))
    result = CohortResource().import_data(read_table(table), dry_run=True, user=curator, file="cohorts.csv")
    assert [found.import_type for found in result.rows if found.import_type != "skip"] == ["update"]
    assert not result.has_errors()
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [({"dcr": "0.63"}, "dcr: '0.63': 63 % or 0.63 %"), ({"rates": "os-6: 0.6"}, "rates: 'os-6: 0.6': 63 % or 0.63 %")],
)
def test_a_share_below_one_without_its_sign_is_asked(
    curator: User, table: Path, given: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(table, lambda rows: row(rows).update(given))
    assert any(said in found for found in problems(table))
    edit(table, lambda rows: row(rows).update({name: f"{value} %" for name, value in given.items()}))
    assert "1 publication would change" in run(table)
    assert "a fraction in place of a percentage?" in capsys.readouterr().err


@pytest.mark.parametrize("given", ["4·7", "4,7", "4.7 months", " 4.7\u202f"])
def test_months_are_read_as_journals_and_countries_write_them(curator: User, table: Path, given: str) -> None:
    edit(table, lambda rows: row(rows).update(pfs=given))
    assert "4.7 months" in run(table)


def test_a_cell_that_a_row_ends_before_takes_no_figure_away(curator: User, table: Path) -> None:
    lines = table.read_text(encoding="utf-8-sig").splitlines()
    line = next(line for line in lines if line.startswith(BEVANEC))
    table.write_text("\n".join([lines[0], ",".join(line.split(",")[:3])]), encoding="utf-8")
    assert run(table) == "Nothing would change\n"


def test_what_a_spreadsheet_could_not_calculate_is_no_text(curator: User, table: Path) -> None:
    edit(table, lambda rows: row(rows).update(note="#REF!"))
    assert any("note: '#REF!': text" in found for found in problems(table))
