"""Reports that something is wrong: kept as they were made, their words until they are let go of, answers for good."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from ._triggers import ALWAYS, Triggers, changed

ABOUT = ["id", "reference", "kind", "key", "title", "place", "place_words", "release", "release_name", "reported_at"]
DECIDED = "OLD.state IN ('answered', 'declined') AND "
ANSWER = ["state", "taken_by_id", "taken_at", "published", "answer", "answered_by_id", "answered_at"]
# What was typed may go, and never be another text.
REWORDED = "(NEW.words <> OLD.words AND NEW.words <> '') OR (NEW.source <> OLD.source AND NEW.source <> '')"
BACK = "OLD.state = 'in-work' AND NEW.state = 'open'"
RULES = [
    ("report", "INSERT", "NEW.state <> 'open'", "a report is made before it is answered"),
    ("report", "UPDATE", changed(*ABOUT), "what a report is about is never changed"),
    ("report", "UPDATE", REWORDED, "what was typed in a report is kept or deleted, and never changed"),
    ("report", "UPDATE", DECIDED + changed(*ANSWER), "an answer is never changed"),
    ("report", "UPDATE", BACK, "a report that was taken up stays so"),
    ("report", "DELETE", ALWAYS, "a report is never deleted"),
]
TRIGGERS = Triggers(rules=RULES, app="regimens", name="{table}_rule_{place}", whole="{table}_whole")


class Migration(migrations.Migration):

    dependencies = [
        ('regimens', '0016_work_packages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('caller', models.CharField(max_length=64)),
                ('hour', models.BigIntegerField()),
                ('reports', models.PositiveIntegerField()),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('caller', 'hour'), name='reportcount_once_an_hour')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=12, unique=True)),
                ('kind', models.CharField(choices=[('exposure_classes', 'exposure class'), ('drugs', 'drug'), ('regimens', 'regimen'), ('licences', 'licence'), ('guidelines', 'guideline statement'), ('publications', 'publication'), ('indications', 'indication'), ('biomarkers', 'biomarker'), ('trials', 'trial')], max_length=20)),
                ('key', models.CharField(max_length=80)),
                ('title', models.CharField(max_length=300)),
                ('place', models.CharField(blank=True, max_length=40)),
                ('place_words', models.CharField(blank=True, max_length=300)),
                ('release', models.CharField(max_length=64, verbose_name='release, SHA-256')),
                ('release_name', models.CharField(max_length=80, verbose_name='release')),
                ('words', models.TextField(blank=True)),
                ('source', models.CharField(blank=True, max_length=300)),
                ('reported_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state', models.CharField(choices=[('open', 'open'), ('in-work', 'being looked into'), ('answered', 'answered'), ('declined', 'declined')], default='open', max_length=20)),
                ('taken_at', models.DateTimeField(blank=True, null=True)),
                ('published', models.TextField(blank=True)),
                ('answer', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taken_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['kind', 'key', 'state'], name='report_of_entry')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['exposure_classes', 'drugs', 'regimens', 'licences', 'guidelines', 'publications', 'indications', 'biomarkers', 'trials'])), name='report_kind_is_listed'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'in-work', 'answered', 'declined'])), name='report_state_is_listed'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'open'), ('taken_at__isnull', True), ('taken_by__isnull', True)), models.Q(models.Q(('state', 'open'), _negated=True), ('taken_at__isnull', False), ('taken_by__isnull', False)), _connector='OR'), name='report_is_taken_up_by_someone'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True), ('answered_by__isnull', True), ('state__in', ('open', 'in-work'))), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('state__in', ('answered', 'declined')), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='report_is_answered_by_someone'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'answered'), models.Q(('published', ''), _negated=True)), models.Q(models.Q(('state', 'answered'), _negated=True), ('published', '')), _connector='OR'), name='report_is_published_when_answered')],
            },
        ),
        migrations.RunPython(TRIGGERS.create, TRIGGERS.drop),
    ]
