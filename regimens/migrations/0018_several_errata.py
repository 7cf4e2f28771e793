"""A text may have several errata; of each graver kind one is open at a time, whoever reports it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("regimens", "0017_an_open_door"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="reportednotice",
            name="reportednotice_is_open_once",
        ),
        migrations.AddConstraint(
            model_name="reportednotice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("settled_at__isnull", True), models.Q(("kind", "erratum"), _negated=True)),
                fields=("publication", "kind"),
                name="reportednotice_is_open_once",
            ),
        ),
    ]
