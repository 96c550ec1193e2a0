"""Every address below /api/."""

from typing import Any

from django.urls import URLPattern, URLResolver, include, path, re_path
from rest_framework.routers import SimpleRouter

from events.api import refusals as refusals_of_events
from events.api.events import Events, Sessions
from events.api.meeting_requests import MeetingRequests
from events.api.meetings import Agenda, Meetings
from events.api.registrations import Participants, Registrations
from events.api.schedule_runs import ScheduleRuns
from funding.api.applications import Applications
from funding.api.calls import Calls
from funding.api.decisions import Decisions
from funding.api.grants import Grants, Trips
from funding.api.reviews import Reviews
from konnect.accounts.api.me import Consents, Me
from konnect.accounts.api.news import News, NewsWishes
from konnect.accounts.api.schema import Description
from konnect.accounts.api.views import NothingHere
from matching.api import refusals
from matching.api.blocks import Blocks
from matching.api.contacts import ContactRequests, Conversations, Messages
from matching.api.interests import Interests
from matching.api.listings import Listings
from matching.api.organisations import Organisations
from matching.api.people import (
    ConfirmOwnProfile,
    HideOwnProfile,
    OwnProfile,
    Profiles,
    PublishOwnProfile,
)
from matching.api.runs import MatchingRuns
from matching.api.searches import (
    ListingSearch,
    OrganisationSearch,
    PeopleSearch,
    SavedSearches,
)
from matching.api.suggestions import SuggestionAnswers, Suggestions
from matching.api.twinnings import Twinnings
from matching.api.vocabulary import Areas, CountryStandings, Topics

refusals.teach()
refusals_of_events.teach()

# By address: what reverse() calls it, and who answers.
NOUNS: dict[str, tuple[str, Any]] = {
    "me/consents": ("consent", Consents),
    "profiles": ("profile", Profiles),
    "organisations": ("organisation", Organisations),
    "listings": ("listing", Listings),
    "expressions-of-interest": ("interest", Interests),
    "contact-requests": ("contact-request", ContactRequests),
    "conversations": ("conversation", Conversations),
    "conversations/<int:conversation>/messages": ("message", Messages),
    "saved-searches": ("saved-search", SavedSearches),
    "twinnings": ("twinning", Twinnings),
    "events": ("event", Events),
    "events/<int:event>/sessions": ("session", Sessions),
    "events/<int:event>/participants": ("participant", Participants),
    "registrations": ("registration", Registrations),
    "meeting-requests": ("meeting-request", MeetingRequests),
    "meetings": ("meeting", Meetings),
    "agenda": ("agenda-entry", Agenda),
    "schedule-runs": ("schedule-run", ScheduleRuns),
    "calls": ("call", Calls),
    "applications": ("application", Applications),
    "decisions": ("decision", Decisions),
    "reviews": ("review", Reviews),
    "grants": ("grant", Grants),
    "trips": ("trip", Trips),
    "blocks": ("block", Blocks),
    "notifications": ("notification", News),
    "areas": ("area", Areas),
    "topics": ("topic", Topics),
    "country-standings": ("country-standing", CountryStandings),
    "matching-runs": ("matching-run", MatchingRuns),
}


def router() -> SimpleRouter:
    """Return the addresses of the nouns."""
    found = SimpleRouter(use_regex_path=False)
    for prefix, (basename, resource) in NOUNS.items():
        found.register(prefix, resource, basename=basename)
    return found


app_name = "api"
version_1: list[URLPattern | URLResolver] = [
    path("schema/", Description.as_view(), name="schema"),
    path("me/", Me.as_view(), name="me"),
    path("me/notifications/", NewsWishes.as_view(), name="news-wishes"),
    path("me/profile/", OwnProfile.as_view(), name="own-profile"),
    path("me/profile/publish/", PublishOwnProfile.as_view(), name="own-profile-publish"),
    path("me/profile/hide/", HideOwnProfile.as_view(), name="own-profile-hide"),
    path("me/profile/confirm/", ConfirmOwnProfile.as_view(), name="own-profile-confirm"),
    path("suggestions/", Suggestions.as_view(), name="suggestion-list"),
    path(
        "suggestions/<int:partner>/answer/", SuggestionAnswers.as_view(), name="suggestion-answer"
    ),
    path("search/people/", PeopleSearch.as_view(), name="people-search"),
    path("search/organisations/", OrganisationSearch.as_view(), name="organisation-search"),
    path("search/listings/", ListingSearch.as_view(), name="listing-search"),
    path("", include(router().urls)),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(version_1)),
    # Whatever stands in the address, line ends too.
    re_path(r"^(?P<rest>[\s\S]+)\Z", NothingHere.as_view(), name="nothing"),
]
