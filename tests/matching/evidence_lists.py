"""A list with one partner and the evidence that its reasons name."""

from datetime import timedelta

from django.utils import timezone

from matching.models import MatchRun, SuggestionList
from matching.scoring import TERMS, UNIT
from tests.factories.matching import ListingFactory

SHARES = {"topic": 0.3, "seeking": 0.1, "offering": 0.09, "organisation": 0.06}


def listing(profile, kind, title_en="", title_ko=""):
    """Make an offer or a request with these titles."""
    return ListingFactory(profile=profile, kind=kind, title_en=title_en, title_ko=title_ko)


def write_list(person, partner, evidence):
    """Store somebody's list in the published run: one partner, with this evidence."""
    run, _ = MatchRun.objects.get_or_create(
        state="published", defaults={"published_at": timezone.now()}
    )
    parts = [round(SHARES.get(term, 0) * UNIT) for term in TERMS]
    return SuggestionList.objects.create(
        match_run=run, profile=person, partner_ids=[partner.pk], scores=[sum(parts)],
        parts=parts, evidence=evidence, built_from=timezone.now() + timedelta(days=1),
    )  # fmt: skip
