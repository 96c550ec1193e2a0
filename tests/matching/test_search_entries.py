"""What search looks in is what its audience may read, from the very moment of every change."""

import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from matching.models import (
    Block,
    ListingState,
    Organisation,
    Profile,
    SearchEntry,
    SearchKind,
    Work,
)
from matching.questions import Question
from matching.services import search_entries
from matching.services.finding import find
from matching.services.listings import close_listing
from matching.services.profiles import hide_profile, save_profile
from matching.services.search_entries import refresh_search_entries
from tests.factories.matching import ListingFactory, ProfileFactory
from tests.processes import PATIENCE

pytestmark = pytest.mark.usefixtures("lexical")


@pytest.fixture
def author(db):
    """Somebody with a secret word in the methods, for members only."""
    person = ProfileFactory(display_name="Ada Writer", is_public=True, summary_en="About zeolites.",
                            methods_en="An unmatched cryostat.")  # fmt: skip
    Work.objects.create(profile=person, title="On chirality")
    refresh_search_entries()
    return person


def ids(words, reader, kind=SearchKind.PEOPLE):
    user = getattr(reader, "user", reader)
    return find(Question(kind, words), reader=user).ids


def stranger():
    return AnonymousUser()


def test_each_audience_finds_what_it_may_read(author, anna):
    assert ids("zeolite", anna) == ids("zeolite", stranger()) == [author.pk]
    assert ids("cryostat", anna) == [author.pk]
    assert ids("cryostat", stranger()) == []


def test_lists_of_the_api_find_by_the_same_words(author, anna, client, client_of):
    def found(reader, words):
        rows = reader.get("/api/v1/profiles/", {"q": words}).json()["results"]
        return [row["id"] for row in rows]

    member = client_of(anna)
    assert found(member, "zeolite wri") == found(client, "zeolite wri") == [author.pk]
    assert found(member, "cryostat") == [author.pk]
    assert found(client, "cryostat") == found(member, "zeolite anna") == []
    assert author.pk in found(client, "…")


def test_nobody_finds_what_contacts_only_may_read(author, anna):
    save_profile(author, actor=author.user, columns={"visibility": {"methods": "contacts"}})
    refresh_search_entries()
    assert ids("cryostat", anna) == []
    assert ids("zeolite", anna) == [author.pk]


