"""What keeps two participants from meeting, in words for the person who tries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.models import MeetingRequest, RegistrationState, RequestState
from events.phases import takes_requests
from matching.permissions.contacts import Blocker, have_blocked

if TYPE_CHECKING:
    from datetime import datetime

    from events.models import Event, Registration
    from events.models.meeting_request import MeetingRequestQuerySet

ONESELF = Blocker("oneself", _("This is you."))
NOT_NOW = Blocker("not_now", _("Meetings cannot be asked for at this event now."))
SENDER_NOT_IN = Blocker("sender_not_in", _("Only confirmed participants can ask for meetings."))
NOT_THERE = Blocker("not_there", _("This person cannot be asked for a meeting at this event."))
# The same words: nobody learns from the portal that they were blocked.
HIDDEN = Blocker("blocked", NOT_THERE.words)
WANTS_NONE = Blocker("wants_none", _("This person does not take meetings at this event."))
SAME_SIDE = Blocker("same_side", _("At this event, people from Europe meet people from Korea."))
ALREADY_ASKED = Blocker(
    "already_asked",
    pgettext_lazy("a meeting", "You have asked this person already; the answer is still open."),
)
ALREADY_AGREED = Blocker("already_agreed", _("You two have agreed to meet already."))
DECLINED = Blocker("declined", _("This person declined a request of yours for this event."))
TOO_MANY_OPEN = Blocker(
    "too_many_open",
    _("You have as many unanswered requests as this event allows. Withdraw one, or wait."),
)
OVER = Blocker("over", _("This time has begun already."))
LIMIT_REACHED = Blocker("limit_reached", _("One of you has as many meetings as they wanted."))
TAKEN = Blocker("taken", _("This time is no longer free. Choose another one."))
NOT_AGREED = Blocker("not_agreed", _("This meeting is no longer agreed."))
NO_SCHEDULE = Blocker(
    "no_schedule",
    _(
        "The organisers have not published a schedule yet: it looks for the best time of everybody."
    ),
)
TOO_EARLY = Blocker(
    "too_early", _("You can say that you come late from three hours before the meeting on.")
)
MEETS_ALREADY = Blocker("meets_already", _("This meeting has a time already."))
NO_COLLEAGUE = Blocker("no_colleague", _("This person cannot join this meeting."))
ENOUGH_PEOPLE = Blocker("enough_people", _("Your side has as many people as a meeting takes."))

# Besides the one who asked or answered.
MOST_COLLEAGUES = 4


def request_blockers(
    event: Event, sender: Registration, recipient: Registration, now: datetime | None = None
) -> list[Blocker]:
    """Return everything that keeps a participant from asking another one now; empty means go.

    A request that the other one sent is no blocker: asking back accepts it.
    """
    if sender.pk == recipient.pk:
        return [ONESELF]
    now = now or timezone.now()
    found = [] if takes_requests(event, now) else [NOT_NOW]
    found += people_blockers(event, sender, recipient)
    found += pair_blockers(sender, recipient)
    return found if requests_left(event, sender, now) else [*found, TOO_MANY_OPEN]


def people_blockers(
    event: Event, sender: Registration, recipient: Registration
) -> Iterator[Blocker]:
    """Look at both people."""
    if sender.state != RegistrationState.CONFIRMED:
        yield SENDER_NOT_IN
    if not can_be_asked(event, recipient):
        yield NOT_THERE
    elif have_blocked(sender.profile, recipient.profile):
        yield HIDDEN
    elif not recipient.wants_meetings:
        yield WANTS_NONE
    if not event.allows_same_side and sender.profile.side == recipient.profile.side:
        yield SAME_SIDE


def can_be_asked(event: Event, recipient: Registration) -> bool:
    """Tell whether somebody takes part in this event and stands in its list."""
    is_in = recipient.state == RegistrationState.CONFIRMED and recipient.event_id == event.pk
    return is_in and recipient.is_listed and recipient.profile.user.is_active


def pair_blockers(sender: Registration, recipient: Registration) -> Iterator[Blocker]:
    """Look at what the two asked each other before at this event."""
    between = requests_between(sender, recipient)
    if between.filter(state=RequestState.ACCEPTED).exists():
        yield ALREADY_AGREED
    own = between.filter(sender=sender)
    if own.filter(state=RequestState.SENT).exists():
        yield ALREADY_ASKED
    if own.filter(state=RequestState.DECLINED).exists():
        yield DECLINED


def requests_between(sender: Registration, recipient: Registration) -> MeetingRequestQuerySet:
    """Return the requests of a pair at an event, in either direction."""
    return MeetingRequest.objects.filter(
        Q(sender=sender, recipient=recipient) | Q(sender=recipient, recipient=sender)
    )


def requests_left(event: Event, sender: Registration, now: datetime | None = None) -> int:
    """Return how many more people somebody may ask at an event while nobody answers."""
    open_ones = sender.requests_sent.filter(state=RequestState.SENT, added_by=None)
    open_ones = open_ones.filter(expires_at__gt=now or timezone.now())
    return max(0, event.maximum_open_requests - open_ones.count())
