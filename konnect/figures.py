"""The numbers of the home page: counted, never claimed."""

from dataclasses import dataclass

from django.core.cache import caches
from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.models import ContactRequest, ContactRequestState, Listing, Profile, Side

# A smaller number says more about single people than about the portal.
SMALLEST_SHOWN = 5
CACHE_KEY = "home-figures"
CACHE_SECONDS = 300


@dataclass(frozen=True)
class Figure:
    """One number and what it counts."""

    name: str
    value: int
    label: str | Promise


LABELS = {
    "europe": _("researchers in Europe"),
    "korea": _("researchers in Korea"),
    "organisations": _("organisations they work for"),
    "countries": _("countries"),
    "listings": _("open offers and requests"),
    "contacts": _("contacts made"),
}


def figures() -> list[Figure]:
    """Return what is worth showing; kept for some minutes in the memory of the process."""
    counted = caches["memory"].get_or_set(CACHE_KEY, count, CACHE_SECONDS)
    return [
        Figure(name, value, LABELS[name])
        for name, value in (counted or {}).items()
        if value >= SMALLEST_SHOWN
    ]


def count() -> dict[str, int]:
    """Count what the database holds now."""
    people = Profile.objects.published().aggregate(
        europe=Count("pk", filter=Q(side=Side.EUROPE)),
        korea=Count("pk", filter=Q(side=Side.KOREA)),
        organisations=Count("organisation", distinct=True),
        countries=Count("country_code", distinct=True, filter=~Q(country_code="")),
    )
    listings = Listing.objects.open().filter(profile__in=Profile.objects.published()).count()
    contacts = ContactRequest.objects.filter(state=ContactRequestState.ACCEPTED).count()
    return people | {"listings": listings, "contacts": contacts}
