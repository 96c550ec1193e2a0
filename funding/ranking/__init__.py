"""From votes to an order of merit: thresholds, expected ranks with intervals, zones, ties.

Pure: the standard library, numpy and scipy. No Django, no clock, no database.
"""

from funding.ranking.criteria import OVERALL, Criterion, Shortfall, meets, weighted
from funding.ranking.expected import Convergence, Ranks, Shares, expected_ranks
from funding.ranking.ordering import LOTTERY, SCORE, UNDRAWN, Item, Placed, RankList, order
from funding.ranking.votes import Votes, votes_of
from funding.ranking.zones import Flip, Zone, flips, line, zones

__all__ = [
    "LOTTERY",
    "OVERALL",
    "SCORE",
    "UNDRAWN",
    "Convergence",
    "Criterion",
    "Flip",
    "Item",
    "Placed",
    "RankList",
    "Ranks",
    "Shares",
    "Shortfall",
    "Votes",
    "Zone",
    "expected_ranks",
    "flips",
    "line",
    "meets",
    "order",
    "votes_of",
    "weighted",
    "zones",
]
