"""From texts to vectors to published lists, and one edit in a live run."""

import threading
from contextlib import nullcontext
from datetime import timedelta

import numpy as np
import pytest
from django.db import connections
from django.utils import timezone

from matching.embedding import LexicalEmbedder
from matching.models import (
    Answer,
    Block,
    MatchRun,
    MatchRunState,
    Profile,
    ProfileVectors,
    SnapshotChunk,
    SuggestionAnswer,
    SuggestionList,
    TextEmbedding,
)
from matching.scoring import TERMS
from matching.services import embeddings, matching, run_blocks, run_stages
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.matching import (
    complete_run,
    is_run_due,
    refresh_stale_suggestions,
    run_due_matching,
    run_matching,
)
from matching.services.profiles import mark_matching_changed
from matching.services.run_states import TEXTS_KEPT, cancel_run, prune_runs, start_run
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    KoreanProfileFactory,
    ListingFactory,
    ProfileFactory,
)
from tests.processes import PATIENCE

pytestmark = pytest.mark.usefixtures("lexical")


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


def test_run_of_a_worker_that_died_early_is_begun_anew(minji, anna):
    refresh_stale_embeddings()
    dead = start_run()
    SnapshotChunk.objects.create(match_run=dead, name="left_rows", number=0, data=b"half")

    run = run_due_matching()
    complete_run(run)

    assert run == dead
    assert run.state == MatchRunState.PUBLISHED
    assert not dead.chunks.filter(data=b"half").exists()


@pytest.mark.parametrize("holds_lock", (True, False))
def test_input_is_frozen_by_one_worker(minji, anna, transactional_db, holds_lock):
    refresh_stale_embeddings()
    run = start_run()
    frozen = []

    def beside():
        frozen.append(run_due_matching() is not None)
        connections.close_all()

    with matching.only_worker(matching.RUN_LOCK) if holds_lock else nullcontext():
        thread = threading.Thread(target=beside)
        thread.start()
        thread.join()

    # Without its lock the worker at it would be taken for a dead one.
    run.refresh_from_db()
    assert frozen == [not holds_lock]
    assert bool(run.snapshot_hash) is not holds_lock


def test_second_run_does_not_begin_while_one_is_running(minji, anna):
    refresh_stale_embeddings()
    start_run()

    assert run_matching() is None
    assert MatchRun.objects.count() == 1


def test_run_that_breaks_shows_nothing_and_says_why(minji, anna, monkeypatch):
    first = publish()
    monkeypatch.setattr(run_stages, "final_lists", lambda *arguments: 1 / 0)

    run = run_matching()

    assert run.state == MatchRunState.FAILED
    assert "ZeroDivisionError" in run.changes.last().reason
    assert set(run.blocks.filter(kind="rank").values_list("tries", flat=True)) <= {0, 1, 2, 3}
    assert MatchRun.objects.current() == first
    assert SuggestionList.objects.exclude(match_run=first).count() == 0
    assert is_run_due() is False


def test_run_that_is_short_of_memory_fails_at_once_and_says_so(minji, anna, monkeypatch):
    refresh_stale_embeddings()

    def too_much(*arguments):
        raise MemoryError

    monkeypatch.setattr(run_stages, "merged_pools", too_much)

    run = run_matching()

    assert run.state == MatchRunState.FAILED
    assert "not enough memory" in run.changes.last().reason
    assert run.blocks.get(kind="price").tries == 1


def test_block_that_ends_its_workers_without_a_word_fails_the_run(minji, anna):
    refresh_stale_embeddings()
    run = run_due_matching()
    run.blocks.filter(kind="score").update(tries=run_blocks.MOST_TRIES)

    complete_run(run)

    assert run.state == MatchRunState.FAILED
    assert "never ended" in run.changes.last().reason


def test_cancelled_run_publishes_nothing_and_leaves_nothing(minji, anna, staff):
    first = publish()
    run = start_run()
    matching.prepare_run(run)
    run_blocks.work_on_blocks(run, seconds=0)

    cancel_run(run, actor=staff)

    assert run_blocks.claim_block(run) is None
    assert complete_run(run).state == MatchRunState.CANCELLED
    assert run.changes.get().actor == staff
    assert MatchRun.objects.current() == first
    assert run.chunks.count() == run.lists.count() == 0
    assert is_run_due() is False


def test_run_cancelled_at_the_last_moment_is_not_published(minji, anna, staff, monkeypatch):
    first = publish()
    open_stage = matching.open_stage

    def cancel_meanwhile(run):
        stage = open_stage(run)
        if stage is None:
            cancel_run(MatchRun.objects.get(pk=run.pk), actor=staff)
        return stage

    monkeypatch.setattr(matching, "open_stage", cancel_meanwhile)

    run = run_matching()

    assert run.state == MatchRunState.CANCELLED
    assert MatchRun.objects.current() == first


