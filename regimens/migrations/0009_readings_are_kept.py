"""What was read and what was decided between readings is never changed, and nobody reads a second time what they read first.

And the roles that see the evidence base see its readings.
"""

from importlib import import_module

from django.db import migrations

kept = import_module("regimens.migrations.0004_decisions_are_kept")

# Of the figures that came in with a proposal, its proposer is the first reader, and who decided on it has seen them.
SEEN = """NEW.kind = 'second' AND EXISTS (
    SELECT 1 FROM regimens_reading r LEFT JOIN regimens_proposal p ON p.id = r.proposal_id
    WHERE r.publication = NEW.publication AND r.kind = 'first'
    AND (r.reader_id = NEW.reader_id OR p.reviewer_id = NEW.reader_id)
)"""
# The constraint says so too; on SQLite, INSERT OR REPLACE would delete the row that it stands against.
TWICE = """NEW.kind = 'second' AND EXISTS (
    SELECT 1 FROM regimens_reading r
    WHERE r.publication = NEW.publication AND r.kind = 'second' AND r.reader_id = NEW.reader_id
)"""
OPENED = (
    "id reading_id publication position arm subgroup figure recorded read first_reader_id recorded_at opened_at"
).split()
RULES = [
    ("reading", "INSERT", SEEN, "who has seen figures does not read them a second time"),
    ("reading", "INSERT", TWICE, "nobody reads a second time twice"),
    ("reading", "UPDATE", kept.ALWAYS, "a reading is never changed"),
    ("reading", "DELETE", kept.ALWAYS, "a reading is never deleted"),
    ("readingtask", "INSERT", "NEW.outcome <> ''", "a task is opened before it is resolved"),
    ("readingtask", "UPDATE", "OLD.outcome <> ''", "a resolved task is never changed"),
    ("readingtask", "UPDATE", kept.changed(*OPENED), "what a task is about is never changed"),
    ("readingtask", "DELETE", kept.ALWAYS, "a task is never deleted"),
]
TABLES = list(dict.fromkeys(table for table, *_ in RULES))
SEEING = [("regimens", model, f"view_{model}") for model in TABLES]
ROLES = ("Board member", "Curator", "Publisher", "Administrator")


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for place, (table, statement, when, why) in enumerate(RULES):
        condition = when.format(**kept.DIALECTS[vendor]) if "{" in when else when
        for sql in kept.CREATE[vendor](f"{table}_rule_{place}", table, statement, condition, why):
            schema_editor.execute(sql, params=None)
    for table in TABLES:
        for sql in kept.WHOLE[vendor](table):
            schema_editor.execute(sql, params=None)


def drop(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    names = [(f"{table}_rule_{place}", table) for place, (table, *_) in enumerate(RULES)]
    for name, table in [*names, *((f"{table}_whole", table) for table in TABLES)]:
        if vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER {name}", params=None)
        else:
            schema_editor.execute(f"DROP TRIGGER {name} ON regimens_{table}", params=None)
            schema_editor.execute(f"DROP FUNCTION {name}()", params=None)


def show_to_roles(apps, schema_editor):
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for role in ROLES:
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        for app, model, codename in SEEING:
            content_type, _ = content_types.get_or_create(app_label=app, model=model)
            name = f"Can view {apps.get_model(app, model)._meta.verbose_name}"
            permission, _ = permissions.get_or_create(
                content_type=content_type, codename=codename, defaults={"name": name}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("regimens", "0008_readings")]
    operations = [
        migrations.RunPython(create, drop),
        migrations.RunPython(show_to_roles, migrations.RunPython.noop),
    ]
