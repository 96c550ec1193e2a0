"""A first draft of a contact request comes below what is typed, and throws nothing away."""

import pytest
from django.urls import reverse

from matching.models import ContactRequest
from tests.factories.matching import ListingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def press(anna, minji, client_of):
    """Press the button for a draft in a language; return what stands in the box then."""
    client = client_of(anna)
    address = reverse("matching:contact_create", args=[minji.pk])

    def send(language, message, **more):
        page = client.post(address, {"message": message, "start": language, **more})
        assert ContactRequest.objects.count() == 0
        return page.context["form"]["message"].value()

    return send


@pytest.mark.parametrize("empty", ("", " \r\n "))
def test_a_draft_fills_an_empty_box(press, empty):
    assert press("ko", empty).startswith("김민지 님")


def test_what_was_typed_stands_above_the_draft(press):
    words = press("en", "Precious\r\nwords")

    assert words.startswith("Precious\nwords\n\nDear Kim Minji,")


def test_an_untouched_draft_gives_way_to_another(press):
    english = press("en", "")

    korean = press("ko", english.replace("\n", "\r\n"))

    assert korean == press("ko", "")
    assert press("ko", korean) == korean


def test_a_language_that_nobody_speaks_takes_nothing_away(press):
    assert press("xx", "Precious words") == "Precious words"


def test_the_draft_keeps_the_listing(press, minji):
    listing = ListingFactory(profile=minji, title_en="Thin films")

    assert "Thin films" in press("en", "", listing=listing.pk)


def test_the_page_offers_buttons_that_send_what_is_typed(anna, minji, client_of):
    page = client_of(anna).get(reverse("matching:contact_create", args=[minji.pk]))

    assert page.content.decode().count('name="start"') == 2
    assert b"?start=" not in page.content
