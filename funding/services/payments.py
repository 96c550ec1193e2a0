"""Payments: recorded once however often they are sent, and never more than was awarded."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook

from funding.machines import OFFICER
from funding.models import Award, Grant, Payment, Trip
from funding.money import to_major
from funding.permissions import roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.constraints import constraint_of
from funding.services.grants import grants_visible_to
from funding.services.ledger import record
from funding.services.moving import move
from funding.services.people import person_of
from matching.services.table_exports import csv_text, text_cell

if TYPE_CHECKING:
    from konnect.accounts.models import User

PAYABLE = ("accepted", "active", "completed")
TOO_MUCH = Blocker("more_than_awarded", _("That is more than is left of this award."))
NOT_PAYABLE = Blocker("grant_not_payable", _("Nothing is paid to a grant that does not run."))
KEY_USED = Blocker(
    "payment_key_used", _("Another payment was recorded with this form: reload it.")
)
NO_REPORT = Blocker("no_approved_report", _("An instalment follows an approved report."))
NO_TRIP = Blocker("no_trip", _("Say which trip is paid for; it must be one of this grant."))
HEADER = (
    "grant", "project", "funder", "what_for", "trip", "amount", "currency", "paid_on",
    "recorded_at",
)  # fmt: skip


@dataclass(frozen=True)
class Paid:
    """A payment as somebody records it; key: of the form, so that it is recorded once."""

    award: Award
    kind: str
    amount_minor: int
    paid_on: date
    key: UUID
    trip: Trip | None = None


def may_pay(award: Award, user: User) -> bool:
    """Tell whether somebody records payments of an award: officers of programme and funder."""
    return OFFICER in roles_for(award.grant, user) or award.funder.has_officer(user)


def record_payment(paid: Paid, *, actor: User) -> Payment:
    """Record a payment; the same form sent twice records it once.

    Raises:
        PermissionDenied: the actor speaks neither for programme nor for funder.
        RefusedError: it is more than is left, or nothing is to be paid yet.
        TransitionError: the trip is not to be paid.
    """
    if not may_pay(paid.award, actor):
        raise PermissionDenied
    if known := recorded(paid):
        return known
    try:
        return write(paid, actor)
    except IntegrityError as error:
        # Somebody else was faster with the same form, or has used up the award.
        if known := recorded(paid):
            return known
        if constraint_of(error) != "award_not_overpaid":
            raise
        raise RefusedError([TOO_MUCH]) from error


def recorded(paid: Paid) -> Payment | None:
    """Return the payment that was recorded with this key.

    Raises:
        RefusedError: it was another payment.
    """
    known = Payment.objects.filter(key=paid.key).first()
    if known is None:
        return None
    same = (known.award_id, known.trip_id, known.kind, known.amount_minor, known.paid_on)
    trip = paid.trip and paid.trip.pk
    if same != (paid.award.pk, trip, paid.kind, paid.amount_minor, paid.paid_on):
        raise RefusedError([KEY_USED])
    return known


@transaction.atomic
def write(paid: Paid, actor: User) -> Payment:
    """Write one payment, and the trip that it pays."""
    grant = Grant.objects.select_for_update(of=("self",), no_key=True).get(pk=paid.award.grant_id)
    if found := problems_of(grant, paid):
        raise RefusedError(found)
    if paid.trip and is_unpaid(paid.trip):
        move(paid.trip, "pay", actor=actor)
    payment = Payment.objects.create(
        grant=grant, award=paid.award, trip=paid.trip, kind=paid.kind, key=paid.key,
        amount_minor=paid.amount_minor, paid_on=paid.paid_on, recorded_by=actor,
    )  # fmt: skip
    facts = {"award": paid.award.pk, "kind": paid.kind, "amount": paid.amount_minor}
    record(grant, "pay", actor=person_of(actor), after=facts)
    return payment


def is_unpaid(trip: Trip) -> bool:
    """Tell whether a payment is the first of its trip; of several awards each pays its part."""
    return not Trip.objects.filter(pk=trip.pk, state="paid").exists()


def payable_trips(grant: Grant) -> QuerySet[Trip]:
    """Return the trips of a grant that can be paid, also those of which one award has paid."""
    rows = grant.trips.filter(state__in=("report_approved", "paid"))
    return rows.select_related("traveller", "host")


def problems_of(grant: Grant, paid: Paid) -> list[Blocker]:
    """Return what stands against a payment, but for the sum, which the database counts."""
    if grant.state not in PAYABLE:
        return [NOT_PAYABLE]
    if paid.kind == "trip" or paid.trip:
        is_own = paid.trip is not None and paid.trip.grant_id == grant.pk
        return [] if is_own and paid.kind == "trip" else [NO_TRIP]
    wanted = {"report": ("report", "final"), "final": ("final",)}.get(paid.kind)
    if wanted is None:
        return []
    approved = grant.reports_due.filter(kind__in=wanted, state__in=("approved", "published"))
    return [] if approved.exists() else [NO_REPORT]


def rows_for(user: User) -> Iterator[list[str]]:
    """Yield the payments that somebody may read, the oldest first, as text; one query."""
    rows = Payment.objects.filter(grant__in=grants_visible_to(user).values("pk"))
    rows = rows.select_related("award__funder", "grant__decision__application", "trip")
    for row in rows.order_by("paid_on", "pk"):
        funder = row.award.funder
        yield [
            row.grant.reference, str(row.grant.decision.application), str(funder), row.kind,
            str(row.trip_id or ""), format(to_major(row.amount_minor, funder.currency), "f"),
            funder.currency, row.paid_on.isoformat(), row.recorded_at.isoformat(),
        ]  # fmt: skip


def as_csv(user: User) -> str:
    """Return the payments as CSV that spreadsheets read as UTF-8; no cell is a formula."""
    return csv_text((HEADER, *rows_for(user)))


def as_workbook(user: User) -> bytes:
    """Return the payments as a workbook of one sheet, every cell a text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("payments")
    sheet.freeze_panes = "A2"
    for row in (HEADER, *rows_for(user)):
        sheet.append([text_cell(sheet, cell) for cell in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
