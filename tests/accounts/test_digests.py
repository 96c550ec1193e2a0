"""Digests: at their hour, once, with titles and links, and never empty."""

import contextlib
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from konnect.accounts.models import (
    Consent,
    MailTrouble,
    Notification,
    NotificationPreference,
    OutgoingEmail,
    Rhythm,
)
from konnect.accounts.services import digests
from konnect.accounts.services.digests import TITLES_SHOWN, write_due_digests
from konnect.accounts.services.notifications import mark_read, notify
from konnect.accounts.services.wishes import Times, save_wishes
from konnect.accounts.tasks import write_digests
from tests.factories.accounts import UserFactory
from tests.processes import PATIENCE

NOW = timezone.now


def reader_of(kind="saved_search", **columns):
    user = UserFactory(**columns)
    NotificationPreference.objects.create(user=user, kind=kind, rhythm="daily")
    return user


def tell(user, key="1", kind="saved_search", title="New result", **columns):
    news = notify(user, kind, key=key, title=title, address="/people/7/")
    Notification.objects.filter(pk=news.pk).update(**columns)
    return news


def make_due(**columns):
    Notification.objects.filter(due_at__isnull=False).update(
        due_at=NOW() - timedelta(seconds=1), **columns
    )


@pytest.mark.parametrize(
    ("language", "words"),
    (("en", "KONNECT: 2 pieces of news"), ("ko", "KONNECT: 새 소식 2건")),
)
def test_digest_has_titles_and_links(db, language, words):
    reader = reader_of(language=language)
    rows = [tell(reader, "1", title="First <b>"), tell(reader, "2", title="Second")]
    make_due()

    assert write_due_digests() == 1

    mail = OutgoingEmail.objects.get()
    assert (mail.to, mail.subject) == (reader.email, words)
    for row in rows:
        assert row.title in mail.text
        assert f"http://localhost:8000/notifications/{row.pk}/" in mail.text
        assert f"http://localhost:8000/notifications/{row.pk}/" in mail.html
    assert "First &lt;b&gt;" in mail.html
    told = Notification.objects.values_list("email", flat=True)
    assert list(told) == [mail.pk, mail.pk]


def test_digest_before_its_hour_is_not_written(db):
    tell(reader_of())

    assert write_due_digests() == 0


def test_digest_is_written_once(db):
    tell(reader_of())
    make_due()

    write_digests()

    assert write_due_digests() == 0
    assert OutgoingEmail.objects.count() == 1


def test_each_person_gets_a_digest_of_their_own(db):
    first, second = reader_of(), reader_of()
    tell(first, title="For the first")
    tell(second, title="For the second")
    make_due()

    assert write_due_digests() == 2

    assert "second" not in OutgoingEmail.objects.get(to=first.email).text


def test_what_was_read_on_the_site_is_not_told_again(db):
    reader = reader_of()
    tell(reader, "1", title="Read")
    tell(reader, "2", title="Unread")
    mark_read(reader, actor=reader, pks=[Notification.objects.get(key="1").pk])
    make_due()

    write_due_digests()

    mail = OutgoingEmail.objects.get()
    assert "Unread" in mail.text
    assert "- Read" not in mail.text


def test_empty_digest_is_never_sent(db):
    reader = reader_of()
    tell(reader)
    mark_read(reader, actor=reader)
    make_due()

    assert write_due_digests() == 0

    assert OutgoingEmail.objects.count() == 0
    assert not Notification.objects.due().exists()


def test_closed_account_gets_no_digest(db):
    reader = reader_of()
    tell(reader)
    make_due()
    reader.is_active = False
    reader.save()

    assert write_due_digests() == 0
    assert not Notification.objects.due().exists()


def test_advert_of_a_digest_needs_its_consent_until_then(db):
    reader = reader_of("announcement", language="ko")
    lines = {"user": reader, "purpose": "newsletter", "text_version": "1", "language": "ko"}
    Consent.objects.create(is_given=True, **lines)
    tell(reader, kind="announcement")
    # Taken back without any of our services knowing.
    Consent.objects.create(is_given=False, **lines)
    make_due()

    assert write_due_digests() == 0


def test_korean_digest_with_an_advert_says_so(db):
    reader = reader_of("announcement", language="ko")
    Consent.objects.create(
        user=reader, purpose="newsletter", text_version="1", language="ko", is_given=True
    )
    tell(reader, kind="announcement")
    make_due()

    write_due_digests()

    assert OutgoingEmail.objects.get().subject.startswith("(광고) ")


