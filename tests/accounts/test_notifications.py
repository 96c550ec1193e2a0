"""News: told once, on the site always, by e-mail as the person wishes."""

import contextlib
import threading
from datetime import time, timedelta
from importlib import import_module

import pytest
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import (
    Consent,
    Notification,
    NotificationPreference,
    OutgoingEmail,
    Rhythm,
)
from konnect.accounts.notifications import kind_named, kinds
from konnect.accounts.services.notifications import notify
from konnect.accounts.services.wishes import wishes
from tests.factories.accounts import UserFactory
from tests.processes import PATIENCE

MESSAGES = _("Messages")


def tell(user, kind="message", key="message:1", title=MESSAGES, **more):
    return notify(user, kind, key=key, title=title, address="/messages/1/", **more)


def prefers(user, kind, rhythm):
    NotificationPreference.objects.update_or_create(
        user=user, kind=kind, defaults={"rhythm": rhythm}
    )


@pytest.fixture
def reader(db):
    return UserFactory(language="ko", time_zone="Asia/Seoul")


def test_title_is_kept_in_both_languages(reader):
    news = tell(reader)

    assert (news.title_en, news.title_ko) == ("Messages", "메시지")
    with translation.override("ko"):
        assert news.title == "메시지"


def test_title_with_values_is_made_in_each_language(reader):
    news = tell(reader, title=lambda: f"{translation.get_language()} <3>")

    assert (news.title_en, news.title_ko) == ("en <3>", "ko <3>")


def test_news_is_told_once(reader):
    first, second = tell(reader), tell(reader)

    assert (first.pk is None, second) == (False, None)
    assert OutgoingEmail.objects.count() == Notification.objects.count() == 1


def test_same_news_reaches_two_people(reader):
    tell(reader)

    assert tell(UserFactory()) is not None


def test_closed_account_hears_nothing(db):
    assert tell(UserFactory(is_active=False)) is None
    assert Notification.objects.count() == 0


def test_unknown_kind_is_a_mistake_of_ours(reader):
    with pytest.raises(KeyError):
        tell(reader, kind="gossip")


def test_mail_at_once_speaks_its_reader(reader):
    news = tell(reader)

    translation.activate("ko")
    mail = OutgoingEmail.objects.get()
    assert (news.email, mail.to, mail.subject) == (mail, reader.email, "메시지")
    for body in (mail.text, mail.html):
        assert f"http://localhost:8000/notifications/{news.pk}/" in body
        assert "http://localhost:8000/settings/notifications/" in body
        assert str(kind_named("message").reason) in body
    assert news.mailed_at is not None


@pytest.mark.parametrize("rhythm", (Rhythm.DAILY, Rhythm.WEEKLY))
def test_news_for_a_digest_waits(reader, rhythm):
    prefers(reader, "message", rhythm)

    news = tell(reader)

    assert OutgoingEmail.objects.count() == 0
    assert news.due_at > timezone.now()
    assert news.mailed_at is None


def test_news_without_mail_is_on_the_site(reader):
    prefers(reader, "message", Rhythm.OFF)

    news = tell(reader)

    assert (news.due_at, OutgoingEmail.objects.count()) == (None, 0)
    assert list(Notification.objects.unread()) == [news]


def test_news_about_the_account_cannot_be_switched_off(reader):
    prefers(reader, "account", Rhythm.OFF)

    tell(reader, kind="account")

    assert OutgoingEmail.objects.count() == 1


def test_adverts_need_consent(reader):
    prefers(reader, "announcement", Rhythm.INSTANT)
    assert tell(reader, kind="announcement").due_at is None

    Consent.objects.create(
        user=reader, purpose="newsletter", is_given=True, text_version="1", language="ko"
    )
    assert tell(reader, kind="announcement", key="other").due_at is not None


def test_quiet_hours_hold_a_mail_back(reader):
    here = timezone.now().astimezone(timezone.zoneinfo.ZoneInfo("Asia/Seoul"))
    reader.quiet_from = (here - timedelta(hours=1)).time()
    reader.quiet_until = (here + timedelta(hours=1)).time()
    reader.save()

    news = tell(reader)

    held = OutgoingEmail.objects.get().next_try_at - timezone.now()
    assert timedelta(minutes=58) < held < timedelta(hours=1)
    assert news.due_at == OutgoingEmail.objects.get().next_try_at


def test_quiet_hours_without_end_leave_the_site(reader):
    reader.quiet_from, reader.quiet_until = time(8), time(21)
    reader.save()
    Consent.objects.create(
        user=reader, purpose="newsletter", is_given=True, text_version="1", language="ko"
    )

    assert tell(reader, kind="announcement").due_at is None


def test_every_kind_says_why(db):
    assert {kind.name for kind in kinds()} >= {"account", "announcement", "message", "interest"}
    assert all(str(kind.label) and str(kind.reason) for kind in kinds())


@pytest.mark.parametrize("count", (1, 3))
def test_telling_costs_the_same_however_much_was_told(reader, count, django_assert_num_queries):
    for number in range(count):
        tell(reader, key=str(number))

    # A savepoint around all; the row, looked for and written in a savepoint of its own; the
    # wish; the mail; and what became of it.
    with django_assert_num_queries(4):
        tell(reader, key="another")


def tell_in_two_threads(reader, seconds):
    """Tell the same news twice at once: neither change is complete before both are written."""
    gathering, outcomes = threading.Barrier(2, timeout=seconds), []

    def at_once():
        try:
            with transaction.atomic():
                outcomes.append(tell(reader))
                # Where the constraint holds, the second cannot write before the first is done.
                with contextlib.suppress(threading.BrokenBarrierError):
                    gathering.wait()
        finally:
            connection.close()

    threads = [threading.Thread(target=at_once) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_tellers_tell_once(transactional_db):
    outcomes = tell_in_two_threads(UserFactory(), seconds=5)

    assert outcomes.count(None) == 1
    assert Notification.objects.count() == OutgoingEmail.objects.count() == 1


def test_without_the_constraint_two_tellers_tell_twice(transactional_db):
    with connection.schema_editor() as editor:
        [once] = [
            each for each in Notification._meta.constraints if each.name == "notification_once"
        ]
        editor.remove_constraint(Notification, once)
    try:
        tell_in_two_threads(UserFactory(), seconds=PATIENCE)
        assert Notification.objects.count() == OutgoingEmail.objects.count() == 2
    finally:
        Notification.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Notification, once)


def test_old_tick_becomes_wishes(db):
    wanted, unwanted = UserFactory(), UserFactory()
    take_over = import_module("konnect.accounts.migrations.0005_wishes_for_mail")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_user ADD mails_about_contacts boolean DEFAULT TRUE")
        cursor.execute(
            "UPDATE accounts_user SET mails_about_contacts = FALSE WHERE id = %s", [unwanted.pk]
        )
        cursor.execute(take_over.TAKE_OVER)
        cursor.execute("UPDATE accounts_user SET mails_about_contacts = TRUE")
        cursor.execute(take_over.GIVE_BACK)
        cursor.execute("SELECT id FROM accounts_user WHERE NOT mails_about_contacts")
        given_back = cursor.fetchall()

    assert {kind for kind, rhythm in wishes(unwanted).items() if rhythm == "off"} == {
        "contact_request", "message",
    }  # fmt: skip
    assert "off" not in wishes(wanted).values()
    assert given_back == [(unwanted.pk,)]
