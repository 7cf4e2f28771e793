"""The triggers of 0004 and 0009 stand again; the roles that see the evidence base see its new parts.

On SQLite, a later migration that alters a table of these makes it anew without its triggers, and has to create them again.
"""

from importlib import import_module

from django.db import migrations

DECISIONS = import_module("regimens.migrations.0004_decisions_are_kept").TRIGGERS
READINGS = import_module("regimens.migrations.0009_readings_are_kept").TRIGGERS
SEEN = ("drugcaution", "exposureclass", "licence")
ROLES = ("Board member", "Curator", "Publisher", "Administrator")


def show_to_roles(apps, schema_editor):
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for role in ROLES:
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        for model in SEEN:
            content_type, _ = content_types.get_or_create(app_label="regimens", model=model)
            name = f"Can view {apps.get_model('regimens', model)._meta.verbose_name}"
            permission, _ = permissions.get_or_create(
                content_type=content_type, codename=f"view_{model}", defaults={"name": name}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("regimens", "0011_second_edition")]
    operations = [
        migrations.RunPython(DECISIONS.create, DECISIONS.drop),
        migrations.RunPython(READINGS.create, READINGS.drop),
        migrations.RunPython(show_to_roles, migrations.RunPython.noop),
    ]
