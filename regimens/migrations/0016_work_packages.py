"""Work packages, decided whole whatever writes to the database; and questions of imports.

And the roles that see the evidence base see both. On SQLite, a later migration that alters a table of these makes it
anew without its triggers, and has to create them again.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from ._triggers import ALWAYS, Triggers, changed

# A row of a package is written while its maker works on it.
DECIDED = """NOT EXISTS (
    SELECT 1 FROM regimens_workpackage w WHERE w.id = {row}.package_id AND w.status IN ('draft', 'change-asked')
)"""
NOT_WHOLE = """NEW.status = 'accepted' AND EXISTS (
    SELECT 1 FROM regimens_packageentry e LEFT JOIN regimens_proposal p ON p.id = e.proposal_id
    WHERE e.package_id = NEW.id AND (p.id IS NULL OR p.status <> 'proposed')
)"""
ALONE = """NEW.status = 'accepted' AND EXISTS (
    SELECT 1 FROM regimens_packageentry e JOIN regimens_workpackage w ON w.id = e.package_id
    WHERE e.proposal_id = NEW.id AND w.status <> 'accepted'
)"""
# Of an entry, that another proposal of its package is not accepted.
WITHOUT_OTHERS = """EXISTS (
    SELECT 1 FROM regimens_packageentry e JOIN regimens_packageentry o ON o.package_id = e.package_id
    JOIN regimens_proposal p ON p.id = o.proposal_id
    WHERE e.proposal_id = NEW.proposal_id AND p.status <> 'accepted'
)"""
TOGETHER = "the entries of a work package come into force together"
ASKED = "id kind key field held offered offered_sha256 why source asked_by_id asked_at".split()

RULES = [
    ("workpackage", "INSERT", "NEW.status <> 'draft'", "a work package begins as a draft"),
    (
        "workpackage",
        "UPDATE",
        "OLD.status IN ('accepted', 'rejected', 'withdrawn')",
        "a decided work package is never changed",
    ),
    (
        "workpackage",
        "UPDATE",
        changed("id", "identifier", "begun_by_id", "begun_at"),
        "how a work package began is never changed",
    ),
    ("workpackage", "UPDATE", NOT_WHOLE, "a work package is accepted with all its proposals"),
    ("workpackage", "DELETE", ALWAYS, "a work package is withdrawn, and never deleted"),
    ("packageentry", "INSERT", DECIDED.replace("{row}", "NEW"), "a work package that is proposed is not changed"),
    ("packageentry", "UPDATE", DECIDED.replace("{row}", "OLD"), "a work package that is proposed is not changed"),
    ("packageentry", "DELETE", DECIDED.replace("{row}", "OLD"), "a work package that is proposed is not changed"),
    ("proposal", "UPDATE", ALONE, "a proposal of a work package is accepted with the others"),
    ("entry", "INSERT", WITHOUT_OTHERS, TOGETHER),
    ("entry", "UPDATE", WITHOUT_OTHERS, TOGETHER),
    ("importquestion", "INSERT", "NEW.answer <> ''", "a question is asked before it is answered"),
    ("importquestion", "UPDATE", "OLD.answer <> ''", "an answer is never changed"),
    ("importquestion", "UPDATE", changed(*ASKED), "what was asked is never changed"),
    ("importquestion", "DELETE", ALWAYS, "a question is never deleted"),
]
TRIGGERS = Triggers(
    rules=RULES,
    app="regimens",
    name="{table}_package_{place}",
    whole="{table}_whole",
    tables=("workpackage", "packageentry", "importquestion"),
)
SEEN = ("workpackage", "packageentry", "importquestion")
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
    dependencies = [
        ("regimens", "0015_surveillance"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkPackage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200)),
                ("identifier", models.CharField(blank=True, max_length=200)),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("proposed", "proposed"),
                            ("accepted", "accepted"),
                            ("rejected", "rejected"),
                            ("change-asked", "change asked for"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("source", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("comment", models.TextField(blank=True)),
                (
                    "begun_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="PackageEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("exposure_classes", "exposure class"),
                            ("drugs", "drug"),
                            ("regimens", "regimen"),
                            ("licences", "licence"),
                            ("guidelines", "guideline statement"),
                            ("publications", "publication"),
                            ("indications", "indication"),
                            ("biomarkers", "biomarker"),
                            ("trials", "trial"),
                        ],
                        max_length=20,
                    ),
                ),
                ("key", models.CharField(max_length=80)),
                ("content", models.TextField()),
                ("base_sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of what it changes")),
                ("told_apart", models.TextField(blank=True)),
                (
                    "proposal",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="package_entry",
                        to="regimens.proposal",
                    ),
                ),
                (
                    "package",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="regimens.workpackage"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "package entries",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="ImportQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("exposure_classes", "exposure class"),
                            ("drugs", "drug"),
                            ("regimens", "regimen"),
                            ("licences", "licence"),
                            ("guidelines", "guideline statement"),
                            ("publications", "publication"),
                            ("indications", "indication"),
                            ("biomarkers", "biomarker"),
                            ("trials", "trial"),
                        ],
                        max_length=20,
                    ),
                ),
                ("key", models.CharField(max_length=80)),
                ("field", models.CharField(max_length=40)),
                ("held", models.TextField()),
                ("offered", models.TextField()),
                ("offered_sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("why", models.CharField(max_length=200)),
                ("source", models.TextField()),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("keep", "keep what is here"), ("take", "take what was read")],
                        max_length=20,
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regimens.proposal",
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "key", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "key", "field", "offered_sha256"), name="importquestion_is_asked_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "exposure_classes",
                                    "drugs",
                                    "regimens",
                                    "licences",
                                    "guidelines",
                                    "publications",
                                    "indications",
                                    "biomarkers",
                                    "trials",
                                ],
                            )
                        ),
                        name="importquestion_kind_is_listed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer__in", ["keep", "take", ""])), name="importquestion_answer_is_listed"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""),
                                ("answered_at__isnull", True),
                                ("answered_by__isnull", True),
                                ("proposal__isnull", True),
                            ),
                            models.Q(
                                ("answer", "keep"),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                ("proposal__isnull", True),
                            ),
                            models.Q(
                                ("answer", "take"),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                ("proposal__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="importquestion_is_answered_by_someone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("why", ""), _negated=True), name="importquestion_says_why"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="workpackage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "proposed", "accepted", "rejected", "change-asked", "withdrawn"])
                ),
                name="workpackage_status_is_listed",
            ),
        ),
        migrations.AddConstraint(
            model_name="workpackage",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="workpackage_has_title"
            ),
        ),
        migrations.AddConstraint(
            model_name="workpackage",
            constraint=models.CheckConstraint(
                condition=models.Q(("reviewer", models.F("begun_by")), _negated=True),
                name="workpackage_reviewer_is_another_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="workpackage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", True), ("reviewer__isnull", True), ("status__in", ("draft", "proposed"))
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("reviewer__isnull", False),
                        ("status__in", ("accepted", "rejected", "change-asked")),
                    ),
                    models.Q(("decided_at__isnull", False), ("reviewer__isnull", True), ("status", "withdrawn")),
                    _connector="OR",
                ),
                name="workpackage_has_reviewer_when_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="workpackage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("rejected", "change-asked")), _negated=True),
                    models.Q(("comment", ""), _negated=True),
                    _connector="OR",
                ),
                name="workpackage_comment_is_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="workpackage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ("draft", "withdrawn")),
                    models.Q(models.Q(("reason", ""), _negated=True), models.Q(("source", ""), _negated=True)),
                    _connector="OR",
                ),
                name="workpackage_says_why_when_proposed",
            ),
        ),
        migrations.AddConstraint(
            model_name="packageentry",
            constraint=models.UniqueConstraint(fields=("package", "kind", "key"), name="packageentry_is_once"),
        ),
        migrations.AddConstraint(
            model_name="packageentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "exposure_classes",
                            "drugs",
                            "regimens",
                            "licences",
                            "guidelines",
                            "publications",
                            "indications",
                            "biomarkers",
                            "trials",
                        ],
                    )
                ),
                name="packageentry_kind_is_listed",
            ),
        ),
        migrations.RunPython(TRIGGERS.create, TRIGGERS.drop),
        migrations.RunPython(show_to_roles, migrations.RunPython.noop),
    ]
