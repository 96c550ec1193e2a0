"""The invented events in the database."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from events.models import (
    Event,
    Meeting,
    MeetingFeedback,
    MeetingRequest,
    MeetingState,
    Registration,
    RequestState,
    Seat,
)
from events.permissions import may_create_events, may_run
from events.phases import Phase, phase_of, takes_registrations, takes_requests
from events.scheduling.checking import faults
from events.services.schedule_facts import fingerprint
from events.services.schedule_problem import problem_from
from events.services.schedule_reports import report_of
from konnect.accounts.models import User
from matching.services.demonstration import ORGANISER, load_demonstration

MODELS = (Event, Registration, MeetingRequest, Meeting, Seat, MeetingFeedback)


@pytest.fixture(scope="module")
def demonstration(django_db_setup, django_db_blocker):
    """Load people and events once for this file; every test sees them in a transaction."""
    with django_db_blocker.unblock():
        try:
            load_demonstration(count=80, seed=2026)
            call_command("load_demo_events")
            yield
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def loaded(demonstration, db):
    """The demonstration."""


def event_of(phase):
    now = timezone.now()
    published = Event.objects.filter(state="published")
    return next(event for event in published if phase_of(event, now) == phase)


@pytest.mark.parametrize("phase", (Phase.OVER, Phase.RUNNING, Phase.REGISTRATION))
def test_there_is_an_event_in_each_phase(loaded, phase):
    event = event_of(phase)

    assert event.is_invented
    assert event.registrations.confirmed().count() >= 10
    assert event.title_en
    assert event.title_ko


def test_loaded_twice_changes_nothing(loaded):
    before = [model.objects.count() for model in MODELS]

    call_command("load_demo_events")

    assert [model.objects.count() for model in MODELS] == before


def test_those_who_sign_in_have_requests_to_answer_and_meetings_to_go_to(loaded):
    coming, running = event_of(Phase.REGISTRATION), event_of(Phase.RUNNING)

    for email in ("minji.kim@demo.example", "anna.schmidt@demo.example"):
        user = User.objects.get(email=email)
        waiting = MeetingRequest.objects.awaiting_answer().filter(recipient__profile__user=user)
        meetings = Meeting.objects.filter(seats__profile__user=user, event=running)
        assert waiting.filter(event=coming).count() >= 2
        assert meetings.count() >= 2
    assert running.meetings.filter(during__startswith__gt=timezone.now()).count() >= 10
    assert takes_registrations(coming, timezone.now())
    assert takes_requests(coming, timezone.now())


def test_what_is_over_was_held_or_missed_and_is_spoken_of(loaded):
    event = event_of(Phase.OVER)
    states = set(event.meetings.values_list("state", flat=True))

    assert states <= {MeetingState.HELD, MeetingState.NO_SHOW}
    assert MeetingFeedback.objects.filter(meeting__event=event).count() >= 10
    assert event.schedule_runs.get().value <= event.schedule_runs.get().bound


@pytest.mark.parametrize("phase", (Phase.OVER, Phase.RUNNING))
def test_its_schedule_is_one_that_the_solver_made_and_the_checker_passes(loaded, phase):
    run = event_of(phase).schedule_runs.get()
    found = problem_from(run.inputs, seed=run.seed)
    report = report_of(run)

    assert fingerprint(run.inputs) == run.input_hash
    assert not list(faults(found.problem, found.schedule_of(run.proposals)))
    assert len(run.proposals) + len(run.reasons) == len(report.wishes)
    assert run.measures["meetings"] == len(run.proposals)
    assert report.spread
    assert {side.label for side in report.comfort} == {"Europe", "Korea"}
    assert all(len(line.people) == 2 for line in report.lines)


def test_the_organiser_runs_all_of_them(loaded):
    organiser = User.objects.get(email=ORGANISER)

    assert may_create_events(organiser)
    assert all(may_run(event, organiser) for event in Event.objects.all())


def test_requests_are_in_every_state(loaded):
    states = set(MeetingRequest.objects.values_list("state", flat=True))

    assert states == set(RequestState.values)


def test_nobody_meets_while_away(loaded):
    for seat in Seat.objects.filter(meeting__isnull=False).select_related("meeting"):
        away = seat.registration.availabilities.filter(slot=seat.meeting.slot_id, modes=0)
        assert not away.exists()
