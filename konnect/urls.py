"""Every address of the portal."""

from django.contrib import admin
from django.urls import include, path

from konnect import health, pages, problems

urlpatterns = [
    path("", pages.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("about/", pages.about, name="about"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("terms/", pages.terms, name="terms"),
    path("appearance/", pages.appearance, name="appearance"),
    path("accounts/", include("allauth.urls")),
    path("settings/", include("konnect.accounts.urls")),
    path("", include("matching.urls")),
    path("administration/", admin.site.urls),
]

handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = problems.page_not_found
handler500 = problems.server_error
