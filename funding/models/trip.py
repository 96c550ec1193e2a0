"""Trips, and money that was paid."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.models import OneRow
from funding.machines import transitions
from funding.models.grant import Award, Grant
from funding.models.people import Person
from konnect.states import StateChange, Stateful, Transitions
from matching.models import Organisation, Side


class TripState(models.TextChoices):
    """Where a trip stands."""

    PLANNED = "planned", _("Planned")
    HOST_AGREED = "host_agreed", _("Host agreed")
    APPROVED = "approved", _("Approved")
    STARTED = "started", _("Under way")
    ENDED = "ended", _("Over")
    REPORTED = "reported", _("Reported")
    REPORT_APPROVED = "report_approved", _("Report approved")
    PAID = "paid", _("Paid")
    CANCELLED = "cancelled", _("Cancelled")
    NO_SHOW = "no_show", _("Did not take place")


class Trip(Stateful):
    """One stay of one traveller at a host of the other region; days count inclusively."""

    TRANSITIONS: ClassVar[Transitions] = transitions("trip")

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="trips")
    # The grant's period: a composite key makes it follow, a check keeps the trip inside.
    grant_period = DateRangeField()
    traveller = models.ForeignKey(Person, models.PROTECT, related_name="trips")
    host = models.ForeignKey(Person, models.PROTECT, null=True, related_name="hosted_trips")
    home_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    host_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    home_region = models.CharField(max_length=10, choices=Side.choices)
    host_region = models.CharField(max_length=10, choices=Side.choices)
    state = models.CharField(max_length=15, choices=TripState, default=TripState.PLANNED)
    period = DateRangeField(_("first and last day"))
    days = models.GeneratedField(
        expression=models.Func(
            models.F("period"),
            template="(upper(%(expressions)s) - lower(%(expressions)s))",
        ),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    # Until it is cancelled, or did not take place.
    is_live = models.BooleanField(default=True)
    purpose = models.TextField(_("purpose"), max_length=2000, blank=True)
    needs_visa = models.BooleanField(_("needs a visa"), default=False)
    visa_until = models.DateField(_("visa valid until"), null=True, blank=True)
    is_insured = models.BooleanField(_("insured"), default=False)
    safety_contact = models.CharField(_("whom to call if something happens"), max_length=200,
                                      blank=True)  # fmt: skip
    safe_at = models.DateTimeField(_("last said to be well"), null=True, editable=False)
    host_approved_at = models.DateTimeField(null=True)
    officer_approved_at = models.DateTimeField(null=True)
    report = models.TextField(_("report of the trip"), max_length=8000, blank=True)
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("trip")
        verbose_name_plural = _("trips")
        ordering = ("period", "pk")
        constraints = [
            ExclusionConstraint(
                name="one_trip_at_a_time",
                expressions=[
                    (OneRow("traveller"), RangeOperators.OVERLAPS),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(is_live=True),
            ),
            models.CheckConstraint(
                condition=~models.Q(home_region=models.F("host_region")),
                name="trip_between_two_regions",
            ),
            models.CheckConstraint(
                condition=models.Q(period__contained_by=models.F("grant_period")),
                name="trip_within_the_grant",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("cancelled", "no_show"), is_live=False)
                | (~models.Q(state__in=("cancelled", "no_show")) & models.Q(is_live=True)),
                name="trip_live_unless_off",
            ),
            models.CheckConstraint(
                condition=models.Q(period__isempty=False), name="trip_takes_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id}: {self.period}"

    def get_absolute_url(self) -> str:
        """Return the address of the page about this trip."""
        return reverse("funding:trip_detail", args=[self.pk])


class TripChange(StateChange):
    """One state change of a trip."""

    trip = models.ForeignKey(Trip, models.CASCADE, related_name="changes")


class Payment(models.Model):
    """Money that a funder paid; a trigger adds it to the award, which refuses too much."""

    class Kind(models.TextChoices):
        """What is paid."""

        START = "start", _("first instalment")
        TRIP = "trip", _("for a trip")
        REPORT = "report", _("on an approved report")
        FINAL = "final", _("last instalment")

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="payments")
    award = models.ForeignKey(Award, models.PROTECT, related_name="payments")
    trip = models.ForeignKey(Trip, models.PROTECT, null=True, blank=True, related_name="payments")
    kind = models.CharField(_("what for"), max_length=6, choices=Kind)
    amount_minor = models.BigIntegerField(_("amount"))
    paid_on = models.DateField(_("paid on"))
    # Asked for twice with the same key, it is paid once.
    key = models.UUIDField(default=uuid4, unique=True)
    recorded_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ("paid_on", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="payment_is_money"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="trip") | models.Q(trip__isnull=False),
                name="payment_for_a_trip_names_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.award_id}: {self.amount_minor}"
