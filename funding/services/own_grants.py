"""What grants hold of somebody, for the copy of their data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from funding.models import FollowOn, FollowUp, Grant, Output, Payment, Report, ReportDue, Trip
from konnect.accounts.rights import Row, register_export, table

if TYPE_CHECKING:
    from konnect.accounts.models import User


def register_own_grants() -> None:
    """Make one's grants, trips and reports a part of the copy."""
    for name, label, rows, model in PARTS:
        register_export(name, label, rows, models=[f"funding.{model}"])


def grants(user: User) -> list[Row]:
    """Return the grants that the person leads."""
    return table(Grant.objects.filter(decision__application__lead__user=user))


def trips(user: User) -> list[Row]:
    """Return the trips that the person makes or hosts."""
    own = Trip.objects.filter(traveller__user=user) | Trip.objects.filter(host__user=user)
    return table(own)


def payments(user: User) -> list[Row]:
    """Return what was paid to the grants that the person leads."""
    rows = Payment.objects.filter(grant__decision__application__lead__user=user)
    return table(rows, leave_out=["key", "recorded_by"])


def dues(user: User) -> list[Row]:
    """Return which reports the person owes."""
    return table(ReportDue.objects.filter(grant__decision__application__lead__user=user))


def written(user: User) -> list[Row]:
    """Return the reports that the person wrote."""
    return table(Report.objects.filter(saved_by__user=user))


def results(user: User) -> list[Row]:
    """Return the results of the grants that the person leads."""
    return table(Output.objects.filter(grant__decision__application__lead__user=user))


def later(user: User) -> list[Row]:
    """Return later money that grew out of the grants that the person leads."""
    return table(FollowOn.objects.filter(grant__decision__application__lead__user=user))


def judged(user: User) -> list[Row]:
    """Return the marks that the person gave to grants afterwards."""
    return table(FollowUp.objects.filter(judged_by__user=user))


PARTS = (
    ("grants", _("Grants that I lead"), grants, "Grant"),
    ("trips", _("My trips and visits"), trips, "Trip"),
    ("grant_payments", _("Payments to my grants"), payments, "Payment"),
    ("grant_reports", _("Reports that I owe"), dues, "ReportDue"),
    ("grant_report_texts", _("Reports that I wrote"), written, "Report"),
    ("grant_results", _("Results of my grants"), results, "Output"),
    ("grant_follow_ons", _("Later money of my grants"), later, "FollowOn"),
    ("grant_marks", _("Marks that I gave to grants"), judged, "FollowUp"),
)
