"""The one tick for mail about contacts becomes a wish for each kind of news."""

from django.db import migrations

TAKE_OVER = """
    INSERT INTO accounts_notificationpreference (user_id, kind, rhythm, changed_at)
    SELECT person.id, kind, 'off', now()
    FROM accounts_user person CROSS JOIN unnest(ARRAY['contact_request', 'message']) kind
    WHERE NOT person.mails_about_contacts
    ON CONFLICT DO NOTHING
"""
GIVE_BACK = """
    UPDATE accounts_user SET mails_about_contacts = FALSE
    WHERE id IN (
        SELECT user_id FROM accounts_notificationpreference
        WHERE kind = 'contact_request' AND rhythm = 'off'
    )
"""
# Keys are checked at the end of a transaction, and no table changes before that.
CHECK_KEYS = "SET CONSTRAINTS ALL IMMEDIATE"


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0004_digests"),
    ]

    operations = [
        migrations.RunSQL([TAKE_OVER, CHECK_KEYS], [GIVE_BACK, CHECK_KEYS]),
        migrations.RemoveField(model_name="user", name="mails_about_contacts"),
    ]
