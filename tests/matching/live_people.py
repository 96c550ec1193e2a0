"""Invented people of a live run, what may happen to them, and the lists of a new run."""

from dataclasses import replace

import numpy as np
from django.utils import timezone

from matching.models import (
    Answer,
    Block,
    MatchRun,
    MatchRunState,
    Profile,
    ProfileVectors,
    SuggestionAnswer,
    SuggestionList,
    Work,
)
from matching.scoring import STORED, left_vectors, right_vectors, top_pairs
from matching.scoring.definition import coordinate_parts, seen_from_right
from matching.scoring.rescoring import rescore
from matching.services.list_rows import copy_lists, microseconds
from matching.services.live_runs import Limits, open_live_run
from matching.services.members import member_ids, read_members
from matching.services.pairs import pair_rules
from matching.services.pools import Pool
from matching.services.refresh import departed_people, refresh_profile
from matching.services.second_looks import FinalList, table_of_lists
from matching.services.snapshots import SIDES, make_snapshot, snapshot_of
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    KoreanProfileFactory,
    ProfileFactory,
)

EMBEDDER, ENGLISH = "random@1", "tiny@1"
DIMENSION = 512
# So small that pools overflow, get too short and are made anew all the time.
SMALL = Limits(reserve=6, rescored=4, keep=3)
# Lists that are much shorter than what was looked at; lists of all that were.
LIMITS = (SMALL, Limits(reserve=8, rescored=7, keep=2), Limits(reserve=9, rescored=5, keep=5))
WORD = np.dtype([("hash", "<u4"), ("count", "<u2")])


