"""A run becomes the schedule: everything at once, or nothing, and everybody is told once."""

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from events.models import (
    Meeting,
    MeetingMove,
    MeetingState,
    ScheduleRun,
    ScheduleRunState,
    Seat,
    SentInvitation,
)
from events.services.calendar_rounds import tell_calendars
from events.services.publishing import (
    CHANGED,
    NOT_READY,
    OUTDATED,
    TAKEN,
    PublishingRefusedError,
    publish_run,
)
from events.services.schedule_checks import check_schedule, drift_of
from events.services.schedule_facts import facts_of, fingerprint
from konnect.accounts.models import Notification
from tests.events.schedules import BEGIN, organiser_of, small_event, three_who_meet
from tests.factories.events import MeetingFactory, RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db


def finished_run(event, *rows, **columns):
    """Return a run that proposes rows of (request, slot, place), each by its place in order."""
    event.refresh_from_db()
    facts = facts_of(event)
    requests = [wish["id"] for wish in facts["wishes"]]
    slots = [slot["id"] for slot in facts["slots"]]
    places = [place["id"] for place in facts["places"]]
    proposals = [[requests[one], slots[at], places[where]] for one, at, where in rows]
    return ScheduleRun.objects.create(
        event=event, state=ScheduleRunState.FINISHED, inputs=facts,
        input_hash=fingerprint(facts), proposals=proposals,
        base_version=event.schedule_version, **columns,
    )  # fmt: skip


def refusal(run, **options):
    with pytest.raises(PublishingRefusedError) as refused:
        publish_run(run, actor=None, **options)
    return refused.value


def placed(event):
    """Return request, slot and place of the live meetings."""
    live = Meeting.objects.filter(event=event, is_live=True).order_by("request_id")
    return [list(row) for row in live.values_list("request_id", "slot_id", "place_id")]


def test_first_schedule_is_written_whole_and_everybody_is_told_once():
    event, people = three_who_meet()
    organiser = organiser_of(event)
    run = finished_run(event, (0, 0, 0), (1, 1, 0), (2, 2, 1))

    done = publish_run(run, actor=organiser)

    assert (done.version, done.created, done.moved, done.cancelled) == (1, 3, 0, 0)
    assert placed(event) == run.proposals
    assert Seat.objects.filter(meeting__event=event, is_live=True).count() == 6
    assert (run.state, run.version) == (ScheduleRunState.PUBLISHED, 1)
    news = Notification.objects.filter(kind="schedules")
    assert {row.user_id for row in news} == {person.profile.user_id for person in people}
    assert news.count() == 3
    assert tell_calendars() == 3
    assert SentInvitation.objects.filter(method="REQUEST").count() == 6
    assert drift_of(event) == []


def test_second_schedule_keeps_moves_and_cancels():
    event, _people = three_who_meet()
    publish_run(finished_run(event, (0, 0, 0), (1, 1, 0), (2, 2, 1)), actor=None)
    tell_calendars()
    first, second, third = Meeting.objects.order_by("request_id")
    organiser = organiser_of(event)

    done = publish_run(finished_run(event, (0, 0, 0), (1, 2, 1)), actor=organiser)

    assert (done.version, done.created, done.moved, done.cancelled) == (2, 0, 1, 1)
    for meeting in (first, second, third):
        meeting.refresh_from_db()
    assert (first.sequence, second.sequence, third.sequence) == (0, 1, 1)
    assert third.state == MeetingState.CANCELLED
    assert third.changes.get().actor == organiser
    move = MeetingMove.objects.get()
    assert (move.meeting, move.sequence, move.moved_by) == (second, 1, organiser)
    assert second.during == second.slot.during
    assert set(second.seats.values_list("during", flat=True)) == {second.during}
    assert tell_calendars() == 2
    assert SentInvitation.objects.filter(meeting=second).count() == 4
    assert SentInvitation.objects.filter(meeting=third, method="CANCEL").count() == 2
    # The wish that has no place is still a wish.
    assert third.request.state == "accepted"
    assert [run.state for run in event.schedule_runs.order_by("pk")] == [
        ScheduleRunState.SUPERSEDED,
        ScheduleRunState.PUBLISHED,
    ]


