"""People of funding: found or made for an account, and left as pseudonyms when it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from funding.models import Participant, Person

if TYPE_CHECKING:
    from konnect.accounts.models import User


def person_of(user: User) -> Person:
    """Return the person of an account; two who ask at once get the same.

    One query, or none when the account was asked for its person before.
    """
    known: Person | None = getattr(user, "funding_person", None)
    if known is not None:
        return known
    profile = getattr(user, "profile", None)
    name = getattr(profile, "display_name", "") or ""
    # By number: the account must not remember a row that a refusal rolls back.
    person, _is_new = Person.objects.get_or_create(user_id=user.pk, defaults={"name": name})
    return person


@transaction.atomic
def forget_person(*, user: User, **_more: object) -> None:
    """Leave a pseudonym where somebody was: what was applied for, judged and paid stays."""
    people = Person.objects.filter(user=user)
    Participant.objects.filter(person__in=people).update(name="", email="")
    people.update(name="", user=None)
