"""Preparing an event in small steps, by those who may and nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import Availability, Event, EventHelper, EventState, Slot
from events.services.event_saving import save_event, version_of
from konnect.accounts.models import Notification
from konnect.accounts.services.roles import grant_role
from tests.factories.accounts import UserFactory
from tests.factories.events import (
    EventFactory,
    HelperFactory,
    MeetingFactory,
    OnlineRoomFactory,
    PlaceFactory,
    RegistrationFactory,
    SessionFactory,
    SlotFactory,
)
from tests.factories.matching import OrganisationFactory, ProfileFactory

pytestmark = pytest.mark.django_db
NEW = reverse("events:event_create")
BASICS = {
    "kind": "matchmaking", "mode": "hybrid", "title_en": "Fair", "title_ko": "매칭 행사",
    "zone": "Europe/Brussels", "starts_at_day": "2027-03-25", "starts_at_hour": "9:00",
    "ends_at_day": "2027-03-26", "ends_at_hour": "5 pm", "version": "",
}  # fmt: skip
NASTY = ("x" * 9000, "<script>alert(1)</script>", "a\x00b", "\u202eabc", "9" * 30, "0000-00-00",
         "9999-12-31", "24:00", "25:61", "-1", "")  # fmt: skip
STEP_FIELDS = {
    "basics": ("kind", "mode", "title_en", "zone", "starts_at_day", "starts_at_hour",
               "ends_at_which", "version"),
    "texts": ("summary_en", "description_ko", "hosts", "areas", "languages", "contact_email"),
    "place": ("venue_en", "address", "city", "country_code", "way_ko"),
    "registration": ("registration_opens_at_day", "registration_closes_at_hour", "capacity",
                     "offer_hours"),
    "meetings": ("requests_open_at_day", "slot_minutes", "gap_minutes", "maximum_meetings",
                 "days_to_answer"),
}  # fmt: skip


def of(name, event, *more):
    return reverse(f"events:{name}", args=[event.pk, *more])


def page(response):
    return response.content.decode()


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.fixture
def organiser():
    """Somebody who may prepare events."""
    user = UserFactory(email="organiser@example.org", time_zone="Europe/Brussels")
    grant_role(user, "event_organiser", actor=user)
    return user


@pytest.fixture
def client(organiser, client_of):
    return client_of(organiser)


@pytest.fixture
def event(organiser):
    """A draft that the organiser prepares."""
    event = EventFactory(state=EventState.DRAFT)
    HelperFactory(event=event, user=organiser)
    return event


def test_only_organisers_begin_events(client, client_of, anna):
    assert Client().get(NEW).status_code == 302
    assert client_of(anna).get(NEW).status_code == 404
    assert client_of(anna).post(NEW, BASICS).status_code == 404
    assert client.get(NEW).status_code == 200


def test_name_and_time_make_a_draft_whose_instants_are_resolved_once(client, organiser):
    response = client.post(NEW, BASICS)

    event = Event.objects.get()
    assert response["Location"] == of("event_step", event, "texts")
    assert event.state == EventState.DRAFT
    assert event.starts_at == datetime(2027, 3, 25, 8, tzinfo=UTC)
    assert (event.starts_wall, event.ends_wall) == ("2027-03-25T09:00", "2027-03-26T17:00")
    assert list(event.helpers.values_list("user", "role")) == [(organiser.pk, "organiser")]


@pytest.mark.parametrize(
    ("change", "field"),
    (
        ({"title_en": "", "title_ko": ""}, "title_en"),
        ({"ends_at_day": "2027-03-25", "ends_at_hour": "09:00"}, "ends_at_day"),
        ({"starts_at_day": ""}, "starts_at_day"),
        ({"starts_at_hour": ""}, "starts_at_hour"),
        (
            {
                "starts_at_day": "2027-03-28",
                "starts_at_hour": "02:30",
                "ends_at_day": "2027-03-29",
            },
            "starts_at_hour",
        ),
        (
            {
                "starts_at_day": "2027-10-31",
                "starts_at_hour": "02:30",
                "ends_at_day": "2027-11-01",
            },
            "starts_at_which",
        ),
        ({"starts_at_day": "2099-01-01", "ends_at_day": "2099-01-02"}, "starts_at_day"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"kind": "party"}, "kind"),
    ),
)
def test_what_cannot_be_is_refused_and_stays_typed(client, change, field):
    response = client.post(NEW, BASICS | change)

    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert not Event.objects.exists()
    assert BASICS["title_ko"] in page(response) or "title_ko" in change
    assert "Error:" in page(response)


@pytest.mark.parametrize(("which", "hour"), (("first", 0), ("second", 1)))
def test_of_a_time_that_comes_twice_one_says_which(client, which, hour):
    twice = BASICS | {
        "starts_at_day": "2027-10-31",
        "starts_at_hour": "02:30",
        "ends_at_day": "2027-11-01",
    }

    asked = client.post(NEW, twice)
    client.post(NEW, twice | {"starts_at_which": which})

    assert "UTC+2" in page(asked)
    assert "UTC+1" in page(asked)
    assert Event.objects.get().starts_at == datetime(2027, 10, 31, hour, 30, tzinfo=UTC)


def test_the_second_of_two_equal_times_stays_the_second_when_saved_again(client, event):
    twice = BASICS | {
        "starts_at_day": "2027-10-31", "starts_at_hour": "02:30", "ends_at_day": "2027-11-01",
        "starts_at_which": "second",
    }  # fmt: skip
    client.post(of("event_edit", event), twice | {"version": version_of(event)})

    form = client.get(of("event_edit", event)).context["form"]

    assert form["starts_at_which"].value() == "second"


def test_clocks_of_both_sides_are_told_while_one_types(client):
    shown = client.get(
        reverse("events:event_clocks"),
        {"name": "starts_at", "zone": "Europe/Brussels", "starts_at_day": "2027-03-25",
         "starts_at_hour": "9:00"},
    )  # fmt: skip
    missing = client.get(
        reverse("events:event_clocks"),
        {"name": "starts_at", "zone": "Europe/Brussels", "starts_at_day": "2027-03-28",
         "starts_at_hour": "2:30"},
    )  # fmt: skip
    nonsense = client.get(
        reverse("events:event_clocks"), {"name": "x\x00", "zone": "../etc/passwd"}
    )

    assert "09:00" in page(shown)
    assert "17:00" in page(shown)
    assert "never show this time" in page(missing)
    assert nonsense.status_code == 200


@pytest.mark.parametrize("day", ("0001-01-01", "9999-12-31"))
@pytest.mark.parametrize("zone", ("Asia/Seoul", "America/New_York"))
def test_clocks_of_the_first_and_the_last_year_say_nothing(client, day, zone):
    shown = client.get(
        reverse("events:event_clocks"),
        {"name": "x", "zone": zone, "x_day": day, "x_hour": "00:00"},
    )  # fmt: skip
    late = client.get(
        reverse("events:event_clocks"),
        {"name": "x", "zone": zone, "x_day": day, "x_hour": "24:00"},
    )  # fmt: skip

    assert (shown.status_code, late.status_code) == (200, 200)


def test_every_step_is_saved_and_shown_again(client, event):
    ku_leuven = OrganisationFactory(name="KU Leuven")
    steps = {
        "texts": {"summary_en": "Meet.", "hosts": "KU Leuven", "areas": "ICT", "languages": ["en", "ko"],
                  "contact_email": "fair@example.eu"},
        "place": {"venue_ko": "회의장", "city": "Leuven", "country_code": "BE"},
        "registration": {"capacity": "50", "offer_hours": "24", "has_waiting_list": "on",
                         "registration_opens_at_day": "2027-01-01", "registration_opens_at_hour": "9:00"},
        "meetings": {"slot_minutes": "15", "gap_minutes": "5", "maximum_meetings": "8",
                     "maximum_open_requests": "10", "days_to_answer": "5"},
    }  # fmt: skip

    for slug, typed in steps.items():
        address = of("event_step", event, slug)
        version = client.get(address).context["version"]
        assert client.post(address, typed | {"version": version}).status_code == 302

    event.refresh_from_db()
    assert list(event.hosts.all()) == [ku_leuven]
    assert event.registration_opens_at == datetime(2027, 1, 1, 8, tzinfo=UTC)
    assert (event.capacity, event.slot_minutes, event.city) == (50, 15, "Leuven")
    assert event.languages == ["en", "ko"]
    assert "fair@example.eu" in page(client.get(of("event_step", event, "texts")))


@pytest.mark.parametrize(
    ("slug", "name"),
    (("registration", "registration_closes_at"), ("meetings", "requests_close_at")),
)
def test_nothing_closes_after_the_end(client, event, slug, name):
    end = event.ends_at + timedelta(days=1)
    typed = {f"{name}_day": f"{end:%Y-%m-%d}", f"{name}_hour": "9:00"}

    response = client.post(of("event_step", event, slug), typed)

    assert f"{name}_day" in response.context["form"].errors


def test_of_a_pair_of_titles_one_is_enough_and_neither_is_called_optional(client, event):
    fields = page(client.get(NEW)), page(client.get(of("event_step", event, "texts")))

    for name, shown in zip(("title", "summary"), fields, strict=True):
        labels = [shown.split(f'for="id_{name}_{language}"')[1] for language in ("en", "ko")]
        ends = [label.split("</label>")[0] for label in labels]
        assert all("in at least one language" in end and "(optional)" not in end for end in ends)


@pytest.mark.parametrize("state", (EventState.DRAFT, EventState.PUBLISHED))
def test_questions_are_written_before_and_after_publishing(client, event, state):
    Event.objects.filter(pk=event.pk).update(state=state)

    shown = page(client.get(of("event_manage", event)))

    assert shown.count(of("question_list", event)) == 1


@pytest.mark.parametrize("slug", STEP_FIELDS)
def test_no_step_breaks_on_bad_input(client, event, slug):
    for text in NASTY:
        typed = dict.fromkeys(STEP_FIELDS[slug], text)
        assert client.post(of("event_step", event, slug), typed).status_code in {200, 302}


def test_hosts_must_be_known_and_be_one(client, event):
    response = client.post(
        of("event_step", event, "texts"), {"hosts": "Nowhere Institute of Nothing"}
    )

    assert "hosts" in response.context["form"].errors
    assert "Nowhere Institute" in page(response)


def test_a_step_of_nothing_is_not_there(client, event):
    training = EventFactory(kind="training", state=EventState.DRAFT)
    HelperFactory(event=training, user=event.helpers.get().user)

    assert client.get(of("event_step", event, "nonsense")).status_code == 404
    assert client.get(of("event_step", training, "meetings")).status_code == 404


def test_two_windows_never_overwrite_each_other_silently(client, event):
    address = of("event_step", event, "place")
    seen = client.get(address).context["version"]
    client.post(address, {"city": "Ghent", "version": seen})

    late = client.post(address, {"city": "Antwerp", "version": seen})
    again = client.post(address, {"city": "Antwerp", "version": late.context["version"]})

    assert "Antwerp" in page(late)
    assert "Nothing was saved yet" in page(late)
    assert again.status_code == 302
    event.refresh_from_db()
    assert event.city == "Antwerp"


def test_programme_times_and_windows_move_with_the_beginning(client, event):
    """Two weeks later summer time has ended: nine o'clock stays nine o'clock."""
    Event.objects.filter(pk=event.pk).update(
        starts_wall="2027-10-20T09:00", starts_at=datetime(2027, 10, 20, 7, tzinfo=UTC),
        ends_wall="2027-10-20T17:00", ends_at=datetime(2027, 10, 20, 15, tzinfo=UTC),
        registration_opens_at=datetime(2027, 9, 1, 7, tzinfo=UTC),
    )  # fmt: skip
    event.refresh_from_db()
    slots = [
        SlotFactory(event=event, starts_at=event.starts_at + timedelta(minutes=25 * n))
        for n in range(3)
    ]
    session = SessionFactory(event=event, place=PlaceFactory(event=event, kind="hall"))
    moved = BASICS | {"starts_at_day": "2027-11-03", "ends_at_day": "2027-11-03", "moves_along": "on",
                      "version": version_of(event)}  # fmt: skip

    client.post(of("event_edit", event), moved)

    event.refresh_from_db()
    assert event.starts_at == datetime(2027, 11, 3, 8, tzinfo=UTC)
    assert [Slot.objects.get(pk=slot.pk).during.lower for slot in slots] == [
        event.starts_at + timedelta(minutes=25 * n) for n in range(3)
    ]
    session.refresh_from_db()
    assert session.during.lower == event.starts_at
    assert event.registration_opens_at == datetime(2027, 9, 15, 7, tzinfo=UTC)


def test_a_speaker_who_is_taken_at_the_new_time_refuses_it(client, event):
    start = datetime(2027, 11, 3, 8, tzinfo=UTC)
    Event.objects.filter(pk=event.pk).update(
        starts_wall="2027-11-02T09:00", starts_at=start - timedelta(days=1),
        ends_wall="2027-11-02T17:00", ends_at=start - timedelta(hours=16),
    )  # fmt: skip
    event.refresh_from_db()
    session = SessionFactory(event=event)
    speaker = RegistrationFactory(event=event).profile
    session.seats.create(profile=speaker, during=session.during)
    elsewhere = SessionFactory(event=EventFactory(starts_at=start))
    elsewhere.seats.create(profile=speaker, during=elsewhere.during)
    moved = BASICS | {"starts_at_day": "2027-11-03", "ends_at_day": "2027-11-03", "moves_along": "on",
                      "city": "Antwerp", "version": version_of(event)}  # fmt: skip

    response = client.post(of("event_edit", event), moved)

    assert "Somebody who speaks is taken elsewhere at the new time." in page(response)
    assert 'value="2027-11-03"' in page(response)
    event.refresh_from_db()
    assert event.starts_at == start - timedelta(days=1)
    session.refresh_from_db()
    assert session.during.lower == start - timedelta(days=1)


def test_scheduled_meetings_do_not_move_with_the_event(client, event):
    MeetingFactory(event=event)
    moved = BASICS | {"moves_along": "on", "version": version_of(event)}

    response = client.post(of("event_edit", event), moved)

    assert "Meetings are scheduled already" in page(response)
    event.refresh_from_db()
    assert event.starts_wall == "2031-06-02T09:00"


def test_the_length_of_a_meeting_is_frozen_once_somebody_said_when_they_can(
    client, event, organiser
):
    Availability.objects.create(
        registration=RegistrationFactory(event=event), slot=SlotFactory(event=event), modes=3
    )
    address = of("event_step", event, "meetings")
    typed = {"slot_minutes": "45", "gap_minutes": "5", "maximum_meetings": "8",
             "maximum_open_requests": "10", "days_to_answer": "5", "version": version_of(event)}  # fmt: skip

    client.post(address, typed)

    event.refresh_from_db()
    assert (event.slot_minutes, event.maximum_meetings) == (20, 8)
    with pytest.raises(Exception, match=r"^$") as refused:
        save_event(event, actor=organiser, columns={"slot_minutes": 45})
    assert type(refused.value).__name__ == "SlotsFrozenError"


def test_members_are_found_by_name_and_help(client, event, minji, anna):
    found = client.get(of("helper_list", event), {"q": "김민지"})
    client.post(of("helper_set", event), {"profile": minji.pk, "role": "desk"})
    client.post(of("helper_set", event), {"profile": minji.pk, "role": "programme"})

    assert "Kim Minji" in page(found)
    assert "Anna" not in page(found)
    assert event.helpers.get(user=minji.user).role == "programme"
    news = Notification.objects.filter(user=minji.user)
    assert [each.address for each in news] == [of("event_manage", event)]


def test_helpers_without_a_published_profile_get_another_role(client, event, minji):
    minji.state = "hidden"
    minji.save()
    address, role = of("helper_set", event), {"profile": minji.pk, "role": "desk"}
    stranger = client.post(address, role).status_code
    HelperFactory(event=event, user=minji.user, role="programme")

    assert stranger == 404
    assert client.post(address, role).status_code == 302
    assert event.helpers.get(user=minji.user).role == "desk"


@pytest.mark.parametrize("state", ("confirmed", "pending", "waiting", "declined"))
def test_draft_again_is_offered_only_while_nobody_registered(client, event, state):
    type(event).objects.filter(pk=event.pk).update(state=EventState.PUBLISHED)
    assert "Make it a draft again" in page(client.get(of("event_manage", event)))

    RegistrationFactory(event=event, state=state, entered_list_at=timezone.now())

    is_offered = "Make it a draft again" in page(client.get(of("event_manage", event)))
    answer = client.post(of("event_publish", event), {"action": "draft"})
    event.refresh_from_db()
    assert is_offered == (event.state == EventState.DRAFT) == (state == "declined")
    assert answer.status_code == 302


def test_somebody_who_blocked_is_not_found(client, event, minji, organiser, anna):
    HelperFactory(event=event, user=anna.user)
    minji.blocks_made.create(blocked=anna)
    other = Client()
    other.force_login(anna.user)

    assert "Kim Minji" not in page(other.get(of("helper_list", event), {"q": "Minji"}))
    assert (
        other.post(of("helper_set", event), {"profile": minji.pk, "role": "desk"}).status_code
        == 404
    )


def test_a_helper_without_a_name_is_called_by_the_address(client, event, organiser):
    ProfileFactory(user=organiser, display_name="", state="draft")

    shown = page(client.get(of("helper_list", event)))

    assert f"<strong>{organiser.email}</strong>" in shown
    assert f'<span class="visually-hidden">: {organiser.email}</span>' in shown


def test_the_last_organiser_stays(client, event, organiser):
    helper = event.helpers.get(user=organiser)

    response = client.post(of("helper_remove", event, helper.pk))

    assert EventHelper.objects.filter(pk=helper.pk).exists()
    assert "Somebody must remain" in told(response)[0]


def test_the_hub_costs_the_same_however_much_there_is(client, event):
    counts = []
    for number in (1, 3):
        for _each in range(number):
            RegistrationFactory(event=event)
            MeetingFactory(event=event)
            SessionFactory(event=event)
            OnlineRoomFactory(event=event)
        with CaptureQueriesContext(connection) as queries:
            client.get(of("event_manage", event))
        counts.append(len(queries))

    assert counts[0] == counts[1]
