"""One's own registration: the form, the page, withdrawing, the times that suit."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from events.models import Availability, Question, Registration, Slot
from events.services.availability import days_of, write_availability
from konnect.accounts.rights import export_parts
from konnect.accounts.services import erase_account
from tests.factories.events import (
    MORNING,
    EventFactory,
    KoreanRegistrationFactory,
    MeetingFactory,
    RegistrationFactory,
    SlotFactory,
)
from tests.factories.matching import KoreanProfileFactory, ListingFactory
from tests.matching.test_contact_races import wait_until_blocked
from tests.processes import PATIENCE


@pytest.fixture
def event(db):
    return EventFactory()


def address(event, name="registration_form"):
    return reverse(f"events:{name}", args=[event.pk])


ANSWERS = {"mode": "online", "zone": "Asia/Seoul", "wants_meetings": "on", "is_listed": "on"}


def test_a_person_registers_with_intents_and_answers(event, client):
    listing = ListingFactory(profile=KoreanProfileFactory(), kind="offer")
    question = Question.objects.create(
        event=event, kind="choice", text_en="Food?", options=[["Fish", "생선"], ["Rice", "밥"]],
        is_required=True,
    )  # fmt: skip
    client.force_login(listing.profile.user)
    page = client.get(address(event))
    assert listing.title_en in page.content.decode()
    sent = ANSWERS | {"offer_0": listing.title_en, "request_0": "유럽의 협력 연구실"}

    refused = client.post(address(event), sent)
    assert set(refused.context["form"].errors) == {f"question_{question.pk}"}
    assert "유럽의 협력 연구실" in refused.content.decode()

    client.post(address(event), sent | {f"question_{question.pk}": "1"})

    own = Registration.objects.get()
    assert (own.state, own.mode, own.is_listed) == ("confirmed", "online", True)
    offer, wish = own.intents.all()
    assert (offer.listing, offer.text_ko) == (listing, listing.title_ko)
    assert (wish.text_en, wish.text_ko) == ("", "유럽의 협력 연구실")
    assert own.answers.get().value == 1


def test_the_page_says_where_one_stands_and_leads_on(event, client):
    own = KoreanRegistrationFactory(event=event)
    SlotFactory(event=event)
    client.force_login(own.profile.user)

    page = client.get(address(event, "registration_detail")).content.decode()

    for name in ("availability", "participant_list", "registration_withdraw"):
        assert address(event, name) in page


def test_without_a_registration_the_page_leads_to_the_form(event, client):
    client.force_login(KoreanProfileFactory().user)

    answer = client.get(address(event, "registration_detail"))

    assert answer["Location"] == address(event)


def test_waiting_people_read_their_number(event, client):
    early = RegistrationFactory(event=event, state="waiting", entered_list_at=timezone.now())
    own = RegistrationFactory(event=event, state="waiting", entered_list_at=timezone.now())
    assert early.pk < own.pk
    client.force_login(own.profile.user)

    page = client.get(address(event, "registration_detail")).content.decode()

    assert "You are number 2 on the waiting list." in page


def test_changing_keeps_what_was_not_touched(event, client):
    listing = ListingFactory(profile=KoreanProfileFactory(), kind="offer")
    client.force_login(listing.profile.user)
    client.post(address(event), ANSWERS | {"offer_0": listing.title_en})

    client.post(
        address(event),
        ANSWERS | {"mode": "hybrid", "offer_0": listing.title_en, "offer_1": "A laser"},
    )

    own = Registration.objects.get()
    assert own.mode == "hybrid"
    assert [each.listing for each in own.intents.all()] == [listing, None]


def test_whoever_wants_meetings_later_publishes_a_profile_first_and_keeps_what_was_typed(
    event, client
):
    own = RegistrationFactory(event=event, wants_meetings=False, profile__state="hidden")
    client.force_login(own.profile.user)

    refused = client.post(address(event), ANSWERS | {"offer_0": "A laser"}).content.decode()

    own.refresh_from_db()
    assert not own.wants_meetings
    assert not own.intents.exists()
    assert "Your changes are not saved yet." in refused
    assert reverse("matching:profile_preview") in refused
    assert 'value="A laser"' in refused

    without = {name: value for name, value in ANSWERS.items() if name != "wants_meetings"}
    client.post(address(event), without | {"offer_0": "A laser"})
    assert own.intents.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_organisers_ended_meanwhile_is_not_changed_and_says_so(client):
    """The page is asked for while the registration still counts, and written when it does not."""
    own = RegistrationFactory(wants_meetings=False)
    client.force_login(own.profile.user)
    answers = []

    def change():
        sent = ANSWERS | {"offer_0": "A laser"}
        answers.append(client.post(address(own.event), sent, follow=True).content.decode())
        connection.close()

    thread = Thread(target=change)
    with transaction.atomic(), connection.cursor() as cursor:
        Registration.objects.filter(pk=own.pk).update(state="declined")
        thread.start()
        wait_until_blocked(cursor, 1)
    thread.join(PATIENCE)

    own.refresh_from_db()
    assert "This registration was over already." in answers[0]
    assert not own.wants_meetings
    assert not own.intents.exists()


def test_withdrawing_cancels_meetings_and_tells_partners(event, client):
    meeting = MeetingFactory(event=event)
    own, partner = meeting.request.sender, meeting.request.recipient
    client.force_login(own.profile.user)
    assert "1 meeting of yours is cancelled" in (
        client.get(address(event, "registration_withdraw")).content.decode()
    )

    client.post(address(event, "registration_withdraw"), {"reason": "I am ill."})

    meeting.refresh_from_db()
    own.refresh_from_db()
    assert (own.state, meeting.state) == ("withdrawn", "cancelled")
    assert partner.profile.user.notifications.exists()


def test_strangers_and_drafts(event, client):
    draft = EventFactory(state="draft")
    client.force_login(KoreanProfileFactory().user)

    assert client.get(address(draft)).status_code == 404
    assert client.get(address(event, "availability")).status_code == 404
    assert client.post(address(event, "registration_withdraw")).status_code == 404


# --- Availability ---------------------------------------------------------------------------------


@pytest.fixture
def own(event):
    return KoreanRegistrationFactory(event=event)


@pytest.fixture
def slots(event):
    """Two on the first day of Seoul's clocks, one after midnight there."""
    return [
        SlotFactory(event=event, starts_at=MORNING + timedelta(hours=hours))
        for hours in (0, 1, 8.5)
    ]


