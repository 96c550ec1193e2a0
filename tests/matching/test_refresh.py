"""An edit in a live run leaves everybody's list as a new run would make it, to the bit."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from django.db import connection, connections
from django.utils import timezone

from matching import embedding
from matching.models import (
    Answer,
    Block,
    MatchRun,
    MatchRunState,
    Profile,
    ProfileVectors,
    RunEdit,
    SuggestionAnswer,
    SuggestionList,
    Work,
)
from matching.scoring import STORED, left_vectors, right_vectors, top_pairs
from matching.scoring.definition import coordinate_parts, seen_from_right
from matching.scoring.rescoring import rescore
from matching.services import live_runs, refresh
from matching.services.list_rows import copy_lists, microseconds
from matching.services.live_runs import Limits, open_live_run
from matching.services.members import member_ids, read_members
from matching.services.pairs import pair_rules
from matching.services.pools import Pool, best_pool
from matching.services.refresh import departed_people, refresh_profile
from matching.services.run_edits import EditsMissed, edits_since
from matching.services.second_looks import FinalList, table_of_lists
from matching.services.snapshots import SIDES, make_snapshot, snapshot_of
from matching.services.suggestions import LONG_AGO
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


@pytest.fixture(autouse=True)
def own_directory(settings, tmp_path, monkeypatch):
    """Copies of frozen inputs of these tests' own, and nothing left from other tests."""
    settings.EMBEDDER, settings.ENGLISH_EMBEDDER = "lexical", ""
    monkeypatch.setenv("KONNECT_DATA_DIR", str(tmp_path))
    embedding.get_embedder.cache_clear()
    live_runs.OPENED.clear()
    yield
    live_runs.OPENED.clear()
    embedding.get_embedder.cache_clear()


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


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_lists_equal_those_of_a_new_run(db, seed):
    people, limits = People(seed, 26), LIMITS[seed % len(LIMITS)]
    run = published_run(limits)

    for _number in range(20):
        touched = people.something_happens()
        task(run, touched, limits)
        assert_as_new(run, limits)


def test_one_refresh_takes_as_many_queries_for_many_as_for_few(db, django_assert_num_queries):
    people = People(1, 40)
    run = published_run(Limits())
    live = open_live_run(run, Limits())
    edited = people.edit()

    # The person: 1 side, 1 rows, 2 tags; 1 lock; 5 kinds of pairs; 1 for the lists of others,
    # 4 to change lists in place; 1 whether they still exist, 1 number, 1 edit; 4 savepoints.
    with django_assert_num_queries(22):
        refresh_profile(edited[0], live)

    assert_as_new(run, Limits())


def test_another_worker_learns_of_edits_by_their_numbers(db):
    people = People(2, 24)
    run = published_run()
    elsewhere = live_runs.LiveRun(run, SMALL)
    elsewhere.synchronise()
    for _number in range(4):
        task(run, people.edit())
    newcomer = people.join()
    task(run, newcomer)
    gone = people.anybody()
    Profile.objects.filter(pk=gone.pk).update(is_suggestible=False)
    task(run, [])

    elsewhere.synchronise()
    refresh_profile(people.edit()[0], elsewhere)

    assert RunEdit.objects.filter(match_run=run, sequence=elsewhere.sequence).exists()
    assert elsewhere.side_of(gone.pk) is None
    assert elsewhere.side_of(newcomer[0]) is not None
    assert_as_new(run)


def test_an_edit_is_seen_also_when_the_last_one_was_erased_with_its_person(db):
    people = People(7, 24)
    run = published_run()
    elsewhere = live_runs.LiveRun(run, SMALL)
    last = people.edit()
    task(run, last)
    Profile.objects.get(pk=last[0]).delete()
    elsewhere.synchronise()
    edited = people.edit()

    for person_id in [*elsewhere.strays(), *edited]:
        refresh_profile(person_id, elsewhere)
    task(run, Profile.objects.exclude(pk__in=edited).values_list("pk", flat=True))

    assert_as_new(run)


def test_a_worker_that_knows_too_little_changes_nothing(db):
    people = People(3, 24)
    run = published_run()
    behind = live_runs.LiveRun(run, SMALL)
    behind.synchronise()
    task(run, people.edit())
    before = stored_lists(run)
    edited = people.edit()

    with pytest.raises(EditsMissed):
        refresh_profile(edited[0], behind)

    assert stored_lists(run) == before
    task(run, edited)
    assert_as_new(run)


