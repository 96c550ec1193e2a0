"""The minute registration opens, against the real web server: everybody posts at once."""

import pytest

from bench.registration import FORM, outcome_of, refused
from bench.registration_crowd import cookies_of, send_at_once
from konnect.accounts.models import OutgoingEmail
from tests.factories.events import EventFactory, RegistrationFactory
from tests.factories.matching import KoreanOrganisationFactory, KoreanProfileFactory

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

PEOPLE, PLACES = 24, 7


def test_exactly_as_many_get_in_as_there_are_places_and_nobody_is_lost(site):
    event = EventFactory(capacity=PLACES)
    organisation = KoreanOrganisationFactory()
    people = KoreanProfileFactory.create_batch(PEOPLE, organisation=organisation)

    sent = send_at_once(
        f"{site.url}/events/{event.pk}/register/",
        cookies_of([person.user for person in people]),
        FORM,
    )

    outcome = outcome_of(event, PEOPLE)
    assert refused(sent) == []
    assert (outcome.confirmed, outcome.waiting) == (PLACES, PEOPLE - PLACES)
    assert outcome.faults == []
    assert OutgoingEmail.objects.count() == PEOPLE


def test_the_check_would_see_somebody_too_many_or_out_of_order(db):
    event = EventFactory(capacity=1)
    late = "2031-05-02T08:00Z"
    RegistrationFactory(event=event, state="waiting", entered_list_at=late)
    RegistrationFactory(event=event, state="waiting", entered_list_at="2031-05-01T08:00Z")
    RegistrationFactory.create_batch(2, event=event)

    assert outcome_of(event, 5).faults == [
        "1 people lost", "2 in for 1 places", "somebody who came later is in",
        "the waiting list is not in order",
    ]  # fmt: skip
