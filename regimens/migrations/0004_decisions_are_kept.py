"""An entry says what two people agreed on, and nothing decided or recorded is changed: whatever writes to the database.

On SQLite, a later migration that alters a table of these makes it anew without its triggers, and has to create them again.
"""

from django.db import migrations

from ._triggers import ALWAYS, Triggers, changed

# Of a proposal p: it is accepted, by another person than who proposed it.
BY_TWO = "p.status = 'accepted' AND p.proposer_id IS NOT NULL AND p.reviewer_id <> p.proposer_id"
NEWEST = """NOT EXISTS (
    SELECT 1 FROM regimens_proposal q WHERE q.kind = p.kind AND q.key = p.key AND q.status = 'accepted' AND q.id > p.id
)"""
OF_ENTRY = "p.kind = NEW.kind AND p.key = NEW.key"

AGREED = f"""NEW.origin = 'curated' AND NOT EXISTS (
    SELECT 1 FROM regimens_proposal p WHERE p.id = NEW.proposal_id AND {OF_ENTRY} AND {BY_TWO} AND {NEWEST}
    AND (
        NEW.retired_at IS NULL AND p.content = NEW.content AND p.sha256 = NEW.sha256
        OR NEW.retired_at IS NOT NULL AND p.content IS NULL AND p.base_sha256 = NEW.sha256
    )
)"""
UNDONE = f"""NEW.origin <> 'curated' AND EXISTS (
    SELECT 1 FROM regimens_proposal p WHERE {OF_ENTRY} AND {BY_TWO} AND {NEWEST}
)"""
SECOND_BASELINE = """NEW.origin = 'baseline' AND EXISTS (
    SELECT 1 FROM regimens_event e WHERE e.action = 'load-baseline'
)"""
WITHOUT_STATEMENT = """NEW.status IN ('accepted', 'rejected', 'change-asked') AND NOT EXISTS (
    SELECT 1 FROM regimens_intereststatement s WHERE s.person_id = NEW.reviewer_id AND {statement_holds}
)"""
NEWER_IN_FORCE = """EXISTS (
    SELECT 1 FROM regimens_releaseinforce r WHERE r.id > NEW.id AND r.confirmed_at IS NOT NULL
)"""
SECOND_TIME = "NEW.how = 'publishing' AND EXISTS (SELECT 1 FROM regimens_releaseinforce r WHERE r.release_id = NEW.release_id)"

# How a statement of interests holds on the day of a review.
DIALECT = {
    "sqlite": {"statement_holds": "date(NEW.reviewed_at) BETWEEN s.declared_on AND date(s.declared_on, '+365 days')"},
    "postgresql": {
        "statement_holds": "(NEW.reviewed_at AT TIME ZONE 'UTC')::date BETWEEN s.declared_on AND s.declared_on + 365",
    },
}
PROPOSED = "id kind key content sha256 base_sha256 proposer_id proposed_at reason source replaces_id".split()

# Table, statement, when it is refused, and why; the name of a trigger is made of the table and the place in this list.
RULES = [
    ("proposal", "INSERT", "NEW.status <> 'proposed'", "a proposal begins as proposed"),
    ("proposal", "UPDATE", "OLD.status <> 'proposed'", "a decided proposal is never changed"),
    ("proposal", "UPDATE", changed(*PROPOSED), "what was proposed is never changed"),
    ("proposal", "UPDATE", WITHOUT_STATEMENT, "its reviewer has no current statement of interests"),
    ("proposal", "DELETE", ALWAYS, "a proposal is never deleted"),
    ("entry", "INSERT", AGREED, "an entry says what two people agreed on"),
    ("entry", "UPDATE", AGREED, "an entry says what two people agreed on"),
    ("entry", "INSERT", UNDONE, "what two people agreed on is not undone by loading"),
    ("entry", "UPDATE", UNDONE, "what two people agreed on is not undone by loading"),
    ("entry", "INSERT", SECOND_BASELINE, "there is one baseline, loaded into an empty evidence base"),
    ("entry", "UPDATE", f"NEW.origin = 'baseline' AND {changed('content', 'sha256', 'origin', 'retired_at')}",
     "a baseline is never changed"),
    ("entry", "UPDATE", changed("id", "kind", "key"), "an entry keeps its key"),
    ("entry", "UPDATE", f"NEW.retired_at IS NOT NULL AND {changed('content', 'sha256')}",
     "a retired entry keeps its content"),
    ("entry", "DELETE", ALWAYS, "an entry is retired, and never deleted"),
    ("historicalentry", "UPDATE", ALWAYS, "a former version is never changed"),
    ("historicalentry", "DELETE", ALWAYS, "a former version is never deleted"),
    ("intereststatement", "UPDATE", ALWAYS, "a statement of interests is declared anew, and never changed"),
    ("intereststatement", "DELETE", ALWAYS, "a statement of interests is never deleted"),
    ("event", "UPDATE", ALWAYS, "an event is never changed"),
    ("event", "DELETE", ALWAYS, "an event is never deleted"),
    ("releaseinforce", "INSERT", SECOND_TIME, "a former release is put back in force by two people"),
    ("releaseinforce", "INSERT", "NEW.how <> 'publishing' AND NEW.confirmed_at IS NOT NULL",
     "it is asked for before it is confirmed"),
    ("releaseinforce", "UPDATE", "OLD.confirmed_at IS NOT NULL", "what was confirmed is never changed"),
    ("releaseinforce", "UPDATE", changed("id", "release_id", "how", "reason", "asked_by_id", "asked_at"),
     "what was asked for is never changed"),
    ("releaseinforce", "UPDATE", NEWER_IN_FORCE, "another release came into force since it was asked for"),
    ("releaseinforce", "DELETE", ALWAYS, "what was in force is never deleted"),
]
TRIGGERS = Triggers(
    rules=RULES,
    app="regimens",
    name="{table}_rule_{place}",
    whole="{table}_whole",
    dialect=DIALECT,
    keys={"historicalentry": "history_id"},
)


class Migration(migrations.Migration):
    dependencies = [("regimens", "0003_curation")]
    operations = [migrations.RunPython(TRIGGERS.create, TRIGGERS.drop)]
