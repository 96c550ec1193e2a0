"""What organisers see of schedules, and what they can do there."""

import re
from urllib.parse import parse_qsl

import pytest
from django.urls import reverse

from events.models import (
    Meeting,
    MeetingRequest,
    PlaceClosure,
    ScheduleRun,
    ScheduleRunState,
)
from events.services.publishing import publish_run
from events.services.run_reasons import Reader, unplaced_of, words_of
from events.services.schedule_reports import size_of
from events.services.schedule_work import work_on_runs
from events.services.what_if import Setting, now_of, prospect
from events.views import organiser_requests
from tests.events.schedules import organiser_of, run_of, small_event, three_who_meet
from tests.events.test_publishing import finished_run
from tests.factories.events import EventFactory, HelperFactory, RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db


def page(client, name, *numbers, **query):
    """Return the words of a page."""
    return client.get(reverse(f"events:{name}", args=numbers), query).content.decode()


def measured(run):
    """Give a made-up run the columns that a computed one has."""
    ScheduleRun.objects.filter(pk=run.pk).update(
        value=300, bound=300, is_optimal=True,
        measures={"breaks": 1, "moves": 2, "seconds": 0.5, "below_floor": 0, "meetings": 2,
                  "meetings_moved": 0, "people_told": 0, "infeasible_pins": [], "faults": 0},
    )  # fmt: skip
    return run


def test_organiser_begins_a_run_and_it_waits_for_the_worker(client_of):
    event, _people = three_who_meet()
    client = client_of(organiser_of(event))
    address = reverse("events:schedule_list", args=[event.pk])

    answer = client.post(address, {"seconds": "10"})

    run = ScheduleRun.objects.get()
    assert answer.url == reverse("events:schedule_run_detail", args=[run.pk])
    assert (run.state, run.seconds_allowed, run.is_repair) == ("queued", 10, False)
    words = client.get(answer.url).content.decode()
    assert "hx-trigger" in words
    assert "Take it back" in words


def test_second_run_waits_until_the_first_is_over(client_of):
    event, _people = three_who_meet()
    client = client_of(organiser_of(event))
    run_of(event)

    answer = client.post(
        reverse("events:schedule_list", args=[event.pk]), {"seconds": "10"}, follow=True
    )

    assert "being made already" in answer.content.decode()
    assert ScheduleRun.objects.count() == 1


def test_what_moves_is_chosen_only_when_something_stands(client_of):
    event, _people = three_who_meet()
    client = client_of(organiser_of(event))
    assert "What may move" not in page(client, "schedule_list", event.pk)

    publish_run(finished_run(event, (0, 0, 0)), actor=None)
    address = reverse("events:schedule_list", args=[event.pk])
    client.post(address, {"seconds": "10", "is_repair": "1"})

    assert ScheduleRun.objects.get(state="queued").is_repair


@pytest.mark.parametrize(
    ("options", "words"),
    (({"pairs": 0}, "No meeting is agreed yet"), ({"tables": 0}, "There is no place to meet yet")),
)
def test_empty_page_says_what_to_do_next(client_of, options, words):
    event = small_event(**options)

    assert words in page(client_of(organiser_of(event)), "schedule_list", event.pk)


def test_certificate_says_best_possible_only_when_it_is_proved(client_of):
    event, _people = three_who_meet()
    client = client_of(organiser_of(event))
    run = measured(finished_run(event, (0, 0, 0), (1, 1, 0)))

    assert "Best possible" in page(client, "schedule_run_detail", run.pk)
    ScheduleRun.objects.filter(pk=run.pk).update(is_optimal=False, bound=400)
    words = page(client, "schedule_run_detail", run.pk)
    assert "Best possible" not in words
    assert "At most 25 % below" in words


def test_publishing_tells_and_shows_what_stands(client_of):
    event, people = three_who_meet()
    client = client_of(organiser_of(event))
    run = measured(finished_run(event, (0, 0, 0), (1, 1, 0)))

    answer = client.post(
        reverse("events:schedule_run_publish", args=[run.pk]), follow=True
    ).content.decode()

    assert "The schedule is published. 3 people were told." in answer
    assert "This schedule is in force." in answer
    assert people[0].profile.name in answer


