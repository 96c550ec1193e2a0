"""One's own network, and the map that gives nobody away."""

import csv
import io
import itertools
import re
from xml.etree import ElementTree

import pytest
from django.core.cache import caches
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.models import Area, Block, Work
from matching.networks import Edge, Node, draw_network, shortened, spots_of
from matching.services import networks
from matching.small_numbers import SMALLEST_SHOWN, Told, told, total
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    KoreanProfileFactory,
    ProfileFactory,
)
from tests.factories.twinnings import ActiveTwinningFactory

# --- Small numbers -----------------------------------------------------------------------------

tables = st.dictionaries(
    st.tuples(st.sampled_from(["FR", "DE", "PL"]), st.integers(0, 3)), st.integers(0, 12)
)


def published(cells):
    """Everything that all pages of the map tell of one measure."""
    counts = {"contacts": cells}
    codes = sorted({code for code, _area in cells})
    areas = [None, *(Area(pk=number) for number in (1, 2, 3))]
    rows = {
        (area and area.pk): {code: networks.numbers_of(counts, code, area)[0] for code in codes}
        for area in areas
    }
    return rows, {area: total(row.values()) for area, row in rows.items()}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(cells=tables, others=st.lists(st.integers(1, SMALLEST_SHOWN - 1), min_size=12, max_size=12))
def test_all_pages_together_tell_nothing_of_a_hidden_number(cells, others):
    """Whatever the hidden numbers are, the pages are the same: so nobody can work them out."""
    hidden = [cell for cell, count in sorted(cells.items()) if 0 < count < SMALLEST_SHOWN]
    changed = cells | dict(zip(hidden, others, strict=False))
    assert published(changed) == published(cells)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(cells=tables)
def test_every_number_and_every_sum_lies_where_it_is_told(cells):
    rows, sums = published(cells)
    for (code, _area), count in cells.items():
        assert told(count).low <= count <= told(count).high
        assert rows[None][code].low <= sum(n for (c, _), n in cells.items() if c == code)
    whole = sum(cells.values())
    assert sums[None].low <= whole <= sums[None].high


def test_what_is_told_of_one_number():
    assert [told(count) for count in (0, 1, 4, 5)] == [
        Told(0, 0), Told(1, 4), Told(1, 4), Told(5, 5),
    ]  # fmt: skip
    assert told(3).is_small
    assert not total([told(3), told(3)]).is_small
    assert total([told(0), told(7)]) == Told(7, 7)


# --- The map -----------------------------------------------------------------------------------


@pytest.fixture
def french(db):
    return ProfileFactory(country_code="FR")


def ties_of(code, area=None):
    caches["memory"].delete(networks.CACHE_KEY)
    found = {row.code: row.numbers for row in networks.ties(area).countries}
    return dict(zip(networks.MEASURES, found.get(code, (Told(0, 0),) * 3), strict=True))


def test_contacts_count_under_the_first_common_area(french):
    ict, health = Area.objects.get(code="ICT"), Area.objects.get(code="HEALTH")
    french.areas.set([ict, health])
    for _number in range(5):
        contact = AcceptedContactRequestFactory(sender=french)
        contact.recipient.areas.set([health])
    assert ties_of("FR")["contacts"] == Told(5, 5)
    assert ties_of("FR", health)["contacts"] == Told(5, 5)
    assert ties_of("FR", ict)["contacts"] == Told(0, 0)
    type(french).objects.filter(pk=contact.recipient_id).update(state="hidden")
    assert ties_of("FR")["contacts"] == Told(1, 4)


def test_a_joint_work_counts_once_a_country_and_only_where_members_see_it(french):
    people = [french, ProfileFactory(country_code="FR"), KoreanProfileFactory()]
    for number in range(5):
        for person in people:
            Work.objects.create(profile=person, doi=f"10.1/{number}", title="A work")
    assert ties_of("FR")["works"] == Told(5, 5)
    people[2].visibility = {"works": "private"}
    people[2].save()
    assert ties_of("FR")["works"] == Told(0, 0)


def test_active_twinnings_count(db):
    for _number in range(5):
        ActiveTwinningFactory(proposer__country_code="PL")
    assert ties_of("PL")["twinnings"] == Told(5, 5)


# --- One's own network ---------------------------------------------------------------------------


def names(user):
    return [
        (one.person.display_name, one.is_contact, one.works)
        for one in networks.own_network(user).tied
    ]


def test_the_network_has_contacts_and_people_who_name_the_same_work(anna, minji, omar):
    AcceptedContactRequestFactory(sender=anna, recipient=minji)
    for person in (anna, omar, minji):
        Work.objects.create(profile=person, doi="10.1/Joint", title="Together")
    Work.objects.filter(profile=omar).update(doi="10.1/JOINT")
    assert names(anna.user) == [
        ("Kim Minji", True, ("Together",)), ("Omar Haddad", False, ("Together",)),
    ]  # fmt: skip
    pair = tuple(sorted((minji.pk, omar.pk)))
    assert networks.own_network(anna.user).worked_together == [pair]


