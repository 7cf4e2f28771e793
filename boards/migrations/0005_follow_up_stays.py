"""What was recorded of the course after a decision stays as it was, whatever writes to the database.

On SQLite, a later migration that alters a table of these makes it anew without its triggers, and has to create them again.
"""

from django.db import migrations

DIFFERS = {"sqlite": "IS NOT", "postgresql": "IS DISTINCT FROM"}
ERASED_ITEM = """EXISTS (SELECT 1 FROM boards_agendaitem i JOIN boards_case c ON c.id = i.case_id
    WHERE i.id = NEW.item_id AND c.erased_at IS NOT NULL)"""


def changed(*columns):
    return "(" + " OR ".join(f"NEW.{column} {{differs}} OLD.{column}" for column in columns) + ")"


def emptied(**columns):
    return "(" + " AND ".join(f"NEW.{column} = '{value}'" for column, value in columns.items()) + ")"


FACTS = "id item_id number kind option option_name stop_reason best_response recorded_at recorded_by_id".split()
COURSE = {"words": "", "started_in": "", "stopped_in": "", "progression": "unknown", "progressed_in": "",
          "vital": "unknown", "vital_in": ""}

# Table, statement, when it is refused, and why; the name of a trigger is made of the table and the place in this list.
RULES = [
    ("followup", "INSERT", """NEW.number <> 1 + COALESCE(
        (SELECT MAX(f.number) FROM boards_followup f WHERE f.item_id = NEW.item_id), 0)""",
     "a follow-up takes the next number"),
    ("followup", "INSERT", "NOT EXISTS (SELECT 1 FROM boards_decision d WHERE d.item_id = NEW.item_id)",
     "what is followed up was decided"),
    ("followup", "INSERT", ERASED_ITEM, "nothing is recorded on an erased case"),
    ("followup", "UPDATE", changed(*FACTS), "a follow-up is never changed"),
    ("followup", "UPDATE", f"{changed(*COURSE)} AND NOT ({emptied(**COURSE)} AND {ERASED_ITEM})",
     "a follow-up is never changed"),
    ("followup", "DELETE", "1 = 1", "a follow-up is never deleted"),
    ("decision", "UPDATE", changed("first_level"), "a decision is never changed"),
]


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for place, (table, statement, when, why) in enumerate(RULES):
        condition = when.replace("{differs}", DIFFERS[vendor])
        for sql in CREATE[vendor](f"boards_{table}_later_{place}", table, statement, condition, why):
            schema_editor.execute(sql, params=None)
    for sql in WHOLE[vendor]("followup"):
        schema_editor.execute(sql, params=None)


def drop(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    names = [(f"boards_{table}_later_{place}", table) for place, (table, *_) in enumerate(RULES)]
    for name, table in [*names, ("boards_followup_whole", "followup")]:
        if vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER {name}", params=None)
        else:
            schema_editor.execute(f"DROP TRIGGER {name} ON boards_{table}", params=None)
            schema_editor.execute(f"DROP FUNCTION {name}()", params=None)


def on_sqlite(name, table, statement, when, why):
    yield f"""
        CREATE TRIGGER {name} BEFORE {statement} ON boards_{table} WHEN {when}
        BEGIN SELECT RAISE(ABORT, '{why}'); END
    """


def on_postgresql(name, table, statement, when, why):
    row = "OLD" if statement == "DELETE" else "NEW"
    yield f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {when} THEN
                RAISE EXCEPTION '{why}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN {row};
        END $$
    """
    yield f"CREATE TRIGGER {name} BEFORE {statement} ON boards_{table} FOR EACH ROW EXECUTE FUNCTION {name}()"


def replacing_on_sqlite(table):
    """INSERT OR REPLACE deletes a row without firing the trigger on deletion."""
    return on_sqlite(
        f"boards_{table}_whole",
        table,
        "INSERT",
        f"EXISTS (SELECT 1 FROM boards_{table} WHERE id = NEW.id)",
        "a row is never replaced",
    )


def truncating_on_postgresql(table):
    """TRUNCATE empties a table without firing the trigger on deletion."""
    name = f"boards_{table}_whole"
    yield f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'this table is never emptied' USING ERRCODE = 'integrity_constraint_violation';
        END $$
    """
    yield f"CREATE TRIGGER {name} BEFORE TRUNCATE ON boards_{table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"


CREATE = {"sqlite": on_sqlite, "postgresql": on_postgresql}
WHOLE = {"sqlite": replacing_on_sqlite, "postgresql": truncating_on_postgresql}


class Migration(migrations.Migration):
    dependencies = [("boards", "0004_follow_up_and_replays")]
    operations = [migrations.RunPython(create, drop)]
