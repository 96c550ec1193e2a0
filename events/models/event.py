"""What is on: events, who helps to run them, and what holds for everybody who comes."""

from __future__ import annotations

from enum import nonmember
from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import Role, RoleGrant, Scope
from konnect.states import StateChange, Stateful, Transitions
from matching.models import Area, Organisation

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User


class EventKind(models.TextChoices):
    """What people come for."""

    MATCHMAKING = "matchmaking", _("Matchmaking event")
    TWINNING = "twinning", _("Twinning event")
    TRAINING = "training", _("Training")
    INFORMATION = "information", _("Information event")


class EventMode(models.TextChoices):
    """Where an event takes place."""

    ON_SITE = "on_site", _("On site")
    ONLINE = "online", _("Online")
    HYBRID = "hybrid", _("On site and online")


class EventState(models.TextChoices):
    """Where an event stands; what the clock says of it is computed (`EventPhase`)."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    CANCELLED = "cancelled", _("Cancelled")
    ARCHIVED = "archived", _("Archived")

    shown_states = nonmember(("published", "cancelled", "archived"))


class EventSeries(models.Model):
    """Events that belong together, one after another."""

    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    title_ko = models.CharField(_("title in Korean"), max_length=200, blank=True)
    created_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("series of events")
        verbose_name_plural = _("series of events")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(title_en="") | ~models.Q(title_ko=""), name="series_has_title"
            ),
        ]

    def __str__(self) -> str:
        return in_reader_language(self.title_en, self.title_ko)


def in_reader_language(english: str, korean: str) -> str:
    """Return the text in the reader's language, else in the other."""
    return (korean or english) if get_language() == "ko" else (english or korean)


class EventQuerySet(models.QuerySet["Event"]):
    """Reads of events."""

    def shown(self) -> EventQuerySet:
        """Return those that everybody may read."""
        return self.filter(state__in=EventState.shown_states)

    def run_by(self, user: User | AnonymousUser, *roles: str) -> EventQuerySet:
        """Return those at which somebody has one of these roles, or any if none is named.

        It is `permissions.may_run` for many events in one query.
        """
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        grants = RoleGrant.objects.filter(user=user, role=Role.EVENT_ORGANISER, scope=Scope.EVENT)
        helped = EventHelper.objects.filter(user=user)
        if roles:
            helped = helped.filter(role__in=(HelperRole.ORGANISER, *roles))
        return self.filter(
            models.Q(pk__in=grants.values("scope_id")) | models.Q(pk__in=helped.values("event_id"))
        )

    def visible_to(self, user: User | AnonymousUser) -> EventQuerySet:
        """Return those that everybody may read, and drafts to those who prepare them."""
        own = models.Q(pk__in=self.model.objects.run_by(user).values("pk"))
        return self.filter(models.Q(state__in=EventState.shown_states) | own)

    def coming(self) -> EventQuerySet:
        """Return the published ones that are not over, the next one first."""
        return self.filter(state=EventState.PUBLISHED, ends_at__gt=Now()).order_by("starts_at")

    def past(self) -> EventQuerySet:
        """Return the ones that are over, the latest first."""
        ended = models.Q(state=EventState.PUBLISHED, ends_at__lte=Now())
        return self.filter(ended | models.Q(state=EventState.ARCHIVED)).order_by("-starts_at")


