"""The invented people, written into the database in bulk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from konnect.accounts.consent_texts import CONSENT_TEXTS
from konnect.accounts.doorbell import ring
from konnect.accounts.models import Consent, ConsentChannel, ConsentPurpose, Role, User
from konnect.accounts.services.roles import grant_role
from konnect.limits import lift_limits
from matching.demo.people import ANNA, MINJI, InventedPerson, Workplace, invent_people
from matching.demo.relations import invent_relations
from matching.demo.searches import invent_searches
from matching.models import (
    Area,
    Listing,
    ListingState,
    Organisation,
    Profile,
    ProfileChange,
    ProfileProject,
    Topic,
    Work,
)
from matching.services.demonstration_contacts import write_relations
from matching.services.demonstration_news import write_news
from matching.services.demonstration_searches import write_searches
from matching.services.demonstration_twinnings import write_twinnings
from matching.services.shipped_organisations import (
    keys_of,
    load_organisations,
    shipped_organisations,
    short_ror_id,
)
from matching.services.vocabulary import load_vocabulary

# For demonstrations only: the command refuses to run in production.
DEMO_PASSWORD = "europe meets korea"  # noqa: S105 - it is printed for every visitor
OFFICER, ADMIN = "officer@demo.example", "admin@demo.example"
ORGANISER = "organiser@demo.example"
# They come with the mobility calls.
EUROPEAN_FUNDER, KOREAN_FUNDER = "funder-europe@demo.example", "funder-korea@demo.example"
CHAIR, REVIEWER = "chair@demo.example", "reviewer@demo.example"
BATCH = 1000

Say = Callable[[str], None]


def demo_accounts() -> list[tuple[str, str, str]]:
    """Return the accounts to sign in with: address, password, who it is."""
    return [
        (MINJI.email, DEMO_PASSWORD, "Kim Minji (김민지), researcher in Korea, reads Korean"),
        (ANNA.email, DEMO_PASSWORD, "Anna Schmidt, researcher in Germany, reads English"),
        (OFFICER, DEMO_PASSWORD, "programme officer"),
        (ORGANISER, DEMO_PASSWORD, "organiser of events"),
        (EUROPEAN_FUNDER, DEMO_PASSWORD, "officer of the European funders"),
        (KOREAN_FUNDER, DEMO_PASSWORD, "officer of the Korean funders"),
        (REVIEWER, DEMO_PASSWORD, "reviewer of applications"),
        (CHAIR, DEMO_PASSWORD, "chair of the panel"),
        (ADMIN, DEMO_PASSWORD, "administrator"),
    ]


def is_demonstration_loaded() -> bool:
    """Say whether the invented people are there already."""
    return User.objects.filter(email=ANNA.email).exists()


def load_demonstration(*, count: int, seed: int, say: Say = lambda line: None) -> bool:
    """Write vocabulary, organisations, invented people and what is between them.

    Returns False, and changes nothing, when they are there already.
    """
    if is_demonstration_loaded():
        return False
    load_vocabulary()
    say(f"{load_organisations()} organisations added")
    people = list(invent_people(count, seed, shipped_workplaces()))
    say(f"{len(people)} people invented")
    write_all(people, seed=seed, say=say)
    return True


@transaction.atomic
def write_all(people: Sequence[InventedPerson], *, seed: int, say: Say) -> None:
    """Write the people, the staff and what is between the people: all of it or nothing."""
    lift_limits("LOCAL")
    profiles = write_people(people, say=say)
    write_staff()
    say(write_relations(invent_relations(people, seed), profiles))
    say(f"{write_news()} notifications written")
    say(write_searches(invent_searches(people, seed), profiles))
    say(write_twinnings(profiles))
    ring("matching.tasks.refresh_stale_embeddings")


def shipped_workplaces() -> list[Workplace]:
    """Return the shipped organisations as the generator knows them, in the file's order."""
    keys: dict[tuple[str, str], int] = {}
    for pk, ror_id, name, name_en, country in Organisation.objects.order_by("-pk").values_list(
        "pk", "ror_id", "name", "name_en", "country_code"
    ):
        keys |= {(country, name): pk, (country, name_en): pk}
        keys |= {("ROR", ror_id): pk} if ror_id else {}
    return [workplace_of(row, keys) for row in shipped_organisations()]


