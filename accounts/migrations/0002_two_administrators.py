"""An administrator becomes nobody else: whatever writes to the database (decision 21).

Superusers become administrators, which is an event and told to them; what an administrator may never do is taken from their
role, should somebody have put it there. Accounts that hold another role besides keep their rows, which have no effect.

On SQLite, a later migration that alters a table of these makes it anew without its triggers, and has to create them again;
one that alters a table that a trigger names has to drop that trigger first.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

from audit.chain import append

TRIGGERS = import_module("regimens.migrations._triggers")
ALWAYS, changed = TRIGGERS.ALWAYS, TRIGGERS.changed

ADMINISTRATOR = "Administrator"
ROLES = ("Administrator", "Board member", "Clinician", "Curator", "Publisher")
ADMINISTERING = ("auth.add_user", "auth.change_user", "boards.manage_boards", "interop.manage_tokens")
DECIDING = (
    "regimens.propose_change",
    "regimens.review_change",
    "regimens.publish_release",
    "regimens.reinstate_release",
)
# Groups are as migrations make them: nobody adds or changes any.
NO_USE = ("auth.add_group", "auth.change_group")


def listed(names):
    return "(" + ", ".join(f"'{name}'" for name in names) + ")"


def is_named(permissions):
    return f"""EXISTS (
        SELECT 1 FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
        WHERE p.id = NEW.permission_id AND t.app_label || '.' || p.codename IN {listed(permissions)}
    )"""


MIXED = f"""EXISTS (
    SELECT 1 FROM auth_user_groups m JOIN auth_group held ON held.id = m.group_id
    JOIN auth_group given ON given.id = NEW.group_id
    WHERE m.user_id = NEW.user_id AND m.group_id <> NEW.group_id AND '{ADMINISTRATOR}' IN (held.name, given.name)
)"""
OF_NO_ROLE = f"""(
    EXISTS (SELECT 1 FROM auth_group g WHERE g.id = NEW.group_id AND g.name = '{ADMINISTRATOR}') AND {is_named(DECIDING)}
    OR EXISTS (
        SELECT 1 FROM auth_group g WHERE g.id = NEW.group_id AND g.name IN {listed(ROLES[1:])}
    ) AND {is_named(ADMINISTERING)}
)"""
IS_ADMINISTRATORS = f"""EXISTS (
    SELECT 1 FROM auth_user_groups m JOIN auth_group g ON g.id = m.group_id
    WHERE m.user_id = NEW.person_id AND g.name = '{ADMINISTRATOR}'
)"""
THERE = """EXISTS (
    SELECT 1 FROM accounts_accountrequest r
    WHERE r.id = NEW.id OR r.outcome = '' AND NEW.outcome = '' AND r.person_id = NEW.person_id AND r.kind = NEW.kind
)"""

# Table, statement, when it is refused, and why; the name of a trigger is made of the place in this list.
RULES = [
    ("auth_user", "INSERT", "NEW.is_superuser", "there are no superusers, but administrators"),
    ("auth_user", "UPDATE", "NEW.is_superuser", "there are no superusers, but administrators"),
    ("auth_user_groups", "INSERT", MIXED, "an administrator holds no other role"),
    ("auth_user_groups", "UPDATE", changed("user_id", "group_id"), "a role is given and taken away, and never changed"),
    ("auth_user_user_permissions", "INSERT", ALWAYS, "a right comes with a role alone"),
    ("auth_user_user_permissions", "UPDATE", ALWAYS, "a right comes with a role alone"),
    ("auth_group", "UPDATE", f"OLD.name IN {listed(ROLES)} AND {changed('id', 'name')}", "a role keeps its name"),
    ("auth_group", "DELETE", f"OLD.name IN {listed(ROLES)}", "a role is never deleted"),
    ("auth_group_permissions", "INSERT", OF_NO_ROLE, "an administrator decides nothing, and nobody else administers"),
    ("auth_group_permissions", "UPDATE", ALWAYS, "what a role holds is never changed"),
    ("boards_membership", "INSERT", IS_ADMINISTRATORS, "an administrator is on no board"),
    ("accounts_accountrequest", "INSERT", "NEW.outcome <> ''", "it is asked for before it is confirmed"),
    ("accounts_accountrequest", "INSERT", THERE, "a row is never replaced"),
    ("accounts_accountrequest", "UPDATE", "OLD.outcome <> ''", "what was decided is never changed"),
    ("accounts_accountrequest", "UPDATE", changed("id", "kind", "person_id", "asked_by_id", "asked_at"),
     "what was asked for is never changed"),
    ("accounts_accountrequest", "DELETE", ALWAYS, "a request is never deleted"),
]  # fmt: skip


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    refusing = {"sqlite": TRIGGERS.refusing_on_sqlite, "postgresql": TRIGGERS.refusing_on_postgresql}[vendor]
    if vendor == "postgresql":
        # What was written above is checked now: a table with checks to come gets no triggers.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for place, (table, statement, when, why) in enumerate(RULES):
        when = when.replace("{differs}", TRIGGERS.DIFFERS[vendor])
        TRIGGERS.run(schema_editor, refusing(f"accounts_rule_{place}", table, statement, when, why))


def drop(apps, schema_editor):
    for place, (table, *_) in enumerate(RULES):
        app, _, rest = table.partition("_")
        TRIGGERS.drop(schema_editor, app, [(f"accounts_rule_{place}", rest)])


def make_administrators_of_superusers(apps, schema_editor):
    administrators = apps.get_model("auth", "Group").objects.get(name=ADMINISTRATOR)
    notices = apps.get_model("accounts", "AccountNotice").objects
    for person in apps.get_model("auth", "User").objects.filter(is_superuser=True).order_by("pk"):
        person.is_superuser, person.is_staff = False, True
        person.save(update_fields=["is_superuser", "is_staff"])
        person.groups.add(administrators)
        notices.create(person=person, what="change-roles", at=timezone.now(), roles=[ADMINISTRATOR])
        tell(apps, "superuser-became-administrator", person.username, {"account": person.pk})


def make_roles_whole(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ROLES).order_by("name"):
        foreign = DECIDING if group.name == ADMINISTRATOR else ADMINISTERING
        for permission in group.permissions.filter(named((*foreign, *NO_USE))).select_related("content_type"):
            group.permissions.remove(permission)
            name = f"{permission.content_type.app_label}.{permission.codename}"
            if name not in NO_USE:
                tell(apps, "change-group-permissions", group.name, {"group": group.pk, "removed": [name]})


def named(permissions):
    found = Q(pk__in=())
    for name in permissions:
        app, _, codename = name.partition(".")
        found |= Q(content_type__app_label=app, codename=codename)
    return found


def tell(apps, action, subject, details):
    """An event of the update, sealed with those that stand unsealed before it."""
    events, seals = apps.get_model("regimens", "Event"), apps.get_model("regimens", "EventSeal")
    events.objects.create(action=action, subject=subject, details=details, at=timezone.now())
    append(events.objects.filter(seal__isnull=True).order_by("pk"), seals)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_sessions_and_recovery_codes"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("boards", "0009_typed_adverse_events_are_erased"),
        ("interop", "0002_administrators_make_tokens"),
        ("regimens", "0013_upgrade_is_told"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name='session',
            name='address',
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.AddField(
            model_name='session',
            name='browser',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.CreateModel(
            name='AccountNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=40)),
                ('at', models.DateTimeField()),
                ('roles', models.JSONField(default=list)),
                ('signed_in_at', models.DateTimeField(null=True)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='account_notices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['person', 'acknowledged_at'], name='account_notice_to_be_read')],
            },
        ),
        migrations.CreateModel(
            name='AccountRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('link', 'a link to set a password'), ('second-factor', 'the second factor reset'), ('administrator', 'the role of an administrator')], max_length=20)),
                ('asked_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('', 'waits'), ('confirmed', 'confirmed'), ('withdrawn', 'withdrawn')], max_length=20)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='account_requests', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ('link', 'second-factor', 'administrator'))), name='account_request_kind_is_listed'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('outcome', '')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('outcome', 'confirmed')), models.Q(('decided_at__isnull', False), ('outcome', 'withdrawn')), _connector='OR'), name='account_request_is_decided_whole'), models.CheckConstraint(condition=models.Q(models.Q(('asked_by', models.F('person')), _negated=True), models.Q(models.Q(('outcome', 'confirmed'), _negated=True), models.Q(models.Q(('decided_by', models.F('asked_by')), _negated=True), models.Q(('decided_by', models.F('person')), _negated=True)), _connector='OR')), name='account_request_is_of_two_others'), models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('person', 'kind'), name='account_request_is_open_once')],
            },
        ),
        migrations.RunPython(make_administrators_of_superusers, migrations.RunPython.noop),
        migrations.RunPython(make_roles_whole, migrations.RunPython.noop),
        migrations.RunPython(create, drop),
    ]