class Event(Stateful):
    """An occasion to meet, with its windows of time and its rules."""

    TRANSITIONS: ClassVar[Transitions] = {
        EventState.DRAFT: frozenset({EventState.PUBLISHED}),
        EventState.PUBLISHED: frozenset(
            {EventState.DRAFT, EventState.CANCELLED, EventState.ARCHIVED}
        ),
        EventState.CANCELLED: frozenset(),
        EventState.ARCHIVED: frozenset(),
    }

    kind = models.CharField(_("kind"), max_length=12, choices=EventKind)
    mode = models.CharField(_("where"), max_length=8, choices=EventMode)
    state = models.CharField(max_length=10, choices=EventState, default=EventState.DRAFT)
    series = models.ForeignKey(
        EventSeries, models.SET_NULL, null=True, blank=True, related_name="events",
        verbose_name=_("series"),
    )  # fmt: skip
    copied_from = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    title_ko = models.CharField(_("title in Korean"), max_length=200, blank=True)
    # The cover text: two or three sentences in lists, feeds and search engines.
    summary_en = models.TextField(_("summary in English"), max_length=600, blank=True)
    summary_ko = models.TextField(_("summary in Korean"), max_length=600, blank=True)
    description_en = models.TextField(_("description in English"), max_length=10_000, blank=True)
    description_ko = models.TextField(_("description in Korean"), max_length=10_000, blank=True)
    areas = models.ManyToManyField(
        Area, verbose_name=_("areas"), related_name="events", blank=True
    )
    hosts = models.ManyToManyField(
        Organisation, verbose_name=_("organised by"), related_name="events", blank=True
    )
    languages = ArrayField(
        models.CharField(max_length=3),
        verbose_name=_("languages spoken"),
        default=list,
        blank=True,
    )
    contact_email = models.EmailField(_("e-mail for questions"), blank=True)

    venue_en = models.CharField(_("venue in English"), max_length=200, blank=True)
    venue_ko = models.CharField(_("venue in Korean"), max_length=200, blank=True)
    address = models.CharField(_("street and town"), max_length=300, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    country_code = models.CharField(_("country"), max_length=2, blank=True)
    way_en = models.TextField(_("how to get there, in English"), max_length=2000, blank=True)
    way_ko = models.TextField(_("how to get there, in Korean"), max_length=2000, blank=True)

    # The wall time that the organiser meant, in the event's zone, and the instant it was then.
    zone = models.CharField(_("time zone of the event"), max_length=40, default="Europe/Brussels")
    starts_wall = models.CharField(max_length=16)
    ends_wall = models.CharField(max_length=16)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    registration_opens_at = models.DateTimeField(_("registration opens"), null=True, blank=True)
    registration_closes_at = models.DateTimeField(_("registration closes"), null=True, blank=True)
    requests_open_at = models.DateTimeField(_("meeting requests from"), null=True, blank=True)
    requests_close_at = models.DateTimeField(_("meeting requests until"), null=True, blank=True)
    feedback_closes_at = models.DateTimeField(_("feedback until"), null=True, blank=True)

    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)
    needs_approval = models.BooleanField(_("registrations need approval"), default=False)
    has_waiting_list = models.BooleanField(_("waiting list when full"), default=True)
    # 0: whoever moves up is in at once; else the place is offered for so many hours.
    offer_hours = models.PositiveSmallIntegerField(_("hours to take an offered place"), default=0)
    maximum_meetings = models.PositiveSmallIntegerField(_("most meetings a person"), default=12)
    maximum_open_requests = models.PositiveSmallIntegerField(
        _("most unanswered requests a person"), default=20
    )
    days_to_answer = models.PositiveSmallIntegerField(
        _("days to answer a meeting request"), default=7
    )
    # Most events mix the sides; some want everybody to meet anybody.
    allows_same_side = models.BooleanField(_("people of one side may meet too"), default=True)
    slot_minutes = models.PositiveSmallIntegerField(_("minutes a meeting"), default=20)
    gap_minutes = models.PositiveSmallIntegerField(_("minutes between meetings"), default=5)
    # Of the published schedule, 0 for none; publishing compares it, so two cannot publish at once.
    schedule_version = models.PositiveIntegerField(default=0, editable=False)

    cancelled_at = models.DateTimeField(null=True, editable=False)
    cancellation_en = models.TextField(max_length=1000, blank=True)
    cancellation_ko = models.TextField(max_length=1000, blank=True)
    created_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)
    is_invented = models.BooleanField(default=False, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("starts_at", "pk")
        indexes = [models.Index(fields=["state", "starts_at"], name="events_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(title_en="") | ~models.Q(title_ko=""), name="event_has_title"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="event_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(state="cancelled", cancelled_at__isnull=False)
                | (~models.Q(state="cancelled") & models.Q(cancelled_at__isnull=True)),
                name="event_cancelled_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(registration_closes_at__isnull=True)
                | models.Q(registration_opens_at__isnull=True)
                | models.Q(registration_closes_at__gt=models.F("registration_opens_at")),
                name="event_registration_window",
            ),
            models.CheckConstraint(
                condition=models.Q(requests_close_at__isnull=True)
                | models.Q(requests_open_at__isnull=True)
                | models.Q(requests_close_at__gt=models.F("requests_open_at")),
                name="event_request_window",
            ),
            models.CheckConstraint(
                condition=models.Q(slot_minutes__gte=5, slot_minutes__lte=240),
                name="event_slot_minutes",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of the event's page."""
        return reverse("events:event_detail", args=[self.pk])

    @property
    def title(self) -> str:
        """The title in the reader's language, else in the other."""
        return in_reader_language(self.title_en, self.title_ko)

    @property
    def summary(self) -> str:
        """The cover text in the reader's language, else in the other."""
        return in_reader_language(self.summary_en, self.summary_ko)

    @property
    def venue(self) -> str:
        """The venue in the reader's language, else in the other."""
        return in_reader_language(self.venue_en, self.venue_ko)

    @property
    def has_meetings(self) -> bool:
        """Whether people ask each other for meetings here."""
        return self.kind in (EventKind.MATCHMAKING, EventKind.TWINNING)


class EventChange(StateChange):
    """One state change of an event."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="changes")


class HelperRole(models.TextChoices):
    """What somebody may do at one event."""

    ORGANISER = "organiser", _("Organiser: everything")
    PROGRAMME = "programme", _("Programme: texts, agenda, speakers")
    MEETINGS = "meetings", _("Meetings: requests, schedule, announcements")
    DESK = "desk", _("Desk: check-in and badges")


class EventHelper(models.Model):
    """One person's part in running one event."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="helpers")
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="event_help")
    role = models.CharField(_("role"), max_length=10, choices=HelperRole)
    added_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("helper of an event")
        verbose_name_plural = _("helpers of events")
        constraints = [
            models.UniqueConstraint(fields=["event", "user"], name="helper_once_an_event"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    """Reads of announcements."""

    def standing(self) -> AnnouncementQuerySet:
        """Return what was not taken back."""
        return self.filter(taken_back_at=None)


class Announcement(models.Model):
    """Something that an organiser tells everybody who comes."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="announcements")
    text_en = models.TextField(_("text in English"), max_length=1000, blank=True)
    text_ko = models.TextField(_("text in Korean"), max_length=1000, blank=True)
    by_mail = models.BooleanField(_("send it by e-mail too"), default=False)
    made_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    # None until the worker has told everybody.
    told_at = models.DateTimeField(null=True, editable=False)
    # Since then only those who run the event still read it.
    taken_back_at = models.DateTimeField(null=True, editable=False)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ("-made_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(text_en="") | ~models.Q(text_ko=""),
                name="announcement_has_text",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The text in the reader's language, else in the other."""
        return in_reader_language(self.text_en, self.text_ko)
