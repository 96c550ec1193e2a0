"""Keep the numbers of lists as they are: compressing them takes ten times as long as writing."""

from django.db import migrations

ARRAYS = ("partner_ids", "scores", "parts", "evidence", "pool_ids", "pool_scores")


def storage(kind: str) -> str:
    """Return the statement that tells PostgreSQL how to keep the arrays of lists."""
    columns = ", ".join(f"ALTER COLUMN {name} SET STORAGE {kind}" for name in ARRAYS)
    return f"ALTER TABLE matching_suggestionlist {columns}"


class Migration(migrations.Migration):
    dependencies = [("matching", "0002_blocks_and_evidence")]

    operations = [migrations.RunSQL(storage("EXTERNAL"), storage("EXTENDED"))]