class People:
    """Invented people with invented vectors, and what may happen to them."""

    def __init__(self, seed, count):
        self.random = np.random.default_rng(seed)
        self.universities = [ProfileFactory().organisation, KoreanProfileFactory().organisation]
        Profile.objects.all().delete()
        for _number in range(count):
            self.join()

    def units(self, count, dimension):
        """Unit vectors that lie in a few bundles, so that ranks are close."""
        rows = self.random.normal(size=(count, dimension))
        rows += (
            3
            * np.random.default_rng(1).normal(size=(3, dimension))[
                self.random.integers(0, 3, count)
            ]
        )
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return np.rint(rows * STORED).astype("<i2")

    def some(self, most, dimension=DIMENSION):
        """The bytes and sources of some texts."""
        count = int(self.random.integers(0, most + 1))
        sources = self.random.integers(1, 1000, count).tolist()
        return self.units(count, dimension).tobytes(), sources

    def write(self, profile):
        """Give somebody new vectors."""
        now = timezone.now()
        hashes = np.unique(self.random.integers(0, 50, 6)).astype("<u4")
        words = np.zeros(len(hashes), WORD)
        words["hash"], words["count"] = hashes, self.random.integers(1, 60, len(hashes))
        items = {
            kind: self.some(3, 1 if kind == "english" else DIMENSION)
            for kind in ("work", "english", "offer", "seek")
        }
        columns = {f"{kind}_items": vectors for kind, (vectors, _sources) in items.items()}
        columns |= {f"{kind}_sources": sources for kind, (_vectors, sources) in items.items()}
        columns |= {
            name: self.units(1, DIMENSION).tobytes() if self.random.random() < 0.9 else b""
            for name in ("topic", "offers", "seeks")
        }
        ProfileVectors.objects.update_or_create(
            profile=profile,
            defaults={
                "embedder": EMBEDDER, "english_embedder": ENGLISH, "words": words.tobytes(),
                "built_from": now, "built_at": now, **columns,
            },
        )  # fmt: skip

    def join(self):
        factory = (ProfileFactory, KoreanProfileFactory)[self.random.integers(0, 2)]
        stages = ["R1", "R2", "R3", "R4", ""]
        person = factory(
            would_host=bool(self.random.integers(0, 2)),
            would_visit=bool(self.random.integers(0, 2)),
            career_stage=stages[self.random.integers(0, 5)],
        )
        self.write(person)
        return [person.pk]

    def anybody(self):
        return Profile.objects.order_by("pk")[
            int(self.random.integers(0, Profile.objects.count()))
        ]

    def two(self):
        one, other = self.anybody(), self.anybody()
        return (one, other) if one.pk != other.pk else self.two()

    def edit(self):
        person = self.anybody()
        Profile.objects.filter(pk=person.pk).update(would_host=not person.would_host)
        self.write(person)
        return [person.pk]

    def rewrite(self):
        """Change single texts only: the first pass sees the same person."""
        person = self.anybody()
        before = ProfileVectors.objects.filter(profile=person)
        kept = before.values("topic", "offers", "seeks").get()
        self.write(person)
        before.update(**kept)
        return [person.pk]

    def hide(self):
        Profile.objects.filter(pk=self.anybody().pk).update(is_suggestible=False)
        return []

    def come_back(self):
        hidden = Profile.objects.filter(is_suggestible=False)
        found = list(hidden.values_list("pk", flat=True))
        hidden.update(is_suggestible=True)
        return found

    def delete(self):
        self.anybody().delete()
        return []

    def block(self):
        one, other = self.two()
        Block.objects.get_or_create(blocker=one, blocked=other)
        return [one.pk]

    def dismiss(self):
        one, other = self.two()
        SuggestionAnswer.objects.get_or_create(
            profile=one, partner=other, undone_at=None, defaults={"answer": Answer.NOT_FOR_ME}
        )
        return [one.pk]

    def undo(self):
        answer = SuggestionAnswer.objects.filter(undone_at=None).first()
        SuggestionAnswer.objects.filter(pk=answer and answer.pk).update(undone_at=timezone.now())
        return [answer.profile_id] if answer else []

    def meet(self):
        one, other = self.two()
        if one.side != other.side:
            AcceptedContactRequestFactory(sender=one, recipient=other)
        return [one.pk]

    def publish_together(self):
        one, other = self.two()
        doi = f"10.1/{one.pk}-{other.pk}"
        for author in (one, other):
            Work.objects.create(profile=author, title="Together", doi=doi, year=2026)
        return [one.pk]

    def move(self):
        person = self.anybody()
        university = self.universities[self.random.integers(0, 2)]
        Profile.objects.filter(pk=person.pk).update(organisation=university, side=university.side)
        return [person.pk]

    HAPPENINGS = (
        "join", "edit", "edit", "rewrite", "rewrite", "hide", "come_back", "delete", "block", "dismiss", "undo",
        "meet", "publish_together", "move",
    )  # fmt: skip

    def something_happens(self):
        """Let one thing happen; return whom it touches."""
        return getattr(self, self.HAPPENINGS[self.random.integers(0, len(self.HAPPENINGS))])()


def fresh_lists(run, limits, demand):
    """Everybody's list, computed at once from people as they are and the run's frozen weights."""
    snapshot = snapshot_of(run)
    sides = {}
    for position, side in SIDES.items():
        ids = member_ids(run.embedder, side)
        facts = snapshot.facts(position)
        known = dict(zip(facts.ids.tolist(), facts.price.tolist(), strict=True))
        members = read_members(ids.tolist(), replace(snapshot.shape, prices=known))
        pack = left_vectors if position == "left" else right_vectors
        sides[position] = (pack(members.people), members)
    rules = pair_rules()
    worked = {tuple(pair) for pair in rules.worked_together.tolist()}
    vectors = [sides[position][0] for position in ("left", "right")]
    ranked = top_pairs(*vectors, rules=rules, keep=limits.reserve)
    return [
        fresh_list(row, found, position, sides, snapshot, worked, demand, limits)
        for position, found in zip(("left", "right"), ranked, strict=True)
        for row in range(len(found))
    ]


