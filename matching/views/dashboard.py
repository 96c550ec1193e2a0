"""The signed-in person's start page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show suggestions, inbox and what to do next."""
    return render(request, "matching/dashboard.html")
