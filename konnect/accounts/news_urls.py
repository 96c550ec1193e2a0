"""Addresses of news, and of stopping its mail."""

from django.urls import URLPattern, path

from konnect.accounts import news_views

app_name = "news"
urlpatterns: list[URLPattern] = [
    path("", news_views.news_list, name="list"),
    path("<int:pk>/", news_views.open_news, name="open"),
    path("read/", news_views.read_all, name="read_all"),
    path("try-again/", news_views.try_again, name="try_again"),
    path("stop/<str:token>/", news_views.stop, name="stop"),
]
