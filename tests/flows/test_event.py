"""A whole event in two languages: prepared, published, registered for, scheduled, met at, judged.

An organiser in Brussels writes in English, Minji registers in Korean on a phone, Anna in English.
Anna asks, Minji accepts; a real worker computes the schedule while the organiser watches and then
publishes it; both find it in their agendas on their own clocks, meet, and say how it was; the
organiser reads the figures.
"""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from events.models import (
    Event,
    Meeting,
    MeetingFeedback,
    MeetingRequest,
    Registration,
    SentInvitation,
    Slot,
)
from konnect.accounts.models import OutgoingEmail, Role
from konnect.accounts.services.roles import grant_role
from tests.factories.accounts import UserFactory
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("processes")]

TITLE, TITLE_KO = "Perovskite matchmaking day", "페로브스카이트 매칭의 날"
ASKED = "We model ion migration; you make the cells. Let us compare."
HANGUL = re.compile("[가-힣]")
PRIMARY = "main form .form-actions .button-primary"


@pytest.fixture
def organiser(transactional_db):
    """Somebody who may prepare events."""
    user = UserFactory(email="organiser@example.org", time_zone="Europe/Brussels")
    grant_role(user, Role.EVENT_ORGANISER, actor=user)
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


def fill_time(page, name, day, hour):
    """Type a time on the clocks of the event."""
    page.fill(f"[name={name}_day]", day)
    page.fill(f"[name={name}_hour]", hour)


def prepare(page, day):
    """Write an event of one morning with two tables; return its number."""
    page.goto("/events/new/")
    page.check("[name=kind][value=matchmaking]")
    page.check("[name=mode][value=on_site]")
    page.fill("[name=title_en]", TITLE)
    page.fill("[name=title_ko]", TITLE_KO)
    page.select_option("[name=zone]", "Europe/Brussels")
    fill_time(page, "starts_at", day, "09:00")
    fill_time(page, "ends_at", day, "13:00")
    page.locator(PRIMARY).click()
    expect(page.locator("[name=summary_en]")).to_be_visible()
    page.fill("[name=summary_en]", "Makers of cells meet those who model them.")
    page.fill("[name=summary_ko]", "태양전지를 만드는 사람과 모델링하는 사람이 만납니다.")
    page.locator(PRIMARY).click()
    page.fill("[name=venue_en]", "House of Science")
    page.fill("[name=city]", "Brussels")
    page.select_option("[name=country_code]", "BE")
    page.locator("main form button[value=later]").click()
    expect(page).to_have_url(re.compile(r"/events/\d+/manage/$"))
    return int(re.search(r"/events/(\d+)/", page.url)[1])


def furnish(page, number, day):
    """Add tables and meeting times."""
    page.goto(f"/events/{number}/manage/places/")
    page.fill("[name=number]", "2")
    page.select_option("[name=kind]", "table")
    page.locator("main form .button-primary").first.click()
    expect(page.locator(".place-row")).to_have_count(2)
    page.goto(f"/events/{number}/manage/slots/")
    fill_time(page, "starts_at", day, "10:00")
    fill_time(page, "ends_at", day, "12:00")
    page.locator("main form .button-primary").first.click()
    expect(page.locator("tbody tr").first).to_be_visible()


def publish(page, number):
    """Let everybody read the event."""
    page.goto(f"/events/{number}/manage/")
    page.locator(f"form[action='/events/{number}/publish/'] .button-primary").click()
    expect(page.locator(".notice-success, .messages").first).to_be_visible()


def register(page, number):
    """Register, listed, as the page asks."""
    page.goto(f"/events/{number}/")
    page.locator(f"a[href='/events/{number}/register/']").first.click()
    page.check("[name=is_listed]")
    page.locator(PRIMARY).click()
    expect(page).to_have_url(re.compile(f"/events/{number}/registration/$"))


def ask(page, number, participant):
    """Find somebody in the list and ask for a meeting."""
    page.goto(f"/events/{number}/participants/{participant}/")
    page.locator(f"a[href*='/events/{number}/participants/{participant}/ask/']").first.click()
    page.fill("[name=message]", ASKED)
    page.check("[name=strength][value='3']")
    page.locator(PRIMARY).click()
    expect(page).to_have_url(re.compile(r"/meeting-requests/\d+/$"))


