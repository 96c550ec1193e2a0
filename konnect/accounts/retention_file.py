"""Reading retention.yaml: what is kept, why, for how long, and what an erasure does to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language

PATH = Path(__file__).with_name("retention.yaml")
# What an erasure does to a column.
ERASURES = frozenset({"deleted", "emptied", "pseudonymised", "stays"})
# Shown to nobody: these tables hold nothing of a person.
NOBODY = "nobody"
FACTS = ("purpose", "data", "basis", "kept", "erasure")


@dataclass(frozen=True)
class ForgetRule:
    """Rows that go so many days after the date in a column; `only` are filters of Django."""

    after_days: int
    by: str
    only: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnRule:
    """One column: its category, and what an erasure does to it."""

    category: str
    erasure: str


@dataclass(frozen=True)
class TableRule:
    """One table by its model's label: a rule for every column, and when rows go by themselves."""

    label: str
    columns: Mapping[str, ColumnRule]
    forget: tuple[ForgetRule, ...]


@cache
def read() -> dict[str, Any]:
    """Return the file as it stands."""
    found: dict[str, Any] = yaml.safe_load(PATH.read_text())
    return found


@cache
def tables() -> tuple[TableRule, ...]:
    """Return the rule of every table."""
    return tuple(table_rule(label, facts) for label, facts in read()["tables"].items())


def table_rule(label: str, facts: Mapping[str, Any]) -> TableRule:
    """Return the rule of one table, the columns under `apart` with their own."""
    common = ColumnRule(facts["category"], facts["erasure"])
    apart = {name: ColumnRule(**rule) for name, rule in facts.get("apart", {}).items()}
    columns = dict.fromkeys(facts["columns"].split(), common)
    rules = tuple(ForgetRule(**rule) for rule in facts.get("forget", ()))
    return TableRule(label, columns | apart, rules)


def retention_shown() -> list[dict[str, str]]:
    """Return the categories for the privacy policy, in the reader's language."""
    language = "ko" if get_language() == "ko" else "en"
    return [
        {name: facts[name][language] for name in FACTS}
        for category, facts in read()["categories"].items()
        if category != NOBODY
    ]
