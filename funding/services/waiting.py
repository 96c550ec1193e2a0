"""What waits for somebody in funding: each part of it has a provider, My work shows all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.module_loading import import_string

from funding.applying import asked_by_mail
from funding.models import FunderOfficer, Person
from konnect.accounts.models import Role, RoleGrant

if TYPE_CHECKING:
    from konnect.accounts.models import User

FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Waiting:
    """One thing that somebody has to do: in words, where, and until when if there is a time."""

    words: str | Promise
    url: str
    until: datetime | None = None
    # What it is about: the title of a call or an application, as the reader may see it.
    about: str = ""


Provider = Callable[["User"], Iterable[Waiting]]
# Functions that find what waits for somebody, each in a fixed number of queries.
PROVIDERS: tuple[str, ...] = (
    "funding.services.waiting_calls.calls_waiting",
    "funding.services.application_pages.applications_waiting",
    "funding.services.reviewing.reviews_waiting",
    "funding.services.consensuses.consensuses_waiting",
    "funding.services.expert_invitations.invitations_waiting",
    "funding.services.waiting_panels.panels_waiting",
    "funding.services.waiting_grants.grants_waiting",
)


def is_known(user: User) -> bool:
    """Tell whether anything can wait for somebody in funding; one query."""
    known = (
        Person.objects.filter(user=user).values("pk"),
        FunderOfficer.objects.filter(user=user).values("pk"),
        RoleGrant.objects.filter(user=user, role=Role.PROGRAMME_OFFICER).values("pk"),
        asked_by_mail(user).values("pk"),
    )
    return known[0].union(*known[1:], all=True).exists()


def waiting_for(user: User) -> list[Waiting]:
    """Return everything that waits for somebody, the most urgent first."""
    providers: list[Provider] = [import_string(path) for path in PROVIDERS]
    found = [each for provider in providers for each in provider(user)]
    return sorted(found, key=lambda each: each.until or FAR)
