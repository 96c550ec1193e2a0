"""Pages that belong to the portal as a whole."""

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
