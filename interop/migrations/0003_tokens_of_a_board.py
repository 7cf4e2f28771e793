"""A token that reads decisions names the board whose they are."""


import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('boards', '0006_sites_of_the_second_edition'),
        ('interop', '0002_administrators_make_tokens'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='apitoken',
            name='board',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='boards.board'),
        ),
        migrations.AddConstraint(
            model_name='apitoken',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('board__isnull', False), ('scopes__contains', 'boards.decisions.read')), models.Q(models.Q(('scopes__contains', 'boards.decisions.read'), _negated=True), ('board__isnull', True)), _connector='OR'), name='apitoken_for_decisions_names_a_board'),
        ),
    ]
