"""The portal in numbers: counted right, small ones hidden, readable without the picture."""

import re
from datetime import datetime
from xml.etree import ElementTree

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from konnect.accounts.models import AuditEvent, Role
from konnect.accounts.services import grant_role
from matching.charts import draw_chart
from matching.models import Area
from matching.services.statistics import Point, statistics
from tests.factories.matching import (
    ContactRequestFactory,
    KoreanProfileFactory,
    PartnerSearchFactory,
    ProfileFactory,
)

PAGE, EXPORT = "matching:statistics", "matching:statistics_export"


@pytest.fixture(autouse=True)
def nothing_kept(db):
    """Count anew in each test."""
    caches["memory"].clear()


def statistic(name):
    return next(each for each in statistics() if each.name == name)


def test_people_are_counted_by_area_and_side():
    nano = Area.objects.get(code="NANO", version=Area.CURRENT_VERSION)
    for profile in (*ProfileFactory.create_batch(6), *KoreanProfileFactory.create_batch(2)):
        profile.areas.set([nano])
    ProfileFactory(state="hidden").areas.set([nano])

    rows = dict(statistic("areas").rows)

    assert rows[str(nano)] == ["6", "<5"]


def test_months_without_a_request_of_a_kind_are_zero():
    for month in (1, 2):
        ContactRequestFactory(created_at=datetime.fromisoformat(f"2026-0{month}-10T12:00+00:00"))

    found = statistic("requests")

    assert found.rows == [("2026-01", ["<5"]), ("2026-02", ["<5"])]


def test_months_in_which_nothing_happened_are_there_too():
    for moment in ("2025-11-10T12:00+00:00", "2026-02-10T12:00+00:00"):
        for _number in range(5):
            ContactRequestFactory(created_at=datetime.fromisoformat(moment))

    rows = statistic("requests").rows

    assert rows == [("2025-11", ["5"]), ("2025-12", ["0"]), ("2026-01", ["0"]), ("2026-02", ["5"])]


def test_outcomes_of_searches_are_counted():
    search = PartnerSearchFactory()
    search.outcome, search.outcome_at = "funded", search.listing.created_at
    search.save()

    cells = [cells for _place, cells in statistic("outcomes").rows]

    assert [numbers for numbers in cells if numbers != ["0"]] == [["<5"]]


@pytest.mark.parametrize(("value", "shown", "drawn"), ((0, "0", 0), (4, "<5", None), (5, "5", 5)))
def test_small_numbers_are_neither_shown_nor_drawn(value, shown, drawn):
    point = Point("2026-01", "Europe", value)

    assert (point.shown, point.drawn) == (shown, drawn)


@pytest.mark.parametrize("kind", ("line", "bar"))
def test_a_chart_is_well_formed_and_takes_the_colour_of_the_page(kind):
    rows = [{"place": "한국", "series": name, "value": 7} for name in ("Europe", "Korea")]

    svg = draw_chart(
        rows, kind=kind, name="areas", place="Area", title='A "title" <here>',
        series=["Europe", "Korea"],
    )  # fmt: skip

    root = ElementTree.fromstring(svg)
    assert root.get("aria-label") == 'A "title" <here>'
    assert root.get("width") is None
    assert "currentColor" in svg
    assert "style=" not in svg
    assert all(name.startswith("areas-") for name in re.findall(r'id="([^"]*)"', svg))


def chart_of(kind, *values, place="Area"):
    rows = [
        {"place": f"{place} {number}", "series": "Europe", "value": value}
        for number, value in enumerate(values)
    ]
    svg = draw_chart(rows, kind=kind, name="areas", place="Area", title="Areas", series=["Europe"])
    return ElementTree.fromstring(svg)


def test_a_bar_chart_says_small_numbers_in_words():
    words = list(chart_of("bar", 7, None, 0, None).itertext())

    assert words.count("<5") == 2


def test_a_line_has_a_gap_where_a_number_is_small():
    drawn = [path.get("d") for path in chart_of("line", 7, 8, None, 9, 6).iter() if path.get("d")]

    # Two pieces of two points each: nothing leads to zero and back.
    assert [path for path in drawn if path.count("M") == 2 and path.count("L") == 2]


def test_long_names_stand_whole_beside_their_bars():
    name = "Information and communication technologies for everybody"

    chart = chart_of("bar", 7, 9, place=name)

    words = [text for text in chart.itertext() if text.strip()]
    group = next(part for part in chart.iter() if "translate" in part.get("transform", ""))
    left = float(re.search(r"translate\(([\d.]+)", group.get("transform"))[1])
    assert {"Information and", "technologies for", "everybody 1"} <= set(words)
    assert not any("…" in text for text in words)
    # The widest letters of a reader's font: nothing is cut.
    assert left >= max(map(len, words)) * 7


def test_names_in_the_legend_have_room_between_them():
    names = ["waiting for an answer", "accepted", "declined"]
    rows = [{"place": "2026-01", "series": name, "value": 9} for name in names]

    svg = draw_chart(rows, kind="line", name="a", place="Month", title="t", series=names)

    legend = svg[svg.index("role-legend-entry") :]
    at = {
        float(left) for left in re.findall(r'translate\(([\d.]+),[\d.]+\)"><path class="b', legend)
    }
    assert sorted(at)[1] >= 8 * len(names[0])


def test_stages_are_told_in_words():
    ProfileFactory(career_stage="R3")

    assert "R3 Established researcher (independent)" in dict(statistic("stages").rows)


def test_administrators_and_policy_staff_read_it(client_of, staff, anna, omar):
    grant_role(anna.user, Role.POLICY_ANALYST, actor=staff)

    for name in (PAGE, EXPORT):
        found = [client_of(who).get(reverse(name)).status_code for who in (staff, anna, omar)]
        assert found == [200, 200, 404]
    assert AuditEvent.objects.filter(action="statistics.exported").count() == 2


def test_policy_staff_find_it_on_their_dashboard(client_of, staff, anna, omar):
    grant_role(anna.user, Role.POLICY_ANALYST, actor=staff)

    pages = [
        client_of(who).get(reverse("matching:dashboard")).content.decode() for who in (anna, omar)
    ]

    assert [reverse(PAGE) in page for page in pages] == [True, False]


def test_the_page_draws_what_there_is_and_keeps_it(client_of, staff):
    for profile in ProfileFactory.create_batch(6):
        profile.areas.set(Area.objects.filter(code="ICT"))
    client = client_of(staff)

    first = client.get(reverse(PAGE)).content.decode()
    with CaptureQueriesContext(connection) as captured:
        again = client.get(reverse(PAGE)).content.decode()

    assert 'class="chart"' in first
    assert "“&lt;5” stands for a number between one and four" not in first
    assert first.count('class="chart"') == again.count('class="chart"')
    assert not any("matching_area" in query["sql"] for query in captured.captured_queries)


def test_the_page_says_what_a_gap_and_a_small_number_mean(client_of, staff):
    area = Area.objects.filter(code="ICT")
    for profile in (*ProfileFactory.create_batch(6), *KoreanProfileFactory.create_batch(2)):
        profile.areas.set(area)

    page = client_of(staff).get(reverse(PAGE)).content.decode()

    assert "“<5” stands for" in page
    assert "Where a line has a gap" in page


def test_the_export_says_what_the_page_says(client_of, staff):
    ProfileFactory.create_batch(5)

    text = client_of(staff).get(reverse(EXPORT)).content.decode("utf-8-sig")

    assert "Profiles published each month" in text
    assert ",5" in text
