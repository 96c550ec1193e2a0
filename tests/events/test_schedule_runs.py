"""Runs of schedules: claimed once, watched, stopped, taken up again, failed with words."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from events.models import Meeting, MeetingRequest, ScheduleRun, ScheduleRunState
from events.services import schedule_work
from events.services.heartbeats import Heartbeat
from events.services.publishing import publish_run
from events.services.schedule_checks import drift_of
from events.services.schedule_reports import report_of
from events.services.schedule_runs import discard_run, queue_run, repeat_run, stop_run
from events.services.schedule_work import (
    LOST,
    SILENCE,
    TRIES,
    UNREADABLE,
    claim_run,
    requeue_silent_runs,
    work_on,
    work_on_runs,
)
from konnect.states import TransitionError
from tests.events.schedules import run_of, small_event, three_who_meet
from tests.factories.events import AcceptedMeetingRequestFactory, RegistrationFactory
from tests.processes import PATIENCE, wait_until
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def computed(event, **columns):
    """Return a run of an event, computed here."""
    run = run_of(event, **columns)
    work_on_runs()
    run.refresh_from_db()
    return run


def test_run_places_what_can_be_placed_and_proves_it():
    event, _people = three_who_meet()

    run = computed(event)

    assert (run.state, run.error) == (ScheduleRunState.FINISHED, "")
    assert len(run.proposals) == 3
    assert run.is_optimal
    assert run.value == run.bound
    assert (run.tries, run.was_stopped) == (1, False)
    assert run.measures["faults"] == 0
    assert run.progress
    assert run.input_hash
    assert run.solver_versions["ortools"]


def test_same_facts_and_seed_give_the_same_schedule():
    event, _people = three_who_meet()
    first = computed(event)
    again = repeat_run(first, actor=None)

    work_on_runs()

    again.refresh_from_db()
    assert again.input_hash == first.input_hash
    assert again.proposals == first.proposals


def test_wish_without_a_common_time_is_explained():
    event = small_event(pairs=1, slots=2)
    request = event.meeting_requests.get()
    first, second = event.slots.all()
    request.sender.availabilities.create(slot=first, modes=0)
    request.recipient.availabilities.create(slot=second, modes=0)

    run = computed(event)

    (reason,) = run.reasons
    assert (reason["request"], reason["code"]) == (request.pk, "no_common_slot")
    assert dict(reason["free_of"]) == {
        request.sender_id: [second.pk],
        request.recipient_id: [first.pk],
    }
    assert sorted(reason["would_fit"]) == sorted(
        [[request.sender_id, first.pk], [request.recipient_id, second.pk]]
    )


def test_pins_that_contradict_each_other_are_named():
    event = small_event(pairs=2, tables=1)
    slot, table = event.slots.first(), event.places.first()
    event.meeting_requests.update(is_pinned=True, pinned_slot=slot, pinned_place=table)

    run = computed(event)

    assert run.state == ScheduleRunState.FINISHED
    assert len(run.measures["infeasible_pins"]) == 1
    assert [len(line.people) for line in report_of(run).impossible_pins] == [2]


def test_wishes_in_a_circle_end_with_words():
    event = small_event(pairs=2)
    first, second = event.meeting_requests.order_by("pk")
    MeetingRequest.objects.filter(pk=first.pk).update(after=second)
    MeetingRequest.objects.filter(pk=second.pk).update(after=first)

    run = computed(event)

    assert (run.state, run.error) == (ScheduleRunState.FAILED, UNREADABLE)


def test_what_the_solver_raises_ends_the_run_with_words(monkeypatch):
    event, _people = three_who_meet()
    monkeypatch.setattr(schedule_work, "solve", lambda *_a, **_b: 1 / 0)

    run = computed(event)

    assert run.state == ScheduleRunState.FAILED
    assert "ZeroDivisionError" in run.error


def test_replanning_after_one_cancellation_moves_nobody_without_need():
    event, _people = three_who_meet(slots=4)
    publish_run(computed(event), actor=None)
    gone = Meeting.objects.first()
    kept = set(
        Meeting.objects.exclude(pk=gone.pk).values_list("request_id", "slot_id", "place_id")
    )
    gone.move_to(
        "cancelled", actor=None, columns={"is_live": False, "cancelled_at": timezone.now()}
    )
    gone.request.move_to("withdrawn", actor=None)

    run = computed(event, is_repair=True)
    report = report_of(run)

    assert {tuple(row) for row in run.proposals} == kept
    assert (run.measures["meetings_moved"], run.measures["people_told"]) == (0, 0)
    assert (report.moved, report.cancelled, report.told) == ([], [], [])


def test_replanning_says_who_moves_before_anybody_agrees():
    event, people = three_who_meet(slots=4)
    publish_run(computed(event), actor=None)
    moved = Meeting.objects.get(request__sender=people[0], request__recipient=people[1])
    people[0].availabilities.create(slot=moved.slot, modes=0)

    run = computed(event, is_repair=True)
    report = report_of(run)

    assert [line.request for line in report.moved] == [moved.request_id]
    assert report.told == sorted(person.profile.name for person in people[:2])
    assert (run.measures["meetings_moved"], run.measures["people_told"]) == (1, 2)
    assert publish_run(run, actor=None).moved == 1
    assert drift_of(event) == []


def test_one_open_run_an_event():
    event, _people = three_who_meet()

    runs = together(*[lambda: queue_run(event, actor=None)] * 3)

    assert sorted(run is not None for run in runs) == [False, False, True]


def test_without_the_constraint_all_are_queued(without_open_constraint):
    event, _people = three_who_meet()

    runs = together(*[lambda: queue_run(event, actor=None)] * 3)

    assert all(runs)


@pytest.fixture
def without_open_constraint():
    constraint = next(
        one for one in ScheduleRun._meta.constraints if one.name == "one_open_run_an_event"
    )
    with connection.schema_editor() as editor:
        editor.remove_constraint(ScheduleRun, constraint)
    yield
    ScheduleRun.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(ScheduleRun, constraint)


def test_one_worker_claims_a_run():
    event, _people = three_who_meet()
    run_of(event)

    claimed = together(claim_run, claim_run, claim_run)

    assert sorted(run is not None for run in claimed) == [False, False, True]
    assert ScheduleRun.objects.get().tries == 1


def test_no_second_run_is_claimed_beside_one_that_is_computed():
    one, other = (three_who_meet()[0] for _number in range(2))
    run_of(one)
    run_of(other)

    first, second = claim_run(), claim_run()
    ScheduleRun.objects.filter(pk=first.pk).update(state=ScheduleRunState.DISCARDED)

    assert second is None
    assert claim_run().event == other


def silent(event, tries=1):
    """Return a run whose worker was last heard of too long ago."""
    return run_of(
        event, state=ScheduleRunState.RUNNING, tries=tries,
        seen_at=timezone.now() - SILENCE - timedelta(seconds=1),
    )  # fmt: skip


def test_run_whose_worker_is_silent_is_computed_by_another():
    event, _people = three_who_meet()
    run = silent(event)

    work_on_runs()

    run.refresh_from_db()
    assert (run.state, run.tries) == (ScheduleRunState.FINISHED, 2)


def test_run_whose_worker_speaks_is_left_to_it():
    event, _people = three_who_meet()
    run = run_of(event, state=ScheduleRunState.RUNNING, tries=1, seen_at=timezone.now())

    assert work_on_runs() == 0
    run.refresh_from_db()
    assert run.state == ScheduleRunState.RUNNING


def test_run_that_ended_its_workers_thrice_is_given_up():
    event, _people = three_who_meet()
    run = silent(event, tries=TRIES)

    requeue_silent_runs()

    run.refresh_from_db()
    assert (run.state, run.error) == (ScheduleRunState.FAILED, LOST)


def test_heart_beats_asks_and_notices_that_the_run_is_lost():
    event, _people = three_who_meet()
    run_of(event)
    run = claim_run()
    heart = Heartbeat(run)
    ScheduleRun.objects.update(seen_at=None, stop_wanted=True)

    heart.beat()
    run.refresh_from_db()
    assert run.seen_at is not None
    assert (heart.is_over(), heart.is_lost) == (True, False)
    ScheduleRun.objects.update(tries=2)
    heart.beat()
    assert heart.is_lost


def test_worker_that_lost_its_run_writes_nothing():
    event, _people = three_who_meet()
    run_of(event)
    run = claim_run()
    ScheduleRun.objects.update(state=ScheduleRunState.DISCARDED)

    work_on(run)

    assert ScheduleRun.objects.get().state == ScheduleRunState.DISCARDED
    assert ScheduleRun.objects.get().proposals == []


def test_stopped_run_keeps_the_best_so_far():
    event = small_event(slots=20, tables=20, pairs=0)
    crowd(event)
    run = run_of(event)
    ScheduleRun.objects.update(seconds_allowed=300)
    worker = Thread(target=in_thread, args=(work_on_runs,))
    worker.start()
    running = ScheduleRun.objects.filter(state=ScheduleRunState.RUNNING)
    wait_until(running.exists)

    stop_run(running.get(), actor=None)

    worker.join(PATIENCE)
    run.refresh_from_db()
    assert run.state == ScheduleRunState.FINISHED
    assert run.was_stopped
    assert run.proposals
    assert run.value <= run.bound


def crowd(event, people=120, wishes=1_500):
    """Give an event many people who want to meet each other, too many for a quick proof."""
    registrations = RegistrationFactory.create_batch(people, event=event)
    number = 0
    for distance in range(1, people):
        for one in range(people - distance):
            if number < wishes:
                AcceptedMeetingRequestFactory(
                    event=event, sender=registrations[one],
                    recipient=registrations[one + distance],
                )  # fmt: skip
                number += 1


def in_thread(call):
    try:
        call()
    finally:
        connection.close()


def test_run_that_waits_is_taken_back():
    event, _people = three_who_meet()
    run = run_of(event)

    stop_run(run, actor=None)

    assert run.state == ScheduleRunState.DISCARDED
    with pytest.raises(TransitionError):
        stop_run(run, actor=None)


def test_discarded_run_keeps_nothing_of_people():
    event, _people = three_who_meet()
    run = computed(event)

    discard_run(run, actor=None)

    run.refresh_from_db()
    assert (run.state, run.inputs) == (ScheduleRunState.DISCARDED, {})
    with pytest.raises(TransitionError):
        discard_run(run, actor=None)


def test_participant_who_leaves_in_the_middle_has_no_place_when_it_is_published():
    event, people = three_who_meet()
    run_of(event)
    run = claim_run()
    work_on(run)
    people[2].move_to("withdrawn", actor=None)

    run.refresh_from_db()
    done = publish_run(run, actor=None, even_if_changed=True)

    assert (done.created, done.dropped) == (1, 2)
    assert drift_of(event) == []
