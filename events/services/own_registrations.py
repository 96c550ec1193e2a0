"""What events hold of somebody's registrations, for the copy of their data; and leaving for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from events.models import Answer, Availability, CheckIn, Intent, Registration, RegistrationChange
from events.services.registrations import State, leave
from konnect.accounts.rights import Row, columns_of, exempt_from_export, register_export, table
from konnect.states import TransitionError

if TYPE_CHECKING:
    from konnect.accounts.models import User

# Opens the check-in: whoever has the copy could come in the person's place.
SECRETS = ("ticket",)


def register_own_registrations() -> None:
    """Make registrations and what hangs on them a part of the copy."""
    for name, label, rows, models in PARTS:
        register_export(name, label, rows, models=[f"events.{model}" for model in models])
    exempt_from_export({"events.Question": "written by organisers; answers stand with it"})


def registrations(user: User) -> list[Row]:
    """Return the registrations with the title of their event."""
    rows = Registration.objects.of(user).select_related("event").order_by("pk")
    return [{"event": row.event.title} | columns_of(row, leave_out=SECRETS) for row in rows]


def answers(user: User) -> list[Row]:
    """Return what the person answered, with the question."""
    rows = Answer.objects.filter(registration__profile__user=user).select_related("question")
    return [
        {"question": row.question.text} | columns_of(row, leave_out=["question_id"])
        for row in rows.order_by("pk")
    ]


def intents(user: User) -> list[Row]:
    """Return what the person offers and seeks at events."""
    return table(Intent.objects.filter(registration__profile__user=user))


def availabilities(user: User) -> list[Row]:
    """Return what the person said of single meeting times."""
    rows = Availability.objects.filter(registration__profile__user=user).select_related("slot")
    return [
        columns_of(row, leave_out=["slot_id"])
        | {"starts_at": row.slot.during.lower, "ends_at": row.slot.during.upper}
        for row in rows.order_by("pk")
    ]


def check_ins(user: User) -> list[Row]:
    """Return when the person was seen at the desk; by whom is the helper's."""
    return table(CheckIn.objects.filter(registration__profile__user=user), leave_out=["by_id"])


def history(user: User) -> list[Row]:
    """Return where the person's registrations stood, and since when."""
    rows = RegistrationChange.objects.filter(registration__profile__user=user).order_by("pk")
    return table(rows, leave_out=["actor_id"])


PARTS: tuple[tuple[str, Any, Any, tuple[str, ...]], ...] = (
    ("registrations", _("Registrations for events"), registrations, ("Registration",)),
    ("registration_answers", _("Answers to questions of organisers"), answers, ("Answer",)),
    ("intents", _("What you offer and seek at events"), intents, ("Intent",)),
    ("availabilities", _("When you have time for meetings"), availabilities, ("Availability",)),
    ("check_ins", _("When you came to events and left"), check_ins, ("CheckIn",)),
    ("registration_history", _("Where your registrations stood"), history,
     ("RegistrationChange",)),
)  # fmt: skip


def leave_events(*, user: User, **_more: object) -> None:
    """Give the places of somebody who is erased back; the rows go with the profile afterwards."""
    for registration in Registration.objects.of(user).live().select_related("event"):
        try:
            leave(registration, State.WITHDRAWN, actor=None, reason="")
        except TransitionError:
            # Ended at this very moment: the place is given back already.
            continue
