"""Which conflicts of interest follow from what is known: comparing keys, and nothing else.

Sources are what OpenReview, HotCRP and the rules of the Korean agencies look at (reference, 2.7):
who is named, who applies beside, where people work, what they wrote and ran together, who was not
wanted, who made the call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from funding.models import HARD_KINDS, ConflictKind
from funding.services.conflict_facts import Key, Known, Member, Team

MOST_EVIDENCE = 10
# By kind of key: which conflict it shows, and from which source.
MEANINGS = {
    "person": (ConflictKind.INVOLVED, "team"),
    "mail": (ConflictKind.INVOLVED, "mail"),
    "orcid": (ConflictKind.INVOLVED, "orcid"),
    "department": (ConflictKind.DEPARTMENT, "profile"),
    "organisation": (ConflictKind.ORGANISATION, "profile"),
    "relative": (ConflictKind.ORGANISATION, "ror"),
    "place": (ConflictKind.ORGANISATION, "names"),
    "domain": (ConflictKind.ORGANISATION, "domains"),
    "doi": (ConflictKind.CO_AUTHOR, "works"),
    "project": (ConflictKind.CO_AUTHOR, "projects"),
}  # fmt: skip
# Whoever does one of these in another application of the call competes with this one.
APPLYING = ("lead", "partner", "traveller", "member")


@dataclass
class Finding:
    """One conflict, with what shows it: check marks and numbers, never somebody's name."""

    person_id: int | None
    application_id: int
    kind: str
    source: str
    evidence: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_hard(self) -> bool:
        """Tell whether nobody may override it."""
        return self.kind in HARD_KINDS

    def add(self, name: str, value: str) -> None:
        """Keep one more piece of evidence, up to some."""
        rows = self.evidence.setdefault(name, [])
        if value and value not in rows and len(rows) < MOST_EVIDENCE:
            rows.append(value)


@dataclass(frozen=True)
class Surroundings:
    """What decides beside judges and teams, for one call."""

    # People who made the call, and what they did.
    designers: dict[int, str]
    # Who is being judged by whom now: (judge, application).
    judging: frozenset[tuple[int, int]]


class Index:
    """The teams of a call, by key."""

    def __init__(self, teams: Collection[Team]) -> None:
        self.teams = {team.application_id: team for team in teams}
        self.members: dict[Key, list[Member]] = defaultdict(list)
        for team in teams:
            for member in team.members:
                for key in member.keys:
                    self.members[key].append(member)

    def applied_in(self, judge: Known) -> set[int]:
        """Return the applications in which somebody applies."""
        identities = {key for key in judge.keys if key[0] in ("person", "mail", "orcid")}
        found = [member for key in identities for member in self.members.get(key, ())]
        return {member.application_id for member in found if member.role in APPLYING}


def findings(
    judges: Iterable[Known], teams: Collection[Team], around: Surroundings
) -> Iterator[Finding]:
    """Yield every conflict between people who judge and the applications of one call."""
    index = Index(teams)
    for judge in judges:
        yield from findings_of(judge, index, around)


def findings_of(judge: Known, index: Index, around: Surroundings) -> Iterator[Finding]:
    """Yield the conflicts of one judge; whoever is named in an application has that one alone."""
    found: dict[tuple[int, str, str], Finding] = {}
    for one in (*shared(judge, index), *competing(judge, index), *mutual(judge, index, around),
                *unwanted(judge, index), *designed(judge, index, around)):  # fmt: skip
        known = found.setdefault((one.application_id, one.kind, one.source), one)
        for name, values in one.evidence.items():
            for value in values:
                known.add(name, value)
    involved = {
        one.application_id: one
        for one in sorted(found.values(), key=lambda one: one.source == "team")
        if one.kind == ConflictKind.INVOLVED
    }
    # Names and domains say the same as the record of the organisation, less surely.
    certain = {one.application_id for one in found.values() if one.source in ("profile", "ror")}
    yield from involved.values()
    for one in found.values():
        is_told = one.source in ("names", "domains") and one.application_id in certain
        if one.application_id not in involved and not is_told:
            yield one


def shared(judge: Known, index: Index) -> Iterator[Finding]:
    """Look at what a judge and a member have in common."""
    for kind, value in sorted(judge.keys):
        meaning = MEANINGS.get(kind)
        if meaning is not None:
            yield from one_each(judge, index.members.get((kind, value), ()), meaning, kind, value)
        if kind == "organisation":
            relatives = index.members.get(("relative", value), ())
            yield from one_each(judge, relatives, MEANINGS["relative"], kind, value)


def one_each(
    judge: Known, members: Iterable[Member], meaning: tuple[str, str], kind: str, value: str
) -> Iterator[Finding]:
    """Yield a conflict for each member; addresses of mail are not kept, they name somebody."""
    kept = "" if kind in ("mail", "person", "orcid") else value
    for member in members:
        finding = Finding(judge.person_id, member.application_id, *meaning)
        finding.add(kind, kept)
        finding.add("role", member.role)
        yield finding


def competing(judge: Known, index: Index) -> Iterator[Finding]:
    """Whoever applies in a call judges no application of it."""
    own = index.applied_in(judge)
    if own:
        evidence = {"applications": [str(pk) for pk in sorted(own)]}
        for pk in index.teams.keys() - own:
            kind = ConflictKind.SAME_CALL
            yield Finding(judge.person_id, pk, kind, "team", dict(evidence))


def mutual(judge: Known, index: Index, around: Surroundings) -> Iterator[Finding]:
    """Whoever is judged by an applicant does not judge the applicant's application."""
    own = index.applied_in(judge)
    judges = {other for other, application in around.judging if application in own}
    for team in index.teams.values() if judges else ():
        if any(member.person_id in judges for member in team.members):
            pk = team.application_id
            yield Finding(judge.person_id, pk, ConflictKind.MUTUAL, "assignments")


def unwanted(judge: Known, index: Index) -> Iterator[Finding]:
    """Applicants named people who should not review."""
    known = {value for kind, value in judge.keys if kind in ("name", "mail")}
    for team in index.teams.values():
        if known & team.unwanted:
            pk = team.application_id
            yield Finding(judge.person_id, pk, ConflictKind.UNWANTED, "application")


def designed(judge: Known, index: Index, around: Surroundings) -> Iterator[Finding]:
    """Whoever made the call has an interest in how it ends."""
    part = around.designers.get(judge.person_id or 0)
    for pk in index.teams if part else ():
        kind = ConflictKind.DESIGNED_CALL
        yield Finding(judge.person_id, pk, kind, "call", {"part": [part or ""]})
