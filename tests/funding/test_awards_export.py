"""Awards as open data: the form that registers of grants read, checked by its own schema."""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator, FormatChecker

from funding.services.awards_export import as_360giving
from tests.funding.grants_made import lead_of, offered, running

pytestmark = pytest.mark.django_db
SCHEMA = Path(__file__).parents[3] / "shared/data/conventions/360giving-schema.json"


@pytest.mark.skipif(not SCHEMA.exists(), reason="the schema is not there")
def test_every_award_fits_the_public_schema():
    running()
    checker = Draft202012Validator(json.loads(SCHEMA.read_text()), format_checker=FormatChecker())

    grants = as_360giving()["grants"]

    assert len(grants) == 2
    assert [error.message for grant in grants for error in checker.iter_errors(grant)] == []
    del grants[0]["fundingOrganization"]
    assert list(checker.iter_errors(grants[0])), "the check sees what is missing"


def test_money_is_counted_in_units_and_names_are_left_out():
    grant = running()

    rows = {row["currency"]: row for row in as_360giving()["grants"]}

    assert (rows["EUR"]["amountAwarded"], rows["KRW"]["amountAwarded"]) == (40_000, 50_000_000)
    text = json.dumps(rows)
    assert lead_of(grant).email not in text
    assert grant.decision.application.lead.name not in text


def test_what_is_only_offered_is_no_award():
    offered()

    assert as_360giving()["grants"] == []


def test_more_awards_ask_no_more_often():
    running()
    few = queries()
    running()
    running()

    assert queries() == few


def queries():
    with CaptureQueriesContext(
        connection,
    ) as asked:
        as_360giving()
    return len(asked)