def test_cells_of_the_published_schedule_lead_to_its_meetings(client_of):
    event, _people = three_who_meet()
    client = client_of(organiser_of(event))
    run = measured(finished_run(event, (0, 0, 0)))
    assert "/meetings/" not in page(client, "schedule_run_detail", run.pk)

    publish_run(run, actor=None)
    words = page(client, "schedule_run_detail", run.pk)

    meeting = Meeting.objects.get()
    assert f'href="{meeting.get_absolute_url()}"' in words
    request = meeting.request
    names = f"{request.sender.profile.name} and {request.recipient.profile.name}"
    others = f"{request.recipient.profile.name} and {request.sender.profile.name}"
    shown = client.get(meeting.get_absolute_url()).content.decode()
    assert f"<h1>Meeting of {names}</h1>" in shown or f"<h1>Meeting of {others}</h1>" in shown


def test_change_is_shown_before_publishing_anyway(client_of):
    event, people = three_who_meet()
    client = client_of(organiser_of(event))
    run = measured(finished_run(event, (0, 0, 0), (1, 1, 0)))
    people[2].move_to("withdrawn", actor=None)
    address = reverse("events:schedule_run_publish", args=[run.pk])

    words = client.post(address).content.decode()

    assert "Something has changed since this run" in words
    assert "People who no longer come: 1" in words
    assert not Meeting.objects.exists()
    words = client.post(address, {"anyway": "1"}, follow=True).content.decode()
    assert "1 meeting no longer held and was left out." in words
    assert Meeting.objects.count() == 1


def test_moves_and_names_are_shown_before_publishing(client_of):
    event, people = three_who_meet()
    client = client_of(organiser_of(event))
    publish_run(finished_run(event, (0, 0, 0), (1, 1, 0)), actor=None)
    run = measured(finished_run(event, (0, 2, 1)))

    words = page(client, "schedule_run_detail", run.pk)

    assert "1 meetings move, 1 lose their place, 0 are new." in words
    assert "3 people have to be told" in words
    told = words.split("Who is told of a change:")[1].split("</p>")[0]
    assert all(person.profile.name in told for person in people)


@pytest.mark.parametrize("verb", ("stop", "discard", "repeat"))
def test_buttons_of_a_run_lead_back(client_of, verb):
    event, _people = three_who_meet()
    client = client_of(organiser_of(event))
    run = measured(finished_run(event, (0, 0, 0)))

    answer = client.post(reverse(f"events:schedule_run_{verb}", args=[run.pk]), follow=True)

    assert answer.status_code == 200
    assert answer.redirect_chain


def test_desk_does_not_make_schedules(client_of):
    event, _people = three_who_meet()
    helper = HelperFactory(event=event, role="desk")
    client = client_of(helper.user)

    assert client.get(reverse("events:schedule_list", args=[event.pk])).status_code == 404
    run = finished_run(event)
    publish = client.post(reverse("events:schedule_run_publish", args=[run.pk]))
    assert publish.status_code == 404


def test_run_page_costs_the_same_however_many_meet(client_of, django_assert_max_num_queries):
    counts = []
    for pairs in (1, 3, 12):
        event = small_event(pairs=pairs, tables=12)
        client = client_of(organiser_of(event))
        run = finished_run(event, *((number, 0, number) for number in range(pairs - 1)))
        run.reasons = [{"request": 0, "code": "places_full", "slots": []}]
        measured(run)
        address = reverse("events:schedule_run_detail", args=[run.pk])
        client.get(address)
        with django_assert_max_num_queries(40) as asked:
            client.get(address)
        counts.append(len(asked))

    assert len(set(counts)) == 1


def test_request_list_costs_the_same_however_many_there_are(
    client_of, django_assert_max_num_queries
):
    counts = []
    for pairs in (1, 3, 20):
        event = small_event(pairs=pairs, tables=20)
        publish_run(
            finished_run(event, *((number, 0, number) for number in range(pairs))), actor=None
        )
        client = client_of(organiser_of(event))
        address = reverse("events:request_list", args=[event.pk])
        client.get(address)
        with django_assert_max_num_queries(40) as asked:
            client.get(address)
        counts.append(len(asked))

    assert len(set(counts)) == 1


