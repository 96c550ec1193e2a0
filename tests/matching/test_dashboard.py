"""The start page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.models import Profile, Side
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.matching import run_matching
from matching.services.profiles import mark_matching_changed
from tests.factories.accounts import UserFactory
from tests.factories.matching import (
    ContactRequestFactory,
    ConversationFactory,
    KoreanProfileFactory,
    ListingFactory,
    MessageFactory,
)

ADDRESS = reverse("matching:dashboard")


def test_brand_new_account_is_told_what_to_do(db, client_of):
    user = UserFactory()

    page = client_of(user).get(ADDRESS)

    step, fill = page.context["steps"]
    assert (step.code, fill.code) == ("complete", "fill")
    assert page.context["suggestions"] == []
    assert Profile.objects.get().state == "draft"
    assert (
        f'href="{reverse("matching:profile_edit", args=[step.argument])}"' in page.content.decode()
    )


def test_person_is_greeted_in_their_own_letters(minji, client_of):
    minji.honorific = "박사님"
    minji.save()

    assert "김민지 박사님" in client_of(minji).get(ADDRESS).content.decode()


def test_inbox_shows_requests_and_messages(anna, minji, omar, client_of):
    contact_request = ContactRequestFactory(sender=minji, recipient=anna)
    conversation = ConversationFactory(
        contact_request__sender=omar, contact_request__recipient=anna
    )
    MessageFactory(conversation=conversation)

    context = client_of(anna).get(ADDRESS).context

    assert context["waiting"] == [(contact_request, minji)]
    assert context["unread"] == [(conversation, omar)]
    assert [step.code for step in context["steps"][:2]] == ["answer", "read"]


def test_listings_that_end_soon_are_shown(anna, client_of):
    now = timezone.now()
    ending = ListingFactory(profile=anna, valid_until=now + timedelta(days=13))
    ListingFactory(profile=anna, valid_until=now + timedelta(days=15))
    ListingFactory(profile=anna, valid_until=now + timedelta(days=3), state="closed")

    assert client_of(anna).get(ADDRESS).context["ending"] == [ending]


@pytest.mark.parametrize("item_count", (1, 3))
def test_dashboard_query_count(anna, client_of, django_assert_num_queries, item_count):
    client = client_of(anna)
    for _ in range(item_count):
        ContactRequestFactory(recipient=anna)
        conversation = ConversationFactory(contact_request__recipient=anna)
        MessageFactory(conversation=conversation)
        ListingFactory(profile=anna, valid_until=timezone.now() + timedelta(days=3))

    with django_assert_num_queries(15):
        client.get(ADDRESS)


def publish():
    refresh_stale_embeddings()
    run_matching()


@pytest.mark.parametrize("item_count", (1, 3))
def test_suggestions_query_count(anna, client_of, lexical, django_assert_num_queries, item_count):
    KoreanProfileFactory.create_batch(item_count, summary_en=anna.summary_en)
    publish()
    client = client_of(anna)

    with django_assert_num_queries(19):
        page = client.get(ADDRESS)

    assert len(page.context["suggestions"]) == item_count


def test_poll_answers_once_suggestions_are_new(anna, minji, client_of, lexical):
    client = client_of(anna)
    publish()
    mark_matching_changed(anna)
    early = client.get(ADDRESS, headers={"HX-Request": "true"})
    publish()

    late = client.get(ADDRESS, headers={"HX-Request": "true"})

    assert (early.status_code, late.status_code) == (204, 200)
    html = late.content.decode()
    assert ["Kim Minji" in html, "<html" in html, "hx-get" in html] == [True, False, False]


@pytest.mark.parametrize("columns", ({"side": Side.ELSEWHERE}, {"is_suggestible": False}))
def test_who_takes_no_part_does_not_wait(anna, client_of, columns):
    Profile.objects.filter(pk=anna.pk).update(**columns)

    page = client_of(anna).get(ADDRESS)

    assert not page.context["takes_part"]
    assert "hx-get" not in page.content.decode()
