"""Two people ask, accept and talk, each in their own browser."""

import re

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from matching.models import Message
from tests.factories.matching import ConversationFactory, MessageFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def page_of(site, new_page):
    """Return a function that opens a window in which a person is signed in."""

    def open_page(person, **options):
        client = Client()
        client.force_login(person.user)
        page = new_page(**options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site.url}]
        )
        return page

    return open_page


@pytest.fixture
def conversation(anna, minji):
    return ConversationFactory(contact_request__sender=anna, contact_request__recipient=minji)


@pytest.mark.parametrize("script", (True, False), ids=("with script", "without script"))
def test_request_becomes_a_conversation(anna, minji, page_of, script):
    hers = page_of(anna, script=script)
    hers.goto(f"/people/{minji.pk}/contact/")
    hers.get_by_label("Your message").fill("Shall we write a proposal?")
    hers.get_by_role("button", name="Send the contact request").click()
    expect(hers).to_have_url(re.compile(r"/contacts/\d+/$"))
    theirs = page_of(minji, script=script, width=360)
    theirs.goto(hers.url)
    theirs.locator("textarea").fill("네, 좋습니다")
    theirs.locator("form[action$='/accept/'] button").first.click()

    theirs.locator("main a[href^='/messages/']").last.click()

    expect(theirs.locator(".message-text")).to_have_text(
        ["Shall we write a proposal?", "네, 좋습니다"]
    )
    assert theirs.complaints == hers.complaints == []


def test_message_appears_without_a_reload(conversation, anna, minji, page_of):
    MessageFactory(conversation=conversation, text="First")
    theirs = page_of(minji)
    theirs.goto(conversation.get_absolute_url())
    hers = page_of(anna)
    hers.goto(conversation.get_absolute_url())
    hers.get_by_label("Your message").fill("Second")
    hers.get_by_role("button", name="Send").click()

    theirs.get_by_text("Second").wait_for()

    expect(theirs.locator(".message-text")).to_have_text(["First", "Second"])
    assert theirs.complaints == []


def test_enter_makes_a_new_line(conversation, anna, page_of):
    page = page_of(anna)
    page.goto(conversation.get_absolute_url())
    box = page.get_by_label("Your message")
    box.press_sequentially("one")
    box.press("Enter")
    box.press_sequentially("two")

    page.get_by_role("button", name="Send").click()

    page.locator(".message").wait_for()
    assert Message.objects.get().text == "one\ntwo"
