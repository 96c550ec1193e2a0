"""What the worker does for matching: every task finds its own work and calls one service."""

from celery import shared_task

from matching.services import contacts, embeddings, listings, matching, run_states


@shared_task
def refresh_stale_embeddings() -> None:
    """Make vectors for people who lack current ones."""
    embeddings.refresh_stale_embeddings()


@shared_task
def refresh_stale_suggestions() -> None:
    """Refresh the lists of people who changed."""
    matching.refresh_stale_suggestions()


@shared_task
def run_due_matching() -> None:
    """Begin a run over everybody when that is due."""
    matching.run_due_matching()


@shared_task
def work_on_blocks() -> None:
    """Do some of the work of the run that is running."""
    matching.work_on_running_blocks()


@shared_task
def wake_workers() -> None:
    """Ring for the work of a run that nobody seems to hear of."""
    matching.wake_workers()


@shared_task
def prune_runs() -> None:
    """Drop what no run needs any more."""
    run_states.prune_runs()


@shared_task
def expire_contact_requests() -> None:
    """Close the contact requests that nobody answered in time."""
    contacts.expire_overdue_requests()


@shared_task
def expire_listings() -> None:
    """Close the listings whose validity has run out."""
    listings.expire_overdue_listings()
