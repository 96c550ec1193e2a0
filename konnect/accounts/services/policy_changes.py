"""Telling people of a new version of a policy, and noting what they say to it."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from konnect.accounts.models import Consent, ConsentChannel, Notification, User
from konnect.accounts.policies import POLICIES, Policy
from konnect.accounts.services.consents import record_consents
from konnect.accounts.services.notifications import notify

# In the session of somebody who has not answered a new version yet.
NOTICE = "policy_notice"
BATCH = 500


def unanswered(user: User) -> list[Policy]:
    """Return the policies of which this person agreed to an earlier version only."""
    lines = Consent.objects.filter(user=user, purpose__in=POLICIES).current()
    return [
        POLICIES[line.purpose]
        for line in lines
        if line.is_given and line.text_version != POLICIES[line.purpose].newest.name
    ]


def note_changes(*, request: HttpRequest, user: User, **_more: Any) -> None:
    """Remember at sign-in that there is something new to read."""
    if unanswered(user):
        request.session[NOTICE] = True


def answer_changes(user: User, *, actor: User, language: str) -> list[Consent]:
    """Note that the person read and accepted every new version."""
    choices = {policy.purpose.value: True for policy in unanswered(user)}
    return record_consents(user, choices=choices, channel=ConsentChannel.POLICY, language=language)


def tell_of_changes() -> int:
    """Tell people of new versions ahead of their first day; each once, found by query."""
    return sum(tell_of(policy) for policy in POLICIES.values())


def tell_of(policy: Policy) -> int:
    """Tell the next people of one policy's newest version; return how many."""
    people = untold(policy)[:BATCH]
    told = [
        notify(
            user,
            "account",
            key=key_of(policy),
            title=lambda: gettext("New version: %(policy)s") % {"policy": policy.title},
            address=reverse("accounts:policy_changes"),
        )
        for user in people
    ]
    return sum(each is not None for each in told)


def untold(policy: Policy) -> QuerySet[User]:
    """Return the people who agreed to an earlier version and were not told of the newest."""
    lines = Consent.objects.filter(user=OuterRef("pk"), purpose=policy.purpose).order_by("-pk")
    agreed = Q(last_version__isnull=False, last_is_given=True)
    outdated = User.objects.annotate(
        last_version=Subquery(lines.values("text_version")[:1]),
        last_is_given=Subquery(lines.values("is_given")[:1]),
    ).filter(agreed, ~Q(last_version=policy.newest.name), is_active=True)
    told = Notification.objects.filter(key=key_of(policy)).values("user")
    return outdated.exclude(pk__in=told).order_by("pk")


def key_of(policy: Policy) -> str:
    """Return by what news of a new version is known."""
    return f"policy:{policy.purpose}:{policy.newest.name}"
