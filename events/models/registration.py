"""Who comes to an event, with what wishes and at which times."""

from __future__ import annotations

from enum import nonmember
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from events.models.event import Event, EventMode, in_reader_language
from events.models.place import Slot
from konnect.states import StateChange, Stateful, Transitions
from matching.models import Listing, ListingKind, Profile

if TYPE_CHECKING:
    from konnect.accounts.models import User


class RegistrationState(models.TextChoices):
    """Where a registration stands; being there is no state but a row (`CheckIn`)."""

    PENDING = "pending", _("waiting for approval")
    WAITING = "waiting", _("on the waiting list")
    OFFERED = "offered", _("place offered")
    CONFIRMED = "confirmed", _("confirmed")
    DECLINED = "declined", _("not accepted")
    WITHDRAWN = "withdrawn", _("withdrawn")

    live_states = nonmember(("pending", "waiting", "offered", "confirmed"))
    # Those that take one of the event's places.
    seated_states = nonmember(("offered", "confirmed"))


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Reads of registrations."""

    def live(self) -> RegistrationQuerySet:
        """Return those that were neither declined nor withdrawn."""
        return self.filter(state__in=RegistrationState.live_states)

    def confirmed(self) -> RegistrationQuerySet:
        """Return those who take part."""
        return self.filter(state=RegistrationState.CONFIRMED)

    def seated(self) -> RegistrationQuerySet:
        """Return those who have a place, taken or offered."""
        return self.filter(state__in=RegistrationState.seated_states)

    def waiting(self) -> RegistrationQuerySet:
        """Return the waiting list in its order."""
        return self.filter(state=RegistrationState.WAITING).order_by("entered_list_at", "pk")

    def of(self, user: User) -> RegistrationQuerySet:
        """Return those of one person."""
        return self.filter(profile__user=user)

    def listed(self) -> RegistrationQuerySet:
        """Return the participants who agreed to stand in the list."""
        return self.confirmed().filter(is_listed=True)

    def with_people(self) -> RegistrationQuerySet:
        """Fetch along what a line about a participant shows."""
        return self.select_related("profile__user", "profile__organisation")


class Registration(Stateful):
    """One person at one event. There is one live registration a person and event."""

    TRANSITIONS: ClassVar[Transitions] = {
        RegistrationState.PENDING: frozenset(
            {RegistrationState.CONFIRMED, RegistrationState.WAITING, RegistrationState.DECLINED,
             RegistrationState.WITHDRAWN}
        ),
        # Decisions can be taken back for some minutes: then one waits for approval again.
        RegistrationState.WAITING: frozenset(
            {RegistrationState.OFFERED, RegistrationState.CONFIRMED, RegistrationState.DECLINED,
             RegistrationState.WITHDRAWN, RegistrationState.PENDING}
        ),
        RegistrationState.OFFERED: frozenset(
            {RegistrationState.CONFIRMED, RegistrationState.WAITING, RegistrationState.DECLINED,
             RegistrationState.WITHDRAWN}
        ),
        RegistrationState.CONFIRMED: frozenset(
            {RegistrationState.DECLINED, RegistrationState.WITHDRAWN, RegistrationState.PENDING}
        ),
        RegistrationState.DECLINED: frozenset({RegistrationState.PENDING}),
        RegistrationState.WITHDRAWN: frozenset(),
    }  # fmt: skip

    event = models.ForeignKey(Event, models.CASCADE, related_name="registrations")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="registrations")
    state = models.CharField(max_length=10, choices=RegistrationState)
    # How this person takes part; single slots may differ (`Availability`).
    mode = models.CharField(_("I take part"), max_length=8, choices=EventMode)
    # Consent to stand in the list of participants; without it only organisers see the name.
    is_listed = models.BooleanField(_("show me in the list of participants"), default=False)
    wants_meetings = models.BooleanField(_("I want to meet people"), default=True)
    # In which the person thinks of the event; times are shown in it.
    zone = models.CharField(_("my time zone"), max_length=40)
    maximum_meetings = models.PositiveSmallIntegerField(_("most meetings"), null=True, blank=True)
    note = models.TextField(_("what organisers should know"), max_length=1000, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)
    # Of the waiting list: places go by the time of entry, then by number.
    entered_list_at = models.DateTimeField(null=True, editable=False)
    offer_expires_at = models.DateTimeField(null=True, editable=False)
    # Opens the check-in of this registration, printed as a QR code.
    ticket = models.CharField(max_length=43, unique=True, editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ("created_at", "pk")
        indexes = [
            models.Index(
                fields=["event", "state", "entered_list_at"], name="registrations_in_order"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "profile"],
                condition=models.Q(state__in=RegistrationState.live_states),
                name="one_live_registration",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="waiting") | models.Q(entered_list_at__isnull=False),
                name="waiting_has_entry",
            ),
            models.CheckConstraint(
                condition=models.Q(state="offered", offer_expires_at__isnull=False)
                | (~models.Q(state="offered") & models.Q(offer_expires_at__isnull=True)),
                name="offer_has_end",
            ),
        ]

    def __str__(self) -> str:
        return str(self.profile)

    @property
    def limit(self) -> int:
        """Most meetings that this person holds."""
        most = self.event.maximum_meetings
        return most if self.maximum_meetings is None else min(most, self.maximum_meetings)


class RegistrationChange(StateChange):
    """One state change of a registration."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="changes")


