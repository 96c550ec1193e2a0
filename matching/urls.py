"""Addresses of matching."""

from django.urls import URLPattern, path

from matching.views import dashboard

app_name = "matching"
urlpatterns: list[URLPattern] = [
    path("dashboard/", dashboard.dashboard, name="dashboard"),
]
