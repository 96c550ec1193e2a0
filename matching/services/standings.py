"""What countries may claim in programmes: the shipped rules, and reading them as values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from matching.eligibility import Standing
from matching.models import CountryStatus
from matching.regions import side_of

STANDINGS_FILE = Path(__file__).parent.parent / "data" / "standings.json"
KEY = ("programme", "country_code", "kind", "from_year")
WRITTEN = ("side", "until_year", "rule_en", "rule_ko", "source_url")


def load_standings(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Write the shipped standings; what is there already gets the shipped words and years."""
    shipped = json.loads(STANDINGS_FILE.read_text(encoding="utf-8"))
    CountryStatus.objects.using(using).bulk_create(
        [row for rule in shipped["rules"] for row in rows_of(rule, shipped["groups"])],
        update_conflicts=True,
        unique_fields=KEY,
        update_fields=WRITTEN,
    )


def rows_of(rule: dict[str, Any], groups: dict[str, list[str]]) -> Iterator[CountryStatus]:
    """Return one unsaved standing for every country of a rule."""
    named = rule["countries"]
    columns = {name: value for name, value in rule.items() if name != "countries"}
    for code in groups[named] if isinstance(named, str) else named:
        yield CountryStatus(country_code=code, side=side_of(code), **columns)


def standings_of(programme: str, year: int) -> list[Standing]:
    """Return what counts for a programme's calls of a year."""
    return [
        Standing(
            programme=row.programme, country_code=row.country_code, side=row.side, kind=row.kind,
            from_year=row.from_year, until_year=row.until_year, rule_en=row.rule_en,
            rule_ko=row.rule_ko, source_url=row.source_url,
        )
        for row in CountryStatus.objects.in_year(programme, year)
    ]  # fmt: skip