def test_two_meetings_change_places_in_one_schedule():
    event = small_event(slots=1, tables=2, pairs=2)
    publish_run(finished_run(event, (0, 0, 0), (1, 0, 1)), actor=None)

    done = publish_run(finished_run(event, (0, 0, 1), (1, 0, 0)), actor=None)

    assert done.moved == 2
    assert drift_of(event) == []


def test_only_those_whom_something_touches_are_told():
    event = small_event(pairs=2)
    publish_run(finished_run(event, (0, 0, 0), (1, 0, 1)), actor=None)
    Notification.objects.all().delete()

    publish_run(finished_run(event, (0, 0, 0), (1, 1, 1)), actor=None)

    moved = event.meeting_requests.order_by("pk").last()
    told = set(Notification.objects.values_list("user_id", flat=True))
    assert told == {moved.sender.profile.user_id, moved.recipient.profile.user_id}


def test_what_changed_is_shown_before_anything_is_published():
    event, people = three_who_meet()
    run = finished_run(event, (0, 0, 0), (1, 1, 0))
    people[0].availabilities.create(slot=event.slots.first(), modes=0)

    refused = refusal(run)

    assert refused.code == CHANGED
    assert [(change.noun, change.kind, change.rows) for change in refused.changes] == [
        ("people", "other", (people[0].pk,))
    ]
    assert not Meeting.objects.exists()


def test_publishing_anyway_leaves_out_what_no_longer_holds():
    event, people = three_who_meet()
    run = finished_run(event, (0, 0, 0), (1, 1, 0), (2, 2, 0))
    people[0].availabilities.create(slot=event.slots.first(), modes=0)

    done = publish_run(run, actor=None, even_if_changed=True)

    assert (done.created, done.dropped) == (2, 1)
    assert placed(event) == run.proposals[1:]
    assert drift_of(event) == []


def test_participant_who_leaves_after_the_run_has_no_meeting():
    event, people = three_who_meet()
    run = finished_run(event, (0, 0, 0), (1, 1, 0), (2, 2, 0))
    people[2].move_to("withdrawn", actor=None)

    assert refusal(run).code == CHANGED
    done = publish_run(run, actor=None, even_if_changed=True)

    assert (done.created, done.dropped) == (1, 2)
    assert not Seat.objects.filter(registration=people[2]).exists()


def test_limit_that_was_lowered_keeps_the_heavier_wish():
    event, people = three_who_meet()
    run = finished_run(event, (0, 0, 0), (1, 1, 0), (2, 2, 0))
    heavy = event.meeting_requests.order_by("pk").last()
    type(heavy).objects.filter(pk=heavy.pk).update(strength=3, answer_strength=3)
    people[0].maximum_meetings = 1
    people[0].save()

    publish_run(run, actor=None, even_if_changed=True)

    assert heavy.pk in {request for request, _slot, _place in placed(event)}
    assert Seat.objects.filter(registration=people[0], is_live=True).count() == 1


def test_run_from_before_the_published_schedule_is_refused():
    event, _people = three_who_meet()
    late = finished_run(event, (0, 1, 1))
    publish_run(finished_run(event, (0, 0, 0)), actor=None)

    assert refusal(late, even_if_changed=True).code == OUTDATED


@pytest.mark.parametrize("state", ("failed", "discarded"))
def test_only_finished_runs_are_published(state):
    event, _people = three_who_meet()
    run = finished_run(event)
    ScheduleRun.objects.filter(pk=run.pk).update(state=state)

    assert refusal(run).code == NOT_READY


def test_table_that_something_else_takes_undoes_everything():
    event, _people = three_who_meet()
    run = finished_run(event, (0, 0, 0), (1, 1, 0))
    # A meeting of another event at this event's table: no facts tell of it.
    other = MeetingFactory(slot__starts_at=BEGIN + timedelta(minutes=25))
    Meeting.objects.filter(pk=other.pk).update(place_id=run.proposals[1][2])

    assert refusal(run).code == TAKEN
    event.refresh_from_db()
    run.refresh_from_db()
    assert (event.schedule_version, run.state) == (0, ScheduleRunState.FINISHED)
    assert Meeting.objects.count() == 1
    assert not Notification.objects.filter(kind="schedules").exists()
    assert not Meeting.objects.filter(untold_since__isnull=False).exists()


