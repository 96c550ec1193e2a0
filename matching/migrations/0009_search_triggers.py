"""Rows of search that are emptied by whatever changes the thing that they are made from.

A change that may hide something empties the row in the same transaction: texts, visibility, state,
deleted works. What can only add, or changes by the thousand (names of organisations), marks the
row: it stays as it is until the worker has made it anew.
"""

import pgvector.django.indexes
from django.db import migrations, models

FUNCTIONS = """
-- Empty or mark the rows of some things; `things` is the column that names them.
CREATE FUNCTION matching_search_touch(things text, ids bigint[], is_emptied boolean)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF ids IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'UPDATE matching_searchentry SET scheme = 0, changes = changes + 1 %s WHERE %I = ANY ($1)',
        CASE WHEN is_emptied THEN
            ', words = '''', texts = '''', meaning = NULL, embedder = '''', facets = ''{}'''
        ELSE '' END, things) USING ids;
END $$;

-- Arguments: kind, column, audiences...
CREATE FUNCTION matching_search_make() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO matching_searchentry (kind, audience, %I, words, texts, embedder, facets,'
        ' sort_en, sort_ko) SELECT $1, audience, new_rows.id, '''', '''', '''', ''{}'', '''', '''''
        ' FROM new_rows, unnest($2) audience', TG_ARGV[1])
    USING TG_ARGV[0], TG_ARGV[2:];
    IF TG_ARGV[0] = 'listings' THEN
        EXECUTE 'SELECT matching_search_touch(''profile_id'', array_agg(profile_id), false)'
            ' FROM new_rows';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION matching_search_profile_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    quiet text[] := '{updated_at,matching_changed_at,confirmed_at,search_names,search_members,'
        'search_public}';
    changed bigint[];
    confirmed bigint[];
BEGIN
    SELECT array_agg(new_rows.id) INTO changed FROM new_rows JOIN old_rows USING (id)
        WHERE to_jsonb(new_rows) - quiet IS DISTINCT FROM to_jsonb(old_rows) - quiet;
    PERFORM matching_search_touch('profile_id', changed, true);
    PERFORM matching_search_touch('listing_id', (
        SELECT array_agg(id) FROM matching_listing WHERE profile_id = ANY (changed)), true);
    SELECT array_agg(new_rows.id) INTO confirmed FROM new_rows JOIN old_rows USING (id)
        WHERE new_rows.confirmed_at IS DISTINCT FROM old_rows.confirmed_at
        AND new_rows.id <> ALL (coalesce(changed, '{}'));
    PERFORM matching_search_touch('profile_id', confirmed, false);
    RETURN NULL;
END $$;

CREATE FUNCTION matching_search_listing_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
    authors bigint[];
BEGIN
    SELECT array_agg(new_rows.id), array_agg(new_rows.profile_id) || array_agg(old_rows.profile_id)
        INTO changed, authors FROM new_rows JOIN old_rows USING (id)
        WHERE to_jsonb(new_rows) - 'updated_at' IS DISTINCT FROM to_jsonb(old_rows) - 'updated_at';
    PERFORM matching_search_touch('listing_id', changed, true);
    PERFORM matching_search_touch('profile_id', authors, true);
    RETURN NULL;
END $$;

CREATE FUNCTION matching_search_listing_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM matching_search_touch('profile_id', (SELECT array_agg(profile_id) FROM old_rows), true);
    RETURN NULL;
END $$;

CREATE FUNCTION matching_search_organisation_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    SELECT array_agg(new_rows.id) INTO changed FROM new_rows JOIN old_rows USING (id)
        WHERE to_jsonb(new_rows) IS DISTINCT FROM to_jsonb(old_rows);
    PERFORM matching_search_touch('organisation_id', changed, false);
    PERFORM matching_search_touch('profile_id', (
        SELECT array_agg(id) FROM matching_profile WHERE organisation_id = ANY (changed)), false);
    PERFORM matching_search_touch('listing_id', (
        SELECT array_agg(id) FROM matching_listing WHERE organisation_id = ANY (changed)
        OR profile_id IN (SELECT id FROM matching_profile WHERE organisation_id = ANY (changed))
        ), false);
    RETURN NULL;
END $$;

-- A part of a thing: works, topics, what a partner search says. Argument: the thing's column.
CREATE FUNCTION matching_search_part_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT matching_search_touch(%1$L, array_agg(%1$I), false) FROM new_rows',
        TG_ARGV[0]);
    RETURN NULL;
END $$;

CREATE FUNCTION matching_search_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT matching_search_touch(%1$L, array_agg(%1$I), true) FROM old_rows',
        TG_ARGV[0]);
    EXECUTE format('SELECT matching_search_touch(%1$L, array_agg(%1$I), true) FROM new_rows',
        TG_ARGV[0]);
    RETURN NULL;
END $$;

CREATE FUNCTION matching_search_part_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT matching_search_touch(%1$L, array_agg(%1$I), true) FROM old_rows',
        TG_ARGV[0]);
    RETURN NULL;
END $$;

-- The vectors of halves belong into the row: reading them from elsewhere doubles an exact scan.
ALTER TABLE matching_searchentry ALTER COLUMN meaning SET STORAGE PLAIN;
"""
DROP_FUNCTIONS = """
DROP FUNCTION matching_search_part_deleted, matching_search_part_changed,
    matching_search_part_added, matching_search_organisation_changed,
    matching_search_listing_deleted, matching_search_listing_changed,
    matching_search_profile_changed, matching_search_make, matching_search_touch;
"""
OLD, NEW = "OLD TABLE AS old_rows", "NEW TABLE AS new_rows"
ROWS = {"INSERT": NEW, "UPDATE": f"{OLD} {NEW}", "DELETE": OLD}
TRIGGERS = (
    ("matching_profile", "INSERT", "make('people', 'profile_id', 'member', 'public')"),
    ("matching_profile", "UPDATE", "profile_changed()"),
    ("matching_organisation", "INSERT", "make('organisations', 'organisation_id', 'public')"),
    ("matching_organisation", "UPDATE", "organisation_changed()"),
    ("matching_listing", "INSERT", "make('listings', 'listing_id', 'public')"),
    ("matching_listing", "UPDATE", "listing_changed()"),
    ("matching_listing", "DELETE", "listing_deleted()"),
)
PARTS = (
    ("matching_work", "profile_id"),
    ("matching_profileproject", "profile_id"),
    ("matching_profile_areas", "profile_id"),
    ("matching_profile_topics", "profile_id"),
    ("matching_partnersearch", "listing_id"),
    ("matching_listing_areas", "listing_id"),
    ("matching_listing_topics", "listing_id"),
)
PART_EVENTS = {"INSERT": "part_added", "UPDATE": "part_changed", "DELETE": "part_deleted"}
# What is there already gets its rows here.
FIRST_ROWS = """
DELETE FROM matching_searchentry;
INSERT INTO matching_searchentry (kind, audience, profile_id, words, embedder, facets, texts,
    sort_en, sort_ko)
    SELECT 'people', audience, id, '', '', '{}', '', '', ''
    FROM matching_profile, unnest('{member,public}'::text[]) audience;
INSERT INTO matching_searchentry (kind, audience, organisation_id, words, embedder, facets, texts,
    sort_en, sort_ko)
    SELECT 'organisations', 'public', id, '', '', '{}', '', '', '' FROM matching_organisation;
INSERT INTO matching_searchentry (kind, audience, listing_id, words, embedder, facets, texts,
    sort_en, sort_ko)
    SELECT 'listings', 'public', id, '', '', '{}', '', '', '' FROM matching_listing;
"""


