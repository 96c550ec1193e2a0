"""The job of the portal, done as people do it: from nothing to a conversation across the world.

Min-ji fills in everything in Korean; Anna reads English. Each has a browser of her own; the site,
the worker, the broker and the database are real.
"""

import re

import pytest
from playwright.sync_api import expect

from konnect.accounts.models import Consent, OutgoingEmail, User
from matching.models import Topic
from tests.factories.accounts import PASSWORD
from tests.factories.matching import (
    KoreanOrganisationFactory,
    ListingFactory,
    ProfileFactory,
)
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("processes")]

ADDRESS = "minji@example.kr"
KOREAN_CONTACT = "minji.kim@lab.example.kr"
EUROPEAN_CONTACT = "anna.schmidt@lab.example.eu"
ASKED = "안녕하세요. 페로브스카이트 태양전지 공동 연구를 제안드립니다."
ANSWERED = "Gladly: let us talk next week."
ADDED = "감사합니다. 화요일 오후는 어떠신가요?"
HANGUL = re.compile("[가-힣]")


@pytest.fixture
def anna(transactional_db):
    """A European whose work complements Min-ji's."""
    anna = european("anna@example.eu", "Anna Schmidt", "green.perovskite")
    anna.summary_en = "We model ion migration and ageing in perovskite solar cells."
    anna.contact_email = EUROPEAN_CONTACT
    anna.save()
    ListingFactory(profile=anna, title_en="Modelling of ageing in perovskite solar cells")
    ListingFactory(profile=anna, kind="request", title_en="Stable perovskite solar modules")
    return anna


@pytest.fixture
def others(transactional_db):
    """Europeans whose work does not."""
    omar = european("omar@example.eu", "Omar Haddad", "health.wearables")
    omar.summary_en = "We follow heart patients with wearable sensors."
    omar.save()
    ines = european("ines@example.eu", "Inês Costa", "ict.6g")
    ines.summary_en = "We plan radio networks for trains and ships."
    ines.save()


def european(address, name, topic_code):
    """Return a published European with a topic and its area."""
    profile = ProfileFactory(user__email=address, display_name=name)
    topic = Topic.objects.get(code=topic_code)
    profile.topics.add(topic)
    profile.areas.add(topic.area)
    return profile


@pytest.fixture
def university(transactional_db):
    """Where Min-ji works."""
    return KoreanOrganisationFactory(name="Hanbit University", name_ko="한빛대학교")


def press(page, value):
    """Send the form of the profile by the button of this action."""
    page.locator(f".form-actions button[name=action][value={value}]").click()


def sign_up(page):
    """Come as a stranger, choose Korean, create an account and prove the address."""
    page.goto("/")
    page.locator(".language-switch button[value=ko]").click()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.goto("/accounts/signup/")
    page.fill("[name=email]", ADDRESS)
    page.fill("[name=password1]", PASSWORD)
    page.check("[name=terms]")
    page.check("[name=privacy]")
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("[name=code]")).to_be_visible()
    page.fill("[name=code]", code_sent_to(ADDRESS))
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/dashboard/$"))


def code_sent_to(address):
    """Return the code in the newest message to an address."""
    message = OutgoingEmail.objects.filter(to=address).latest("pk")
    return re.search(r"^[0-9A-Z][0-9A-Z-]{4,}$", message.text, re.MULTILINE)[0]


def fill_profile(page, university):
    """Fill in every step in Korean, and publish."""
    page.goto("/profile/name/")
    page.fill("[name=display_name]", "김민지")
    page.fill("[name=hangul_name]", "김민지")
    page.locator("[name=organisation_query]").press_sequentially("한빛")
    page.locator(f"#organisation-options [value='{university.pk}']").check()
    page.fill("[name=position]", "부교수")
    page.select_option("[name=career_stage]", "R3")
    page.fill("[name=contact_email]", KOREAN_CONTACT)
    press(page, "continue")
    page.check("[name=areas][value=GREEN]")
    page.fill("[name=summary_ko]", "안정성이 높은 페로브스카이트 태양전지 모듈을 제작합니다.")
    page.fill("[name=keywords]", "페로브스카이트, 태양전지")
    page.locator("details:has([value='green.perovskite']) summary").click()
    page.check("[name=topics][value='green.perovskite']")
    press(page, "continue")
    page.fill("[name=offer-0-title_ko]", "안정한 페로브스카이트 태양전지 모듈")
    page.fill("[name=request-0-title_ko]", "페로브스카이트 태양전지 열화 모델링")
    press(page, "continue")
    page.check("[name=would_host]")
    page.check("[name=languages][value=ko]")
    press(page, "continue")
    press(page, "publish")
    expect(page).to_have_url(re.compile("/suggestions/$"))