def test_the_network_has_nobody_who_is_hidden_blocked_or_hides_the_works(anna, minji, omar):
    AcceptedContactRequestFactory(sender=anna, recipient=minji)
    for person in (anna, omar):
        Work.objects.create(profile=person, doi="10.1/joint", title="Together")
    omar.visibility = {"works": "private"}
    omar.save()
    assert [name for name, *_rest in names(anna.user)] == ["Kim Minji"]
    Block.objects.create(blocker=minji, blocked=anna)
    assert names(anna.user) == []


def test_the_page_asks_as_many_questions_for_one_as_for_many(
    anna, minji, client_of, django_assert_max_num_queries
):
    AcceptedContactRequestFactory(sender=anna, recipient=minji)
    client = client_of(anna)
    client.get("/network/")
    with django_assert_max_num_queries(15) as few:
        assert client.get("/network/").status_code == 200
    for _number in range(6):
        AcceptedContactRequestFactory(sender=anna)
    with django_assert_max_num_queries(len(few)):
        page = client.get("/network/").content.decode()
    assert page.count('class="network-person') == 7


def test_the_map_page_is_for_everybody(client, french):
    AcceptedContactRequestFactory(sender=french)
    caches["memory"].delete(networks.CACHE_KEY)
    page = client.get("/map/?area=nonsense").content.decode()
    assert "fewer than 5" in page
    assert 'class="map"' in page


def tied(number, **profile):
    person = ProfileFactory(**profile)
    for _number in range(number):
        AcceptedContactRequestFactory(sender=person)
    caches["memory"].delete(networks.CACHE_KEY)


def shade_of(page, country):
    (shade,) = re.findall(rf'map-level-(\d)[^>]*aria-label="{country}', page)
    return shade


def test_the_legend_and_the_rows_say_what_the_shades_mean(client, db):
    tied(2, country_code="FR")
    tied(30, country_code="PL")

    page = client.get("/map/").content.decode()

    steps = dict(re.findall(r'map-level-(\d)"><svg.*?</svg> from (\d+)', page))
    for country, number, words in (("France", 1, "fewer than 5"), ("Poland", 30, "30")):
        row = re.search(rf'"row">{country}<.*?map-level-(\d).*?</span> ([^<]+)</td></tr>', page)
        assert row.groups() == (shade_of(page, country), words)
        fitting = [level for level, least in steps.items() if int(least) <= number]
        assert max(fitting) == row[1]
    assert "Circle: the larger" in page
    assert "Line to Korea: the wider" in page


def test_the_file_of_the_map_tells_what_the_page_tells(client, db):
    tied(2, country_code="FR")
    tied(6, country_code="PL")

    sent = client.get("/map/export.csv")

    rows = list(csv.reader(io.StringIO(sent.content.decode("utf-8-sig"))))
    assert rows == [
        ["Country", "Contacts", "Joint works", "Twinnings", "Together"],
        ["France", "fewer than 5", "0", "0", "fewer than 5"],
        ["Poland", "6", "0", "0", "6"],
        ["Together", "7 to 10", "0", "0", "7 to 10"],
    ]
    assert 'href="/map/export.csv"' in client.get("/map/").content.decode()


def test_the_file_of_an_area_has_only_that_area(client, db):
    tied(6, country_code="PL")

    sent = client.get("/map/export.csv?area=ICT")

    assert sent.content.decode("utf-8-sig").count("\n") == 2
    assert 'filename="konnect-map-ict.csv"' in sent.headers["Content-Disposition"]


# --- The drawing -------------------------------------------------------------------------------


def node(key, side="europe", note="KU Leuven"):
    return Node(key, f"Person {key}", note, side, f"/people/{key}/")


def test_names_stand_where_nothing_covers_them():
    nodes = [node(key, side) for key, side in enumerate(["europe", "korea"] * 9, 1)]
    spots, height = spots_of(nodes)
    assert len({(spot.across, spot.down) for spot in spots}) == 18
    for side in (True, False):
        downs = sorted(spot.down for spot in spots if spot.is_left is side)
        assert min(low - high for high, low in itertools.pairwise(downs)) >= 40
        assert 0 < downs[0] < downs[-1] < height


def test_the_same_people_stand_at_the_same_places_in_any_order():
    nodes = [node(1), node(2, "korea"), node(3, "elsewhere"), node(4, "korea", "")]
    edges = [Edge(0, 1), Edge(2, 4, is_work=True), Edge(0, 99)]
    draw = lambda people: draw_network(  # noqa: E731 - twice
        people, edges, own_label="<Me>", title="t", description="d"
    )
    assert draw(nodes) == draw(nodes[::-1])
    tree = ElementTree.fromstring(draw(nodes))
    assert [link.get("href") for link in tree.iter("a")] == [
        "/people/1/", "/people/3/", "/people/4/", "/people/2/",
    ]  # fmt: skip
    assert len(list(tree.iter("path"))) == 2
    assert "<Me>" in "".join(tree.itertext())


def test_long_names_are_cut_and_hangul_takes_double_room():
    assert shortened("Universidad Politécnica de Madrid", 12) == "Universidad…"
    assert shortened("한국과학기술연구원", 12) == "한국과학기…"
    assert shortened("한국", 12) == "한국"
