"""API tokens, and how often each caller called in a minute."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CallCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('caller', models.CharField(max_length=80)),
                ('minute', models.BigIntegerField()),
                ('calls', models.PositiveIntegerField()),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('caller', 'minute'), name='callcount_once_a_minute')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('key', models.CharField(editable=False, max_length=10, unique=True)),
                ('digest', models.CharField(editable=False, max_length=64)),
                ('scopes', models.CharField(max_length=200)),
                ('networks', models.CharField(blank=True, max_length=400)),
                ('rankings_a_minute', models.PositiveIntegerField()),
                ('reads_a_minute', models.PositiveIntegerField()),
                ('made_at', models.DateTimeField()),
                ('expires_on', models.DateField()),
                ('last_used', models.DateField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'API token',
                'ordering': ['-pk'],
                'permissions': [('manage_tokens', 'Can make, limit and revoke API tokens')],
                'default_permissions': ('view',),
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='apitoken_is_named'), models.CheckConstraint(condition=models.Q(('digest__regex', '^[0-9a-f]{64}$')), name='apitoken_digest_is_a_digest'), models.CheckConstraint(condition=models.Q(('scopes', ''), _negated=True), name='apitoken_has_a_scope'), models.CheckConstraint(condition=models.Q(('rankings_a_minute__range', (1, 100000)), ('reads_a_minute__range', (1, 100000))), name='apitoken_is_limited'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='apitoken_revoked_by_somebody')],
            },
        ),
    ]
