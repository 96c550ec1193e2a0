"""Who asks whom for a meeting at an invented event, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

STATES = ("accepted", "sent", "declined", "withdrawn", "expired")
# Of events whose schedule stands, and of those that are still asked for.
SETTLED, OPEN = (9, 0, 3, 1, 2), (4, 6, 1, 1, 0)
ASKED_EACH = (2, 5)
DECLINE_REASONS = ("no_fit", "no_time", "known", "colleague")
# The two whose accounts are shown to visitors, as numbers of people, and how many ask them.
LEADING = (0, 1)
ASKED_BY = 3
# The share of accepted requests that both sent.
MUTUAL = 0.2

Sides = tuple[Sequence[int], Sequence[int]]
Likeness = Mapping[tuple[int, int], int]

MESSAGES_EN = (
    "We both work on {topic}. Could we spend twenty minutes on what we could measure together?",
    "I read your profile with interest. For {topic} we look for a partner on your side.",
    "We prepare a proposal about {topic} and still need somebody for one work package.",
)
MESSAGES_KO = (
    "저희 연구실도 {topic} 분야를 연구합니다. 함께 할 수 있는 일을 이야기해 보고 싶습니다.",
    "프로필을 관심 있게 읽었습니다. {topic} 관련 공동연구자를 찾고 있습니다.",
    "{topic} 분야 제안서를 준비하고 있습니다. 작업 패키지 하나를 맡아 주실 분을 찾습니다.",
)


@dataclass(frozen=True)
class InventedWish:
    """One request, by the numbers of two people."""

    sender: int
    recipient: int
    state: str
    strength: int
    message: int
    days_ago: int
    answer_strength: int | None = None
    is_mutual: bool = False
    decline_reason: str = ""


def invent_wishes(
    sides: Sides, likeness: Likeness, *, seed: int, is_settled: bool
) -> list[InventedWish]:
    """Return wishes between two sides: everybody asks a few whose topics are like theirs.

    sides: the numbers of both sides' people. likeness: of ordered pairs, how many topics they
    share; a pair that is left out never meets.
    """
    random = Random(seed)  # noqa: S311 - the same data every time, nothing secret
    pairs: dict[frozenset[int], tuple[int, int]] = {}
    for people, others in (sides, sides[::-1]):
        for person in people:
            for other in chosen(person, others, likeness, random):
                pairs.setdefault(frozenset((person, other)), (person, other))
    wishes = [wish_of(pair, random, is_settled) for pair in pairs.values()]
    return wishes if is_settled else wishes + asked_of_leading(sides, likeness, pairs)


def chosen(person: int, others: Sequence[int], likeness: Likeness, random: Random) -> list[int]:
    """Return whom somebody asks: those with most topics in common, ties by chance."""
    order = {
        other: ({person, other} != set(LEADING), -likeness[person, other], random.random())
        for other in others
        if (person, other) in likeness
    }
    return sorted(order, key=lambda other: order[other])[: random.randint(*ASKED_EACH)]


def wish_of(pair: tuple[int, int], random: Random, is_settled: bool) -> InventedWish:
    """Return a request with an answer by chance; the two of the demonstration agreed."""
    state = random.choices(STATES, SETTLED if is_settled else OPEN)[0]
    state = "accepted" if set(pair) == set(LEADING) else state
    is_accepted = state == "accepted"
    return InventedWish(
        *pair, state, strength=random.choice((1, 2, 2, 3)),
        answer_strength=random.choice((1, 2, 3)) if is_accepted else None,
        is_mutual=is_accepted and random.random() < MUTUAL,
        decline_reason=random.choice(DECLINE_REASONS) if state == "declined" else "",
        message=random.randrange(len(MESSAGES_EN)), days_ago=random.randint(1, 6),
    )  # fmt: skip


def asked_of_leading(
    sides: Sides, likeness: Likeness, pairs: Mapping[frozenset[int], tuple[int, int]]
) -> list[InventedWish]:
    """Return requests that wait for those whom visitors sign in as: they have to answer some."""
    found = []
    for leading in LEADING:
        others = next(side for side in sides if leading not in side)
        strangers = [
            other
            for other in others
            if frozenset((other, leading)) not in pairs and (other, leading) in likeness
        ]
        found += [
            InventedWish(other, leading, "sent", strength, message=strength - 1, days_ago=strength)
            for strength, other in enumerate(strangers[:ASKED_BY], start=1)
        ]
    return found
