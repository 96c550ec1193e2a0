"""From texts to vectors to published lists, and one edit in a live run."""

import threading
from contextlib import nullcontext
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection, connections
from django.utils import timezone

from matching import embedding
from matching.embedding import LexicalEmbedder, identity
from matching.models import (
    Answer,
    Block,
    MatchRun,
    MatchRunState,
    Profile,
    ProfileVectors,
    Side,
    SuggestionAnswer,
    SuggestionList,
    TextEmbedding,
)
from matching.scoring import TERMS
from matching.services import embeddings, matching, refresh
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.matching import (
    is_run_due,
    refresh_stale_suggestions,
    run_due_matching,
    run_matching,
)
from matching.services.population import VECTOR_CACHE, load_population
from matching.services.profiles import mark_matching_changed
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    KoreanProfileFactory,
    ListingFactory,
    ProfileFactory,
)


@pytest.fixture(autouse=True)
def lexical(settings):
    """Compare words only: quick, and the same everywhere."""
    settings.EMBEDDER = "lexical"
    embedding.get_embedder.cache_clear()
    VECTOR_CACHE.clear()
    yield
    embedding.get_embedder.cache_clear()


def publish():
    refresh_stale_embeddings()
    return run_matching()


def partners_of(profile):
    rows = SuggestionList.objects.filter(match_run__state=MatchRunState.PUBLISHED, profile=profile)
    return rows.get().partner_ids


def edit(profile, **columns):
    Profile.objects.filter(pk=profile.pk).update(**columns)
    mark_matching_changed(profile)


def test_embeddings_are_made_for_suggestible_people_only(minji, anna, omar):
    Profile.objects.filter(pk=omar.pk).update(is_suggestible=False)

    count = refresh_stale_embeddings()

    assert count == 2
    assert set(ProfileVectors.objects.values_list("pk", flat=True)) == {minji.pk, anna.pk}
    assert refresh_stale_embeddings() == 0


def test_embeddings_follow_an_edit_and_reuse_known_texts(anna):
    refresh_stale_embeddings()
    before = bytes(ProfileVectors.objects.get(pk=anna.pk).topic)
    texts = TextEmbedding.objects.count()

    edit(anna, summary_en="We study mediaeval law.")
    ProfileFactory(summary_en="We study  mediaeval law. ")
    refresh_stale_embeddings()

    assert bytes(ProfileVectors.objects.get(pk=anna.pk).topic) != before
    assert TextEmbedding.objects.count() == texts + 1


def test_embeddings_of_another_embedder_are_made_anew(anna, monkeypatch):
    refresh_stale_embeddings()
    monkeypatch.setattr(LexicalEmbedder, "version", "2")

    assert refresh_stale_embeddings() == 1
    assert ProfileVectors.objects.get(pk=anna.pk).embedder == "lexical@2"


def test_embeddings_leave_out_what_members_may_not_read(anna):
    edit(anna, visibility={"summary": "private"})

    refresh_stale_embeddings()

    assert bytes(ProfileVectors.objects.get(pk=anna.pk).topic) == b""


def test_embeddings_read_offers_and_seeks_from_open_listings(anna):
    ListingFactory(profile=anna, kind="offer")
    ListingFactory(profile=anna, kind="request", state="closed")

    refresh_stale_embeddings()

    vectors = ProfileVectors.objects.get(pk=anna.pk)
    assert len(bytes(vectors.offers)) == 2 * 512
    assert bytes(vectors.seeks) == b""


def test_embeddings_stop_after_their_time(db):
    ProfileFactory.create_batch(embeddings.CHUNK + 1)

    assert refresh_stale_embeddings(seconds=0) == embeddings.CHUNK
    assert refresh_stale_embeddings(seconds=0) == 1


def test_run_publishes_lists_across_the_sides(minji, anna, omar):
    run = publish()

    assert run.state == MatchRunState.PUBLISHED
    assert partners_of(minji) == sorted([anna.pk, omar.pk])
    assert partners_of(anna) == [minji.pk]
    row = SuggestionList.objects.get(match_run=run, profile=minji)
    parts = np.array(row.parts).reshape(len(row.partner_ids), len(TERMS))
    assert parts.sum(axis=1).tolist() == row.scores
    assert row.is_complete is True
    minji.refresh_from_db()
    assert row.built_from == minji.matching_changed_at


