"""What pages of events say to machines that read aloud: titles, languages, names of buttons."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from events.forms.places import SlotRangeForm
from events.models import Intent
from events.templatetags.event_times import time_left
from tests.events.meeting_people import event_in
from tests.factories.events import (
    HelperFactory,
    KoreanRegistrationFactory,
    MeetingRequestFactory,
    RegistrationFactory,
)

pytestmark = pytest.mark.django_db

ENGLISH, KOREAN = "We both work on perovskites.", "저희 연구실도 태양전지를 연구합니다."


@pytest.fixture
def event():
    return event_in()


@pytest.fixture
def own(event, anna):
    return RegistrationFactory(event=event, profile=anna)


@pytest.fixture
def partner(event, minji):
    return KoreanRegistrationFactory(event=event, profile=minji)


@pytest.fixture
def client(client_of, anna):
    return client_of(anna)


def page_of(client, name, *args, **asked):
    return client.get(reverse(f"events:{name}", args=args), asked).content.decode()


def title_of(page):
    return " ".join(re.search("<title>(.*?)</title>", page, re.DOTALL)[1].split())


@pytest.mark.parametrize(("text", "language"), ((ENGLISH, "en"), (KOREAN, "ko")))
def test_what_somebody_wrote_is_in_its_own_language(client, own, partner, event, text, language):
    request = MeetingRequestFactory(event=event, sender=partner, recipient=own, message=text)

    for page in (
        page_of(client, "meeting_list", event.pk, tab="received"),
        page_of(client, "meeting_request_detail", request.pk),
    ):
        assert re.search(f'lang="{language}"[^>]*>{re.escape(text)}', page)


def test_offers_that_are_in_one_language_only_say_in_which(client, own, partner, event):
    Intent.objects.create(registration=partner, kind="offer", text_ko=KOREAN)

    for name in ("participant_detail", "meeting_request_create"):
        page = page_of(client, name, event.pk, partner.pk)
        assert f'<span lang="ko">{KOREAN}</span>' in page
    assert f'<span lang="ko">{KOREAN}</span>' in page_of(client, "participant_list", event.pk)


def test_every_tab_and_list_of_an_event_has_a_title_of_its_own(client, own, event, anna):
    HelperFactory(event=event, user=anna.user)
    titles = [
        *(title_of(page_of(client, "meeting_list", event.pk, tab=tab))
          for tab in ("agreed", "received", "sent")),
        *(title_of(page_of(client, name, event.pk)) for name in ("announcement_list", "desk")),
        title_of(page_of(client, "desk", event.pk, q="kim")),
    ]  # fmt: skip

    assert len(set(titles)) == len(titles)
    assert all(event.title_en in title for title in titles)


def test_withdrawing_is_folded_away_and_names_the_other(client, own, partner, event):
    request = MeetingRequestFactory(event=event, sender=own, recipient=partner)

    page = page_of(client, "meeting_request_detail", request.pk)

    form = page.index(reverse("events:meeting_request_withdraw", args=[request.pk]))
    assert page.rindex("<details", 0, form) > page.rindex("</details>", 0, form)
    button = re.search("<button[^>]*>(.*?)</button>", page[form:], re.DOTALL)[1]
    assert partner.profile.name in button


@pytest.mark.parametrize(("language", "words"), (("en", "3 weeks, 3 days"), ("ko", "3주 3일")))
def test_time_that_is_left_is_written_as_in_its_language(language, words):
    now = timezone.now()

    with override(language):
        assert time_left(now + timedelta(days=24), now).replace("\xa0", " ") == words


def test_the_clocks_of_a_range_are_called_beginning_and_end(event):
    form = SlotRangeForm(event=event)

    labels = [
        form[f"{name}_{part}"].label for name, _label in form.walls for part in ("day", "hour")
    ]

    assert labels == ["Begins: day", "Begins: time", "Ends: day", "Ends: time"]
