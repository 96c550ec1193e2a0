"""A call's applications and experts as a problem of assignment: arrays, with whose they are.

What brings experts and applications together: likeness of the application's text to what an expert
works on, areas in common, and bids. What keeps them apart: conflicts that stand, and reviews that
were declined or ended. What an officer fixed, and whom somebody has already asked, stays.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from django.db.models import Q

from funding.assignment import Group, Pair, Problem, Weights, blended
from funding.assignment.problem import Flags, Floats, Ints
from funding.forms_schema import schema_of, without_names
from funding.models import (
    ACTIVE,
    Application,
    ApplicationVersion,
    Bid,
    Call,
    CallExpert,
    Conflict,
    Expert,
    ReviewAssignment,
    Verdict,
)
from matching.embedding import get_embedder, identity, text_hash
from matching.models import ProfileVectors
from matching.scoring import STORED
from matching.services.embeddings import vectors_of_texts

VERSION = "1"
GROUPS = ("europe", "korea", "domain")
# An expert is as near as the nearest works are, and as the whole of them is.
NEAREST = 3
# Characters of a text that are embedded: the model reads no more.
LONGEST_TEXT = 1200


@dataclass(frozen=True)
class CallProblem:
    """A problem, and the rows that its numbers stand for."""

    problem: Problem
    experts: list[int]
    applications: list[int]

    @property
    def inputs(self) -> dict[str, Any]:
        """Everything that decides the result, as JSON: kept with the run, so that it can be repeated."""
        problem = self.problem
        return {
            "experts": self.experts, "applications": self.applications,
            "affinity": np.round(problem.affinity, 6).tolist(),
            "forbidden": [list(map(int, pair)) for pair in np.argwhere(problem.forbidden)],
            "demand": problem.demand.tolist(), "least": problem.least.tolist(),
            "most": problem.most.tolist(), "pinned": [list(pair) for pair in problem.pinned],
            "groups": {
                group.name: {"members": [list(map(int, pair)) for pair in np.argwhere(group.members)],
                             "wanted": group.wanted.tolist()}
                for group in problem.groups
            },
            "cap": problem.cap, "seed": problem.seed,
        }  # fmt: skip

    @property
    def sha256(self) -> str:
        """The check sum of the inputs."""
        text = json.dumps(self.inputs, sort_keys=True, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()

    def table(self, pairs: Collection[tuple[int, int]]) -> Flags:
        """Return pairs of (application id, expert id) as a table; those that it lacks are left out."""
        rows = {pk: number for number, pk in enumerate(self.experts)}
        columns = {pk: number for number, pk in enumerate(self.applications)}
        table = np.zeros_like(self.problem.forbidden)
        for application, expert in pairs:
            if application in columns and expert in rows:
                table[rows[expert], columns[application]] = True
        return table


def problem_of(
    call: Call, *, seed: int = 1, cap: float | None = None, with_likeness: bool = True
) -> CallProblem:
    """Return what a call's assignment is made from, as it stands now.

    cap: the highest probability of any pair, below 1 where nobody may count on one.
    with_likeness: compare texts, which needs the model; checking a result does without.
    """
    asked = list(CallExpert.objects.filter(call=call, answer="accepted").order_by("expert"))
    applications = list(
        call.applications.filter(state__in=("eligible", "in_review")).order_by("number")
    )
    experts = experts_of(call, asked)
    # Without reviewers or applications there are arrays without rows, which no solver minds.
    ids = [each.pk for each in experts]
    numbers = {pk: number for number, pk in enumerate(ids)}
    places = {each.pk: number for number, each in enumerate(applications)}
    pins = fixed_pairs(call, numbers, places)
    areas = shared_areas(experts, applications)
    alike = likeness(experts, applications) if with_likeness else np.zeros_like(areas)
    affinity = blended(alike, bids_of(numbers, places), areas, Weights())
    demand = np.full(len(applications), call.reviews_wanted, dtype=np.int64)
    taken = np.zeros(len(applications), dtype=np.int64)
    for _expert, place in pins:
        taken[place] += 1
    least, most = loads(asked, numbers, pins)
    problem = Problem(
        affinity=affinity, forbidden=forbidden_pairs(numbers, places, pins),
        demand=np.maximum(demand, taken), least=least, most=most, pinned=tuple(pins),
        groups=groups_of(experts, areas, demand), cap=cap, seed=seed,
    )  # fmt: skip
    return CallProblem(problem, ids, [each.pk for each in applications])


def experts_of(call: Call, asked: list[CallExpert]) -> list[Expert]:
    """Return those who agreed, and those who already review, in the order of their numbers."""
    active = ReviewAssignment.objects.filter(application__call=call, state__in=ACTIVE)
    wanted = Q(pk__in=[row.expert_id for row in asked]) | Q(pk__in=active.values("reviewer"))
    rows = Expert.objects.filter(wanted).select_related("person").prefetch_related("areas")
    return list(rows.order_by("pk"))


def fixed_pairs(call: Call, numbers: dict[int, int], places: dict[int, int]) -> list[Pair]:
    """Return what officers fixed, and what somebody has been asked for already."""
    rows = ReviewAssignment.objects.filter(application__in=places, state__in=ACTIVE)
    rows = rows.filter(Q(is_pinned=True) | ~Q(state="proposed"))
    found = rows.values_list("reviewer", "application")
    return sorted((numbers[expert], places[application]) for expert, application in found)


def forbidden_pairs(
    numbers: dict[int, int], places: dict[int, int], pins: Collection[Pair]
) -> Flags:
    """Return who may not review what: conflicts that stand, and what was declined or ended.

    A pin beside a soft conflict found later stays a pin: its own page asks for the verdict.
    """
    table = np.zeros((len(numbers), len(places)), dtype=np.bool_)
    conflicts = Conflict.objects.filter(application__in=places, person__expert__in=numbers)
    standing = conflicts.filter(verdict=Verdict.STANDS)
    gone = ReviewAssignment.objects.filter(application__in=places, reviewer__in=numbers)
    gone = gone.exclude(state__in=ACTIVE)
    for expert, application in (
        *standing.values_list("person__expert", "application"),
        *gone.values_list("reviewer", "application"),
    ):
        table[numbers[expert], places[application]] = True
    for pair in pins:
        table[pair] = False
    return table


def loads(
    asked: list[CallExpert], numbers: dict[int, int], pins: Collection[Pair]
) -> tuple[Ints, Ints]:
    """Return how many each reviews at least and at most; what is fixed raises the most."""
    least, most = np.zeros(len(numbers), dtype=np.int64), np.zeros(len(numbers), dtype=np.int64)
    for row in asked:
        least[numbers[row.expert_id]], most[numbers[row.expert_id]] = row.least, row.most
    taken = np.zeros(len(numbers), dtype=np.int64)
    for expert, _place in pins:
        taken[expert] += 1
    return least, np.maximum(most, taken)


def groups_of(experts: list[Expert], areas: Floats, demand: Ints) -> tuple[Group, ...]:
    """Return the quotas: a reviewer of each region, and somebody who knows the field.

    Where two reviewers are asked for, regions come first; with a single one there is no quota.
    """
    sides = np.array([each.side for each in experts], dtype=object)
    knows = np.array([each.is_domain_expert for each in experts], dtype=np.bool_)
    # Whoever named no areas knows the field by the officer's word alone.
    has_areas = np.array([bool(each.areas.all()) for each in experts], dtype=np.bool_)
    domain = knows[:, None] & ((areas > 0) | ~has_areas[:, None])
    one = np.where(demand >= 2, 1, 0).astype(np.int64)
    return (
        Group("europe", sides == "europe", one),
        Group("korea", sides == "korea", one),
        Group("domain", domain, one),
    )


def shared_areas(experts: list[Expert], applications: list[Application]) -> Floats:
    """Return 1 where an application's area is one of the expert's, else 0."""
    own = [{area.pk for area in each.areas.all()} for each in experts]
    rows = [[float(each.area_id in areas) for each in applications] for areas in own]
    return np.array(rows, dtype=np.float64).reshape(len(experts), len(applications))


def bids_of(numbers: dict[int, int], places: dict[int, int]) -> Floats:
    """Return the bids as -1 to 1; 0 where none was placed."""
    table = np.zeros((len(numbers), len(places)), dtype=np.float64)
    rows = Bid.objects.filter(expert__in=numbers, application__in=places)
    for expert, application, value in rows.values_list("expert", "application", "value"):
        table[numbers[expert], places[application]] = value / 2
    return table


# --- Likeness -------------------------------------------------------------------------------------


def likeness(experts: list[Expert], applications: list[Application]) -> Floats:
    """Return how near each expert's works are to each application, 0 to 1.

    Half of it is the mean of the nearest works, half the whole of what the expert works on; the
    cosines of unit vectors, from nothing at 0.
    """
    found = np.zeros((len(experts), len(applications)), dtype=np.float64)
    texts = vectors_of_applications(applications)
    rows = {row.profile.user_id: row for row in vectors_of_experts(experts)}
    for number, expert in enumerate(experts):
        row = rows.get(expert.person.user_id or 0)
        if row is not None and len(texts):
            found[number] = nearness(row, texts)
    return np.clip(found, 0.0, 1.0)


def vectors_of_experts(experts: list[Expert]) -> list[ProfileVectors]:
    """Return the vectors of the experts' profiles that the current model made."""
    users = [each.person.user_id for each in experts if each.person.user_id]
    rows = ProfileVectors.objects.filter(profile__user__in=users)
    return list(rows.filter(embedder=identity(get_embedder())).select_related("profile"))


