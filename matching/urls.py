"""Addresses of matching."""

from django.urls import URLPattern, path

from matching.views import (
    blocks,
    contacts,
    conversations,
    dashboard,
    invitations,
    listings,
    organisations,
    profiles,
    runs,
    search,
    suggestion_api,
    suggestions,
)

app_name = "matching"
urlpatterns: list[URLPattern] = [
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("people/<int:pk>/contact/", contacts.contact_create, name="contact_create"),
    path("contacts/", contacts.contact_list, name="contact_list"),
    path("contacts/<int:pk>/", contacts.contact_detail, name="contact_detail"),
    path("contacts/<int:pk>/accept/", contacts.contact_accept, name="contact_accept"),
    path("contacts/<int:pk>/decline/", contacts.contact_decline, name="contact_decline"),
    path("contacts/<int:pk>/withdraw/", contacts.contact_withdraw, name="contact_withdraw"),
    path("api/v1/suggestions/", suggestion_api.suggestion_list, name="api_suggestion_list"),
    path("suggestions/", suggestions.suggestion_list, name="suggestion_list"),
    path("suggestions/<int:pk>/answer/", suggestions.suggestion_answer, name="suggestion_answer"),
    path("suggestions/<int:pk>/undo/", suggestions.suggestion_undo, name="suggestion_undo"),
    path("messages/", conversations.conversation_list, name="conversation_list"),
    path("messages/<int:pk>/", conversations.conversation_detail, name="conversation_detail"),
    path("people/<int:pk>/block/", blocks.block_create, name="block_create"),
    path("blocks/", blocks.block_list, name="block_list"),
    path("blocks/<int:pk>/delete/", blocks.block_delete, name="block_delete"),
    path("profile/preview/", profiles.profile_preview, name="profile_preview"),
    path("profile/publish/", profiles.profile_publish, name="profile_publish"),
    path("profile/hide/", profiles.profile_hide, name="profile_hide"),
    path("profile/confirm/", profiles.profile_confirm, name="profile_confirm"),
    path("profile/<slug:step>/", profiles.profile_edit, name="profile_edit"),
    path("people/<int:pk>/", profiles.profile_detail, name="profile_detail"),
    path("search/", search.people_search, name="people_search"),
    path("organisations/", organisations.organisation_list, name="organisation_list"),
    path(
        "organisations/suggest/", organisations.organisation_suggest, name="organisation_suggest"
    ),
    path("organisations/<int:pk>/", organisations.organisation_detail, name="organisation_detail"),
    path("listings/", listings.listing_list, name="listing_list"),
    path("listings/new/", listings.listing_create, name="listing_create"),
    path("listings/<int:pk>/", listings.listing_detail, name="listing_detail"),
    path("listings/<int:pk>/edit/", listings.listing_edit, name="listing_edit"),
    path("listings/<int:pk>/close/", listings.listing_close, name="listing_close"),
    path("listings/<int:pk>/open/", listings.listing_open, name="listing_open"),
    path("matching/runs/", runs.run_list, name="run_list"),
    path("matching/runs/<int:pk>/", runs.run_detail, name="run_detail"),
    path("matching/runs/<int:pk>/cancel/", runs.run_cancel, name="run_cancel"),
    path("matching/runs/<int:pk>/repeat/", runs.run_repeat, name="run_repeat"),
    path("invitation/<str:token>/", invitations.invitation_accept, name="invitation_accept"),
]
