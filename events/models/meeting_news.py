"""What is said around a meeting: feedback, lateness, calendars."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from events.models.meeting import Meeting
from events.models.registration import Registration
from matching.models import ContactRequest, Listing, Profile


class NextStep(models.TextChoices):
    """What two people want to do after a meeting."""

    NONE = "none", _("Nothing further")
    CONTACT = "contact", _("Stay in touch")
    LISTING = "listing", _("Follow up an offer or request")
    PROPOSAL = "proposal", _("Apply for money together")
    TWINNING = "twinning", _("Bring our organisations together")
    VISIT = "visit", _("Visit each other")


class MeetingFeedback(models.Model):
    """What one person says of a meeting; the other one does not read it."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="feedback")
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="feedback")
    took_place = models.BooleanField(_("the meeting took place"), default=True)
    # 1 not at all to 5 very; none when it did not take place.
    usefulness = models.PositiveSmallIntegerField(_("how useful it was"), null=True, blank=True)
    next_step = models.CharField(_("what comes next"), max_length=10, choices=NextStep, blank=True)
    words = models.TextField(_("anything else for the organisers"), max_length=1000, blank=True)
    # What came of it: filled when it does.
    contact_request = models.ForeignKey(
        ContactRequest, models.SET_NULL, null=True, related_name="+"
    )
    listing = models.ForeignKey(Listing, models.SET_NULL, null=True, related_name="+")
    given_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("feedback on a meeting")
        verbose_name_plural = _("feedback on meetings")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "registration"], name="one_feedback_each"),
            models.CheckConstraint(
                condition=models.Q(usefulness__isnull=True)
                | models.Q(usefulness__gte=1, usefulness__lte=5),
                name="usefulness_of_five",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.registration_id}"


class LateNotice(models.Model):
    """Somebody says that they will be late for a meeting."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="late_notices")
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="+")
    minutes = models.PositiveSmallIntegerField(_("minutes late"))
    told_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("notice of lateness")
        verbose_name_plural = _("notices of lateness")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "registration"], name="late_once"),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id}: {self.minutes}"


class CalendarMethod(models.TextChoices):
    """What a calendar is asked to do (RFC 5546)."""

    REQUEST = "REQUEST", "REQUEST"
    CANCEL = "CANCEL", "CANCEL"


class SentInvitation(models.Model):
    """One invitation that went to one person's calendar; each change goes out once."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invitations")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="+")
    method = models.CharField(max_length=7, choices=CalendarMethod)
    sequence = models.PositiveIntegerField()
    email = models.ForeignKey(
        "accounts.OutgoingEmail", models.SET_NULL, null=True, related_name="+"
    )
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("invitation to a calendar")
        verbose_name_plural = _("invitations to calendars")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "profile", "sequence"], name="one_invitation_a_change"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.method} {self.sequence}"


class CalendarFeed(models.Model):
    """The secret address at which a person's calendar reads their meetings and agendas."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="calendar_feeds")
    token = models.CharField(max_length=43, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(revoked_at__isnull=True),
                name="one_open_feed_a_person",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user_id}: {self.created_at}"
