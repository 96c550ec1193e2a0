"""Asking for meetings."""

from __future__ import annotations

from enum import nonmember
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models.functions import Greatest, Least, Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.models.event import Event, EventMode
from events.models.place import Place, Slot
from events.models.registration import Registration
from konnect.states import StateChange, Stateful, Transitions
from matching.models import Organisation
from matching.models.contact import blocks_between

if TYPE_CHECKING:
    from konnect.accounts.models import User


class RequestState(models.TextChoices):
    """Where a request for a meeting stands. It holds no slot: only a schedule does."""

    SENT = "sent", _("waiting for an answer")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")

    live_states = nonmember(("sent", "accepted"))


class Strength(models.IntegerChoices):
    """How much somebody wants a meeting."""

    NICE = 1, _("Would be nice")
    WANTED = 2, _("I want it")
    MUST = 3, _("I must have it")


class DeclineReason(models.TextChoices):
    """Why a request was declined."""

    NO_FIT = "no_fit", _("Our topics do not fit")
    NO_TIME = "no_time", _("I have no time left")
    KNOWN = "known", _("We know each other already")
    COLLEAGUE = "colleague", _("A colleague of mine fits better")
    OTHER = "other", _("Another reason")


class MeetingRequestQuerySet(models.QuerySet["MeetingRequest"]):
    """Reads of requests."""

    def visible_to(self, user: User) -> MeetingRequestQuerySet:
        """Return those that this person sent, received, or was asked to join."""
        return self.filter(pk__in=self.model.objects.of(user)).not_blocked()

    def of(self, user: User) -> models.QuerySet[Any, Any]:
        """Return the numbers of somebody's own requests and of those they were asked to join.

        Three small lists by index: one condition over both sides would join all requests of all
        events with everybody first.
        """
        joined = RequestMember.objects.filter(registration__profile__user=user)
        return (
            self.filter(sender__profile__user=user).order_by().values("pk")
            .union(self.filter(recipient__profile__user=user).order_by().values("pk"),
                   joined.order_by().values("request_id"))
        )  # fmt: skip

    def not_blocked(self) -> MeetingRequestQuerySet:
        """Leave out the requests of two people of whom one blocked the other."""
        return self.exclude(models.Exists(blocks_between("sender__profile", "recipient__profile")))

    def live(self) -> MeetingRequestQuerySet:
        """Return those that wait or were accepted."""
        return self.filter(state__in=RequestState.live_states)

    def awaiting_answer(self) -> MeetingRequestQuerySet:
        """Return those that can still be answered."""
        return self.filter(state=RequestState.SENT, expires_at__gt=Now())

    def overdue(self) -> MeetingRequestQuerySet:
        """Return those that nobody answered in time."""
        return self.filter(state=RequestState.SENT, expires_at__lte=Now())

    def with_people(self) -> MeetingRequestQuerySet:
        """Fetch what a page shows of both sides in the same query."""
        return self.select_related(
            "event", "sender__profile__user", "sender__profile__organisation",
            "recipient__profile__user", "recipient__profile__organisation",
        )  # fmt: skip