def accept(page, number):
    """Open what waits and say yes."""
    page.goto(f"/events/{number}/meetings/?tab=received")
    expect(page.locator("main")).to_contain_text("Anna Schmidt")
    page.locator(".meeting-line .button-primary").first.click()
    expect(page.locator("main")).to_contain_text(ASKED)
    page.locator("form[action$='/accept/'] .button-primary").click()
    expect(page.locator("form[action$='/accept/']")).to_have_count(0)


def compute_and_publish(page, number, start_worker):
    """Press the button, watch the page until the worker is done, and publish what it found.

    The page is not loaded again: it shows how far the run is, and the result when there is one.
    """
    page.goto(f"/events/{number}/manage/schedule/")
    page.select_option("[name=seconds]", "10")
    page.locator(PRIMARY).click()
    expect(page.locator("#run progress")).to_be_visible()
    expect(page.locator("#progress-label")).to_have_text("Waiting for the worker")
    start_worker()
    expect(page.locator(".certificate-verdict")).to_be_visible()
    expect(page.locator("#run progress")).to_have_count(0)
    expect(page.locator(".certificate-verdict")).to_contain_text("Best possible")
    page.locator("#run form[action$='/publish/'] .button-primary").click()
    expect(page.locator("main")).not_to_contain_text("Discard")


def let_it_happen(number):
    """Let the morning of the event lie an hour back."""
    first = Slot.objects.filter(event=number).earliest("during").during.lower
    back = timezone.now() - timedelta(hours=3) - first
    for slot in Slot.objects.filter(event=number).order_by("during"):
        slot.during = type(slot.during)(slot.during.lower + back, slot.during.upper + back)
        slot.save()
    Event.objects.filter(pk=number).update(
        starts_at=first + back - timedelta(hours=1), ends_at=timezone.now() + timedelta(hours=1)
    )


def judge(page, meeting, usefulness):
    """Say how the meeting was."""
    page.goto(f"/meetings/{meeting}/feedback/")
    page.check("[name=took_place]")
    page.check(f"[name=usefulness][value='{usefulness}']")
    page.check("[name=next_step][value=proposal]")
    with page.expect_navigation():
        page.locator(PRIMARY).click()
    expect(page.locator("#error-summary")).to_have_count(0)


def test_whole_event_in_both_languages(page_of, organiser, minji, anna, start_portal_worker):
    day = (timezone.localdate() + timedelta(days=30)).isoformat()
    desk, korean, english = page_of(organiser), page_of(minji, width=360), page_of(anna)

    number = prepare(desk, day)
    furnish(desk, number, day)
    publish(desk, number)
    for page in (korean, english):
        register(page, number)
    expect(korean.locator("main")).to_contain_text(TITLE_KO)
    expect(english.locator("main")).to_contain_text(TITLE)
    theirs = Registration.objects.get(event=number, profile=minji)
    ask(english, number, theirs.pk)
    accept(korean, number)
    assert MeetingRequest.objects.get().state == "accepted"

    compute_and_publish(desk, number, start_portal_worker)
    wait_until(lambda: SentInvitation.objects.count() == 2)
    meeting = Meeting.objects.get()
    seen = {}
    for page, zone in ((korean, "서울"), (english, "Brussels")):
        page.goto(f"/events/{number}/agenda/")
        seen[zone] = page.locator("main").inner_text()
        page.goto(f"/meetings/{meeting.pk}/")
        expect(page.locator("main")).to_contain_text(zone)
    invitations = {
        mail.to: mail for mail in OutgoingEmail.objects.filter(calendar__contains="METHOD:REQUEST")
    }
    let_it_happen(number)
    judge(korean, meeting.pk, 5)
    judge(english, meeting.pk, 4)
    desk.goto(f"/events/{number}/manage/figures/")
    figures = desk.locator("main").inner_text()

    assert "Anna Schmidt" in seen["서울"]
    assert "Kim Minji" in seen["Brussels"]
    assert HANGUL.search(invitations[minji.user.email].subject)
    assert not HANGUL.search(invitations[anna.user.email].subject.replace("김민지", ""))
    assert sorted(MeetingFeedback.objects.values_list("usefulness", flat=True)) == [4, 5]
    assert Meeting.objects.get().state == "held"
    assert "Confirmed participants" in figures
    assert "1 (100%)" in figures
    assert korean.locator("html").get_attribute("lang") == "ko"
    for page in (desk, korean, english):
        assert page.complaints == []