def trigger(table: str, event: str, call: str) -> migrations.RunSQL:
    """Return the operation that lets a change of a table call a function."""
    name = f"search_{event.lower()}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {ROWS[event]}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION matching_search_{call}",
        f"DROP TRIGGER {name} ON {table}",
    )


def triggers() -> list[migrations.RunSQL]:
    """Return the operations of all triggers."""
    parts = [
        (table, event, f"{function}('{column}')")
        for table, column in PARTS
        for event, function in PART_EVENTS.items()
    ]
    return [trigger(*each) for each in (*TRIGGERS, *parts)]


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0008_contacts_outlive_a_side"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="searchentry",
            name="text_hash",
        ),
        migrations.AddField(
            model_name="searchentry",
            name="appeared_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="searchentry",
            name="changes",
            field=models.IntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="searchentry",
            name="scheme",
            field=models.SmallIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="searchentry",
            name="sort_en",
            field=models.CharField(blank=True, db_collation="C", max_length=100),
        ),
        migrations.AddField(
            model_name="searchentry",
            name="sort_ko",
            field=models.CharField(blank=True, db_collation="C", max_length=100),
        ),
        migrations.AddField(
            model_name="searchentry",
            name="texts",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(fields=["scheme"], name="search_entry_scheme"),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(fields=["embedder"], name="search_entry_embedder"),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(
                models.F("kind"),
                models.F("audience"),
                models.OrderBy(models.F("freshness"), descending=True, nulls_last=True),
                models.F("id"),
                name="search_entry_freshness",
            ),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(
                models.F("kind"),
                models.F("audience"),
                models.OrderBy(models.F("appeared_at"), descending=True, nulls_last=True),
                models.F("id"),
                name="search_entry_appeared",
            ),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(
                fields=["kind", "audience", "sort_en", "id"], name="search_entry_english"
            ),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(
                fields=["kind", "audience", "sort_ko", "id"], name="search_entry_korean"
            ),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=pgvector.django.indexes.HnswIndex(
                condition=models.Q(("audience", "member"), ("kind", "people")),
                fields=["meaning"],
                name="search_entry_people_member",
                opclasses=["halfvec_ip_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=pgvector.django.indexes.HnswIndex(
                condition=models.Q(("audience", "public"), ("kind", "people")),
                fields=["meaning"],
                name="search_entry_people_public",
                opclasses=["halfvec_ip_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=pgvector.django.indexes.HnswIndex(
                condition=models.Q(("audience", "public"), ("kind", "organisations")),
                fields=["meaning"],
                name="search_entry_organi_public",
                opclasses=["halfvec_ip_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=pgvector.django.indexes.HnswIndex(
                condition=models.Q(("audience", "public"), ("kind", "listings")),
                fields=["meaning"],
                name="search_entry_listin_public",
                opclasses=["halfvec_ip_ops"],
            ),
        ),
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        *triggers(),
        migrations.RunSQL(FIRST_ROWS, migrations.RunSQL.noop),
    ]
