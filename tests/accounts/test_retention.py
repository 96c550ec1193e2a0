"""What is over is forgotten; what is not, is kept; every column has its rule."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from konnect.accounts.models import AuditEvent, Notification, OutgoingEmail
from konnect.accounts.retention_file import ERASURES, FACTS, read, retention_shown, tables
from konnect.accounts.services import forget_what_is_over
from matching.models import AbuseReport, ContactRequest, TextEmbedding
from tests.factories.matching import AcceptedContactRequestFactory, ContactRequestFactory

# The portal's own, and those of packages that store something of people.
APPLICATIONS = (
    "accounts", "matching", "events", "funding", "account", "socialaccount", "mfa", "usersessions", "sessions",
    "admin",
)  # fmt: skip


@pytest.fixture(autouse=True)
def log_apart(settings, tmp_path):
    settings.ERASURE_LOG = str(tmp_path / "erasures.log")


def stored_columns():
    """Return the names of the columns and many-to-many tables of every model, by its label."""
    return {
        model._meta.label: {
            field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)
        }
        for application in APPLICATIONS
        for model in apps.get_app_config(application).get_models()
    }


def test_file_names_every_table_and_column_and_no_other():
    stored = stored_columns()
    named = {table.label: set(table.columns) for table in tables()}

    assert set(named) ^ set(stored) == set()
    differing = {label: stored[label] ^ named[label] for label in stored}
    assert {label: columns for label, columns in differing.items() if columns} == {}


def test_every_rule_names_a_category_and_an_erasure_that_exist():
    rules = [rule for table in tables() for rule in table.columns.values()]

    assert {rule.category for rule in rules} == set(read()["categories"])
    assert {rule.erasure for rule in rules} <= ERASURES
    for category in read()["categories"].values():
        assert set(category) == set(FACTS)
        assert all(category[fact][language] for fact in FACTS for language in ("en", "ko"))


def test_every_date_that_ends_something_is_a_column():
    for table in tables():
        for rule in table.forget:
            assert rule.by in table.columns, table.label


def test_foreign_keys_do_on_deletion_what_the_file_says():
    """A key that is emptied may not delete the row, and the other way round."""
    wrong = []
    for table in tables():
        model = apps.get_model(table.label)
        for field in model._meta.concrete_fields:
            target = field.related_model
            if target is None or target._meta.label not in ("accounts.User", "matching.Profile"):
                continue
            keeps_row = field.remote_field.on_delete.__name__ == "SET_NULL"
            if keeps_row != (table.columns[field.name].erasure == "emptied"):
                wrong.append(f"{table.label}.{field.name}")
    assert wrong == []


@pytest.mark.parametrize("language", ("en", "ko"))
def test_policy_shows_every_category_of_people(client, language, db):
    page = client.get("/privacy/", headers={"accept-language": language}).content.decode()

    with translation.override(language):
        shown = retention_shown()
    assert len(shown) == len(read()["categories"]) - 1
    for category in shown:
        for fact in category.values():
            assert fact in page


def test_ended_sessions_and_their_addresses_are_forgotten(anna):
    for key, days in (("live", 1), ("over", -1)):
        ends = timezone.now() + timedelta(days=days)
        Session.objects.create(session_key=key, session_data="", expire_date=ends)
        UserSession.objects.create(
            user=anna.user, session_key=key, ip="192.0.2.1", user_agent="Browser"
        )

    for _time in range(2):
        forget_what_is_over()

    assert [each.session_key for each in Session.objects.all()] == ["live"]
    assert [each.session_key for each in UserSession.objects.all()] == ["live"]


def test_old_mail_is_forgotten_unless_it_waits(db):
    now = timezone.now()
    for state, days in (("sent", 31), ("sent", 29), ("dead", 31), ("waiting", 31)):
        OutgoingEmail.objects.create(
            to="anna@example.eu", subject=f"{state} {days}", text="", state=state,
            created_at=now - timedelta(days=days), sent_at=now if state == "sent" else None,
        )  # fmt: skip

    forget_what_is_over()

    assert {mail.subject for mail in OutgoingEmail.objects.all()} == {"sent 29", "waiting 31"}


def test_old_lines_of_the_ledger_go_and_only_by_this_door(anna):
    now = timezone.now()
    for days in (731, 729):
        AuditEvent.objects.create(
            actor=anna.user,
            actor_name="a",
            action=str(days),
            happened_at=now - timedelta(days=days),
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.all().delete()

    forget_what_is_over()

    assert [event.action for event in AuditEvent.objects.all()] == ["729"]


@pytest.mark.parametrize(("days", "left"), ((366, 0), (364, 1)))
def test_news_is_kept_for_a_year(anna, days, left):
    Notification.objects.create(
        user=anna.user, kind="account", key="a", title_en="a", title_ko="a",
        created_at=timezone.now() - timedelta(days=days),
    )  # fmt: skip

    forget_what_is_over()

    assert Notification.objects.count() == left


def test_requests_that_became_nothing_go_after_two_years_and_contacts_stay(anna, minji, omar):
    old = timezone.now() - timedelta(days=731)
    ContactRequestFactory(sender=anna, recipient=minji, state="expired", created_at=old)
    ContactRequestFactory(sender=omar, recipient=minji, created_at=old)
    AcceptedContactRequestFactory(sender=anna, recipient=omar, created_at=old)

    forget_what_is_over()

    assert {each.state for each in ContactRequest.objects.all()} == {"pending", "accepted"}


def test_texts_that_others_may_have_erased_are_forgotten(anna):
    old = timezone.now() - timedelta(days=181)
    TextEmbedding.objects.create(text_hash="a", embedder="m", vector=b"", created_at=old)

    forget_what_is_over()

    assert TextEmbedding.objects.count() == 0


@pytest.mark.parametrize(("reporter", "words"), ((True, "They sent adverts"), (False, "")))
def test_decided_report_of_an_erased_person_loses_its_words(anna, minji, reporter, words):
    AbuseReport.objects.create(
        reporter=anna if reporter else None, profile=minji, reason="spam", state="dismissed",
        words="They sent adverts", decided_at=timezone.now(),
    )  # fmt: skip

    forget_what_is_over()

    assert AbuseReport.objects.get().words == words