def test_run_leaves_out_blocked_dismissed_known_and_colleagues(minji, anna, omar):
    blocked, known, colleague = ProfileFactory.create_batch(3)
    Block.objects.create(blocker=blocked, blocked=minji)
    AcceptedContactRequestFactory(sender=minji, recipient=known)
    Profile.objects.filter(pk=colleague.pk).update(organisation=minji.organisation)
    SuggestionAnswer.objects.create(profile=minji, partner=omar, answer=Answer.NOT_FOR_ME)

    publish()

    assert partners_of(minji) == [anna.pk]
    assert partners_of(omar) == [minji.pk]
    assert partners_of(blocked) == partners_of(known) == partners_of(colleague) == []


def test_run_with_one_side_empty_is_published(anna):
    publish()

    assert partners_of(anna) == []


def test_run_supersedes_the_last_and_keeps_the_lists_of_two(minji, anna):
    runs = [publish() for _ in range(3)]

    assert [MatchRun.objects.get(pk=run.pk).state for run in runs] == [
        "superseded", "superseded", "published",
    ]  # fmt: skip
    assert sorted(set(SuggestionList.objects.values_list("match_run", flat=True))) == [
        runs[1].pk, runs[2].pk,
    ]  # fmt: skip


def test_run_of_a_dead_worker_is_failed_and_done_again(minji, anna):
    refresh_stale_embeddings()
    dead = MatchRun.objects.create(embedder="lexical@1", weights_version="1")
    SuggestionList.objects.create(
        match_run=dead, profile=anna, partner_ids=[], scores=[], parts=[],
        built_from=anna.matching_changed_at,
    )  # fmt: skip

    run = run_due_matching()

    dead.refresh_from_db()
    assert dead.state == MatchRunState.FAILED
    assert dead.lists.count() == 0
    assert run.state == MatchRunState.PUBLISHED


@pytest.mark.parametrize("holds_lock", (True, False))
def test_run_does_not_begin_beside_a_living_one(minji, anna, transactional_db, holds_lock):
    refresh_stale_embeddings()
    living = MatchRun.objects.create(embedder="lexical@1", weights_version="1")
    begun = []

    def beside():
        begun.append(run_matching() is not None)
        connections.close_all()

    with matching.only_worker(matching.RUN_LOCK) if holds_lock else nullcontext():
        thread = threading.Thread(target=beside)
        thread.start()
        thread.join()

    # Without its lock the living run would be taken for a dead worker's.
    living.refresh_from_db()
    assert begun == [not holds_lock]
    assert living.state == (MatchRunState.RUNNING if holds_lock else MatchRunState.FAILED)


def test_run_that_breaks_shows_nothing(minji, anna, monkeypatch):
    first = publish()
    monkeypatch.setattr(matching, "publish_run", lambda run, actor: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        run_matching()

    assert MatchRun.objects.current() == first
    assert SuggestionList.objects.exclude(match_run=first).count() == 0
    assert MatchRun.objects.filter(state=MatchRunState.RUNNING).count() == 0


def test_run_is_due_until_published_and_again_after_a_day(minji, anna):
    refresh_stale_embeddings()
    due = [is_run_due()]

    run = run_due_matching()
    due.append(is_run_due())
    MatchRun.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(days=2))
    due.append(is_run_due())

    assert due == [True, False, True]


def test_run_is_due_with_new_weights(minji, anna, monkeypatch):
    publish()
    monkeypatch.setattr(matching, "WEIGHTS_VERSION", "next")

    assert is_run_due() is True


def all_lists(run):
    return {
        row.profile_id: (row.partner_ids, row.scores, row.parts)
        for row in SuggestionList.objects.filter(match_run=run)
    }


WORDS = [
    "solar",
    "cells",
    "graphene",
    "vaccines",
    "robots",
    "membranes",
    "catalysis",
    "genomics",
    "sensors",
    "climate",
]


