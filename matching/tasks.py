"""What the worker does for matching: every task finds its own work and calls one service."""

from celery import shared_task

from matching.services import contacts, embeddings, listings, matching


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
    """Compute everybody's lists when that is due."""
    matching.run_due_matching()


@shared_task
def expire_contact_requests() -> None:
    """Close the contact requests that nobody answered in time."""
    contacts.expire_overdue_requests()


@shared_task
def expire_listings() -> None:
    """Close the listings whose validity has run out."""
    listings.expire_overdue_listings()
