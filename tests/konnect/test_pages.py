import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import caches
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.utils import translation

from konnect import problems
from konnect.figures import SMALLEST_SHOWN, figures
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    ContactRequestFactory,
    KoreanProfileFactory,
    ListingFactory,
    OrganisationFactory,
    ProfileFactory,
)

PAGES = ["/", "/about/", "/privacy/", "/terms/", "/accessibility/"]
LANGUAGES = ["en", "ko"]
FIRST_LOAD_BYTES = 150_000
HOME_QUERIES = 6


@pytest.fixture(autouse=True)
def _nothing_counted_before():
    caches["memory"].clear()


class Page(HTMLParser):
    """What the tests ask of a page."""

    def __init__(self, response):
        super().__init__()
        self.tags = []
        self.title = ""
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] == "title":
            self.title += data

    def all(self, wanted):
        return [attributes for tag, attributes in self.tags if tag == wanted]

    def addresses(self):
        names = {"src", "href", "action", "srcset", "poster", "data"}
        return [
            value
            for _, attributes in self.tags
            for name, value in attributes.items()
            if name in names and value
        ]


def get(client, path, language="en"):
    return client.get(path, headers={"accept-language": language})


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_public_page_is_whole(client, path, language):
    response = get(client, path, language)

    page = Page(response)
    assert response.status_code == 200
    assert page.all("html")[0]["lang"] == language
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert page.title.strip().endswith(" - KONNECT")
    assert len(page.title.strip()) > len(" - KONNECT")


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_public_page_asks_nobody_else(client, path):
    page = Page(get(client, path))

    elsewhere = [address for address in page.addresses() if re.match(r"(https?:)?//", address)]
    assert elsewhere == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_public_page_keeps_to_the_content_security_policy(client, path):
    response = get(client, path)

    page = Page(response)
    policy = response.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)[1]
    inline = [script for script in page.all("script") if "src" not in script]
    assert "default-src 'none'" in policy
    assert {script.get("nonce") for script in inline} == {nonce}
    assert page.all("style") == []
    assert [a for _, a in page.tags if any(n == "style" or n.startswith("on") for n in a)] == []


@pytest.mark.django_db
def test_titles_are_unique(client):
    titles = [Page(get(client, path)).title for path in PAGES]

    assert len(set(titles)) == len(PAGES)


@pytest.mark.django_db
def test_first_stop_is_the_skip_link(client):
    page = Page(get(client, "/"))

    first = next(attributes for tag, attributes in page.tags if tag in {"a", "button"})
    assert (first["class"], first["href"]) == ("skip-link", "#main")


@pytest.mark.django_db
def test_first_page_load_is_light(client):
    response = get(client, "/")

    page = Page(response)
    linked = [link["href"] for link in page.all("link")]
    linked += [script["src"] for script in page.all("script") if "src" in script]
    files = [Path(finders.find(address.removeprefix("/static/"))) for address in linked]
    assert len(response.content) + sum(file.stat().st_size for file in files) < FIRST_LOAD_BYTES


@pytest.mark.django_db
def test_home_counts_for_a_visitor_with_few_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(HOME_QUERIES):
        get(client, "/")


@pytest.mark.django_db
def test_home_says_what_mobility_calls_are_and_leads_to_them(client):
    main = client.get("/").content.decode().split("<main")[1].split("</main>")[0]

    assert "Funders of Europe and Korea pay for your stays" in main
    assert 'href="/calls/"' in main


@pytest.mark.django_db
def test_home_does_not_count_again_for_everybody(client_of, anna, django_assert_num_queries):
    figures()
    client = client_of(anna)

    # Session, person, areas, inbox.
    with django_assert_num_queries(4):
        client.get("/")


@pytest.mark.django_db
def test_figures_are_true():
    university = OrganisationFactory(country_code="DE")
    people = [ProfileFactory(organisation=university) for _ in range(SMALLEST_SHOWN)]
    partners = KoreanProfileFactory.create_batch(SMALLEST_SHOWN + 1)
    ProfileFactory(state="draft", published_at=None)
    ListingFactory.create_batch(SMALLEST_SHOWN, profile=people[0])
    ListingFactory(profile=people[0], state="draft")
    for person, partner in zip(people, partners, strict=False):
        AcceptedContactRequestFactory(sender=person, recipient=partner)
    ContactRequestFactory(sender=people[0], recipient=partners[-1])

    shown = {figure.name: figure.value for figure in figures()}

    assert shown == {
        "europe": SMALLEST_SHOWN,
        "korea": SMALLEST_SHOWN + 1,
        "organisations": SMALLEST_SHOWN + 2,
        "listings": SMALLEST_SHOWN,
        "contacts": SMALLEST_SHOWN,
    }


@pytest.mark.django_db
def test_small_figures_are_not_shown(client):
    ProfileFactory.create_batch(SMALLEST_SHOWN - 1)

    response = get(client, "/")

    assert 'class="figures"' not in response.content.decode()


@pytest.mark.django_db
def test_appearance_of_a_visitor_is_kept_in_a_cookie(client):
    response = client.post("/appearance/", {"appearance": "dark", "next": "/about/"})

    assert (response.status_code, response.url) == (302, "/about/")
    assert Page(get(client, "/about/")).all("html")[0]["data-appearance"] == "dark"


@pytest.mark.django_db
def test_appearance_of_a_member_is_kept_with_the_account(client_of, anna):
    client_of(anna).post("/appearance/", {"appearance": "light", "next": "/"})

    anna.user.refresh_from_db()
    assert anna.user.appearance == "light"
    assert Page(client_of(anna).get("/")).all("html")[0]["data-appearance"] == "light"


@pytest.mark.django_db
@pytest.mark.parametrize("data", ({}, {"appearance": "pink"}, {"appearance": "dark\0"}))
def test_appearance_that_does_not_exist_changes_nothing(client, data):
    response = client.post("/appearance/", data | {"next": "https://elsewhere.example/"})

    assert (response.status_code, response.url) == (302, "/")
    assert "appearance" not in response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_page_not_found_shows_a_way_out(client, language):
    response = get(client, "/nowhere/", language)

    page = Page(response)
    assert response.status_code == 404
    assert page.all("html")[0]["lang"] == language
    assert len(page.all("h1")) == 1
    assert "/accounts/login/" in page.addresses()


@pytest.mark.django_db
def test_form_without_token_says_what_happened():
    response = Client(enforce_csrf_checks=True).post("/appearance/", {"appearance": "dark"})

    page = Page(response)
    assert response.status_code == 403
    assert "no longer valid" in page.title


@pytest.mark.django_db
def test_permission_denied_tells_a_member_what_is_missing(client_of, anna, rf):
    request = rf.get("/")
    request.user = anna.user

    response = problems.permission_denied(request, PermissionError())

    assert response.status_code == 403
    assert "a role that your account does not have" in response.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("error", "status"), ((RuntimeError("broken"), 500), (OperationalError("away"), 503))
)
def test_server_error_needs_no_database(language, error, status):
    request = RequestFactory().get("/")

    with translation.override(language):
        try:
            raise error
        except type(error):
            response = problems.server_error(request)

    page = Page(response)
    assert response.status_code == status
    assert page.all("html")[0]["lang"] == language
    assert len(page.all("h1")) == 1
    assert "/" in page.addresses()


def test_bad_request_needs_no_database(rf):
    response = problems.bad_request(rf.get("/"), ValueError())

    assert response.status_code == 400
    assert len(Page(response).all("h1")) == 1
