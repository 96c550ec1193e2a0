"""What a person has at events, in every table, with a telling word in every text."""

import base64
from datetime import timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from events.models import (
    Announcement,
    CalendarFeed,
    CheckIn,
    LateNotice,
    MeetingFeedback,
    MeetingMove,
    MeetingProposal,
    OrganisationSide,
    ScheduleRun,
    SentInvitation,
    SessionSpeaker,
)
from konnect.accounts.models import OutgoingEmail
from tests.factories.events import (
    EventFactory,
    HelperFactory,
    KoreanRegistrationFactory,
    MeetingFactory,
    MeetingRequestFactory,
    PlaceFactory,
    RegistrationFactory,
    SessionFactory,
    SlotFactory,
)
from tests.factories.rights import told, word


def events_of(minji, anna, numbers):
    """Let somebody register, ask, meet, say how it was, help and speak; return the event."""
    event = EventFactory(contact_email=minji.user.email, created_by=minji.user)
    own = told(KoreanRegistrationFactory(event=event, profile=minji), numbers)
    other = RegistrationFactory(event=event, profile=anna)
    own.changes.create(
        old_state="pending", new_state="confirmed", actor=minji.user, reason=word("entered")
    )
    question = event.questions.create(kind="line", text_en="Meals?")
    own.answers.create(question=question, value={"text": word("meals")})
    told(own.intents.model(registration=own, kind="offer"), numbers)
    own.availabilities.create(slot=SlotFactory(event=event), modes=1)
    CheckIn.objects.create(registration=own, by=minji.user)
    PlaceFactory(event=event, host=own)
    CalendarFeed.objects.create(user=minji.user, token=word("feed"))
    runs(event, minji)
    helps(event, minji)
    asks(event, own, other, numbers)
    meets(event, own, other, numbers)
    return event


def runs(event, minji):
    """Write what the person did for an event as its organiser."""
    event.changes.create(old_state="draft", new_state="published", actor=minji.user)
    run = ScheduleRun.objects.create(event=event, created_by=minji.user)
    run.changes.create(old_state="queued", new_state="running", actor=minji.user)


def helps(event, minji):
    """Let the person help, speak under their account and under their name, and be spoken of."""
    HelperFactory(event=event, user=minji.user, added_by=minji.user)
    during = DateTimeTZRange(event.ends_at, event.ends_at + timedelta(hours=1))
    session = SessionFactory(
        event=event, during=during, description_en=f"With {minji.display_name}."
    )
    talk = {"session": session, "affiliation": word("lab")}
    SessionSpeaker.objects.create(profile=minji, **talk)
    SessionSpeaker.objects.create(session=session, name=minji.display_name)
    session.seats.create(profile=minji, during=session.during)
    Announcement.objects.create(
        event=event, text_en=f"{minji.display_name} speaks.",
        text_ko=f"{minji.hangul_name}님의 발표가 있습니다.", made_by=minji.user,
    )  # fmt: skip


def asks(event, own, other, numbers):
    """Write requests in both directions, with colleagues, sides and a proposed time."""
    waiting = RegistrationFactory(event=event)
    sent = told(
        MeetingRequestFactory(event=event, sender=own, recipient=waiting, message=""), numbers
    )
    received = MeetingRequestFactory(
        event=event, sender=KoreanRegistrationFactory(event=event), recipient=own,
        state="declined", decline_words=word("no"), answered_at=timezone.now(),
    )  # fmt: skip
    received.changes.create(
        old_state="sent", new_state="declined", actor=own.profile.user, reason=word("declined")
    )
    joined = MeetingRequestFactory(event=event, sender=other, recipient=waiting)
    joined.members.create(registration=own, brought_by=other)
    OrganisationSide.objects.create(
        request=sent, organisation=own.profile.organisation, registration=own
    )
    proposal = MeetingProposal.objects.create(
        request=sent, slot=event.slots.first(), proposed_by=own, expires_at=event.starts_at
    )
    proposal.changes.create(
        old_state="open", new_state="declined", actor=own.profile.user, reason=word("other time")
    )


def meets(event, own, other, numbers):
    """Write a meeting with everything that is said around it, and the letters about it."""
    meeting = MeetingFactory(event=event, request__sender=own, request__recipient=other)
    meeting.changes.create(
        old_state="scheduled", new_state="held", actor=own.profile.user, reason=word("held")
    )
    MeetingMove.objects.create(meeting=meeting, sequence=1, moved_by=own.profile.user)
    for person in (own, other):
        told(
            MeetingFeedback(meeting=meeting, registration=person, usefulness=5, next_step="visit"),
            numbers,
        )
    LateNotice.objects.create(meeting=meeting, registration=own, minutes=5)
    SentInvitation.objects.create(
        meeting=meeting, profile=own.profile, method="REQUEST", sequence=0
    )
    SentInvitation.objects.create(
        meeting=meeting, profile=other.profile, method="REQUEST", sequence=0,
        email=letter(own.profile, other.profile),
    )  # fmt: skip


def letter(profile, partner):
    """Return an invitation on its way to a partner; calendars break their lines anywhere."""
    name = profile.display_name
    broken = f"{name[:8]}\r\n {name[8:]}"
    return OutgoingEmail.objects.create(
        to=partner.user.email, subject=f"Meeting with {name}", text=f"You meet {name}.",
        calendar=f"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:With {broken}\r\nEND:VCALENDAR\r\n",
        attachments=[{"name": "meeting.txt", "type": "text/plain", "cid": "",
                      "content": base64.b64encode(name.encode()).decode()}],
    )  # fmt: skip
