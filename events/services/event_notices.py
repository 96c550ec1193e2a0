"""The news about whole events: cancelled, at another time, somebody's part in running them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import Notification
from konnect.accounts.services.notifications import notify

if TYPE_CHECKING:
    from events.models import Event, EventHelper, Registration, SessionSpeaker
    from konnect.accounts.models import User

KIND = "event_news"
LETTER = "event_notice"
CANCELLED_KEY = "event_cancelled:"


def titled(words: str | Promise, event: Event) -> Callable[[], str]:
    """Return words with the title of an event, in the language that is active when they are read."""
    return lambda: str(words) % {"event": event.title}


def tell(
    user: User,
    event: Event,
    *,
    key: str,
    title: str | Promise,
    words: str | Promise,
    address: str = "",
) -> Notification | None:
    """Tell somebody news of an event, with its times on their clocks in the letter."""
    return notify(
        user, KIND, key=key, title=titled(title, event),
        address=address or event.get_absolute_url(), letter=LETTER,
        context={"event": event, "words": words},
    )  # fmt: skip


def tell_of_cancellation(registration: Registration) -> Notification | None:
    """Tell somebody who registered that the event does not take place."""
    event = registration.event
    return tell(
        registration.profile.user, event, key=f"{CANCELLED_KEY}{event.pk}",
        title=_("“%(event)s” is cancelled"),
        words=_("The event does not take place. Your meetings there are cancelled too; you need not do anything."),
    )  # fmt: skip


def tell_of_new_time(user: User, event: Event) -> Notification | None:
    """Tell somebody that the clocks of the event's zone changed, and its instant with them."""
    return tell(
        user, event, key=f"event_time:{event.pk}:{event.starts_at:%Y%m%dT%H%M}",
        title=_("“%(event)s” begins at another time for you"),
        words=_("The rules for summer time were changed where the event takes place. The time on the clocks there stays the same; on yours it may be another one."),
    )  # fmt: skip


def tell_of_help(helper: EventHelper) -> Notification | None:
    """Tell somebody that they may help to run an event."""
    event = helper.event
    return tell(
        helper.user, event, key=f"event_helper:{event.pk}:{helper.pk}",
        title=_("You help to run “%(event)s”"), words=helper.get_role_display(),
        address=reverse("events:event_manage", args=[event.pk]),
    )  # fmt: skip


def tell_of_speaking(speaker: SessionSpeaker) -> Notification | None:
    """Tell a member that the programme names them, and where they can end that."""
    assert speaker.profile is not None
    event = speaker.session.event
    return tell(
        speaker.profile.user, event, key=f"event_speaker:{speaker.session_id}:{speaker.pk}",
        title=_("You are named as a speaker at “%(event)s”"),
        words=_("The organisers named you in the programme. If that is wrong, open the page of the event and choose “I do not speak here”."),
    )  # fmt: skip
