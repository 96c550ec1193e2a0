"""Who opens which page of an event that is being prepared."""

import pytest
from django.test import Client
from django.urls import reverse

from events.models import EventState
from tests.factories.events import (
    EventFactory,
    HelperFactory,
    PlaceFactory,
    SessionFactory,
    SlotFactory,
)

pytestmark = pytest.mark.django_db


def of(name, event, *more):
    return reverse(f"events:{name}", args=[event.pk, *more])


@pytest.mark.parametrize(
    ("role", "answers"),
    (
        ("organiser", [200, 200, 200, 200, 200, 200]),
        ("programme", [200, 200, 200, 200, 200, 404]),
        ("meetings", [200, 404, 404, 200, 200, 404]),
        ("desk", [200, 404, 404, 404, 404, 404]),
        (None, [404, 404, 404, 404, 404, 404]),
    ),
)
def test_each_role_opens_its_own_pages(client_of, anna, role, answers):
    event = EventFactory()
    if role:
        HelperFactory(event=event, user=anna.user, role=role)
    pages = (
        "event_manage",
        "event_edit",
        "session_list",
        "place_list",
        "slot_list",
        "helper_list",
    )

    assert [client_of(anna).get(of(name, event)).status_code for name in pages] == answers


@pytest.mark.parametrize(
    "name", ("event_publish", "event_archive", "slot_clear", "helper_set", "speaker_leave")
)
def test_nobody_changes_events_of_others(client_of, anna, name):
    event = EventFactory(state=EventState.DRAFT)

    assert client_of(anna).post(of(name, event)).status_code == 404
    assert Client().post(of(name, event)).status_code == 302


def test_the_role_at_one_event_says_nothing_of_another(client_of, anna):
    own, other = EventFactory(), EventFactory()
    HelperFactory(event=own, user=anna.user)
    session, place, slot = (
        SessionFactory(event=other),
        PlaceFactory(event=other),
        SlotFactory(event=other),
    )
    client = client_of(anna)

    answers = [
        client.post(of(name, own, pk)).status_code
        for name, pk in (
            ("session_delete", session.pk), ("place_delete", place.pk), ("slot_delete", slot.pk),
            ("slot_places", slot.pk), ("place_edit", place.pk), ("session_edit", session.pk),
        )
    ]  # fmt: skip

    assert answers == [404] * 6
