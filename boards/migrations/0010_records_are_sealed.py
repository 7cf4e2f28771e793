"""What boards recorded stands under the chain of hashes, and anonymous ballots stand in no order.

Every record that is there is sealed once, by events that say so: that proves what it was when the database was upgraded,
and not what it was before. Of cases that are not erased each hash is made with a salt of the case.
"""

import random
import secrets

from django.db import migrations, models
from django.db.models import F

from audit.chain import append
from audit.records import seal_what_is_there
from boards import sealing

# The format of then: what a later migration adds is no part of it.
FORMATS = dict.fromkeys(
    (
        *(sealing.VERSION, sealing.DECISION, sealing.SIGNATURE, sealing.BALLOTS, sealing.CHOICES),
        *(sealing.PROGRESS, sealing.FOLLOW_UP),
    ),
    1,
)
AT_ONCE = 500  # records an event


def mix_ballots(apps, schema_editor):
    """Anonymous ballots of before, so that neither their numbers nor their places tell which came when."""
    ballots, chance = apps.get_model("boards", "Ballot").objects, random.SystemRandom()
    rows = list(ballots.filter(item__meeting__ballots="anonymous").values_list("pk", flat=True))
    chance.shuffle(rows)
    for pk in rows:
        if schema_editor.connection.vendor == "sqlite":
            with schema_editor.connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE boards_ballot SET rowid = %s WHERE id = %s", [chance.getrandbits(62) + 1, pk.hex]
                )
        else:
            ballots.filter(pk=pk).update(is_changed=F("is_changed"))


def give_salts(apps, schema_editor):
    cases = apps.get_model("boards", "Case").objects
    for pk in cases.filter(erased_at__isnull=True).values_list("pk", flat=True):
        cases.filter(pk=pk).update(salt=secrets.token_hex(16))


def seal(apps, schema_editor):
    events, seals = apps.get_model("regimens", "Event"), apps.get_model("regimens", "EventSeal")
    made = [
        events.objects.create(action="seal-records", subject="", details=details).pk
        for details in seal_what_is_there(apps.get_model, FORMATS, AT_ONCE)
    ]
    append(events.objects.filter(pk__in=made).order_by("pk"), seals)


class Migration(migrations.Migration):
    dependencies = [
        ("boards", "0009_typed_adverse_events_are_erased"),
        ("regimens", "0013_upgrade_is_told"),
    ]
    operations = [
        migrations.AddField(
            model_name="case",
            name="salt",
            field=models.CharField(blank=True, editable=False, max_length=32, null=True),
        ),
        migrations.RunPython(mix_ballots, migrations.RunPython.noop),
        migrations.RunPython(give_salts, migrations.RunPython.noop),
        migrations.RunPython(seal, migrations.RunPython.noop),
    ]
