"""Registering, the waiting list, approval and leaving again."""

from datetime import timedelta
from threading import Barrier

import pytest
from django.db import transaction
from django.utils import timezone

from events.models import Event, EventMode, Registration, RegistrationState
from events.services import registrations
from events.services.registrations import (
    admit,
    approve,
    change_registration,
    decline,
    end_offers,
    look_after_waiting_lists,
    move_on_list,
    register,
    reopen,
    take_offer,
    withdraw_registration,
)
from konnect.accounts.models import Notification, OutgoingEmail
from konnect.states import TransitionError
from matching.permissions.contacts import RefusedError
from tests.factories.events import EventFactory, RegistrationFactory
from tests.factories.matching import KoreanProfileFactory, ListingFactory, ProfileFactory
from tests.processes import PATIENCE
from tests.together import together


def come(event, profile=None, **more):
    profile = profile or ProfileFactory()
    facts = {
        "mode": EventMode.ONLINE, "is_listed": True, "wants_meetings": True,
        "zone": "Asia/Seoul", "actor": profile.user,
    }  # fmt: skip
    return register(event, profile=profile, **(facts | more))


def states(event):
    rows = Registration.objects.filter(event=event).order_by("pk")
    return list(rows.values_list("state", flat=True))


def test_whoever_comes_while_there_are_places_is_in_and_gets_a_letter(db):
    registration = come(EventFactory(capacity=1), KoreanProfileFactory())

    assert registration.state == RegistrationState.CONFIRMED
    letter = OutgoingEmail.objects.get()
    assert letter.to == registration.profile.user.email
    assert "09:00" in letter.text
    assert "16:00" in letter.text


def test_the_next_one_waits_and_moves_up_when_somebody_withdraws(db):
    event = EventFactory(capacity=1)
    first, second, third = come(event), come(event), come(event)
    assert states(event) == ["confirmed", "waiting", "waiting"]

    withdraw_registration(first, actor=first.profile.user)

    assert states(event) == ["withdrawn", "confirmed", "waiting"]
    titles = Notification.objects.filter(user=second.profile.user).values_list("title_en")
    assert f"You take part in {event.title_en}" in {title for (title,) in titles}
    assert third.entered_list_at > second.entered_list_at


def test_nobody_overtakes_those_who_wait_when_places_are_added(db):
    event = EventFactory(capacity=1)
    come(event)
    come(event)
    event.capacity = 2
    event.save()

    come(event)

    assert states(event) == ["confirmed", "waiting", "waiting"]
    assert look_after_waiting_lists() == 1
    assert states(event) == ["confirmed", "confirmed", "waiting"]


def test_a_full_event_without_a_list_refuses(db):
    event = EventFactory(capacity=0, has_waiting_list=False)

    with pytest.raises(RefusedError, match="full"):
        come(event)

    assert states(event) == []


@pytest.mark.parametrize(
    ("columns", "code"),
    (
        ({"registration_opens_at": timezone.now() + timedelta(days=1)}, "not_yet_open"),
        ({"registration_opens_at": None, "registration_closes_at": timezone.now()}, "closed"),
        ({"state": "draft"}, "not_published"),
        ({"state": "cancelled", "cancelled_at": timezone.now()}, "cancelled"),
    ),
)
def test_the_clock_and_the_state_of_the_event_decide(db, columns, code):
    with pytest.raises(RefusedError, match=code):
        come(EventFactory(**columns))


def test_whoever_wants_meetings_has_a_profile_that_others_can_see(db):
    event, hidden = EventFactory(), ProfileFactory(state="hidden")

    with pytest.raises(RefusedError, match="profile_unpublished"):
        come(event, hidden)

    assert come(event, hidden, wants_meetings=False).state == "confirmed"


def test_nobody_registers_twice(db):
    event, person = EventFactory(), ProfileFactory()
    come(event, person)

    with pytest.raises(RefusedError, match="already_registered"):
        come(event, person)


def test_whoever_withdrew_may_come_again_at_the_end_of_the_list(db):
    event = EventFactory(capacity=1)
    first, second = come(event), come(event)
    withdraw_registration(first, actor=first.profile.user)

    again = come(event, first.profile)

    assert (again.state, states(event)) == (
        "waiting", ["withdrawn", "confirmed", "waiting"]
    )  # fmt: skip
    assert second.pk != again.pk


def test_intents_are_taken_from_open_listings(db):
    listing = ListingFactory()

    registration = come(EventFactory(), listing.profile)

    intent = registration.intents.get()
    assert (intent.kind, intent.text_en, intent.listing) == (
        listing.kind, listing.title_en, listing,
    )  # fmt: skip


def test_an_offered_place_is_taken_or_goes_to_the_next_and_then_to_the_end(db):
    event = EventFactory(capacity=1, offer_hours=24)
    first, second, third = come(event), come(event), come(event)
    withdraw_registration(first, actor=None)
    assert states(event) == ["withdrawn", "offered", "waiting"]
    Registration.objects.filter(pk=second.pk).update(offer_expires_at=timezone.now())
    second.refresh_from_db()
    with pytest.raises(RefusedError, match="offer_over"):
        take_offer(second, actor=second.profile.user)

    look_after_waiting_lists()

    assert states(event) == ["withdrawn", "waiting", "offered"]
    third.refresh_from_db()
    take_offer(third, actor=third.profile.user)
    assert states(event) == ["withdrawn", "waiting", "confirmed"]


