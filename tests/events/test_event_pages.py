"""Events as everybody reads them: list, calendar, page, feeds, map of the site."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import Event, EventSeries, EventState, HelperRole, SessionSpeaker
from events.permissions import may_run
from events.services.months import month_named, month_of
from konnect.accounts.services.roles import grant_role
from matching.models import Area
from tests.factories.accounts import UserFactory
from tests.factories.events import (
    MORNING,
    EventFactory,
    HelperFactory,
    PlaceFactory,
    RegistrationFactory,
    SessionFactory,
)
from tests.factories.matching import OrganisationFactory

pytestmark = pytest.mark.django_db
LIST = reverse("events:event_list")


def text_of(response):
    return response.content.decode()


def shown(response):
    """Return the titles of a list's page."""
    return [event.title_en for event in response.context["page"]]


@pytest.fixture
def visitor():
    return Client()


def past_event(**columns):
    starts_at = timezone.now() - timedelta(days=40)
    return EventFactory(starts_at=starts_at, ends_at=starts_at + timedelta(hours=5), **columns)


def test_coming_events_stand_in_order_and_past_ones_apart(visitor):
    later = EventFactory(
        starts_at=MORNING + timedelta(days=30), ends_at=MORNING + timedelta(days=31)
    )
    sooner = EventFactory()
    over = past_event()
    EventFactory(state=EventState.DRAFT)

    assert shown(visitor.get(LIST)) == [sooner.title_en, later.title_en]
    assert shown(visitor.get(LIST, {"view": "past"})) == [over.title_en]


def test_a_draft_is_seen_only_by_those_who_prepare_it(visitor, client_of, anna, minji):
    event = EventFactory(state=EventState.DRAFT)
    HelperFactory(event=event, user=anna.user, role="desk")

    answers = [
        client.get(event.get_absolute_url()).status_code
        for client in (visitor, client_of(minji), client_of(anna))
    ]

    assert answers == [404, 404, 200]
    assert shown(client_of(anna).get(LIST, {"view": "own"})) == [event.title_en]
    assert shown(client_of(minji).get(LIST, {"view": "own"})) == []


@pytest.mark.parametrize("roles", ((), ("meetings",), ("desk", "programme")))
def test_events_that_somebody_runs_are_those_that_they_may_run(roles):
    event = EventFactory(state=EventState.DRAFT)
    people = [UserFactory(), UserFactory(is_superuser=True)]
    people += [
        HelperFactory(event=event, user=UserFactory(), role=role).user for role in HelperRole
    ]

    told = [event in Event.objects.run_by(user, *roles) for user in people]

    assert told == [may_run(event, user, *roles) for user in people]
    assert {True, False} == set(told)


@pytest.mark.parametrize(
    ("asked", "found"),
    (
        ({"kind": "training"}, {"training"}),
        ({"mode": "online"}, {"training"}),
        ({"area": "ICT"}, {"matchmaking"}),
        ({"country": "KR"}, {"training"}),
        ({"month": "2031-06"}, {"matchmaking"}),
        ({"month": "2031-13"}, {"matchmaking", "training"}),
        ({"kind": "nonsense"}, {"matchmaking", "training"}),
        (
            {"month": "\x00", "area": "';--", "page": "99999999999999999999"},
            {"matchmaking", "training"},
        ),
    ),
)
def test_the_list_is_narrowed_by_what_is_chosen(visitor, asked, found):
    fair = EventFactory(country_code="BE")
    fair.areas.add(Area.objects.get(code="ICT", version=Area.CURRENT_VERSION))
    july = MORNING + timedelta(days=40)
    EventFactory(kind="training", mode="online", country_code="KR", starts_at=july,
                 ends_at=july + timedelta(hours=2))  # fmt: skip

    response = visitor.get(LIST, asked)

    assert {event.kind for event in response.context["page"]} == found


def test_months_are_those_of_the_reader(client_of, minji):
    """The last evening of May in Brussels is June in Seoul."""
    late = datetime(2031, 5, 31, 16, tzinfo=UTC)
    EventFactory(starts_at=late, ends_at=late + timedelta(hours=1))

    in_brussels = Client().get(LIST, {"month": "2031-05"})
    in_seoul = client_of(minji).get(LIST, {"month": "2031-05"})

    assert len(in_brussels.context["page"]) == 1
    assert len(in_seoul.context["page"]) == 0


def test_the_calendar_shows_events_on_each_of_their_days(visitor):
    event = EventFactory(ends_at=MORNING + timedelta(days=2))

    response = visitor.get(LIST, {"view": "calendar", "month": "2031-06"})
    month = response.context["month"]

    days = [day.date.day for week in month.weeks for day in week if day.events]
    assert days == [2, 3, 4]
    assert text_of(response).count(event.title_en) == 3
    assert "month=2031-07" in text_of(response)
    assert "month=2031-05" in text_of(response)


