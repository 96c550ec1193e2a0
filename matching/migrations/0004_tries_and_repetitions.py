"""Blocks count their tries, runs name what they repeat, and bytes are stored as they come."""

from django.db import migrations, models
from django.db.models import deletion

# Vectors do not shrink, and pieces of them are read from the middle: no compression.
STORAGE = """
ALTER TABLE matching_snapshotchunk ALTER COLUMN data SET STORAGE {kind};
ALTER TABLE matching_matchblock ALTER COLUMN result SET STORAGE {kind};
ALTER TABLE matching_runedit ALTER COLUMN data SET STORAGE {kind};
"""


class Migration(migrations.Migration):

    dependencies = [("matching", "0003_lists_as_they_are")]

    operations = [
        migrations.AddField(
            "matchblock", "tries", models.PositiveSmallIntegerField(default=0)
        ),
        migrations.AddField(
            "matchrun",
            "repeats",
            models.ForeignKey(
                null=True,
                on_delete=deletion.SET_NULL,
                related_name="repetitions",
                to="matching.matchrun",
            ),
        ),
        migrations.RunSQL(
            STORAGE.format(kind="EXTERNAL"), STORAGE.format(kind="EXTENDED")
        ),
    ]
