"""Calls as people read and write them: list, page, feeds, API, steps, control room."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import icalendar
import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from funding.models import Call, CallDeadline, CountryStatus, FunderOfficer, Programme
from funding.services.amendments import amend_call
from funding.services.call_events import happen
from konnect.accounts.models import RoleGrant
from matching.models import Area
from tests.factories.accounts import UserFactory
from tests.factories.funding import (
    ApplicationFactory,
    CallFactory,
    FunderFactory,
    KoreanFunderFactory,
    MissionFactory,
    ProgrammeFactory,
    approved_call,
    officer_of,
    prepared_call,
)
from tests.form_reader import FormReader
from tests.funding.read_pages import of, text_of, words_of

pytestmark = pytest.mark.django_db
# "Sunday 15 Nov 2015 24:00 CET / Monday 16 Nov 2015 08:00 KST": one instant.
FIXTURE = {
    "opens_wall": "2015-09-15T09:00", "opens_at": datetime(2015, 9, 15, 7, tzinfo=UTC),
    "closes_wall": "2015-11-15T24:00", "closes_at": datetime(2015, 11, 15, 23, tzinfo=UTC),
    "zone": "Europe/Brussels", "number": "2015-JC",
}  # fmt: skip
NASTY = ("x" * 40000, "<script>alert(1)</script>", "a\x00b", "9" * 30, "0000-00-00", "9999-12-31",
         "24:00", "25:61", "-1", "NaN", "1e999", "")  # fmt: skip


@pytest.fixture
def visitor():
    return Client()


@pytest.fixture
def officer(client_of):
    """A client of an officer of one programme, with the programme."""
    programme = ProgrammeFactory()
    user = UserFactory(time_zone="Europe/Brussels")
    RoleGrant.objects.create(
        user=user, role="programme_officer", scope="programme", scope_id=programme.pk
    )
    client = client_of(user)
    client.user, client.programme = user, programme
    return client


# --- What everybody reads ----------------------------------------------------------------------


def test_deadline_is_one_instant_on_page_feed_calendar_and_api(visitor):
    call = approved_call(**FIXTURE)

    page = words_of(visitor.get(call.get_absolute_url()))
    atom = text_of(visitor.get(reverse("funding:call_feed_atom")))
    calendar = icalendar.Calendar.from_ical(
        visitor.get(reverse("funding:call_feed_calendar")).content
    )
    told = visitor.get(f"/api/v1/calls/{call.pk}/").json()

    for text in (page, atom):
        assert "Sun 15 November 2015" in text
        assert "24:00 CET" in text
        assert "Mon 16 November 2015" in text
        assert "08:00 KST" in text
    (entry,) = calendar.walk("VEVENT")
    assert entry["DTEND"].dt.astimezone(UTC) == FIXTURE["closes_at"]
    assert (told["closes"], told["closes_at"]) == ("2015-11-15T24:00", "2015-11-15T23:00:00Z")


def test_korean_readers_see_the_same_instant(client_of, minji):
    call = approved_call(**FIXTURE)

    page = words_of(client_of(minji).get(call.get_absolute_url()))

    assert "24:00 CET" in page
    assert "08:00 KST" in page
    assert page.count("08:00 KST") == 1


def test_lists_part_what_is_open_from_what_is_over(visitor):
    now = timezone.now()
    opened = approved_call(title_en="Now")
    coming = approved_call(title_en="Soon", opens_at=now + timedelta(days=1))
    over = approved_call(title_en="Over", closes_at=now - timedelta(days=1))
    prepared = prepared_call(title_en="Secret")

    first = text_of(visitor.get(reverse("funding:call_list")))
    past = text_of(visitor.get(reverse("funding:call_list") + "?view=past"))

    for call, is_first, is_past in (
        (opened, True, False), (coming, True, False), (over, False, True), (prepared, False, False),
    ):  # fmt: skip
        assert (call.get_absolute_url() in first) == is_first
        assert (call.get_absolute_url() in past) == is_past
    assert visitor.get(prepared.get_absolute_url()).status_code == 404
    assert visitor.get(f"/api/v1/calls/{prepared.pk}/").status_code == 404


@pytest.mark.parametrize("status", ("open", "upcoming", "closed", "evaluation", "cancelled"))
def test_calls_are_found_by_where_they_stand(visitor, status):
    now = timezone.now()
    calls = {
        "open": approved_call(), "upcoming": approved_call(opens_at=now + timedelta(days=1)),
        "closed": approved_call(closes_at=now - timedelta(days=1)),
        "evaluation": approved_call(state="reviewing"), "cancelled": approved_call(state="cancelled"),
    }  # fmt: skip

    found = visitor.get(f"/api/v1/calls/?status={status}").json()["results"]

    assert [row["id"] for row in found] == [calls[status].pk]
    assert found[0]["phase"] == status


def test_calls_are_found_by_funder_and_area_once(visitor):
    call = approved_call()
    call.areas.set(Area.objects.all()[:2])
    approved_call()
    code, areas = call.commitments.first().funder.code, [area.code for area in call.areas.all()]

    page = visitor.get(
        reverse("funding:call_list") + f"?funder={code}&area={areas[0]}&area={areas[1]}"
    )

    assert [row.pk for row in page.context["page"]] == [call.pk]


def test_nobody_is_told_of_grace(visitor):
    call = approved_call(grace_seconds=4711)

    for address in (call.get_absolute_url(), f"/api/v1/calls/{call.pk}/", "/calls/feed.atom"):
        text = visitor.get(address).content.decode()
        assert "4711" not in text
        assert "race" not in text.replace("trace", "")


def test_page_says_who_pays_how_it_is_judged_and_how_to_apply(visitor):
    call = approved_call()
    page = words_of(visitor.get(call.get_absolute_url()))

    for words in ("€100,000", "₩150,000,000", "Excellence", "Carbon-neutral industry",
                  "Sign in to apply", "Find a partner for this call"):  # fmt: skip
        assert words in page


def test_own_application_is_a_link_on_the_page(client_of, anna):
    call = approved_call()
    application = ApplicationFactory(call=call, lead__user=anna.user)

    assert application.get_absolute_url() in text_of(client_of(anna).get(call.get_absolute_url()))


def test_amendments_and_cancellation_are_public(visitor):
    call = approved_call()
    officer = officer_of(call)
    amend_call(
        call, actor=officer, text_en="A week more.", text_ko="일주일 연장합니다.", columns={}
    )
    happen(call, "cancel", actor=officer, reason="The money is gone.")

    page = words_of(visitor.get(call.get_absolute_url()))

    assert "A week more." in page
    assert "The money is gone." in page
    entry = entry_of(visitor)
    assert entry["STATUS"] == "CANCELLED"


def entry_of(visitor):
    """Return the first entry of the calendar of all calls."""
    content = visitor.get("/calls/feed.ics").content
    return icalendar.Calendar.from_ical(content).walk("VEVENT")[0]


def test_number_in_calendars_rises_when_a_call_is_cancelled(visitor):
    call = approved_call()
    Call.objects.filter(pk=call.pk).update(updated_at=timezone.now() - timedelta(hours=1))
    before = entry_of(visitor)["SEQUENCE"]

    happen(call, "cancel", actor=officer_of(call), reason="The money is gone.")

    assert entry_of(visitor)["SEQUENCE"] > before


def test_further_dates_stand_in_page_and_calendar(visitor):
    call = approved_call()
    at = datetime(2031, 11, 10, 8, tzinfo=UTC)
    CallDeadline.objects.create(
        call=call, kind="institution", label_en="Signature of the institution",
        label_ko="기관 승인 마감", zone="Asia/Seoul", wall="2031-11-10T17:00", at=at,
    )  # fmt: skip

    page = words_of(visitor.get(call.get_absolute_url()))
    entries = icalendar.Calendar.from_ical(visitor.get("/calls/feed.ics").content).walk("VEVENT")

    assert "Signature of the institution" in page
    assert "17:00 KST" in page
    assert at in {entry["DTEND"].dt.astimezone(UTC) for entry in entries}


@pytest.mark.parametrize(
    "address", ("/calls/", "/calls/feed.atom", "/calls/feed.ics", "/api/v1/calls/")
)
def test_lists_cost_the_same_however_many_calls_there_are(visitor, address):
    counts = []
    for number in (1, 2, 4):
        for _each in range(number):
            approved_call().areas.set(Area.objects.all()[:2])
        with CaptureQueriesContext(connection) as queries:
            visitor.get(address)
        counts.append(len(queries))

    assert counts[0] == counts[1] == counts[2]


# --- Writing a call ----------------------------------------------------------------------------


def basics(programme, **columns):
    return {
        "programme": programme.pk, "number": "2031-1", "title_en": "Joint Call",
        "title_ko": "공동 공모", "is_outline": "full", "zone": "Europe/Brussels",
        "opens_day": "2030-01-15", "opens_hour": "9:00",
        "closes_day": "2030-03-15", "closes_hour": "24:00", "version": "", **columns,
    }  # fmt: skip


def row_data(*rows, initial=0):
    found = {"rows-TOTAL_FORMS": len(rows), "rows-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        found |= {f"rows-{number}-{name}": value for name, value in row.items()}
    return found


def test_officer_writes_a_call_and_three_people_open_it(officer, client_of, mailoutbox):
    europe, korea = FunderFactory(), KoreanFunderFactory()
    people = [
        FunderOfficer.objects.create(funder=each, user=UserFactory()).user
        for each in (europe, korea)
    ]
    mission = MissionFactory()

    assert (
        officer.post(reverse("funding:call_create"), basics(officer.programme)).status_code == 302
    )
    call = Call.objects.get()
    assert (call.closes_wall, call.closes_at) == (
        "2030-03-15T24:00", datetime(2030, 3, 15, 23, tzinfo=UTC),
    )  # fmt: skip
    steps = {
        "texts": {"summary_en": "Short.", "summary_ko": "요약입니다.", "text_en": "Long.",
                  "text_ko": "본문입니다.", "areas": [Area.objects.first().code],
                  "contact_email": "call@example.org"},
        "dates": row_data({"kind": "institution", "label_en": "Institution", "label_ko": "기관",
                           "zone": "Asia/Seoul", "at_day": "2030-03-10", "at_hour": "24:00"}),
        "funders": row_data(
            {"funder": europe.pk, "budget": "600,000", "most": "75,000.50", "gap_pot": ""},
            {"funder": korea.pk, "budget": "900,000,000", "most": "", "gap_pot": "",
             "per_euro": "1480.5", "rate_on": "2029-12-03", "rate_source": "ECB"}),
        "criteria": {"overall_threshold": "3", "tie_break": "excellence, topics"} | row_data(
            {"code": "excellence", "name_en": "Excellence", "name_ko": "우수성", "weight": "1",
             "most": "5", "threshold": "3"}),
        "rules": {"blind_level": "1", "reviews_wanted": "3", "pot": "virtual", "policy": "skip",
                  "shortest_days": "5", "longest_days": "90", "grace_seconds": "0"},
        "missions": {"missions": [mission.pk]},
    }  # fmt: skip
    for step, data in steps.items():
        response = officer.post(of("call_step", call, step), data)
        assert response.status_code == 302, (step, words_of(response))
    call.refresh_from_db()
    first, second = call.commitments.order_by("pk")
    assert (first.budget_minor, second.budget_minor) == (600_000_00, 900_000_000)
    assert (first.per_euro, second.per_euro) == (None, Decimal("1480.5"))
    assert 'value="1480.5"' in officer.get(of("call_step", call, "funders")).content.decode()
    assert call.funder_rules.get(funder=europe).most_minor == 75_000_50
    assert call.deadlines.get().at == datetime(2030, 3, 10, 15, tzinfo=UTC)
    assert call.tie_break == ["excellence", "topics"]

    officer.post(of("call_move", call, "send_for_approval"))
    for client in (officer, *map(client_of, people)):
        assert client.post(of("call_approve", call)).status_code == 302

    call.refresh_from_db()
    assert call.state == "approved"


@pytest.mark.parametrize("step", ("dates", "funders"))
def test_rows_that_nobody_touched_count_for_nothing(officer, step):
    call = CallFactory(programme=officer.programme)
    FunderFactory()
    page = officer.get(of("call_step", call, step))

    response = officer.post(of("call_step", call, step), FormReader(text_of(page)).values)

    assert response.status_code == 302, words_of(response)
    assert not call.deadlines.exists()
    assert not call.commitments.exists()


def test_rows_are_changed_and_taken_away(officer):
    call = CallFactory(programme=officer.programme)
    row = {
        "code": "a",
        "name_en": "A",
        "name_ko": "가",
        "weight": "1",
        "most": "5",
        "threshold": "3",
    }
    own = {"overall_threshold": "3", "tie_break": ""}
    officer.post(of("call_step", call, "criteria"), own | row_data(row, row | {"code": "b"}))

    officer.post(
        of("call_step", call, "criteria"),
        own | row_data(row | {"weight": "2"}, row | {"code": "b", "DELETE": "on"}, initial=2),
    )

    assert list(call.criteria.values_list("code", "weight")) == [("a", 2)]


@pytest.mark.parametrize(
    ("step", "data"),
    (
        ("basics", {"closes_day": "2030-03-31", "closes_hour": "2:30"}),
        ("basics", {"closes_day": "2030-10-27", "closes_hour": "2:30"}),
        ("basics", {"closes_day": "2030-01-01"}),
        ("funders", {"budget": "much"}),
        ("funders", {"budget": "100", "gap_pot": "200"}),
        ("funders", {"per_euro": "1480.5", "rate_on": "2026-03-02", "rate_source": "ECB"}),
        ("funders", {"per_euro": "0"}),
        ("funders", {"rate_on": "2026-03-02"}),
        ("criteria", {"threshold": "6"}),
        ("criteria", {"tie_break": "beauty"}),
        ("rules", {"longest_days": "1"}),
        ("dates", {"at_hour": "25:00"}),
    ),
)
def test_what_cannot_be_is_refused_and_stays_on_the_page(officer, step, data):
    call = CallFactory(programme=officer.programme)
    name = next(iter(data))
    rows = {
        "basics": basics(officer.programme), "rules": {
            "blind_level": "1", "reviews_wanted": "3", "pot": "virtual", "policy": "skip",
            "shortest_days": "5", "longest_days": "90", "grace_seconds": "0"},
        "funders": {"funder": FunderFactory().pk, "budget": "100"},
        "criteria": {"code": "a", "name_en": "A", "name_ko": "가", "weight": "1", "most": "5",
                     "threshold": "3"},
        "dates": {"kind": "other", "label_en": "A", "label_ko": "가", "zone": "Asia/Seoul",
                  "at_day": "2030-03-10", "at_hour": "12:00"},
    }[step]  # fmt: skip
    sent = rows | data
    if step in ("funders", "criteria", "dates"):
        own = {"overall_threshold": "3", "tie_break": sent.pop("tie_break", "")}
        sent = own | row_data(sent)
    sent.pop("version", None)

    response = officer.post(of("call_step", call, step), sent)

    assert response.status_code == 200
    page = response.content.decode()
    assert "error" in page
    assert data[name] in page


@pytest.mark.parametrize(
    "step", ("basics", "texts", "dates", "funders", "criteria", "rules", "missions")
)
def test_nasty_texts_break_no_step(officer, step):
    call = CallFactory(programme=officer.programme)
    names = ("programme", "number", "title_en", "zone", "opens_day", "closes_hour", "summary_ko",
             "areas", "contact_email", "overall_threshold", "tie_break", "blind_level", "missions",
             "grace_seconds", "reviews_due_day", "version")  # fmt: skip
    row = ("code", "funder", "budget", "weight", "at_day", "at_hour", "zone", "kind", "DELETE")
    for nasty in NASTY:
        data = dict.fromkeys(names, nasty) | row_data(dict.fromkeys(row, nasty))
        assert officer.post(of("call_step", call, step), data).status_code == 200
    damaged = {"rows-TOTAL_FORMS": "x", "rows-INITIAL_FORMS": "-1"}
    assert officer.post(of("call_step", call, step), damaged).status_code in (200, 302)


def test_second_window_is_told_and_keeps_what_was_typed(officer):
    call = CallFactory(programme=officer.programme)
    data = {"summary_en": "Mine", "version": "2020-01-01T00:00:00+00:00"}

    response = officer.post(of("call_step", call, "texts"), data)

    assert "Somebody else changed this call meanwhile" in words_of(response)
    assert "Mine" in text_of(response)
    call.refresh_from_db()
    assert call.summary_en != "Mine"


def test_call_of_another_programme_is_not_there(officer):
    other = CallFactory()
    for name in ("call_manage", "call_edit", "call_amend", "call_late", "call_outage"):
        assert officer.get(of(name, other)).status_code == 404
    assert officer.post(reverse("funding:call_create"), basics(other.programme)).status_code == 200
    assert Call.objects.count() == 1
    assert Programme.objects.count() == 2


def test_a_call_in_approval_has_not_closed(officer):
    call = prepared_call(programme=officer.programme, **FIXTURE)
    Call.objects.filter(pk=call.pk).update(state="in_approval")

    page = words_of(officer.get(reverse("funding:call_list") + "?view=own"))

    assert "Closed on" not in page


def test_the_closing_stands_beside_the_status(visitor):
    call = approved_call()

    page = text_of(visitor.get(call.get_absolute_url()))

    head = page.split("</header>")[-3 if page.count("</header>") > 2 else -2]
    assert f'datetime="{call.closes_at.isoformat()[:10]}' in head


@pytest.mark.parametrize(
    ("language", "said", "first", "last"),
    (("en", "5 countries", "Austria", "Türkiye"), ("ko", "5개국", "독일", "핀란드")),
)
def test_many_countries_are_a_number_that_opens(visitor, language, said, first, last):
    call = approved_call()
    for code, status in (
        *((each, "member") for each in ("TR", "FR", "AT", "DE", "FI")),
        ("KR", "associated"),
    ):
        CountryStatus.objects.create(
            country_code=code, status=status, side="korea" if code == "KR" else "europe",
            valid=DateRange(date(2025, 1, 1), None),
        )  # fmt: skip

    page = text_of(visitor.get(of("call_detail", call), headers={"accept-language": language}))

    listed = re.findall(
        r"<li>([^<]+)</li>", page.split('class="country-names">')[1].split("</ul>")[0]
    )
    assert f"<summary>{said}</summary>" in page
    assert (len(listed), listed[0], listed[-1]) == (5, first, last)
    # One country is no list.
    assert page.count('class="country-names"') == 1
