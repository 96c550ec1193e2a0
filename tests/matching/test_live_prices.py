"""What suggesting somebody costs stays theirs within a run, whichever worker refreshes lists."""

import numpy as np
import pytest

from matching.models import Profile, SuggestionList
from matching.services import live_runs
from matching.services.packing import pack
from matching.services.run_stages import PRICE
from matching.services.snapshot_files import store_chunk
from matching.services.snapshots import snapshot_of
from tests.matching.live_people import People, assert_as_new, published_run, task

pytestmark = pytest.mark.usefixtures("own_directory")


def demand_of(run):
    return dict(SuggestionList.objects.filter(match_run=run).values_list("profile_id", "demand"))


@pytest.mark.parametrize("is_another_worker", (True, False))
def test_whoever_hides_and_comes_back_costs_as_much_as_before(db, is_another_worker):
    people = People(11, 20)
    run = published_run()
    before = demand_of(run)
    snapshot = snapshot_of(run)
    sides = {
        position: np.array([before[pk] for pk in snapshot.facts(position).ids.tolist()])
        for position in ("left", "right")
    }
    store_chunk(run, PRICE, 0, pack(sides))
    sought = next(pk for pk, price in before.items() if price)
    Profile.objects.filter(pk=sought).update(is_suggestible=False)
    task(run, [])
    was_gone = sought not in demand_of(run)
    if is_another_worker:
        live_runs.OPENED.clear()

    task(run, people.come_back())

    assert was_gone
    assert demand_of(run) == before
    assert_as_new(run)