def workplace_of(row: dict[str, str], keys: dict[tuple[str, str], int]) -> Workplace:
    """Return one shipped organisation with its id in the database."""
    ror = ("ROR", short_ror_id(row))
    pk = keys[ror] if ror in keys else next(keys[key] for key in keys_of(row) if key in keys)
    side = "korea" if row["country_code"] == "KR" else "europe"
    return Workplace(pk, row["name"], row["types"].split("|")[0], side, row["country_code"])


def write_people(people: Sequence[InventedPerson], *, say: Say) -> dict[int, Profile]:
    """Write accounts, profiles, listings, works and projects; return the profiles by number."""
    now = timezone.now()
    users = write_users(people, now)
    say(f"{len(users)} accounts written")
    profiles = dict(
        zip((person.number for person in people), write_profiles(people, users, now), strict=True)
    )
    say(f"{len(profiles)} profiles written")
    say(f"{write_listings(people, profiles, now)} listings written")
    write_works(people, profiles)
    return profiles


def write_users(people: Sequence[InventedPerson], now: datetime) -> list[User]:
    """Write accounts with confirmed addresses and consents; the password is hashed once."""
    password = make_password(DEMO_PASSWORD)
    users = User.objects.bulk_create(
        [user_of(person, password, now) for person in people], batch_size=BATCH
    )
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users],
        batch_size=BATCH,
    )
    write_consents(users, [person.columns["is_public"] for person in people])
    return users


def user_of(person: InventedPerson, password: str, now: datetime) -> User:
    """Return the unsaved account of a person."""
    reads_korean = person.side == "korea" and "ko" in person.writes
    return User(
        email=person.email,
        password=password,
        language="ko" if reads_korean else "en",
        time_zone="Asia/Seoul" if person.side == "korea" else "Europe/Brussels",
        joined_at=now - timedelta(days=30 + person.number % 400),
    )


def write_consents(users: Sequence[User], are_public: Sequence[bool]) -> None:
    """Enter in the ledger what the invented people agreed to."""
    lines = []
    for user, is_public in zip(users, are_public, strict=True):
        given = {ConsentPurpose.TERMS: True, ConsentPurpose.PRIVACY: True}
        given |= {ConsentPurpose.PUBLIC_PROFILE: is_public, ConsentPurpose.NEWSLETTER: False}
        lines += [consent_of(user, purpose, is_given) for purpose, is_given in given.items()]
    Consent.objects.bulk_create(lines, batch_size=BATCH)


def consent_of(user: User, purpose: ConsentPurpose, is_given: bool) -> Consent:
    """Return one unsaved line of the ledger."""
    return Consent(
        user=user,
        purpose=purpose,
        is_given=is_given,
        text_version=CONSENT_TEXTS[purpose].version,
        language=user.language,
        channel=ConsentChannel.SIGN_UP,
    )


def write_profiles(
    people: Sequence[InventedPerson], users: Sequence[User], now: datetime
) -> list[Profile]:
    """Write the profiles with areas, topics and history."""
    profiles = Profile.objects.bulk_create(
        [profile_of(person, user, now) for person, user in zip(people, users, strict=True)],
        batch_size=BATCH,
    )
    link_words(people, profiles)
    ProfileChange.objects.bulk_create(
        [
            ProfileChange(profile=profile, old_state="draft", new_state=state, actor=profile.user)
            for profile in profiles
            for state in (() if profile.state == "draft" else (profile.state,))
        ],
        batch_size=BATCH,
    )
    return profiles


def profile_of(person: InventedPerson, user: User, now: datetime) -> Profile:
    """Return the unsaved profile of a person; how long ago it was confirmed varies."""
    days = person.number % 40 if person.number % 5 else 60 + person.number % 330
    confirmed = now - timedelta(days=days, minutes=person.number % 1440)
    return Profile(
        user=user,
        state=person.state,
        organisation_id=person.workplace.key,
        published_at=None if person.state == "draft" else confirmed,
        confirmed_at=None if person.state == "draft" else confirmed,
        # The newest are embedded first: the people whom visitors sign in as.
        matching_changed_at=now - timedelta(milliseconds=person.number),
        mobility_from=mobility_start(person, now),
        is_invented=True,
        **person.columns,
    )


def mobility_start(person: InventedPerson, now: datetime) -> Any:
    """Return from when the person would host or visit."""
    if not person.columns["mobility_months"]:
        return None
    return (now + timedelta(days=30 * (1 + person.number % 9))).date().replace(day=1)