def test_requests_are_found_by_name_and_kind(client_of):
    event, people = three_who_meet()
    client = client_of(organiser_of(event))
    publish_run(finished_run(event, (0, 0, 0)), actor=None)
    name = people[2].profile.display_name

    assert "3 requests" in page(client, "request_list", event.pk)
    assert "2 requests" in page(client, "request_list", event.pk, q=name)
    assert "2 requests" in page(client, "request_list", event.pk, show="unplaced")
    assert "Nothing here" in page(client, "request_list", event.pk, show="pinned")
    assert "3 requests" in page(client, "request_list", event.pk, show="nonsense")


def test_further_pages_of_requests_keep_the_name_and_the_kind(client_of, monkeypatch):
    monkeypatch.setattr(organiser_requests, "PAGE_SIZE", 1)
    event, people = three_who_meet()
    name = people[2].profile.display_name
    client = client_of(organiser_of(event))

    words = page(client, "request_list", event.pk, q=name, show="agreed")
    second = re.search(r'rel="next" href="([^"]+)"', words)[1].replace("&amp;", "&")

    asked = dict(parse_qsl(second.removeprefix("?")))
    assert asked == {"show": "agreed", "q": name, "page": "2"}


def test_organiser_pins_forbids_and_unpins(client_of):
    event, _people = three_who_meet()
    client = client_of(organiser_of(event))
    request = event.meeting_requests.first()
    slots, table = list(event.slots.all()), event.places.first()
    address = reverse("events:request_steer", args=[event.pk, request.pk])

    client.post(
        address,
        {"is_pinned": "on", "pinned_slot": slots[1].pk, "pinned_place": table.pk,
         "forbidden_slots": [slots[0].pk]},
    )  # fmt: skip

    request.refresh_from_db()
    assert (request.is_pinned, request.pinned_slot, request.pinned_place) == (
        True, slots[1], table,
    )  # fmt: skip
    assert list(request.forbidden_slots.all()) == [slots[0]]
    client.post(address, {})
    request.refresh_from_db()
    assert (request.is_pinned, request.pinned_slot) == (False, None)
    assert not request.forbidden_slots.exists()


def test_pin_at_a_forbidden_time_is_refused_and_keeps_what_was_chosen(client_of):
    event, _people = three_who_meet()
    client = client_of(organiser_of(event))
    request, slot = event.meeting_requests.first(), event.slots.first()
    address = reverse("events:request_steer", args=[event.pk, request.pk])

    words = client.post(
        address, {"is_pinned": "on", "pinned_slot": slot.pk, "forbidden_slots": [slot.pk]}
    ).content.decode()

    assert "The meeting is pinned to one of these times." in words
    assert f'value="{slot.pk}" selected' in words
    assert not MeetingRequest.objects.get(pk=request.pk).is_pinned


def test_slots_of_another_event_cannot_be_chosen(client_of):
    event, _people = three_who_meet()
    other = small_event()
    client = client_of(organiser_of(event))
    request = event.meeting_requests.first()

    client.post(
        reverse("events:request_steer", args=[event.pk, request.pk]),
        {"is_pinned": "on", "pinned_slot": other.slots.first().pk},
    )

    assert not MeetingRequest.objects.get(pk=request.pk).is_pinned


def test_organiser_adds_a_meeting(client_of):
    event = small_event(pairs=0)
    one, other = RegistrationFactory.create_batch(2, event=event)
    client = client_of(organiser_of(event))
    address = reverse("events:request_add", args=[event.pk])
    values = {"sender": one.pk, "recipient": other.pk, "strength": 3, "mode": "hybrid"}

    client.post(address, values)

    request = MeetingRequest.objects.get()
    assert (request.state, request.strength, request.added_by is not None) == ("accepted", 3, True)
    again = client.post(address, values).content.decode()
    assert "There is a problem" in again
    assert MeetingRequest.objects.count() == 1


