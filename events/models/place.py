"""When and where people can meet at an event: slots, tables, rooms, halls."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from events.models.event import Event, in_reader_language
from matching.models import Profile


class OneRow(models.Func):
    """A number as a range of itself, so that an exclusion needs no further extension."""

    function = "int8range"
    template = "%(function)s(%(expressions)s, %(expressions)s, '[]')"


class PlaceKind(models.TextChoices):
    """What sort of place something is."""

    TABLE = "table", _("Table")
    ONLINE_ROOM = "online_room", _("Online room")
    HALL = "hall", _("Hall or lecture room")


class Place(models.Model):
    """A table, an online room or a hall of one event."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="places")
    kind = models.CharField(_("kind"), max_length=12, choices=PlaceKind)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    name_ko = models.CharField(_("name in Korean"), max_length=80, blank=True)
    seats = models.PositiveSmallIntegerField(_("seats"), default=2)
    # Of online rooms that the portal does not make itself.
    url = models.URLField(_("web address"), max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    # Somebody who stays at this table all the time.
    host = models.ForeignKey(
        "events.Registration", models.SET_NULL, null=True, blank=True, related_name="hosted_places"
    )

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ("position", "pk")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(name_en="") | ~models.Q(name_ko=""), name="place_has_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language, else in the other."""
        return in_reader_language(self.name_en, self.name_ko)


class Slot(models.Model):
    """A time at which meetings of an event take place; all meetings take a whole slot."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="slots")
    during = DateTimeRangeField()
    # Slots of one sitting follow each other; between sittings nobody minds a break.
    sitting = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("meeting slot")
        verbose_name_plural = _("meeting slots")
        ordering = ("during", "pk")
        constraints = [
            ExclusionConstraint(
                name="slots_do_not_overlap",
                expressions=[
                    (OneRow("event"), RangeOperators.OVERLAPS),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(during__isempty=False, during__lower_inf=False,
                                   during__upper_inf=False),
                name="slot_is_a_time",
            ),
            models.UniqueConstraint(fields=["id", "event"], name="slot_of_event"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.during)


class PlaceClosure(models.Model):
    """A place that cannot be used in one slot; without one it can."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="closures")
    slot = models.ForeignKey(Slot, models.CASCADE, related_name="closures")

    class Meta:
        verbose_name = _("closed place")
        verbose_name_plural = _("closed places")
        constraints = [
            models.UniqueConstraint(fields=["place", "slot"], name="place_closed_once_a_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id}: {self.slot_id}"


class SessionKind(models.TextChoices):
    """What happens in a part of the agenda."""

    TALK = "talk", _("Talk")
    PANEL = "panel", _("Panel")
    WORKSHOP = "workshop", _("Workshop")
    COURSE = "course", _("Course")
    MEETINGS = "meetings", _("Meetings")
    PAUSE = "pause", _("Pause")
    SOCIAL = "social", _("Social programme")


class Session(models.Model):
    """One line of an event's agenda."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="sessions")
    kind = models.CharField(_("kind"), max_length=10, choices=SessionKind)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    title_ko = models.CharField(_("title in Korean"), max_length=200, blank=True)
    description_en = models.TextField(_("description in English"), max_length=3000, blank=True)
    description_ko = models.TextField(_("description in Korean"), max_length=3000, blank=True)
    during = DateTimeRangeField()
    place = models.ForeignKey(
        Place, models.SET_NULL, null=True, blank=True, related_name="sessions",
        verbose_name=_("hall or room"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("part of an agenda")
        verbose_name_plural = _("parts of agendas")
        ordering = ("during", "pk")
        constraints = [
            ExclusionConstraint(
                name="one_session_a_hall",
                expressions=[
                    (OneRow("place"), RangeOperators.OVERLAPS),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(place__isnull=False),
            ),
            models.CheckConstraint(
                condition=~models.Q(title_en="") | ~models.Q(title_ko=""), name="session_has_title"
            ),
            models.CheckConstraint(
                condition=models.Q(during__isempty=False, during__lower_inf=False,
                                   during__upper_inf=False),
                name="session_is_a_time",
            ),
            models.UniqueConstraint(fields=["id", "during"], name="session_with_time"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the reader's language, else in the other."""
        return in_reader_language(self.title_en, self.title_ko)

    @property
    def description(self) -> str:
        """The description in the reader's language, else in the other."""
        return in_reader_language(self.description_en, self.description_ko)


class SessionSpeaker(models.Model):
    """Somebody who speaks in a session: a member, or a name that an organiser wrote."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="speakers")
    profile = models.ForeignKey(
        Profile, models.CASCADE, null=True, blank=True, related_name="talks"
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    affiliation = models.CharField(_("organisation"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("speaker")
        verbose_name_plural = _("speakers")
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "profile"], condition=models.Q(profile__isnull=False),
                name="speaker_once_a_session",
            ),
            models.CheckConstraint(
                condition=models.Q(profile__isnull=False) | ~models.Q(name=""),
                name="speaker_has_name",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name or str(self.profile)
