"""A real worker computes a schedule; killed, another one takes the run up."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from events.models import Meeting, ScheduleRun, ScheduleRunState, SentInvitation
from events.services.publishing import publish_run
from events.services.schedule_runs import queue_run
from events.services.schedule_work import SILENCE
from tests.events.schedules import small_event, three_who_meet
from tests.events.test_schedule_runs import crowd
from tests.processes import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]


def is_in(run, *states):
    run.refresh_from_db()
    return run.state in states


def test_worker_computes_and_tells_calendars(start_portal_worker):
    event, _people = three_who_meet()
    run = queue_run(event, actor=None, seconds=60)
    start_portal_worker()

    wait_until(lambda: is_in(run, ScheduleRunState.FINISHED))
    publish_run(run, actor=None)

    invited = SentInvitation.objects.filter(method="REQUEST")
    wait_until(lambda: invited.count() == 6)
    wait_until(lambda: ScheduleRun.objects.get().checked_at is not None)
    assert ScheduleRun.objects.get().drift == []
    assert Meeting.objects.filter(untold_since=None).count() == 3


def test_run_of_a_killed_worker_is_taken_up_by_another(start_portal_worker):
    event = small_event(slots=20, tables=20, pairs=0)
    crowd(event)
    run = queue_run(event, actor=None, seconds=300)
    worker = start_portal_worker()
    wait_until(lambda: is_in(run, ScheduleRunState.RUNNING))

    with transaction.atomic():
        # However fast it computes, it cannot write that it is done.
        assert ScheduleRun.objects.select_for_update().get().state == ScheduleRunState.RUNNING
        worker.kill()
    # Its last sign of life is a minute ago: waiting that long would prove no more.
    ScheduleRun.objects.update(
        seen_at=timezone.now() - SILENCE - timedelta(seconds=1), seconds_allowed=5
    )
    start_portal_worker()

    wait_until(lambda: is_in(run, ScheduleRunState.FINISHED))
    assert run.tries == 2
    assert run.proposals
