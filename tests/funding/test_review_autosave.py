"""A review saves itself in a real browser, and a second window overwrites nothing."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from funding.models import Review
from tests.flows.stage import session_of
from tests.funding.review_stage import application_in, drafting, expert_in, reviewing_call

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def opened(browser, live_server):
    """Return the page of a review that is being written, and its address."""
    call = reviewing_call()
    expert = expert_in(call)
    row = drafting(application_in(call), expert)
    context = browser.new_context(base_url=live_server.url)
    context.add_cookies([session_of(expert.person.user) | {"url": live_server.url}])
    page, address = context.new_page(), reverse("funding:review_detail", args=[row.key])
    page.goto(address)
    return page, address


def test_a_review_is_saved_while_it_is_written(browser, live_server):
    page, _address = opened(browser, live_server)

    page.locator("#id_comment").press_sequentially("It is bold")
    expect(page.locator("#standing")).to_contain_text("Saved")
    page.locator("#id_comment").press_sequentially(" and sound")
    expect(page.locator("#standing input")).to_have_value("2")

    assert Review.objects.get().comment == "It is bold and sound"
    page.context.close()


def test_what_is_sent_waits_for_what_is_being_saved(browser, live_server):
    page, address = opened(browser, live_server)
    # The answer to autosave is slow: meanwhile more is typed, and the button is pressed.
    held = []
    page.route(f"**{address}", lambda route: hold(route, held))
    page.locator("#id_comment").press_sequentially("It is bold")
    expect(page.locator("form.htmx-request")).to_be_attached()
    page.locator("#id_comment").press_sequentially(" and sound")
    page.get_by_role("button", name="Save", exact=True).click()
    assert Review.objects.get().number == 0

    held.pop().continue_()

    expect(page.get_by_text("Your review is saved.")).to_be_visible()
    assert Review.objects.get().comment == "It is bold and sound"
    page.context.close()


def test_whoever_goes_before_it_is_saved_is_asked(browser, live_server):
    page, _address = opened(browser, live_server)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))

    page.locator("#id_comment").press_sequentially("It is bold")
    page.close(run_before_unload=True)
    expect(page.locator("#standing")).to_contain_text("Saved")
    assert asked == ["beforeunload"]

    page.reload()
    expect(page.locator("#id_comment")).to_have_value("It is bold")
    assert asked == ["beforeunload"]
    page.context.close()


def hold(route, held):
    """Keep the first autosave back; let everything else go on."""
    if route.request.headers.get("hx-request") and not held:
        held.append(route)
    else:
        route.continue_()
