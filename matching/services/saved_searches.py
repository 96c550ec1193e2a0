"""Searches that people keep: saving, naming, how often to tell, feeds, deleting and undoing."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from konnect.accounts.models import Rhythm, User
from matching.facets import Asked, Vocabulary, query_of, read_stored
from matching.models import SavedSearch, SavedSearchHit, SearchKind
from matching.permissions.contacts import RefusedError
from matching.permissions.saved_searches import save_blockers
from matching.services.search_alerts import first_look, next_look

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

DAYS_NEW = 14
KEPT_FOR_UNDO = ("name", "kind", "query", "rhythm", "feed_token")


@transaction.atomic
def save_search(
    user: User, *, actor: User, kind: SearchKind, query: str, name: str, rhythm: str
) -> SavedSearch:
    """Keep a search; what it finds now is known and no news.

    The same search again keeps the one that is there, with its new name and rhythm.

    Raises:
        RefusedError: there are too many, or the search is too long to be kept.
    """
    # One at a time for one person: the limit is counted.
    User.objects.select_for_update().get(pk=user.pk)
    asked = read_stored(kind, query, Vocabulary.read(kind))
    ordered = query_of(asked.question)
    blockers = save_blockers(user, kind, ordered)
    if blockers:
        raise RefusedError(blockers)
    search, is_new = SavedSearch.objects.get_or_create(
        user=user, kind=kind, query=ordered, defaults={"name": name, "rhythm": rhythm}
    )
    if is_new:
        first_look(search)
    else:
        change_search(search, actor=actor, name=name, rhythm=rhythm)
    return search


def change_search(search: SavedSearch, *, actor: User, name: str, rhythm: str) -> None:
    """Give a search another name, or tell of it at another rhythm."""
    search.name, search.rhythm = name, rhythm
    search.next_look_at = min(search.next_look_at, next_look(rhythm, timezone.now()))
    search.save(update_fields=["name", "rhythm", "next_look_at"])


def delete_search(search: SavedSearch, *, actor: User) -> dict[str, Any]:
    """Delete a search; return what `restore_search` needs to bring it back."""
    kept = {name: getattr(search, name) for name in KEPT_FOR_UNDO}
    search.delete()
    return kept


@transaction.atomic
def restore_search(user: User, *, actor: User, kept: dict[str, Any]) -> SavedSearch:
    """Bring a deleted search back with its feed; what it finds now is known.

    Raises:
        RefusedError: there are too many by now.
    """
    wanted = {name: kept[name] for name in ("name", "query", "rhythm")}
    search = save_search(user, actor=actor, kind=SearchKind(kept["kind"]), **wanted)
    if kept["feed_token"] and search.feed_token is None:
        search.feed_token = kept["feed_token"]
        search.save(update_fields=["feed_token"])
    return search


def open_feed(search: SavedSearch, *, actor: User) -> None:
    """Give a search a feed at a new secret address; an old address closes."""
    search.feed_token = secrets.token_urlsafe(32)
    search.save(update_fields=["feed_token"])


def close_feed(search: SavedSearch, *, actor: User) -> None:
    """Close the feed of a search."""
    search.feed_token = None
    search.save(update_fields=["feed_token"])


def asked_by(search: SavedSearch, vocabulary: Vocabulary | None = None) -> Asked:
    """Return what a kept search asks today."""
    kind = SearchKind(search.kind)
    return read_stored(kind, search.query, vocabulary or Vocabulary.read(kind))


def saved_as(user: User | AnonymousUser, kind: SearchKind, query: str) -> SavedSearch | None:
    """Return the person's own search of these words and facets, if it is kept."""
    if not user.is_authenticated:
        return None
    return SavedSearch.objects.filter(user=user, kind=kind, query=query).first()


def recent_news(user: User | AnonymousUser, pk: int | None) -> list[int]:
    """Return the things that a person's own search found in the last days, newest first."""
    if pk is None or not user.is_authenticated:
        return []
    since = timezone.now() - timedelta(days=DAYS_NEW)
    hits = SavedSearchHit.objects.filter(
        saved_search_id=pk, saved_search__user=user, is_news=True, found_at__gte=since
    )
    columns = hits.values_list("profile", "organisation", "listing")
    return [thing for row in columns for thing in row if thing is not None]


def default_rhythm(user: User) -> Rhythm:
    """Return the rhythm that the form proposes: the person's own for this kind of news."""
    wishes = user.notification_preferences.filter(kind="saved_search")
    found = wishes.values_list("rhythm", flat=True).first()
    return Rhythm(found) if found else Rhythm.DAILY
