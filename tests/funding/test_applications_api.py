"""Applications for programs; and that nobody who applies is told early what was found."""

import pytest

from funding.api.applications import APPLICATION
from funding.models import Conflict
from funding.services.own_applications import led
from funding.services.releases import agree_to_release
from tests.factories.accounts import UserFactory
from tests.factories.funding import ApplicationFactory, PersonFactory
from tests.funding.read_pages import asks_for, text_of
from tests.funding.test_releases import closed

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/applications/"


def listed(client, user):
    client.force_login(user)
    return {each["id"]: each for each in client.get(ADDRESS).json()["results"]}


def test_applicants_are_told_nothing_of_what_was_found_before_the_release(client):
    stage = closed(3)
    own = stage.applications[0]
    lead = own.lead.user
    told = []
    for _moment in ("before", "after"):
        shown = listed(client, lead)[own.pk]
        pages = [text_of(client.get(each)) for each in ("/applications/", own.get_absolute_url())]
        told.append(
            (shown["state"], led(lead)[0]["state"], *("Recommended" in page for page in pages))
        )
        for user in (stage.chair, stage.europe, stage.korea):
            if stage.call.state != "released":
                agree_to_release(stage.call, actor=user)
        stage.call.refresh_from_db()

    assert told == [
        ("in_review", "in_review", False, False), ("recommended", "recommended", True, True),
    ]  # fmt: skip
    assert set(shown) == set(APPLICATION)


def test_who_runs_the_call_reads_what_was_handed_in_and_strangers_nothing(client):
    stage = closed(3)
    draft = ApplicationFactory(call=stage.call)
    own = stage.applications[0]
    person = PersonFactory(user=stage.europe)
    Conflict.objects.create(person=person, application=own, kind="family", is_hard=True,
                            source="declared")  # fmt: skip

    officer, funder = listed(client, stage.officer), listed(client, stage.europe)

    assert set(officer) == {each.pk for each in stage.applications}
    assert officer[own.pk]["state"] == "recommended"
    assert set(funder) == set(officer) - {own.pk}
    assert set(listed(client, draft.lead.user)) == {draft.pk}
    assert listed(client, draft.lead.user)[draft.pk]["versions"] == []
    assert listed(client, UserFactory()) == {}
    # The panel has pages of its own.
    assert listed(client, stage.member) == {}


def test_the_list_asks_the_same_for_many(client):
    counts = []
    for count in (1, 3):
        stage = closed(count)
        client.force_login(stage.officer)
        counts += asks_for(client, ADDRESS, ADDRESS)

    assert counts[1] == counts[3]
