"""Two organisers at the same moment, each over a connection of its own."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from events.models import Event, EventHelper, EventState, HelperRole, Meeting, Slot
from events.services.event_saving import save_event, version_of
from events.services.event_states import archive_event, cancel_event, publish_event
from events.services.helpers import LastOrganiserError, remove_helper
from events.services.slots import SlotInUseError, SlotsOverlapError, add_slots, delete_slot
from konnect.states import TransitionError
from matching.services.profiles import EditConflict
from tests.factories.accounts import UserFactory
from tests.factories.events import (
    AcceptedMeetingRequestFactory,
    EventFactory,
    HelperFactory,
    SlotFactory,
)
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def attempt(act, *refusals):
    """Return a call that tells whether it was done or refused."""

    def call():
        try:
            act()
        except refusals as refusal:
            return type(refusal).__name__
        return "done"

    return call


def edit(event, version, user, city):
    return lambda: save_event(
        Event.objects.get(pk=event.pk), actor=user, columns={"city": city}, version=version
    )


def test_of_two_edits_of_one_version_one_is_refused():
    user = UserFactory()
    for _round in range(ROUNDS):
        event = EventFactory(state=EventState.DRAFT)
        version = version_of(Event.objects.get(pk=event.pk))

        answers = together(
            *(
                attempt(edit(event, version, user, city), EditConflict)
                for city in ("Ghent", "Leuven")
            )
        )

        assert sorted(answers) == ["EditConflict", "done"]


def test_without_the_version_both_edits_are_done():
    """The twin: what the comparison of versions keeps from happening."""
    user = UserFactory()
    event = EventFactory(state=EventState.DRAFT)

    answers = together(
        *(attempt(edit(event, None, user, city), EditConflict) for city in ("Ghent", "Leuven"))
    )

    assert answers == ["done", "done"]


def test_an_event_is_published_once():
    user = UserFactory()
    for _round in range(ROUNDS):
        event = EventFactory(state=EventState.DRAFT, city="Brussels")

        answers = together(*(
            attempt(lambda pk=event.pk: publish_event(Event.objects.get(pk=pk), actor=user), TransitionError)
            for _each in range(2)
        ))  # fmt: skip

        assert "done" in answers
        assert event.changes.filter(new_state="published").count() == 1


def test_publishing_and_editing_at_once_publishes_nothing_that_nobody_saw():
    user = UserFactory()
    for _round in range(ROUNDS):
        event = EventFactory(state=EventState.DRAFT, city="Brussels")
        version = version_of(Event.objects.get(pk=event.pk))

        answers = together(
            attempt(lambda pk=event.pk, v=version: publish_event(Event.objects.get(pk=pk), actor=user, version=v), EditConflict),
            attempt(edit(event, version, user, "Ghent"), EditConflict),
        )  # fmt: skip

        stored = Event.objects.get(pk=event.pk)
        assert sorted(answers) == ["EditConflict", "done"]
        assert (answers[0] == "done") == (stored.state == EventState.PUBLISHED)


def test_an_event_is_cancelled_once():
    user = UserFactory()
    event = EventFactory()

    answers = together(*(
        attempt(lambda: cancel_event(Event.objects.get(pk=event.pk), actor=user, cancellation_en="No."), TransitionError)
        for _each in range(3)
    ))  # fmt: skip

    assert sorted(answers) == ["TransitionError", "TransitionError", "done"]
    with pytest.raises(TransitionError):
        archive_event(Event.objects.get(pk=event.pk), actor=user)


def test_of_two_organisers_who_leave_at_once_one_stays():
    for _round in range(ROUNDS):
        event = EventFactory()
        helpers = [HelperFactory(event=event), HelperFactory(event=event)]

        answers = together(*(
            attempt(lambda pk=helper.pk: remove_helper(EventHelper.objects.get(pk=pk), actor=None), LastOrganiserError)
            for helper in helpers
        ))  # fmt: skip

        assert sorted(answers) == ["LastOrganiserError", "done"]
        assert EventHelper.objects.filter(event=event, role=HelperRole.ORGANISER).count() == 1


def test_the_same_range_is_made_once():
    user = UserFactory()
    event = EventFactory()

    answers = together(*(
        attempt(
            lambda: add_slots(event, actor=user, starts_at=event.starts_at, ends_at=event.starts_at + timedelta(hours=2)),
            SlotsOverlapError,
        )
        for _each in range(3)
    ))  # fmt: skip

    assert sorted(answers) == ["SlotsOverlapError", "SlotsOverlapError", "done"]
    assert Slot.objects.filter(event=event).count() == 5


def test_a_slot_is_not_removed_under_a_meeting_that_begins_to_exist():
    """Whoever is first: the slot goes and the meeting is refused, or the slot stays."""
    user = UserFactory()
    for number in range(ROUNDS):
        event = EventFactory()
        slot = SlotFactory(event=event, starts_at=event.starts_at)
        request = AcceptedMeetingRequestFactory(event=event)

        def schedule(slot=slot, request=request, key=f"key{number}"):
            with transaction.atomic():
                Meeting.objects.create(
                    event_id=slot.event_id, request=request, slot_id=slot.pk, room_key=key,
                    during=DateTimeTZRange(slot.during.lower, slot.during.upper),
                )  # fmt: skip

        answers = together(
            attempt(
                lambda pk=slot.pk: delete_slot(Slot.objects.get(pk=pk), actor=user),
                SlotInUseError,
            ),
            attempt(schedule, IntegrityError),
        )

        assert answers.count("done") == 1
        assert (
            Slot.objects.filter(pk=slot.pk).exists()
            == Meeting.objects.filter(slot_id=slot.pk).exists()
        )
