"""Signs of life."""

from django.utils import timezone

from konnect.accounts.models import Heartbeat


def record_heartbeat(name: str) -> None:
    """Write that this kind of process works right now."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})