def test_long_digest_says_how_much_more_there_is(db):
    reader = reader_of()
    for number in range(TITLES_SHOWN + 3):
        tell(reader, str(number))
    make_due()

    write_due_digests()

    mail = OutgoingEmail.objects.get()
    assert mail.text.count("- New result") == TITLES_SHOWN
    assert "3 more pieces of news" in mail.text
    assert mail.subject == f"KONNECT: {TITLES_SHOWN + 3} pieces of news"


def test_digest_has_the_button_that_ends_digests(db):
    tell(reader_of())
    make_due()

    write_due_digests()

    mail = OutgoingEmail.objects.get()
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.headers["List-Unsubscribe"].strip("<>") in mail.text


@pytest.mark.parametrize("count", (1, 3, 9))
def test_query_count_is_flat(db, count, django_assert_num_queries):
    reader = reader_of()
    for number in range(count):
        tell(reader, str(number))
    make_due()

    # The readers; one reader's news locked, in a savepoint; the mail, looked for and written in
    # one of its own; and what became of the news.
    with django_assert_num_queries(10):
        write_due_digests()


def test_new_hour_moves_what_waits(db):
    reader = reader_of(time_zone="Asia/Seoul")
    news = tell(reader)
    hour = (news.due_at.astimezone(timezone.zoneinfo.ZoneInfo("Asia/Seoul")).hour + 5) % 24

    save_wishes(reader, actor=reader, rhythms={}, times=Times(hour, 0))

    news.refresh_from_db()
    assert news.due_at.astimezone(timezone.zoneinfo.ZoneInfo("Asia/Seoul")).hour == hour


def test_thing_with_a_rhythm_of_its_own_keeps_it(db):
    reader = reader_of(time_zone="Asia/Seoul", digest_weekday=2)
    weekly = notify(
        reader, "saved_search", key="1", title="New", address="/", rhythm=Rhythm.WEEKLY
    )
    daily = tell(reader, "2")

    save_wishes(reader, actor=reader, rhythms={}, times=Times(9, 3))

    for news in (weekly, daily):
        news.refresh_from_db()
    assert weekly.due_at.astimezone(timezone.zoneinfo.ZoneInfo("Asia/Seoul")).weekday() == 3
    assert daily.due_at - NOW() <= timedelta(days=1)

    save_wishes(reader, actor=reader, rhythms={"saved_search": "off"})
    assert not Notification.objects.filter(due_at__isnull=False).exists()


def test_switching_off_takes_what_waits_along(db):
    reader = reader_of()
    tell(reader)

    save_wishes(reader, actor=reader, rhythms={"saved_search": "off"})
    make_due()

    assert (write_due_digests(), Notification.objects.get().due_at) == (0, None)


def write_in_two_threads():
    errors = []

    def write():
        try:
            write_due_digests()
        except Exception as error:  # noqa: BLE001 - told to the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


@pytest.fixture
def gathered(request, monkeypatch):
    """Let both workers come as far as the news before either writes a mail."""
    gathering = threading.Barrier(2, timeout=getattr(request, "param", PATIENCE))
    queue = digests.queue_digest

    def wait_and_queue(user, told):
        with contextlib.suppress(threading.BrokenBarrierError):
            gathering.wait()
        return queue(user, told)

    monkeypatch.setattr(digests, "queue_digest", wait_and_queue)


def unlocked(user_id):
    return list(Notification.objects.due().filter(user_id=user_id).order_by("pk"))


# Where the lock holds, the second never comes.
@pytest.mark.parametrize("gathered", (3,), indirect=True, ids=("seconds",))
def test_two_workers_write_a_digest_once(transactional_db, gathered):
    tell(reader_of())
    make_due()

    write_in_two_threads()

    assert OutgoingEmail.objects.count() == 1


def test_the_key_alone_keeps_two_workers_apart(transactional_db, gathered, monkeypatch):
    monkeypatch.setattr(digests, "claim_due_news", unlocked)
    tell(reader_of())
    make_due()

    write_in_two_threads()

    mail = OutgoingEmail.objects.get()
    assert Notification.objects.get().email == mail


def test_without_lock_and_key_a_digest_goes_out_twice(transactional_db, gathered, monkeypatch):
    queue_email = digests.queue_email
    monkeypatch.setattr(digests, "claim_due_news", unlocked)
    monkeypatch.setattr(
        digests, "queue_email",
        lambda name, **words: queue_email(name, **words | {"deduplication_key": None}),
    )  # fmt: skip
    tell(reader_of())
    make_due()

    write_in_two_threads()

    assert OutgoingEmail.objects.count() == 2


def test_address_that_mail_comes_back_from_holds_nobody_else_up(db):
    reader, other = reader_of(), reader_of()
    MailTrouble.objects.create(address=reader.email, kind="hard")
    tell(reader)
    tell(other)
    make_due()

    assert write_due_digests() == 2
