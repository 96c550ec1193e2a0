"""Kept searches: saving, naming, deleting, what is new, feeds."""

import xml.etree.ElementTree as ET
from datetime import datetime

import pytest
from django.urls import reverse

from konnect.accounts.models import Rhythm
from matching import feeds
from matching.models import (
    Profile,
    SavedSearch,
    SearchKind,
    Topic,
)
from matching.services.blocks import block_profile
from matching.services.saved_searches import close_feed, open_feed
from matching.services.search_entries import refresh_search_entries
from tests.factories.matching import (
    ListingFactory,
    OrganisationFactory,
    ProfileFactory,
)
from tests.matching.kept_searches import graphene, keep, later
from tests.matching.test_contact_races import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lexical")]
LIST = reverse("matching:saved_search_list")
CREATE = reverse("matching:saved_search_create")
ATOM = "{http://www.w3.org/2005/Atom}"


# --- Saving ---------------------------------------------------------------------------------------


def test_search_is_saved_from_the_page_of_results(client_of, anna):
    client = client_of(anna)
    page = client.get(reverse("matching:people_search"), {"q": "graphene", "country": "KR"})
    address = f"{CREATE}?kind=people&q=graphene&country=KR"
    assert address.replace("&", "&amp;") in page.content.decode()

    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    response = client.post(CREATE, sent)

    search = SavedSearch.objects.get()
    assert response["Location"] == f"{LIST}#saved-{search.pk}"
    assert (search.name, search.query) == (
        "People: “graphene”, South Korea",
        "q=graphene&country=KR",
    )
    assert search.rhythm == Rhythm.DAILY
    page = client.get(reverse("matching:people_search"), {"country": "KR", "q": " graphene"})
    assert page.context["saved"] == search


def test_same_search_in_another_order_is_one(anna):
    first = keep(anna, "country=KR&country=DE&q=graphene")
    again = keep(anna, "q=graphene&country=DE&country=KR&sort=name&page=3", name="New name")

    assert first.pk == again.pk
    assert SavedSearch.objects.get().name == "New name"


def test_two_saves_at_once_keep_the_limit(transactional_db, anna):
    refresh_search_entries()
    SavedSearch.objects.bulk_create(
        SavedSearch(user=anna.user, name="x", kind="people", query=f"q={number}")
        for number in range(SavedSearch.MOST_A_PERSON - 1)
    )

    outcomes = at_once(SavedSearch, lambda: keep(anna, "q=a"), lambda: keep(anna, "q=b"))

    assert outcomes == ["done", "too_many"]
    assert SavedSearch.objects.count() == SavedSearch.MOST_A_PERSON


def test_refused_search_keeps_what_was_typed(client_of, anna):
    SavedSearch.objects.bulk_create(
        SavedSearch(user=anna.user, name="x", kind="people", query=f"q={number}")
        for number in range(SavedSearch.MOST_A_PERSON)
    )
    sent = {"kind": "people", "query": "q=new", "name": "My words", "rhythm": "weekly"}

    text = client_of(anna).post(CREATE, sent).content.decode()

    assert "You have saved 50 searches already." in text
    assert 'value="My words"' in text
    assert SavedSearch.objects.count() == 50


@pytest.mark.parametrize(("name", "status"), (("kind", 404), ("rhythm", 200), ("name", 200)))
def test_odd_forms_are_refused(client_of, anna, name, status):
    sent = {"kind": "people", "query": "", "name": "N", "rhythm": "daily", name: ""}

    assert client_of(anna).post(CREATE, sent).status_code == status
    assert not SavedSearch.objects.exists()


# --- The list -------------------------------------------------------------------------------------


def test_search_is_renamed_and_told_of_at_another_rhythm(client_of, anna):
    search = keep(anna)
    client = client_of(anna)
    edit = reverse("matching:saved_search_edit", args=[search.pk])

    client.post(edit, {"name": "Carbon", "rhythm": "weekly"})
    search.refresh_from_db()
    assert (search.name, search.rhythm) == ("Carbon", "weekly")

    text = client.post(edit, {"name": "", "rhythm": "daily"}).content.decode()
    assert "<title>Error: " in text
    search.refresh_from_db()
    assert search.name == "Carbon"


def test_deleted_search_comes_back_with_its_feed(client_of, anna):
    search = keep(anna)
    open_feed(search, actor=anna.user)
    client = client_of(anna)

    page = client.post(reverse("matching:saved_search_delete", args=[search.pk]), follow=True)
    assert not SavedSearch.objects.exists()
    assert reverse("matching:saved_search_restore") in page.content.decode()
    client.post(reverse("matching:saved_search_restore"))

    back = SavedSearch.objects.get()
    columns = ("name", "query", "kind", "rhythm", "feed_token")
    assert [getattr(back, name) for name in columns] == [getattr(search, n) for n in columns]
    client.post(reverse("matching:saved_search_restore"))
    assert SavedSearch.objects.count() == 1


def test_facets_that_are_gone_are_shown_and_the_rest_works(client_of, anna):
    gone = Topic.objects.first()
    search = keep(anna, f"q=graphene&topic={gone.code}&country=KR")
    SavedSearch.objects.filter(pk=search.pk).update(
        query=search.query.replace(gone.code, "own.gone") + "&shoe=44"
    )
    search.refresh_from_db()

    row = client_of(anna).get(LIST).context["rows"][0]
    assert set(row.dropped) == {"Topic: own.gone", "shoe: 44"}
    assert [chip.label for chip in row.chips] == ["“graphene”", "South Korea"]
    graphene(display_name="Found")
    assert later() == 1


