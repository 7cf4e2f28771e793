"""The surveillance desk: searches, looks, findings and why, checks; and what became known since a release was made.

What was looked at, found, decided and reported is never deleted, and never changed but by a decision. The roles that see the
evidence base see it.
"""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ._triggers import ALWAYS, Triggers, changed

FOUND = (
    "id kind identity title author year pmid doi nct place url text record same_study held found_at"
).split()
REPORTED = "id publication kind text url found_by matched reported_at".split()
RULES = [
    ("savedsearch", "DELETE", ALWAYS, "a saved search is never deleted"),
    ("searchlook", "UPDATE", ALWAYS, "a look is never changed"),
    ("searchlook", "DELETE", ALWAYS, "a look is never deleted"),
    ("surveyfinding", "UPDATE", changed(*FOUND), "what was found is never changed"),
    ("surveyfinding", "DELETE", ALWAYS, "what was found is never deleted"),
    ("findingreason", "UPDATE", ALWAYS, "why something was found is never changed"),
    ("findingreason", "DELETE", ALWAYS, "why something was found is never deleted"),
    ("entrycheck", "UPDATE", ALWAYS, "a check is never changed"),
    ("entrycheck", "DELETE", ALWAYS, "a check is never deleted"),
    ("reportednotice", "UPDATE", "OLD.settled_at IS NOT NULL", "a settled notice is never changed"),
    ("reportednotice", "UPDATE", changed(*REPORTED), "what was reported is never changed"),
    ("reportednotice", "DELETE", ALWAYS, "what was reported is never deleted"),
]  # fmt: skip
TRIGGERS = Triggers(rules=RULES, app="regimens", name="{table}_rule_{place}", whole="{table}_whole")
SEEING = [
    (model, f"view_{model}")
    for model in (
        *("savedsearch", "searchlook", "surveyfinding", "findingreason", "entrycheck"),
        *("reportednotice", "searcheduntil"),
    )
]
ROLES = ("Board member", "Curator", "Publisher", "Administrator")


