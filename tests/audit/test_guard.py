"""Records are added and never changed, deleted, replaced or emptied, whatever writes to the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from audit import chain
from audit.models import Event, EventSeal
from curation import actions as curation_actions
from curation.models import Entry, Proposal
from regimens.models import KnowledgeRelease
from tests.factories.curation import REASON, content, rename_folfiri, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

EMPTYING = "DELETE FROM regimens_{}"
COPYING = "INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE id = {pk}"


class TestTriggers:
    """Nothing recorded is changed, deleted, replaced or emptied, whatever writes to the database."""

    @pytest.fixture(autouse=True)
    def some(self) -> None:
        rename_folfiri()
        chain.seal_all()

    @pytest.mark.parametrize("table", ["event", "eventseal", "knowledgerelease"])
    @pytest.mark.parametrize("statement", ["UPDATE regimens_{} SET id = id", "DELETE FROM regimens_{}"])
    def test_no_row_is_changed_or_deleted(self, table: str, statement: str) -> None:
        self.refused(statement.format(table))

    @pytest.mark.parametrize("table", ["event", "eventseal", "knowledgerelease"])
    def test_no_table_is_emptied(self, table: str) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self.refused(f"TRUNCATE regimens_{table} CASCADE")
        else:
            self.refused(EMPTYING.format(table))

    @pytest.mark.parametrize(
        ("table", "other"),
        [
            ("event", {}),
            ("eventseal", {}),
            ("eventseal", {"id": "999999"}),
            ("knowledgerelease", {}),
            ("knowledgerelease", {"id": "999999"}),
            ("entry", {}),
            ("entry", {"id": "999999"}),
            ("proposal", {}),
        ],
    )
    def test_no_row_takes_anothers_place(self, table: str, other: dict[str, str]) -> None:
        model = apps.get_model("regimens", table)
        first = model._default_manager.order_by("pk").values_list("pk", flat=True)[0]
        statement = copying(model, first, **other)
        if connection.vendor == "postgresql":
            unique = {"entry": "kind, key", "knowledgerelease": "name", "eventseal": "event_id"}
            self.refused(
                f"{statement} ON CONFLICT ({unique[table] if other else 'id'}) DO UPDATE SET id = 1 - EXCLUDED.id"
            )
        else:
            self.refused(statement.replace("INSERT", "INSERT OR REPLACE"))

    def test_no_revision_takes_anothers_place(self) -> None:
        ada, values = somebody("ada"), content("regimens", "folfiri", name="FOLFIRI, read again")
        first = curation_actions.propose(kind="regimens", key="folfiri", content=values, by=ada, **REASON).proposal
        asked = curation_actions.ask_for_change(first, by=somebody("ben"), comment="Say where.")
        curation_actions.revise(asked, content=values | {"name": "Better"}, by=ada)
        revision = Proposal.objects.filter(replaces__isnull=False).latest("pk")
        statement = copying(Proposal, revision.pk, id="999999")
        self.refused(
            statement if connection.vendor == "postgresql" else statement.replace("INSERT", "INSERT OR REPLACE")
        )

    def refused(self, statement: str) -> None:
        tables = (Event, EventSeal, KnowledgeRelease, Entry, Proposal)
        before = [list(model.objects.order_by("pk").values_list()) for model in tables]
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert [list(model.objects.order_by("pk").values_list()) for model in tables] == before


def copying(model: Any, pk: int, **other: str) -> str:
    """SQL that inserts a row once more, but for some of its columns."""
    columns = [one.column for one in model._meta.concrete_fields]
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(other.get(column, f'"{column}"') for column in columns)
    return COPYING.format(table=model._meta.db_table, names=names, values=values, pk=pk)
