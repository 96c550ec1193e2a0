"""Pages that belong to the portal as a whole."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """Say what the portal is."""
    return render(request, "pages/home.html")


def about(request: HttpRequest) -> HttpResponse:
    """Say who runs the portal and why."""
    return render(request, "pages/about.html")


def privacy(request: HttpRequest) -> HttpResponse:
    """Show the privacy policy."""
    return render(request, "pages/privacy.html")


def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the accessibility statement."""
    return render(request, "pages/accessibility.html")


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process lives."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer when the database does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
