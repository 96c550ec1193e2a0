"""A partner search from the first word to its outcome, in two languages and three browsers.

Minji writes in Korean, an officer publishes, Anna answers in English on a phone; Minji accepts,
they talk, and she tells what became of it.
"""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from konnect.accounts.models import OutgoingEmail, Role
from konnect.accounts.services.roles import grant_role
from matching.models import ExpressionOfInterest, Listing, PartnerSearch
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.browser

TITLE = "페로브스카이트 열화 모델링 파트너"
WANTED = "이온 이동과 열화를 모델링하는 연구진을 찾습니다."
SECRET = "아직 공개하지 않은 코팅 조건입니다."
OFFERED = "We have modelled ion migration for eight years."
ANSWERED = "반갑습니다. 다음 주에 이야기합시다."
HANGUL = re.compile("[가-힣]")


@pytest.fixture
def officer(transactional_db):
    """Somebody who looks at partner searches."""
    user = UserFactory(email="officer@example.org")
    grant_role(user, Role.PROGRAMME_OFFICER, actor=user)
    return user


@pytest.fixture
def page_of(site, new_page):
    """Return a function that opens a window in which a person is signed in."""

    def open_page(person, **options):
        user = getattr(person, "user", person)
        client = Client()
        client.force_login(user)
        page = new_page(language=user.language, **options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site.url}]
        )
        return page

    return open_page


def go_on(page):
    """Save this step and come to the next."""
    page.locator(".form-actions button[value=continue]").click()


def write_search(page):
    """Write every step in Korean; the checks tell what is missing on the way."""
    page.goto("/partner-searches/")
    page.locator("main .page-actions a.button-primary").click()
    page.check("[name=original_language][value=ko]")
    go_on(page)
    expect(page.locator("#error-summary")).to_be_visible()
    page.fill("[name=title_ko]", TITLE)
    page.fill("[name=description_ko]", "안정한 모듈을 함께 개발합니다.")
    page.check("[name=areas][value=GREEN]")
    go_on(page)
    page.check("[name=has_call][value=yes]")
    page.fill("[name=call_identifier]", "HORIZON-CL5-2027-02-D3-07")
    page.select_option("[name=funding_scheme]", "ria")
    go_on(page)
    page.fill("[name=expertise_offered_ko]", "슬롯다이 코팅 모듈을 제공합니다.")
    page.fill("[name=details_ko]", SECRET)
    page.check("[name=confidentiality][value=interested]")
    go_on(page)
    page.fill("[name=expertise_sought_ko]", WANTED)
    page.check("[name=roles_sought][value=partner]")
    page.check("[name=partner_side][value=europe]")
    go_on(page)
    expect(page.locator("[name=members-0-country_code]")).to_have_value("KR")
    go_on(page)
    page.select_option("[name=korean_funding]", "pillar_ii")
    go_on(page)
    end = timezone.localdate() + timedelta(days=90)
    page.fill("[name=call-day]", end.isoformat())
    page.fill("[name=call-hour]", "24:00")
    go_on(page)


def hand_in(page):
    """Send the search to review from its overview."""
    expect(page.locator(".check-no")).to_have_count(0)
    page.locator("form[action$='/submit/'] button").click()
    expect(page.locator("main .status-in_review")).to_be_visible()


def publish(page):
    """Look at what waits, and publish it."""
    page.goto("/partner-searches/")
    page.locator("main a[href='/reviews/listings/']").click()
    page.locator(f"main a:has-text('{TITLE}')").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    page.locator("button[value=publish]").click()
    expect(page).to_have_url(re.compile("/reviews/listings/$"))


def answer_in_english(page, listing):
    """Find the search, read it as far as one may, and express interest."""
    page.goto("/partner-searches/")
    page.locator(f"main a[href='/listings/{listing.pk}/']").click()
    expect(page.get_by_text("associated to Pillar II").first).to_be_visible()
    assert SECRET not in page.content()
    page.get_by_role("link", name="Express interest").click()
    page.select_option("[name=role]", "partner")
    page.fill("[name=expertise]", OFFERED)
    page.locator("main form.stack button.button-primary").click()
    expect(page.locator("#error-summary")).to_be_visible()
    expect(page.locator("[name=expertise]")).to_have_value(OFFERED)
    page.fill("[name=contribution]", "We would lead the modelling.")
    page.locator("main form.stack button.button-primary").click()
    expect(page.locator("main .status-sent")).to_be_visible()


def accept_in_korean(page):
    """Find the answer from the search, and accept it."""
    page.goto("/interests/")
    page.locator("main h2 a").first.click()
    expect(page.get_by_text(OFFERED)).to_be_visible()
    page.fill("[name=answer]", ANSWERED)
    page.locator("button[value=accept]").click()
    page.locator("main a[href^='/messages/']").click()
    expect(page.locator(".message-text").last).to_have_text(ANSWERED)


def end_with_outcome(page, listing):
    """Tell that a proposal was sent; the search ends."""
    page.goto(f"/partner-searches/{listing.pk}/")
    page.locator("main a[href$='/outcome/']").first.click()
    page.check("[name=outcome][value=proposal_sent]")
    page.locator("main form.stack button.button-primary").click()
    expect(page.locator("main .status-found")).to_be_visible()


def test_partner_search_from_first_word_to_outcome(minji, anna, officer, page_of):
    hers, theirs = page_of(minji), page_of(anna, width=360)
    office = page_of(officer)

    write_search(hers)
    hand_in(hers)
    listing = Listing.objects.get()
    publish(office)
    answer_in_english(theirs, listing)
    accept_in_korean(hers)
    theirs.goto(f"/listings/{listing.pk}/")
    expect(theirs.get_by_text(SECRET)).to_be_visible()
    end_with_outcome(hers, listing)

    assert PartnerSearch.objects.get().outcome == "proposal_sent"
    assert ExpressionOfInterest.objects.get().state == "accepted"
    assert subjects_are_in_korean(minji.user, is_korean=True)
    assert subjects_are_in_korean(anna.user, is_korean=False)
    assert hers.complaints == theirs.complaints == office.complaints == []


def subjects_are_in_korean(reader, *, is_korean):
    """Tell whether every letter to a person is in their language."""
    texts = OutgoingEmail.objects.filter(to=reader.email).values_list("html", flat=True)
    languages = {re.search(r'<html lang="(\w+)"', html)[1] for html in texts}
    return languages == {"ko" if is_korean else "en"}
