"""The pages of contact requests, conversations and blocks."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching.models import Block, ContactRequest, Message
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    ContactRequestFactory,
    ConversationFactory,
    ListingFactory,
    MessageFactory,
    ProfileFactory,
)

NASTY = {
    "too long": "x" * 5001,
    "HTML": "<script>alert(1)</script><b>bold</b>",
    "NUL": "before\x00after",
    "emoji": "👩‍🔬🇰🇷🇪🇺",
    "right-to-left marks": "safe\u202egnp.exe",
    "Hangul in pieces": "\u1100\u1175\u11b7\u1106\u1175\u11ab\u110c\u1175",
    "ten megabytes": "가나다라마 " * 655_360,
    "blanks": " \r\n\t ",
    "nothing": "",
}
each_nasty_text = pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())


def url(name, *arguments):
    return reverse(f"matching:{name}", args=arguments)


@pytest.fixture
def contact_request(anna, minji):
    return ContactRequestFactory(sender=anna, recipient=minji)


@pytest.fixture
def conversation(anna, minji):
    return ConversationFactory(contact_request__sender=anna, contact_request__recipient=minji)


@pytest.mark.parametrize(
    "name",
    ("contact_list", "conversation_list", "block_list", "dashboard"),
)
def test_lists_ask_strangers_to_sign_in(db, name):
    response = Client().get(url(name))

    assert (response.status_code, response.url) == (302, f"/accounts/login/?next={url(name)}")


@pytest.mark.parametrize(
    ("name", "methods"),
    (
        ("contact_detail", ("get",)),
        ("contact_accept", ("post",)),
        ("contact_decline", ("post",)),
        ("contact_withdraw", ("post",)),
    ),
)
def test_contact_request_is_not_there_for_strangers(
    contact_request, omar, client_of, name, methods
):
    for method in methods:
        answer = getattr(client_of(omar), method)(url(name, contact_request.pk))
        from_outside = getattr(Client(), method)(url(name, contact_request.pk))

        assert (answer.status_code, from_outside.status_code) == (404, 302)


@pytest.mark.parametrize("method", ("get", "post"))
def test_conversation_is_not_there_for_strangers(conversation, omar, client_of, method):
    answer = getattr(client_of(omar), method)(conversation.get_absolute_url(), {"text": "Hi"})

    assert answer.status_code == 404
    assert Message.objects.count() == 0


@pytest.mark.parametrize("name", ("contact_accept", "contact_decline"))
def test_sender_cannot_answer(contact_request, anna, client_of, name):
    assert client_of(anna).post(url(name, contact_request.pk)).status_code == 404


def test_recipient_cannot_withdraw(contact_request, minji, client_of):
    address = url("contact_withdraw", contact_request.pk)

    assert client_of(minji).post(address).status_code == 404


@pytest.mark.parametrize("name", ("contact_create", "block_create"))
def test_hidden_person_is_not_there(anna, client_of, name):
    hidden = ProfileFactory(state="hidden")

    assert client_of(anna).get(url(name, hidden.pk)).status_code == 404


@pytest.mark.parametrize("name", ("contact_accept", "contact_decline", "contact_withdraw"))
def test_answers_are_posts(contact_request, minji, client_of, name):
    assert client_of(minji).get(url(name, contact_request.pk)).status_code == 405


def test_huge_numbers_are_not_found(anna, client_of):
    huge = 99999999999999999999
    client = client_of(anna)

    names = ("contact_create", "contact_detail", "conversation_detail", "block_create")
    assert [client.get(url(name, huge)).status_code for name in names] == [404] * 4


def test_request_is_sent_and_can_be_undone(anna, minji, client_of):
    client = client_of(anna)

    response = client.post(url("contact_create", minji.pk), {"message": "Hello"})

    contact_request = ContactRequest.objects.get()
    assert (response.status_code, response.url) == (302, contact_request.get_absolute_url())
    (message,) = get_messages(response.wsgi_request)
    assert message.extra_tags == "undo:" + url("contact_withdraw", contact_request.pk)


def test_double_click_leads_to_the_same_request(anna, minji, client_of):
    client = client_of(anna)
    address = url("contact_create", minji.pk)

    places = [client.post(address, {"message": "Hello"}).url for _ in range(2)]

    assert places == [ContactRequest.objects.get().get_absolute_url()] * 2


def test_form_leads_to_the_request_that_waits(contact_request, anna, minji, client_of):
    from_sender = client_of(anna).get(url("contact_create", minji.pk))
    from_recipient = client_of(minji).get(url("contact_create", anna.pk))

    assert [from_sender.url, from_recipient.url] == [contact_request.get_absolute_url()] * 2


def test_asking_back_on_the_page_accepts(contact_request, anna, minji, client_of):
    client_of(minji).post(url("contact_create", anna.pk), {"message": "네"})

    contact_request.refresh_from_db()
    assert (contact_request.state, contact_request.answer) == ("accepted", "네")


def test_reason_is_shown_instead_of_the_form(anna, minji, client_of):
    ContactRequestFactory(
        sender=anna, recipient=minji, state="declined", answered_at=timezone.now()
    )

    page = client_of(anna).get(url("contact_create", minji.pk))

    codes = [blocker.code for blocker in page.context["blockers"]]
    assert codes == ["recently_declined"]
    assert b"<textarea" not in page.content


def test_refused_message_is_kept(anna, minji, client_of):
    anna.state = "hidden"
    anna.save()

    page = client_of(anna).post(url("contact_create", minji.pk), {"message": "Precious words"})

    assert page.status_code == 200
    assert "Precious words" in page.content.decode()
    assert ContactRequest.objects.count() == 0


@pytest.mark.parametrize(
    ("language", "words"), (("en", "Dear Kim Minji,"), ("ko", "김민지 님"), ("xx", ""))
)
def test_draft_comes_in_the_language_asked_for(anna, minji, client_of, language, words):
    page = client_of(anna).get(url("contact_create", minji.pk), {"start": language})

    draft = page.context["form"].initial["message"]
    assert words in draft
    assert bool(draft) == bool(words)


def test_request_names_the_listing(anna, minji, client_of):
    listing = ListingFactory(profile=minji)
    others = ListingFactory(profile=anna)
    address = url("contact_create", minji.pk)
    client = client_of(anna)
    assert client.get(address, {"listing": others.pk}).context["listing"] is None
    assert client.get(address, {"listing": "9" * 30}).context["listing"] is None

    client.post(address, {"message": "Hello", "listing": listing.pk})

    assert ContactRequest.objects.get().listing == listing


def test_details_are_shown_after_acceptance_only(anna, minji, client_of):
    minji.contact_email = "minji@lab.example"
    minji.save()
    contact_request = ContactRequestFactory(sender=anna, recipient=minji)
    before = client_of(anna).get(contact_request.get_absolute_url()).content.decode()

    answer = client_of(minji).post(url("contact_accept", contact_request.pk), {"answer": "네"})

    after = client_of(anna).get(answer.url).content.decode()
    assert ("minji@lab.example" in before, "minji@lab.example" in after) == (False, True)


def test_second_answer_is_told_kindly(contact_request, minji, client_of):
    client = client_of(minji)
    client.post(url("contact_decline", contact_request.pk))

    response = client.post(url("contact_accept", contact_request.pk))

    contact_request.refresh_from_db()
    assert (response.status_code, contact_request.state) == (302, "declined")


def test_request_is_withdrawn(contact_request, anna, client_of):
    client_of(anna).post(url("contact_withdraw", contact_request.pk))

    contact_request.refresh_from_db()
    assert contact_request.state == "withdrawn"


def test_each_tab_has_its_requests(anna, minji, omar, client_of):
    received = ContactRequestFactory(sender=minji, recipient=anna)
    sent = ContactRequestFactory(sender=anna, recipient=omar)
    accepted = ConversationFactory(contact_request__sender=anna).contact_request
    client = client_of(anna)

    tabs = {
        tab: [row for row, _ in client.get(url("contact_list"), {"tab": tab}).context["people"]]
        for tab in ("received", "sent", "accepted", "nonsense")
    }

    assert tabs == {
        "received": [received], "sent": [sent], "accepted": [accepted], "nonsense": [received]
    }  # fmt: skip


@pytest.mark.parametrize("page", ("0", "9999", "99999999999999999999", "x"))
@pytest.mark.parametrize("name", ("contact_list", "conversation_list"))
def test_odd_page_numbers_show_a_page(anna, client_of, name, page):
    assert client_of(anna).get(url(name), {"page": page}).status_code == 200


def test_message_is_sent_once_a_token(conversation, anna, client_of):
    words = {"text": "Hello", "token": uuid.uuid4()}
    client = client_of(anna)

    places = [client.post(conversation.get_absolute_url(), words).url for _ in range(2)]

    assert places == [f"{conversation.get_absolute_url()}#newest"] * 2
    assert Message.objects.get().text == "Hello"


@pytest.mark.parametrize("token", ("", "nonsense"))
def test_broken_token_still_sends(conversation, anna, client_of, token):
    client_of(anna).post(conversation.get_absolute_url(), {"text": "Hello", "token": token})

    assert Message.objects.count() == 1


def test_opening_marks_as_read(conversation, anna, minji, client_of):
    message = MessageFactory(conversation=conversation, author=anna)
    client_of(anna).get(conversation.get_absolute_url())
    message.refresh_from_db()
    assert message.read_at is None

    client_of(minji).get(conversation.get_absolute_url())

    message.refresh_from_db()
    assert message.read_at is not None


def test_poll_brings_only_what_is_new(conversation, anna, minji, client_of):
    old = MessageFactory(conversation=conversation, author=anna, text="Old words")
    client = client_of(minji)
    ask = {"path": conversation.get_absolute_url(), "headers": {"HX-Request": "true"}}
    nothing = client.get(data={"after": old.pk}, **ask)
    new = MessageFactory(conversation=conversation, author=anna, text="New words")

    news = client.get(data={"after": old.pk}, **ask)

    assert (nothing.status_code, news.status_code) == (204, 200)
    html = news.content.decode()
    assert ["Old words" in html, "New words" in html, "<html" in html] == [False, True, False]
    assert f"?after={new.pk}" in html
    assert not Message.objects.unread_by(minji.user).exclude(pk=old.pk).exists()


def test_long_conversation_comes_in_pieces(conversation, anna, client_of):
    messages = MessageFactory.create_batch(60, conversation=conversation)
    client = client_of(anna)

    newest = client.get(conversation.get_absolute_url()).context
    before = {"before": newest["letters"][0].pk}
    earlier = client.get(conversation.get_absolute_url(), before).context

    assert (newest["letters"], newest["has_earlier"]) == (messages[10:], True)
    assert (earlier["letters"], earlier["has_earlier"]) == (messages[:10], False)


def test_closed_conversation_can_be_read_but_not_written(conversation, anna, minji, client_of):
    MessageFactory(conversation=conversation, author=anna, text="Old words")
    Block.objects.create(blocker=minji, blocked=anna)
    client = client_of(anna)

    page = client.get(conversation.get_absolute_url())
    answer = client.post(conversation.get_absolute_url(), {"text": "New words"})

    assert "Old words" in page.content.decode()
    assert b"<textarea" not in page.content
    assert "New words" in answer.content.decode()
    assert Message.objects.count() == 1


def test_block_is_made_listed_and_removed(anna, minji, client_of):
    client = client_of(anna)
    question = client.get(url("block_create", minji.pk)).content.decode()
    for _ in range(2):
        assert client.post(url("block_create", minji.pk)).url == url("block_list")

    listed = client.get(url("block_list")).context["blocks"]
    assert "Kim Minji" in question
    assert [block.blocked for block in listed] == [minji]
    for _ in range(2):
        assert client.post(url("block_delete", minji.pk)).url == url("block_list")
    assert Block.objects.count() == 0


def test_blocked_person_finds_nobody(anna, minji, client_of):
    Block.objects.create(blocker=minji, blocked=anna)

    for name in ("contact_create", "block_create"):
        assert client_of(anna).get(url(name, minji.pk)).status_code == 404


@each_nasty_text
def test_message_of_a_request_takes_anything(anna, minji, client_of, text):
    page = client_of(anna).post(url("contact_create", minji.pk), {"message": text})

    assert_kept_or_done(page, "message", text)


@each_nasty_text
def test_answer_to_a_request_takes_anything(contact_request, minji, client_of, text):
    page = client_of(minji).post(url("contact_accept", contact_request.pk), {"answer": text})

    assert_kept_or_done(page, "answer", text)


@each_nasty_text
def test_message_of_a_conversation_takes_anything(conversation, anna, client_of, text):
    page = client_of(anna).post(conversation.get_absolute_url(), {"text": text})

    assert_kept_or_done(page, "text", text)


def assert_kept_or_done(page, field, text):
    """Either the text was taken, or the page says beside the field why not, with the text."""
    if page.status_code == 302:
        return
    assert page.status_code == 200
    form = page.context["form"]
    assert list(form.errors) == [field]
    assert len(form[field].value()) == len(text)


def test_html_is_shown_as_text(conversation, anna, client_of):
    MessageFactory(conversation=conversation, text=NASTY["HTML"])

    page = client_of(anna).get(conversation.get_absolute_url()).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_hangul_in_pieces_is_put_together(anna, minji, client_of):
    text = NASTY["Hangul in pieces"]
    client_of(anna).post(url("contact_create", minji.pk), {"message": text})

    assert ContactRequest.objects.get().message == "김민지"


def test_line_break_counts_as_one_character(anna, minji, client_of):
    text = "x\r\n" * 1000
    client_of(anna).post(url("contact_create", minji.pk), {"message": text})

    assert ContactRequest.objects.get().message == ("x\n" * 1000).strip()


@pytest.mark.parametrize("item_count", (1, 3))
@pytest.mark.parametrize("tab", ("received", "sent", "accepted"))
def test_contact_list_query_count(anna, client_of, django_assert_num_queries, tab, item_count):
    client = client_of(anna)
    for _ in range(item_count):
        if tab == "accepted":
            ConversationFactory(contact_request__sender=anna)
        else:
            side = "recipient" if tab == "received" else "sender"
            ContactRequestFactory(**{side: anna}, listing=ListingFactory())

    with django_assert_num_queries(6):
        client.get(url("contact_list"), {"tab": tab})


@pytest.mark.parametrize("item_count", (1, 3))
def test_conversation_list_query_count(anna, client_of, django_assert_num_queries, item_count):
    client = client_of(anna)
    for _ in range(item_count):
        MessageFactory(conversation=ConversationFactory(contact_request__sender=anna))

    with django_assert_num_queries(5):
        client.get(url("conversation_list"))


@pytest.mark.parametrize("item_count", (1, 3))
def test_conversation_query_count(
    conversation, minji, client_of, django_assert_num_queries, item_count
):
    client = client_of(minji)
    MessageFactory.create_batch(item_count, conversation=conversation)

    # One of them takes the news about these messages as read.
    with django_assert_num_queries(9):
        client.get(conversation.get_absolute_url())


@pytest.mark.parametrize("item_count", (1, 3))
def test_block_list_query_count(anna, client_of, django_assert_num_queries, item_count):
    client = client_of(anna)
    for _ in range(item_count):
        Block.objects.create(blocker=anna, blocked=ProfileFactory())

    with django_assert_num_queries(5):
        client.get(url("block_list"))


def test_header_counts_what_waits(anna, minji, omar, client_of, django_assert_num_queries):
    ContactRequestFactory(sender=minji, recipient=anna)
    overdue = timezone.now() - timedelta(hours=1)
    ContactRequestFactory(sender=omar, recipient=anna, expires_at=overdue)
    conversation = ConversationFactory(contact_request__recipient=anna)
    MessageFactory.create_batch(2, conversation=conversation)
    MessageFactory(conversation=conversation, author=anna)

    page = client_of(anna).get(url("block_list"))

    inbox = page.context["inbox"]
    assert (inbox.unread_messages, inbox.pending_requests, inbox.total) == (2, 1, 3)


def test_header_of_a_stranger_counts_nothing(db):
    assert "inbox" not in Client().get(reverse("about")).context


@pytest.mark.parametrize(
    "make",
    (ContactRequestFactory, AcceptedContactRequestFactory),
)
def test_block_makes_the_request_vanish(anna, minji, client_of, make):
    contact_request = make(sender=anna, recipient=minji)
    Block.objects.create(blocker=anna, blocked=minji)

    for person in (anna, minji):
        answer = client_of(person).get(contact_request.get_absolute_url())
        assert answer.status_code == 404
