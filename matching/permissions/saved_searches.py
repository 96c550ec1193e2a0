"""What keeps a search from being saved."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import User
from matching.models import SavedSearch
from matching.permissions.contacts import Blocker

LONGEST_QUERY = 1_000


def save_blockers(user: User, kind: str, query: str) -> list[Blocker]:
    """Return what stands in the way; one that is there already may always be saved again."""
    if len(query) > LONGEST_QUERY:
        return [Blocker("too_long", _("This search has too many filters to be saved."))]
    own = SavedSearch.objects.filter(user=user)
    if own.filter(kind=kind, query=query).exists() or own.count() < SavedSearch.MOST_A_PERSON:
        return []
    return [
        Blocker(
            "too_many",
            _("You have saved %(most)s searches already. Delete one to save another.")
            % {"most": SavedSearch.MOST_A_PERSON},
        )
    ]
