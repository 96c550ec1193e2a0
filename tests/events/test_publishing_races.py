"""Two at the same moment at a schedule: each race has a twin that shows what the guard prevents."""

from threading import Thread

import pytest
from django.db import connection, transaction
from django.urls import reverse

from events.models import Event, Meeting, ScheduleRun, ScheduleRunState
from events.services import publishing
from events.services.leaving import leave_meetings
from events.services.meetings import cancel_meeting
from events.services.publishing import PublishingRefusedError, publish_run
from events.services.schedule_checks import drift_of
from matching.services.blocks import block_profile
from tests.events.schedules import three_who_meet
from tests.events.test_publishing import finished_run
from tests.matching.test_contact_races import wait_until_blocked
from tests.processes import PATIENCE
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def addresses():
    """Read all addresses first: that takes seconds once a process, while others wait for locks."""
    reverse("events:meeting_list", args=[1])


def outcome(call):
    """Return what a call did, as a word."""
    try:
        call()
    except PublishingRefusedError as refused:
        return refused.code
    except Exception as error:  # noqa: BLE001 - the test compares what happened
        return f"{type(error).__name__}: {error}"
    return "done"


def publisher(run):
    """Return a call that publishes a run as it was read before."""
    return lambda: outcome(lambda: publish_run(run, actor=None, even_if_changed=True))


def test_two_organisers_who_publish_at_once_make_one_schedule():
    event, _people = three_who_meet()
    one, other = finished_run(event, (0, 0, 0)), finished_run(event, (1, 1, 1))

    outcomes = together(publisher(one), publisher(other))

    assert sorted(outcomes) == ["done", "outdated"]
    assert ScheduleRun.objects.filter(state=ScheduleRunState.PUBLISHED).count() == 1
    assert Meeting.objects.count() == 1


def test_without_the_version_the_second_one_undoes_the_first(monkeypatch):
    event, _people = three_who_meet()
    one, other = finished_run(event, (0, 0, 0)), finished_run(event, (1, 1, 1))
    monkeypatch.setattr(publishing, "check_standing", lambda _run, _event: None)

    outcomes = together(publisher(one), publisher(other))

    assert outcomes == ["done", "done"]
    assert Meeting.objects.filter(is_live=False).count() == 1


def test_double_click_publishes_once():
    event, _people = three_who_meet()
    run = finished_run(event, (0, 0, 0))

    outcomes = together(publisher(run), publisher(ScheduleRun.objects.get(pk=run.pk)))

    assert sorted(outcomes) == ["done", "not_ready"]
    assert Meeting.objects.count() == 1


def test_who_cancels_while_it_is_published_has_cancelled():
    event, people = three_who_meet()
    publish_run(finished_run(event, (0, 0, 0), (1, 1, 0)), actor=None)
    run = finished_run(event, (0, 2, 1), (1, 1, 0))
    meeting = Meeting.objects.order_by("request_id").first()
    actor = people[0].profile.user

    outcomes = together(
        publisher(run),
        lambda: outcome(
            lambda: cancel_meeting(
                Meeting.objects.get(pk=meeting.pk), actor=actor, reason="I am ill."
            )
        ),
    )

    assert outcomes == ["done", "done"]
    meeting.refresh_from_db()
    assert (meeting.state, meeting.is_live) == ("cancelled", False)
    assert not meeting.seats.filter(is_live=True).exists()
    assert Meeting.objects.filter(request=meeting.request, is_live=True).count() == 0
    assert drift_of(event) == []


def test_who_leaves_while_it_is_published_has_no_meeting():
    event, people = three_who_meet()
    run = finished_run(event, (0, 0, 0), (1, 1, 0), (2, 2, 0))

    def leave():
        with transaction.atomic():
            Event.objects.select_for_update(no_key=True).get(pk=event.pk)
            people[2].move_to("withdrawn", actor=None)
            leave_meetings(people[2], actor=None)

    outcomes = together(publisher(run), lambda: outcome(leave))

    assert outcomes == ["done", "done"]
    live = Meeting.objects.filter(event=event, is_live=True)
    assert live.count() == 1
    assert not live.filter(seats__registration=people[2]).exists()
    assert drift_of(event) == []


@pytest.mark.parametrize("is_locked", (True, False), ids=("with the lock", "without it"))
def test_block_at_the_moment_of_publishing(monkeypatch, is_locked):
    event, people = three_who_meet()
    run = finished_run(event, (0, 0, 0))
    blocker, blocked = people[0].profile, people[1].profile
    if not is_locked:
        monkeypatch.setattr(publishing, "lock_all", lambda run: Event.objects.get(pk=run.event_id))
    results = []
    publish = thread_of(publisher(run), results)
    block = thread_of(
        lambda: outcome(lambda: block_profile(blocker, blocked, actor=blocker.user)), results
    )

    with transaction.atomic(), connection.cursor() as cursor:
        # The publisher has read everything and waits before its first meeting.
        cursor.execute("LOCK TABLE events_meeting IN SHARE MODE")
        publish.start()
        wait_until_blocked(cursor, 1)
        block.start()
        if is_locked:
            wait_until_blocked(cursor, 2)
        else:
            block.join(PATIENCE)
    publish.join(PATIENCE)
    block.join(PATIENCE)

    assert results == ["done", "done"]
    assert Meeting.objects.filter(is_live=True).exists() is not is_locked


def thread_of(call, results):
    """Return a thread that makes a call and keeps what it returns."""

    def run():
        results.append(call())
        connection.close()

    return Thread(target=run)
