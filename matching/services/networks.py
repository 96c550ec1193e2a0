"""A person's own network, and the ties of Europe and Korea by area and country.

One's own network has only people whose pages one may open, and works in fields that are open to
one. The map counts pairs of published people; small numbers are hidden (`matching.small_numbers`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.core.cache import caches
from django.db import connection
from django.db.models.functions import Lower

from konnect.accounts.models import User
from matching.models import (
    Area,
    ContactRequest,
    ContactRequestState,
    Profile,
    Side,
    Twinning,
    Work,
)
from matching.permissions.profiles import contact_ids
from matching.services.shown import ShownProfile, shown_profiles
from matching.small_numbers import Told, told, total
from matching.visibility import FIELDS, OPEN_TO, Audience, fields_open_to

MEASURES = ("contacts", "works", "twinnings")
# Ties of people who name no area in common.
NO_AREA = 0
CACHE_KEY = "ties"
CACHE_SECONDS = 900
MOST_COLLEAGUES = 200


# --- One person's own ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Tied:
    """Somebody whom a person has to do with: as a contact, by joint works (titles), or both."""

    person: ShownProfile
    is_contact: bool
    works: tuple[str, ...]


@dataclass(frozen=True)
class OwnNetwork:
    """Everybody whom a person has to do with, and who of them worked together (pairs of ids)."""

    tied: list[Tied]
    worked_together: list[tuple[int, int]]


def own_network(user: User) -> OwnNetwork:
    """Return a person's network as they may see it, contacts first, then by name."""
    contacts = contact_ids(user)
    own = Profile.objects.filter(user=user).first()
    authors = authors_by_doi(user)
    joint = joint_works(own, authors)
    wanted = (contacts | set(joint)) - ({own.pk} if own else set())
    people = Profile.objects.visible_to(user).published().with_card().filter(pk__in=wanted)
    shown = shown_profiles(people.order_by("display_name", "pk")[:MOST_COLLEAGUES], user)
    tied = [
        Tied(person, person.pk in contacts, tuple(joint.get(person.pk, ()))) for person in shown
    ]
    tied.sort(key=lambda one: not one.is_contact)
    return OwnNetwork(tied, pairs_among({one.person.pk for one in tied}, authors))


def authors_by_doi(user: User) -> dict[str, tuple[str, set[int]]]:
    """Return {DOI: (title, profiles)} of works of the person's contacts and of their own works.

    Only works of people whose works the reader may see.
    """
    own_works = Work.objects.filter(profile__user=user).exclude(doi="").annotate(key=Lower("doi"))
    near = Work.objects.exclude(doi="").annotate(key=Lower("doi"))
    contacts = contact_ids(user)
    keys = set(own_works.values_list("key", flat=True))
    keys |= set(near.filter(profile__in=contacts).values_list("key", flat=True))
    visible = Profile.objects.visible_to(user)
    rows = near.filter(key__in=keys, profile__in=visible).values_list(
        "key", "title", "profile_id", "profile__visibility", "profile__user_id"
    )
    found: dict[str, tuple[str, set[int]]] = {}
    for key, title, pk, visibility, owner in rows.order_by("pk"):
        audience = Audience.CONTACT if pk in contacts else Audience.MEMBER
        if owner == user.pk or "works" in fields_open_to(audience, visibility):
            found.setdefault(key, (title, set()))[1].add(pk)
    return found


def joint_works(
    own: Profile | None, authors: Mapping[str, tuple[str, set[int]]]
) -> dict[int, list[str]]:
    """Return the titles of one's own works by each co-author."""
    found: dict[int, list[str]] = defaultdict(list)
    for title, people in authors.values():
        if own is not None and own.pk in people:
            for pk in people - {own.pk}:
                found[pk].append(title)
    return dict(found)


def pairs_among(
    shown: set[int], authors: Mapping[str, tuple[str, set[int]]]
) -> list[tuple[int, int]]:
    """Return who of the shown people worked together, each pair once."""
    found = {
        (one, other)
        for _title, people in authors.values()
        for one in people & shown
        for other in people & shown
        if one < other
    }
    return sorted(found)


# --- Europe and Korea ----------------------------------------------------------------------------


@dataclass(frozen=True)
class CountryTies:
    """What ties one country to Korea, measure by measure in the order of MEASURES."""

    code: str
    numbers: tuple[Told, ...]


@dataclass(frozen=True)
class Ties:
    """The ties of all countries, and their sums."""

    countries: list[CountryTies]
    totals: tuple[Told, ...]


Cell = tuple[str, int]
Counts = dict[str, dict[Cell, int]]


