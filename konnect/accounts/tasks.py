"""Work of accounts that the worker does; each task finds it by query."""

from celery import shared_task

from konnect.accounts import services


@shared_task
def deliver_mail() -> None:
    """Send the messages that are due."""
    services.deliver_due_mail()


@shared_task
def beat_heart() -> None:
    """Prove that broker, beat and worker work together."""
    services.record_heartbeat("worker")


@shared_task
def forget_what_is_over() -> None:
    """Delete what is kept no longer."""
    services.forget_what_is_over()
