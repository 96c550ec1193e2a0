"""Every page, read by everybody: nobody sees what the visibility rules forbid.

Minji's fields each hold a word that stands nowhere else. The crawl follows every link of every
page that a reader reaches, and looks for those words.
"""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from matching.embedding import get_embedder
from matching.models import ListingKind, ListingState, ProfileState, SearchKind
from matching.services.saved_searches import open_feed, save_search
from matching.services.search_entries import refresh_search_entries
from matching.services.search_page import ADDRESSES
from matching.visibility import FIELDS, OPEN_TO, Audience, Visibility, fields_open_to
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    ConversationFactory,
    InterestFactory,
    ListingFactory,
    MessageFactory,
    PartnerSearchFactory,
)

# Text columns of the fields that can be opened and closed, each with a word of its own.
TEXT_COLUMNS = {
    "summary_en": "canarysummaryen",
    "summary_ko": "canarysummaryko",
    "methods_en": "canarymethodsen",
    "methods_ko": "canarymethodsko",
    "unit": "canaryunit",
    "position": "canaryposition",
    "contact_email": "canarymail@example.kr",
    "telephone": "+82 2 5550 7777",
    "website": "https://canarysite.example/",
    "honorific": "canaryhonorific",
}
FIELD_OF = {column: field for field, rule in FIELDS.items() for column in rule.columns}
# Forms that would change something, and pages that leave the portal's own ground.
NOT_FOLLOWED = re.compile(r"^/(accounts/logout|administration/)|\.(css|js|svg|png|ico)$|^/static/")
MOST_PAGES = 400


def crawl(client):
    """Return {path: text} of every page that can be reached from the start by links."""
    refresh_search_entries()
    waiting, pages = ["/"], {}
    while waiting and len(pages) < MOST_PAGES:
        path = waiting.pop()
        if path in pages:
            continue
        response = client.get(path, follow=True)
        assert response.status_code < 500, path
        text = unescape(
            b"".join(response).decode(errors="replace")
            if response.streaming
            else response.content.decode(errors="replace")
        )
        pages[path] = text
        waiting += [link for link in links(text) if link not in pages]
    return pages


def links(text):
    """Return the portal's own addresses that a page links to."""
    found = re.findall(r'(?:href|hx-get|action|src)="(/[^"#]*)', text)
    return [link for link in dict.fromkeys(found) if not NOT_FOLLOWED.search(link)]


def seen(pages, word):
    """Return the pages on which a word stands."""
    return sorted(path for path, text in pages.items() if word in text)


@pytest.fixture(autouse=True)
def words_only(settings):
    """Search by words: what is found by meaning is behind the same door."""
    settings.EMBEDDER = "lexical"
    get_embedder.cache_clear()
    yield
    get_embedder.cache_clear()


@pytest.fixture
def told(minji):
    """Return Minji with a telling word in every text field."""
    for column, word in TEXT_COLUMNS.items():
        setattr(minji, column, word)
    minji.is_public = True
    minji.save()
    return minji


def open_all(profile, visibility):
    """Set each field to a visibility, as far as the field allows it."""
    profile.visibility = {
        field: visibility if visibility in rule.choices else rule.default
        for field, rule in FIELDS.items()
    }
    profile.save()


@pytest.fixture
def readers(client_of, told, anna, omar):
    """Return a client for each place from which somebody may look at Minji."""
    AcceptedContactRequestFactory(sender=anna, recipient=told)
    return {
        Audience.PUBLIC: Client(),
        Audience.MEMBER: client_of(omar),
        Audience.CONTACT: client_of(anna),
        Audience.OWNER: client_of(told),
    }


@pytest.mark.parametrize("visibility", tuple(Visibility))
@pytest.mark.parametrize("audience", tuple(Audience))
def test_no_reader_finds_a_closed_field(readers, told, audience, visibility):
    open_all(told, visibility)
    allowed = fields_open_to(audience, told.visibility)

    pages = crawl(readers[audience])

    assert reverse("matching:profile_detail", args=[told.pk]) in pages
    leaks = {
        column: seen(pages, word)
        for column, word in TEXT_COLUMNS.items()
        if FIELD_OF[column] not in allowed
    }
    assert leaks == {column: [] for column in leaks}


@pytest.mark.parametrize("audience", (Audience.PUBLIC, Audience.MEMBER, Audience.CONTACT))
def test_every_reader_finds_an_open_field(readers, told, audience):
    open_all(told, Visibility.PUBLIC)

    text = readers[audience].get(reverse("matching:profile_detail", args=[told.pk])).content

    assert (
        TEXT_COLUMNS["summary_ko"].encode() in text or TEXT_COLUMNS["summary_en"].encode() in text
    )
    assert OPEN_TO[audience] >= {Visibility.PUBLIC}


@pytest.mark.parametrize("state", (ProfileState.DRAFT, ProfileState.HIDDEN))
@pytest.mark.parametrize("audience", (Audience.PUBLIC, Audience.MEMBER))
def test_nobody_finds_an_unpublished_profile(readers, told, audience, state):
    open_all(told, Visibility.PUBLIC)
    type(told).objects.filter(pk=told.pk).update(state=state)

    pages = crawl(readers[audience])
    answer = readers[audience].get(reverse("matching:profile_detail", args=[told.pk]))

    assert seen(pages, "Kim Minji") == []
    assert answer.status_code == 404