def test_meeting_that_has_begun_is_left_alone():
    event, _people = three_who_meet()
    publish_run(finished_run(event, (0, 0, 0), (1, 1, 0)), actor=None)
    begun = Meeting.objects.order_by("during").first()
    Meeting.objects.filter(pk=begun.pk).update(state=MeetingState.HELD)

    done = publish_run(finished_run(event, (0, 2, 1)), actor=None)

    assert (done.created, done.moved, done.cancelled) == (0, 1, 0)
    begun.refresh_from_db()
    assert (begun.state, begun.sequence) == (MeetingState.HELD, 0)


def test_colleague_who_joins_gets_a_seat_and_calendars_a_new_number():
    event = small_event(pairs=1)
    publish_run(finished_run(event, (0, 0, 0)), actor=None)
    meeting = Meeting.objects.get()
    colleague = RegistrationFactory(event=event)
    meeting.request.members.create(
        registration=colleague, brought_by=meeting.request.sender, agreed_at=BEGIN
    )

    publish_run(finished_run(event, (0, 0, 0)), actor=None)

    tell_calendars()
    meeting.refresh_from_db()
    assert meeting.sequence == 1
    assert meeting.seats.count() == 3
    assert SentInvitation.objects.filter(meeting=meeting, profile=colleague.profile).exists()


def test_colleague_who_no_longer_comes_is_taken_off_their_calendar_and_nobody_elses():
    event = small_event(pairs=1)
    colleague = RegistrationFactory(event=event)
    request = event.meeting_requests.get()
    member = request.members.create(
        registration=colleague, brought_by=request.sender, agreed_at=BEGIN
    )
    publish_run(finished_run(event, (0, 0, 0)), actor=None)
    tell_calendars()
    member.delete()

    publish_run(finished_run(event, (0, 0, 0)), actor=None)

    cancelled = SentInvitation.objects.filter(method="CANCEL")
    assert [row.profile for row in cancelled] == [colleague.profile]
    assert Meeting.objects.get().seats.count() == 2


def test_checker_finds_what_no_constraint_sees_and_organisers_are_told_once():
    event, people = three_who_meet()
    organiser = organiser_of(event)
    run = finished_run(event, (0, 0, 0))
    publish_run(run, actor=None)
    run.refresh_from_db()
    assert check_schedule(run) == []

    people[0].availabilities.create(slot=event.slots.first(), modes=0)
    found = check_schedule(run)
    check_schedule(run)

    assert [(row["code"], row["person"]) for row in found] == [("away", people[0].pk)]
    assert Notification.objects.filter(user=organiser, key__startswith="drift:").count() == 1


def test_duty_on_the_agenda_after_publishing_is_drift():
    event, people = three_who_meet()
    publish_run(finished_run(event, (0, 0, 0)), actor=None)
    later = DateTimeTZRange(BEGIN + timedelta(minutes=30), BEGIN + timedelta(minutes=40))
    session = SessionFactory(event=event, during=later)
    Seat.objects.create(profile=people[0].profile, session=session, during=later)

    assert drift_of(event) == []
    people[1].move_to("withdrawn", actor=None)
    assert {row["code"] for row in drift_of(event)} == {"unwanted"}


def test_statements_do_not_grow_with_meetings(django_assert_max_num_queries):
    counts = []
    for pairs in (1, 8):
        event = small_event(pairs=pairs, tables=8)
        run = finished_run(event, *((number, 0, number) for number in range(pairs)))
        with django_assert_max_num_queries(80) as asked:
            publish_run(run, actor=None)
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_calendars_are_told_once_and_of_the_last_time_only():
    event, _people = three_who_meet()
    publish_run(finished_run(event, (0, 0, 0)), actor=None)
    publish_run(finished_run(event, (0, 1, 0)), actor=None)

    assert tell_calendars() == 1
    assert tell_calendars() == 0
    assert set(SentInvitation.objects.values_list("method", "sequence")) == {("REQUEST", 1)}
    assert SentInvitation.objects.count() == 2


def test_meeting_that_ended_before_calendars_knew_of_it_is_not_told():
    event, _people = three_who_meet()
    publish_run(finished_run(event, (0, 0, 0)), actor=None)
    publish_run(finished_run(event, (1, 0, 0)), actor=None)

    assert tell_calendars() == 2
    assert set(SentInvitation.objects.values_list("method", flat=True)) == {"REQUEST"}
    assert SentInvitation.objects.filter(meeting__is_live=False).count() == 0
