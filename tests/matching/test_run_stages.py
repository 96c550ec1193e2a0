"""What workers keep between the blocks of a run belongs to that run alone."""

from datetime import timedelta

import numpy as np
import pytest

from matching.models import BlockKind, MatchBlock, MatchRun, SnapshotChunk
from matching.services.packing import pack
from matching.services.run_stages import PRICE, stored_prices, thresholds_of

pytestmark = pytest.mark.django_db


def run_with(number, size):
    """Write a run of a number with as many prices and thresholds as asked for."""
    run = MatchRun.objects.create(pk=number, weights_version="1")
    steps = np.zeros(size, dtype=np.int32)
    SnapshotChunk.objects.create(
        match_run=run, name=PRICE, number=0, data=pack({"left": steps, "right": steps})
    )
    MatchBlock.objects.create(
        match_run=run, kind=BlockKind.SCORE, number=0, first=0, last=size,
        result=pack({"thresholds": np.zeros(size, dtype=np.float32)}),
    )  # fmt: skip
    return run


def test_a_run_of_the_same_number_in_a_restored_database_has_its_own_prices_and_thresholds():
    first = run_with(7, size=1)
    assert len(stored_prices(first.pk, first.started_at).left) == 1
    assert len(thresholds_of(first.pk, first.started_at)) == 1
    first.delete()
    again = run_with(7, size=3)
    assert again.started_at - first.started_at < timedelta(minutes=1)

    assert len(stored_prices(again.pk, again.started_at).left) == 3
    assert len(thresholds_of(again.pk, again.started_at)) == 3
