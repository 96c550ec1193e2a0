"""What the worker does for events: every task finds its own work and calls one service."""

from celery import shared_task

from events.services import (
    announcements,
    calendar_rounds,
    event_states,
    meeting_proposals,
    meeting_requests,
    outcomes,
    registrations,
    schedule_checks,
    schedule_work,
    zone_changes,
)


@shared_task
def tell_of_cancelled_events() -> None:
    """Tell people that their event does not take place."""
    event_states.tell_of_cancelled_events()


@shared_task
def resolve_wall_times() -> None:
    """Move events whose zone has other rules than when they were written."""
    zone_changes.resolve_wall_times()


@shared_task
def tell_announcements() -> None:
    """Tell participants what organisers announced."""
    announcements.tell_announcements()


@shared_task
def expire_meeting_requests() -> None:
    """End the meeting requests that nobody answered in time."""
    meeting_requests.expire_meeting_requests()


@shared_task
def expire_proposals() -> None:
    """End the proposed times that have begun without an answer."""
    meeting_proposals.expire_proposals()


@shared_task
def remind_of_feedback() -> None:
    """Ask people after an event how their meetings went."""
    outcomes.remind_of_feedback()


@shared_task
def look_after_waiting_lists() -> None:
    """End offers that nobody took in time, and let waiting lists move up."""
    registrations.look_after_waiting_lists()


@shared_task
def work_on_schedule_runs() -> None:
    """Compute the schedules that organisers asked for."""
    schedule_work.work_on_runs()


@shared_task
def check_schedules() -> None:
    """Look whether published schedules still hold."""
    schedule_checks.check_schedules()


@shared_task
def tell_calendars() -> None:
    """Write the invitations that a published schedule left to be written."""
    calendar_rounds.tell_calendars()
