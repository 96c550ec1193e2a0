"""The stage of events keeps the rules of its tables, in every state."""

import pytest

from events.models import Event, Meeting, MeetingRequest, RequestState
from tests.flows.event_stage import set_event_stage

pytestmark = pytest.mark.django_db


def test_the_stage_has_an_event_in_every_state_and_a_request_in_every_one(minji, anna):
    things = set_event_stage(minji, anna)

    assert set(Event.objects.values_list("state", flat=True)) == {
        "draft", "published", "cancelled",
    }  # fmt: skip
    states = MeetingRequest.objects.filter(event=things["event"]).values_list("state", flat=True)
    assert set(states) == set(RequestState.values)
    assert Meeting.objects.filter(event=things["event"], is_live=True).count() == 2
