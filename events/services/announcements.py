"""What organisers tell everybody who comes: on the event's page, the hall's screen, and as news.

Writing is one row; the worker tells a thousand people. Told twice does no harm: the key of the
news holds the number of the announcement.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import Announcement, Event, Registration
from konnect.accounts.doorbell import ring
from konnect.accounts.services.notifications import notify, put_on_site, take_news_back

if TYPE_CHECKING:
    from konnect.accounts.models import User

KIND = "event_news"
TASK = "events.tasks.tell_announcements"
SAME_PRESS = timedelta(minutes=1)


@transaction.atomic
def announce(
    event: Event, *, text_en: str, text_ko: str, by_mail: bool, actor: User
) -> Announcement:
    """Tell everybody who takes part in an event; by_mail: also by e-mail, as each one wishes.

    A button that is pressed twice tells once: the same text within a minute is the same.
    """
    Event.objects.select_for_update(no_key=True).get(pk=event.pk)
    facts = {"text_en": text_en, "text_ko": text_ko, "by_mail": by_mail, "made_by": actor}
    latest = event.announcements.standing().filter(**facts, made_at__gt=Now() - SAME_PRESS)
    if same := latest.first():
        return same
    announcement = Announcement.objects.create(event=event, **facts)
    ring(TASK)
    return announcement


def audience_of(event: Event) -> QuerySet[Registration]:
    """Return those whom an announcement reaches."""
    return Registration.objects.confirmed().filter(event=event)


def tell_announcements() -> int:
    """Tell everybody what was announced and not told yet; return how many announcements."""
    told = 0
    while tell_one():
        told += 1
    return told


@transaction.atomic
def tell_one() -> bool:
    """Tell the oldest untold announcement; two workers never tell the same at once."""
    untold = Announcement.objects.standing().filter(told_at=None).select_related("event")
    found = untold.select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
    if found is None:
        return False
    going = audience_of(found.event).select_related("profile__user")
    for registration in going.iterator(chunk_size=500):
        tell_person(found, registration)
    Announcement.objects.filter(pk=found.pk).update(told_at=timezone.now())
    return True


def tell_person(announcement: Announcement, registration: Registration) -> None:
    """Tell one participant: on the site always, by e-mail if the organiser wanted that."""
    user = registration.profile.user
    key = key_of(announcement)
    address = reverse("events:announcement_list", args=[announcement.event_id])
    title = title_of(announcement.event)
    if not announcement.by_mail:
        put_on_site(user, KIND, key=key, title=title, address=address)
        return
    context = {"announcement": announcement, "event": announcement.event}
    notify(
        user, KIND, key=key, title=title, address=address, letter="event_announcement",
        context={**context, "reader": registration.profile},
    )  # fmt: skip


def key_of(announcement: Announcement) -> str:
    """Return the key of the news of an announcement."""
    return f"event_announcement:{announcement.pk}"


@transaction.atomic
def take_back(announcement: Announcement, *, actor: User) -> int:
    """Take an announcement off all pages and out of the news; return how many letters had gone.

    It is locked as while it is told: it reaches everybody before it goes, or nobody.
    """
    found = Announcement.objects.select_for_update().get(pk=announcement.pk)
    if found.taken_back_at is None:
        Announcement.objects.filter(pk=found.pk).update(taken_back_at=Now())
    return take_news_back(KIND, key=key_of(found))


def title_of(event: Event) -> Callable[[], str]:
    """Return the title of the news; what was announced stands on the page and in the letter."""
    return lambda: _("News from the organisers of %(event)s") % {"event": event.title}
