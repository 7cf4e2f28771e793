"""Take away what stands in the way of the second edition's tables: the triggers, and rows that it says otherwise.

On SQLite a table that is altered is made anew, and a trigger that names it would hinder that; migration 0012 puts the
triggers back. The rows say what entries say: load_evidence writes them anew from the entries, which nothing here touches.
"""

from importlib import import_module

from django.db import migrations

DECISIONS = import_module("regimens.migrations.0004_decisions_are_kept").TRIGGERS
READINGS = import_module("regimens.migrations.0009_readings_are_kept").TRIGGERS
# What hangs on others comes first.
CLEARED = ("IndicationSource", "RegimenDrug", "LeadDrug", "RegionalAvailability", "Approval", "Caution", "Drug")


def clear(apps, schema_editor):
    for name in CLEARED:
        apps.get_model("regimens", name)._base_manager.all().delete()


class Migration(migrations.Migration):
    dependencies = [("regimens", "0009_readings_are_kept")]
    operations = [
        migrations.RunPython(READINGS.drop, READINGS.create),
        migrations.RunPython(DECISIONS.drop, DECISIONS.create),
        migrations.RunPython(clear, migrations.RunPython.noop),
    ]
