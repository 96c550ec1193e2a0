"""What the worker does for funding: every task finds its own work and calls one service."""

from celery import shared_task

from funding.services import (
    assignment_runs,
    call_notices,
    conflicts,
    documents,
    expert_invitations,
    follow_ups,
    grants,
    letters,
    offers,
    participants,
    receipts,
    report_rounds,
    reviewing,
)


@shared_task
def tell_amendments() -> None:
    """Tell applicants what was changed in the calls that they apply to."""
    call_notices.tell_amendments()


@shared_task
def tell_of_cancelled_calls() -> None:
    """Tell applicants that their call was cancelled."""
    call_notices.tell_of_cancelled_calls()


@shared_task
def work_on_assignment_runs() -> None:
    """Compute the assignments of reviewers that officers asked for."""
    assignment_runs.work_on_runs()


@shared_task
def look_for_conflicts() -> None:
    """Look for conflicts of interest anew where somebody's profile changed."""
    conflicts.refresh_stale()


@shared_task
def look_after_reviewers() -> None:
    """Remind reviewers and experts, and end what they did not answer in time."""
    expert_invitations.end_late_invitations()
    reviewing.remind_reviewers()


@shared_task
def tell_submissions() -> None:
    """Write to applicants that what they handed in has arrived."""
    receipts.tell_submissions()


@shared_task
def look_after_applications() -> None:
    """End invitations that nobody answered, and remove files that belong to nothing."""
    participants.expire_invitations()
    documents.sweep_files()


@shared_task
def tell_decisions() -> None:
    """Tell applicants what was decided about them, once decisions are out."""
    letters.tell_decisions()


@shared_task
def look_after_offers() -> None:
    """Offer what was released, and let offers lapse whose time is over."""
    offers.offer_what_was_released()
    offers.lapse_offers()


@shared_task
def look_after_grants() -> None:
    """Start grants whose day has come; open reports, remind of them, end silent follow-ups."""
    grants.start_due_grants()
    report_rounds.open_reports()
    report_rounds.remind_of_reports()
    report_rounds.give_up_follow_ups()


@shared_task
def fill_in_follow_ups() -> None:
    """Look up what people published since their grant."""
    follow_ups.prefill_follow_ups()