def nearness(row: ProfileVectors, texts: Floats) -> Floats:
    """Return the likeness of one expert to every application, (applications,)."""
    works = unit_rows(bytes(row.work_items), texts.shape[1]) @ texts.T
    whole = unit_rows(bytes(row.topic), texts.shape[1]) @ texts.T
    parts = [np.sort(works, axis=0)[-NEAREST:].mean(axis=0)] if len(works) else []
    parts += [whole[0]] if len(whole) else []
    empty = np.zeros(len(texts), dtype=np.float64)
    return np.asarray(np.mean(parts, axis=0) if parts else empty, dtype=np.float64)


def unit_rows(stored: bytes, dimension: int) -> Floats:
    """Return stored vectors as rows of length 1."""
    rows = np.frombuffer(stored, dtype="<i2").reshape(-1, dimension)
    return rows.astype(np.float64) / STORED


def vectors_of_applications(applications: list[Application]) -> Floats:
    """Return one unit vector an application, of its text without names; (applications, dimension)."""
    texts = texts_of_applications(applications)
    every = [piece for pieces in texts.values() for piece in pieces]
    vectors = vectors_of_texts(every, get_embedder())
    if not vectors:
        return np.zeros((0, 0), dtype=np.float64)
    dimension = len(next(iter(vectors.values())))
    rows = np.zeros((len(applications), dimension), dtype=np.float64)
    for number, application in enumerate(applications):
        for piece in texts[application.pk]:
            rows[number] += vectors[text_hash(piece)]
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths == 0, 1.0, lengths), dtype=np.float64)


def texts_of_applications(applications: list[Application]) -> dict[int, list[str]]:
    """Return, by application, its title and the beginning of each long answer that names nobody."""
    counted = {each.pk: each.submitted_version for each in applications}
    found: dict[int, list[str]] = defaultdict(list)
    rows = ApplicationVersion.objects.filter(application__in=counted)
    for pk, number, content in rows.values_list("application", "number", "content"):
        if counted[pk] == number:
            found[pk] = list(pieces_of(content))
    return found


def pieces_of(content: dict[str, Any]) -> list[str]:
    """Return the texts of one version."""
    answers = without_names(schema_of(content["form"]), content["answers"])
    words = [value for section in answers.values() for value in section.values()]
    texts = [content.get("title", ""), *(each for each in words if isinstance(each, str))]
    return [text[:LONGEST_TEXT] for text in texts if len(text.strip()) > 10]
