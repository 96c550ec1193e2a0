"""Finding a partner, keeping the search, and hearing of the next one: in both languages.

Browser, site, worker, broker and database are real; the letter is the one in the outbox.
"""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from konnect.accounts.models import OutgoingEmail
from matching.models import SavedSearch, SearchEntry
from matching.services.search_entries import refresh_search_entries
from tests.factories.accounts import PASSWORD
from tests.factories.matching import KoreanProfileFactory, ProfileFactory
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("processes")]

WORDS = {
    "en": {
        "count": "1 person", "save": "Save this search", "name": "People: “전해질”, South Korea",
        "rhythm": "instant", "subject": "1 new result of your search “People: “전해질”, South Korea”",
        "saved": "Your search is saved.",
    },
    "ko": {
        "count": "연구자 1명", "save": "이 검색 저장", "name": "연구자: “전해질”, 대한민국",
        "rhythm": "instant", "subject": "저장한 검색 “연구자: “전해질”, 대한민국”에 새 결과가 1건 있습니다",
        "saved": "검색을 저장했습니다.",
    },
}  # fmt: skip


@pytest.fixture
def reader(transactional_db, language):
    """The one who searches, and reads this language."""
    return ProfileFactory(user__email="reader@example.eu", user__language=language)


def electrolytes(name, hangul):
    """Return a Korean who works on solid electrolytes, and says so in Korean only."""
    return KoreanProfileFactory(
        display_name=name, hangul_name=hangul, summary_en="",
        summary_ko="차세대 이차전지용 고체전해질을 연구합니다.",
    )  # fmt: skip


def wait_for_entries():
    """Wait until the worker has made what search looks in."""
    wait_until(lambda: not SearchEntry.objects.filter(scheme=0).exists())


def sign_in(page, address):
    """Sign in by the form."""
    page.goto("/accounts/login/")
    page.fill("[name=login]", address)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/dashboard/$"))


@pytest.mark.parametrize("language", ("en", "ko"))
def test_search_is_kept_and_tells_of_a_new_partner(reader, language, worker, new_page):
    words = WORDS[language]
    first = electrolytes("Kim Min-su", "김민수")
    KoreanProfileFactory(summary_ko="의료 영상을 분석합니다.", summary_en="")
    wait_for_entries()
    page = new_page(language=language)
    sign_in(page, reader.user.email)

    # A part of a Korean word, as it is typed; nothing is sent by a button.
    page.goto("/search/")
    page.locator("#id_q").press_sequentially("전해질", delay=40)
    expect(page).to_have_url(re.compile(r"/search/\?q=%EC%A0%84"))
    page.check("#facet-country-KR")
    expect(page.locator("#results-heading")).to_have_text(words["count"])
    expect(page).to_have_url(re.compile(r"country=KR"))
    expect(page.locator("#facet-country-KR")).to_be_focused()
    expect(page.locator(".finder-hits mark").first).to_contain_text("전해질")
    page.go_back()
    expect(page).not_to_have_url(re.compile(r"country=KR"))
    expect(page.locator("#facet-country-KR")).not_to_be_checked()
    page.wait_for_load_state("networkidle")
    page.go_forward()
    expect(page.locator("#results-heading")).to_have_text(words["count"])

    page.locator(f".finder-tools a:has-text('{words['save']}')").click()
    expect(page.locator("[name=name]")).to_have_value(words["name"])
    page.select_option("[name=rhythm]", words["rhythm"])
    page.locator("main form button.button-primary").click()
    expect(page.locator(".messages")).to_contain_text(words["saved"])

    second = electrolytes("Lee Young-hee", "이영희")
    wait_for_entries()
    # Two minutes later.
    SavedSearch.objects.update(next_look_at=timezone.now())
    letter = wait_until(
        lambda: OutgoingEmail.objects.filter(to=reader.user.email, sent_at__isnull=False).first(),
        message="No letter",
    )
    assert letter.subject.endswith(words["subject"])
    for secret in ("이영희", "Lee Young-hee", "김민수"):
        assert secret not in letter.text + letter.html

    page.goto(re.search(r"https?://\S+?(/notifications/\S+)", letter.text)[1])
    hits = page.locator(".finder-hits > li")
    expect(hits).to_have_count(2)
    expect(hits.first.locator(f"a[href='/people/{second.pk}/']")).to_be_visible()
    expect(hits.first.locator(".tag-side-korea")).to_be_visible()
    expect(hits.last.locator(f"a[href='/people/{first.pk}/']")).to_be_visible()
    assert page.complaints == []


def test_search_works_without_script(transactional_db, new_page, site):
    """Words, ticks and order are sent by buttons."""
    person = electrolytes("Kim Min-su", "김민수")
    person.is_public = True
    person.save()
    refresh_search_entries()
    page = new_page(script=False)
    page.goto("/search/")
    page.fill("#id_q", "전해질")
    page.locator(".finder-form button").click()
    expect(page).to_have_url(re.compile(r"q=%EC"))
    expect(page.locator("#results-heading")).to_have_text("1 person")
    page.check("#facet-country-KR")
    page.locator(".finder-apply button:visible").click()
    expect(page).to_have_url(re.compile(r"q=.*country=KR"))
    expect(page.locator("#facet-country-KR")).to_be_checked()
    page.locator(".chips a").last.click()
    expect(page).to_have_url(re.compile(r"/search/$"))


@pytest.mark.parametrize("width", (360,))
def test_filters_stand_behind_a_button_on_phones(transactional_db, new_page, site, width):
    """Results come first; the panel opens over them, and its button says what is left."""
    person = electrolytes("Kim Min-su", "김민수")
    person.is_public = True
    person.save()
    refresh_search_entries()
    page = new_page(width=width)
    page.goto("/search/")
    panel = page.locator("#facet-panel")
    expect(panel).to_be_hidden()
    page.locator(".finder-tools [popovertarget]").click()
    expect(panel).to_be_visible()
    page.check("#facet-country-KR")
    expect(page.locator(".finder-apply .only-phone")).to_have_text("Show 1 result")
    expect(panel).to_be_visible()
    page.locator(".finder-apply .only-phone").click()
    expect(panel).to_be_hidden()
    expect(page.locator(".finder-tools [popovertarget]")).to_contain_text("(1)")
    assert page.complaints == []