# Each change and the words that must be gone at once, before any worker has looked.
CHANGES = {
    "a closed field": (
        "cryostat",
        lambda author: save_profile(
            author, actor=author.user, columns={"visibility": {"methods": "private"}}
        ),
    ),
    "a closed field, written past the services": (
        "cryostat",
        lambda author: Profile.objects.filter(pk=author.pk).update(visibility={"methods": "private"}),
    ),
    "a deleted sentence": (
        "cryostat",
        lambda author: save_profile(author, actor=author.user, columns={"methods_en": ""}),
    ),
    "a deleted work": ("chirality", lambda author: author.works.all().delete()),
    "a work said in other words": ("chirality", lambda author: author.works.update(title="Other")),
    "a hidden profile": ("zeolite", lambda author: hide_profile(author, actor=author.user)),
    "an erased person": ("zeolite", lambda author: author.user.delete()),
    "a closed account, written past the services": (
        "zeolite",
        lambda author: type(author.user).objects.filter(pk=author.user.pk).update(is_active=False),
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_taken_back_is_not_found_even_before_the_worker_comes(author, anna, change):
    word, do = CHANGES[change]
    assert ids(word, anna) == [author.pk]
    do(author)
    assert ids(word, anna) == []
    refresh_search_entries()
    assert ids(word, anna) == []


def test_without_the_triggers_it_would_be_found(author, anna):
    """The twin: the same change, not noticed."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE matching_profile DISABLE TRIGGER search_update")
    Profile.objects.filter(pk=author.pk).update(visibility={"methods": "private"})
    assert ids("cryostat", anna) == [author.pk]


def test_closing_to_the_web_hides_from_strangers_at_once(author):
    assert ids("zeolite", stranger()) == [author.pk]
    Profile.objects.filter(pk=author.pk).update(is_public=False)
    assert ids("zeolite", stranger()) == []
    assert not SearchEntry.objects.get(profile=author, audience="public").texts


def test_an_emptied_row_keeps_nothing(author):
    SearchEntry.objects.filter(profile=author).update(meaning=[1] + [0] * 511, embedder="x")
    Profile.objects.filter(pk=author.pk).update(summary_en="")
    for row in SearchEntry.objects.filter(profile=author):
        assert (row.words, row.texts, row.meaning, row.facets, row.scheme) == ("", "", None, [], 0)


def test_a_block_hides_both_ways_without_any_refresh(author, anna):
    refresh_search_entries()
    Block.objects.create(blocker=author, blocked=anna)
    assert ids("zeolite", anna) == []
    found = find(Question(SearchKind.PEOPLE), reader=anna.user)
    assert author.pk not in found.ids
    assert found.count == sum(found.facets["side"].values()) == 1


def test_a_closed_listing_is_gone_at_once(author, anna):
    listing = ListingFactory(profile=author, title_en="Beam time at the cyclotron")
    refresh_search_entries()
    assert ids("cyclotron", anna, SearchKind.LISTINGS) == [listing.pk]
    assert ids("cyclotron", anna) == [author.pk]
    close_listing(listing, actor=author.user)
    assert ids("cyclotron", anna, SearchKind.LISTINGS) == []
    assert ids("cyclotron", anna) == []


def test_a_listing_whose_time_is_over_is_not_found(author, anna):
    listing = ListingFactory(profile=author, title_en="Beam time at the cyclotron")
    refresh_search_entries()
    type(listing).objects.filter(pk=listing.pk).update(valid_until="2020-01-01T00:00Z")
    SearchEntry.objects.filter(listing=listing).update(words="'cyclotron':1A", scheme=1)
    assert ids("cyclotron", anna, SearchKind.LISTINGS) == []
    assert listing.state == ListingState.OPEN


def test_the_name_of_an_organisation_reaches_its_people(author, anna):
    Organisation.objects.filter(pk=author.organisation.pk).update(name="Quondam College")
    assert ids("zeolite", anna) == [author.pk]
    refresh_search_entries()
    assert author.pk in ids("quondam", anna)


def test_a_confirmed_profile_stays_findable_until_the_worker_comes(author, anna):
    Profile.objects.filter(pk=author.pk).update(confirmed_at="2026-01-01T00:00Z")
    assert ids("zeolite", anna) == [author.pk]
    assert refresh_search_entries() > 0


def test_nothing_is_left_to_do_twice(author):
    assert refresh_search_entries() == 0


def test_an_older_way_of_making_rows_has_them_made_anew(author, monkeypatch):
    monkeypatch.setattr(search_entries, "SCHEME", search_entries.SCHEME + 1)
    assert refresh_search_entries() >= SearchEntry.objects.count()


@pytest.mark.parametrize("count", (1, 4))
def test_the_worker_asks_as_often_for_many_as_for_one(
    count, db, django_assert_num_queries, monkeypatch
):
    for _number in range(count):
        ListingFactory(profile=ProfileFactory())
    with django_assert_num_queries(15):
        search_entries.refresh_chunk(200)


@pytest.mark.django_db(transaction=True)
def test_a_late_worker_does_not_bring_back_what_was_closed(monkeypatch):
    """The profile is closed after the worker has read it and before it writes."""
    race(monkeypatch)
    assert "cryostat" not in texts()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_does_not_look_would(monkeypatch):
    """The twin: the same race, without the comparison."""
    written = search_entries.WRITE_WORDS.replace("AND entry.changes = made.changes", "")
    monkeypatch.setattr(search_entries, "WRITE_WORDS", written)
    race(monkeypatch)
    assert "cryostat" in texts()


def race(monkeypatch):
    """Let a worker stop between reading and writing, and close the field meanwhile."""
    author = ProfileFactory(methods_en="An unmatched cryostat.")
    has_read, may_write = threading.Event(), threading.Event()
    read = search_entries.readables_of

    def read_and_wait(entries):
        found = read(entries)
        has_read.set()
        assert may_write.wait(PATIENCE)
        return found

    monkeypatch.setattr(search_entries, "readables_of", read_and_wait)
    worker = threading.Thread(target=work)
    worker.start()
    assert has_read.wait(PATIENCE)
    Profile.objects.filter(pk=author.pk).update(visibility={"methods": "private"})
    may_write.set()
    worker.join()


def work():
    try:
        search_entries.refresh_chunk(200)
    finally:
        connection.close()


def texts():
    return " ".join(SearchEntry.objects.values_list("texts", flat=True))