class QuestionKind(models.TextChoices):
    """How a question of the form is answered."""

    LINE = "line", _("One line of text")
    TEXT = "text", _("Several lines of text")
    CHOICE = "choice", _("One of several")
    CHOICES = "choices", _("Some of several")
    YES_NO = "yes_no", _("Yes or no")


class Question(models.Model):
    """A question that an organiser adds to the form of registration."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="questions")
    kind = models.CharField(_("kind"), max_length=8, choices=QuestionKind)
    text_en = models.CharField(_("question in English"), max_length=300, blank=True)
    text_ko = models.CharField(_("question in Korean"), max_length=300, blank=True)
    # Of choices: pairs of an English and a Korean text; answers keep the place in this list.
    options = models.JSONField(default=list, blank=True)
    is_required = models.BooleanField(_("must be answered"), default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("question of a form")
        verbose_name_plural = _("questions of forms")
        ordering = ("position", "pk")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(text_en="") | ~models.Q(text_ko=""), name="question_has_text"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The question in the reader's language, else in the other."""
        return in_reader_language(self.text_en, self.text_ko)


class Answer(models.Model):
    """What one person answered to one question."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.CASCADE, related_name="answers")
    value = models.JSONField()

    class Meta:
        verbose_name = _("answer of a form")
        verbose_name_plural = _("answers of forms")
        constraints = [
            models.UniqueConstraint(fields=["registration", "question"], name="answered_once"),
        ]

    def __str__(self) -> str:
        return str(self.value)


class Intent(models.Model):
    """What a participant offers or seeks at this event; taken from the profile, then their own."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="intents")
    kind = models.CharField(_("kind"), max_length=10, choices=ListingKind)
    text_en = models.CharField(_("in English"), max_length=300, blank=True)
    text_ko = models.CharField(_("in Korean"), max_length=300, blank=True)
    listing = models.ForeignKey(Listing, models.SET_NULL, null=True, blank=True, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("intent")
        verbose_name_plural = _("intents")
        ordering = ("kind", "position", "pk")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(text_en="") | ~models.Q(text_ko=""), name="intent_has_text"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The text in the reader's language, else in the other."""
        return in_reader_language(self.text_en, self.text_ko)


class Availability(models.Model):
    """How a participant can meet in one slot; no row means as the registration says."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="availabilities")
    slot = models.ForeignKey(Slot, models.CASCADE, related_name="availabilities")
    # Bits of events.scheduling.problem: 1 on site, 2 online, 0 not at all.
    modes = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("availability")
        verbose_name_plural = _("availabilities")
        constraints = [
            models.UniqueConstraint(fields=["registration", "slot"], name="available_once_a_slot"),
            models.CheckConstraint(condition=models.Q(modes__lte=3), name="availability_modes"),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id}: {self.slot_id}"


class Direction(models.TextChoices):
    """Coming or going."""

    IN = "in", _("came")
    OUT = "out", _("left")


class CheckIn(models.Model):
    """Somebody was seen at the desk; several times a person."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="check_ins")
    direction = models.CharField(max_length=3, choices=Direction, default=Direction.IN)
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.registration_id}: {self.direction} {self.at}"