def test_a_refresh_that_breaks_in_the_middle_loses_nothing(db, monkeypatch):
    people = People(4, 24)
    run = published_run()
    edited = people.edit()
    before = stored_lists(run)
    live = open_live_run(run, SMALL)

    with monkeypatch.context() as broken:
        broken.setattr(refresh, "store_edit", lambda *_arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            refresh_profile(edited[0], live)

    assert stored_lists(run) == before
    assert RunEdit.objects.filter(match_run=run).count() == 0
    task(run, edited)
    assert_as_new(run)


def test_somebody_who_has_no_vectors_joins_nothing(db):
    run_before_people = People(5, 12)
    run = published_run()
    stranger = ProfileFactory()
    before = stored_lists(run)

    task(run, [stranger.pk, 10**9])

    assert stored_lists(run) == before
    assert run_before_people.anybody().pk in before


@pytest.mark.parametrize("is_locked", (True, False))
def test_an_answer_taken_back_meanwhile_is_not_lost(transactional_db, monkeypatch, is_locked):
    people = People(6, 16)
    run = published_run()
    person_id = people.edit()[0]
    live = open_live_run(run, SMALL)
    threads, read_pairs = [], refresh.pair_rules

    def mark():
        # What `undo_answer` does.
        SuggestionList.objects.filter(match_run=run, profile_id=person_id).update(
            built_from=LONG_AGO
        )
        connections.close_all()

    def read_then_mark(**named):
        rules = read_pairs(**named)
        if not threads:
            threads.append(threading.Thread(target=mark))
            threads[0].start()
            wait_for_a_lock() if is_locked else threads[0].join()
        return rules

    monkeypatch.setattr(refresh, "pair_rules", read_then_mark)
    if not is_locked:
        monkeypatch.setattr(refresh, "lock_list", lambda *_arguments: True)
    refresh_profile(person_id, live)
    threads[0].join()

    # Without the lock the list would pass for one that has seen what it has not.
    row = SuggestionList.objects.get(match_run=run, profile_id=person_id)
    assert (row.built_from == LONG_AGO) is is_locked


def test_the_marks_of_others_outlive_a_refresh(db):
    people = People(8, 16)
    run = published_run()
    SuggestionList.objects.filter(match_run=run).update(built_from=LONG_AGO)
    edited = people.edit()

    task(run, edited)

    fresh = SuggestionList.objects.filter(match_run=run).exclude(built_from=LONG_AGO)
    assert list(fresh.values_list("profile_id", flat=True)) == edited


def wait_for_a_lock():
    """Wait until somebody waits for a row of ours."""
    for _try in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("Nobody waits")


def test_edits_survive_being_stored(db):
    people = People(7, 10)
    run = published_run()
    task(run, people.edit())
    live = open_live_run(run, SMALL)
    [(sequence, edit)] = edits_since(run, 0)
    [place] = live.side(edit.position).places_of([edit.person_id])
    known, evidence = live.side(edit.position).edits[int(place)]

    assert sequence == live.sequence
    assert edits_since(run, sequence) == []
    np.testing.assert_array_equal(edit.vectors.rows, known.rows)
    assert edit.vectors.starts == known.starts
    for name, array in evidence.to_arrays().items():
        np.testing.assert_array_equal(edit.evidence.to_arrays()[name], array)


class Drawn:
    """Pools of few people with few different scores."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.ids = self.random.permutation(np.arange(1, 13))
        self.scores = self.random.integers(0, 4, 12)

    def ranking(self):
        return sorted(zip((-self.scores).tolist(), self.ids.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(20))
def test_pools_stay_the_beginning_of_the_ranking(seed):
    drawn = Drawn(seed)
    everybody = np.ones(12, dtype=bool)
    reserve = int(drawn.random.integers(3, 15))
    pool = best_pool(drawn.ids, drawn.scores, everybody, reserve)
    for _number in range(10):
        place = int(drawn.random.integers(0, 12))
        person_id = int(drawn.ids[place])
        drawn.scores[place] = drawn.random.integers(0, 4)
        pool = pool.without(person_id).joined_by(person_id, int(drawn.scores[place]), reserve)

        found = list(zip((-pool.scores).tolist(), pool.ids.tolist(), strict=True))
        assert found == drawn.ranking()[: len(pool)]
        assert not pool.is_complete or len(pool) == 12
        assert pool.is_complete or not len(pool) or pool.floor == pool.scores[-1]
