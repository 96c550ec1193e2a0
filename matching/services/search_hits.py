"""The things that a search found, as its reader may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matching.models import Listing, Organisation, Profile, SearchKind
from matching.questions import Found, Why
from matching.services.shown import shown_profiles

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User


@dataclass(frozen=True)
class Hit:
    """One thing that was found.

    thing: a ShownProfile, an Organisation or a Listing. is_new: a saved search found it lately.
    """

    thing: Any
    why: Why | None
    is_new: bool = False


def hits_of(
    found: Found,
    kind: SearchKind,
    reader: User | AnonymousUser,
    new: Iterable[int] = (),
) -> list[Hit]:
    """Return the hits of a page in their order; what is gone since it was found is left out."""
    things = {thing.pk: thing for thing in things_of(found.ids, kind, reader)}
    lately = frozenset(new)
    return [Hit(things[pk], found.why.get(pk), pk in lately) for pk in found.ids if pk in things]


def things_of(ids: Sequence[int], kind: SearchKind, reader: User | AnonymousUser) -> list[Any]:
    """Return things by their ids; flat in queries."""
    if kind == SearchKind.PEOPLE:
        people = Profile.objects.filter(pk__in=ids).published().with_card()
        return list(shown_profiles(people, reader))
    if kind == SearchKind.ORGANISATIONS:
        return list(Organisation.objects.filter(pk__in=ids))
    return list(listings_with_card(ids))


def listings_with_card(ids: Sequence[int]) -> Any:
    """Return listings with what their cards show."""
    rows = Listing.objects.filter(pk__in=ids).open()
    rows = rows.select_related("organisation", "profile__organisation", "profile__user")
    return rows.select_related("partner_search").prefetch_related("areas")