def fresh_list(row, found, position, sides, snapshot, worked, demand, limits):
    other = "right" if position == "left" else "left"
    (mine, me), (theirs, them) = sides[position], sides[other]
    person_id = int(found.person_ids[row])
    count = int(found.counts[row])
    ids, scores = found.partner_ids[row, :count], found.scores[row, :count]
    rows = [theirs.ids.tolist().index(pk) for pk in ids[: limits.rescored].tolist()]
    here, there = mine.of([row]), theirs.of(rows)
    parts = coordinate_parts(here, there) if position == "left" else seen_from_right(
        coordinate_parts(there, here)
    )  # fmt: skip
    looked = rescore(
        me.evidence.of([row]),
        them.evidence.of(rows),
        parts[:, :7],
        np.array([(person_id, pk) in worked for pk in there.ids.tolist()], dtype=bool),
        np.array([demand.get(pk, 0) for pk in there.ids.tolist()], dtype=np.int64),
        snapshot.reference,
        position,
    )
    order = looked.order(there.ids)[: limits.keep]
    return FinalList(
        person_id, there.ids[order], looked.parts[order], looked.evidence[order],
        Pool(ids, scores, count < limits.reserve), demand.get(person_id, 0),
        int(me.built_from[row]),
    )  # fmt: skip


def published_run(limits=SMALL):
    """A published run whose people have prices, half of them."""
    before = MatchRun.objects.create(
        embedder=EMBEDDER, weights_version="0", state=MatchRunState.PUBLISHED
    )
    prices = [
        SuggestionList(
            match_run=before, profile_id=pk, partner_ids=[], scores=[], parts=[],
            demand=-(2**24) * (pk % 3), built_from=timezone.now(),
        )
        for pk in Profile.objects.values_list("pk", flat=True)
    ]  # fmt: skip
    SuggestionList.objects.bulk_create(prices)
    run = MatchRun.objects.create(embedder=EMBEDDER, english_embedder=ENGLISH, weights_version="1")
    snapshot = make_snapshot(run)
    MatchRun.objects.filter(pk=before.pk).update(state=MatchRunState.SUPERSEDED)
    MatchRun.objects.filter(pk=run.pk).update(
        state=MatchRunState.PUBLISHED, snapshot_hash=snapshot.key
    )
    run.refresh_from_db()
    everybody = Profile.objects.values_list("pk", flat=True)
    demand = {pk: -(2**22) * (pk % 5) for pk in everybody}
    copy_lists(run.pk, table_of_lists(fresh_lists(run, limits, demand), limits))
    return run


def task(run, touched, limits=SMALL):
    """Do what a worker does: look for who is gone, then refresh who was touched."""
    live = open_live_run(run, limits)
    for person_id in [*live.strays(), *departed_people(run), *touched]:
        refresh_profile(person_id, live)


def stored_lists(run):
    rows = SuggestionList.objects.filter(match_run=run)
    columns = ("partner_ids", "scores", "parts", "evidence", "demand", "built_from")
    return {pk: tuple(rest) for pk, *rest in rows.values_list("profile_id", *columns)}


def expected_lists(run, limits=SMALL):
    demand = dict(SuggestionList.objects.filter(match_run=run).values_list("profile_id", "demand"))
    return {
        each.person_id: (
            each.partner_ids.tolist(),
            each.parts.sum(axis=1).tolist(),
            each.parts.ravel().tolist(),
            each.evidence.ravel().tolist(),
            each.demand,
            each.built_from,
        )
        for each in fresh_lists(run, limits, demand)
    }


def assert_as_new(run, limits=SMALL):
    stored = {
        pk: (*rest, microseconds(built_from))
        for pk, (*rest, built_from) in stored_lists(run).items()
    }
    expected = expected_lists(run, limits)
    assert stored.keys() == expected.keys()
    for pk, row in expected.items():
        assert stored[pk] == row, pk
