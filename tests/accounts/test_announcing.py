"""Announcements: for those who agreed, marked as the law of Korea wants it, once."""

import io

import pytest
from django.core.management import CommandError, call_command

from konnect.accounts.models import Notification, OutgoingEmail
from konnect.accounts.services.announcing import announce
from konnect.accounts.services.consents import record_consents
from tests.factories.accounts import UserFactory

CALL = {
    "key": "call-2027-1", "title_en": "A new call is open", "title_ko": "새 공고가 열렸습니다",
    "address": "/about/",
}  # fmt: skip


def reader_who(*answers, **columns):
    user = UserFactory(**columns)
    for answer in answers:
        record_consents(
            user, choices={"newsletter": answer == "yes"}, channel="settings", language="en"
        )
    return user


def test_only_those_who_agreed_are_told(db):
    agreed = reader_who("yes")
    reader_who()
    reader_who("no")
    reader_who("yes", "no")
    again = reader_who("yes", "no", "yes")
    reader_who("yes", is_active=False)

    assert announce(**CALL) == 2

    assert {news.user for news in Notification.objects.all()} == {agreed, again}


@pytest.mark.parametrize(
    ("language", "subject"), (("en", "A new call is open"), ("ko", "(광고) 새 공고가 열렸습니다"))
)
def test_advert_is_marked_in_korean(db, language, subject):
    reader_who("yes", language=language)

    announce(**CALL)

    mail = OutgoingEmail.objects.get()
    assert mail.subject == subject
    assert "List-Unsubscribe" in mail.headers


def test_announcement_that_broke_off_is_made_again(db):
    reader_who("yes")
    announce(**CALL)
    reader_who("yes")

    assert announce(**CALL) == 1
    assert OutgoingEmail.objects.count() == 2


def test_command_says_how_many_were_told(db):
    reader_who("yes")
    out = io.StringIO()

    call_command("announce", **CALL, stdout=out)

    assert out.getvalue() == "1 people were told.\n"


@pytest.mark.parametrize("address", ("https://evil.example/", "//evil.example/", "about"))
def test_announcement_stays_on_the_portal(db, address):
    with pytest.raises(CommandError):
        call_command("announce", **CALL | {"address": address})
