"""Triggers that refuse writes, on SQLite and PostgreSQL, for migrations of any app: no row of theirs is imported here.

A rule is a table (without its app), a statement, the condition on which it is refused, and why. In a condition,
`{differs}` is the comparison that tells null from a value. On SQLite, a later migration that alters a table of these
makes it anew without its triggers, and has to create them again.
"""

from dataclasses import dataclass, field

ALWAYS = "1 = 1"
DIFFERS = {"sqlite": "IS NOT", "postgresql": "IS DISTINCT FROM"}


def changed(*columns):
    """The condition that some column changes."""
    return "(" + " OR ".join(f"NEW.{column} {{differs}} OLD.{column}" for column in columns) + ")"


@dataclass(frozen=True)
class Triggers:
    """The triggers of one migration: `RunPython(triggers.create, triggers.drop)`.

    rules     table, statement, when it is refused, why; in this order, which a trigger's name tells
    app       whose tables they are
    name      of the trigger of a rule, made of `table` and its `place`
    whole     of the trigger by which no row is replaced (SQLite) and no table emptied (PostgreSQL), made of `table`
    tables    those that have that trigger; those of the rules unless given
    dialect   what else stands in braces in conditions, by database
    keys      the primary keys that are not called id, by table
    """

    rules: list
    app: str
    name: str
    whole: str
    tables: tuple = ()
    dialect: dict = field(default_factory=dict)
    keys: dict = field(default_factory=dict)

    def create(self, apps, schema_editor):
        vendor = schema_editor.connection.vendor
        refusing = {"sqlite": refusing_on_sqlite, "postgresql": refusing_on_postgresql}[vendor]
        for place, (table, statement, when, why) in enumerate(self.rules):
            name = self.name.format(table=table, place=place)
            condition = self._condition(when, vendor)
            run(schema_editor, refusing(name, f"{self.app}_{table}", statement, condition, why.replace("'", "''")))
        for table in self._whole_tables:
            name, named = self.whole.format(table=table), f"{self.app}_{table}"
            if vendor == "sqlite":
                # INSERT OR REPLACE deletes a row without firing the trigger on deletion.
                key = self.keys.get(table, "id")
                there = f"EXISTS (SELECT 1 FROM {named} WHERE {key} = NEW.{key})"
                run(schema_editor, refusing_on_sqlite(name, named, "INSERT", there, "a row is never replaced"))
            else:
                # TRUNCATE empties a table without firing the trigger on deletion.
                run(schema_editor, raising_on_postgresql(name, named, "TRUNCATE", "this table is never emptied"))

    def drop(self, apps, schema_editor):
        names = [(self.name.format(table=rule[0], place=place), rule[0]) for place, rule in enumerate(self.rules)]
        names += [(self.whole.format(table=table), table) for table in self._whole_tables]
        drop(schema_editor, self.app, names)

    @property
    def _whole_tables(self):
        return self.tables or tuple(dict.fromkeys(table for table, *_ in self.rules))

    def _condition(self, when, vendor):
        for name, words in {"differs": DIFFERS[vendor], **self.dialect.get(vendor, {})}.items():
            when = when.replace(f"{{{name}}}", words)
        return when


def run(schema_editor, statements):
    for sql in statements:
        schema_editor.execute(sql, params=None)


def drop(schema_editor, app, names):
    """Drop triggers by name and table (without its app)."""
    for name, table in names:
        if schema_editor.connection.vendor == "sqlite":
            run(schema_editor, [f"DROP TRIGGER {name}"])
        else:
            run(schema_editor, [f"DROP TRIGGER {name} ON {app}_{table}", f"DROP FUNCTION {name}()"])


def refusing_on_sqlite(name, table, statement, when, why):
    yield f"""
        CREATE TRIGGER {name} BEFORE {statement} ON {table} {f"WHEN {when}" if when else ""}
        BEGIN SELECT RAISE(ABORT, '{why}'); END
    """


def refusing_on_postgresql(name, table, statement, when, why):
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
    yield f"CREATE TRIGGER {name} BEFORE {statement} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"


def raising_on_postgresql(name, table, statement, why):
    """For what is refused whatever the row, and for statements that have none."""
    each = "STATEMENT" if statement == "TRUNCATE" else "ROW"
    yield f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{why}' USING ERRCODE = 'integrity_constraint_violation';
        END $$
    """
    yield f"CREATE TRIGGER {name} BEFORE {statement} ON {table} FOR EACH {each} EXECUTE FUNCTION {name}()"
