"""Kept searches as Atom feeds (RFC 4287), opened by a secret address instead of a sign-in.

A feed holds what its owner would find as a member at this moment, in the owner's language: names,
affiliations and the beginning of listings, and links that ask for the sign-in where the page does.
Whoever has the address reads it, so that the page of kept searches says to keep it to oneself, and
the owner closes it or gives it a new address at any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from matching.countries import country_name
from matching.facets import Vocabulary
from matching.models import SavedSearch, SearchEntry, SearchKind
from matching.questions import Question, Sort
from matching.services.finding import find
from matching.services.search_alerts import THINGS, audience_of, question_of
from matching.services.search_hits import things_of

MOST_ENTRIES = 50
LONGEST_SUMMARY = 300
A_MINUTE = 30


class SearchFeed(Atom1Feed):
    """An Atom feed that is the same, byte for byte, as long as its entries are."""

    def latest_post_date(self) -> datetime:
        """Return when the newest entry came, or when the search was kept."""
        dates = [item["updateddate"] for item in self.items]
        return max([*dates, self.feed["created_at"]])


def feed_of(search: SavedSearch) -> bytes:
    """Return the feed of a kept search as its owner may read it now; four to eight queries."""
    with translation.override(search.user.language):
        feed = SearchFeed(
            title=f"{search.name} - KONNECT",
            link=settings.SITE_URL + reverse("matching:saved_search_open", args=[search.pk]),
            description="",
            subtitle=_("The newest results of a search that you saved on KONNECT"),
            language=search.user.language,
            author_name="KONNECT",
            feed_url=settings.SITE_URL
            + reverse("matching:saved_search_atom", args=[search.feed_token]),
            feed_guid=f"{settings.SITE_URL}/saved-searches/{search.pk}",
            created_at=search.created_at,
        )
        question = question_of(search, Vocabulary.read(SearchKind(search.kind)))
        for entry in entries_of(search, question) if question else []:
            feed.add_item(**entry)
        return feed.writeString("utf-8").encode()


def entries_of(search: SavedSearch, question: Question) -> list[dict[str, Any]]:
    """Return the newest results as entries."""
    newest = replace(question, sort=Sort.NEWEST, page=1, page_size=MOST_ENTRIES)
    ids = find(newest, reader=search.user, gives_reasons=False).ids
    dates = appeared(question, ids)
    things = {thing.pk: thing for thing in things_of(ids, question.kind, search.user)}
    return [
        entry_of(question.kind, things[pk], dates.get(pk) or search.created_at)
        for pk in ids
        if pk in things
    ]


def appeared(question: Question, ids: Sequence[int]) -> dict[int, datetime | None]:
    """Return when things were published, by their ids."""
    thing = THINGS[question.kind]
    entries = SearchEntry.objects.filter(
        **{f"{thing}__in": list(ids)}, audience=audience_of(question)
    )
    return dict(entries.values_list(thing, "appeared_at"))


def entry_of(kind: SearchKind, thing: Any, date: datetime) -> dict[str, Any]:
    """Return one entry."""
    title, text = SHOWN[kind](thing)
    address = settings.SITE_URL + reverse(PAGES[kind], args=[thing.pk])
    return {
        "title": title,
        "link": address,
        "description": text,
        "unique_id": address,
        "pubdate": date,
        "updateddate": date,
    }


def shown_person(person: Any) -> tuple[str, str]:
    """Return a person's name, and where they work."""
    is_korean = translation.get_language() == "ko"
    name = (person.hangul_name if is_korean else "") or person.display_name
    place = str(person.organisation or person.organisation_unlisted)
    return name, ", ".join(filter(None, [place, person.country_name]))


def shown_organisation(organisation: Any) -> tuple[str, str]:
    """Return an organisation's name and place."""
    place = [organisation.city, country_name(organisation.country_code)]
    return str(organisation), ", ".join(filter(None, place))


def shown_listing(listing: Any) -> tuple[str, str]:
    """Return a listing's title, and who offers or seeks what."""
    is_korean = translation.get_language() == "ko"
    texts = [listing.description_en, listing.description_ko]
    text = next(filter(None, reversed(texts) if is_korean else texts), "")
    parts = [listing.get_kind_display(), listing.profile.name, listing.profile.affiliation, text]
    return listing.title, Truncator(" · ".join(filter(None, parts))).chars(LONGEST_SUMMARY)


SHOWN = {
    SearchKind.PEOPLE: shown_person,
    SearchKind.ORGANISATIONS: shown_organisation,
    SearchKind.LISTINGS: shown_listing,
}
PAGES = {
    SearchKind.PEOPLE: "matching:profile_detail",
    SearchKind.ORGANISATIONS: "matching:organisation_detail",
    SearchKind.LISTINGS: "matching:listing_detail",
}


def tag_of(content: bytes) -> str:
    """Return the ETag of a feed."""
    return f'"{hashlib.sha256(content).hexdigest()}"'
