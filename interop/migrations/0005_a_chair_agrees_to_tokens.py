"""A token reads the decisions of a board once its chair agrees. Those that did before go on, and say so."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def go_on(apps, schema_editor):
    apps.get_model("interop", "ApiToken").objects.filter(board__isnull=False).update(agreed_at=models.F("made_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('boards', '0010_records_are_sealed'),
        ('interop', '0004_hooks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='apitoken',
            name='agreed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='agreed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunPython(go_on, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='apitoken',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agreed_at__isnull', True), ('agreed_by__isnull', True)), models.Q(('agreed_at__isnull', False), ('board__isnull', False), models.Q(('agreed_by', models.F('made_by')), _negated=True)), _connector='OR'), name='apitoken_agreed_by_another'),
        ),
    ]
