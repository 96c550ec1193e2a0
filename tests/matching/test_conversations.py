"""Talking after a contact request was accepted."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from konnect.accounts.models import OutgoingEmail
from matching.models import Conversation, Message
from matching.permissions.contacts import MESSAGES_AN_HOUR, RefusedError, can_write_in
from matching.services.blocks import block_profile, unblock_profile
from matching.services.conversations import mark_read, send_message
from tests.factories.matching import ConversationFactory, MessageFactory


@pytest.fixture
def conversation(anna, minji):
    return ConversationFactory(contact_request__sender=anna, contact_request__recipient=minji)


def write(conversation, person, text="Hello", token=None):
    return send_message(conversation, actor=person.user, text=text, token=token or uuid.uuid4())


def test_message_moves_the_conversation_up(conversation, anna):
    before = conversation.last_message_at

    message = write(conversation, anna)

    conversation.refresh_from_db()
    assert conversation.last_message_at == message.sent_at > before


def test_same_token_sends_once(conversation, anna):
    token = uuid.uuid4()

    first = write(conversation, anna, token=token)
    second = write(conversation, anna, token=token)

    assert first == second
    assert Message.objects.count() == 1


def test_token_of_somebody_else_is_no_obstacle(conversation, anna, minji):
    token = uuid.uuid4()
    write(conversation, anna, "From Anna", token=token)

    message = write(conversation, minji, "From Minji", token=token)

    assert message.text == "From Minji"


def test_hour_has_its_limit(conversation, anna, minji):
    MessageFactory.create_batch(MESSAGES_AN_HOUR - 1, conversation=conversation)
    MessageFactory(conversation=conversation, sent_at=timezone.now() - timedelta(minutes=61))
    write(conversation, anna)

    with pytest.raises(RefusedError) as refused:
        write(conversation, anna)

    assert [blocker.code for blocker in refused.value.blockers] == ["too_many_messages"]
    assert write(conversation, minji).pk


def test_stranger_does_not_write(conversation, omar):
    with pytest.raises(RefusedError):
        write(conversation, omar)

    assert not can_write_in(conversation, omar.user)


@pytest.mark.parametrize("blocker_name", ("anna", "minji"))
def test_block_closes_and_unblocking_opens(conversation, anna, minji, blocker_name):
    blocker, blocked = (anna, minji) if blocker_name == "anna" else (minji, anna)
    block_profile(blocker, blocked, actor=blocker.user)
    closed = [can_write_in(conversation, person.user) for person in (anna, minji)]

    unblock_profile(blocker, blocked, actor=blocker.user)

    assert closed == [False, False]
    assert can_write_in(conversation, anna.user)


def test_closed_account_closes_the_conversation(conversation, anna, minji):
    minji.user.is_active = False

    assert not can_write_in(conversation, anna.user)


def test_reading_marks_only_what_the_other_wrote(conversation, anna, minji):
    write(conversation, anna)
    write(conversation, minji)

    assert mark_read(conversation, actor=minji.user, newest=conversation.messages.last()) == 1
    assert mark_read(conversation, actor=minji.user, newest=conversation.messages.last()) == 0
    assert Message.objects.unread_by(anna.user).count() == 1


def test_one_mail_until_the_conversation_is_opened(conversation, anna, minji):
    for _ in range(3):
        write(conversation, anna)
    mails_before_reading = OutgoingEmail.objects.count()
    mark_read(conversation, actor=minji.user, newest=conversation.messages.last())

    write(conversation, anna)

    assert (mails_before_reading, OutgoingEmail.objects.count()) == (1, 2)
    assert {mail.to for mail in OutgoingEmail.objects.all()} == {minji.user.email}


def test_conversations_tell_what_is_new(conversation, anna, minji):
    write(conversation, anna, "first")
    write(conversation, anna, "second")

    own = Conversation.objects.visible_to(minji.user).with_news_for(minji.user).get()

    assert (own.unread, own.last_text) == (2, "second")
