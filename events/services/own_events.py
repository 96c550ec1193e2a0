"""What events hold of somebody who runs them or speaks at them, for the copy of their data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from events.models import (
    Announcement,
    EventChange,
    EventHelper,
    MeetingChange,
    MeetingMove,
    MeetingProposalChange,
    MeetingRequestChange,
    ScheduleRunChange,
    SessionSpeaker,
)
from konnect.accounts.models import User
from konnect.accounts.rights import Row, columns_of, exempt_from_export, register_export, table
from konnect.states import StateChange, changes_by

HISTORIES: tuple[type[StateChange], ...] = (
    EventChange, MeetingRequestChange, MeetingChange, MeetingProposalChange, ScheduleRunChange,
)  # fmt: skip


def register_own_events() -> None:
    """Make one's part in running events a part of the copy."""
    for name, label, rows, models in PARTS:
        register_export(name, label, rows, models=[f"events.{model}" for model in models])
    exempt_from_export(
        {
            "events.EventSeries": "facts about occasions; who wrote them down is an organiser's act",
            "events.Event": "facts about an occasion; who wrote them down is an organiser's act",
            "events.Place": "tables and rooms of an event; whose table it is stands in meetings",
            "events.Slot": "times of an event",
            "events.PlaceClosure": "when a table is not used",
            "events.Session": "the programme of an event; own talks are exported",
            "events.ScheduleRun": "computed for an event; own meetings are exported",
        }
    )


def help_given(user: User) -> list[Row]:
    """Return the events that the person helps to run."""
    return table(EventHelper.objects.filter(user=user), leave_out=["added_by_id"])


def talks(user: User) -> list[Row]:
    """Return the sessions in which the person speaks."""
    rows = SessionSpeaker.objects.filter(profile__user=user).select_related("session")
    return [columns_of(row) | {"session": row.session.title} for row in rows]


def announcements(user: User) -> list[Row]:
    """Return what the person announced at events."""
    return table(Announcement.objects.filter(made_by=user))


def history(user: User) -> list[Row]:
    """Return what the person changed about events and meetings."""
    return [
        {"noun": model.__name__.removesuffix("Change"), **columns_of(row)}
        for model in HISTORIES
        for row in changes_by(model, user)
    ]


def moves(user: User) -> list[Row]:
    """Return the meetings that the person moved."""
    return table(MeetingMove.objects.filter(moved_by=user))


PARTS = (
    ("event_help", _("Events that I help to run"), help_given, ("EventHelper",)),
    ("event_talks", _("Sessions in which I speak"), talks, ("SessionSpeaker",)),
    ("event_announcements", _("My announcements at events"), announcements, ("Announcement",)),
    (
        "event_history", _("What I changed about events and meetings"), history,
        tuple(model.__name__ for model in HISTORIES),
    ),
    ("meeting_moves", _("Meetings that I moved"), moves, ("MeetingMove",)),
)  # fmt: skip
