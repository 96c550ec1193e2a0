"""What the staff reads and does is written down, and stays so."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from konnect.accounts.audit import ACTIONS
from konnect.accounts.models import AuditEvent, Role, RoleGrant
from konnect.accounts.services.audit import record
from konnect.accounts.services.erasure import erase_account
from tests.factories.accounts import fresh_client


@pytest.fixture
def fresh(staff):
    """Return a client of an administrator who signed in just now."""
    return fresh_client(staff)


def test_opening_an_account_is_written_down(fresh, staff, minji):
    fresh.get(reverse("admin:accounts_user_change", args=[minji.user.pk]))

    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.subject) == ("account.read", staff, minji.user)
    assert (event.target_kind, event.target_id) == ("accounts.user", str(minji.user.pk))


def test_searching_is_written_down_without_the_words(fresh, minji):
    fresh.get(reverse("admin:accounts_user_changelist"), {"q": "minji"})

    event = AuditEvent.objects.get()
    assert event.facts == {"searched": True}


def test_looking_at_the_list_alone_is_not(fresh):
    fresh.get(reverse("admin:accounts_user_changelist"))

    assert not AuditEvent.objects.exists()


def test_strangers_leave_no_line(minji, client_of, anna):
    address = reverse("admin:accounts_user_change", args=[minji.user.pk])
    Client().get(address)
    client_of(anna).get(address)

    assert not AuditEvent.objects.exists()


def test_giving_and_taking_a_role_is_written_down(fresh, anna):
    add = {"user": anna.user.pk, "role": Role.REVIEWER, "scope": "portal", "scope_id": ""}
    fresh.post(reverse("admin:accounts_rolegrant_add"), add)
    grant = RoleGrant.objects.get()
    fresh.post(reverse("admin:accounts_rolegrant_delete", args=[grant.pk]), {"post": "yes"})

    events = AuditEvent.objects.filter(action="role.changed").order_by("pk")
    assert [event.facts["given"] for event in events] == [True, False]
    assert {event.subject for event in events} == {anna.user}


def test_the_list_reads_in_words(fresh, staff, minji):
    record(staff, "report.read", subject=minji.user)

    page = fresh.get(reverse("admin:accounts_auditevent_changelist")).content.decode()

    assert str(ACTIONS["report.read"]) in page


def test_unknown_actions_are_refused(staff):
    with pytest.raises(KeyError):
        record(staff, "tea.drunk")


@pytest.mark.parametrize("change", ("update", "delete"))
def test_lines_cannot_be_changed(staff, change):
    record(staff, "report.read")
    rows = AuditEvent.objects.all()

    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(reason="other") if change == "update" else rows.delete()


def test_a_line_outlives_the_accounts_without_the_subject(staff, minji):
    record(staff, "account.read", subject=minji.user)

    erase_account(minji.user)

    event = AuditEvent.objects.get()
    assert (event.subject, event.actor_name) == (None, staff.email)
