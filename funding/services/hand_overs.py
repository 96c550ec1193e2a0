"""What the next officer of a programme needs: its calls, what waits in each, who has a say, why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from funding.models import Call, FunderOfficer, Person, Programme
from funding.phases import with_clock
from funding.services.control_room import Offer, offers_for
from funding.services.decision_log import Entry, Log, name_of
from konnect.accounts.models import Role, RoleGrant, Scope
from matching.services.table_exports import csv_text

if TYPE_CHECKING:
    from konnect.accounts.models import User

OVER = ("closed_out", "cancelled")
COLUMNS = ("when", "call", "application", "title", "what", "reason", "who")


@dataclass(frozen=True)
class Standing:
    """A call, and what its officer can do next."""

    call: Call
    offers: list[Offer]


@dataclass(frozen=True)
class HandOver:
    """A programme as its officer hands it over."""

    programme: Programme
    standings: list[Standing]
    over: list[Call]
    officers: list[str]
    # Funders and who speaks for them.
    funders: list[tuple[str, list[str]]]
    entries: list[Entry]


def hand_over_of(programme: Programme, user: User) -> HandOver:
    """Return everything; the queries grow with the calls that are not over, not with the log."""
    calls = calls_of(programme)
    going_on = [call for call in calls if call.state not in OVER]
    return HandOver(
        programme, [Standing(call, ways_on(call, user)) for call in going_on],
        [call for call in calls if call.state in OVER], officers_of(programme),
        funders_of(calls), Log(calls, user).entries(),
    )  # fmt: skip


def calls_of(programme: Programme) -> list[Call]:
    """Return the calls of a programme, the newest first."""
    return list(with_clock(Call.objects.filter(programme=programme)).order_by("-closes_at", "-pk"))


def ways_on(call: Call, user: User) -> list[Offer]:
    """Return what can be done next with a call; taking it back or cancelling is no way on."""
    return [each for each in offers_for(call, user) if not each.is_dangerous]


def officers_of(programme: Programme) -> list[str]:
    """Return the names of a programme's officers, those of all programmes among them."""
    grants = RoleGrant.objects.filter(role=Role.PROGRAMME_OFFICER)
    own = Q(scope=Scope.PROGRAMME, scope_id=programme.pk) | Q(scope=Scope.PORTAL)
    people = Person.objects.filter(user__in=grants.filter(own).values("user")).exclude(name="")
    return list(people.order_by("name").values_list("name", flat=True))


def funders_of(calls: Iterable[Call]) -> list[tuple[str, list[str]]]:
    """Return the funders of some calls, with those who speak for them."""
    rows = FunderOfficer.objects.filter(funder__commitments__call__in=calls).distinct()
    speaking: dict[str, list[str]] = {}
    people = rows.select_related("funder", "user__funding_person")
    for row in people.order_by("funder__side", "funder__pk", "pk"):
        speaking.setdefault(str(row.funder), []).append(name_of(row.user))
    return [(funder, [name for name in names if name]) for funder, names in speaking.items()]


def as_csv(entries: Iterable[Entry]) -> bytes:
    """Return a log as CSV that spreadsheets read as UTF-8; no cell is a formula."""
    return csv_text((COLUMNS, *map(cells_of, entries))).encode()


def cells_of(entry: Entry) -> tuple[str, ...]:
    """Return one entry's cells, in the order of the columns."""
    application = entry.application
    return (
        entry.at.isoformat(timespec="seconds"), entry.call.number,
        str(application.number or "") if application else "",
        str(application) if application else "", str(entry.what), entry.reason, entry.who,
    )  # fmt: skip
