"""What was recorded of the course after a decision stays as it was, whatever writes to the database.

On SQLite, a later migration that alters a table of these makes it anew without its triggers, and has to create them again.
"""

from django.db import migrations

from regimens.migrations._triggers import ALWAYS, Triggers, changed

ERASED_ITEM = """EXISTS (SELECT 1 FROM boards_agendaitem i JOIN boards_case c ON c.id = i.case_id
    WHERE i.id = NEW.item_id AND c.erased_at IS NOT NULL)"""


def emptied(**columns):
    return "(" + " AND ".join(f"NEW.{column} = '{value}'" for column, value in columns.items()) + ")"


FACTS = ["id", "item_id", "number", "kind", "option", "option_name", "stop_reason", "best_response", "recorded_at", "recorded_by_id"]
COURSE = {"words": "", "started_in": "", "stopped_in": "", "progression": "unknown", "progressed_in": "",
          "vital": "unknown", "vital_in": ""}

# Table, statement, when it is refused, and why; the name of a trigger is made of the table and the place in this list.
RULES = [
    ("followup", "INSERT", """NEW.number <> 1 + COALESCE(
        (SELECT MAX(f.number) FROM boards_followup f WHERE f.item_id = NEW.item_id), 0)""",
     "a follow-up takes the next number"),
    ("followup", "INSERT", "NOT EXISTS (SELECT 1 FROM boards_decision d WHERE d.item_id = NEW.item_id)",
     "what is followed up was decided"),
    ("followup", "INSERT", ERASED_ITEM, "nothing is recorded on an erased case"),
    ("followup", "UPDATE", changed(*FACTS), "a follow-up is never changed"),
    ("followup", "UPDATE", f"{changed(*COURSE)} AND NOT ({emptied(**COURSE)} AND {ERASED_ITEM})",
     "a follow-up is never changed"),
    ("followup", "DELETE", ALWAYS, "a follow-up is never deleted"),
    ("decision", "UPDATE", changed("first_level"), "a decision is never changed"),
]
TRIGGERS = Triggers(
    rules=RULES, app="boards", name="boards_{table}_later_{place}", whole="boards_{table}_whole", tables=("followup",)
)


class Migration(migrations.Migration):
    dependencies = [("boards", "0004_follow_up_and_replays")]
    operations = [migrations.RunPython(TRIGGERS.create, TRIGGERS.drop)]
