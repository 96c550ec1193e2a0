"""Addresses of matching."""

from django.urls import URLPattern, path

from matching.views import blocks, contacts, conversations, dashboard

app_name = "matching"
urlpatterns: list[URLPattern] = [
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("people/<int:pk>/contact/", contacts.contact_create, name="contact_create"),
    path("contacts/", contacts.contact_list, name="contact_list"),
    path("contacts/<int:pk>/", contacts.contact_detail, name="contact_detail"),
    path("contacts/<int:pk>/accept/", contacts.contact_accept, name="contact_accept"),
    path("contacts/<int:pk>/decline/", contacts.contact_decline, name="contact_decline"),
    path("contacts/<int:pk>/withdraw/", contacts.contact_withdraw, name="contact_withdraw"),
    path("messages/", conversations.conversation_list, name="conversation_list"),
    path("messages/<int:pk>/", conversations.conversation_detail, name="conversation_detail"),
    path("people/<int:pk>/block/", blocks.block_create, name="block_create"),
    path("blocks/", blocks.block_list, name="block_list"),
    path("blocks/<int:pk>/delete/", blocks.block_delete, name="block_delete"),
]
