"""Decisions for programs: applicants read nothing before the release, and their own after it."""

import pytest

from funding.api.decisions import DECISION
from funding.models import Conflict
from funding.services.releases import agree_to_release
from tests.factories.accounts import UserFactory
from tests.factories.funding import PersonFactory
from tests.funding.test_decisions import EURO, WON
from tests.funding.test_releases import closed

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/decisions/"


def listed(client, user):
    client.force_login(user)
    return client.get(ADDRESS).json()["results"]


def test_applicants_read_their_own_from_the_release_on_and_officers_all(client):
    stage = closed(3)
    own = stage.applications[0]
    partner = own.participants.get(role="partner").person.user

    assert len(listed(client, stage.officer)) == 3
    assert len(listed(client, stage.europe)) == 3
    assert [listed(client, each) for each in (own.lead.user, partner)] == [[], []]
    for user in (stage.chair, stage.europe, stage.korea):
        agree_to_release(stage.call, actor=user)

    for user in (own.lead.user, partner):
        (found,) = listed(client, user)
        assert (found["application"], found["outcome"]) == (own.pk, "funded")
    assert sorted(each["amount_minor"] for each in found["amounts"]) == [EURO, WON]
    assert [each["value"] for each in found["scores"]] == [5.0, 4.5, 4.0]
    assert set(found) == set(DECISION)
    assert listed(client, UserFactory()) == []


def test_an_officer_who_may_not_judge_reads_nothing_of_it(client):
    stage = closed(3)
    own = stage.applications[0]
    person = PersonFactory(user=stage.europe)
    Conflict.objects.create(person=person, application=own, kind="family", is_hard=True,
                            source="declared")  # fmt: skip

    shown = {each["application"] for each in listed(client, stage.europe)}

    assert shown == {each.pk for each in stage.applications[1:]}


def test_the_number_of_questions_does_not_rise(client, django_assert_max_num_queries):
    counts = set()
    for count in (1, 3):
        stage = closed(count)
        client.force_login(stage.officer)
        with django_assert_max_num_queries(40) as asked:
            assert len(client.get(ADDRESS).json()["results"]) == count
        counts.add(len(asked))

    assert len(counts) == 1