def sign_in(page, address):
    """Sign in by the form."""
    page.goto("/accounts/login/")
    page.fill("[name=login]", address)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/dashboard/$"))


def write(page, text):
    """Send a message in the conversation that is open."""
    page.fill("[name=text]", text)
    page.locator("main form.card button[type=submit]").click()
    expect(page.locator(".message-own .message-text").last).to_have_text(text)


def see_suggestion(page, partner):
    """Wait, without a reload, until the partner stands first, with reasons in Korean."""
    card = page.locator(f"#suggestion-{partner.pk}")
    expect(card).to_be_visible()
    expect(page.locator("main li.suggestion").first).to_have_id(f"suggestion-{partner.pk}")
    reasons = card.locator(".suggestion-reasons li").all_text_contents()
    assert len(reasons) >= 2
    assert [reason for reason in reasons if not HANGUL.search(reason)] == []


def ask(page, partner):
    """Go on from the suggestion to a contact request."""
    page.locator(f"#suggestion-{partner.pk} button[value=interested]").click()
    expect(page).to_have_url(re.compile(rf"/people/{partner.pk}/contact/"))
    page.fill("[name=message]", ASKED)
    page.locator("main form.stack button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"/contacts/\d+/$"))
    assert EUROPEAN_CONTACT not in page.content()


def accept(page):
    """Find the request from the navigation, and accept it; only then the address is shown."""
    page.locator("#navigation a[href='/contacts/']").click()
    page.locator("main a[href^='/contacts/'][href$='/']").first.click()
    expect(page.locator(".message-text")).to_have_text(ASKED)
    assert KOREAN_CONTACT not in page.content()
    page.fill("[name=answer]", ANSWERED)
    page.locator("form[action$='/accept/'] button").first.click()
    expect(page.locator(f"a[href='mailto:{KOREAN_CONTACT}']")).to_have_count(1)


def open_conversation(page):
    """Go on from the accepted request to the conversation."""
    page.locator("main a[href^='/messages/']").last.click()
    expect(page.locator(".message-text")).to_have_text([ASKED, ANSWERED])


def test_korean_researcher_finds_a_european_partner(anna, others, university, worker, new_page):
    hers, theirs = new_page(language="en"), new_page(language="en")

    sign_up(hers)
    fill_profile(hers, university)
    see_suggestion(hers, anna)
    ask(hers, anna)
    sign_in(theirs, anna.user.email)
    accept(theirs)
    open_conversation(theirs)
    hers.reload()
    expect(hers.locator(f"a[href='mailto:{EUROPEAN_CONTACT}']")).to_have_count(1)
    open_conversation(hers)
    write(hers, ADDED)

    expect(theirs.locator(".message-text")).to_have_text([ASKED, ANSWERED, ADDED])
    minji = User.objects.get(email=ADDRESS)
    assert consents_of(minji) == [
        ("terms", True, "ko"),
        ("privacy", True, "ko"),
        ("newsletter", False, "ko"),
    ]
    assert languages_of_letters(minji) == ["ko", "ko"]
    assert languages_of_letters(anna.user) == ["en", "en"]
    assert hers.complaints == theirs.complaints == []


def consents_of(user):
    """Return what a person said to each purpose, and in which language they read it."""
    lines = Consent.objects.filter(user=user)
    return [(line.purpose, line.is_given, line.language) for line in lines]


def languages_of_letters(reader):
    """Return the language of each letter to a person, after the worker delivered them."""
    letters = OutgoingEmail.objects.filter(to=reader.email).order_by("pk")
    wait_until(lambda: not letters.filter(sent_at=None).exists())
    return [re.search(r'<html lang="(\w+)"', letter.html)[1] for letter in letters]
