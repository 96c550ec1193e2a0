"""How well two people fit, by the suggestions in force: for the weight of their wish to meet."""

from __future__ import annotations

from matching.models import MatchRunState, Profile, SuggestionList
from matching.scoring.terms import UNIT

THOUSAND = 1000


def pair_score(one: Profile, other: Profile) -> int:
    """Return the score of a pair in matching, in thousandths; 0 when neither is suggested to the other.

    Each stands at most once in the other's list; the better of the two counts. One query.
    """
    lists = SuggestionList.objects.filter(
        match_run__state=MatchRunState.PUBLISHED, profile__in=(one, other)
    ).values_list("profile_id", "partner_ids", "scores")
    partner_of = {one.pk: other.pk, other.pk: one.pk}
    found = [
        score * THOUSAND // UNIT
        for profile_id, partners, scores in lists
        for partner, score in zip(partners, scores, strict=True)
        if partner == partner_of[profile_id]
    ]
    return max(found, default=0)