def test_the_blocked_find_nothing_of_the_one_who_blocked(readers, told, omar):
    told.blocks_made.create(blocked=omar)
    open_all(told, Visibility.PUBLIC)

    pages = crawl(readers[Audience.MEMBER])

    assert seen(pages, "canarysummaryko") == []
    assert (
        readers[Audience.MEMBER]
        .get(reverse("matching:profile_detail", args=[told.pk]))
        .status_code
        == 404
    )


@pytest.mark.parametrize("audience", (Audience.PUBLIC, Audience.MEMBER))
def test_strangers_find_no_conversation_and_no_draft(readers, told, anna, audience):
    conversation = ConversationFactory(
        contact_request=told.contact_requests_received.get(sender=anna)
    )
    MessageFactory(conversation=conversation, author=anna, text="canarymessage")
    told.contact_requests_received.update(message="canaryrequest")
    ListingFactory(
        profile=told, kind=ListingKind.REQUEST, state=ListingState.DRAFT, title_en="canarydraft"
    )

    pages = crawl(readers[audience])
    direct = readers[audience].get(
        reverse("matching:conversation_detail", args=[conversation.pk]), follow=True
    )

    for word in ("canarymessage", "canaryrequest", "canarydraft"):
        assert seen(pages, word) == []
        assert word not in direct.content.decode()


def test_the_people_concerned_find_their_conversation(readers, told, anna):
    conversation = ConversationFactory(
        contact_request=told.contact_requests_received.get(sender=anna)
    )
    MessageFactory(conversation=conversation, author=anna, text="canarymessage")

    assert seen(crawl(readers[Audience.OWNER]), "canarymessage")
    assert seen(crawl(readers[Audience.CONTACT]), "canarymessage")


@pytest.fixture
def searched(told):
    """Return an open search of Minji's with a word in each text that not everybody may read."""
    search = PartnerSearchFactory(
        listing__profile=told, confidentiality="interested", details_en="canarydetails"
    )
    for state in (ListingState.DRAFT, ListingState.IN_REVIEW):
        waiting = PartnerSearchFactory(listing__profile=told, listing__title_en=f"canary{state}")
        type(waiting.listing).objects.filter(pk=waiting.pk).update(state=state)
    InterestFactory(listing=search.listing, expertise="canaryinterest", contribution="canarywork")
    return search.listing


@pytest.mark.parametrize("audience", (Audience.PUBLIC, Audience.MEMBER, Audience.CONTACT))
def test_strangers_find_nothing_confidential_of_a_partner_search(readers, searched, audience):
    pages = crawl(readers[audience])
    interest = searched.interests.get()
    direct = readers[audience].get(
        reverse("matching:interest_detail", args=[interest.pk]), follow=True
    )

    assert reverse("matching:listing_detail", args=[searched.pk]) in pages
    for word in (
        "canarydetails",
        "canarydraft",
        "canaryin_review",
        "canaryinterest",
        "canarywork",
    ):
        assert seen(pages, word) == []
        assert word not in direct.content.decode()


def test_those_concerned_find_what_belongs_to_them(readers, client_of, searched):
    interest = searched.interests.get()
    hers = crawl(readers[Audience.OWNER])
    before = crawl(client_of(interest.profile))
    type(interest).objects.update(state="accepted", answered_at=searched.created_at)
    after = crawl(client_of(interest.profile))

    words = ("canarydetails", "canarydraft", "canaryin_review", "canaryinterest")
    assert all(seen(hers, word) for word in words)
    assert seen(before, "canaryinterest")
    assert seen(before, "canarydetails") == []
    assert seen(after, "canarydetails")


@pytest.mark.parametrize("kind", tuple(SearchKind))
@pytest.mark.parametrize("visibility", tuple(Visibility))
def test_no_word_of_a_closed_field_finds_anybody(readers, told, kind, visibility):
    open_all(told, visibility)
    ListingFactory(profile=told, state=ListingState.DRAFT, title_en="canarydraft")
    refresh_search_entries()
    address = reverse(ADDRESSES[kind])

    for audience in (Audience.PUBLIC, Audience.MEMBER):
        allowed = fields_open_to(audience, told.visibility)
        closed = [word for column, word in TEXT_COLUMNS.items() if FIELD_OF[column] not in allowed]
        for word in (*closed, "canarydraft"):
            found = readers[audience].get(address, {"q": word}).context["found"]
            assert found.count == 0, (audience, word)


def test_feed_tells_no_closed_field_and_nothing_to_strangers(readers, told, omar):
    open_all(told, Visibility.PRIVATE)
    refresh_search_entries()
    search = save_search(
        omar.user, actor=omar.user, kind=SearchKind.PEOPLE, query="", name="All", rhythm="off"
    )
    assert not [path for path in crawl(readers[Audience.PUBLIC]) if path.startswith("/feeds/")]
    open_feed(search, actor=omar.user)

    text = Client().get(f"/feeds/{search.feed_token}/").content.decode()

    assert "Kim Minji" in text
    assert [word for word in TEXT_COLUMNS.values() if word in text] == []
