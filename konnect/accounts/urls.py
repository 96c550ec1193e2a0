"""Addresses of a person's own settings."""

from django.urls import URLPattern, path

from konnect.accounts import views

app_name = "accounts"
urlpatterns: list[URLPattern] = [
    path("", views.preferences, name="settings"),
    path("consents/", views.consents, name="consents"),
    path("language/", views.language, name="language"),
    path("mailbox/", views.mailbox, name="mailbox"),
    path("mailbox/<int:pk>/", views.mailbox_message, name="mailbox_message"),
]
