"""Asking to talk, and answering."""

from datetime import timedelta

import pytest
from django.utils import timezone

from konnect.accounts.models import OutgoingEmail
from konnect.states import TransitionError
from matching.models import ContactRequest, ContactRequestState, Conversation, ProfileState
from matching.permissions.contacts import (
    PENDING_REQUESTS,
    REQUESTS_A_DAY,
    RefusedError,
    are_contacts,
    can_answer,
    can_withdraw,
    contact_blockers,
    contact_details,
    requests_left,
)
from matching.services.blocks import block_profile, unblock_profile
from matching.services.contacts import (
    accept_contact_request,
    decline_contact_request,
    expire_overdue_requests,
    send_contact_request,
    withdraw_contact_request,
)
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    ContactRequestFactory,
    KoreanProfileFactory,
)

MESSAGE = "Shall we write a proposal?"


def codes(blockers):
    return [blocker.code for blocker in blockers]


def send(sender, recipient, message=MESSAGE):
    return send_contact_request(sender, recipient, actor=sender.user, message=message)


def long_ago(**age):
    return timezone.now() - timedelta(**age)


def test_request_waits_for_an_answer(anna, minji):
    contact_request = send(anna, minji)

    assert ContactRequest.objects.awaiting_answer().get() == contact_request
    assert contact_request.expires_at - contact_request.created_at == timedelta(days=30)
    assert not are_contacts(anna, minji)


def test_asking_back_accepts_and_keeps_both_messages(anna, minji):
    first = send(anna, minji, "Hello Minji")

    second = send(minji, anna, "안녕하세요")

    assert second == first
    assert ContactRequest.objects.get().state == ContactRequestState.ACCEPTED
    messages = Conversation.objects.get().messages.values_list("author", "text")
    assert list(messages) == [(anna.pk, "Hello Minji"), (minji.pk, "안녕하세요")]
    assert are_contacts(anna, minji)
    assert are_contacts(minji, anna)


def test_asking_back_after_the_time_to_answer_asks_anew(anna, minji):
    old = ContactRequestFactory(sender=anna, recipient=minji, expires_at=long_ago(hours=1))

    new = send(minji, anna)

    old.refresh_from_db()
    assert (old.state, new.state) == ("expired", "pending")


def test_acceptance_opens_the_conversation(anna, minji):
    contact_request = ContactRequestFactory(sender=anna, recipient=minji)

    accept_contact_request(contact_request, actor=minji.user, answer="With pleasure")

    request_message, answer = contact_request.conversation.messages.all()
    assert (request_message.text, answer.text) == (contact_request.message, "With pleasure")
    assert request_message.read_at is not None
    assert answer.read_at is None
    assert contact_request.changes.get().actor == minji.user


def test_acceptance_without_words_adds_no_message(anna, minji):
    contact_request = ContactRequestFactory(sender=anna, recipient=minji)

    accept_contact_request(contact_request, actor=minji.user)

    assert contact_request.conversation.messages.count() == 1


@pytest.mark.parametrize("answer", (accept_contact_request, decline_contact_request))
def test_overdue_request_takes_no_answer(anna, minji, answer):
    overdue = ContactRequestFactory(sender=anna, recipient=minji, expires_at=long_ago(hours=1))

    with pytest.raises(TransitionError):
        answer(overdue, actor=minji.user)

    assert not can_answer(overdue, minji.user)


def test_second_answer_changes_nothing(anna, minji):
    contact_request = ContactRequestFactory(sender=anna, recipient=minji)
    stale = ContactRequest.objects.get()
    decline_contact_request(contact_request, actor=minji.user, answer="No time")

    with pytest.raises(TransitionError):
        accept_contact_request(stale, actor=minji.user)

    assert ContactRequest.objects.get().answer == "No time"
    assert Conversation.objects.count() == 0
    assert OutgoingEmail.objects.count() == 1


def test_withdrawn_request_tells_nobody(anna, minji):
    contact_request = ContactRequestFactory(sender=anna, recipient=minji)

    withdraw_contact_request(contact_request, actor=anna.user)

    assert contact_request.state == ContactRequestState.WITHDRAWN
    assert OutgoingEmail.objects.count() == 0
    assert contact_blockers(anna, minji) == []


def test_overdue_requests_expire_once(anna, minji, omar):
    overdue = ContactRequestFactory(sender=anna, recipient=minji, expires_at=long_ago(hours=1))
    ContactRequestFactory(sender=omar, recipient=minji)

    assert [expire_overdue_requests(), expire_overdue_requests()] == [1, 0]

    change = overdue.changes.get()
    assert (change.new_state, change.actor) == ("expired", None)


def test_only_recipient_answers_and_only_sender_withdraws(anna, minji, omar):
    contact_request = ContactRequestFactory(sender=anna, recipient=minji)

    people = (anna, minji, omar)
    assert [can_answer(contact_request, person.user) for person in people] == [False, True, False]
    assert [can_withdraw(contact_request, person.user) for person in people] == [
        True,
        False,
        False,
    ]


