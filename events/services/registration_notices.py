"""The news about somebody's own registration, told with the change that causes it."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext_lazy

from events.clock_faces import Between, Face, faces
from events.models import EventMode, Registration, RegistrationState
from events.tickets import needs_ticket, ticket_address, ticket_attachments
from konnect.accounts.models import Notification
from konnect.accounts.services.notifications import notify

KIND = "registrations"
TITLES = {
    RegistrationState.CONFIRMED: gettext_lazy("You take part in %(event)s"),
    RegistrationState.PENDING: gettext_lazy("Your registration for %(event)s waits for approval"),
    RegistrationState.WAITING: gettext_lazy("You are on the waiting list of %(event)s"),
    RegistrationState.OFFERED: gettext_lazy("A place at %(event)s is free for you: take it in time"),
    RegistrationState.DECLINED: gettext_lazy("Your registration for %(event)s was not accepted"),
    RegistrationState.WITHDRAWN: gettext_lazy("Your registration for %(event)s has ended"),
}  # fmt: skip


def notify_of_state(registration: Registration) -> Notification | None:
    """Tell somebody where their registration stands, by mail with the facts of the event."""
    return notify(
        registration.profile.user,
        KIND,
        key=f"registration:{registration.pk}:{registration.changes.count()}",
        title=title_of(registration),
        address=address_of(registration),
        letter="registration",
        context={
            "registration": registration, "event": registration.event,
            "reader": registration.profile,
            "clocks": clocks_of(registration), "ticket": ticket_of(registration),
            "address": address_of(registration),
        },
        attachments=ticket_attachments(registration),
    )  # fmt: skip


def title_of(registration: Registration) -> Callable[[], str]:
    """Return the title of the news, in the language active when it is asked for."""
    words, event = TITLES[RegistrationState(registration.state)], registration.event
    return lambda: str(words) % {"event": event.title}


def address_of(registration: Registration) -> str:
    """Return the path of one's own registration."""
    return reverse("events:registration_detail", args=[registration.event_id])


def ticket_of(registration: Registration) -> str:
    """Return the whole address of the ticket of somebody who goes there, else ''."""
    return ticket_address(registration) if needs_ticket(registration) else ""


def clocks_of(registration: Registration) -> list[Face]:
    """Return when an event is, on the clocks of the participant and of the event."""
    event = registration.event
    return faces(
        Between(event.starts_at, event.ends_at),
        reader_zone=registration.zone,
        event_zone=event.zone,
        is_online=event.mode != EventMode.ON_SITE,
    )
