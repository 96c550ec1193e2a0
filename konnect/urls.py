"""Every address of the portal."""

from django.contrib import admin
from django.urls import include, path

from konnect import health, pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("about/", pages.about, name="about"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("accounts/", include("allauth.urls")),
    path("settings/", include("konnect.accounts.urls")),
    path("", include("matching.urls")),
    path("administration/", admin.site.urls),
]
