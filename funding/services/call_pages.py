"""What the public page of a call shows, gathered in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from unicodedata import normalize
from zoneinfo import ZoneInfo

from django.utils import timezone

from funding.models import (
    OVER,
    PUBLIC_STATES,
    Application,
    Call,
    CountryStatus,
    FunderCommitment,
    FunderRule,
    Status,
)
from funding.services.drafts import invited_outline
from funding.services.exchange_rates import rates_in_words
from funding.services.full_calls import full_call_of
from matching.countries import country_name

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User


@dataclass(frozen=True)
class Paying:
    """One funder of a call: what it puts in, and its own rules if it has any."""

    commitment: FunderCommitment
    rule: FunderRule | None
    # By what its money is counted where money of several currencies lies together; or ''.
    rate: str


@dataclass(frozen=True)
class Standing:
    """What countries are, on the closing day: a status, and the countries that have it, by name."""

    status: str
    label: str
    part: str
    names: list[str]


def paying_for(call: Call) -> list[Paying]:
    """Return who pays, with their rules; two queries."""
    rules = {rule.funder_id: rule for rule in call.funder_rules.all()}
    rows = list(call.commitments.select_related("funder").order_by("funder__side", "pk"))
    rates = rates_in_words(call, rows)
    return [Paying(row, rules.get(row.funder_id), rates.get(row.pk, "")) for row in rows]


def standings_for(call: Call) -> list[Standing]:
    """Return what countries are on the closing day, as dated rows say; one query."""
    rows = CountryStatus.objects.filter(valid__contains=closing_day(call))
    groups: dict[tuple[str, int], list[CountryStatus]] = {}
    for row in rows.order_by("status", "programme_part", "country_code"):
        groups.setdefault((row.status, row.programme_part), []).append(row)
    order = list(Status.values)
    return [
        Standing(
            status, str(Status(status).label), found[0].get_programme_part_display(),
            sorted((country_name(row.country_code) for row in found), key=in_a_list),
        )
        for (status, _part), found in sorted(
            groups.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
        )
    ]  # fmt: skip


def in_a_list(name: str) -> str:
    """Return by what a name is sorted: letters with marks stand with those that have none."""
    return normalize("NFD", name).casefold()


def closing_day(call: Call) -> date:
    """Return the day that counts for the status of countries: that of the closing, or today."""
    if call.closes_at is None:
        return timezone.localdate()
    if call.closes_wall:
        return date.fromisoformat(call.closes_wall[:10])
    return call.closes_at.astimezone(ZoneInfo(call.zone)).date()


def public_full_call(call: Call) -> Call | None:
    """Return the call for full applications, once everybody may read it."""
    found = full_call_of(call)
    return found if found is not None and found.state in PUBLIC_STATES else None


def is_invited(call: Call, user: User | AnonymousUser) -> bool:
    """Tell whether somebody may apply: to a second step only those whose outline was invited."""
    if call.outline_call_id is None:
        return True
    return user.is_authenticated and invited_outline(call, user) is not None


def own_application(call: Call, user: User | AnonymousUser) -> Application | None:
    """Return the reader's own live application to a call, whatever they are in it."""
    if not user.is_authenticated:
        return None
    mine = Application.objects.filter(call=call).exclude(state__in=OVER)
    led = mine.filter(lead__user=user).first()
    joined = mine.filter(participants__person__user=user).exclude(participants__state="declined")
    return led or joined.first()
