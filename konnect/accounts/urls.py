"""Addresses of a person's own settings."""

from django.urls import URLPattern, path

from konnect.accounts import (
    news_views,
    policy_views,
    rights_views,
    staff_views,
    token_views,
    views,
)

app_name = "accounts"
urlpatterns: list[URLPattern] = [
    path("", views.preferences, name="settings"),
    path("consents/", views.consents, name="consents"),
    path("notifications/", news_views.news_settings, name="notifications"),
    path("tokens/", token_views.token_list, name="tokens"),
    path("tokens/<int:pk>/revoke/", token_views.token_revoke, name="token_revoke"),
    path("my-data/", rights_views.my_data, name="my_data"),
    path("my-data/copy/", rights_views.export_ask, name="export_ask"),
    path("my-data/copy/<int:pk>/", rights_views.export_download, name="export_download"),
    path("my-data/delete/", rights_views.account_erase, name="account_erase"),
    path("my-data/deleted/", rights_views.erased, name="erased"),
    path("changes/", policy_views.policy_changes, name="policy_changes"),
    path("sign-in-again/", rights_views.sign_in_again, name="sign_in_again"),
    path("visits/", staff_views.impersonations, name="impersonations"),
    path("visits/begin/<int:pk>/", staff_views.impersonation_begin, name="impersonation_begin"),
    path("visits/end/", staff_views.impersonation_end, name="impersonation_end"),
    path("language/", views.language, name="language"),
    path("mailbox/", views.mailbox, name="mailbox"),
    path("mailbox/<int:pk>/", views.mailbox_message, name="mailbox_message"),
]
