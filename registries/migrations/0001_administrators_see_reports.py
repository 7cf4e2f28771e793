"""Administrators see reports of registries; nothing of them is stored."""

from django.db import migrations, models


def permit(apps, schema_editor):
    # Django makes permissions after the last migration; the one that the group needs is made here, and found there.
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="registries", model="report"
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename="see_reports", defaults={"name": "Can see reports of registries"}
    )
    apps.get_model("auth", "Group").objects.get(name="Administrator").permissions.add(permission)


class Migration(migrations.Migration):
    initial = True
    dependencies = [("regimens", "0005_roles"), ("contenttypes", "0002_remove_content_type_name")]
    operations = [
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "permissions": [("see_reports", "Can see reports of registries")],
                "managed": False,
                "default_permissions": (),
            },
        ),
        migrations.RunPython(permit, migrations.RunPython.noop),
    ]
