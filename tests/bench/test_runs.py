"""What the measurements of runs and edits are made of."""

import numpy as np
import pytest

from bench import crowd, edit, large_run
from matching.models import MatchRun, Profile, Side
from matching.services.matching import run_matching
from matching.services.snapshots import snapshot_of


def run(lists="a", elapsed=10.0, given="input"):
    return {"lists": lists, "input": given, "elapsed": elapsed}


def verdicts(seconds=(0.5, 1.9), **runs):
    calm = {"one worker": run()}
    named = {name.replace("_", " "): each for name, each in runs.items()}
    edits = [{"seconds": each} for each in seconds]
    found = large_run.targets({"people": 9, "runs": named | calm, "edits": edits})
    return {each.what.partition(":")[0]: each.verdict for each in found}


def test_runs_must_end_with_the_same_lists_from_the_same_input():
    assert verdicts(killed=run())["killed"] == "holds"
    assert verdicts(killed=run(lists="b"))["killed"] == "missed"
    assert verdicts(killed=run(given="other"))["killed"] == "missed"


def test_two_workers_must_be_faster_and_no_edit_slow():
    found = verdicts(two_workers=run(elapsed=6.0))
    assert found["two workers, elapsed times one's"] == "holds"
    assert found["slowest edit until all lists are right, seconds"] == "holds"
    found = verdicts(seconds=(0.5, 2.1), two_workers=run(elapsed=10.0))
    assert found["two workers, elapsed times one's"] == "missed"
    assert found["slowest edit until all lists are right, seconds"] == "missed"


@pytest.mark.parametrize(
    ("reading", "peer", "verdicts"),
    ((0.6, 11.0, ["holds", "holds", "holds"]), (0.4, 9.0, ["missed", "missed", "holds"])),
)
def test_an_own_list_is_judged_by_memory_and_by_pgvector(reading, peer, verdicts):
    rows = {edit.READING: reading, edit.OURS: 1.0, edit.PEER: peer}
    found = edit.targets(
        {
            "people": 9, "dimension": 9, "wrong": 0,
            "rows": {name: {"cpu_ms": value} for name, value in rows.items()},
        }
    )  # fmt: skip
    assert [each.verdict for each in found] == verdicts


def test_pgvector_that_was_not_run_holds_nothing():
    rows = {edit.READING: {"cpu_ms": 1.0}, edit.OURS: {"cpu_ms": 1.0}}
    found = edit.targets({"people": 9, "dimension": 9, "wrong": 1, "rows": rows})
    assert [each.verdict for each in found] == ["holds", "not run", "missed"]


def test_a_generated_crowd_is_matched_like_people(db):
    crowd.make_people(6)
    crowd.make_vectors()
    assert Profile.objects.suggestible().filter(side=Side.KOREA).count() == 6
    run_matching()
    current = MatchRun.objects.current()
    assert current.lists.count() == 12
    assert (snapshot_of(current).left_evidence.works.sources > 0).all()
    assert len(large_run.fingerprint(current.pk)) > 64


def test_the_fingerprint_of_lists_changes_with_any_score(db):
    crowd.make_people(3)
    crowd.make_vectors()
    run_matching()
    current = MatchRun.objects.current()
    before = large_run.fingerprint(current.pk)
    one = current.lists.first()
    current.lists.filter(pk=one.pk).update(scores=(np.array(one.scores) + 1).tolist())
    assert large_run.fingerprint(current.pk) != before
