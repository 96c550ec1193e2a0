"""What the measurements of writing and reading are made of."""

import numpy as np

from bench import write


def result(rates, reads, scoring=100.0):
    return {
        "lists": 1000,
        "writers": {str(rate): {"per_cpu_second": rate} for rate in rates},
        "runs": [{"cpu_writing": 4.0}, {"cpu_writing": 6.0}, {"cpu_writing": 90.0}],
        "reads": {"writing": reads},
        "scoring_cpu": scoring,
    }


def verdicts(**arguments):
    found = write.targets(result(**arguments))
    return {each.what: each.verdict for each in found}


READS = {"reads": 9, "empty": 0, "p95_ms": 0.4}


def test_lists_are_what_the_portals_writer_takes():
    table = write.lists_of(np.arange(1, 200), seed=1)
    assert (table.parts.sum(axis=2) == table.scores).all()
    assert (table.pool_floor == table.pool_scores.min(axis=1)).all()


def test_reads_are_counted_in_the_phase_in_which_they_began():
    reads = [{"at": at, "ms": 10.0 * at, "found": at != 3} for at in (1, 2, 3, 4)]
    row = write.read_row(reads, [(1.5, 2.5), (3, 4)])
    assert row["reads"] == 2
    assert row["empty"] == 1
    assert row["p50_ms"] == 25
    assert write.read_row(reads, [])["p95_ms"] is None


def test_targets_of_writing_hold_or_are_missed():
    found = verdicts(rates=(260.0, 10.0, 20.0), reads=READS)
    assert found["writing, times bulk_create of the same content"] == "holds"
    assert found["writing a run, share of scoring it"] == "missed"
    assert found["reading one list, p95 ms, writing"] == "holds"
    slow = verdicts(rates=(240.0, 10.0, 20.0), reads={**READS, "empty": 1, "p95_ms": 1.1})
    assert slow["writing, times bulk_create of the same content"] == "missed"
    assert slow["reads that found no list"] == "missed"
    assert slow["reading one list, p95 ms, writing"] == "missed"


def test_without_a_scoring_time_its_share_was_not_run():
    found = verdicts(rates=(260.0, 10.0, 20.0), reads=READS, scoring=None)
    assert found["writing a run, share of scoring it"] == "not run"
