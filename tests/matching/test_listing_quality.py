"""The six questions about a partner search, and what else its author should know."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from matching.calls import SCHEMES, read_identifier
from matching.eligibility import Standing
from matching.models.call_words import FundingScheme, Programme
from matching.permissions.listing_quality import (
    CHECKS,
    SearchFacts,
    blockers,
    failed_checks,
    problems,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
STANDINGS = (
    Standing("horizon_europe", "DE", "europe", "member", 2021, 2027, "rule", "규정"),
    Standing("horizon_europe", "KR", "korea", "pillar_ii", 2025, 2027, "rule", "규정"),
    Standing("horizon_europe", "KR", "korea", "own_funds", 2021, 2027, "rule", "규정"),
)
GOOD = SearchFacts(
    now=NOW, programme="horizon_europe", pillar=2, call_year=2027,
    call_identifier="HORIZON-CL5-2027-02-D3-07", funding_scheme="ria",
    call_deadline=NOW + timedelta(days=60), areas=frozenset({"GREEN"}), partner_side="korea",
    author_country="DE", korean_funding="pillar_ii", has_summary=True, has_sought=True,
    has_offered=True, seeks_role=True, has_name=True, is_published=True,
    affiliation="Technische Universität", standings=STANDINGS,
)  # fmt: skip


def test_good_search_has_no_problem():
    assert problems(GOOD) == []
    assert failed_checks([]) == frozenset()


@pytest.mark.parametrize(
    ("change", "code", "check"),
    (
        ({"call_deadline": NOW - timedelta(hours=1)}, "call_closed", "call_open"),
        ({"call_deadline": None}, "no_deadline", "call_open"),
        ({"call_year": 2030, "call_identifier": "", "standings": ()}, "year_outside", "call_open"),
        ({"funding_scheme": ""}, "no_scheme", "scheme_fits"),
        ({"funding_scheme": "eurostars"}, "no_scheme", "scheme_fits"),
        ({"funding_scheme": "erc_single"}, "scheme_single", "scheme_fits"),
        ({"funding_scheme": "msca_dn"}, "scheme_elsewhere", "scheme_fits"),
        ({"areas": frozenset()}, "no_area", "topic_fits"),
        ({"call_year": 2026}, "identifier_year", "topic_fits"),
        ({"call_identifier": "HORIZON-MSCA-2027-DN-01"}, "identifier_pillar", "topic_fits"),
        ({"partner_countries": ("BR",)}, "country_closed", "both_sides"),
        (
            {"pillar": 1, "call_identifier": "", "funding_scheme": "csa"},
            "korea_not_paid",
            "both_sides",
        ),
        ({"call_deadline": NOW + timedelta(days=9)}, "too_late", "in_time"),
        ({"is_published": False}, "unnamed", "proposer"),
        ({"affiliation": ""}, "no_organisation", "proposer"),
        ({"affiliation": "Best Consulting GmbH"}, "consultant", "proposer"),
        ({"affiliation": "한빛 컨설팅"}, "consultant", "proposer"),
        ({"has_summary": False}, "no_summary", ""),
        ({"has_sought": False}, "nothing_sought", ""),
        ({"seeks_role": False}, "no_role", ""),
    ),
)
def test_each_blocker(change, code, check):
    found = blockers(replace(GOOD, **change))

    assert [(blocker.code, blocker.check) for blocker in found] == [(code, check)]
    assert all(str(blocker.words) and blocker.step for blocker in found)


@pytest.mark.parametrize(
    ("change", "code"),
    (
        ({"areas": frozenset({"HEALTH"})}, "area_unusual"),
        ({"has_offered": False}, "no_offer"),
        ({"position": "Senior consultant"}, "maybe_consultant"),
        ({"pillar": None, "call_identifier": ""}, "pillar_open"),
        ({"pillar": 1, "call_identifier": "", "funding_scheme": "csa", "korean_funding": ""},
         "korea_money_open"),
    ),
)  # fmt: skip
def test_each_caution_does_not_block(change, code):
    facts = replace(GOOD, **change)

    assert [problem.code for problem in problems(facts)] == [code]
    assert blockers(facts) == []


def test_without_a_call_only_the_texts_matter():
    facts = replace(GOOD, programme="", call_identifier="", funding_scheme="", pillar=None,
                    call_year=None, call_deadline=None, standings=())  # fmt: skip

    assert [problem.code for problem in problems(facts)] == ["no_call"]


def test_replacement_is_sought_until_the_last_day():
    late = replace(GOOD, call_deadline=NOW + timedelta(days=3), is_replacement=True)

    assert blockers(late) == []


def test_each_check_can_fail():
    empty = SearchFacts(now=NOW, programme="horizon_europe", call_identifier="x",
                        partner_countries=("BR",), standings=STANDINGS)  # fmt: skip
    late = replace(GOOD, call_deadline=NOW + timedelta(days=1))

    failed = failed_checks(problems(empty)) | failed_checks(problems(late))

    assert failed == {check.code for check in CHECKS}


@pytest.mark.parametrize(
    ("text", "pillar", "year", "areas"),
    (
        ("HORIZON-CL5-2027-02-D3-07", 2, 2027, {"GREEN"}),
        (" horizon-cl4-2026-04-data-03 ", 2, 2026, {"ICT"}),
        ("HORIZON-CL4-2027-01-MAT-PROD-06", 2, 2027, {"NANO"}),
        ("HORIZON-HLTH-2027-01-CARE-02", 2, 2027, {"HEALTH"}),
        ("HORIZON-MSCA-2026-PF-01-01", 1, 2026, set()),
        ("ERC-2026-POC", 1, 2026, set()),
        ("HORIZON-EIC-2026-PATHFINDEROPEN-01", 3, 2026, set()),
        ("HORIZON-WIDERA-2026-01", 4, 2026, set()),
        ("과기정통부 공고 제2025-0163호", None, None, set()),
        ("", None, None, set()),
    ),
)
def test_identifiers_say_what_they_are(text, pillar, year, areas):
    said = read_identifier(text)

    assert (said.pillar, said.year, set(said.areas)) == (pillar, year, areas)


def test_words_and_rules_name_the_same_things():
    codes = {scheme.code for schemes in SCHEMES.values() for scheme in schemes}

    assert codes == set(FundingScheme.values)
    assert set(SCHEMES) == set(Programme.values)
