"""What was shown, voted, decided and signed stays as it was, whatever writes to the database.

On SQLite, a later migration that alters a table of these makes it anew without its triggers, and has to create them again.
"""

from django.db import migrations

from regimens.migrations._triggers import ALWAYS, Triggers, changed

MEETING = "SELECT 1 FROM boards_meeting m WHERE m.id = {row}.meeting_id"
ITEM = "SELECT 1 FROM boards_agendaitem i JOIN boards_meeting m ON m.id = i.meeting_id WHERE i.id = NEW.item_id"
OF_DECISION = """SELECT 1 FROM boards_decision d JOIN boards_agendaitem i ON i.id = d.item_id
    JOIN boards_meeting m ON m.id = i.meeting_id WHERE d.id = NEW.decision_id"""
ON_BOARD = """EXISTS (SELECT 1 FROM boards_membership s WHERE s.board_id = m.board_id AND s.ended_at IS NULL
    AND s.person_id = NEW.{person})"""
ERASED = "EXISTS (SELECT 1 FROM boards_case c WHERE c.id = {case} AND c.erased_at IS NOT NULL)"
ERASED_ITEM = """EXISTS (SELECT 1 FROM boards_agendaitem i JOIN boards_case c ON c.id = i.case_id
    WHERE i.id = NEW.item_id AND c.erased_at IS NOT NULL)"""
SIGNED = """EXISTS (SELECT 1 FROM boards_signature s JOIN boards_decision d ON d.id = s.decision_id
    WHERE d.item_id = NEW.item_id AND s.place = 2{more})"""



def fixed(row):
    return f"EXISTS ({MEETING.format(row=row)} AND m.fixed_at IS NOT NULL)"


def emptied(*columns):
    return "(" + " AND ".join(f"NEW.{column} = ''" for column in columns) + ")"


DECISION_WORDS = ("words", "rationale", "guests", "dissent", "reason_words", "correction")
DECISION_FACTS = ["id", "item_id", "number", "kind", "option", "option_name", "reason", "is_recommended", "agrees_with_first", "rank", "level", "decided_at", "decided_by_id"]
FINAL = ("final_kind", "final_option")

