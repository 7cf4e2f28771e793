"""The upgrade to the second edition changes an entry as its event says, and nothing else does so.

The event `upgrade-evidence` holds, for each entry, the SHA-256 of what it said before and of what it says since; the
rules of 0004 let just that through. There is one such event, written while entries of the first edition are in force.
On SQLite, a later migration that alters a table of these makes it anew without its triggers, and has to create them again.
"""

from dataclasses import replace
from importlib import import_module

from django.db import migrations, models

from ._triggers import changed, drop, refusing_on_sqlite, run

FORMER = import_module("regimens.migrations.0004_decisions_are_kept")
SEALS = import_module("regimens.migrations.0007_event_seals")

UPGRADED = """EXISTS (
    SELECT 1 FROM regimens_event e WHERE e.action = 'upgrade-evidence' AND {before} = OLD.sha256 AND {after} = NEW.sha256
) AND NEW.retired_at IS NULL AND NEW.origin = OLD.origin AND NOT """ + changed("proposal_id")
MADE = """EXISTS (
    SELECT 1 FROM regimens_event e WHERE e.action = 'upgrade-evidence' AND {before} IS NULL AND {after} = NEW.sha256
) AND NEW.retired_at IS NULL"""
# Keys of the content that one edition has and the other has not.
OF_FIRST_EDITION = """EXISTS (
    SELECT 1 FROM regimens_entry o WHERE o.retired_at IS NULL AND (
        o.kind = 'regimens' AND o.content LIKE '%"availability":%'
        OR o.kind = 'trials' AND o.content LIKE '%"seen_at":%'
        OR o.kind IN ('publications', 'guidelines') AND o.content NOT LIKE '%"read_on":%'
    )
)"""
SECOND_UPGRADE = "EXISTS (SELECT 1 FROM regimens_event e WHERE e.action = 'upgrade-evidence')"

# The place of an entry in the details of the event.
DIALECT = {
    "sqlite": {
        "before": "json_extract(e.details, '$.entries.' || NEW.kind || '.\"' || NEW.key || '\"[0]')",
        "after": "json_extract(e.details, '$.entries.' || NEW.kind || '.\"' || NEW.key || '\"[1]')",
    },
    "postgresql": {
        "before": "e.details #>> ARRAY['entries', NEW.kind, NEW.key, '0']::text[]",
        "after": "e.details #>> ARRAY['entries', NEW.kind, NEW.key, '1']::text[]",
    },
}
# Those of 0004 that the upgrade is an exception to, by why they refuse.
EXCEPTED = ("an entry says what two people agreed on", "a baseline is never changed")
RULES = [
    (table, statement, f"({when}) AND NOT ({UPGRADED})" if statement == "UPDATE" and why in EXCEPTED else when, why)
    for table, statement, when, why in FORMER.RULES
] + [
    ("entry", "INSERT", f"NEW.origin = 'upgraded' AND NOT ({MADE})", "what the upgrade makes is told by its event"),
    ("entry", "UPDATE", f"NEW.origin = 'upgraded' AND {changed('content', 'sha256', 'origin', 'retired_at')}",
     "what the upgrade made is changed by two people"),
    ("event", "INSERT", f"NEW.action = 'upgrade-evidence' AND NOT {OF_FIRST_EDITION}",
     "nothing of the first edition is in force"),
    ("event", "INSERT", f"NEW.action = 'upgrade-evidence' AND {SECOND_UPGRADE}", "there is one upgrade"),
]  # fmt: skip
TRIGGERS = replace(
    FORMER.TRIGGERS,
    rules=RULES,
    dialect={vendor: {**FORMER.DIALECT[vendor], **words} for vendor, words in DIALECT.items()},
)
# On SQLite, those of 0007 on tables that were made anew since.
NOT_REPLACED = [rule for rule in SEALS.rules_on("sqlite") if rule[0] in ("entry_no_replace", "proposal_no_replace")]
ORIGINS = [
    ("shipped", "as shipped"),
    ("baseline", "baseline of this installation"),
    ("curated", "curated"),
    ("upgraded", "made by the upgrade to the second edition"),
]


def refuse_replacing(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name, table, _, which, why in NOT_REPLACED:
            there = f"EXISTS (SELECT 1 FROM regimens_{table} WHERE {which})"
            run(schema_editor, refusing_on_sqlite(name, f"regimens_{table}", "INSERT", there, why))


def allow_replacing(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        drop(schema_editor, "regimens", [rule[:2] for rule in NOT_REPLACED])


class Migration(migrations.Migration):
    dependencies = [("regimens", "0012_decisions_are_still_kept")]
    operations = [
        migrations.RunPython(FORMER.TRIGGERS.drop, FORMER.TRIGGERS.create),
        migrations.RemoveConstraint("entry", "entry_origin_is_listed"),
        migrations.AlterField("entry", "origin", models.CharField(choices=ORIGINS, max_length=20)),
        migrations.AlterField("historicalentry", "origin", models.CharField(choices=ORIGINS, max_length=20)),
        migrations.AddConstraint(
            "entry",
            models.CheckConstraint(
                condition=models.Q(origin__in=[value for value, _ in ORIGINS]), name="entry_origin_is_listed"
            ),
        ),
        migrations.RunPython(TRIGGERS.create, TRIGGERS.drop),
        migrations.RunPython(refuse_replacing, allow_replacing),
    ]
