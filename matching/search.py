"""Narrowing people down by words, for lists that are narrowed otherwise too."""

from __future__ import annotations

from django.contrib.postgres.search import SearchQueryField
from django.db.models import BooleanField, F, Func, Value
from django.db.models.functions import Cast

from matching.lexemes import asked
from matching.models import SearchAudience, SearchEntry, SearchKind
from matching.models.profile import ProfileQuerySet


def people_with_words(people: ProfileQuerySet, words: str, *, is_member: bool) -> ProfileQuerySet:
    """Keep those who have every word where their audience may read it, as the search page does."""
    query = asked(words).strict
    if not query:
        return people
    # As lexemes already: `to_tsquery` would cut them once more and lose their marks.
    has_words = Func(
        F("words"), Cast(Value(query), SearchQueryField()), arg_joiner=" @@ ",
        template="(%(expressions)s)", output_field=BooleanField(),
    )  # fmt: skip
    audience = SearchAudience.MEMBER if is_member else SearchAudience.PUBLIC
    entries = SearchEntry.objects.filter(has_words, kind=SearchKind.PEOPLE, audience=audience)
    return people.filter(pk__in=entries.values("profile"))
