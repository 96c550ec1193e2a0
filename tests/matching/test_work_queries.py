"""What workers ask every few seconds must not compare everybody with everybody."""

import pytest

from matching.models import MatchRun
from matching.services.embeddings import Embedders, stale_profiles
from matching.services.matching import stale_lists
from matching.services.refresh import departed_lists

QUERIES = {
    "embeddings": lambda: stale_profiles(Embedders.configured()),
    "lists": lambda: stale_lists(MatchRun(pk=1, embedder="tiny@1")),
    "departed": lambda: departed_lists(MatchRun(pk=1)),
}


@pytest.mark.parametrize("name", QUERIES)
def test_nobody_is_looked_for_in_a_list_of_everybody(db, settings, name):
    settings.EMBEDDER = "lexical"

    plan = QUERIES[name]().explain()

    # NOT IN a subquery is a plan of its own for every row once it does not fit into work_mem.
    assert "SubPlan" not in plan
    assert "Anti" in plan
