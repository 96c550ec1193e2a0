"""Erasing somebody who registered, asked, met, said how it was, helped and spoke."""

import itertools

import pytest
from django.apps import apps

from events.models import Event, Meeting, MeetingRequest, Registration, Session
from events.services.meetings import cancel_meeting
from konnect.accounts.models import OutgoingEmail
from konnect.accounts.scrubbing import GAP
from konnect.accounts.services import erase_account
from matching.models import Profile
from tests.factories.event_rights import events_of
from tests.factories.events import MeetingFactory, RegistrationFactory
from tests.factories.rights import CANARY, HANGUL_CANARY, everything_of
from tests.whereabouts import files_with, places_of

# Rows that hold nothing of a person: what an event offers.
OFFERED = {"EventSeries", "EventChange", "PlaceClosure", "ScheduleRunChange"}


@pytest.fixture(autouse=True)
def erasure_log(settings, tmp_path):
    """Keep the log of erasures of each test apart."""
    settings.ERASURE_LOG = str(tmp_path / "erasures.log")


@pytest.fixture
def person(db):
    """Return somebody with something in every table of the portal, events included."""
    numbers = itertools.count()
    minji = everything_of(numbers)
    events_of(minji, Profile.objects.get(user__email="anna@example.eu"), numbers)
    return minji


def test_every_table_of_events_is_filled_before(person):
    empty = {
        model.__name__
        for model in apps.get_app_config("events").get_models()
        if not model.objects.exists()
    }

    assert empty <= OFFERED
    told = {table for table, _column in places_of(CANARY) if table.startswith("events_")}
    assert len(told) >= 12


def test_nothing_of_the_person_is_left_at_events(person):
    number = person.pk

    erase_account(person.user, keeps_messages=False, says_farewell=False)

    assert places_of(CANARY, HANGUL_CANARY) == set()
    assert files_with(CANARY, HANGUL_CANARY) == []
    assert not Registration.objects.filter(profile=number).exists()


def test_the_event_and_what_others_have_there_stay(person):
    event = Event.objects.get()
    others = set(Registration.objects.exclude(profile=person).values_list("pk", flat=True))
    foreign = MeetingRequest.objects.exclude(sender__profile=person).exclude(
        recipient__profile=person
    )
    kept = set(foreign.values_list("pk", flat=True))

    erase_account(person.user, keeps_messages=False, says_farewell=False)

    assert set(Registration.objects.values_list("pk", flat=True)) == others
    assert set(MeetingRequest.objects.values_list("pk", flat=True)) == kept
    assert not Meeting.objects.exists()
    assert Session.objects.get().description_en == f"With {GAP}."
    assert event.announcements.get().text_en == f"{GAP} speaks."


def test_letters_on_their_way_lose_the_name_also_where_calendars_break_lines(person):
    to_partner = OutgoingEmail.objects.filter(to="anna@example.eu", state="waiting")
    invitation = to_partner.get(subject__startswith="Meeting with")

    erase_account(person.user, keeps_messages=False, says_farewell=False)

    invitation.refresh_from_db()
    assert f"SUMMARY:With {GAP}" in invitation.calendar
    assert invitation.attachments == []
    cancelled = to_partner.exclude(pk=invitation.pk).filter(calendar__contains="METHOD:CANCEL")
    assert cancelled.count() == 1


def test_what_they_typed_about_others_as_organiser_is_blanked(person):
    event = Event.objects.get()
    registration, meeting = RegistrationFactory(event=event), MeetingFactory(event=event)
    registration.changes.create(
        old_state="pending", new_state="declined", actor=person.user, reason="They never come."
    )
    cancel_meeting(meeting, actor=person.user, reason="They never come.")

    erase_account(person.user, keeps_messages=False, says_farewell=False)

    meeting.refresh_from_db()
    assert (meeting.state, meeting.cancellation_reason) == ("cancelled", "")
    for change in (meeting.changes.get(), registration.changes.get()):
        assert (change.actor, change.reason) == (None, "")