def ties(area: Area | None = None) -> Ties:
    """Return what ties countries of Europe to Korea, in one area or altogether.

    Each tie counts once, under the first area that both sides name. Sums are ranges that say no
    more than what is told of each country and area.
    """
    counts: Counts = caches["memory"].get_or_set(CACHE_KEY, count_ties, CACHE_SECONDS) or {}
    codes = sorted({code for cells in counts.values() for code, _area in cells})
    countries = [CountryTies(code, numbers_of(counts, code, area)) for code in codes]
    shown = [country for country in countries if any(number.high for number in country.numbers)]
    totals = tuple(
        total(country.numbers[place] for country in shown) for place in range(len(MEASURES))
    )
    return Ties(shown, totals)


def numbers_of(counts: Counts, code: str, area: Area | None) -> tuple[Told, ...]:
    """Return what is told of one country: of one area, or the sum of what is told of each."""
    return tuple(
        total(
            told(count)
            for (country, place), count in counts.get(measure, {}).items()
            if country == code and (area is None or area.pk == place)
        )
        for measure in MEASURES
    )


def count_ties() -> Counts:
    """Count all ties by country and area: {measure: {(country, area or 0): number}}."""
    first = {pk: place for place, pk in enumerate(area_order())}
    contacts, works = list(contact_pairs()), list(work_pairs())
    areas = areas_of({pk for _code, *pair in [*contacts, *works] for pk in pair})

    def counted(pairs: Iterable[tuple[str, int, int]]) -> dict[Cell, int]:
        cells: Counter[Cell] = Counter()
        for code, one, other in pairs:
            common = sorted(areas[one] & areas[other] & set(first), key=first.__getitem__)
            cells[code, common[0] if common else NO_AREA] += 1
        return dict(cells)

    return {
        "contacts": counted(contacts),
        "works": counted(works),
        "twinnings": twinning_counts(first),
    }


def area_order() -> list[int]:
    """Return the areas of the present scheme in their order."""
    areas = Area.objects.filter(version=Area.CURRENT_VERSION)
    return list(areas.order_by("position").values_list("pk", flat=True))


def areas_of(people: set[int]) -> dict[int, set[int]]:
    """Return the areas that people name."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = Profile.areas.through.objects.filter(profile__in=people)
    for person, area in rows.values_list("profile_id", "area_id"):
        found[person].add(area)
    return found


def contact_pairs() -> Iterator[tuple[str, int, int]]:
    """Yield (European country, person, person) of accepted contacts across the two sides."""
    published = Profile.objects.published()
    accepted = ContactRequest.objects.filter(
        state=ContactRequestState.ACCEPTED, sender__in=published, recipient__in=published
    )
    columns = ("sender_id", "sender__side", "sender__country_code",
               "recipient_id", "recipient__side", "recipient__country_code")  # fmt: skip
    for one, side, country, other, other_side, other_country in accepted.values_list(*columns):
        if {side, other_side} == {Side.EUROPE, Side.KOREA}:
            yield (country if side == Side.EUROPE else other_country), one, other


JOINT_WORKS = """
SELECT DISTINCT ON (left_person.country_code, lower(left_work.doi))
  left_person.country_code, left_person.id, right_person.id
FROM matching_work left_work
JOIN matching_profile left_person ON left_person.id = left_work.profile_id
JOIN accounts_user left_user ON left_user.id = left_person.user_id
JOIN matching_work right_work ON lower(right_work.doi) = lower(left_work.doi)
JOIN matching_profile right_person ON right_person.id = right_work.profile_id
JOIN accounts_user right_user ON right_user.id = right_person.user_id
WHERE left_work.doi <> '' AND left_person.side = 'europe' AND right_person.side = 'korea'
  AND left_person.state = 'published' AND right_person.state = 'published'
  AND left_user.is_active AND right_user.is_active
  AND coalesce(left_person.visibility ->> 'works', %(works)s) = ANY (%(open)s)
  AND coalesce(right_person.visibility ->> 'works', %(works)s) = ANY (%(open)s)
ORDER BY left_person.country_code, lower(left_work.doi), left_person.id, right_person.id
"""


def work_pairs() -> list[tuple[str, int, int]]:
    """Return (European country, person, person), a row for each work of people of both sides.

    A work counts once a country, by those of its people who registered first. Only works that
    members may see.
    """
    open_to = [choice.value for choice in OPEN_TO[Audience.MEMBER]]
    with connection.cursor() as cursor:
        cursor.execute(JOINT_WORKS, {"works": FIELDS["works"].default.value, "open": open_to})
        return list(cursor.fetchall())


def twinning_counts(first: Mapping[int, int]) -> dict[Cell, int]:
    """Count active twinnings by European country and first area."""
    cells: Counter[Cell] = Counter()
    for twinning in Twinning.objects.active().with_sides():
        sides = {side.side: side for side in (twinning.proposer, twinning.partner)}
        areas = [area.pk for area in twinning.areas.all() if area.pk in first]
        if europe := sides.get(Side.EUROPE):
            place = min(areas, key=first.__getitem__) if areas else NO_AREA
            cells[europe.country_code, place] += 1
    return dict(cells)
