"""The portal without a mouse, and the portal without a script."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from konnect.accounts.models import User
from matching.models import ContactRequest, ContactRequestState, Message, SuggestionAnswer
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.matching import run_matching
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.matching import ConversationFactory, OrganisationFactory
from tests.flows.stage import session_of

pytestmark = pytest.mark.browser

# What an input method tells the page while a syllable is composed and Enter ends it.
COMPOSE = """field => {
    field.dispatchEvent(new CompositionEvent("compositionstart", {bubbles: true}));
    field.dispatchEvent(new KeyboardEvent(
        "keydown", {key: "Enter", isComposing: true, bubbles: true, cancelable: true}));
    field.dispatchEvent(new CompositionEvent("compositionend", {bubbles: true, data: "님"}));
}"""
NOTE_SENDING = """() => document.addEventListener("submit", event => {
    event.preventDefault();
    document.body.dataset.sent = "yes";
})"""


@pytest.fixture
def page_of(site, new_page):
    """Return a function that opens a window in which somebody is signed in."""

    def open_page(user, **options):
        page = new_page(**options)
        page.context.add_cookies([session_of(user) | {"url": site.url}])
        return page

    return open_page


@pytest.fixture
def suggested(minji, anna, settings):
    """Suggest Min-ji and Anna to each other."""
    settings.EMBEDDER = "lexical"
    refresh_stale_embeddings()
    run_matching()


def press(page, value):
    """Send the form of the profile by the button of this action."""
    page.locator(f".form-actions button[name=action][value={value}]").click()


# --- Without script ---------------------------------------------------------------------------


def test_profile_is_filled_in_and_published_without_script(site, new_page):
    user = UserFactory(email="eva@example.eu")
    university = OrganisationFactory(name="KU Leuven")
    page = new_page(script=False)

    page.goto(reverse("account_login"))
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form.stack button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/dashboard/$"))
    page.goto("/profile/name/")
    page.fill("[name=display_name]", "Eva Maes")
    page.fill("[name=organisation_query]", "Leuven")
    page.locator("button[name=action][value=find]").click()
    page.check(f"[name=organisation][value='{university.pk}']")
    press(page, "continue")
    page.check("[name=areas][value=GREEN]")
    page.fill("[name=summary_en]", "We model solar cells.")
    press(page, "continue")
    page.fill("[name=offer-0-title_en]", "Modelling of solar cells")
    press(page, "continue")
    expect(page.locator("[name=would_host]")).to_be_visible()
    press(page, "continue")
    press(page, "publish")

    expect(page).to_have_url(re.compile("/suggestions/$"))
    profile = User.objects.get(pk=user.pk).profile
    assert (profile.state, profile.organisation, profile.summary_en) == (
        "published",
        university,
        "We model solar cells.",
    )
    assert [listing.title_en for listing in profile.listings.all()] == ["Modelling of solar cells"]


def test_suggestion_is_answered_and_taken_back_without_script(
    site, suggested, minji, anna, page_of
):
    page = page_of(anna.user, script=False)
    page.goto("/suggestions/")
    card = page.locator(f"#suggestion-{minji.pk}")

    card.locator("button[value=later]").click()

    undo = page.locator("#messages button")
    expect(undo).to_be_visible()
    answers = SuggestionAnswer.objects.filter(profile=anna, partner=minji, undone_at=None)
    assert [answer.answer for answer in answers] == ["later"]
    undo.click()
    expect(undo).to_have_count(0)
    expect(card).to_have_count(1)
    assert list(answers.all()) == []


def test_suggestion_leads_to_a_contact_without_script(site, suggested, minji, anna, page_of):
    hers, theirs = page_of(anna.user, script=False), page_of(minji.user, script=False)
    hers.goto("/suggestions/")

    hers.locator(f"#suggestion-{minji.pk} button[value=interested]").click()
    hers.fill("[name=message]", "Shall we write a proposal?")
    hers.locator("main form.stack button[type=submit]").click()
    expect(hers).to_have_url(re.compile(r"/contacts/\d+/$"))
    theirs.goto(hers.url)
    theirs.locator("form[action$='/accept/'] button").last.click()

    expect(theirs.locator("form[action$='/accept/']")).to_have_count(0)
    assert ContactRequest.objects.get().state == ContactRequestState.DECLINED


# --- By keyboard --------------------------------------------------------------------------------


def focused(page):
    """Return a locator of what has the focus."""
    return page.locator("*:focus")


def test_skip_link_is_the_first_stop_and_leads_to_the_content(site, new_page):
    page = new_page()
    page.goto("/")

    page.keyboard.press("Tab")

    expect(focused(page)).to_have_class("skip-link")
    page.keyboard.press("Enter")
    expect(focused(page)).to_have_id("main")


@pytest.mark.parametrize("width", (360, 1280))
def test_account_menu_opens_and_closes_by_keyboard(site, anna, page_of, width):
    page = page_of(anna.user, width=width)
    page.goto("/dashboard/")
    summary = page.locator("details[data-menu] summary")
    panel = page.locator(".menu-panel")

    summary.focus()
    page.keyboard.press("Enter")

    expect(panel).to_be_visible()
    page.keyboard.press("Tab")
    expect(panel.locator("a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(summary).to_be_focused()


def test_navigation_of_a_phone_opens_and_closes_by_keyboard(site, new_page):
    page = new_page(width=360)
    page.goto("/")
    button = page.locator("[popovertarget=navigation]")
    navigation = page.locator("#navigation")

    button.focus()
    page.keyboard.press("Enter")

    expect(navigation).to_be_visible()
    page.keyboard.press("Escape")
    expect(navigation).to_be_hidden()
    expect(button).to_be_focused()


def test_refused_form_has_focus_on_its_summary_and_keeps_what_was_typed(site, anna, page_of):
    page = page_of(anna.user)
    page.goto("/profile/name/")
    page.fill("[name=display_name]", "")
    page.fill("[name=position]", "Professor <b>of physics</b>")

    page.locator("[name=position]").press("Enter")

    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("[name=position]")).to_have_value("Professor <b>of physics</b>")
    assert page.title().startswith("Error:")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=display_name]")).to_be_focused()


@pytest.mark.parametrize(
    ("code", "is_sent"), ((229, False), (13, True)), ids=("composing", "plain")
)
def test_enter_sends_a_form_unless_it_ends_a_syllable(site, anna, page_of, code, is_sent):
    page = page_of(anna.user)
    page.goto("/profile/name/")
    page.evaluate(NOTE_SENDING)
    page.locator("[name=position]").focus()
    keys = page.context.new_cdp_session(page)

    # 229 is the key of an input method that is composing; Chromium sends Enter with it.
    keys.send("Input.dispatchKeyEvent", {"type": "keyDown", "key": "Enter", "text": "\r",
                                         "windowsVirtualKeyCode": code})  # fmt: skip

    assert page.evaluate("document.body.dataset.sent || ''") == ("yes" if is_sent else "")


def test_message_is_written_and_sent_by_keyboard(site, anna, minji, page_of):
    conversation = ConversationFactory(
        contact_request__sender=anna, contact_request__recipient=minji
    )
    page = page_of(anna.user)
    page.goto(conversation.get_absolute_url())
    box = page.locator("[name=text]")
    box.focus()
    box.evaluate(COMPOSE)
    page.keyboard.type("교수님께")
    assert Message.objects.count() == 0

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator(".message-own .message-text")).to_have_text("교수님께")
    assert Message.objects.get().text == "교수님께"
