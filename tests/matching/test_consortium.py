"""What a consortium lacks."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.consortium import Gap, GapCode, Member, Rules, closed_by, gaps

EU = frozenset({"DE", "FR", "IT", "ES"})
RULES = Rules(counting=EU | {"NO", "KR"}, member_states=EU)
KOREAN = Member("KR", "korea", "education", role="coordinator")
GERMAN = Member("DE", "europe", "company", is_small=True)
NORWEGIAN = Member("NO", "europe", "facility")


def codes(members, rules=RULES):
    return [(gap.code, gap.number) for gap in gaps(members, rules)]


def test_whole_consortium_lacks_nothing():
    assert codes([KOREAN, GERMAN, NORWEGIAN]) == []


def test_empty_one_lacks_everything_the_required_first():
    found = gaps([], RULES)

    assert [gap.code for gap in found] == [
        GapCode.COUNTRIES, GapCode.MEMBER_STATE, GapCode.COORDINATOR, GapCode.EUROPE,
        GapCode.KOREA, GapCode.ACADEMIC, GapCode.COMPANY,
    ]  # fmt: skip
    assert [gap.is_required for gap in found] == [True] * 3 + [False] * 4


@pytest.mark.parametrize(
    ("members", "missing"),
    (
        ([KOREAN], [(GapCode.COUNTRIES, 2), (GapCode.MEMBER_STATE, 1)]),
        ([KOREAN, NORWEGIAN], [(GapCode.COUNTRIES, 1), (GapCode.MEMBER_STATE, 1)]),
        ([KOREAN, GERMAN, GERMAN], [(GapCode.COUNTRIES, 1)]),
        ([KOREAN, GERMAN, Member("US", "elsewhere", "company")], [(GapCode.COUNTRIES, 1)]),
    ),
)
def test_three_countries_that_count(members, missing):
    required = [gap for gap in codes(members) if gap[0] in {"countries", "member_state"}]

    assert required == missing


def test_without_a_rule_countries_do_not_matter():
    found = codes([KOREAN], Rules())

    assert GapCode.COUNTRIES not in dict(found)


def test_roles_that_are_sought_and_taken():
    rules = Rules(roles=("work_package_leader", "partner", "coordinator"))
    found = gaps([KOREAN, Member("DE", "europe", "company", is_small=True, role="partner")], rules)

    assert found == [Gap(GapCode.ROLE, role="work_package_leader")]


def test_large_company_leaves_the_small_one_missing():
    assert codes([KOREAN, Member("DE", "europe", "company"), NORWEGIAN]) == [(GapCode.SMALL, 1)]


def test_other_search_closes_gaps_or_makes_them_smaller():
    found = closed_by([KOREAN], [NORWEGIAN], RULES)

    assert [(gap.code, gap.number) for gap in found] == [("countries", 2), ("europe", 1)]
    assert closed_by([KOREAN, GERMAN, NORWEGIAN], [GERMAN], RULES) == []


MEMBERS = st.lists(
    st.sampled_from([KOREAN, GERMAN, NORWEGIAN, Member("FR", "europe", "education")])
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(MEMBERS, MEMBERS)
def test_nobody_who_comes_in_makes_a_gap(members, others):
    before = {(gap.code, gap.role): gap.number for gap in gaps(members, RULES)}
    after = {(gap.code, gap.role): gap.number for gap in gaps([*members, *others], RULES)}
    # The one exception: a large company makes it visible that a small one is missing.
    after.pop((GapCode.SMALL, ""), None)

    assert all(after[key] <= before[key] for key in after)
