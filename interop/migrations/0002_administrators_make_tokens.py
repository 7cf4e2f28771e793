"""Administrators make, limit and revoke API tokens, and see which there are."""

from django.db import migrations

PERMISSIONS = {
    "view_apitoken": "Can view API token",
    "manage_tokens": "Can make, limit and revoke API tokens",
}


def permit(apps, schema_editor):
    # Django makes permissions after the last migration; those that the group needs are made here, and found there.
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="interop", model="apitoken"
    )
    administrators = apps.get_model("auth", "Group").objects.get(name="Administrator")
    for codename, name in PERMISSIONS.items():
        permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": name}
        )
        administrators.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("interop", "0001_api_tokens"), ("regimens", "0005_roles")]
    operations = [migrations.RunPython(permit, migrations.RunPython.noop)]
