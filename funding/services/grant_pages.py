"""What the pages of grants show: money, trips, reports, what can be done, what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funding.machines import FUNDER, GONE, HOST, LEAD, OFFICER, PARTNER, TRAVELLER
from funding.models import Award, Grant, ReportDue, Trip
from funding.months import days_of, months_together
from funding.permissions import roles_for
from funding.services.grant_times import first_day, last_day, today_everywhere
from funding.services.grants import AMENDABLE
from funding.services.guards_grants import RUNNING
from funding.services.moving import moves_for
from funding.services.payments import PAYABLE
from funding.services.report_dates import OPEN_STATES, date_of

if TYPE_CHECKING:
    from konnect.accounts.models import User
    from konnect.states import Stateful

Words = str | Promise
GRANT_WORDS: dict[str, Words] = {
    "start": _("Start the grant"), "suspend": _("Suspend the grant"),
    "resume": _("Resume the grant"), "terminate": _("End the grant early"),
    "complete": _("Complete the grant"), "close": _("Close the grant"),
}  # fmt: skip
TRIP_WORDS: dict[str, Words] = {
    "agree": _("I agree to these days"), "approve": _("Approve the trip"),
    "start": _("The traveller has arrived"), "end": _("The visit is over"),
    "cancel": _("Cancel the trip"), "miss": _("The trip did not take place"),
}  # fmt: skip
# What is noted before somebody travels; as long as nothing is, nobody has said anything.
PAPERS = ("needs_visa", "visa_until", "is_insured", "safety_contact")
DANGEROUS = ("suspend", "terminate", "cancel", "miss")
# The dot that a state has on pages: the end of a class `status-…`.
LOOKS = {
    "offered": "pending", "accepted": "accepted", "active": "running", "suspended": "pending",
    "completed": "published", "planned": "draft", "host_agreed": "pending",
    "approved": "accepted", "started": "running", "cancelled": "declined", "no_show": "declined",
    "declined": "declined", "terminated": "declined", "open": "pending", "draft": "draft",
    "submitted": "pending", "returned": "declined", "published": "published",
}  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """Something that the reader can do with a grant or a trip."""

    event: str
    words: Words
    needs_reason: bool
    is_dangerous: bool


@dataclass(frozen=True)
class Money:
    """What one funder awarded and paid."""

    award: Award
    may_pay: bool

    @property
    def left_minor(self) -> int:
        """What is not paid yet."""
        return self.award.amount_minor - self.award.paid_minor

    @property
    def percent(self) -> int:
        """How much is paid, of a hundred."""
        return 100 * self.award.paid_minor // self.award.amount_minor


@dataclass(frozen=True)
class DueLine:
    """One report in the list of a grant."""

    due: ReportDue
    on: date
    is_overdue: bool

    @property
    def name(self) -> Words:
        """What it is called."""
        if self.due.kind == "follow_up":
            return FOLLOW_UPS[self.due.sequence]
        if self.due.kind == "report":
            return _("Interim report")
        return str(self.due.get_kind_display()).capitalize()


FOLLOW_UPS: dict[int, Words] = {
    1: _("Follow-up after one year"), 3: _("Follow-up after three years"),
    5: _("Follow-up after five years"),
}  # fmt: skip


def offers_for(noun: Stateful, user: User, words: dict[str, Words]) -> list[Offer]:
    """Return what somebody can do with a noun, what is dangerous last."""
    found = [
        Offer(move.event, words[move.event], move.needs_reason, move.event in DANGEROUS)
        for move in moves_for(noun, user)
        if move.event in words
    ]
    return sorted(found, key=lambda each: each.is_dangerous)


def money_of(grant: Grant, user: User) -> list[Money]:
    """Return what each funder gives; two queries."""
    officer = OFFICER in roles_for(grant, user)
    own = set(user.funders.values_list("pk", flat=True))
    rows = grant.awards.select_related("funder").order_by("funder__side", "pk")
    open_now = grant.state in PAYABLE
    return [Money(row, open_now and (officer or row.funder_id in own)) for row in rows]


def lines_of(dues: Iterable[ReportDue]) -> list[DueLine]:
    """Return reports with the date that counts; extensions were fetched with them."""
    today = today_everywhere()
    return [
        DueLine(due, on := date_of(due), due.state in OPEN_STATES and on < today) for due in dues
    ]


def page_of(grant: Grant, user: User) -> dict[str, Any]:
    """Return everything that the page of a grant shows; a fixed number of queries."""
    roles = roles_for(grant, user)
    trips = list(grant.trips.select_related("traveller", "host", "host_organisation"))
    lines = lines_of(grant.reports_due.prefetch_related("extensions"))
    return {
        "grant": grant, "application": grant.decision.application,
        "call": grant.decision.application.call,
        "roles": roles, "is_lead": LEAD in roles,
        "last": last_day(grant.period), "money": money_of(grant, user),
        "payments": grant.payments.select_related("award__funder", "trip__traveller"),
        "trips": trips, "stays": months_in(trips), "reports": lines,
        "offers": offers_for(grant, user, GRANT_WORDS),
        "may_plan": grant.state in RUNNING and bool(roles & {LEAD, PARTNER, TRAVELLER}),
        "may_amend": grant.state in AMENDABLE and OFFICER in roles,
        "next": next_of(grant, roles, lines, trips),
        "people": grant.decision.application.participants.exclude(state__in=GONE)
        .select_related("organisation", "person"),
        "amendments": grant.amendments.all(), "changes": grant.changes.order_by("-changed_at"),
    }  # fmt: skip


def months_in(trips: Iterable[Trip]) -> float:
    """Return how many months the trips take that are not off, as MSCA counts them."""
    stays = [(first_day(trip.period), last_day(trip.period)) for trip in trips if trip.is_live]
    return round(float(months_together(stays)), 2)


def next_of(
    grant: Grant, roles: frozenset[str], lines: Iterable[DueLine], trips: Iterable[Trip]
) -> Words:
    """Return one sentence about what comes next for this reader."""
    if grant.state == "offered":
        return _("Accept the offer or decline it.") if LEAD in roles else _(
            "The lead applicant has to answer the offer."
        )  # fmt: skip
    if grant.state == "accepted":
        return _("The grant starts by itself on its first day, or when the officer starts it.")
    if grant.state == "suspended":
        return _("The grant rests: nothing is paid until it is resumed.")
    if any(line.is_overdue for line in lines):
        return _("A report is overdue: it comes first.")
    if grant.state == "active" and not any(trip.is_live for trip in trips):
        return _("Plan the first trip: it takes four weeks to be approved.")
    waiting = [line for line in lines if line.due.state in OPEN_STATES]
    return _("The next report is listed below with its date.") if waiting else ""


def trip_page_of(trip: Trip, user: User) -> dict[str, Any]:
    """Return everything that the page of a trip shows."""
    roles = roles_for(trip, user)
    signed = trip.host_approved_at if HOST in roles else trip.officer_approved_at
    judges = roles & {HOST, OFFICER}
    last = last_day(trip.period)
    return {
        "trip": trip, "grant": trip.grant, "application": trip.grant.decision.application,
        "roles": roles, "last": last, "days": days_of(first_day(trip.period), last),
        "offers": offers_for(trip, user, TRIP_WORDS),
        "may_change": trip.state in ("planned", "host_agreed", "approved")
        and bool(roles & {LEAD, TRAVELLER}),
        "may_check_in": trip.state in ("approved", "started") and TRAVELLER in roles,
        "may_report": trip.state == "ended" and TRAVELLER in roles,
        "may_sign": trip.state == "reported" and bool(judges) and not signed,
        "may_see_papers": bool(roles & {LEAD, TRAVELLER, OFFICER, HOST}),
        "may_edit_papers": trip.is_live and bool(roles & {LEAD, TRAVELLER}),
        "may_see_report": bool(roles - {FUNDER}) or trip.state in ("report_approved", "paid"),
        "papers_said": any(getattr(trip, name) for name in PAPERS),
        "visa_missing": trip.needs_visa and (trip.visa_until is None or trip.visa_until < last),
        "payments": trip.payments.select_related("award__funder"),
        "changes": trip.changes.order_by("-changed_at"),
        "grant_is_shown": bool(roles - {HOST, TRAVELLER}),
    }  # fmt: skip


def new_key() -> str:
    """Return a key for a form that must be taken once."""
    return str(uuid4())
