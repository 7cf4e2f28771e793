"""What was planned, attended, recorded and raised stays as it was, whatever writes to the database.

The rules of 0002 and 0005 stand again, but for those that plans, roles and single signatures changed. A decision of
before keeps what its documents showed until today.

On SQLite, a later migration that alters a table of these makes it anew without its triggers, and has to create them again.
"""

from dataclasses import replace
from importlib import import_module

from django.db import migrations

from regimens.migrations._triggers import ALWAYS, Triggers, changed

FORMER = import_module("boards.migrations.0002_what_was_shown_and_decided_stays")
FOLLOW_UP = import_module("boards.migrations.0005_follow_up_stays")
ITEM, ERASED_ITEM, emptied = FORMER.ITEM, FORMER.ERASED_ITEM, FORMER.emptied

DECIDES = "AND s.role IN ('member', 'chair'))"
ON_BOARD = FORMER.ON_BOARD[:-1] + " " + DECIDES
SIGNED = """EXISTS (SELECT 1 FROM boards_signature s JOIN boards_decision d ON d.id = s.decision_id
    WHERE d.item_id = NEW.item_id AND s.place = d.signatures_needed{more})"""
# The decision that a new row names, with its item and case.
OF_DECISION = """SELECT 1 FROM boards_decision d JOIN boards_agendaitem i ON i.id = d.item_id
    JOIN boards_case c ON c.id = i.case_id WHERE d.id = NEW.decision_id"""
OF_STEP = """SELECT 1 FROM boards_planstep p JOIN boards_decision d ON d.id = p.decision_id
    JOIN boards_agendaitem i ON i.id = d.item_id JOIN boards_case c ON c.id = i.case_id WHERE p.id = NEW.step_id"""
OF_FOLLOW_UP = """SELECT 1 FROM boards_followup f JOIN boards_agendaitem i ON i.id = f.item_id
    JOIN boards_case c ON c.id = i.case_id WHERE f.id = NEW.follow_up_id"""


def erased(of):
    return f"EXISTS ({of} AND c.erased_at IS NOT NULL)"


FACTS = [*FORMER.DECISION_FACTS, "signatures_needed", "first_level"]
WORDS = [*FORMER.DECISION_WORDS, "would_change"]
GONE = f"({emptied(*WORDS)} AND NEW.shown = '{{}}')"
STEP_FACTS = ["id", "decision_id", "position", "kind", "option", "option_name", "is_recommended", "rank", "level", "owner_id", "due_on"]
STEP_WORDS = ["words", "condition", "reason", "owner_words"]
COURSE = FOLLOW_UP.COURSE | {"not_carried_out_words": ""}
LATER = {"words": "", "started_in": "", "stopped_in": "", "progressed_in": ""}
DEVELOPMENT_FACTS = ["id", "decision_id", "kind", "option", "release_id", "undermines", "raised_at"]
ACKNOWLEDGED = ["acknowledged_as", "acknowledged_at", "acknowledged_by_id"]
OF_MEETING = "SELECT 1 FROM boards_meeting m WHERE m.id = NEW.meeting_id AND m.finished_at IS NOT NULL"

# Rules of before that are said anew, in their order: table, statement and why are as they were.
ANEW = {
    ("ballot", "INSERT", "who votes is on the board"): [
        f"NEW.voter_id IS NOT NULL AND NOT EXISTS ({ITEM} AND {ON_BOARD.format(person='voter_id')})"
    ],
    ("ballot", "UPDATE", "a choice stays when the decision is signed"): [
        f"{changed(*FORMER.FINAL, 'is_changed')} AND {SIGNED.format(more='')}",
        f"{changed('final_words')} AND {SIGNED.format(more='')} AND NOT (NEW.final_words = '' AND {ERASED_ITEM})",
    ],
    ("decision", "INSERT", "a signed decision is corrected for a reason"): [
        f"NEW.correction = '' AND {SIGNED.format(more=' AND d.number = NEW.number - 1')}"
    ],
    ("decision", "UPDATE", "a decision is never changed"): [
        changed(*FACTS),
        f"{changed(*WORDS, 'shown')} AND NOT ({GONE} AND {ERASED_ITEM})",
    ],
    ("signature", "INSERT", "who signs is on the board"): [
        f"NOT EXISTS ({FORMER.OF_DECISION} AND {ON_BOARD.format(person='person_id')})"
    ],
    ("followup", "UPDATE", "a follow-up is never changed"): [
        changed(*FOLLOW_UP.FACTS, "carried_out", "not_carried_out"),
        f"{changed(*COURSE)} AND NOT ({FOLLOW_UP.emptied(**COURSE)} AND {ERASED_ITEM})",
    ],
}


