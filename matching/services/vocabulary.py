"""The areas and topics that the project ships, written into the database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction

from matching.models import Area, Topic

TOPICS_FILE = Path(__file__).parent.parent / "data" / "topics.json"
NAMES = ["name_en", "name_ko"]


def load_vocabulary(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Write the shipped areas and topics; what is there already gets the shipped names."""
    vocabulary = json.loads(TOPICS_FILE.read_text(encoding="utf-8"))
    with transaction.atomic(using=using):
        areas = write_areas(vocabulary, using=using)
        write_topics(vocabulary, areas=areas, using=using)


def write_areas(vocabulary: dict[str, Any], *, using: str) -> dict[str, Area]:
    """Insert or update the areas of one version; return them by code."""
    version = vocabulary["version"]
    Area.objects.using(using).bulk_create(
        [
            Area(version=version, position=position, **row)
            for position, row in enumerate(vocabulary["areas"])
        ],
        update_conflicts=True,
        unique_fields=["version", "code"],
        update_fields=[*NAMES, "position"],
    )
    return {area.code: area for area in Area.objects.using(using).filter(version=version)}


def write_topics(vocabulary: dict[str, Any], *, areas: dict[str, Area], using: str) -> None:
    """Insert or update the topics."""
    Topic.objects.using(using).bulk_create(
        [
            Topic(scheme=vocabulary["scheme"], **{**row, "area": areas[row["area"]]})
            for row in vocabulary["topics"]
        ],
        update_conflicts=True,
        unique_fields=["scheme", "code"],
        update_fields=[*NAMES, "area"],
    )
