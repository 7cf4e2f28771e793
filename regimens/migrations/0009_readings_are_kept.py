"""What was read and what was decided between readings is never changed, and nobody reads a second time what they read first.

And the roles that see the evidence base see its readings.
"""

from django.db import migrations

from ._triggers import ALWAYS, Triggers, changed

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
    ("reading", "UPDATE", ALWAYS, "a reading is never changed"),
    ("reading", "DELETE", ALWAYS, "a reading is never deleted"),
    ("readingtask", "INSERT", "NEW.outcome <> ''", "a task is opened before it is resolved"),
    ("readingtask", "UPDATE", "OLD.outcome <> ''", "a resolved task is never changed"),
    ("readingtask", "UPDATE", changed(*OPENED), "what a task is about is never changed"),
    ("readingtask", "DELETE", ALWAYS, "a task is never deleted"),
]
TRIGGERS = Triggers(rules=RULES, app="regimens", name="{table}_rule_{place}", whole="{table}_whole")
SEEING = [("regimens", model, f"view_{model}") for model in ("reading", "readingtask")]
ROLES = ("Board member", "Curator", "Publisher", "Administrator")


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
        migrations.RunPython(TRIGGERS.create, TRIGGERS.drop),
        migrations.RunPython(show_to_roles, migrations.RunPython.noop),
    ]
