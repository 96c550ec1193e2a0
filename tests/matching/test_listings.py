"""Offers and requests."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from matching.models import Listing
from matching.services.listings import expire_overdue_listings, publish_listing
from tests.factories.matching import ListingFactory

pytestmark = pytest.mark.django_db
NEW = reverse("matching:listing_create")
OWN = reverse("matching:listing_list")
FIELDS = ("kind", "title_en", "title_ko", "description_en", "description_ko", "areas", "topics",
          "valid_on", "action")  # fmt: skip
NASTY = ("x" * 6000, "<script>alert(1)</script>", "a\x00b", "👩‍🔬", "\u202eabc", "\u1100\u1175\u11b7",
         "9" * 30, "0000-00-00", "9999-12-31", "")  # fmt: skip


def of(name, listing):
    return reverse(f"matching:listing_{name}", args=[listing.pk])


def test_new_offer_is_opened_for_a_year(client_of, anna):
    data = {"kind": "offer", "title_ko": "시료 제작", "action": "publish"}

    response = client_of(anna).post(NEW, data)

    listing = Listing.objects.get()
    assert (response.url, listing.state, listing.title_ko) == (OWN, "open", "시료 제작")
    assert timedelta(days=364) < listing.valid_until - timezone.now() <= timedelta(days=365)


def test_draft_is_seen_by_its_author_only(client_of, anna, minji):
    client_of(anna).post(NEW, {"kind": "request", "title_en": "A host", "action": "draft"})
    listing = Listing.objects.get()

    statuses = [client_of(who).get(of("detail", listing)).status_code for who in (anna, minji)]

    assert (listing.state, statuses) == ("draft", [200, 404])


@pytest.mark.parametrize("field", FIELDS)
def test_nasty_input_never_breaks_the_form(client_of, anna, field):
    client = client_of(anna)
    usual = {"kind": "offer", "title_en": "Samples"}

    statuses = {client.post(NEW, usual | {field: text}).status_code for text in NASTY}

    assert statuses <= {200, 302}


@pytest.mark.parametrize(
    ("day", "code"),
    ((-1, "past"), (366, "too_far")),
)
def test_day_outside_the_year_is_refused(client_of, anna, day, code):
    zone = ZoneInfo(anna.user.time_zone)
    date = (timezone.localdate(timezone=zone) + timedelta(days=day)).isoformat()

    response = client_of(anna).post(NEW, {"kind": "offer", "title_en": "X", "valid_on": date})

    assert response.context["form"].errors.as_data()["valid_on"][0].code == code


def test_listing_without_title_is_explained(client_of, anna):
    response = client_of(anna).post(NEW, {"kind": "offer", "description_en": "Long text"})

    assert list(response.context["form"].errors) == ["title_en"]
    assert "Long text" in response.content.decode()


def test_closing_and_opening_again(client_of, anna, minji):
    listing = ListingFactory(profile=anna)
    client = client_of(anna)

    client.post(of("close", listing))
    closed = client_of(minji).get(of("detail", listing)).status_code
    client.post(of("close", listing))
    client.post(of("open", listing))
    client.post(of("open", listing))

    assert (closed, client_of(minji).get(of("detail", listing)).status_code) == (404, 200)
    assert listing.changes.count() == 2


@pytest.mark.parametrize("name", ("edit", "close", "open"))
def test_others_cannot_change_a_listing(client_of, anna, minji, name):
    listing = ListingFactory(profile=anna)

    response = client_of(minji).post(of(name, listing), {"kind": "offer", "title_en": "Mine"})

    listing.refresh_from_db()
    assert (response.status_code, listing.state) == (404, "open")


def test_editing_keeps_the_state_and_changes_the_text(client_of, anna):
    listing = ListingFactory(profile=anna)

    client_of(anna).post(of("edit", listing), {"kind": "request", "title_en": "New words"})

    listing.refresh_from_db()
    assert (listing.state, listing.kind, listing.title_en) == ("open", "request", "New words")


def test_overdue_listings_expire_once(anna):
    overdue = ListingFactory(profile=anna, valid_until=timezone.now() - timedelta(minutes=1))
    ListingFactory(profile=anna)
    before = anna.matching_changed_at

    counts = [expire_overdue_listings() for _time in range(2)]

    overdue.refresh_from_db()
    anna.refresh_from_db()
    assert (counts, overdue.state) == ([1, 0], "expired")
    assert anna.matching_changed_at > before


def test_expired_listing_opens_for_a_year_again(anna):
    listing = ListingFactory(profile=anna, state="expired", valid_until=timezone.now())

    publish_listing(listing, actor=anna.user)

    assert listing.valid_until > timezone.now() + timedelta(days=364)


def test_database_refuses_a_listing_without_title(anna):
    with pytest.raises(IntegrityError):
        ListingFactory(profile=anna, title_en="")


@pytest.mark.parametrize("number", (1, 3))
def test_own_listings_query_count(client_of, django_assert_num_queries, anna, number):
    ListingFactory.create_batch(number, profile=anna)
    client = client_of(anna)
    client.get(OWN)

    with django_assert_num_queries(6):
        client.get(OWN)
