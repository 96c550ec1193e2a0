"""News about requests and messages: what it is called, where it leads, and when it counts as read."""

import uuid

import pytest
from django.test import Client

from konnect.accounts.models import Notification, OutgoingEmail
from konnect.accounts.services.digests import write_due_digests
from konnect.accounts.services.wishes import save_wishes
from matching.services.contacts import (
    accept_contact_request,
    decline_contact_request,
    send_contact_request,
)
from matching.services.conversations import mark_read, send_message
from tests.factories.matching import ConversationFactory

WORDS = "The secret of perovskites"


@pytest.fixture
def contact_request(anna, minji):
    return send_contact_request(anna, minji, actor=anna.user, message=WORDS)


@pytest.fixture
def conversation(anna, minji):
    return ConversationFactory(contact_request__sender=anna, contact_request__recipient=minji)


def news_of(profile):
    return Notification.objects.filter(user=profile.user).latest("pk")


def test_request_is_told_in_both_languages(contact_request, anna, minji):
    news = news_of(minji)

    assert news.title_en == f"{anna.affiliation}: Anna Schmidt would like to get in touch with you"
    assert "Anna Schmidt" in news.title_ko
    assert news.title_ko != news.title_en
    assert news.address == contact_request.get_absolute_url()


def test_name_is_the_one_of_the_readers_language(contact_request, anna, minji):
    accept_contact_request(contact_request, actor=minji.user)

    news = news_of(anna)
    assert "Kim Minji" in news.title_en
    assert "김민지" in news.title_ko
    assert news.address == contact_request.conversation.get_absolute_url()


def test_refusal_leads_to_the_request(contact_request, anna, minji):
    decline_contact_request(contact_request, actor=minji.user)

    assert news_of(anna).address == contact_request.get_absolute_url()


@pytest.mark.parametrize("answer", (accept_contact_request, decline_contact_request))
def test_answering_takes_the_request_as_read(contact_request, anna, minji, answer):
    answer(contact_request, actor=minji.user)

    assert news_of(minji).read_at is not None
    assert news_of(anna).read_at is None


def test_reading_a_conversation_takes_its_news_as_read(conversation, anna, minji, client_of):
    send_message(conversation, actor=anna.user, text=WORDS, token=uuid.uuid4())
    client = client_of(minji)
    assert "<title>(1) " in client.get("/about/").content.decode()

    page = client.get(conversation.get_absolute_url()).content.decode()

    assert "<title>(" not in page


def test_message_is_told_again_once_the_first_was_read(conversation, anna, minji):
    for _ in range(2):
        message = send_message(conversation, actor=anna.user, text=WORDS, token=uuid.uuid4())
    assert Notification.objects.filter(user=minji.user).count() == 1

    mark_read(conversation, actor=minji.user, newest=message)
    send_message(conversation, actor=anna.user, text=WORDS, token=uuid.uuid4())

    assert Notification.objects.filter(user=minji.user).count() == 2


def test_words_stand_in_the_letter_and_nowhere_else(conversation, anna, minji):
    send_message(conversation, actor=anna.user, text=WORDS, token=uuid.uuid4())
    assert WORDS in OutgoingEmail.objects.get().text

    news = news_of(minji)
    assert WORDS not in news.title_en + news.title_ko + news.key


def test_digest_does_not_quote(conversation, anna, minji):
    save_wishes(minji.user, actor=None, rhythms={"message": "daily"})
    send_message(conversation, actor=anna.user, text=WORDS, token=uuid.uuid4())
    Notification.objects.update(due_at="2026-01-01T00:00Z")

    assert write_due_digests() == 1

    mail = OutgoingEmail.objects.get()
    assert WORDS not in mail.text + mail.html
    assert "Anna Schmidt" in mail.text


def test_link_of_a_digest_asks_strangers_to_sign_in(contact_request, minji):
    response = Client().get(f"/notifications/{news_of(minji).pk}/")

    assert "/accounts/login/" in response.url