# Table, statement, when it is refused, and why; the name of a trigger is made of the table and the place in this list.
RULES = [
    ("membership", "UPDATE", "OLD.ended_at IS NOT NULL", "a membership that ended stays as it was"),
    ("membership", "UPDATE", changed("id", "board_id", "person_id", "since"), "a membership is of one person on one board"),
    ("membership", "DELETE", ALWAYS, "a membership ends, and is never deleted"),
    ("case", "UPDATE", "OLD.erased_at IS NOT NULL", "an erased case is never changed"),
    ("case", "UPDATE", changed("id", "board_id", "created_at", "created_by_id"), "a case stays with its board"),
    ("case", "UPDATE", """NEW.current_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM boards_caseversion v WHERE v.id = NEW.current_id AND v.case_id = NEW.id)""",
     "the newest version of a case is its own"),
    ("case", "DELETE", ALWAYS, "a case is erased, and never deleted"),
    ("caseversion", "INSERT", ERASED.format(case="NEW.case_id"), "an erased case has no version"),
    ("caseversion", "UPDATE", ALWAYS, "a version of a case is never changed"),
    ("caseversion", "DELETE", f"NOT {ERASED.format(case='OLD.case_id')}", "a version goes when its case is erased"),
    ("meeting", "UPDATE", changed("id", "board_id", "blind_first", "ballots", "created_at", "created_by_id"),
     "a meeting stays as it was made"),
    ("meeting", "UPDATE", """OLD.fixed_at IS NOT NULL AND NEW.fixed_at IS NULL AND (
        EXISTS (SELECT 1 FROM boards_ballot b JOIN boards_agendaitem i ON i.id = b.item_id WHERE i.meeting_id = NEW.id)
        OR EXISTS (SELECT 1 FROM boards_decision d JOIN boards_agendaitem i ON i.id = d.item_id WHERE i.meeting_id = NEW.id)
        OR EXISTS (SELECT 1 FROM boards_agendaitem i WHERE i.meeting_id = NEW.id AND i.vote_closed_at IS NOT NULL))""",
     "an agenda on which something was voted or decided stays fixed"),
    ("agendaitem", "INSERT", fixed("NEW"), "the agenda is fixed"),
    ("agendaitem", "INSERT", """NEW.version_id IS NULL OR NOT EXISTS (
        SELECT 1 FROM boards_caseversion v WHERE v.id = NEW.version_id AND v.case_id = NEW.case_id)""",
     "an item names a version of its case"),
    ("agendaitem", "INSERT", f"""NOT EXISTS ({MEETING.format(row="NEW")} AND m.board_id = (
        SELECT c.board_id FROM boards_case c WHERE c.id = NEW.case_id))""", "a case is on agendas of its own board"),
    ("agendaitem", "UPDATE", changed("id", "meeting_id", "case_id", "listed_at", "listed_by_id"),
     "an item stays with its case and its meeting"),
    ("agendaitem", "UPDATE", f"NEW.version_id IS NULL AND NOT {ERASED.format(case='NEW.case_id')}",
     "an item names a version of its case"),
    ("agendaitem", "UPDATE", """NEW.version_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM boards_caseversion v WHERE v.id = NEW.version_id AND v.case_id = NEW.case_id)""",
     "an item names a version of its case"),
    ("agendaitem", "UPDATE", f"{changed('position')} AND {fixed('NEW')}", "the agenda is fixed"),
    ("agendaitem", "UPDATE", f"{changed('version_id')} AND NEW.version_id IS NOT NULL AND {fixed('NEW')}",
     "the agenda is fixed"),
    ("agendaitem", "UPDATE", f"OLD.vote_closed_at IS NOT NULL AND {changed('vote_closed_at', 'vote_closed_by_id')}",
     "a closed vote stays closed"),
    ("agendaitem", "DELETE", fixed("OLD"), "the agenda is fixed"),
    ("ballot", "INSERT", f"NOT EXISTS ({ITEM} AND m.blind_first AND m.fixed_at IS NOT NULL AND i.vote_closed_at IS NULL)",
     "no vote is open"),
    ("ballot", "INSERT", f"EXISTS ({ITEM} AND (m.ballots = 'anonymous') <> (NEW.voter_id IS NULL))",
     "a ballot is named or anonymous as its meeting is"),
    ("ballot", "INSERT", "NEW.voter_id IS NULL AND NEW.voter_key IS NULL", "a ballot is somebody's"),
    ("ballot", "INSERT", f"NEW.voter_id IS NOT NULL AND NOT EXISTS ({ITEM} AND {ON_BOARD.format(person='voter_id')})",
     "who votes is on the board"),
    ("ballot", "UPDATE", changed("id", "item_id", "voter_id", "first_kind", "first_option"),
     "a first choice is never changed"),
    ("ballot", "UPDATE", f"{changed('first_words')} AND NOT (NEW.first_words = '' AND {ERASED_ITEM})",
     "a first choice is never changed"),
    ("ballot", "UPDATE", f"{changed('voter_key')} AND NEW.voter_key IS NOT NULL", "a ballot stays with who cast it"),
    ("ballot", "UPDATE", f"{changed(*FINAL, 'final_words', 'is_changed')} AND EXISTS ({ITEM} AND i.vote_closed_at IS NULL)",
     "a choice is changed after the ranking is shown"),
    ("ballot", "UPDATE", f"{changed(*FINAL, 'is_changed')} AND {SIGNED.format(more='')}",
     "a choice stays when the decision is signed"),
    ("ballot", "UPDATE", f"{changed('final_words')} AND {SIGNED.format(more='')} AND NOT (NEW.final_words = '' AND {ERASED_ITEM})",
     "a choice stays when the decision is signed"),
    ("ballot", "DELETE", ALWAYS, "a ballot is never deleted"),
    ("decision", "INSERT", """NEW.number <> 1 + COALESCE(
        (SELECT MAX(d.number) FROM boards_decision d WHERE d.item_id = NEW.item_id), 0)""",
     "a decision takes the next number"),
    ("decision", "INSERT", f"""NOT EXISTS ({ITEM} AND m.fixed_at IS NOT NULL
        AND (NOT m.blind_first OR i.vote_closed_at IS NOT NULL))""", "the agenda is fixed and the vote closed before"),
    ("decision", "INSERT", ERASED_ITEM, "nothing is decided on an erased case"),
    ("decision", "INSERT", f"NEW.correction = '' AND {SIGNED.format(more=' AND d.number = NEW.number - 1')}",
     "a signed decision is corrected for a reason"),
    ("decision", "UPDATE", changed(*DECISION_FACTS), "a decision is never changed"),
    ("decision", "UPDATE", f"{changed(*DECISION_WORDS)} AND NOT ({emptied(*DECISION_WORDS)} AND {ERASED_ITEM})",
     "a decision is never changed"),
    ("decision", "DELETE", ALWAYS, "a decision is never deleted"),
    ("presence", "INSERT", "EXISTS (SELECT 1 FROM boards_signature s WHERE s.decision_id = NEW.decision_id)",
     "a signed decision is never changed"),
    ("presence", "UPDATE", ALWAYS, "a decision is never changed"),
    ("presence", "DELETE", ALWAYS, "a decision is never changed"),
    ("signature", "INSERT", """EXISTS (SELECT 1 FROM boards_decision d JOIN boards_decision later ON later.item_id = d.item_id
        AND later.number > d.number WHERE d.id = NEW.decision_id)""", "the newest version of a decision is signed"),
    ("signature", "INSERT", f"NOT EXISTS ({OF_DECISION} AND {ON_BOARD.format(person='person_id')})",
     "who signs is on the board"),
    ("signature", "INSERT", """NEW.place = 2 AND NOT EXISTS (
        SELECT 1 FROM boards_signature s WHERE s.decision_id = NEW.decision_id AND s.place = 1)""",
     "the first signature comes first"),
    ("signature", "INSERT", """EXISTS (SELECT 1 FROM boards_decision d JOIN boards_agendaitem i ON i.id = d.item_id
        JOIN boards_case c ON c.id = i.case_id WHERE d.id = NEW.decision_id AND c.erased_at IS NOT NULL)""",
     "nothing is signed on an erased case"),
    ("signature", "UPDATE", ALWAYS, "a signature is never changed"),
    ("signature", "DELETE", ALWAYS, "a signature is never withdrawn"),
]
TRIGGERS = Triggers(rules=RULES, app="boards", name="boards_{table}_rule_{place}", whole="boards_{table}_whole")


class Migration(migrations.Migration):
    dependencies = [("boards", "0001_initial")]
    operations = [migrations.RunPython(TRIGGERS.create, TRIGGERS.drop)]
