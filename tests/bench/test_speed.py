"""What the measurements of speed are made of: people, truth, verdicts, table, drawing."""

import numpy as np
import pytest

from bench.speed import chart, contest, exactness, oracle, population, table, targets
from bench.speed.dimension import portal_dimension
from bench.speed.ours import count_wrong, fingerprint
from matching.scoring import Ranked


def people(kind="plain", count=600, number=0):
    return population.make_side(count, 48, seed=5, number=number, kind=kind)


def row(title, cpu, **others):
    return {
        "title": title, "cpu": cpu, "cpu_rounds": [cpu, cpu], "wall": cpu, "peak": 10**8,
        "measured_share": 1.0, **others,
    }  # fmt: skip


def case(count=20_000, dimension=1685, **results):
    return {"count": count, "dimension": dimension, "rounds": 2, "results": results}


OURS = row("KONNECT, float32 filter", 10.0, lists="a", wrong_lists=0, checked_lists=400)


def verdicts(*cases, real=1685):
    return {each.what: each.verdict for each in targets.targets(list(cases), real)}


def test_the_same_seed_gives_the_same_people_and_another_side_others():
    one, again, other = people(), people(), people(number=1)
    assert (one.rows == again.rows).all()
    assert (one.rows != other.rows).any()
    assert not set(one.ids) & set(other.ids)


def test_people_are_unit_vectors_that_lie_in_clusters():
    side = people().rows.astype(np.float64) / population.COMPONENT
    assert np.allclose(np.linalg.norm(side, axis=1), 1, atol=1e-3)
    likeness = (side @ side.T)[np.triu_indices(len(side), 1)]
    assert 0.05 < likeness.mean() < 0.3
    assert likeness.max() > 0.5


def test_sorted_people_are_the_same_people_in_the_order_of_their_areas():
    plain, ordered = people(), people("sorted")
    assert set(plain.ids) == set(ordered.ids)
    back = np.argsort(ordered.ids)
    assert (ordered.rows[back] == plain.rows).all()
    neighbours = (ordered.areas[1:] & ordered.areas[:-1]) != 0
    assert neighbours.mean() > 0.9


def test_ties_have_copies_and_masks_allow_about_eight_per_cent():
    assert len(np.unique(people("ties").rows, axis=0)) < 500
    share = population.allowed_share(people(count=3000), people(count=3000, number=1))
    assert 0.06 < share < 0.1


def test_people_on_disk_are_the_people_made(tmp_path):
    population.write(tmp_path, 100, 48, seed=5, kind="plain")
    side = population.read(tmp_path, "left")
    assert (side.rows == people(count=100).rows).all()
    floats = population.read_floats(tmp_path, "left")
    assert np.array_equal(np.rint(floats * population.COMPONENT), side.rows)


def test_brute_force_puts_the_best_first_and_the_smaller_id_before_its_equal():
    rows = np.array([[3, 0], [5, 0], [3, 0], [-1, 0]], dtype=np.int16)
    none = np.ones(4, dtype=np.uint64)
    others = population.Side(np.array([9, 4, 7, 2]), rows, none)
    viewer = population.Side(np.array([1]), rows[:1], none[:1])
    ids, scores = oracle.best(viewer, others, 3)
    assert ids.tolist() == [[4, 7, 9]]
    assert scores.tolist() == [[15, 9, 9]]


def test_recall_counts_true_partners_found():
    assert oracle.recall(np.array([[1, 2], [3, 9]]), np.array([[2, 1], [3, 4]])) == 0.75


def lists(scores=(5, 4), ids=(7, 8)):
    return Ranked(np.array([1]), np.array([ids]), np.array([scores]), np.array([2]))


@pytest.mark.parametrize("wrong", (lists(scores=(5, 3)), lists(ids=(8, 7))))
def test_a_list_with_another_score_or_order_is_wrong(wrong):
    truth = np.array([1]), np.array([[7, 8]]), np.array([[5, 4]])
    assert count_wrong(lists(), *truth) == 0
    assert count_wrong(wrong, *truth) == 1
    assert fingerprint(wrong) != fingerprint(lists())


def test_small_populations_are_proved_and_a_wrong_list_is_found():
    scene = exactness.Scene("masked", (60, 50), 48)
    assert scene.whole("float32", 16)["wrong"] == 0
    assert scene.shared("float32", 2, 16)["wrong"] == 0
    assert scene.alone()["wrong"] == 0
    scores = scene.truth[1][1]
    scores[3, 0] += 1
    assert scene.whole("float32", 16)["wrong"] == 1


def test_the_portal_packs_about_what_the_targets_assume():
    assert 1000 < portal_dimension() < 1400


def test_ratios_pair_the_rounds():
    results = {"a": {"cpu_rounds": [4.0, 10.0, 6.0]}, "b": {"cpu_rounds": [2.0, 5.0, 2.0]}}
    assert contest.ratio(results, "a", "b") == 2
    assert contest.ratio(results, "a", "missing") is None


def test_a_sampled_share_is_scaled_and_an_index_is_counted_once():
    rounds = [{"cpu": 2.0, "wall": 3.0, "share": 0.1, "peak": 5}]
    summary = contest.summary(rounds, build=7.0)
    assert summary["cpu"] == 27
    assert summary["wall"] == 37


def test_targets_hold_are_missed_or_were_not_run():
    held = verdicts(case(ours=OURS, faiss=row("faiss", 16.0), sklearn=row("sklearn", 39.0)))
    assert held["against two faiss flat searches, float32 filter"] == "holds"
    assert held["against scikit-learn brute force"] == "missed"
    assert held["against pgvector exact"] == "not run"
    assert held["wrong lists of 400 compared with integer brute force"] == "holds"


def test_one_wrong_list_misses_the_target():
    wrong = {**OURS, "wrong_lists": 1}
    assert verdicts(case(ours=wrong))["wrong lists of 400 compared with integer brute force"] == (
        "missed"
    )
    other = {**OURS, "lists": "b"}
    found = verdicts(case(**{"ours": OURS, "ours-int8": other}))
    assert found["ours-int8: other lists than ours"] == "missed"


def test_growth_and_memory_are_judged():
    larger = {**OURS, "cpu": 300.0, "peak": 10**11}
    found = verdicts(case(ours=OURS), case(count=100_000, ours=larger))
    assert found["time per pair, times that at 20,000"] == "missed"
    assert found["ours: peak of its process, of 3 x float32 + 200 MB"] == "missed"


def test_the_share_of_sgemm_is_asked_at_the_portals_dimension_only():
    what = "share of the machine's sgemm rate, float32 filter"
    results = {"ours": OURS, "product": row("sgemm", 8.0)}
    assert verdicts(case(**results))[what] == "holds"
    assert what not in verdicts(case(dimension=384, **results))


def test_tables_and_drawing_name_everybody():
    shown = case(
        ours=OURS,
        faiss=row("faiss <flat>", 16.0, recall=0.97),
        usearch={"missing": "ImportError: no usearch"},
    )
    text = table.case_table(shown)
    assert "KONNECT" in text
    assert "usearch" in text
    assert "not run: ImportError" in text
    drawing = chart.chart([shown])
    assert "faiss &lt;flat&gt;" in drawing
    assert "recall 0.970" in drawing
    assert table.target_table(targets.targets([shown], 1685)).count("not run") > 2
