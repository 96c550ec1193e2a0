"""Telling people of a new schedule: one piece of news a person, not one a meeting.

Mail goes with the invitations to calendars, one a meeting; the news on the site sums them up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext

from events.models import Event, Registration, ScheduleRun, in_reader_language
from konnect.accounts.models import Notification
from konnect.accounts.services.notifications import titles

if TYPE_CHECKING:
    from events.services.publishing_rows import Rewrite

KIND = "schedules"
A_BATCH = 1000


def tell_of_schedule(event: Event, run: ScheduleRun, rewrite: Rewrite) -> int:
    """Tell everybody whom a schedule touches, once each version; return how many people."""
    people = Registration.objects.filter(pk__in=rewrite.people, profile__user__is_active=True)
    users = people.values_list("profile__user_id", flat=True)
    words = titles(lambda: title_of(event, run))
    address = reverse("events:meeting_list", args=[event.pk])
    rows = [
        Notification(
            user_id=user, kind=KIND, key=f"schedule:{event.pk}:{run.version}", address=address,
            **words,
        )
        for user in users
    ]  # fmt: skip
    Notification.objects.bulk_create(rows, batch_size=A_BATCH, ignore_conflicts=True)
    return len(rows)


def title_of(event: Event, run: ScheduleRun) -> str:
    """Return what happened, in the language that is active."""
    name = in_reader_language(event.title_en, event.title_ko)
    if run.version == 1:
        return gettext("The schedule of your meetings at “%(event)s” is there") % {"event": name}
    return gettext("Some of your meetings at “%(event)s” have changed") % {"event": name}
