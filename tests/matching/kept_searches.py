"""Searches that people of the tests keep, and what comes of them."""

from django.utils import timezone

from konnect.accounts.models import Notification, Rhythm
from matching.models import (
    SavedSearch,
    SearchKind,
)
from matching.services.saved_searches import save_search
from matching.services.search_alerts import look_at_saved_searches
from matching.services.search_entries import refresh_search_entries
from tests.factories.matching import (
    KoreanProfileFactory,
)


def keep(person, query="q=graphene", kind=SearchKind.PEOPLE, rhythm=Rhythm.DAILY, name="Mine"):
    """Keep a search of somebody, whatever the entries say now."""
    refresh_search_entries()
    user = person.user
    return save_search(user, actor=user, kind=kind, query=query, name=name, rhythm=rhythm)


def later(**changes):
    """Make every search due, and look at all of them."""
    refresh_search_entries()
    SavedSearch.objects.update(next_look_at=timezone.now(), **changes)
    return look_at_saved_searches()


def graphene(**columns):
    """Return a new person who works on graphene."""
    return KoreanProfileFactory(summary_en="We grow graphene on copper.", **columns)


def news_of(person):
    """Return the titles of somebody's news, the newest first."""
    return [news.title_en for news in Notification.objects.filter(user=person.user)]
