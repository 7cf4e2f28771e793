"""A version of a case may be of the sites that the second edition of the method tells apart.

On SQLite the table is made anew for it, which a trigger that names it would hinder: those of 0002 go, and stand again.
"""

from importlib import import_module

from django.db import migrations, models

TRIGGERS = import_module("boards.migrations.0002_what_was_shown_and_decided_stays").TRIGGERS
SITES = [
    "", "oesophagus", "oesophagogastric-junction", "stomach", "gastro-oesophageal", "small-bowel", "ampulla",
    "colorectal", "anal", "pancreas", "biliary", "liver", "gep", "gynaecological", "bladder", "prostate",
    "genitourinary", "head-neck", "breast", "thymus", "skin", "lung", "unknown-primary", "other", "any",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("boards", "0005_follow_up_stays")]
    operations = [
        migrations.RunPython(TRIGGERS.drop, TRIGGERS.create),
        migrations.RemoveConstraint(model_name="caseversion", name="caseversion_primary_site_is_known"),
        migrations.AddConstraint(
            model_name="caseversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("primary_site__in", SITES)), name="caseversion_primary_site_is_known"
            ),
        ),
        migrations.RunPython(TRIGGERS.create, TRIGGERS.drop),
    ]
