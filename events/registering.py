"""What keeps somebody from registering, in words for the person who tries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import EventState, Registration
from events.phases import Phase, phase_of, takes_registrations
from matching.models import ProfileState
from matching.permissions.contacts import Blocker

if TYPE_CHECKING:
    from events.models import Event
    from matching.models import Profile

CANCELLED = Blocker("cancelled", _("This event was cancelled."))
NOT_PUBLISHED = Blocker("not_published", _("This event is not published."))
NOT_YET_OPEN = Blocker("not_yet_open", _("Registration has not opened yet."))
CLOSED = Blocker("closed", _("Registration is closed."))
NO_NAME = Blocker("no_name", _("Enter your name in your profile first."))
NOT_PUBLIC = Blocker(
    "profile_unpublished",
    _("Publish your profile first: people want to see whom they would meet."),
)
ALREADY_REGISTERED = Blocker("already_registered", _("You are registered already."))
FULL = Blocker("full", _("All places are taken, and this event has no waiting list."))
NO_PLACE_LEFT = Blocker(
    "no_place_left", _("All places are taken. Raise the number of places first.")
)
OFFER_OVER = Blocker("offer_over", _("The time to take this place is over."))


def registration_blockers(
    event: Event, profile: Profile, *, wants_meetings: bool = False
) -> list[Blocker]:
    """Return everything that keeps a person from registering now; empty means go."""
    found = window_blockers(event) + profile_blockers(event, profile, wants_meetings)
    is_there = Registration.objects.live().filter(event=event, profile=profile).exists()
    return [*found, ALREADY_REGISTERED] if is_there else found


def window_blockers(event: Event) -> list[Blocker]:
    """Look at the event and the clock."""
    now = timezone.now()
    if takes_registrations(event, now):
        return []
    if event.state == EventState.CANCELLED:
        return [CANCELLED]
    if event.state != EventState.PUBLISHED:
        return [NOT_PUBLISHED]
    return [NOT_YET_OPEN if phase_of(event, now) == Phase.ANNOUNCED else CLOSED]


def profile_blockers(event: Event, profile: Profile, wants_meetings: bool) -> list[Blocker]:
    """Look at the person: whoever wants meetings must be somebody whom others can see."""
    if not profile.display_name:
        return [NO_NAME]
    is_hidden = profile.state != ProfileState.PUBLISHED
    return [NOT_PUBLIC] if event.has_meetings and wants_meetings and is_hidden else []