def test_nothing_blocks_two_strangers(anna, minji):
    assert contact_blockers(anna, minji) == []


def test_nobody_asks_oneself(anna):
    assert codes(contact_blockers(anna, anna)) == ["oneself"]


@pytest.mark.parametrize("state", ProfileState.unpublished)
def test_unpublished_people_neither_ask_nor_are_asked(anna, minji, state):
    minji.state = state

    assert codes(contact_blockers(anna, minji)) == ["recipient_unpublished"]
    assert codes(contact_blockers(minji, anna)) == ["sender_unpublished"]


def test_closed_account_is_not_asked(anna, minji):
    minji.user.is_active = False

    assert codes(contact_blockers(anna, minji)) == ["recipient_unpublished"]


def test_pending_request_blocks_the_next(anna, minji):
    ContactRequestFactory(sender=anna, recipient=minji)

    assert codes(contact_blockers(anna, minji)) == ["already_pending"]
    assert contact_blockers(minji, anna) == []


def test_contacts_need_not_ask(anna, minji):
    AcceptedContactRequestFactory(sender=anna, recipient=minji)

    assert codes(contact_blockers(anna, minji)) == ["already_contacts"]
    assert codes(contact_blockers(minji, anna)) == ["already_contacts"]


@pytest.mark.parametrize(
    ("days", "expected"), ((0, ["recently_declined"]), (89, ["recently_declined"]), (91, []))
)
def test_declined_person_waits_ninety_days(anna, minji, days, expected):
    ContactRequestFactory(
        sender=anna, recipient=minji, state="declined", answered_at=long_ago(days=days)
    )

    assert codes(contact_blockers(anna, minji)) == expected
    assert contact_blockers(minji, anna) == []


def test_day_has_its_limit(anna, minji):
    fill(anna, REQUESTS_A_DAY - 1, state="withdrawn")
    assert (requests_left(anna), contact_blockers(anna, minji)) == (1, [])

    fill(anna, 1, state="withdrawn")

    assert requests_left(anna) == 0
    assert codes(contact_blockers(anna, minji)) == ["too_many_today"]
    with pytest.raises(RefusedError):
        send(anna, minji)


def test_waiting_requests_have_their_limit(anna, minji):
    fill(anna, PENDING_REQUESTS, created_at=long_ago(days=2))

    assert codes(contact_blockers(anna, minji)) == ["too_many_pending"]


def fill(sender, number, **columns):
    recipient = KoreanProfileFactory()
    organisation = recipient.organisation
    others = [KoreanProfileFactory(organisation=organisation) for _ in range(number)]
    expires_at = timezone.now() + timedelta(days=1)
    ContactRequest.objects.bulk_create(
        ContactRequest(sender=sender, recipient=other, expires_at=expires_at, **columns)
        for other in others
    )


def test_block_ends_what_waits_and_tells_nobody(anna, minji, omar):
    received = ContactRequestFactory(sender=anna, recipient=minji)
    sent = ContactRequestFactory(sender=minji, recipient=omar)

    block_profile(minji, anna, actor=minji.user)
    block_profile(minji, omar, actor=minji.user)

    received.refresh_from_db()
    sent.refresh_from_db()
    assert (received.state, sent.state) == ("declined", "withdrawn")
    assert OutgoingEmail.objects.count() == 0
    assert codes(contact_blockers(anna, minji)) == ["blocked", "recently_declined"]
    assert codes(contact_blockers(omar, minji)) == ["blocked"]


def test_block_hides_requests_and_details_from_both(anna, minji):
    AcceptedContactRequestFactory(sender=anna, recipient=minji)

    block_profile(minji, anna, actor=minji.user)

    assert not are_contacts(anna, minji)
    assert ContactRequest.objects.visible_to(anna.user).count() == 0
    assert ContactRequest.objects.visible_to(minji.user).count() == 0


def test_block_words_are_those_of_a_closed_account(anna, minji):
    block_profile(minji, anna, actor=minji.user)
    blocked = contact_blockers(anna, minji)[0].words
    unblock_profile(minji, anna, actor=minji.user)
    minji.state = ProfileState.HIDDEN

    assert contact_blockers(anna, minji)[0].words == blocked


def test_block_twice_is_one_block(anna, minji):
    block_profile(minji, anna, actor=minji.user)
    block_profile(minji, anna, actor=minji.user)

    assert minji.blocks_made.count() == 1
    assert unblock_profile(minji, anna, actor=minji.user) == 1
    assert unblock_profile(minji, anna, actor=minji.user) == 0


def test_details_obey_each_field(anna):
    anna.contact_email, anna.telephone = "anna@lab.example", "+32 16 00 00 00"
    anna.visibility = {"telephone": "private"}

    details = contact_details(anna)

    assert [(detail.code, detail.value) for detail in details] == [
        ("contact_email", "anna@lab.example")
    ]
