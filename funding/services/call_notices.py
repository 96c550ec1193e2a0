"""Who is told what about a call: funders of what waits for them, applicants of what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from funding.models import OVER, Call, CallAmendment, FunderOfficer, Person
from konnect.accounts.models import Notification
from konnect.accounts.services.notifications import notify

if TYPE_CHECKING:
    from konnect.accounts.models import User

KIND = "calls"
AMENDMENT_TASK = "funding.tasks.tell_amendments"
CANCELLATION_TASK = "funding.tasks.tell_of_cancelled_calls"
CANCELLED_KEY = "call_cancelled:"
BATCH = 200


def applicants_of(call: Call) -> QuerySet[Person]:
    """Return everybody with an account who takes part in a live application, drafts among them."""
    live = call.applications.exclude(state__in=OVER)
    joined = Q(participations__application__in=live) & ~Q(participations__state="declined")
    found = Person.objects.filter(Q(led_applications__in=live) | joined)
    return found.filter(user__is_active=True).distinct()


def ask_funders(call: Call) -> None:
    """Tell those who speak for its funders that a call waits for their approval."""
    rows = FunderOfficer.objects.filter(funder__commitments__call=call)
    # A call that is sent again is news again.
    sent = call.changes.filter(new_state="in_approval").count()
    told: set[int] = set()
    for row in rows.select_related("user"):
        if row.user_id not in told:
            told.add(row.user_id)
            tell(row.user, call, f"call_approval:{call.pk}:{sent}", approval_title(call))


def approval_title(call: Call) -> Callable[[], str]:
    """Return the title of that news."""
    return lambda: _("A call waits for your approval: %(call)s") % {"call": call}


def tell(user: User, call: Call, key: str, title: Callable[[], str]) -> None:
    """Tell one person, with a link to the call."""
    notify(user, KIND, key=key, title=title, address=call.get_absolute_url())


def tell_amendments() -> int:
    """Tell applicants of amendments that they were not told of; return how many amendments."""
    told = 0
    while tell_one_amendment():
        told += 1
    return told


@transaction.atomic
def tell_one_amendment() -> bool:
    """Tell of the oldest amendment; two workers never tell of the same at once."""
    untold = CallAmendment.objects.filter(told_at=None).select_related("call")
    found = untold.select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
    if found is None:
        return False
    for person in applicants_of(found.call).select_related("user").iterator(chunk_size=500):
        assert person.user is not None
        notify(
            person.user, KIND, key=f"call_amendment:{found.pk}", title=amendment_title(found),
            address=found.call.get_absolute_url(), letter="call_amendment",
            context={"amendment": found, "call": found.call, "reader": person},
        )  # fmt: skip
    CallAmendment.objects.filter(pk=found.pk).update(told_at=timezone.now())
    return True


def amendment_title(amendment: CallAmendment) -> Callable[[], str]:
    """Return the title of the news; what changed stands on the page and in the letter."""
    return lambda: _("Amendment of the call %(call)s") % {"call": amendment.call}


def tell_of_cancelled_calls() -> int:
    """Tell applicants whose call was cancelled and who were not told yet; return how many."""
    told = 0
    for call in Call.objects.filter(state="cancelled", approved_at__isnull=False):
        told += tell_of_cancellation(call)
    return told


def tell_of_cancellation(call: Call) -> int:
    """Tell up to a batch of applicants that a call is cancelled; return how many."""
    key = f"{CANCELLED_KEY}{call.pk}"
    known = Notification.objects.filter(user=OuterRef("user"), key=key)
    people = applicants_of(call).exclude(Exists(known)).select_related("user")[:BATCH]
    found = list(people)
    for person in found:
        assert person.user is not None
        tell(person.user, call, key, cancelled_title(call))
    return len(found)


def cancelled_title(call: Call) -> Callable[[], str]:
    """Return the title of that news."""
    return lambda: _("Cancelled: %(title)s") % {"title": call}
