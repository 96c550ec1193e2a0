"""The card of events that somebody runs, for the first page of a session."""

import pytest
from django.template import Context, Template
from django.urls import reverse

from tests.events.meeting_people import event_in
from tests.factories.events import HelperFactory

pytestmark = pytest.mark.django_db
CARD = Template("{% load event_work %}{% events_card user %}")


def shown_to(user):
    return CARD.render(Context({"user": user}))


@pytest.mark.parametrize("role", ("organiser", "desk"))
def test_events_that_go_on_or_come_soon_are_shown(anna, role):
    events = [event_in(hours=hours) for hours in (-2, 24 * 13, 24 * 15, -24)]
    events.append(event_in(state="draft"))
    for event in events:
        HelperFactory(event=event, user=anna.user, role=role)
    event_in(hours=3)

    card = shown_to(anna.user)

    found = [reverse("events:event_manage", args=[event.pk]) in card for event in events]
    assert found == [True, True, False, False, False]
    assert card.count("<li>") == 2


def test_whoever_runs_nothing_sees_no_card(anna):
    event_in(hours=3)

    assert shown_to(anna.user).strip() == ""


def test_the_card_costs_one_query_however_much_comes(anna, django_assert_num_queries):
    for number in range(5):
        event = event_in(hours=3 + number)
        HelperFactory(event=event, user=anna.user)

    with django_assert_num_queries(1):
        card = shown_to(anna.user)

    assert card.count("<li>") == 3
