"""A person's kept searches as their page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from konnect.accounts.models import Rhythm, User
from matching.facets import Vocabulary, query_of
from matching.models import SavedSearch, SearchKind
from matching.services.saved_searches import DAYS_NEW, asked_by
from matching.services.search_page import Chip, chips, dropped_words


@dataclass(frozen=True)
class SavedSearchRow:
    """One kept search.

    new: how many things it found in the last days; dropped: facets that there are no more;
    is_empty: nothing is left of it, so that it rests; name, rhythm: as typed, if that was refused.
    """

    search: SavedSearch
    name: str
    rhythm: str
    chips: list[Chip]
    dropped: list[str]
    is_empty: bool
    new: int
    feed_address: str
    errors: list[str]

    @property
    def rhythms(self) -> list[tuple[str, Any, bool]]:
        """The rhythms to choose from: value, label, whether it is the present one."""
        return [(value, label, value == self.rhythm) for value, label in Rhythm.choices]


def saved_search_rows(
    user: User, refused: Mapping[int, Any] | None = None
) -> list[SavedSearchRow]:
    """Return somebody's kept searches; flat in queries. refused: forms by the search's number."""
    since = timezone.now() - timedelta(days=DAYS_NEW)
    lately = Q(hits__is_news=True, hits__found_at__gte=since)
    searches = list(SavedSearch.objects.filter(user=user).annotate(new=Count("hits", lately)))
    vocabulary = Vocabulary.read(SearchKind.PEOPLE) if searches else Vocabulary({}, {})
    return [row(each, vocabulary, (refused or {}).get(each.pk)) for each in searches]


def row(search: Any, vocabulary: Vocabulary, form: Any) -> SavedSearchRow:
    """Return one search with what is left of what it asks."""
    asked = asked_by(search, vocabulary)
    return SavedSearchRow(
        search=search,
        name=form["name"].value() if form else search.name,
        rhythm=form["rhythm"].value() if form else search.rhythm,
        chips=chips(asked.question, vocabulary),
        dropped=dropped_words(asked.dropped),
        is_empty=bool(search.query) and not query_of(asked.question),
        new=search.new,
        feed_address=feed_address(search),
        errors=[text for errors in form.errors.values() for text in errors] if form else [],
    )


def feed_address(search: SavedSearch) -> str:
    """Return the whole secret address of a search's feed, '' where there is none."""
    if not search.feed_token:
        return ""
    return settings.SITE_URL + reverse("matching:saved_search_atom", args=[search.feed_token])