def test_search_of_which_nothing_is_left_rests(client_of, anna):
    search = keep(anna, "topic=green.perovskite")
    SavedSearch.objects.filter(pk=search.pk).update(query="topic=own.gone")
    graphene()

    assert later() == 0
    assert client_of(anna).get(LIST).context["rows"][0].is_empty


@pytest.mark.parametrize("number", (1, 3, 50))
def test_list_asks_little(client_of, django_assert_max_num_queries, anna, number):
    SavedSearch.objects.bulk_create(
        SavedSearch(user=anna.user, name="x", kind="people", query=f"q={number}")
        for number in range(number)
    )
    client = client_of(anna)
    client.get(LIST)

    with django_assert_max_num_queries(8):
        client.get(LIST)


# --- Feeds ----------------------------------------------------------------------------------------


def feed(client, search, **headers):
    """Return the answer of a search's feed."""
    address = reverse("matching:saved_search_atom", args=[search.feed_token])
    return client.get(address, headers=headers)


@pytest.fixture
def opened(anna):
    """Return Anna's search with a feed."""
    graphene(display_name="Feed Person", hangul_name="김피드")
    search = keep(anna, name="Carbon <&>")
    open_feed(search, actor=anna.user)
    return search


def test_feed_is_valid_atom(client, opened, settings):
    response = feed(client, opened)
    root = ET.fromstring(response.content)

    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert root.tag == f"{ATOM}feed"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    for part in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(part.findall(f"{ATOM}{name}")) == 1
        assert datetime.fromisoformat(part.findtext(f"{ATOM}updated")).tzinfo
    assert root.findtext(f"{ATOM}title") == "Carbon <&> - KONNECT"
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "KONNECT"
    own = root.find(f"{ATOM}link[@rel='self']").get("href")
    assert own == settings.SITE_URL + reverse(
        "matching:saved_search_atom", args=[opened.feed_token]
    )
    entry = root.find(f"{ATOM}entry")
    person = Profile.objects.get(display_name="Feed Person")
    assert entry.findtext(f"{ATOM}title") == "Feed Person"
    assert entry.find(f"{ATOM}link").get("href").endswith(f"/people/{person.pk}/")


def test_feed_speaks_the_language_of_its_owner(client, opened, anna):
    anna.user.language = "ko"
    anna.user.save()

    text = feed(client, opened).content.decode()

    assert "김피드" in text
    assert "대한민국" in text
    assert 'xml:lang="ko"' in text


def test_feed_that_did_not_change_is_not_sent_again(client, opened):
    first = feed(client, opened)
    assert (first["Cache-Control"], first["X-Robots-Tag"]) == ("private, no-cache", "noindex")

    again = feed(client, opened, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    graphene()
    refresh_search_entries()
    changed = feed(client, opened, **{"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_closed_feed_opens_nothing(client, client_of, opened, anna):
    old = opened.feed_token
    change = reverse("matching:saved_search_feed", args=[opened.pk])

    client_of(anna).post(change, {"action": "renew"})
    assert feed(client, opened).status_code == 404
    opened.refresh_from_db()
    assert opened.feed_token != old
    assert feed(client, opened).status_code == 200
    close_feed(SavedSearch.objects.get(), actor=anna.user)
    answer = feed(client, opened)
    assert answer.status_code == 404
    assert "Feed Person" not in answer.content.decode()


@pytest.mark.parametrize("how", ("blocked", "hidden", "owner_gone"))
def test_feed_follows_what_its_owner_may_see(client, opened, anna, how):
    person = Profile.objects.get(display_name="Feed Person")
    if how == "blocked":
        block_profile(person, anna, actor=person.user)
    elif how == "hidden":
        Profile.objects.filter(pk=person.pk).update(state="hidden")
    else:
        anna.user.is_active = False
        anna.user.save()

    assert "Feed Person" not in feed(client, opened).content.decode()


def test_feed_shows_no_field_for_contacts_only(client, opened):
    Profile.objects.filter(display_name="Feed Person").update(
        contact_email="canary@example.kr", telephone="+82 2 5550 7777"
    )

    text = feed(client, opened).content.decode()

    assert "canary" not in text
    assert "5550" not in text


def test_feed_is_asked_for_so_often(client, opened, monkeypatch):
    monkeypatch.setattr(feeds, "A_MINUTE", 2)
    monkeypatch.setattr("matching.views.feeds.A_MINUTE", 2)

    answers = [feed(client, opened) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0


@pytest.mark.parametrize("kind", tuple(SearchKind))
@pytest.mark.parametrize("number", (1, 3, 20))
def test_feed_asks_little(client, django_assert_max_num_queries, anna, kind, number):
    for _ in range(number):
        ListingFactory(title_en="Graphene", profile=graphene())
        OrganisationFactory(name="Graphene Institute")
    search = keep(anna, kind=kind)
    open_feed(search, actor=anna.user)
    feed(client, search)

    with django_assert_max_num_queries(12):
        feed(client, search)


def test_unknown_token_opens_nothing(client, anna):
    keep(anna)
    for token in ("None", "x", "f" * 43, "%00"):
        assert client.get(f"/feeds/{token}/").status_code == 404


def test_people_of_elsewhere_are_found_by_feeds_too(client, anna):
    ProfileFactory(summary_en="graphene", side="elsewhere")
    search = keep(anna, "q=graphene&side=elsewhere")
    open_feed(search, actor=anna.user)

    assert feed(client, search).content.count(b"<entry>") == 1
