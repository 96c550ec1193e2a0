"""Awards as open data: the 360Giving standard, which registers of grants read.

https://standard.threesixtygiving.org/ ; amounts are decimal numbers of the currency. What was
offered and not taken is no award. People are named only as the one who leads.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from funding.models import Award, Funder, Participant
from funding.money import to_major
from funding.services.grant_times import last_day
from matching.models import Organisation

# The prefix of identifiers; an own one is registered with 360Giving.
PREFIX = "360G-konnect"
TAKEN = ("accepted", "active", "suspended", "completed", "closed", "terminated")


def public_awards() -> QuerySet[Award]:
    """Return the awards of grants that were accepted, the newest first."""
    rows = Award.objects.filter(grant__state__in=TAKEN).order_by("-grant__accepted_at", "pk")
    return rows.select_related(
        "funder__organisation", "grant__decision__application__call__programme"
    ).prefetch_related("grant__decision__application__participants__organisation")


def as_360giving() -> dict[str, Any]:
    """Return all awards as 360Giving JSON; six queries, however many there are."""
    return {
        "version": "1.4", "license": "https://creativecommons.org/licenses/by/4.0/",
        "grants": [grant_of(award) for award in public_awards()],
    }  # fmt: skip


def grant_of(award: Award) -> dict[str, Any]:
    """Return one award: what 360Giving calls a grant is the money of one funder."""
    grant, currency = award.grant, award.funder.currency
    application = grant.decision.application
    call = application.call
    return {
        "id": f"{PREFIX}-{grant.reference}-{award.funder.code}",
        "title": application.title or application.acronym or grant.reference,
        "description": f"{application.title}. {call.programme.name_en}, {call.title_en}.",
        "currency": currency,
        "amountAwarded": number(award.amount_minor, currency),
        "amountDisbursed": number(award.paid_minor, currency),
        "awardDate": moment(grant.accepted_at),
        "url": settings.SITE_URL + call.get_absolute_url(),
        "plannedDates": [planned(grant)],
        "recipientOrganization": recipients(award),
        "fundingOrganization": [funder_of(award.funder)],
        "grantProgramme": [{"code": call.programme.code, "title": call.programme.name_en}],
        "fromOpenCall": "Yes",
    }  # fmt: skip


def planned(grant: Any) -> dict[str, Any]:
    """Return from when to when a grant runs."""
    return {
        "startDate": moment(midnight(grant.period.lower)),
        "endDate": moment(midnight(last_day(grant.period))),
    }


def midnight(day: date) -> datetime:
    """Return the beginning of a day."""
    return datetime.combine(day, time(), UTC)


def moment(at: datetime | None) -> str:
    """Return an instant with its hour.

    The schema wants exactly one of "date-time" and YYYY-MM-DD, and readers that do not look at
    formats find that a plain day is both.
    """
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


def number(minor: int, currency: str) -> int | float:
    """Return an amount as a number of JSON: whole where it is."""
    amount: Decimal = to_major(minor, currency)
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def recipients(award: Award) -> list[dict[str, Any]]:
    """Return who gets the money of a funder: the organisation of its own side, else the lead's."""
    rows = list(award.grant.decision.application.participants.all())
    leading = [row for row in rows if row.role in ("lead", "partner")]
    own = [row for row in leading if row.region == award.funder.side]
    return [recipient(row) for row in (own or leading)[:1]]


def recipient(row: Participant) -> dict[str, Any]:
    """Return the organisation of a participant."""
    if row.organisation is not None:
        return organisation(row.organisation)
    name = row.organisation_unlisted or "–"
    return {"id": f"{PREFIX}-org-{row.application_id}-{row.role}", "name": name}


def organisation(row: Organisation) -> dict[str, Any]:
    """Return an organisation by its ROR where it has one."""
    return {"id": f"ROR-{row.ror_id}" if row.ror_id else f"{PREFIX}-org-{row.pk}",
            "name": row.name_en or row.name}  # fmt: skip


def funder_of(funder: Funder) -> dict[str, Any]:
    """Return who pays."""
    if funder.organisation is not None:
        return organisation(funder.organisation)
    return {"id": f"{PREFIX}-funder-{funder.code}", "name": funder.name_en}