def said_anew(triggers):
    """The same triggers by the same names, some of them on another condition."""
    anew = {key: iter(conditions) for key, conditions in ANEW.items()}
    rules = [
        (table, statement, next(anew[table, statement, why]) if (table, statement, why) in anew else when, why)
        for table, statement, when, why in triggers.rules
    ]
    return replace(triggers, rules=rules)


# Table, statement, when it is refused, and why; the name of a trigger is made of the table and the place in this list.
RULES = [
    ("decision", "INSERT", f"EXISTS ({ITEM} AND m.finished_at IS NOT NULL) AND NEW.number = 1",
     "nothing is decided first on a finished meeting"),
    ("signature", "INSERT", """NOT EXISTS (
        SELECT 1 FROM boards_presence p WHERE p.decision_id = NEW.decision_id AND p.person_id = NEW.person_id)""",
     "who signs was present"),
    ("signature", "INSERT", "EXISTS (SELECT 1 FROM boards_decision d WHERE d.id = NEW.decision_id AND NEW.place > d.signatures_needed)",
     "a decision has no more signatures than it needs"),
    ("signature", "INSERT", f"""EXISTS (SELECT 1 FROM boards_decision d WHERE d.id = NEW.decision_id AND d.signatures_needed = 1)
        AND NOT EXISTS ({FORMER.OF_DECISION} AND {ON_BOARD.format(person='person_id').replace("('member', 'chair')", "('chair')")})""",
     "the chair signs alone, and nobody else"),
    ("meeting", "UPDATE", changed("quorum", "disciplines") + " AND OLD.fixed_at IS NOT NULL",
     "a quorum stays when the agenda is fixed"),
    ("meeting", "UPDATE", "OLD.finished_at IS NOT NULL AND " + changed(
        "held_on", "begins_at", "time_zone", "place", "guests", "fixed_at", "started_at", "finished_at", "finished_by_id",
        "board_name", "header"), "a finished meeting stays as it was"),
    ("agendaitem", "UPDATE", changed("carried_from_id", "waiting_since") + f" AND {FORMER.fixed('NEW')}",
     "the agenda is fixed"),
    ("agendaitem", "UPDATE", changed("needs_discussion") + """ AND EXISTS (
        SELECT 1 FROM boards_decision d WHERE d.item_id = NEW.id)""", "what was decided without discussion stays so"),
    ("attendance", "INSERT", f"EXISTS ({OF_MEETING})", "a finished meeting stays as it was"),
    ("attendance", "UPDATE", f"EXISTS ({OF_MEETING})", "a finished meeting stays as it was"),
    ("attendance", "UPDATE", changed("id", "meeting_id", "person_id", "discipline", "arrived_at"),
     "who was there from when stays"),
    ("attendance", "UPDATE", f"OLD.left_at IS NOT NULL AND {changed('left_at')}", "who was there until when stays"),
    ("attendance", "DELETE", "EXISTS (SELECT 1 FROM boards_meeting m WHERE m.id = OLD.meeting_id)",
     "who was there stays"),
    ("planstep", "INSERT", "EXISTS (SELECT 1 FROM boards_signature s WHERE s.decision_id = NEW.decision_id)",
     "a signed decision is never changed"),
    ("planstep", "INSERT", erased(OF_DECISION), "nothing is decided on an erased case"),
    ("planstep", "UPDATE", changed(*STEP_FACTS), "a recommendation is never changed"),
    ("planstep", "UPDATE", f"{changed(*STEP_WORDS)} AND NOT ({emptied(*STEP_WORDS)} AND {erased(OF_DECISION)})",
     "a recommendation is never changed"),
    ("planstep", "DELETE", ALWAYS, "a recommendation is never deleted"),
    ("stepprogress", "INSERT", """NEW.number <> 1 + COALESCE(
        (SELECT MAX(s.number) FROM boards_stepprogress s WHERE s.step_id = NEW.step_id), 0)""",
     "what became of a recommendation takes the next number"),
    ("stepprogress", "INSERT", erased(OF_STEP), "nothing is recorded on an erased case"),
    ("stepprogress", "UPDATE", changed("id", "step_id", "number", "state", "not_done", "recorded_at", "recorded_by_id"),
     "what became of a recommendation is never changed"),
    ("stepprogress", "UPDATE", f"{changed('words')} AND NOT (NEW.words = '' AND {erased(OF_STEP)})",
     "what became of a recommendation is never changed"),
    ("stepprogress", "DELETE", ALWAYS, "what became of a recommendation is never deleted"),
    ("latercourse", "INSERT", erased(OF_FOLLOW_UP), "nothing is recorded on an erased case"),
    ("latercourse", "UPDATE", changed("id", "follow_up_id", "line", "kind", "option", "option_name", "stop_reason", "best_response"),
     "a follow-up is never changed"),
    ("latercourse", "UPDATE", f"{changed(*LATER)} AND NOT ({FOLLOW_UP.emptied(**LATER)} AND {erased(OF_FOLLOW_UP)})",
     "a follow-up is never changed"),
    ("latercourse", "DELETE", ALWAYS, "a follow-up is never deleted"),
    ("toxicity", "INSERT", erased(OF_FOLLOW_UP), "nothing is recorded on an erased case"),
    ("toxicity", "UPDATE", ALWAYS, "a follow-up is never changed"),
    ("toxicity", "DELETE", ALWAYS, "a follow-up is never deleted"),
    ("development", "INSERT", erased(OF_DECISION), "nothing is raised on an erased case"),
    ("development", "UPDATE", changed(*DEVELOPMENT_FACTS), "what was raised stays"),
    ("development", "UPDATE", f"{changed('before', 'after')} AND NOT ({emptied('before', 'after')} AND {erased(OF_DECISION)})",
     "what was raised stays"),
    ("development", "UPDATE", f"OLD.acknowledged_as <> '' AND {changed(*ACKNOWLEDGED)}", "what was acknowledged stays so"),
    ("development", "DELETE", ALWAYS, "what was raised is never deleted"),
]
NEW = ("attendance", "planstep", "stepprogress", "latercourse", "toxicity", "development")
TRIGGERS = [
    said_anew(FORMER.TRIGGERS),
    said_anew(FOLLOW_UP.TRIGGERS),
    Triggers(rules=RULES, app="boards", name="boards_{table}_now_{place}", whole="boards_{table}_whole", tables=NEW),
]


def keep_what_was_shown(apps, schema_editor):
    """Of decisions of before: what their documents show today."""
    decisions = apps.get_model("boards", "Decision").objects
    related = "item__case", "item__meeting__board"
    for decision in decisions.select_related(*related).filter(item__case__erased_at__isnull=True).iterator():
        item, board = decision.item, decision.item.meeting.board
        decision.shown = {
            "label": item.case.label,
            "question": item.question,
            "options": item.options,
            "board": board.name,
            "header": board.header,
            "place": item.meeting.place,
        }
        decision.save(update_fields=["shown"])


class Migration(migrations.Migration):
    dependencies = [("boards", "0007_plans_rooms_and_lines")]
    operations = [
        migrations.RunPython(keep_what_was_shown, migrations.RunPython.noop),
        *(migrations.RunPython(triggers.create, triggers.drop) for triggers in TRIGGERS),
    ]
