"""A passkey from its making to the sign-in, in a real browser under the strict policy."""

import re

import pytest
from django.urls import reverse

from tests.factories.accounts import PASSWORD
from tests.processes import PATIENCE, is_fault

pytestmark = pytest.mark.browser

# A device of the browser's own, whose owner has always just touched it.
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(browser, live_server):
    # A passkey belongs to a host name, and an address of numbers is none.
    site = live_server.url.replace("127.0.0.1", "localhost")
    context = browser.new_context(base_url=site, locale="en-GB", timezone_id="Asia/Seoul")
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda line: is_fault(line) and page.complaints.append(line.text))
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield page
    context.close()


def send(page):
    page.click("main form.stack button[type=submit]")


def test_passkey_signs_in(transactional_db, page, anna):
    page.goto(reverse("account_login"))
    page.fill("[name=login]", anna.user.email)
    page.fill("[name=password]", PASSWORD)
    send(page)
    page.wait_for_url("**" + reverse("matching:dashboard"))
    page.goto(reverse("mfa_add_webauthn"))
    page.fill("[name=password]", PASSWORD)
    send(page)
    page.fill("[name=name]", "My laptop")
    page.check("[name=passwordless]")
    # The button does nothing before its script is there.
    page.wait_for_load_state()
    page.click("#mfa_webauthn_add")
    page.wait_for_url(re.compile("recovery-codes"))
    page.goto(reverse("mfa_list_webauthn"))
    assert page.locator("main .divide > li").count() == 1

    page.context.clear_cookies()
    page.goto(reverse("account_login"))
    page.click("#passkey_login")

    page.wait_for_url("**" + reverse("matching:dashboard"))
    assert page.complaints == []


def test_sign_up_takes_the_time_zone_of_the_browser(transactional_db, page):
    page.goto(reverse("account_signup"))

    assert page.input_value("[name=time_zone]") == "Asia/Seoul"