def test_who_never_answers_leaves_the_list(db):
    event = EventFactory(capacity=1, offer_hours=1)
    first, second = come(event), come(event)
    withdraw_registration(first, actor=None)

    for _ in range(registrations.MOST_OFFERS):
        assert states(event)[1] == "offered"
        Registration.objects.filter(pk=second.pk).update(offer_expires_at=timezone.now())
        end_offers(event)
        registrations.move_up(event)

    assert states(event) == ["withdrawn", "withdrawn"]


def test_approval_lets_in_as_long_as_there_are_places(db):
    event = EventFactory(capacity=1, needs_approval=True)
    first, second, third = come(event), come(event), come(event)
    assert states(event) == ["pending"] * 3

    approve(second, actor=None)
    approve(first, actor=None)
    decline(third, actor=None, reason="Not your topic.")

    assert states(event) == ["waiting", "confirmed", "declined"]
    third.refresh_from_db()
    assert third.decision_reason == "Not your topic."
    with pytest.raises(TransitionError):
        approve(third, actor=None)


def test_a_decision_can_be_taken_back(db):
    event = EventFactory(capacity=1, needs_approval=True)
    first, second = come(event), come(event)
    approve(first, actor=None)
    approve(second, actor=None)

    reopen(first, actor=None)

    assert states(event) == ["pending", "confirmed"]


def test_organisers_admit_out_of_turn_but_never_beyond_the_places(db):
    event = EventFactory(capacity=1)
    first, second, third = come(event), come(event), come(event)
    with pytest.raises(RefusedError, match="no_place_left"):
        admit(third, actor=None)
    event.capacity = 2
    event.save()

    admit(third, actor=None)

    assert states(event) == ["confirmed", "waiting", "confirmed"]
    assert first.pk < second.pk


def test_the_waiting_list_can_be_put_into_another_order(db):
    event = EventFactory(capacity=0)
    rows = [come(event) for _ in range(4)]
    Registration.objects.update(entered_list_at=timezone.now())

    move_on_list(rows[3], to=0, actor=None)
    move_on_list(rows[0], to=2, actor=None)

    waiting = Registration.objects.waiting().values_list("pk", flat=True)
    assert list(waiting) == [rows[3].pk, rows[1].pk, rows[0].pk, rows[2].pk]


@pytest.mark.django_db(transaction=True)
def test_exactly_so_many_get_in_as_there_are_places():
    event, people = EventFactory(capacity=3), ProfileFactory.create_batch(8)

    together(*[lambda person=person: come(event, person) for person in people])

    assert sorted(states(event)) == ["confirmed"] * 3 + ["waiting"] * 5
    # Whoever came later waits behind: the times of entry rise with the numbers.
    waiting = list(Registration.objects.waiting().filter(event=event))
    assert [row.pk for row in waiting] == sorted(row.pk for row in waiting)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_more_get_in_than_there_are_places(monkeypatch):
    event, people = EventFactory(capacity=3), ProfileFactory.create_batch(8)
    monkeypatch.setattr(registrations, "lock_event", lambda event: event)
    counted = registrations.occupancy_of

    def counted_slowly(event):
        found = counted(event)
        waiting_room.wait(PATIENCE)
        return found

    waiting_room = Barrier(len(people))
    monkeypatch.setattr(registrations, "occupancy_of", counted_slowly)

    together(*[lambda person=person: come(event, person) for person in people])

    assert states(event).count("confirmed") == len(people)


@pytest.mark.django_db(transaction=True)
def test_two_withdrawals_at_once_let_two_move_up():
    event = EventFactory(capacity=2)
    rows = [come(event) for _ in range(5)]

    together(*[lambda row=row: withdraw_registration(row, actor=None) for row in rows[:2]])

    assert states(event) == ["withdrawn"] * 2 + ["confirmed"] * 2 + ["waiting"]


def test_registering_costs_the_same_however_many_came(db, django_assert_max_num_queries):
    event = EventFactory(capacity=60)
    RegistrationFactory.create_batch(40, event=event)
    person = ProfileFactory()

    with django_assert_max_num_queries(40), transaction.atomic():
        come(event, person)


@pytest.mark.parametrize(
    "ended",
    (
        {"state": "cancelled", "cancelled_at": timezone.now()},
        {"starts_at": timezone.now() - timedelta(days=2),
         "ends_at": timezone.now() - timedelta(days=1)},
    ),
    ids=("cancelled", "over"),
)  # fmt: skip
def test_nobody_gets_a_place_of_what_does_not_take_place(db, ended):
    event = EventFactory(capacity=1, offer_hours=24)
    first, second, third = come(event), come(event), come(event)
    withdraw_registration(first, actor=None)
    Event.objects.filter(pk=event.pk).update(**ended, capacity=3)
    second.refresh_from_db()

    with pytest.raises(RefusedError, match="offer_over"):
        take_offer(second, actor=second.profile.user)

    assert look_after_waiting_lists() == 0
    assert states(event) == ["withdrawn", "offered", "waiting"]
    assert third.pk > second.pk


def test_whoever_hides_registers_without_meetings_and_cannot_want_some_later(db):
    registration = come(EventFactory(), ProfileFactory(state="hidden"), wants_meetings=False)

    def change(**columns):
        change_registration(
            registration, actor=None, columns=columns, answers={}, intents=[]
        )  # fmt: skip

    with pytest.raises(RefusedError, match="profile_unpublished"):
        change(wants_meetings=True)
    change(note="I come by train.")

    registration.refresh_from_db()
    assert (registration.wants_meetings, registration.note) == (False, "I come by train.")
