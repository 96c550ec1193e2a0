"""People from a table: invited, and shown to nobody until they confirm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone

from konnect.accounts.doorbell import ring
from konnect.accounts.models import User
from matching.imports.people import NEEDED, Person, person_in, titles_of
from matching.imports.sheets import any_table_rows
from matching.imports.tables import FileRefusedError, Refusal
from matching.models import (
    Area,
    Listing,
    ListingKind,
    ListingState,
    Organisation,
    Profile,
    ProfileState,
    Topic,
)
from matching.services.invitations import send_invitation
from matching.services.profiles import place_on_side

BATCH = 200
VALIDITY = timedelta(days=365)


@dataclass
class PeopleResult:
    """What an import did, or would do."""

    added: int = 0
    known: int = 0
    invited: int = 0
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class Vocabulary:
    """What codes and names in a table stand for."""

    areas: dict[str, Area]
    topics: dict[str, Topic]


class NothingWrittenError(Exception):
    """A dry run was undone."""


def import_profiles(
    path: Path,
    *,
    is_dry_run: bool = False,
    is_inviting: bool = False,
    is_publishing: bool = False,
    progress: Callable[[int], None] = lambda _count: None,
) -> PeopleResult:
    """Add the people of a table as invited profiles; say what happened.

    Who has an account already is left alone, so that a second run changes nothing.
    `is_publishing` shows them at once, for stand-in and test data only: nobody consented.
    """
    result = PeopleResult()
    state = ProfileState.PUBLISHED if is_publishing else ProfileState.INVITED
    try:
        with transaction.atomic():
            for profiles in written_batches(path, state, result):
                if is_inviting:
                    result.invited += sum(send_invitation(profile) for profile in profiles)
                progress(len(profiles))
            if is_dry_run:
                raise NothingWrittenError
            ring("matching.tasks.refresh_stale_embeddings")
    except NothingWrittenError:
        pass
    return result


def written_batches(path: Path, state: str, result: PeopleResult) -> Iterator[list[Profile]]:
    """Write batch after batch and yield the new profiles."""
    vocabulary = stored_vocabulary()
    people = accepted_people(path, vocabulary, result)
    while batch := list(islice(people, BATCH)):
        new = without_known(batch, result)
        yield write_people(new, state, vocabulary, result)


def stored_vocabulary() -> Vocabulary:
    """Read areas and topics once."""
    areas = Area.objects.filter(version=Area.CURRENT_VERSION)
    return Vocabulary(
        {area.code: area for area in areas}, {topic.code: topic for topic in Topic.objects.all()}
    )


def accepted_people(path: Path, vocabulary: Vocabulary, result: PeopleResult) -> Iterator[Person]:
    """Yield the rows that can be stored; keep the others as refusals."""
    seen: dict[str, int] = {}
    try:
        for row in any_table_rows(path, needed=NEEDED):
            person = row if isinstance(row, Refusal) else person_in(row)
            if isinstance(person, Person):
                person = refused_person(person, vocabulary, seen) or person
            if isinstance(person, Refusal):
                result.refusals.append(person)
            else:
                yield person
    except FileRefusedError as error:
        result.refusals.append(error.refusal)


def refused_person(person: Person, vocabulary: Vocabulary, seen: dict[str, int]) -> Refusal | None:
    """Return why a person is not taken: twice in the file, or with unknown areas and topics."""
    record = person.record
    line = seen.setdefault(person.email, record.line)
    if line != record.line:
        return record.refused("email", f"{person.email} stands already in line {line}")
    for name, known in (("areas", vocabulary.areas), ("topics", vocabulary.topics)):
        if unknown := [code for code in person.lists[name] if code not in known]:
            return record.refused(name, f"unknown: {', '.join(unknown)}")
    return None


def without_known(batch: Sequence[Person], result: PeopleResult) -> list[Person]:
    """Leave out those who have an account."""
    emails = [person.email for person in batch]
    rows = User.objects.annotate(address=Lower("email")).filter(address__in=emails)
    known = set(rows.values_list("address", flat=True))
    result.known += len(known)
    return [person for person in batch if person.email not in known]


def write_people(
    people: Sequence[Person], state: str, vocabulary: Vocabulary, result: PeopleResult
) -> list[Profile]:
    """Write accounts, profiles and listings of one batch in a few statements."""
    places = stored_organisations(people)
    known = [person for person in people if has_known_place(person, places, result)]
    users = User.objects.bulk_create([account_of(person) for person in known])
    profiles = [
        profile_of(person, user, places, state) for person, user in zip(known, users, strict=True)
    ]
    Profile.objects.bulk_create(profiles)
    pairs = list(zip(known, profiles, strict=True))
    link(Profile.areas.through, "area_id", pairs, "areas", vocabulary.areas)
    link(Profile.topics.through, "topic_id", pairs, "topics", vocabulary.topics)
    Listing.objects.bulk_create([row for pair in pairs for row in listings_of(*pair)])
    result.added += len(profiles)
    return profiles


def stored_organisations(people: Iterable[Person]) -> dict[str, Organisation]:
    """Read the organisations that a batch names by ROR id."""
    ids = {person.ror_id for person in people if person.ror_id}
    return {row.ror_id or "": row for row in Organisation.objects.filter(ror_id__in=ids)}


def has_known_place(person: Person, places: dict[str, Organisation], result: PeopleResult) -> bool:
    """Say whether the organisation is held; refuse the row otherwise."""
    if person.ror_id is None or person.ror_id in places:
        return True
    reason = f"{person.ror_id} is not held; import organisations first"
    result.refusals.append(person.record.refused("organisation_ror", reason))
    return False


def account_of(person: Person) -> User:
    """Return an account that nobody can sign in to until the invitation is accepted."""
    zone = "Asia/Seoul" if person.language == "ko" else "Europe/Brussels"
    return User(
        email=person.email, password=make_password(None), language=person.language, time_zone=zone
    )


def profile_of(person: Person, user: User, places: dict[str, Organisation], state: str) -> Profile:
    """Return the unsaved profile."""
    now = timezone.now() if state == ProfileState.PUBLISHED else None
    profile = Profile(
        user=user,
        state=state,
        published_at=now,
        confirmed_at=now,
        organisation=places.get(person.ror_id or ""),
        organisation_unlisted="" if person.ror_id else person.organisation,
        country_code=person.country,
        career_stage=person.career_stage,
        keywords=person.lists["keywords"],
        languages=[person.language],
        contact_email=person.email,
        is_invented=person.is_invented,
        **person.texts,
    )
    place_on_side(profile)
    return profile


def link(
    through: Any,
    column: str,
    pairs: Sequence[tuple[Person, Profile]],
    name: str,
    known: dict[str, Any],
) -> None:
    """Write the rows between profiles and areas, or topics."""
    through.objects.bulk_create(
        through(profile_id=profile.pk, **{column: known[code].pk})
        for person, profile in pairs
        for code in person.lists[name]
    )


def listings_of(person: Person, profile: Profile) -> Iterator[Listing]:
    """Yield what the person offers and seeks, open for a year."""
    until = timezone.now() + VALIDITY
    for name, kind in (("offers", ListingKind.OFFER), ("seeks", ListingKind.REQUEST)):
        for text in person.lists[name]:
            yield Listing(
                profile=profile,
                kind=kind,
                state=ListingState.OPEN,
                valid_until=until,
                **titles_of(text),
            )