def show_to_roles(apps, schema_editor):
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for role in ROLES:
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        for model, codename in SEEING:
            content_type, _ = content_types.get_or_create(app_label="regimens", model=model)
            name = f"Can view {apps.get_model('regimens', model)._meta.verbose_name}"
            permission, _ = permissions.get_or_create(
                content_type=content_type, codename=codename, defaults={"name": name}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):

    dependencies = [
        ('regimens', '0013_upgrade_is_told'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9]+(-[A-Za-z0-9]+)*\\Z', 'letters and digits, in groups joined by single hyphens')])),
                ('name', models.CharField(max_length=120)),
                ('source', models.CharField(choices=[('pubmed', 'PubMed'), ('pubmed-held', 'PubMed, notices against what is held'), ('clinicaltrials', 'ClinicalTrials.gov'), ('clinicaltrials-held', 'ClinicalTrials.gov, trials that are held'), ('feed', 'Feeds')], max_length=30)),
                ('query', models.TextField(blank=True)),
                ('words', models.JSONField(blank=True, default=list)),
                ('since', models.DateField(blank=True, null=True)),
                ('is_active', models.BooleanField(default=True)),
                ('searched_until', models.DateField(blank=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'saved searches',
                'ordering': ['key'],
                'constraints': [models.CheckConstraint(condition=models.Q(('source__in', ['pubmed', 'pubmed-held', 'clinicaltrials', 'clinicaltrials-held', 'feed'])), name='savedsearch_source_is_listed'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='savedsearch_is_named'), models.CheckConstraint(condition=models.Q(models.Q(('query', ''), ('source__in', ('pubmed-held', 'clinicaltrials-held'))), models.Q(models.Q(('source__in', ('pubmed-held', 'clinicaltrials-held')), _negated=True), models.Q(('query', ''), _negated=True)), _connector='OR'), name='savedsearch_has_query_or_asks_about_held')],
            },
        ),
        migrations.CreateModel(
            name='SearchedUntil',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('pubmed', 'PubMed'), ('pubmed-held', 'PubMed, notices against what is held'), ('clinicaltrials', 'ClinicalTrials.gov'), ('clinicaltrials-held', 'ClinicalTrials.gov, trials that are held'), ('feed', 'Feeds')], max_length=30, unique=True)),
                ('until', models.DateField()),
            ],
            options={
                'verbose_name': 'searched until',
                'verbose_name_plural': 'searched until',
                'ordering': ['source'],
                'constraints': [models.CheckConstraint(condition=models.Q(('source__in', ['pubmed', 'pubmed-held', 'clinicaltrials', 'clinicaltrials-held', 'feed'])), name='searcheduntil_source_is_listed')],
            },
        ),
        migrations.CreateModel(
            name='SearchLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('query', models.TextField(blank=True)),
                ('until', models.DateField()),
                ('came_from', models.CharField(blank=True, max_length=200)),
                ('answered', models.PositiveIntegerField()),
                ('known', models.PositiveIntegerField()),
                ('unchanged', models.JSONField(blank=True, default=list)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('search', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='looks', to='regimens.savedsearch')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='SurveyFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('new', 'new'), ('changed', 'changed')], max_length=20)),
                ('identity', models.CharField(max_length=300, unique=True)),
                ('title', models.TextField()),
                ('author', models.CharField(blank=True, max_length=120)),
                ('year', models.PositiveIntegerField(blank=True, null=True)),
                ('pmid', models.CharField(blank=True, max_length=9, verbose_name='PMID')),
                ('doi', models.CharField(blank=True, max_length=200, verbose_name='DOI')),
                ('nct', models.CharField(blank=True, max_length=11, verbose_name='NCT')),
                ('place', models.CharField(blank=True, max_length=300)),
                ('url', models.CharField(blank=True, max_length=500, verbose_name='address')),
                ('text', models.TextField(blank=True)),
                ('record', models.JSONField(blank=True, default=dict)),
                ('same_study', models.CharField(blank=True, max_length=80)),
                ('held', models.CharField(blank=True, max_length=80)),
                ('found_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('undecided', 'to decide'), ('later', 'later'), ('included', 'included'), ('excluded', 'excluded')], db_index=True, default='undecided', max_length=20)),
                ('later_until', models.DateField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, choices=[('lung-only', 'lung only'), ('well-differentiated', 'well differentiated'), ('first-line', 'first line only'), ('too-few', 'fewer than five patients'), ('no-outcome', 'no outcome reported'), ('review', 'review without figures of its own'), ('same-data', 'same data as one that is held'), ('off-topic', 'another subject'), ('other', 'another reason')], max_length=30)),
                ('note', models.TextField(blank=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='FindingReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.JSONField(blank=True, default=list)),
                ('search', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regimens.savedsearch')),
                ('look', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reasons', to='regimens.searchlook')),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reasons', to='regimens.surveyfinding')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='EntryCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('exposure_classes', 'exposure class'), ('drugs', 'drug'), ('regimens', 'regimen'), ('licences', 'licence'), ('guidelines', 'guideline statement'), ('publications', 'publication'), ('indications', 'indication'), ('biomarkers', 'biomarker'), ('trials', 'trial')], max_length=20)),
                ('key', models.CharField(max_length=80)),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('checked_on', models.DateField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['kind', 'key'], name='check_of_entry')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['exposure_classes', 'drugs', 'regimens', 'licences', 'guidelines', 'publications', 'indications', 'biomarkers', 'trials'])), name='entrycheck_kind_is_listed'), models.UniqueConstraint(fields=('kind', 'key', 'sha256', 'checked_on'), name='entrycheck_is_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='ReportedNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('publication', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('retraction', 'Retracted'), ('expression-of-concern', 'Expression of concern'), ('erratum', 'Corrected')], max_length=30)),
                ('text', models.TextField(help_text='Where the notice is printed, and what it says.')),
                ('url', models.CharField(max_length=500)),
                ('found_by', models.CharField(max_length=200)),
                ('matched', models.CharField(max_length=60)),
                ('reported_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled_because', models.TextField(blank=True)),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['retraction', 'expression-of-concern', 'erratum'])), name='reportednotice_kind_is_listed'), models.UniqueConstraint(fields=('publication', 'kind', 'url'), name='reportednotice_is_reported_once'), models.UniqueConstraint(condition=models.Q(('settled_at__isnull', True)), fields=('publication', 'kind'), name='reportednotice_is_open_once'), models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), models.Q(('url', ''), _negated=True)), name='reportednotice_says_where'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('settled_because', ''), ('settled_by__isnull', True)), models.Q(('settled_at__isnull', False), ('settled_by__isnull', False), models.Q(('settled_because', ''), _negated=True)), _connector='OR'), name='reportednotice_is_settled_for_a_reason')],
            },
        ),
        migrations.AddConstraint(
            model_name='surveyfinding',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['new', 'changed'])), name='surveyfinding_kind_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='surveyfinding',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['undecided', 'later', 'included', 'excluded'])), name='surveyfinding_state_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='surveyfinding',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['lung-only', 'well-differentiated', 'first-line', 'too-few', 'no-outcome', 'review', 'same-data', 'off-topic', 'other', ''])), name='surveyfinding_reason_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='surveyfinding',
            constraint=models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='surveyfinding_has_title'),
        ),
        migrations.AddConstraint(
            model_name='surveyfinding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('state', 'undecided')), models.Q(models.Q(('state', 'undecided'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='surveyfinding_is_decided_by_someone'),
        ),
        migrations.AddConstraint(
            model_name='surveyfinding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('later_until__isnull', False), ('state', 'later')), models.Q(models.Q(('state', 'later'), _negated=True), ('later_until__isnull', True)), _connector='OR'), name='surveyfinding_later_has_a_day'),
        ),
        migrations.AddConstraint(
            model_name='surveyfinding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'excluded'), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('state', 'excluded'), _negated=True), ('reason', '')), _connector='OR'), name='surveyfinding_is_excluded_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='surveyfinding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', 'other'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='surveyfinding_other_reason_is_said'),
        ),
        migrations.AddConstraint(
            model_name='findingreason',
            constraint=models.UniqueConstraint(fields=('finding', 'search'), name='findingreason_is_once_a_search'),
        ),
        migrations.RunPython(TRIGGERS.create, TRIGGERS.drop),
        migrations.RunPython(show_to_roles, migrations.RunPython.noop),
    ]
