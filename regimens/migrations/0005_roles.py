"""Who may do what: a group for each role. And the releases that were published before are in force as they were."""

from django.db import migrations

EVIDENCE = (
    "approval biomarker caution cohort drug entry finding guidelinestatement historicalentry indication indicationsource "
    "knowledgerelease leaddrug prevalence proposal publication regimen regimendrug regionalavailability releaseinforce "
    "study studyreport survivalrate trial"
).split()
SEEING = [("regimens", model, f"view_{model}") for model in EVIDENCE]
SEEING_PEOPLE = [("regimens", "intereststatement", "view_intereststatement")]
ACCOUNTS = [
    ("auth", model, f"{verb}_{model}") for model in ("user", "group") for verb in ("view", "add", "change")
]
ROLES = {
    "Clinician": [],
    "Board member": SEEING,
    "Curator": [
        *SEEING,
        *SEEING_PEOPLE,
        ("regimens", "proposal", "propose_change"),
        ("regimens", "proposal", "review_change"),
    ],
    "Publisher": [
        *SEEING,
        *SEEING_PEOPLE,
        ("regimens", "knowledgerelease", "publish_release"),
        ("regimens", "knowledgerelease", "reinstate_release"),
    ],
    "Administrator": [*SEEING, *SEEING_PEOPLE, *ACCOUNTS, ("regimens", "event", "view_event")],
}
NAMES = {
    "propose_change": "Can propose a change",
    "review_change": "Can decide on a change",
    "publish_release": "Can publish a release",
    "reinstate_release": "Can put a former or imported release in force",
}


def make_groups(apps, schema_editor):
    # Django makes permissions after the last migration; those that the groups need are made here, and found there.
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for role, wanted in ROLES.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        for app, model, codename in wanted:
            content_type, _ = content_types.get_or_create(app_label=app, model=model)
            verb = codename.partition("_")[0]
            verbose_name = apps.get_model(app, model)._meta.verbose_name
            permission, _ = permissions.get_or_create(
                content_type=content_type,
                codename=codename,
                defaults={"name": NAMES.get(codename, f"Can {verb} {verbose_name}")},
            )
            group.permissions.add(permission)


def put_in_force(apps, schema_editor):
    in_force = apps.get_model("regimens", "ReleaseInForce").objects
    for release in apps.get_model("regimens", "KnowledgeRelease").objects.order_by("pk"):
        in_force.create(
            release=release,
            how="publishing",
            asked_by=release.published_by,
            asked_at=release.published_at,
            confirmed_at=release.published_at,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("regimens", "0004_decisions_are_kept"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunPython(make_groups, migrations.RunPython.noop),
        migrations.RunPython(put_in_force, migrations.RunPython.noop),
    ]
