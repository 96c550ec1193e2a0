"""Who asked whom, what they wrote to each other, and who wants nothing to do with whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from matching.demo.people import InventedPerson
from matching.demo.texts import read_json

STATES = ("accepted", "pending", "declined", "withdrawn", "expired")
STATE_WEIGHTS = (5, 4, 2, 1, 2)
# What becomes of the requests of each leading person: state and whether they asked.
LEADING_REQUESTS = (
    ("pending", False), ("pending", False), ("pending", True), ("accepted", False),
    ("accepted", True), ("declined", True),
)  # fmt: skip
REASONS = ("other_topic", "nothing_to_gain", "wrong_stage", "known_already")


@dataclass(frozen=True)
class InventedMessage:
    """One message of a conversation; `from_sender` tells which of the two wrote it."""

    from_sender: bool
    text: str


@dataclass(frozen=True)
class InventedRequest:
    """One contact request between two people, by their numbers."""

    sender: int
    recipient: int
    state: str
    message: str
    answer: str
    days_ago: int
    is_about_listing: bool
    conversation: tuple[InventedMessage, ...] = ()
    is_last_unread: bool = False


@dataclass(frozen=True)
class InventedAnswer:
    """What one person said to one suggested partner."""

    person: int
    partner: int
    answer: str
    reason: str
    days_ago: int


@dataclass(frozen=True)
class Relations:
    """Everything between the invented people."""

    requests: tuple[InventedRequest, ...]
    answers: tuple[InventedAnswer, ...]
    blocks: tuple[tuple[int, int], ...]


def invent_relations(people: Sequence[InventedPerson], seed: int) -> Relations:
    """Return requests, answers and blocks; no pair occurs twice."""
    random = Random(seed)  # noqa: S311 - it invents relations, not secrets
    pairs = Pairs(people, random)
    requests = [*leading_requests(pairs), *other_requests(pairs, count=min(90, len(people) // 4))]
    answers = [answer(pairs, *pair) for pair in answered_pairs(pairs, len(people) // 6)]
    blocks = pairs.others(min(5, len(people) // 40))
    return Relations(tuple(requests), tuple(answers), tuple(blocks))


class Pairs:
    """Deals out pairs of a European and a Korean, each at most once, of a common topic if possible."""

    def __init__(self, people: Sequence[InventedPerson], random: Random) -> None:
        self.random = random
        self.people = {person.number: person for person in people if person.state == "published"}
        self.used = {(0, 1), (1, 0)}
        self.by_topic: dict[tuple[str, str], list[int]] = defaultdict(list)
        for person in self.people.values():
            for topic in person.topics:
                self.by_topic[person.side, topic.code].append(person.number)
                self.by_topic[person.side, topic.area].append(person.number)

    def partner_of(self, number: int) -> int | None:
        """Return somebody of the other side who was not paired with this person before."""
        person = self.people[number]
        side = "korea" if person.side == "europe" else "europe"
        codes = [topic.code for topic in person.topics]
        # Those who fit the leading people best stay free, to be suggested to them.
        keys = [*(codes[1:] if number < 2 else codes), person.topics[0].area]
        for key in keys:
            free = [each for each in self.by_topic[side, key] if self.is_free(number, each)]
            if free:
                return self.take(number, self.random.choice(free))
        return None

    def is_free(self, one: int, other: int) -> bool:
        """Say whether this pair was not dealt out; the leading people are dealt first."""
        return (one, other) not in self.used and (one < 2 or other >= 2)

    def take(self, one: int, other: int) -> int:
        """Note that the pair is dealt out; return the second person."""
        self.used |= {(one, other), (other, one)}
        return other

    def others(self, count: int) -> list[tuple[int, int]]:
        """Return pairs of anybody but the leading people."""
        numbers = [number for number in self.people if number >= 2]
        chosen = self.random.sample(numbers, min(count, len(numbers)))
        pairs = [(number, self.partner_of(number)) for number in chosen]
        return [(one, other) for one, other in pairs if other is not None]


def leading_requests(pairs: Pairs) -> Iterator[InventedRequest]:
    """Return what waits for the two people whose accounts visitors use."""
    for number in (0, 1):
        for state, asks in LEADING_REQUESTS:
            partner = pairs.partner_of(number) if number in pairs.people else None
            if partner is not None:
                ends = (number, partner) if asks else (partner, number)
                yield request(pairs, *ends, state)


def other_requests(pairs: Pairs, *, count: int) -> Iterator[InventedRequest]:
    """Return requests between all the others, in every state."""
    for one, other in pairs.others(count):
        state = pairs.random.choices(STATES, weights=STATE_WEIGHTS)[0]
        yield request(pairs, one, other, state)


def request(pairs: Pairs, one: int, other: int, state: str) -> InventedRequest:
    """Return one request with its words and, when it was accepted, the conversation."""
    random, sender, recipient = pairs.random, pairs.people[one], pairs.people[other]
    answer_text = ""
    if state in ("accepted", "declined"):
        answer_text = random.choice(read_json("messages")[state][recipient.side])
    is_accepted = state == "accepted"
    return InventedRequest(
        sender=one,
        recipient=other,
        state=state,
        message=request_text(sender, recipient, len(pairs.used) // 2),
        answer=answer_text,
        days_ago=random.randint(35, 80) if state == "expired" else random.randint(3, 24),
        is_about_listing=random.random() < 0.4,
        conversation=conversation(sender, recipient, random) if is_accepted else (),
        is_last_unread=is_accepted and (min(one, other) < 2 or random.random() < 0.3),
    )


def request_text(sender: InventedPerson, recipient: InventedPerson, turn: int) -> str:
    """Return what the sender writes; the turn picks one of the ways to say it."""
    templates = read_json("messages")["requests"][sender.side]
    common = [topic for topic in recipient.topics if topic in sender.topics]
    topic = next(iter(common or recipient.topics))
    text: str = templates[turn % len(templates)].format(
        name=addressed(recipient),
        topic=topic.inside(0),
        topic_ko=topic.name[1],
        skill=topic.skills[recipient.strand][0],
    )
    return text


def addressed(person: InventedPerson) -> str:
    """Return how an English letter addresses the person."""
    title = {"R4": "Professor", "R3": "Dr", "R2": "Dr"}.get(person.stage)
    return f"{title} {person.name.family}" if title else person.name.display


def conversation(
    sender: InventedPerson, recipient: InventedPerson, random: Random
) -> tuple[InventedMessage, ...]:
    """Return what the two wrote after the answer; a leading person has not answered yet."""
    script = list(random.choice(read_json("messages")["conversations"]))
    leading = {person.side for person in (sender, recipient) if person.number < 2}
    while script[-1][0] in leading:
        script.pop()
    return tuple(InventedMessage(side == sender.side, text) for side, text in script)


def answered_pairs(pairs: Pairs, count: int) -> Iterator[tuple[int, int]]:
    """Return whose suggestion was answered: three of each leading person, then others'."""
    for number in (0, 0, 0, 1, 1, 1):
        partner = pairs.partner_of(number) if number in pairs.people else None
        if partner is not None:
            yield number, partner
    yield from pairs.others(count)


def answer(pairs: Pairs, person: int, partner: int) -> InventedAnswer:
    """Return one answer to a suggestion."""
    random = pairs.random
    said = random.choices(("interested", "not_for_me", "later"), weights=(5, 3, 2))[0]
    reason = random.choice(REASONS) if said == "not_for_me" else ""
    return InventedAnswer(person, partner, said, reason, random.randint(1, 20))