class MeetingRequest(Stateful):
    """A wish to meet: of two people, or of several a side. One live request a pair and event."""

    TRANSITIONS: ClassVar[Transitions] = {
        RequestState.SENT: frozenset(
            {RequestState.ACCEPTED, RequestState.DECLINED, RequestState.WITHDRAWN,
             RequestState.EXPIRED}
        ),
        RequestState.ACCEPTED: frozenset({RequestState.WITHDRAWN}),
        RequestState.DECLINED: frozenset(),
        RequestState.WITHDRAWN: frozenset(),
        RequestState.EXPIRED: frozenset(),
    }  # fmt: skip

    event = models.ForeignKey(Event, models.CASCADE, related_name="meeting_requests")
    sender = models.ForeignKey(Registration, models.CASCADE, related_name="requests_sent")
    recipient = models.ForeignKey(Registration, models.CASCADE, related_name="requests_received")
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.SENT)
    message = models.TextField(_("why you want to meet"), max_length=500, blank=True)
    strength = models.PositiveSmallIntegerField(
        _("how much"), choices=Strength, default=Strength.WANTED
    )
    # Of the recipient, given with the answer or with a request of their own.
    answer_strength = models.PositiveSmallIntegerField(choices=Strength, null=True, blank=True)
    is_mutual = models.BooleanField(default=False)
    # Hybrid events: how the two would like to meet; hybrid leaves it to the schedule.
    mode = models.CharField(max_length=8, choices=EventMode, default=EventMode.HYBRID)
    # Set when the two speak for their organisations (twinning), with others at their sides.
    is_organisational = models.BooleanField(default=False)
    # Of organisations: what both want of the meeting; whoever accepts may word it anew.
    purpose = models.TextField(_("purpose"), max_length=500, blank=True)
    # Organisers may add a meeting, and pin it to a time and a place.
    added_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    is_pinned = models.BooleanField(default=False)
    pinned_slot = models.ForeignKey(
        Slot, models.SET_NULL, null=True, blank=True, related_name="pinned_requests"
    )
    pinned_place = models.ForeignKey(
        Place, models.SET_NULL, null=True, blank=True, related_name="pinned_requests"
    )
    # In which organisers do not want it; all of them leave it out of the schedule.
    forbidden_slots = models.ManyToManyField(Slot, related_name="+", blank=True)
    # Must come later than another one of the same event.
    after = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="before"
    )
    decline_reason = models.CharField(max_length=10, choices=DeclineReason, blank=True)
    decline_words = models.CharField(max_length=300, blank=True)
    # In thousandths: the score of the pair in matching when the request was made, for the weight.
    score = models.IntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    objects = MeetingRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting request")
        verbose_name_plural = _("meeting requests")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["event", "state"], name="requests_of_event"),
            models.Index(
                fields=["expires_at"], condition=models.Q(state="sent"), name="requests_open"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "event", Least("sender", "recipient"), Greatest("sender", "recipient"),
                condition=models.Q(state__in=RequestState.live_states),
                name="one_live_meeting_request",
            ),
            models.CheckConstraint(
                condition=~models.Q(sender=models.F("recipient")), name="request_of_two"
            ),
            models.CheckConstraint(
                condition=models.Q(state="sent", answered_at__isnull=True)
                | models.Q(state__in=("accepted", "declined"), answered_at__isnull=False)
                | models.Q(state__in=("withdrawn", "expired")),
                name="request_answer_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(is_pinned=True) | ~models.Q(state__in=("sent",)),
                name="only_settled_requests_are_pinned",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.sender_id} – {self.recipient_id}"

    def get_absolute_url(self) -> str:
        """Return the address of the page about this request."""
        return reverse("events:meeting_request_detail", args=[self.pk])

    def other_side(self, registration: Registration) -> Registration:
        """Return whom this participant meets."""
        return self.recipient if registration.pk == self.sender_id else self.sender


class MeetingRequestChange(StateChange):
    """One state change of a request."""

    request = models.ForeignKey(MeetingRequest, models.CASCADE, related_name="changes")


class RequestMember(models.Model):
    """One more person at a meeting, brought along by one side."""

    request = models.ForeignKey(MeetingRequest, models.CASCADE, related_name="members")
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="joined_requests")
    brought_by = models.ForeignKey(Registration, models.CASCADE, related_name="+")
    # None until the person says yes; a no deletes the row.
    agreed_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("further person at a meeting")
        verbose_name_plural = _("further people at meetings")
        constraints = [
            models.UniqueConstraint(fields=["request", "registration"], name="joined_once"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.registration_id}"


class OrganisationSide(models.Model):
    """For which organisation somebody sits at a meeting of organisations."""

    request = models.ForeignKey(MeetingRequest, models.CASCADE, related_name="sides")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("side of a meeting")
        verbose_name_plural = _("sides of meetings")
        constraints = [
            models.UniqueConstraint(fields=["request", "registration"], name="one_side_each"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.organisation_id}"