def test_what_if_more_tables_hold_more_wishes(client_of):
    event = small_event(slots=1, tables=1, pairs=4)
    usual, problem = now_of(event)

    before = prospect(problem, usual, usual)
    after = prospect(problem, Setting(tables=3, rooms=0, slots=1, limit=12), usual)
    longer = prospect(problem, Setting(tables=1, rooms=0, slots=4, limit=12), usual)

    assert (before.percent, after.percent, longer.percent) == (25, 75, 100)
    assert (before.room, after.room, longer.room) == (1, 3, 4)
    words = page(
        client_of(organiser_of(event)), "what_if", event.pk, tables=3, rooms=0, slots=1, limit=12
    )
    assert "75.0 %" in words


def test_room_is_reckoned_in_one_way():
    event = small_event(slots=3, tables=2)
    first, second = event.places.all()
    PlaceClosure.objects.create(place=first, slot=event.slots.first())
    slot = event.slots.last()
    SessionFactory(event=event, place=second, during=slot.during)
    usual, problem = now_of(event)

    assert size_of(event).room == prospect(problem, usual, usual).room == 4


@pytest.mark.parametrize("name", ("what_if", "schedule_list"))
def test_an_event_without_times_has_pages_of_schedules(client_of, name):
    event = EventFactory(kind="training")

    assert page(client_of(organiser_of(event)), name, event.pk)


def test_what_if_keeps_those_who_wanted_fewer_meetings():
    event, people = three_who_meet()
    people[0].maximum_meetings = 1
    people[0].save()
    usual, problem = now_of(event)

    found = prospect(problem, Setting(usual.tables, usual.rooms, usual.slots, 50), usual)

    # One of two wishes of this person can be held, and that of the other two.
    assert round(found.percent) == 67


@pytest.mark.django_db(transaction=True)
def test_reason_names_ones_own_free_time_and_not_the_others():
    event = small_event(pairs=1, slots=2)
    request = event.meeting_requests.get()
    first, second = event.slots.all()
    request.sender.availabilities.create(slot=first, modes=0)
    request.recipient.availabilities.create(slot=second, modes=0)
    run = run_of(event)
    work_on_runs()
    run.refresh_from_db()
    publish_run(run, actor=None)

    sender = unplaced_of(request.sender, zone="Europe/Brussels")[request.pk]
    recipient = unplaced_of(request.recipient, zone="Asia/Seoul")[request.pk]

    assert sender.sentence == (
        "There is no common free time: you are free 2 June 08:25–08:45 (Brussels), "
        "the other side is not."
    )
    assert sender.advice == ("It would fit if you opened 2 June 08:00–08:20 (Brussels).",)
    assert "15:00–15:20 (Seoul)" in recipient.sentence
    assert recipient.advice == ("It would fit if you opened 2 June 15:25–15:45 (Seoul).",)


@pytest.mark.parametrize(
    "code",
    ("no_common_mode", "people_busy", "places_full", "precedence", "pins", "left_out",
     "limit_reached", "of_a_later_version"),
)  # fmt: skip
def test_every_reason_has_words(code):
    reader = Reader("Asia/Seoul", 0, {1: "Anna"}, {})

    found = words_of({"request": 1, "code": code, "person": 1, "slots": []}, reader)

    assert found.sentence.endswith(".")
    assert "None" not in found.sentence


def test_published_state_of_the_run_is_what_stands_now(client_of):
    event, _people = three_who_meet()
    run = measured(finished_run(event, (0, 0, 0), (1, 1, 0)))
    publish_run(run, actor=None)
    gone = Meeting.objects.first()
    gone.move_to(
        "cancelled", actor=None,
        columns={"is_live": False, "cancelled_at": event.starts_at},
    )  # fmt: skip

    words = page(client_of(organiser_of(event)), "schedule_run_detail", run.pk)

    assert ScheduleRun.objects.get().state == ScheduleRunState.PUBLISHED
    assert "<dd>1 <small>/ 3</small></dd>" in words
