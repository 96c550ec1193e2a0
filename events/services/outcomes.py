"""What comes of meetings: contacts, listings that are followed up, twinnings; later applications.

An outcome hangs on the feedback of the one who takes the next step, and on the meeting where it
is of both. Applications will link to `Meeting` from their own side, as imports only point back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext, override

from events.asking import NOT_AGREED
from events.models import (
    Event,
    EventKind,
    EventState,
    Meeting,
    MeetingFeedback,
    MeetingState,
    Registration,
    Seat,
)
from events.services.meeting_notices import notify_to_give_feedback
from konnect.accounts.models import Notification
from matching.models import Listing, Organisation, Profile, Twinning, TwinningState
from matching.names import HANGUL
from matching.permissions.contacts import RefusedError, are_contacts
from matching.permissions.twinnings import represents
from matching.services.contacts import request_waiting, send_contact_request
from matching.services.twinnings import propose_twinning

if TYPE_CHECKING:
    from events.models.registration import RegistrationQuerySet
    from konnect.accounts.models import User
    from matching.models import ContactRequest

# People are reminded within this time after an event, once.
REMIND_WITHIN = timedelta(days=14)
BATCH = 200


@transaction.atomic
def ask_for_contact(
    feedback: MeetingFeedback, *, partner: Profile, actor: User, message: str
) -> ContactRequest:
    """Ask the partner of a meeting to stay in touch, or accept what they asked.

    Raises:
        RefusedError: the two are in contact already, or something else keeps them from it.
    """
    own = feedback.registration.profile
    contact = send_contact_request(own, partner, actor=actor, message=message)
    feedback.contact_request = contact
    feedback.save(update_fields=["contact_request", "updated_at"])
    return contact


def contact_standing(own: Profile, partner: Profile) -> str:
    """Return how two people stand: in contact, one asked the other, or nothing yet."""
    if are_contacts(own, partner):
        return "contact"
    if request_waiting(own, partner) is not None:
        return "asked_me"
    return "asked" if request_waiting(partner, own) is not None else ""


@transaction.atomic
def follow_listing(feedback: MeetingFeedback, *, listing: Listing, actor: User) -> None:
    """Note which offer or request of the partner one follows up after a meeting."""
    feedback.listing = listing
    feedback.save(update_fields=["listing", "updated_at"])


@transaction.atomic
def propose_twinning_of(meeting: Meeting, *, own: Registration, actor: User) -> Twinning:
    """Propose the twinning that a meeting was about; one that the two have already is linked.

    Raises:
        RefusedError: the reader does not speak for their organisation, or the pair cannot be.
    """
    sides = organisations_of(meeting, own)
    if sides is None or not represents(actor, sides[0]):
        raise RefusedError([NOT_AGREED])
    twinning = live_twinning(*sides)
    if twinning is None:
        columns = {"starts_on": timezone.localdate(), **aims_of(meeting)}
        areas = list(meeting.event.areas.all())
        twinning = propose_twinning(*sides, actor=actor, columns=columns, areas=areas)
    Meeting.objects.filter(pk=meeting.pk).update(twinning=twinning)
    meeting.twinning = twinning
    return twinning


def aims_of(meeting: Meeting) -> dict[str, str]:
    """Return the purpose that both agreed on as aims, in its language; else where they met."""
    purpose = meeting.request.purpose
    if purpose:
        return {"aims_ko" if HANGUL.search(purpose) else "aims_en": purpose}
    event, found = meeting.event, {}
    for language, title in (("en", event.title_en), ("ko", event.title_ko)):
        with override(language):
            words = gettext("Agreed at a meeting of our organisations: %(event)s.")
            found[f"aims_{language}"] = words % {"event": title or event.title}
    return found


def organisations_of(
    meeting: Meeting, own: Registration
) -> tuple[Organisation, Organisation] | None:
    """Return one's own organisation and the other side's, where organisations met."""
    request = meeting.request
    if meeting.event.kind != EventKind.TWINNING:
        return None
    sides = {
        side.registration_id: side.organisation
        for side in request.sides.select_related("organisation")
    }
    own_side = sides.get(own.pk) or own.profile.organisation
    other = request.recipient if own.pk == request.sender_id else request.sender
    other_side = sides.get(other.pk) or other.profile.organisation
    if own_side is None or other_side is None or own_side == other_side:
        return None
    return own_side, other_side


def live_twinning(one: Organisation, other: Organisation) -> Twinning | None:
    """Return the twinning that two organisations have or that one has proposed."""
    both = (one, other)
    live = Twinning.objects.filter(state__in=TwinningState.live_states)
    return live.filter(proposer__in=both, partner__in=both).first()


def remind_of_feedback() -> int:
    """Ask everybody once, after an event, how their meetings went; return how many were asked."""
    now = timezone.now()
    over = Event.objects.filter(
        state__in=(EventState.PUBLISHED, EventState.ARCHIVED),
        ends_at__lte=now, ends_at__gt=now - REMIND_WITHIN,
    ).exclude(feedback_closes_at__lte=now)  # fmt: skip
    return sum(remind_of_event(event) for event in over)


def remind_of_event(event: Event) -> int:
    """Ask those who had meetings at an event and have said nothing of one; return how many."""
    told = Notification.objects.filter(user=OuterRef("profile__user"), key=f"feedback:{event.pk}")
    waiting = silent_at(event).filter(~Exists(told))
    rows = list(waiting.select_related("profile__user")[:BATCH])
    for registration in rows:
        notify_to_give_feedback(registration, event)
    return len(rows)


def silent_at(event: Event) -> RegistrationQuerySet:
    """Return the participants with a meeting that they have said nothing of."""
    said = MeetingFeedback.objects.filter(
        meeting=OuterRef("meeting"), registration=OuterRef("registration")
    )
    states = (MeetingState.SCHEDULED, MeetingState.HELD)
    seats = Seat.objects.filter(meeting__event=event, meeting__state__in=states).filter(
        ~Exists(said)
    )
    return Registration.objects.confirmed().filter(
        event=event, pk__in=seats.values("registration")
    )
