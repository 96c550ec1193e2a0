"""What is kept no longer than the privacy policy says."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from konnect.accounts.models import DeliveryState, OutgoingEmail

# Long enough to find out why a message did not arrive.
MAIL_KEPT = timedelta(days=30)


@transaction.atomic
def forget_what_is_over() -> int:
    """Delete ended sessions with their network addresses, and old messages; return how many."""
    live = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=Now())
    ended = Session.objects.filter(expire_date__lte=Now())
    traces = UserSession.objects.filter(~Exists(live))
    finished = OutgoingEmail.objects.exclude(state=DeliveryState.WAITING)
    old = finished.filter(created_at__lt=Now() - MAIL_KEPT)
    return sum(rows.delete()[0] for rows in (ended, traces, old))
