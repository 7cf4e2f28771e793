"""A chain of hashes over the events, in a table of its own: no event is touched, and no trigger lifted.

And what 0002 and 0004 leave open: a release that is deleted or, on SQLite, replaced; and rows that REPLACE would delete on
SQLite for a unique column other than their id.
"""

import django.db.models.deletion
from django.db import migrations, models

from audit.chain import append

from ._triggers import drop, raising_on_postgresql, refusing_on_sqlite, run

# Table, statement and, for what only SQLite does, which other row INSERT OR REPLACE would delete without firing its
# trigger on deletion.
RULES = [
    ("eventseal", "UPDATE", "", "a seal is never changed"),
    ("eventseal", "DELETE", "", "a seal is never deleted"),
    ("knowledgerelease", "DELETE", "", "a published release is never deleted"),
    ("eventseal", "REPLACE", "id = NEW.id OR event_id = NEW.event_id OR former = NEW.former OR sha256 = NEW.sha256",
     "a row is never replaced"),
    ("knowledgerelease", "REPLACE", "id = NEW.id OR name = NEW.name", "a row is never replaced"),
    ("entry", "REPLACE", "kind = NEW.kind AND key = NEW.key", "a row is never replaced"),
    ("proposal", "REPLACE", "replaces_id = NEW.replaces_id", "a row is never replaced"),
    ("eventseal", "TRUNCATE", "", "this table is never emptied"),
    ("knowledgerelease", "TRUNCATE", "", "this table is never emptied"),
]


def rules_on(vendor):
    other = {"sqlite": "TRUNCATE", "postgresql": "REPLACE"}[vendor]
    return [
        (f"{table}_no_{statement.lower()}", table, statement, which, why)
        for table, statement, which, why in RULES
        if statement != other
    ]


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for name, table, statement, which, why in rules_on(vendor):
        named = f"regimens_{table}"
        if vendor == "sqlite":
            there = f"EXISTS (SELECT 1 FROM {named} WHERE {which})" if which else ""
            refused = refusing_on_sqlite(name, named, statement.replace("REPLACE", "INSERT"), there, why)
        else:
            refused = raising_on_postgresql(name, named, statement, why)
        run(schema_editor, refused)


def drop_all(apps, schema_editor):
    drop(schema_editor, "regimens", [rule[:2] for rule in rules_on(schema_editor.connection.vendor)])


def seal_what_is_there(apps, schema_editor):
    events, seals = apps.get_model("regimens", "Event"), apps.get_model("regimens", "EventSeal")
    append(events.objects.order_by("pk"), seals)


class Migration(migrations.Migration):
    dependencies = [("regimens", "0006_lookups_and_notices")]
    operations = [
        migrations.CreateModel(
            name="EventSeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("former", models.CharField(blank=True, max_length=64, unique=True)),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="SHA-256")),
                ("event", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="seal",
                                               to="regimens.event")),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.RunPython(create, drop_all),
        migrations.RunPython(seal_what_is_there, migrations.RunPython.noop),
    ]
