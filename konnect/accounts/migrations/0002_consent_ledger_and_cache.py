"""Make the consent ledger append-only, and make the table of the cache.

The cache lives in the database (rate limits must be the same for every web process, and must
not depend on the broker), and Django makes its table by a command of its own.
"""

from django.core.management import call_command
from django.db import migrations

FORBID_CHANGES = """
CREATE FUNCTION accounts_refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('konnect.erasing', true) = 'on' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'The consent ledger is append-only.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER accounts_consent_append_only BEFORE UPDATE OR DELETE ON accounts_consent
    FOR EACH ROW EXECUTE FUNCTION accounts_refuse_consent_change();
"""
ALLOW_CHANGES = """
DROP TRIGGER accounts_consent_append_only ON accounts_consent;
DROP FUNCTION accounts_refuse_consent_change();
"""


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(FORBID_CHANGES, ALLOW_CHANGES),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
