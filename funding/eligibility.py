"""What an application still lacks, and what its call does not allow: values, not exceptions.

Pure. The page lists the same problems while people write that the submission asks for, and that
the programme officer reads afterwards. Words for the codes stand in `funding.problem_words`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from funding.machines import GONE

EUROPE, KOREA = "europe", "korea"
# What a country must be on the closing day to take part with the money of a call.
TAKES_PART = ("member", "associated", "own_funds")


@dataclass(frozen=True)
class Problem:
    """One thing that stands in the way; `where` is the page that mends it.

    facts: numbers and names that the words need, by name.
    """

    code: str
    where: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """One participant: region as the organisation says, status of its country on closing day.

    status: '' where nothing is known of the country; confirmed_hash: of what they confirmed.
    organisation_types: as ROR names them; empty for an organisation that is not in the list.
    """

    role: str
    name: str
    region: str
    country_code: str
    status: str = ""
    has_organisation: bool = True
    organisation_types: tuple[str, ...] = ()
    state: str = "invited"
    confirmed_hash: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the budget, in the smallest unit of the funder's money."""

    funder: int
    cost: str
    amount_minor: int


@dataclass(frozen=True)
class Rule:
    """What one funder allows; empty tuples and None allow everything."""

    funder: int
    name: str
    side: str
    currency: str
    most_minor: int | None = None
    eligible_costs: tuple[str, ...] = ()
    organisation_types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """All that eligibility depends on."""

    title: str
    draft_sha256: str
    people: tuple[Person, ...]
    budget: tuple[Line, ...]
    rules: tuple[Rule, ...]
    documents: tuple[str, ...]
    shortest_days: int
    longest_days: int
    days: int | None = None
    has_area: bool = True
    # Outlines say all in their answers.
    needs_description: bool = True


def eligibility_problems(facts: Facts) -> list[Problem]:
    """Return everything that keeps an application from being eligible, in the order of the pages.

    Answers to the form are looked at by `funding.forms_schema.problems`; one live application a
    lead and call is a constraint of the database.
    """
    return [
        *basics(facts), *days_problems(facts), *people_problems(facts), *place_problems(facts),
        *budget_problems(facts), *document_problems(facts),
    ]  # fmt: skip


def basics(facts: Facts) -> Iterator[Problem]:
    """Look at title and area."""
    if not facts.title.strip():
        yield Problem("title_missing", "basics")
    if not facts.has_area:
        yield Problem("area_missing", "basics")


def days_problems(facts: Facts) -> Iterator[Problem]:
    """Look at the length of the longest stay, where the form asks for it."""
    if facts.days is None:
        return
    if not facts.shortest_days <= facts.days <= facts.longest_days:
        known = {"least": facts.shortest_days, "most": facts.longest_days, "days": facts.days}
        yield Problem("days_out_of_range", "mobility", known)


def people_problems(facts: Facts) -> Iterator[Problem]:
    """Look at lead and partner: two, of two regions, and the partner stands behind this text."""
    lead = one_of(facts, "lead")
    partner = one_of(facts, "partner")
    if partner is None:
        yield Problem("partner_missing", "people")
        return
    if lead is not None and lead.region == partner.region and lead.region in (EUROPE, KOREA):
        yield Problem("same_region", "people", {"region": lead.region})
    if partner.state == "confirmed" and partner.confirmed_hash == facts.draft_sha256:
        return
    code = {"reconfirm": "partner_must_reconfirm", "confirmed": "partner_must_reconfirm"}.get(
        partner.state, "partner_not_confirmed"
    )
    yield Problem(code, "people", {"name": partner.name})


def one_of(facts: Facts, role: str) -> Person | None:
    """Return the lead or the partner, if there is one who takes part."""
    found = [each for each in facts.people if each.role == role and takes_part(each)]
    return found[0] if found else None


def takes_part(person: Person) -> bool:
    """Tell whether somebody is still asked for."""
    return person.state not in GONE


def place_problems(facts: Facts) -> Iterator[Problem]:
    """Look at countries and kinds of organisations of lead and partner."""
    for person in filter(None, (one_of(facts, "lead"), one_of(facts, "partner"))):
        if not person.has_organisation:
            # Where somebody works says everything else about their place.
            yield Problem("organisation_missing", "people", {"name": person.name})
        elif person.region not in (EUROPE, KOREA):
            yield Problem("region_outside", "people", {"name": person.name})
        elif person.status not in TAKES_PART:
            known = {"name": person.name, "country": person.country_code}
            yield Problem("country_not_eligible", "people", known)
        yield from kind_problems(person, facts.rules)


def kind_problems(person: Person, rules: tuple[Rule, ...]) -> Iterator[Problem]:
    """Look whether any funder of somebody's side pays organisations of their kind."""
    own = [rule for rule in rules if rule.side == person.region]
    if not own or not person.organisation_types:
        return
    if not any(pays_kind(rule, person) for rule in own):
        yield Problem("organisation_type", "people", {"name": person.name})


def pays_kind(rule: Rule, person: Person) -> bool:
    """Tell whether a funder pays organisations of somebody's kind."""
    wanted = set(rule.organisation_types)
    return not wanted or bool(wanted & set(person.organisation_types))


def budget_problems(facts: Facts) -> Iterator[Problem]:
    """Look at what is asked of whom for what."""
    if not facts.budget:
        yield Problem("budget_missing", "budget")
    asked: Counter[int] = Counter()
    for line in facts.budget:
        asked[line.funder] += line.amount_minor
    for rule in facts.rules:
        if rule.most_minor is not None and asked[rule.funder] > rule.most_minor:
            yield Problem("over_most", "budget", {
                "funder": rule.name, "currency": rule.currency,
                "asked": asked[rule.funder], "most": rule.most_minor,
            })  # fmt: skip
        yield from cost_problems(rule, facts.budget)


def cost_problems(rule: Rule, budget: tuple[Line, ...]) -> Iterator[Problem]:
    """Look whether a funder pays for what it is asked."""
    if rule.eligible_costs:
        asked = {line.cost for line in budget if line.funder == rule.funder}
        for cost in sorted(asked - set(rule.eligible_costs)):
            yield Problem("cost_not_eligible", "budget", {"funder": rule.name, "cost": cost})


def document_problems(facts: Facts) -> Iterator[Problem]:
    """Look whether the description of the work is there."""
    if facts.needs_description and "description" not in facts.documents:
        yield Problem("description_missing", "documents")
