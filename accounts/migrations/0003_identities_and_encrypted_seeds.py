"""Who people are at the hospital's identity provider; and the seeds of their apps encrypted, which were as they are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts import seeds


def encrypt(apps, schema_editor):
    devices = apps.get_model("otp_totp", "TOTPDevice").objects
    for device in devices.iterator():
        if not seeds.is_sealed(device.key):
            devices.filter(pk=device.pk).update(key=seeds.sealed(bytes.fromhex(device.key), device.user_id))


def decrypt(apps, schema_editor):
    devices = apps.get_model("otp_totp", "TOTPDevice").objects
    for device in devices.iterator():
        if seeds.is_sealed(device.key):
            devices.filter(pk=device.pk).update(key=seeds.opened(device.key, device.user_id).hex())


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_two_administrators'),
        ('otp_totp', '0003_add_timestamps'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SpentSignIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='AuthenticatorApp',
            fields=[
            ],
            options={
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('otp_totp.totpdevice',),
        ),
        migrations.CreateModel(
            name='Identity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.CharField(max_length=500)),
                ('subject', models.CharField(max_length=255)),
                ('made_at', models.DateTimeField()),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='identity', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('issuer', 'subject'), name='identity_of_one_account'), models.CheckConstraint(condition=models.Q(models.Q(('issuer', ''), _negated=True), models.Q(('subject', ''), _negated=True)), name='identity_is_named')],
            },
        ),
        migrations.RunPython(encrypt, decrypt),
    ]
