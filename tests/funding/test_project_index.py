"""The funded projects of all calls, for everybody: narrowed down, and as a table."""

import csv
import io

import pytest
from django.test import Client

from funding.models import Application
from matching.models import Area
from tests.funding.grants_made import lead_of, offered, partner_of, running
from tests.funding.read_pages import asks_for
from tests.funding.test_report_publishing import approved_report

pytestmark = pytest.mark.django_db
INDEX, TABLE = "/projects/", "/projects/table.csv"


def shown(query=""):
    """Return the numbers of the grants on the page, whoever reads it."""
    page = Client().get(INDEX + query)
    assert page.status_code == 200
    return [grant.pk for grant, _places in page.context["rows"]]


def table(query=""):
    text = Client().get(TABLE + query).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_projects_of_all_calls_are_there_and_offers_are_not():
    first, second = running(), running()
    offered()

    assert shown() == [second.pk, first.pk]
    assert [row["reference"] for row in table()] == [second.reference, first.reference]


def test_they_are_narrowed_down_by_area_funder_and_results():
    told, other = running(), running()
    approved_report(told)
    area = Area.objects.first()
    Application.objects.filter(pk=told.decision.application_id).update(area=area)
    code = told.awards.first().funder.code

    for query in (f"?funder={code}", f"?area={area.code}", "?told=yes"):
        assert shown(query) == [told.pk], query
        assert [row["reference"] for row in table(query)] == [told.reference]
    assert shown(f"?funder={code}&area={area.code}&told=yes") == [told.pk]
    assert set(shown()) == {told.pk, other.pk}


@pytest.mark.parametrize(
    "query", ("?area=%00", "?funder=nobody", "?told=maybe", "?page=-1&area=x")
)
def test_what_nobody_knows_breaks_nothing(query):
    running()

    assert Client().get(INDEX + query).status_code == 200
    assert Client().get(TABLE + query).status_code == 200


def test_nobody_is_named_and_money_is_in_whole_units():
    grant = running()
    names = [each.name for each in grant.decision.application.participants.all()]
    names += [lead_of(grant).email, partner_of(grant).email]

    for address in (INDEX, TABLE, f"/projects/{grant.pk}/"):
        text = Client().get(address).content.decode()
        assert not [name for name in names if name in text], address
    [row] = table()
    paid = {part.split("=")[1] for part in row["awards"].split("|")}
    assert paid == {"40000 EUR", "50000000 KRW"}


def test_the_page_costs_the_same_for_many():
    counts = set()
    for number in (1, 2):
        for _each in range(number):
            running()
        counts.add(tuple(asks_for(Client(), INDEX, TABLE)))

    assert len(counts) == 1
