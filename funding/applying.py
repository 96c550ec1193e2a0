"""Whose an application is, and who may write in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from funding.machines import GONE
from funding.models import Application, Participant

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from konnect.accounts.models import User

# They stand behind the whole text; everybody else of an application behind their own place in it.
OF_THE_TEXT = ("lead", "partner")
# Confirmed once, whatever was changed since.
HAVE_ANSWERED = ("confirmed", "reconfirm")
# Whom the lead lets write, once they have said that they take part. Hosts and travellers have a
# page of their trip.
MAY_WRITE = Q(role="partner") | Q(role="member", state__in=HAVE_ANSWERED)


def seats_of(user: User) -> QuerySet[Participant]:
    """Return the places that somebody has, or is asked to take, in applications."""
    return Participant.objects.filter(person__user=user.pk).exclude(state__in=GONE)


def asked_by_mail(user: User) -> QuerySet[Participant]:
    """Return the places that somebody is asked to take by a letter to an address of theirs."""
    own = EmailAddress.objects.filter(user=user.pk, verified=True).values(lower=Lower("email"))
    asked = Participant.objects.filter(person=None, state="invited").exclude(role="member")
    return asked.alias(lower=Lower("email")).filter(lower__in=own)


def readers_seats(user: User) -> QuerySet[Participant]:
    """Return the places of somebody from which an application is read."""
    writes = MAY_WRITE & Q(may_edit=True)
    return seats_of(user).filter(Q(role__in=OF_THE_TEXT) | writes)


def applications_of(user: User) -> QuerySet[Application]:
    """Return the applications that somebody leads, is the partner of, or may write in."""
    seats = readers_seats(user).filter(application=OuterRef("pk"))
    return Application.objects.filter(Q(lead__user=user.pk) | Exists(seats))


def applications_seated(user: User) -> QuerySet[Application]:
    """Return the applications in which somebody has any place, or is asked to take one."""
    seats = seats_of(user).filter(application=OuterRef("pk"))
    return Application.objects.filter(Q(lead__user=user.pk) | Exists(seats))


def is_lead(application: Application, user: User) -> bool:
    """Tell whether somebody leads an application; no query when the lead is read."""
    return application.lead.user_id == user.pk


def may_edit(application: Application, user: User) -> bool:
    """Tell whether somebody may write in an application: the lead, and whom the lead lets."""
    if is_lead(application, user):
        return True
    seats = seats_of(user).filter(MAY_WRITE, application=application.pk, may_edit=True)
    return seats.exists()


def own_seat(application: Application, user: User) -> Participant | None:
    """Return the place that somebody has in an application beside the lead's, the partner's first."""
    seats = seats_of(user).filter(application=application.pk).exclude(role="lead")
    found = sorted(seats, key=lambda seat: (seat.role != "partner", seat.pk))
    return found[0] if found else None
