"""The nouns of events at /api/v1/: what programs read and do."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from events.models import MeetingRequest, Registration, ScheduleRun
from tests.factories.events import (
    AcceptedMeetingRequestFactory,
    EventFactory,
    HelperFactory,
    KoreanRegistrationFactory,
    MeetingFactory,
    MeetingRequestFactory,
    RegistrationFactory,
    SessionFactory,
    SlotFactory,
)
from tests.factories.matching import ListingFactory

V1 = "/api/v1"
pytestmark = pytest.mark.django_db


def send(client, method, address, body=()):
    """Send JSON."""
    return getattr(client, method)(
        V1 + address, json.dumps(dict(body)), content_type="application/json"
    )


def read(client, address):
    """Return the rows of a list."""
    return client.get(V1 + address).json()["results"]


@pytest.fixture
def event():
    return EventFactory()


@pytest.fixture
def own(event, minji):
    return KoreanRegistrationFactory(event=event, profile=minji)


@pytest.fixture
def other(event, anna):
    return RegistrationFactory(event=event, profile=anna)


def test_registration_is_written_changed_and_withdrawn(client_of, event, minji):
    client = client_of(minji)
    question = event.questions.create(
        kind="choice", text_en="Meals", options=[["Meat", "고기"], ["Vegan", "비건"]],
        is_required=True,
    )  # fmt: skip
    lacking = send(client, "post", "/registrations/", {"event": event.pk})
    made = send(client, "post", "/registrations/", {
        "event": event.pk, "is_listed": True,
        "answers": [{"question": question.pk, "value": 1}],
        "intents": [{"kind": "offer", "text_ko": "시료"}],
    })  # fmt: skip
    address = f"/registrations/{made.json()['id']}/"
    twice = send(client, "post", "/registrations/", {
        "event": event.pk, "answers": [{"question": question.pk, "value": 0}],
    })  # fmt: skip
    changed = send(client, "patch", address, {"wants_meetings": False}).json()
    left = send(client, "post", f"{address}withdraw/").json()

    assert (lacking.status_code, made.status_code, twice.status_code) == (400, 201, 409)
    assert made.json()["state"] == "confirmed"
    assert made.json()["answers"][0]["value"] == 1
    assert changed["wants_meetings"] is False
    assert changed["is_listed"] is True
    assert changed["intents"] == made.json()["intents"]
    assert changed["answers"][0]["value"] == 1
    assert left["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("body", "pointer"),
    (({"mode": "nowhere"}, "#/mode"), ({"time_zone": "Mars/Base"}, "#/zone"),
     ({"maximum_meetings": 100}, "#/maximum_meetings"), ({"colour": "red"}, "#/colour"),
     ({"intents": [{"kind": "offer"}]}, "#/intents/0"),
     ({"answers": [{"question": 7, "value": "x"}]}, "#/answers/7")),
)  # fmt: skip
def test_registration_refuses_what_the_form_refuses(client_of, own, minji, body, pointer):
    found = send(client_of(minji), "patch", f"/registrations/{own.pk}/", body)

    assert found.status_code == 400
    assert found.json()["errors"][0]["pointer"].startswith(pointer)


def test_wanting_meetings_later_needs_a_published_profile(client_of, own, minji):
    client = client_of(minji)
    minji.state = "hidden"
    minji.save()
    Registration.objects.filter(pk=own.pk).update(wants_meetings=False)
    address = f"/registrations/{own.pk}/"

    refused = send(client, "patch", address, {"wants_meetings": True, "note": "Later"})
    changed = send(client, "patch", address, {"note": "Later"})

    assert refused.status_code == 409
    assert [error["code"] for error in refused.json()["errors"]] == ["profile_unpublished"]
    assert (changed.status_code, changed.json()["wants_meetings"]) == (200, False)


def test_intent_cannot_be_about_a_listing_of_somebody_else(client_of, own, minji):
    foreign = ListingFactory()

    found = send(client_of(minji), "patch", f"/registrations/{own.pk}/", {
        "intents": [{"kind": "offer", "text_en": "Mine", "listing": foreign.pk}],
    })  # fmt: skip

    assert found.status_code == 400
    assert not own.intents.exists()


def test_changing_what_was_changed_elsewhere_is_refused(client_of, own, minji):
    client = client_of(minji)
    address = f"{V1}/registrations/{own.pk}/"
    tag = client.get(address).headers["ETag"]
    Registration.objects.filter(pk=own.pk).update(note="From another window")

    found = client.patch(address, "{}", content_type="application/json", headers={"if-match": tag})

    assert found.status_code == 412


def test_meeting_is_asked_for_and_answered(client_of, event, own, other, minji, anna):
    one, two = client_of(anna), client_of(minji)
    body = {"event": event.pk, "participant": own.pk, "message": "Hello", "strength": 3}
    asked = send(one, "post", "/meeting-requests/", body)
    address = f"/meeting-requests/{asked.json()['id']}/"

    twice = send(one, "post", "/meeting-requests/", body)
    by_sender = send(one, "post", f"{address}accept/").status_code
    accepted = send(two, "post", f"{address}accept/", {"strength": 1}).json()
    late = send(two, "post", f"{address}decline/").status_code
    back = send(two, "post", f"{address}withdraw/").json()

    assert (asked.status_code, asked.json()["is_sent_by_me"]) == (201, True)
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (409, "already_asked")
    assert (by_sender, late) == (404, 409)
    assert (accepted["state"], accepted["answer_strength"]) == ("accepted", 1)
    assert back["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("columns", "body", "pointer"),
    (({}, {"message": " "}, "#/message"),
     ({"mode": "on_site"}, {"mode": "online"}, "#/mode"),
     ({"kind": "matchmaking"}, {"is_organisational": True}, "#/is_organisational"),
     ({"kind": "twinning"}, {"is_organisational": True}, "#/purpose")),
)  # fmt: skip
def test_meeting_is_asked_for_only_as_the_page_would(
    client_of, event, own, other, anna, columns, body, pointer
):
    type(event).objects.filter(pk=event.pk).update(**columns)
    whole = {"event": event.pk, "participant": own.pk, "message": "Hello"}

    refused = send(client_of(anna), "post", "/meeting-requests/", whole | body)

    assert refused.status_code == 400
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert not MeetingRequest.objects.exists()


@pytest.mark.parametrize(
    ("columns", "body"),
    (({}, {"mode": "online"}), ({"mode": "on_site"}, {"mode": "on_site"}),
     ({"mode": "on_site"}, {"is_organisational": False, "purpose": ""}),
     ({"kind": "twinning"}, {"is_organisational": True, "purpose": "A joint school"})),
)  # fmt: skip
def test_meeting_is_asked_for_as_the_event_allows(
    client_of, event, own, other, anna, columns, body
):
    type(event).objects.filter(pk=event.pk).update(**columns)
    whole = {"event": event.pk, "participant": own.pk, "message": "Hello"}

    made = send(client_of(anna), "post", "/meeting-requests/", whole | body)

    assert made.status_code == 201, made.content
    assert made.json()["is_organisational"] == bool(body.get("is_organisational"))


def test_recipient_cannot_take_back_what_waits_for_them(client_of, event, own, other, minji):
    waiting = MeetingRequestFactory(event=event, sender=other, recipient=own)

    found = send(client_of(minji), "post", f"/meeting-requests/{waiting.pk}/withdraw/")

    assert found.status_code == 404
    assert MeetingRequest.objects.get(pk=waiting.pk).state == "sent"


def test_who_did_not_agree_to_be_listed_or_blocked_cannot_be_asked(
    client_of, event, own, other, minji, anna
):
    client = client_of(anna)
    body = {"event": event.pk, "participant": own.pk}
    Registration.objects.filter(pk=own.pk).update(is_listed=False)
    unlisted = send(client, "post", "/meeting-requests/", body)
    Registration.objects.filter(pk=own.pk).update(is_listed=True)
    minji.blocks_made.create(blocked=anna)
    blocked = send(client, "post", "/meeting-requests/", body)

    assert (unlisted.status_code, blocked.status_code) == (400, 400)
    assert [row["id"] for row in read(client, f"/events/{event.pk}/participants/")] == [other.pk]


def test_feedback_is_one_each_and_nobody_else_reads_it(client_of, minji, anna):
    begun = timezone.now() - timedelta(hours=1)
    event = EventFactory(starts_at=begun, ends_at=begun + timedelta(hours=4))
    own = KoreanRegistrationFactory(event=event, profile=minji)
    partner = RegistrationFactory(event=event, profile=anna)
    meeting = MeetingFactory(
        event=event, slot=SlotFactory(event=event, starts_at=begun),
        request__sender=partner, request__recipient=own,
    )  # fmt: skip
    address = f"/meetings/{meeting.pk}/feedback/"

    for usefulness in (5, 2):
        said = send(client_of(minji), "put", address, {"usefulness": usefulness, "words": "So so"})
    theirs = client_of(anna).get(f"{V1}/meetings/{meeting.pk}/")

    assert said.json()["feedback"]["usefulness"] == 2
    assert theirs.json()["feedback"] is None
    assert "So so" not in theirs.content.decode()
    assert meeting.feedback.count() == 1


def test_cancelled_meeting_leaves_the_agenda_and_keeps_its_number(client_of, own, minji):
    meeting = MeetingFactory(event=own.event, request__recipient=own)
    client = client_of(minji)
    before = read(client, "/agenda/")

    found = send(client, "post", f"/meetings/{meeting.pk}/cancel/", {"reason": "Ill"}).json()

    assert [row["meeting"] for row in before] == [meeting.pk]
    assert (found["state"], found["sequence"], found["uid"]) == ("cancelled", 1, str(meeting.uid))
    assert read(client, "/agenda/") == []


def test_hidden_speakers_are_not_named(client_of, event, minji, anna):
    session = SessionFactory(event=event)
    session.speakers.create(profile=minji, affiliation="SNU")
    type(minji).objects.filter(pk=minji.pk).update(state="hidden")

    rows = read(client_of(anna), f"/events/{event.pk}/sessions/")

    assert [row["speakers"][0]["name"] for row in rows] == [""]


def test_drafts_are_there_for_those_who_prepare_them_only(client_of, omar, anna):
    draft = EventFactory(state="draft")
    HelperFactory(event=draft, user=omar.user, role="programme")

    answers = [
        client.get(f"{V1}/events/{draft.pk}/").status_code
        for client in (Client(), client_of(anna), client_of(omar))
    ]

    assert answers == [404, 404, 200]


def test_schedule_is_asked_for_once_by_those_who_run_meetings(client_of, event, omar, anna):
    HelperFactory(event=event, user=omar.user, role="meetings")
    HelperFactory(event=event, user=anna.user, role="desk")
    body = {"event": event.pk, "seconds": 5}

    desk = send(client_of(anna), "post", "/schedule-runs/", body).status_code
    first = send(client_of(omar), "post", "/schedule-runs/", body)
    second = send(client_of(omar), "post", "/schedule-runs/", body).status_code
    address = f"/schedule-runs/{first.json()['id']}/"
    early = send(client_of(omar), "post", f"{address}publish/")
    stopped = send(client_of(omar), "post", f"{address}stop/").json()

    assert (desk, first.status_code, second) == (400, 201, 409)
    assert (early.status_code, early.json()["errors"][0]["code"]) == (409, "not_ready")
    assert stopped["state"] == "discarded"
    assert ScheduleRun.objects.count() == 1


def fill(event, own, count):
    """Write some of everything."""
    for _ in range(count):
        partner = RegistrationFactory(event=event)
        partner.intents.create(kind="offer", text_en="Samples")
        MeetingRequestFactory(event=event, sender=partner, recipient=own)
        MeetingFactory(
            event=event, request=AcceptedMeetingRequestFactory(event=event, recipient=own)
        )
        SessionFactory(event=event).speakers.create(profile=partner.profile)
        there = EventFactory(starts_at=event.ends_at, ends_at=event.ends_at + timedelta(hours=1))
        KoreanRegistrationFactory(event=there, profile=own.profile)
        ScheduleRun.objects.create(event=event, state="discarded")


@pytest.mark.parametrize(
    ("address", "most"),
    (("/events/", 6), ("/events/{event}/sessions/", 10), ("/events/{event}/participants/", 10),
     ("/registrations/", 7), ("/meeting-requests/", 6), ("/meetings/", 8), ("/agenda/", 6),
     ("/schedule-runs/", 6)),
)  # fmt: skip
def test_number_of_queries_does_not_grow_with_the_rows(
    client_of, event, own, minji, settings, address, most
):
    settings.DEBUG = True
    HelperFactory(event=event, user=minji.user, role="meetings")
    client, numbers = client_of(minji), []
    for more in (1, 2, 8):
        fill(event, own, more)
        path = f"{V1}{address.format(event=event.pk)}?limit=100"
        client.get(path)
        connection.queries_log.clear()
        rows = client.get(path).json()["results"]
        numbers.append((len(rows), len(connection.queries_log)))

    assert numbers[0][0] < numbers[1][0] < numbers[2][0]
    assert len({queries for _rows, queries in numbers}) == 1, numbers
    assert numbers[0][1] <= most
