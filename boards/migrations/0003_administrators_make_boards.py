"""Administrators make boards and say who is on them; that lets nobody see a case."""

from django.db import migrations


def permit(apps, schema_editor):
    # Django makes permissions after the last migration; the one that the group needs is made here, and found there.
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label="boards", model="board")
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename="manage_boards",
        defaults={"name": "Can make boards and say who is on them"},
    )
    apps.get_model("auth", "Group").objects.get(name="Administrator").permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("boards", "0002_what_was_shown_and_decided_stays"), ("regimens", "0005_roles")]
    operations = [migrations.RunPython(permit, migrations.RunPython.noop)]
