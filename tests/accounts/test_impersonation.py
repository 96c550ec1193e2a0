"""Seeing the portal as somebody: read only, for a reason, told at once, over after half an hour."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.urls import reverse
from django.utils import timezone

from konnect.accounts.models import AuditEvent, Impersonation, Notification, OutgoingEmail
from konnect.accounts.services.impersonations import (
    ImpersonationRefusedError,
    begin_impersonation,
)
from tests.factories.accounts import fresh_client

REASON = "You asked why your list is empty."


@pytest.fixture
def looking(staff, minji):
    """Return the administrator's client while it sees the portal as Minji."""
    client = fresh_client(staff)
    address = reverse("accounts:impersonation_begin", args=[minji.user.pk])
    answer = client.post(address, {"reason": REASON})
    assert answer.status_code == 302, answer.content
    return client


def test_the_page_is_the_persons_and_says_so(looking, minji):
    page = looking.get(reverse("matching:dashboard"))

    assert page.wsgi_request.user == minji.user
    assert minji.user.email in page.content.decode()
    assert reverse("accounts:impersonation_end") in page.content.decode()


@pytest.mark.parametrize(
    "name",
    (
        "matching:conversation_list", "matching:contact_list", "accounts:my_data", "mfa_index",
        "matching:block_list", "matching:saved_search_list",
    ),
)  # fmt: skip
def test_private_pages_stay_closed(looking, name):
    assert looking.get(reverse(name)).status_code == 403


def test_nothing_can_be_changed(looking, minji):
    answer = looking.post(reverse("matching:profile_hide"))

    assert answer.status_code == 403
    minji.refresh_from_db()
    assert minji.state == "published"


def test_looking_is_no_presence_of_the_person(looking, minji):
    before = type(minji.user).objects.values_list("last_seen_on", "last_login")

    looking.get(reverse("matching:dashboard"))

    assert before.get(pk=minji.user.pk) == (None, None)


def test_the_person_is_told_and_it_is_written_down(looking, minji, staff):
    news = Notification.objects.get(user=minji.user)
    letter = OutgoingEmail.objects.get(to=minji.user.email)
    event = AuditEvent.objects.get(action="impersonation.begun")

    assert news.address == reverse("accounts:impersonations")
    assert REASON in letter.text
    assert (event.actor, event.subject, event.reason) == (staff, minji.user, REASON)


def test_ending_gives_the_administrator_back(looking, staff):
    looking.post(reverse("accounts:impersonation_end"))

    page = looking.get(reverse("home"))
    assert page.wsgi_request.user == staff
    assert Impersonation.objects.get().ended_at is not None
    assert AuditEvent.objects.filter(action="impersonation.ended").count() == 1


def test_after_half_an_hour_it_is_over(looking):
    Impersonation.objects.update(started_at=timezone.now() - timedelta(minutes=31))

    page = looking.get(reverse("matching:dashboard"))

    assert page.status_code == 302
    assert not looking.get(reverse("home")).wsgi_request.user.is_authenticated


def test_whoever_is_no_administrator_any_more_sees_nothing_more(looking, staff):
    type(staff).objects.filter(pk=staff.pk).update(is_superuser=False)

    assert looking.get(reverse("matching:dashboard")).status_code == 302


def test_who_may_not(client_of, anna, minji):
    address = reverse("accounts:impersonation_begin", args=[minji.user.pk])

    assert client_of(anna).get(address).status_code == 404
    with pytest.raises(ImpersonationRefusedError):
        begin_impersonation(minji.user, actor=anna.user, reason=REASON)


def test_staff_and_closed_accounts_are_not_looked_at(staff, minji, anna):
    anna.user.is_staff = True
    minji.user.is_active = False

    for person in (anna.user, minji.user, staff):
        with pytest.raises(ImpersonationRefusedError):
            begin_impersonation(person, actor=staff, reason=REASON)


def test_a_reason_is_needed(client_of, staff, minji):
    with pytest.raises(IntegrityError), transaction.atomic():
        Impersonation.objects.create(administrator=staff, user=minji.user, reason="")


def test_the_person_reads_who_came_and_why(client_of, staff, minji):
    begin_impersonation(minji.user, actor=staff, reason=REASON)

    page = client_of(minji).get(reverse("accounts:impersonations"))

    assert REASON in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one(staff, minji, anna):
    barrier, outcomes = threading.Barrier(2), []

    def begin(person):
        barrier.wait()
        try:
            begin_impersonation(person.user, actor=staff, reason=REASON)
            outcomes.append("begun")
        except ImpersonationRefusedError:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=begin, args=(person,)) for person in (minji, anna)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert "begun" in outcomes
    assert Impersonation.objects.filter(ended_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_two_at_once_are_two(staff, minji, anna):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_impersonation_at_a_time")
    try:
        for person in (minji, anna):
            Impersonation.objects.create(administrator=staff, user=person.user, reason=REASON)

        assert Impersonation.objects.filter(ended_at=None).count() == 2
    finally:
        Impersonation.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX one_impersonation_at_a_time ON accounts_impersonation"
                " (administrator_id) WHERE ended_at IS NULL"
            )
