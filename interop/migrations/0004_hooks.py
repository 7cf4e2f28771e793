"""What became of cards of CDS Hooks, and which signed tokens were used; administrators see the feedback."""

from django.db import migrations, models


def permit(apps, schema_editor):
    # Django makes permissions after the last migration; the one that the group needs is made here, and found there.
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="interop", model="cardfeedback"
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename="view_cardfeedback", defaults={"name": "Can view feedback on cards"}
    )
    apps.get_model("auth", "Group").objects.get(name="Administrator").permissions.add(permission)


class Migration(migrations.Migration):

    dependencies = [
        ('interop', '0003_tokens_of_a_board'),
    ]

    operations = [
        migrations.CreateModel(
            name='ShownCard',
            fields=[
                ('uuid', models.UUIDField(primary_key=True, serialize=False)),
                ('topic', models.CharField(max_length=20)),
                ('release', models.CharField(max_length=80)),
                ('shown_on', models.DateField(db_index=True)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='CardFeedback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('card', models.UUIDField()),
                ('topic', models.CharField(blank=True, max_length=20)),
                ('release', models.CharField(blank=True, max_length=80)),
                ('outcome', models.CharField(choices=[('accepted', 'Accepted'), ('overridden', 'Overridden')], max_length=10)),
                ('accepted', models.CharField(blank=True, max_length=400)),
                ('reason', models.CharField(blank=True, max_length=60)),
                ('has_comment', models.BooleanField()),
                ('day', models.DateField()),
                ('client', models.CharField(blank=True, max_length=80)),
            ],
            options={
                'verbose_name': 'feedback on cards',
                'verbose_name_plural': 'feedback on cards',
                'default_permissions': ('view',),
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['accepted', 'overridden'])), name='cardfeedback_outcome_is_listed')],
            },
        ),
        migrations.CreateModel(
            name='UsedJwt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.CharField(max_length=80)),
                ('jti', models.CharField(max_length=64)),
                ('until', models.DateTimeField(db_index=True)),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('issuer', 'jti'), name='usedjwt_once_an_issuer')],
            },
        ),
        migrations.RunPython(permit, migrations.RunPython.noop),
    ]
