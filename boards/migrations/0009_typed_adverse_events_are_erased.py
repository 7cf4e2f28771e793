"""An adverse event that was typed in words goes when its case is erased; its grade and its course stay, to be counted."""

from importlib import import_module

from django.db import migrations

from regimens.migrations._triggers import ALWAYS, DIFFERS, changed, drop, refusing_on_postgresql, refusing_on_sqlite, run

FORMER = import_module("boards.migrations.0008_plans_and_rooms_stay")
NAME = f"boards_toxicity_now_{FORMER.RULES.index(('toxicity', 'UPDATE', ALWAYS, 'a follow-up is never changed'))}"
# Only of an erased case, and only to "other" with a number.
ANEW = f"""({changed("id", "follow_up_id", "line", "grade")}
    OR {changed("term")} AND NOT (NEW.term LIKE 'other %' AND {FORMER.erased(FORMER.OF_FOLLOW_UP)}))"""


def on(condition):
    def make(apps, schema_editor):
        vendor = schema_editor.connection.vendor
        refusing = {"sqlite": refusing_on_sqlite, "postgresql": refusing_on_postgresql}[vendor]
        drop(schema_editor, "boards", [(NAME, "toxicity")])
        when = condition.replace("{differs}", DIFFERS[vendor])
        run(schema_editor, refusing(NAME, "boards_toxicity", "UPDATE", when, "a follow-up is never changed"))

    return make


class Migration(migrations.Migration):
    dependencies = [("boards", "0008_plans_and_rooms_stay")]
    operations = [migrations.RunPython(on(ANEW), on(ALWAYS))]
