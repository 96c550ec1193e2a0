"""Who is told what about grants, trips and reports; titles name projects, never what was written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funding.models import FormKind
from konnect.accounts.services.notifications import notify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funding.models import Grant, Person, ReportDue, Trip
    from konnect.accounts.models import User

KIND = "grants"
Words = str | Promise


def filled(words: Words, **values: object) -> Callable[[], str]:
    """Return words with values in them, in the language that is active when they are read."""
    return lambda: str(words) % {name: str(value) for name, value in values.items()}


def tell(
    user: User | None, key: str, title: Callable[[], str], address: str,
    *, attachments: Sequence[Mapping[str, str]] = (), **letter: Any,
) -> None:  # fmt: skip
    """Tell one person, unless their account is gone."""
    if user is not None:
        notify(
            user, KIND, key=key, title=title, address=address, attachments=attachments, **letter
        )


def tell_person(person: Person | None, key: str, words: Words, noun: Grant | Trip | ReportDue,
                **values: object) -> None:  # fmt: skip
    """Tell a person of funding about a grant, a trip or a report."""
    if person is not None:
        tell(person.user, key, filled(words, **values), noun.get_absolute_url())


def tell_of_offer(grant: Grant) -> None:
    """Tell the lead that there is money."""
    application = grant.decision.application
    tell_person(
        application.lead, f"offer:{grant.pk}",
        _("%(project)s is offered a grant: please accept it or decline"), grant,
        project=application,
    )  # fmt: skip


def tell_of_state(grant: Grant) -> None:
    """Tell the lead that their grant stands elsewhere now."""
    application = grant.decision.application
    number = grant.changes.count()
    tell_person(
        application.lead, f"grant:{grant.pk}:{number}", _("%(project)s: the grant has changed"),
        grant, project=application,
    )  # fmt: skip


def tell_host_of_plan(trip: Trip) -> None:
    """Ask the host to confirm the days of a trip."""
    tell_person(
        trip.host, f"trip:{trip.pk}:plan:{trip.changes.count()}",
        _("%(name)s would like to visit you: please confirm the days"), trip, name=trip.traveller,
    )  # fmt: skip


def tell_of_trip(trip: Trip, person: Person | None, words: Words, **more: Any) -> None:
    """Tell somebody of a trip what has become of it."""
    tell_person(person, f"trip:{trip.pk}:{trip.changes.count()}", words, trip, **more)


def tell_of_report(due: ReportDue, words: Words, key: str) -> None:
    """Tell the lead about a report."""
    application = due.grant.decision.application
    tell_person(
        application.lead, f"report:{due.pk}:{key}", words, due, project=application,
        kind=FormKind(due.kind).label,
    )  # fmt: skip
