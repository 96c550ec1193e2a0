"""Accounts that are closed or opened: what search knows of the person is emptied at once.

Rows of search stay whole: reading their words from elsewhere takes several times as long.
"""

from django.db import migrations

TRIGGER = """
CREATE FUNCTION matching_search_account_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM matching_search_touch('profile_id', (
        SELECT array_agg(id) FROM matching_profile WHERE user_id = NEW.id), true);
    RETURN NULL;
END $$;
CREATE TRIGGER search_account AFTER UPDATE OF is_active ON accounts_user FOR EACH ROW
    WHEN (OLD.is_active IS DISTINCT FROM NEW.is_active)
    EXECUTE FUNCTION matching_search_account_changed();
"""
DROP_TRIGGER = """
DROP TRIGGER search_account ON accounts_user;
DROP FUNCTION matching_search_account_changed;
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0010_feeds_at_will"), ("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(TRIGGER, DROP_TRIGGER),
        migrations.RunSQL(
            "ALTER TABLE matching_searchentry SET (toast_tuple_target = 8160)",
            "ALTER TABLE matching_searchentry RESET (toast_tuple_target)",
        ),
    ]