def said(registration):
    return dict(
        Availability.objects.filter(registration=registration).values_list("slot", "modes")
    )


def test_slots_stand_under_the_days_of_the_participants_clock(own, slots):
    days = days_of(own)

    assert [(day.day.isoformat(), len(day.cells)) for day in days] == [
        ("2031-06-02", 2), ("2031-06-03", 1),
    ]  # fmt: skip
    assert days[0].cells[0].own.starts_at.hour == 16
    assert days[0].cells[0].event.starts_at.hour == 9
    assert [cell.own.is_comfortable for day in days for cell in day.cells] == [True, True, False]


def test_only_what_differs_from_the_registration_is_kept(own, slots):
    everything = {slot.pk: 3 for slot in slots}
    stranger = SlotFactory().pk

    free = write_availability(
        own, everything | {slots[1].pk: 0, slots[2].pk: 2, stranger: 0}, actor=None
    )

    assert free == 2
    assert said(own) == {slots[1].pk: 0, slots[2].pk: 2}
    write_availability(own, everything, actor=None)
    assert said(own) == {}


def test_a_whole_day_is_closed_and_opened_without_a_script(own, slots, event, client):
    client.force_login(own.profile.user)
    page = address(event, "availability")

    client.post(page, {f"slot_{slots[0].pk}": "1", "day": "2031-06-02:none"})
    assert said(own) == {slots[0].pk: 0, slots[1].pk: 0}

    client.post(page, {f"slot_{slots[2].pk}": "2", "day": "2031-06-02:all"})
    assert said(own) == {slots[2].pk: 2}