def test_an_event_until_midnight_is_not_of_the_next_day():
    event = Event(
        starts_at=datetime(2031, 6, 2, 10, tzinfo=UTC), ends_at=datetime(2031, 6, 3, tzinfo=UTC)
    )

    month = month_of(
        date(2031, 6, 1), [event], zone="UTC", today=date(2031, 6, 1), first_weekday=1
    )

    assert [day.date.day for week in month.weeks for day in week if day.events] == [2]


@pytest.mark.parametrize("first_weekday", (0, 1))
def test_every_month_has_each_of_its_days_once(first_weekday):
    for number in range(1, 13):
        month = month_of(
            date(2028, number, 1),
            [],
            zone="UTC",
            today=date(2028, 2, 29),
            first_weekday=first_weekday,
        )
        own = [day.date.day for week in month.weeks for day in week if day.is_in_month]

        assert own == list(range(1, len(own) + 1))
        assert month.next.day == month.previous.day == 1
        assert {week[0].date.isoweekday() % 7 for week in month.weeks} == {first_weekday}


def test_names_of_months_that_are_none():
    assert [month_named(name) for name in ("2031-00", "2031-6", "9999-01", "x", "")] == [None] * 5


def test_the_page_says_when_on_every_clock_and_how_to_take_part(client_of, minji, visitor):
    event = EventFactory()

    korean = text_of(client_of(minji).get(event.get_absolute_url()))
    stranger = text_of(visitor.get(event.get_absolute_url()))

    assert korean.index("16:00–") < korean.index("09:00–")
    assert "서울" in korean
    assert reverse("events:registration_form", args=[event.pk]) in korean
    assert "09:00–17:00" in stranger
    assert "your time" not in stranger
    assert f"{reverse('account_login')}?next=" in stranger


@pytest.mark.parametrize(
    ("columns", "words"),
    (
        ({"registration_opens_at": MORNING - timedelta(days=1)}, "Registration has not begun"),
        (
            {
                "registration_closes_at": datetime(2026, 1, 1, tzinfo=UTC),
                "registration_opens_at": None,
            },
            "Registration closed",
        ),
        (
            {"state": "cancelled", "cancelled_at": MORNING, "cancellation_en": "The hall burnt."},
            "The hall burnt.",
        ),
        ({"state": "archived"}, "Archived"),
    ),
)
def test_the_page_says_where_the_event_stands(visitor, columns, words):
    event = EventFactory(**columns)

    page = text_of(visitor.get(event.get_absolute_url()))

    assert words in page
    assert reverse("account_login") + "?next=/events/" not in page


def test_who_registered_reads_so_on_the_page(client_of, minji):
    own = RegistrationFactory(profile=minji)

    page = text_of(client_of(minji).get(own.event.get_absolute_url()))

    assert reverse("events:registration_detail", args=[own.event_id]) in page


def test_the_programme_stands_by_days_with_halls_and_speakers(visitor, minji):
    event = EventFactory()
    session = SessionFactory(
        event=event, place=PlaceFactory(event=event, kind="hall", name_en="Aula")
    )
    SessionSpeaker.objects.create(session=session, name="Jürgen Müller", affiliation="TU Wien")
    hidden = SessionSpeaker.objects.create(session=session, profile=minji)
    minji.is_public = False
    minji.save()

    page = text_of(visitor.get(event.get_absolute_url()))

    assert hidden.pk
    assert "Aula" in page
    assert "Jürgen Müller" in page
    assert minji.display_name not in page
    assert minji.hangul_name not in page
    assert "A member of KONNECT" in page


def test_members_read_which_member_speaks(client_of, anna, minji):
    event = EventFactory()
    SessionSpeaker.objects.create(session=SessionFactory(event=event), profile=minji)

    page = text_of(client_of(anna).get(event.get_absolute_url()))

    assert reverse("matching:profile_detail", args=[minji.pk]) in page


def test_events_of_a_series_name_each_other(visitor):
    series = EventSeries.objects.create(title_en="Weeks")
    first, second = EventFactory(series=series), EventFactory(series=series)
    draft = EventFactory(series=series, state=EventState.DRAFT)

    page = text_of(visitor.get(first.get_absolute_url()))

    assert second.get_absolute_url() in page
    assert draft.title_en not in page