@pytest.mark.parametrize("keep", (64, 4))
def test_refresh_of_one_profile_equals_a_new_run(db, monkeypatch, keep):
    for module in ("matching.services.refresh", "matching.services.list_rows"):
        monkeypatch.setattr(f"{module}.KEEP", keep)
    monkeypatch.setattr(refresh, "top_for_one", _with_keep(refresh.top_for_one, keep))
    monkeypatch.setattr(matching, "top_pairs", _with_keep(matching.top_pairs, keep))
    europeans = [ProfileFactory(summary_en=f"{word} and {WORDS[0]}") for word in WORDS]
    for word in WORDS:
        KoreanProfileFactory(summary_ko=f"{word} and {WORDS[1]}")
    run = publish()

    edit(europeans[3], summary_en="solar cells and graphene", would_visit=True)
    newcomer = ProfileFactory(summary_en="graphene")
    refresh_stale_embeddings()
    count = refresh_stale_suggestions()
    refreshed = all_lists(run)

    fresh = run_matching()
    MatchRun.objects.filter(pk=fresh.pk).update(tag_weights=run.tag_weights)
    computed = all_lists(fresh)
    assert count == 2
    assert newcomer.pk in refreshed
    for pk, (partner_ids, scores, parts) in refreshed.items():
        length = len(partner_ids)
        assert partner_ids == computed[pk][0][:length]
        assert scores == computed[pk][1][:length]
        assert parts == computed[pk][2][: length * len(TERMS)]
        assert length >= min(keep, len(computed[pk][0])) - 2


def _with_keep(function, keep):
    def call(*arguments, **named):
        return function(*arguments, keep=keep, **named)

    return call


def test_refresh_finds_an_edit_made_while_a_run_was_computed(minji, anna, monkeypatch):
    publish()
    write_lists = matching.write_lists

    def edit_meanwhile(run, lists, population):
        edit(anna, would_host=True, would_visit=True)
        refresh_stale_embeddings()
        refresh_stale_suggestions()
        write_lists(run, lists, population)

    monkeypatch.setattr(matching, "write_lists", edit_meanwhile)
    Profile.objects.filter(pk=minji.pk).update(would_host=True, would_visit=True)
    run = run_matching()
    lost = all_lists(run)[anna.pk][2][TERMS.index("mobility")]

    count = refresh_stale_suggestions()

    assert lost == 0
    assert count == 1
    assert all_lists(run)[anna.pk][2][TERMS.index("mobility")] > 0.03
    assert all_lists(run)[minji.pk][2][TERMS.index("mobility")] > 0.03


def test_refresh_does_nothing_beside_another_refresher(minji, anna, transactional_db):
    publish()
    edit(anna, would_host=True)
    refresh_stale_embeddings()
    counts = []

    def beside():
        counts.append(refresh_stale_suggestions())
        connections.close_all()

    with matching.only_worker(matching.REFRESH_LOCK):
        thread = threading.Thread(target=beside)
        thread.start()
        thread.join()
    counts.append(refresh_stale_suggestions())

    assert counts == [0, 1]


@pytest.mark.parametrize("is_claimed", (True, False))
def test_two_workers_embed_each_person_once(transactional_db, monkeypatch, is_claimed):
    profiles = ProfileFactory.create_batch(6)
    written = []
    both_looked, both_write = threading.Barrier(2), threading.Barrier(2)
    write_vectors = embeddings.write_vectors
    claim = embeddings.claim

    def look_together(ids):
        claimed = claim(ids) if is_claimed else ids
        both_looked.wait(5)
        return claimed

    def note(profiles, embedder):
        written.extend(profile.pk for profile in profiles)
        if not is_claimed:
            both_write.wait(5)
        write_vectors(profiles, embedder)

    def work():
        embeddings.refresh_chunk(embeddings.Embedders.configured())
        connections.close_all()

    monkeypatch.setattr(embeddings, "claim", look_together)
    monkeypatch.setattr(embeddings, "write_vectors", note)
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ProfileVectors.objects.count() == len(profiles)
    # Without the claim both do all the work: harmless, but twice.
    times = 1 if is_claimed else 2
    assert sorted(written) == sorted([profile.pk for profile in profiles] * times)


def test_population_reads_vectors_again_only_when_they_changed(minji, anna):
    refresh_stale_embeddings()
    name = identity(embedding.get_embedder())
    load_population(name, {})
    edit(anna, summary_en="History of law")
    refresh_stale_embeddings()

    population = load_population(name, {})

    stored = np.frombuffer(bytes(ProfileVectors.objects.get(pk=anna.pk).topic), "<i2")
    expected = np.rint(stored / 32767 * 32768 * np.sqrt(0.35)).astype(np.int16)
    np.testing.assert_array_equal(population.left.rows[0, :512], expected)
    assert population.people[minji.pk].side == Side.KOREA
    assert connection.in_atomic_block