def test_repeated_run_ends_with_the_same_lists(minji, anna, omar):
    ListingFactory(profile=anna, kind="offer")
    first = publish()
    before = whole_lists(first)
    edit(anna, would_host=True, summary_en="Something else altogether")
    ProfileFactory()
    refresh_stale_embeddings()

    again = run_matching(repeats=first)

    assert again.repeats == first
    assert again.snapshot_hash == first.snapshot_hash
    assert again.state == MatchRunState.PUBLISHED
    assert whole_lists(again) == before


def test_list_of_somebody_erased_meanwhile_is_left_out(minji, anna, omar):
    refresh_stale_embeddings()
    run = run_due_matching()
    omar.user.delete()

    complete_run(run)

    assert run.state == MatchRunState.PUBLISHED
    assert set(run.lists.values_list("profile_id", flat=True)) == {minji.pk, anna.pk}


def test_bytes_of_a_published_run_are_pruned_but_for_its_input(minji, anna):
    first = publish()

    second = publish()

    assert first.chunks.count() == 0
    assert second.chunks.filter(name="pool").count() == 0
    assert second.chunks.filter(name="left_rows").exists()
    assert set(second.blocks.values_list("result", flat=True)) == {None}


def test_vectors_of_texts_are_forgotten_after_a_month(minji, anna):
    refresh_stale_embeddings()
    old = TextEmbedding.objects.first()
    others = TextEmbedding.objects.exclude(pk=old.pk).count()
    TextEmbedding.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - TEXTS_KEPT - timedelta(minutes=1)
    )

    prune_runs()

    assert others > 0
    assert TextEmbedding.objects.count() == others
    assert not TextEmbedding.objects.filter(pk=old.pk).exists()
    edit(anna, would_host=True)
    edit(minji, would_host=True)
    assert refresh_stale_embeddings() == 2
    assert TextEmbedding.objects.filter(text_hash=old.text_hash).exists()


@pytest.mark.parametrize("factories", ((), (ProfileFactory,), (KoreanProfileFactory,) * 2))
def test_run_over_nobody_or_one_side_ends_and_is_not_due_again(db, factories):
    for factory in factories:
        factory()
    refresh_stale_embeddings()

    run = run_matching()

    assert run.state == MatchRunState.PUBLISHED
    assert run.profile_count == len(factories)
    assert set(run.lists.values_list("is_complete", flat=True)) <= {True}
    assert is_run_due() is False


def test_run_is_due_until_published_and_again_after_a_day(minji, anna):
    refresh_stale_embeddings()
    due = [is_run_due()]

    run = complete_run(run_due_matching())
    due.append(is_run_due())
    MatchRun.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(days=2))
    due.append(is_run_due())

    assert due == [True, False, True]


@pytest.mark.parametrize(
    ("had", "has", "is_due"),
    (("tiny@1", "", False), ("", "tiny@1", True), ("tiny@1", "tiny@2", True)),
)
def test_worker_without_a_model_for_english_minds_no_run_that_had_one(
    minji, anna, monkeypatch, had, has, is_due
):
    run = publish()
    MatchRun.objects.filter(pk=run.pk).update(english_embedder=had)
    own = {"embedder": run.embedder, "english_embedder": has}
    monkeypatch.setattr(matching, "embedders", lambda: own)

    assert is_run_due() is is_due


def test_input_is_frozen_with_the_embedders_that_the_run_began_with(minji, anna, monkeypatch):
    refresh_stale_embeddings()
    run = start_run()
    own = matching.embedders()
    monkeypatch.setattr(matching, "embedders", lambda: {**own, "english_embedder": "tiny@1"})
    by_another = run_due_matching()
    monkeypatch.setattr(matching, "embedders", lambda: own)

    by_one_like_it = run_due_matching()

    assert by_another is None
    assert by_one_like_it == run
    assert complete_run(run).state == MatchRunState.PUBLISHED


def test_run_is_due_with_new_weights(minji, anna, monkeypatch):
    publish()
    monkeypatch.setattr(matching, "WEIGHTS_VERSION", "next")

    assert is_run_due() is True


def all_lists(run):
    return {
        row.profile_id: (row.partner_ids, row.scores, row.parts)
        for row in SuggestionList.objects.filter(match_run=run)
    }


def whole_lists(run):
    columns = ("profile_id", "partner_ids", "scores", "parts", "evidence", "pool_ids",
               "pool_scores", "pool_floor", "demand", "is_complete", "built_from")  # fmt: skip
    return list(SuggestionList.objects.filter(match_run=run).order_by("pk").values_list(*columns))


def test_refresh_finds_an_edit_made_while_a_run_was_computed(minji, anna, monkeypatch):
    publish()
    merged_pools = run_stages.merged_pools

    def edit_meanwhile(run, snapshot):
        edit(anna, would_host=True, would_visit=True)
        refresh_stale_embeddings()
        refresh_stale_suggestions()
        return merged_pools(run, snapshot)

    monkeypatch.setattr(run_stages, "merged_pools", edit_meanwhile)
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
        both_looked.wait(PATIENCE)
        return claimed

    def note(profiles, embedder):
        written.extend(profile.pk for profile in profiles)
        if not is_claimed:
            both_write.wait(PATIENCE)
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
