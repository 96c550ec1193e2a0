"""Who may take part, and who pays, by programme, pillar and year."""

import pytest

from matching.eligibility import CallFacts, Payer, Standing, verdict_for, verdicts
from matching.models import CountryStatus
from matching.regions import ASSOCIATED, EUROPEAN_UNION
from matching.services.standings import load_standings, standings_of

HORIZON = "horizon_europe"


@pytest.fixture
def shipped(db):
    """Return a function that tells what the shipped rules say of a country."""

    def verdict(country, year, pillar, programme=HORIZON):
        call = CallFacts(programme, year, pillar)
        return verdict_for(country, call, standings_of(programme, year))

    return verdict


@pytest.mark.parametrize(
    ("country", "year", "pillar", "kind", "payer"),
    (
        ("DE", 2026, 1, "member", Payer.PROGRAMME),
        ("NO", 2021, 2, "associated", Payer.PROGRAMME),
        ("KR", 2024, 2, "own_funds", Payer.OWN),
        ("KR", 2025, 2, "pillar_ii", Payer.PROGRAMME),
        ("KR", 2027, 2, "pillar_ii", Payer.PROGRAMME),
        ("KR", 2026, 1, "own_funds", Payer.OWN),
        ("KR", 2026, 3, "own_funds", Payer.OWN),
        ("KR", 2026, None, "pillar_ii", Payer.DEPENDS),
        ("CH", 2024, 2, "own_funds", Payer.OWN),
        ("CH", 2025, 1, "associated", Payer.PROGRAMME),
        ("GB", 2023, 2, "own_funds", Payer.OWN),
        ("GB", 2024, 3, "associated", Payer.PROGRAMME),
        ("CA", 2026, 2, "pillar_ii", Payer.PROGRAMME),
        ("LI", 2026, 2, "own_funds", Payer.OWN),
        ("DE", 2028, 2, "own_funds", Payer.UNKNOWN),
        ("BR", 2026, 2, "own_funds", Payer.UNKNOWN),
    ),
)
def test_shipped_rules(shipped, country, year, pillar, kind, payer):
    verdict = shipped(country, year, pillar)

    assert (verdict.kind, verdict.payer) == (kind, payer)


def test_other_programmes_pay_nationally_or_not_abroad(shipped):
    assert shipped("KR", 2026, None, "eureka").payer == Payer.NATIONAL
    assert shipped("KR", 2026, None, "korea").payer == Payer.NATIONAL
    assert shipped("FR", 2026, None, "korea").payer == Payer.OWN


def test_every_country_of_europe_has_a_standing_with_rules_in_both_languages(db):
    rows = CountryStatus.objects.in_year(HORIZON, 2026)

    assert {row.country_code for row in rows} >= EUROPEAN_UNION | ASSOCIATED | {"KR"}
    assert all(
        row.rule_en and any("가" <= letter <= "힣" for letter in row.rule_ko) for row in rows
    )


def test_loading_again_changes_nothing(db):
    before = CountryStatus.objects.count()
    CountryStatus.objects.filter(country_code="KR").update(rule_en="changed")

    load_standings()

    assert CountryStatus.objects.count() == before
    assert not CountryStatus.objects.filter(rule_en="changed").exists()


def standing(country, kind, side="europe", rule="rule", years=(2021, 2027)):
    return Standing(HORIZON, country, side, kind, *years, rule, "규정")


def test_countries_with_the_same_claim_are_one_verdict():
    rows = [standing("FR", "member"), standing("DE", "member"), standing("NO", "associated"),
            standing("KR", "pillar_ii", "korea")]  # fmt: skip

    found = verdicts(CallFacts(HORIZON, 2026, 2), rows)

    assert [(v.side, v.kind, v.country_codes, v.counts) for v in found] == [
        ("europe", "member", ("DE", "FR"), True),
        ("europe", "associated", ("NO",), True),
        ("korea", "pillar_ii", ("KR",), True),
    ]


def test_best_claim_of_a_country_counts_once():
    rows = [standing("KR", "own_funds", "korea"), standing("KR", "pillar_ii", "korea")]

    found = verdicts(CallFacts(HORIZON, 2026, 2), rows)

    assert [verdict.kind for verdict in found] == ["pillar_ii"]


def test_no_standing_no_verdict():
    assert verdicts(CallFacts("other", 2026), [standing("DE", "member")]) == ()
