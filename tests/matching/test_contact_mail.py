"""The mails about contact requests and messages, in both languages, as text and HTML."""

import uuid

import pytest
from django.conf import settings

from konnect.accounts.models import OutgoingEmail
from konnect.accounts.services.wishes import save_wishes
from matching.services.contacts import (
    accept_contact_request,
    decline_contact_request,
    send_contact_request,
)
from matching.services.conversations import send_message
from tests.factories.matching import ConversationFactory

WORDS = "Let us talk about <perovskites> & more"
IN_HTML = "Let us talk about &lt;perovskites&gt; &amp; more"


def only_mail():
    return OutgoingEmail.objects.get()


@pytest.fixture(params=("to a Korean reader", "to an English reader"))
def sender_and_recipient(request, anna, minji):
    minji.honorific = "박사님"
    minji.contact_email = "minji@lab.example"
    minji.save()
    anna.honorific = "Dr"
    anna.contact_email = "anna@lab.example"
    anna.save()
    return (anna, minji) if request.param == "to a Korean reader" else (minji, anna)


ADDRESSEES = {"ko": "김민지 박사님", "en": "Dr Anna Schmidt"}


def assert_letter(mail, reader, partner, *, link):
    """The right person is addressed by name, told who, shown the words, and led on."""
    assert mail.to == reader.user.email
    address = settings.SITE_URL + link
    name = {"ko": partner.hangul_name or partner.display_name, "en": partner.display_name}
    for body, words in ((mail.text, WORDS), (mail.html, IN_HTML)):
        assert ADDRESSEES[reader.user.language] in body
        assert name[reader.user.language] in body
        assert words in body
        assert address in body
        assert settings.SITE_URL + "/settings/" in body
    assert f'<html lang="{reader.user.language}"' in mail.html
    assert name[reader.user.language] in mail.subject
    assert "&lt;" not in mail.text + mail.subject


def test_mail_about_a_request(sender_and_recipient):
    sender, recipient = sender_and_recipient

    contact_request = send_contact_request(sender, recipient, actor=sender.user, message=WORDS)

    assert_letter(only_mail(), recipient, sender, link=contact_request.get_absolute_url())
    assert "@lab.example" not in only_mail().text + only_mail().html


def test_mail_about_an_acceptance_brings_the_details(sender_and_recipient):
    recipient, sender = sender_and_recipient
    contact_request = send_contact_request(sender, recipient, actor=sender.user, message="Hi")
    OutgoingEmail.objects.all().delete()

    accept_contact_request(contact_request, actor=recipient.user, answer=WORDS)

    link = contact_request.conversation.get_absolute_url()
    assert_letter(only_mail(), sender, recipient, link=link)
    assert recipient.contact_email in only_mail().text
    assert recipient.contact_email in only_mail().html


def test_mail_about_a_refusal(sender_and_recipient):
    recipient, sender = sender_and_recipient
    contact_request = send_contact_request(sender, recipient, actor=sender.user, message="Hi")
    OutgoingEmail.objects.all().delete()

    decline_contact_request(contact_request, actor=recipient.user, answer=WORDS)

    assert_letter(only_mail(), sender, recipient, link="/dashboard/")
    assert "@lab.example" not in only_mail().text + only_mail().html


def test_mail_about_a_message(sender_and_recipient):
    author, reader = sender_and_recipient
    conversation = ConversationFactory(
        contact_request__sender=author, contact_request__recipient=reader
    )

    send_message(conversation, actor=author.user, text=WORDS, token=uuid.uuid4())

    assert_letter(only_mail(), reader, author, link=conversation.get_absolute_url())


def test_long_message_is_quoted_in_part(anna, minji):
    send_contact_request(anna, minji, actor=anna.user, message="word " * 300)

    assert only_mail().text.count("word") < 150


def test_person_without_organisation_is_named_alone(anna, minji):
    anna.organisation = None
    anna.save()

    send_contact_request(anna, minji, actor=anna.user, message=WORDS)

    assert "None" not in only_mail().subject + only_mail().text + only_mail().html


def test_closed_account_gets_no_mail(anna, minji):
    contact_request = send_contact_request(anna, minji, actor=anna.user, message="Hi")
    OutgoingEmail.objects.all().delete()
    anna.user.is_active = False
    anna.user.save()

    decline_contact_request(contact_request, actor=minji.user)

    assert OutgoingEmail.objects.count() == 0


def test_mail_is_sent_to_those_who_want_it(anna, minji):
    wanted = dict.fromkeys(("contact_request", "message"), "off")
    save_wishes(minji.user, actor=minji.user, rhythms=wanted)

    contact_request = send_contact_request(anna, minji, actor=anna.user, message="Hi")
    accept_contact_request(contact_request, actor=minji.user)

    assert only_mail().to == anna.user.email
