"""What search engines find: public people and things, at the portal's own address."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from konnect import sitemaps
from matching.models import ListingState, ProfileState
from tests.factories.matching import ListingFactory, ProfileFactory


@pytest.fixture(autouse=True)
def site(settings):
    """The operator's address, whatever host is asked."""
    settings.SITE_URL = "https://konnect.example"


def addresses(path):
    """Return the addresses that a file of the map names."""
    response = Client().get(path)
    assert (response.status_code, response.headers["Content-Type"][:15]) == (
        200,
        "application/xml",
    )
    return re.findall(r"<loc>https://konnect\.example(.*?)</loc>", response.content.decode())


def test_index_names_files_that_exist(minji):
    files = addresses("/sitemap.xml")

    assert files == [
        f"/sitemap-{part}-1.xml"
        for part in ("pages", "people", "organisations", "listings", "events", "calls", "projects")
    ]
    assert all(addresses(file) is not None for file in files)


def test_pages_of_the_map_can_be_opened_by_anybody(db):
    statuses = {path: Client().get(path).status_code for path in addresses("/sitemap-pages-1.xml")}

    assert set(statuses.values()) == {200}


def test_only_public_people_and_their_things_are_named(minji, anna):
    hidden = ProfileFactory(is_public=True, state=ProfileState.HIDDEN)
    minji.is_public = True
    minji.save()
    shown, draft = ListingFactory(profile=minji), ListingFactory(profile=minji)
    draft.move_to(ListingState.CLOSED, actor=None)
    ListingFactory(profile=anna)
    ListingFactory(profile=hidden)

    assert addresses("/sitemap-people-1.xml") == [f"/people/{minji.pk}/"]
    assert addresses("/sitemap-organisations-1.xml") == [
        f"/organisations/{minji.organisation_id}/"
    ]
    assert addresses("/sitemap-listings-1.xml") == [f"/listings/{shown.pk}/"]
    for path in ("people", "organisations", "listings"):
        for address in addresses(f"/sitemap-{path}-1.xml"):
            assert Client().get(address).status_code == 200


@pytest.mark.parametrize("count", (1, 3))
def test_number_of_queries_stays(count, db, django_assert_num_queries):
    ProfileFactory.create_batch(count, is_public=True)

    with django_assert_num_queries(2):
        assert len(addresses("/sitemap-people-1.xml")) == count


def test_long_parts_have_several_files(db, monkeypatch):
    monkeypatch.setattr(sitemaps, "ADDRESSES_A_FILE", 2)
    people = ProfileFactory.create_batch(3, is_public=True)

    files = [path for path in addresses("/sitemap.xml") if "people" in path]

    named = [address for path in files for address in addresses(path)]
    assert len(files) == 2
    assert named == [f"/people/{person.pk}/" for person in people]


@pytest.mark.parametrize("path", ("people-0", "people-9", "nothing-1", "pages-2"))
def test_other_files_do_not_exist(db, path):
    assert Client().get(f"/sitemap-{path}.xml").status_code == 404


def test_robots_name_the_map_and_what_is_of_no_use(db):
    text = Client().get("/robots.txt").content.decode()

    assert "Sitemap: https://konnect.example/sitemap.xml" in text
    for name in ("matching:dashboard", "matching:conversation_list", "accounts:settings"):
        assert any(reverse(name).startswith(path) for path in sitemaps.CLOSED)
    assert "Disallow: /people/" not in text