def test_nonsense_from_the_form_is_left_out(own, slots, event, client):
    client.force_login(own.profile.user)

    client.post(
        address(event, "availability"),
        {
            "slot_x": "1",
            f"slot_{slots[0].pk}": "7",
            "slot_99999999999999999999": "0",
            "day": "x:all",
        },
    )

    assert said(own) == {}


def test_where_one_sits_already_there_is_nothing_to_choose(event, client):
    meeting = MeetingFactory(event=event)
    own = meeting.request.sender
    client.force_login(own.profile.user)

    page = client.get(address(event, "availability")).content.decode()

    assert "You have a meeting" in page
    assert f'name="slot_{meeting.slot_id}"' not in page


def test_another_way_of_taking_part_keeps_the_breaks(own, slots, event, client):
    write_availability(own, {slots[0].pk: 1, slots[1].pk: 0}, actor=None)
    client.force_login(own.profile.user)

    client.post(address(event), ANSWERS | {"mode": "online"})

    assert said(own) == {slots[1].pk: 0}


def test_clocks_that_change_between_two_days_are_followed(db):
    """Brussels leaves summer time on 26 October 2031; slots are instants and stay."""
    event = EventFactory()
    for day in (25, 27):
        SlotFactory(event=event, starts_at=datetime(2031, 10, day, 7, 0, tzinfo=UTC))
    own = RegistrationFactory(event=event)

    hours = [
        (cell.own.starts_at.hour, cell.event.starts_at.hour)
        for day in days_of(own)
        for cell in day.cells
    ]

    assert hours == [(9, 9), (8, 8)]
    own.zone = "Asia/Seoul"
    assert [cell.own.starts_at.hour for day in days_of(own) for cell in day.cells] == [16, 16]


def test_the_grid_costs_the_same_for_one_slot_and_for_many(
    own, event, client, django_assert_max_num_queries, django_assert_num_queries
):
    SlotFactory(event=event, starts_at=MORNING)
    client.force_login(own.profile.user)
    client.get(address(event, "availability"))
    with django_assert_max_num_queries(30) as few:
        client.get(address(event, "availability"))
    for number in range(1, 30):
        SlotFactory(event=event, starts_at=MORNING + timedelta(days=1, minutes=25 * number))

    with django_assert_num_queries(len(few)):
        client.get(address(event, "availability"))

    assert Slot.objects.count() == 30


# --- The copy of one's data, and leaving for good ---------------------------------------------------


def test_the_copy_of_ones_data_holds_registrations_without_the_ticket(event, own, slots):
    Question.objects.create(event=event, kind="line", text_en="Food?")
    own.answers.create(question=event.questions.get(), value="Fish")
    own.intents.create(kind="offer", text_en="A laser")
    write_availability(own, {slots[0].pk: 0}, actor=None)
    own.check_ins.create()
    own.move_to("withdrawn", actor=None)
    parts = {part.name: list(part.rows(own.profile.user)) for part in export_parts()}

    [registration] = parts["registrations"]
    assert registration["event"] == event.title
    assert own.ticket not in str(registration)
    assert parts["registration_answers"][0]["question"] == "Food?"
    assert parts["availabilities"][0]["starts_at"] == MORNING
    for name in ("intents", "check_ins", "registration_history"):
        assert len(parts[name]) == 1


def test_the_place_of_somebody_who_is_erased_goes_to_the_next(event):
    event.capacity = 1
    event.save()
    own = RegistrationFactory(event=event)
    second = RegistrationFactory(event=event, state="waiting", entered_list_at=timezone.now())

    erase_account(own.profile.user)

    second.refresh_from_db()
    assert second.state == "confirmed"
    assert not Registration.objects.filter(pk=own.pk).exists()


def test_whoever_wants_meetings_and_is_not_listed_is_told_and_shown_with_one_click(event, client):
    own = KoreanRegistrationFactory(event=event, wants_meetings=True, is_listed=False)
    client.force_login(own.profile.user)
    show = address(event, "registration_show")
    assert "unlisted-notice" in client.get(address(event)).content.decode()
    assert show in client.get(address(event, "registration_detail")).content.decode()

    page = client.post(show, follow=True).content.decode()

    own.refresh_from_db()
    assert own.is_listed
    assert show not in page
