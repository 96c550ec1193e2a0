"""The events application."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    """Events, registrations, agendas, meetings and their schedules."""

    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        """Make the kinds of news known; part people who blocked each other or are erased."""
        register = import_string("konnect.accounts.notifications.register")
        register(*import_string("events.news.KINDS"))
        import_string("events.services.own_registrations.register_own_registrations")()
        import_string("events.services.own_meetings.register_own_meetings")()
        import_string("events.services.own_events.register_own_events")()
        blocks = import_string("matching.models.Block")
        post_save.connect(part_blocked, sender=blocks)
        import_string("konnect.accounts.rights.erasing").connect(part_erased)


def part_blocked(*, instance: Any, created: bool, **_facts: Any) -> None:
    """End what two people have at events when one of them blocks the other."""
    if created:
        import_string("events.services.parting.part_blocked")(instance)


def part_erased(**facts: Any) -> None:
    """Cancel the meetings of somebody who is erased, and give their places back."""
    import_string("events.services.parting.part_erased")(**facts)
    import_string("events.services.own_registrations.leave_events")(**facts)
