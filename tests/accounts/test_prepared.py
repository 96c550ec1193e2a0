"""Statements that are made once, and what reads accounts with them."""

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from funding.services import draft_content
from konnect.accounts.models import User
from konnect.accounts.prepared import prepared
from matching.context import Inbox, count_inbox
from matching.models import Profile
from tests.factories.matching import ContactRequestFactory

URL = "/settings/"


@prepared
def people_of(user_id: int, name: str):
    return Profile.objects.filter(user_id=user_id, display_name=name, state="published")


@prepared
def locked_with_others(user_id: int):
    rows = Profile.objects.select_for_update(of=("self",)).filter(user_id=user_id)
    return rows.select_related("organisation", "user")


@prepared
def settings_of(user_id: int):
    return Profile.objects.filter(user_id=user_id).values_list("visibility", "keywords")


def test_prepared_finds_what_the_queryset_finds(minji, anna):
    found = [
        people_of.models(user_id=profile.user_id, name=name)
        for profile in (minji, anna)
        for name in ("Kim Minji", "Anna Schmidt")
    ]

    assert found == [[minji], [], [], [anna]]
    assert found[0][0].visibility == minji.visibility


def test_prepared_brings_related_rows_along(minji, anna, django_assert_num_queries):
    Profile.objects.filter(pk=anna.pk).update(organisation=None)
    locked_with_others.models(user_id=minji.user_id)

    with django_assert_num_queries(2):
        found = [locked_with_others.models(user_id=each.user_id)[0] for each in (minji, anna)]
        related = [(each.organisation, each.user) for each in found]

    assert found == [minji, anna]
    assert related == [(minji.organisation, minji.user), (None, anna.user)]


def test_prepared_converts_columns(minji):
    Profile.objects.filter(pk=minji.pk).update(visibility={"summary": "private"}, keywords=["a"])

    assert settings_of.rows(user_id=minji.user_id) == [[{"summary": "private"}, ["a"]]]


def test_functions_of_two_modules_may_share_a_name(db):
    assert people_of.plan.name != draft_content.people_of.plan.name


def test_prepared_stands_inside_other_statements():
    sql, parameters = people_of.inside(user_id="reader.id", name="reader.name")

    assert 'user_id" = reader.id' in sql
    assert parameters == ["published"]
    assert sql.count("%s") == 1


def test_counts_of_the_inbox_are_each_persons_own(minji, anna):
    ContactRequestFactory(sender=minji, recipient=anna)

    assert count_inbox(anna.user) == Inbox(unread_messages=0, pending_requests=1)
    assert count_inbox(minji.user) == Inbox(unread_messages=0, pending_requests=0)


def test_session_reads_who_is_signed_in(client_of, anna, django_assert_num_queries):
    client = client_of(anna)

    with django_assert_num_queries(3):
        response = client.get("/about/")

    assert response.wsgi_request.user == anna.user


@pytest.mark.parametrize("end", ("closed", "deleted", "run out", "session deleted"))
def test_nobody_stays_signed_in_after(client_of, anna, end):
    client = client_of(anna)
    assert client.get(URL).status_code == 200

    if end == "closed":
        User.objects.filter(pk=anna.user_id).update(is_active=False)
    elif end == "deleted":
        anna.user.delete()
    elif end == "run out":
        Session.objects.update(expire_date=timezone.now())
    else:
        Session.objects.all().delete()

    assert client.get(URL).status_code == 302


def test_new_password_ends_other_sessions(client_of, anna):
    client = client_of(anna)
    anna.user.set_password("another one")
    anna.user.save()

    assert client.get(URL).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_prepared_statement_is_planned_again_by_a_new_connection():
    first = settings_of.rows(user_id=0)
    connection.close()

    assert first == settings_of.rows(user_id=0) == []
