"""A release is never changed, whatever writes to the database."""

from django.db import migrations

TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER knowledgerelease_is_immutable BEFORE UPDATE ON regimens_knowledgerelease
        BEGIN SELECT RAISE(ABORT, 'a published release is never changed'); END
        """,
        "DROP TRIGGER knowledgerelease_is_immutable",
    ),
    "postgresql": (
        """
        CREATE FUNCTION knowledgerelease_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'a published release is never changed' USING ERRCODE = 'integrity_constraint_violation';
        END $$;
        CREATE TRIGGER knowledgerelease_is_immutable BEFORE UPDATE ON regimens_knowledgerelease
        FOR EACH ROW EXECUTE FUNCTION knowledgerelease_is_immutable()
        """,
        """
        DROP TRIGGER knowledgerelease_is_immutable ON regimens_knowledgerelease;
        DROP FUNCTION knowledgerelease_is_immutable()
        """,
    ),
}


def create(apps, schema_editor):
    schema_editor.execute(TRIGGERS[schema_editor.connection.vendor][0])


def drop(apps, schema_editor):
    schema_editor.execute(TRIGGERS[schema_editor.connection.vendor][1])


class Migration(migrations.Migration):
    dependencies = [("regimens", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
