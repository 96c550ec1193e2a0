"""Make a table of stand-in people from project texts, to try matching on real texts."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser
from itertools import cycle
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from matching.imports.people import COLUMNS
from matching.models import Organisation, Side
from matching.names import folded

# Every third text goes to a Korean organisation, so that there are two sides to match.
KOREAN_EVERY = 3
RESEARCHING = ["education", "facility"]


class Command(BaseCommand):
    """`manage.py stand_in_profiles PROJECTS.json OUT.csv`; import organisations first."""

    help = "Turn project texts into a CSV of invented people for import_profiles --publish."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the two files."""
        parser.add_argument("projects", type=Path)
        parser.add_argument("table", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write one row a project."""
        projects = json.loads(options["projects"].read_text(encoding="utf-8"))
        rows = stand_ins(projects)
        with options["table"].open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="")
            writer.writeheader()
            writer.writerows(rows)
        self.stdout.write(self.style.SUCCESS(f"{len(rows)} stand-in people written"))


def stand_ins(projects: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the rows, the same ones for the same projects and organisations."""
    by_name = hosts_by_name()
    european, korean = cycle(places(Side.EUROPE)), cycle(places(Side.KOREA))
    rows = []
    for number, project in enumerate(projects, start=1):
        host = by_name.get(folded(text_of(project, "host_institution")))
        if number % KOREAN_EVERY == 0:
            rows.append(stand_in(project, number, next(korean), wish="seeks"))
        else:
            rows.append(stand_in(project, number, host or next(european), wish="offers"))
    return rows


def places(side: str) -> list[str]:
    """Return ROR ids of universities and institutes of one side.

    Raises:
        ValueError: none are held.
    """
    rows = Organisation.objects.active().filter(side=side, types__overlap=RESEARCHING)
    ids = [row for row in rows.order_by("ror_id").values_list("ror_id", flat=True) if row]
    if not ids:
        raise ValueError(f"No organisations of {side}: run import_organisations first.")
    return ids


def hosts_by_name() -> dict[str, str]:
    """Return European organisations by every name that only one of them has."""
    rows = Organisation.objects.active().filter(side=Side.EUROPE, ror_id__isnull=False)
    found: dict[str, str] = {}
    for ror_id, names in rows.values_list("ror_id", "search_text"):
        for name in names.split("\n"):
            found[name] = "" if name in found else str(ror_id)
    return {name: ror_id for name, ror_id in found.items() if ror_id}


def stand_in(project: dict[str, Any], number: int, ror_id: str, *, wish: str) -> dict[str, str]:
    """Return one row: an invented person with a real text at a real organisation."""
    title = " ".join(text_of(project, "title").replace("|", "/").split())
    return {
        "email": f"{project['id'].lower()}@stand-in.example",
        "display_name": f"Stand-in {number}",
        "organisation_ror": ror_id,
        "career_stage": "R4" if "ADG" in text_of(project, "scheme") else "R3",
        "areas": "|".join(project.get("area_proposed") or ["OTHER"]),
        "keywords": title[:80],
        "summary_en": f"{title}. {text_of(project, 'abstract')}"[:4000].replace("\x00", " "),
        wish: title[:200],
        "language": "en",
        "invented": "yes",
    }


def text_of(project: dict[str, Any], name: str) -> str:
    """Return a text of a project; the files write a missing one as NaN."""
    value = project.get(name)
    return value if isinstance(value, str) else ""