def test_search_engines_read_an_event(visitor):
    event = EventFactory(venue_en="Square", city="Brussels", country_code="BE")
    event.hosts.add(OrganisationFactory(name="KU Leuven"))

    page = text_of(visitor.get(event.get_absolute_url()))
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])

    assert data["@type"] == "BusinessEvent"
    assert data["startDate"] == "2031-06-02T07:00:00+00:00"
    assert data["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert [place["@type"] for place in data["location"]] == ["Place", "VirtualLocation"]
    assert data["organizer"][0]["name"] == "KU Leuven"
    assert "image" not in data


def test_a_title_cannot_end_the_script(visitor):
    event = EventFactory(title_en="</script><script>alert(1)</script>")

    page = text_of(visitor.get(event.get_absolute_url()))

    assert "<script>alert" not in page


def test_the_feed_names_every_event_and_says_who_was_cancelled(visitor):
    event = EventFactory(title_en="Fair, & more")
    EventFactory(state="cancelled", cancelled_at=MORNING)
    EventFactory(state=EventState.DRAFT, title_en="Secret")

    response = visitor.get(reverse("events:event_feed_atom"))
    again = visitor.get(reverse("events:event_feed_atom"), HTTP_IF_NONE_MATCH=response["ETag"])

    assert response["Content-Type"].startswith("application/atom+xml")
    assert "Fair, &amp; more" in text_of(response)
    assert "Cancelled:" in text_of(response)
    assert "Secret" not in text_of(response)
    assert event.get_absolute_url() in text_of(response)
    assert again.status_code == 304


def test_the_calendar_of_all_events_is_read_back_with_its_clocks(visitor):
    event = EventFactory()
    cancelled = EventFactory(state="cancelled", cancelled_at=MORNING, zone="Asia/Seoul")

    response = visitor.get(reverse("events:event_feed_calendar"))
    calendar = icalendar.Calendar.from_ical(response.content)
    entries = {str(entry["UID"]): entry for entry in calendar.walk("VEVENT")}

    assert calendar["METHOD"] == "PUBLISH"
    assert {str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")} == {
        "Europe/Brussels",
        "Asia/Seoul",
    }
    own = entries[f"event-{event.pk}@localhost"]
    assert own["DTSTART"].dt == event.starts_at
    assert own["DTSTART"].params["TZID"] == "Europe/Brussels"
    assert entries[f"event-{cancelled.pk}@localhost"]["STATUS"] == "CANCELLED"
    assert (
        visitor.get(
            reverse("events:event_feed_calendar"), HTTP_IF_NONE_MATCH=response["ETag"]
        ).status_code
        == 304
    )


def test_the_number_in_calendars_rises_with_every_change(visitor):
    event = EventFactory()
    numbers = []
    for title in ("One", "Two"):
        event.title_en = title
        Event.objects.filter(pk=event.pk).update(
            title_en=title, updated_at=timezone.now() + timedelta(seconds=5 * len(numbers))
        )
        content = visitor.get(reverse("events:event_calendar", args=[event.pk])).content
        numbers.append(int(icalendar.Calendar.from_ical(content).walk("VEVENT")[0]["SEQUENCE"]))

    assert numbers[1] > numbers[0]


def test_an_empty_calendar_is_one_too(visitor):
    response = visitor.get(reverse("events:event_feed_calendar"))

    assert icalendar.Calendar.from_ical(response.content).walk("VEVENT") == []


def test_the_map_of_the_site_names_what_everybody_may_read(visitor):
    event, draft = EventFactory(), EventFactory(state=EventState.DRAFT)

    page = text_of(visitor.get(reverse("sitemap_part", args=["events", 1])))

    assert event.get_absolute_url() in page
    assert draft.get_absolute_url() not in page


@pytest.mark.parametrize("view", ("coming", "calendar", "past", "own"))
def test_lists_cost_the_same_however_many_there_are(client_of, anna, view):
    client, counts = client_of(anna), []
    for number in (1, 2, 4):
        for _each in range(number):
            event = past_event() if view == "past" else EventFactory()
            HelperFactory(event=event, user=anna.user)
            event.areas.set(Area.objects.all()[:2])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(
                LIST, {"view": view, "month": "2031-06"} if view == "calendar" else {"view": view}
            )
        counts.append(len(queries))

    assert counts[0] == counts[1] == counts[2]


def test_a_page_costs_the_same_however_long_its_programme_is(client_of, anna, minji, omar):
    event, client, counts = EventFactory(), client_of(anna), []
    for number in (1, 2, 4):
        for place in range(number):
            session = SessionFactory(event=event, place=PlaceFactory(event=event, kind="hall"))
            SessionSpeaker.objects.create(session=session, profile=minji if place % 2 else omar)
            SessionSpeaker.objects.create(session=session, name="Somebody")
        with CaptureQueriesContext(connection) as queries:
            client.get(event.get_absolute_url())
        counts.append(len(queries))

    assert counts[1] == counts[2]
    assert counts[1] <= counts[0] + 1


def test_empty_lists_say_what_comes_next(visitor, client_of):
    organiser = UserFactory()
    grant_role(organiser, "event_organiser", actor=organiser)

    assert "Subscribe to the calendar" in text_of(visitor.get(LIST))
    assert "Show all events" in text_of(visitor.get(LIST, {"kind": "training"}))
    assert reverse("events:event_create") in text_of(
        client_of(organiser).get(LIST, {"view": "own"})
    )
    assert reverse("events:event_create") not in text_of(visitor.get(LIST))
