"""Every address of the portal."""

from django.contrib import admin
from django.urls import include, path

from konnect import health, pages, problems, reference, sitemaps

urlpatterns = [
    path("", pages.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("about/", pages.about, name="about"),
    path("about/suggestions/", pages.how_suggestions_work, name="how_suggestions_work"),
    path("privacy/", pages.privacy, name="privacy"),
    path("privacy/<slug:version>/", pages.privacy, name="privacy_version"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("terms/", pages.terms, name="terms"),
    path("terms/<slug:version>/", pages.terms, name="terms_version"),
    path("appearance/", pages.appearance, name="appearance"),
    path("accounts/", include("allauth.urls")),
    path("settings/", include("konnect.accounts.urls")),
    path("notifications/", include("konnect.accounts.news_urls")),
    path("", include("matching.urls")),
    path("", include("events.urls")),
    path("", include("funding.urls")),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.sitemap_index, name="sitemap"),
    path("sitemap-<slug:part>-<int:page>.xml", sitemaps.sitemap_part, name="sitemap_part"),
    path("api/", reference.api_reference, name="api_reference"),
    path("api/", include("konnect.api")),
    path("administration/", admin.site.urls),
]

handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = problems.page_not_found
handler500 = problems.server_error
