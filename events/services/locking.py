"""The lock of an event: whoever counts places, meets, moves or publishes holds it to the end."""

from __future__ import annotations

from events.models import Event


def lock_event(event: Event | int) -> Event:
    """Let nobody else write what depends on an event until this transaction ends; return it anew.

    event: the event, or its number.
    """
    pk = event if isinstance(event, int) else event.pk
    return Event.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
