"""What the worker does for matching: every task finds its own work and calls one service."""

from celery import shared_task

from matching.services import (
    browsing,
    contacts,
    embeddings,
    interests,
    listings,
    matching,
    partner_searches,
    run_states,
    search_alerts,
    search_entries,
    source_fetching,
    source_requests,
    table_imports,
    twinning_suggestions,
    twinnings,
)


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


@shared_task
def lapse_interests() -> None:
    """End the expressions of interest whose call or search is over."""
    interests.lapse_interests()


@shared_task
def remind_of_listings() -> None:
    """Remind authors of partner searches that end soon, and ask what became of ended ones."""
    partner_searches.remind_of_listings()


@shared_task
def look_at_sources() -> None:
    """Fetch what somebody asked another place about themselves."""
    source_fetching.look_at_due_source()


@shared_task
def forget_old_looks() -> None:
    """Delete what was read at other places and is kept no longer."""
    source_requests.forget_old_looks()


@shared_task
def work_on_table_imports() -> None:
    """Check tables that the staff handed in, and take over those that were approved."""
    table_imports.work_on_table_imports()
    table_imports.forget_old_tables()


@shared_task
def refresh_search_entries() -> None:
    """Make what search looks in true again."""
    search_entries.refresh_search_entries()
    browsing.fold_facet_counts()


@shared_task
def look_at_saved_searches() -> None:
    """Tell people what is new in the searches that they keep."""
    search_alerts.look_at_saved_searches()


@shared_task
def refresh_twinning_suggestions() -> None:
    """Suggest organisations to each other after a run was published."""
    twinning_suggestions.refresh_twinning_suggestions()


@shared_task
def look_after_twinnings() -> None:
    """Let twinnings lapse that nobody renewed, and remind both sides before."""
    twinnings.look_after_twinnings()
