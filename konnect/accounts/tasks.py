"""Work of accounts that the worker does; each task finds it by query."""

from celery import shared_task

from konnect.accounts import services
from konnect.accounts.services.digests import write_due_digests
from konnect.accounts.services.dormancy import look_after_absent as look_after
from konnect.accounts.services.erasure import forget_farewells
from konnect.accounts.services.exports import make_due_exports
from konnect.accounts.services.policy_changes import tell_of_changes


@shared_task
def deliver_mail() -> None:
    """Send the messages that are due."""
    services.deliver_due_mail()
    forget_farewells()


@shared_task
def write_digests() -> None:
    """Write the digests whose hour has come."""
    write_due_digests()


@shared_task
def beat_heart() -> None:
    """Prove that broker, beat and worker work together."""
    services.record_heartbeat("worker")


@shared_task
def forget_what_is_over() -> None:
    """Delete what is kept no longer."""
    services.forget_what_is_over()


@shared_task
def make_exports() -> None:
    """Make the copies of their data that people wait for."""
    make_due_exports()


@shared_task
def look_after_absent() -> None:
    """Ask, hide and delete accounts that nobody uses."""
    look_after()


@shared_task
def tell_of_policy_changes() -> None:
    """Tell people of new versions of the policies."""
    tell_of_changes()