def link_words(people: Iterable[InventedPerson], profiles: Iterable[Profile]) -> None:
    """Join the profiles with their areas and topics."""
    areas, topics = vocabulary_ids()
    in_area: Any = Profile.areas.through
    on_topic: Any = Profile.topics.through
    area_rows, topic_rows = [], []
    for person, profile in zip(people, profiles, strict=True):
        codes = dict.fromkeys(topic.area for topic in person.topics)
        area_rows += [in_area(profile_id=profile.pk, area_id=areas[code]) for code in codes]
        topic_rows += [
            on_topic(profile_id=profile.pk, topic_id=topics[topic.code]) for topic in person.topics
        ]
    in_area.objects.bulk_create(area_rows, batch_size=BATCH)
    on_topic.objects.bulk_create(topic_rows, batch_size=BATCH)


def vocabulary_ids() -> tuple[dict[str, int], dict[str, int]]:
    """Return the ids of areas and topics by code."""
    areas = Area.objects.filter(version=Area.CURRENT_VERSION).values_list("code", "pk")
    return dict(areas), dict(Topic.objects.filter(scheme="konnect").values_list("code", "pk"))


def write_listings(
    people: Sequence[InventedPerson], profiles: dict[int, Profile], now: datetime
) -> int:
    """Write what everybody offers and seeks; return how many there are."""
    invented = [(person.number, listing) for person in people for listing in person.listings]
    listings = Listing.objects.bulk_create(
        [listing_of(profiles[number], listing, now) for number, listing in invented],
        batch_size=BATCH,
    )
    areas, topics = vocabulary_ids()
    in_area: Any = Listing.areas.through
    on_topic: Any = Listing.topics.through
    pairs = list(zip(listings, (listing.topic for _number, listing in invented), strict=True))
    in_area.objects.bulk_create(
        [in_area(listing_id=row.pk, area_id=areas[topic.area]) for row, topic in pairs],
        batch_size=BATCH,
    )
    on_topic.objects.bulk_create(
        [on_topic(listing_id=row.pk, topic_id=topics[topic.code]) for row, topic in pairs],
        batch_size=BATCH,
    )
    return len(listings)


def listing_of(profile: Profile, listing: Any, now: datetime) -> Listing:
    """Return one unsaved listing; people without a published profile keep drafts."""
    is_open = profile.state == "published"
    return Listing(
        kind=listing.kind,
        state=ListingState.OPEN if is_open else ListingState.DRAFT,
        profile=profile,
        title_en=listing.titles[0],
        title_ko=listing.titles[1],
        description_en=listing.descriptions[0],
        description_ko=listing.descriptions[1],
        valid_until=now + timedelta(days=30 * listing.months_valid),
    )


def write_works(people: Sequence[InventedPerson], profiles: dict[int, Profile]) -> None:
    """Write works and projects."""
    works = [
        Work(profile=profiles[person.number], title=work.title, year=work.year, venue=work.venue,
             doi=work.doi, position=position)
        for person in people
        for position, work in enumerate(person.works)
    ]  # fmt: skip
    projects = [
        ProfileProject(profile=profiles[person.number], title=project.title, funder=project.funder,
                       started_in=project.started_in, ended_in=project.ended_in)
        for person in people
        for project in person.projects
    ]  # fmt: skip
    Work.objects.bulk_create(works, batch_size=BATCH)
    ProfileProject.objects.bulk_create(projects, batch_size=BATCH)


def write_staff() -> None:
    """Write those who run the portal, and those who get their parts with the mobility calls."""
    admin = User.objects.create_superuser(ADMIN, DEMO_PASSWORD)
    others = [
        User.objects.create_user(email, DEMO_PASSWORD)
        for email in (OFFICER, ORGANISER, EUROPEAN_FUNDER, KOREAN_FUNDER, REVIEWER, CHAIR)
    ]
    everybody = [*others, admin]
    for user in everybody:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    for user, role in zip(
        (others[0], others[1], admin),
        (Role.PROGRAMME_OFFICER, Role.EVENT_ORGANISER, Role.ADMINISTRATOR),
        strict=True,
    ):
        grant_role(user, role, actor=admin)
    write_consents(everybody, [False] * len(everybody))
