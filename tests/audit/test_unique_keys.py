"""No row of a guarded table takes the place of another one, by any unique key, on either database."""

# ruff: noqa: S608 - statements on our own tables
from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit import unique_keys
from boards import actions
from boards.models import AgendaItem
from tests.factories.boards import FOLFIRI, a_board, a_case, a_meeting, account, an_item, signed
from tests.factories.curation import rename_folfiri

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@pytest.fixture
def filled() -> None:
    """Something is recorded in most tables."""
    rename_folfiri()
    board = a_board(blind_first=True, ballots="anonymous")
    item = an_item(board)
    for name in ("ada", "ben"):
        actions.vote(item, choice=FOLFIRI, by=account(name))
    actions.close_vote(item, by=account("chair"))
    signed(AgendaItem.objects.get(pk=item.pk))
    a_meeting(board, a_case(board, "Colon 8"), fixed=False)
    call = actions.save_draft
    call(AgendaItem.objects.latest("pk"), fields=[("rationale", "x")], revision=0, by=account("ada"))


def run(statement: str, values: list[Any]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def row_of(table: str) -> dict[str, Any] | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 1")
        row = cursor.fetchone()
        return dict(zip([column[0] for column in cursor.description], row, strict=True)) if row else None


def other(value: Any) -> Any:
    """Another value of a key, which no row has."""
    if isinstance(value, int):
        return value + 10**6
    return f"{random.getrandbits(128):032x}" if value is not None else None


def unique(table: str) -> set[tuple[str, ...]]:
    """Its unique keys as the database says them."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            found = connection.introspection.get_constraints(cursor, table).values()
            return {tuple(each["columns"]) for each in found if each["unique"] or each["primary_key"]}
        cursor.execute("SELECT name FROM pragma_table_info(%s) WHERE pk", [table])
        keys = {tuple(name for (name,) in cursor.fetchall())}
        cursor.execute('SELECT name FROM pragma_index_list(%s) WHERE "unique"', [table])
        for (index,) in cursor.fetchall():
            cursor.execute("SELECT name FROM pragma_index_info(%s) ORDER BY seqno", [index])
            keys.add(tuple(name for (name,) in cursor.fetchall()))
        return keys


def tried() -> Iterator[tuple[str, dict[str, Any], tuple[str, ...], dict[str, Any]]]:
    """Of each guarded table a row, and for each key another row with that key alone in common, where it is not null."""
    for table in unique_keys.guarded_tables():
        if row := row_of(table):
            keys = unique(table)
            named = {column for key in keys for column in key}
            for key in keys:
                if all(row[column] is not None for column in key):
                    yield table, row, key, row | {name: other(row[name]) for name in named - set(key)}


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has no such statement")
def test_insert_or_replace_is_refused_by_every_key(filled: None) -> None:
    through, tables = [], set()
    for table, _row, key, new in tried():
        tables.add(table)
        marks = ", ".join(["%s"] * len(new))
        names = ", ".join(f'"{name}"' for name in new)
        for statement in ("INSERT OR REPLACE", "REPLACE"):
            try:
                run(f"{statement} INTO {table} ({names}) VALUES ({marks})", list(new.values()))
            except IntegrityError:
                continue
            through.append((table, key))
    assert through == []
    assert tables >= {
        *("regimens_event", "regimens_proposal", "regimens_entry", "regimens_knowledgerelease", "boards_signature"),
        *("boards_ballot", "boards_decision", "boards_caseversion", "boards_presence", "boards_agendaitem"),
    }


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has no such statement")
def test_nor_does_a_row_take_the_number_of_another(filled: None) -> None:
    """A table whose key is no number has numbers of rows besides, by which rows are replaced as well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rowid FROM boards_ballot ORDER BY rowid")
        first, second = (row[0] for row in cursor.fetchall())
    with pytest.raises(IntegrityError, match="no row is replaced"):
        run("UPDATE OR REPLACE boards_ballot SET rowid = %s WHERE rowid = %s", [first, second])
    row = row_of("boards_ballot")
    assert row is not None
    new = row | {"id": other(""), "voter_key": other("")}
    names, marks = ", ".join(new), ", ".join(["%s"] * len(new))
    with pytest.raises(IntegrityError):
        run(f"INSERT OR REPLACE INTO boards_ballot (rowid, {names}) VALUES (%s, {marks})", [first, *new.values()])


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL needs no triggers for this")
def test_every_key_has_its_triggers() -> None:
    """Those that a migration loses, which makes a table anew, come back at the end of `migrate`."""
    with connection.cursor() as cursor:
        names = [
            name
            for table in unique_keys.guarded_tables()
            for key in unique_keys.keys_of(cursor, table)
            for name, _definition in key.triggers()
        ]
        cursor.execute(f'DROP TRIGGER "{names[0]}"')
        unique_keys.keep()
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {name for (name,) in cursor.fetchall()}
    assert set(names) <= there and len(names) == len(set(names)) > 100


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite refuses it as it does INSERT OR REPLACE")
def test_on_conflict_changes_nothing_that_an_update_would_not(filled: None) -> None:
    through = []
    for table, row, key, new in tried():
        for name in row.keys() - set(key):
            value = other(row[name]) if isinstance(row[name], int | str) else None
            if isinstance(row[name], bool):
                value = not row[name]
            if value is None:
                continue
            where = " AND ".join(f'"{column}" = %s' for column in key)
            if _is_done(f'UPDATE {table} SET "{name}" = %s WHERE {where}', [value, *(row[each] for each in key)]):
                continue
            names, marks = ", ".join(f'"{each}"' for each in new), ", ".join(["%s"] * len(new))
            conflict = ", ".join(f'"{column}"' for column in key)
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({conflict}) DO UPDATE SET "
            values = [_adapted(each) for each in (new | {name: value}).values()]
            if _is_done(f'{statement} "{name}" = EXCLUDED."{name}"', values):
                through.append((table, key, name))
    assert through == []


def _is_done(statement: str, values: list[Any]) -> bool:
    try:
        with transaction.atomic():
            done = run(statement, values)
            connection.check_constraints()
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return done > 0


def _adapted(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value
