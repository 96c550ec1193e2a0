"""News on the site, what of it comes by e-mail, and stopping that with one click."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from konnect.accounts.models import Consent, Notification, User
from konnect.accounts.news_forms import NewsSettingsForm, initial_of
from konnect.accounts.notifications import Kind, kinds
from konnect.accounts.requests import MemberRequest
from konnect.accounts.services.bounces import trouble_of, trust_again
from konnect.accounts.services.notifications import mark_read
from konnect.accounts.services.unsubscribing import Stop, stop_mail, stop_of
from konnect.accounts.services.wishes import save_wishes, wishes

NEWS_A_PAGE = 25


@login_required
@require_safe
def news_list(request: MemberRequest) -> HttpResponse:
    """Show what happened, the newest first; on wish only what is not read."""
    found = Notification.objects.filter(user=request.user)
    only_unread = request.GET.get("show") == "unread"
    page = Paginator(found.unread() if only_unread else found, NEWS_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "rows": [(news, kind_label(news.kind)) for news in page],
        "only_unread": only_unread,
        "query": "show=unread" if only_unread else "",
    }
    return render(request, "accounts/notification_list.html", context)


def kind_label(name: str) -> str:
    """Return what the settings call a kind, "" for one that is no longer there."""
    return next((str(kind.label) for kind in kinds() if kind.name == name), "")


@login_required
@require_safe
def open_news(request: MemberRequest, pk: int) -> HttpResponse:
    """Lead to what a piece of news is about, and take it as read."""
    news = get_object_or_404(Notification, pk=pk, user=request.user)
    mark_read(request.user, actor=request.user, pks=[news.pk])
    is_here = url_has_allowed_host_and_scheme(news.address, allowed_hosts=None)
    return redirect(news.address if is_here and news.address.startswith("/") else "news:list")


@login_required
@require_POST
def read_all(request: MemberRequest) -> HttpResponse:
    """Take all news as read."""
    if mark_read(request.user, actor=request.user):
        messages.success(request, _("All news is marked as read."))
    return redirect("news:list")


@login_required
def news_settings(request: MemberRequest) -> HttpResponse:
    """Show and change what comes by e-mail, how often, and when."""
    user = request.user
    offered, unagreed = offered_kinds(user)
    form = NewsSettingsForm(
        request.POST or None, kinds=offered, initial=initial_of(user, offered, wishes(user))
    )
    if request.method == "POST" and form.is_valid():
        save_wishes(user, actor=user, rhythms=form.rhythms(), times=form.times())
        messages.success(request, _("Your settings are saved."))
        return redirect("accounts:notifications")
    context = {"form": form, "unagreed": unagreed, "trouble": trouble_of(user)}
    return render(request, "accounts/notification_settings.html", context)


def offered_kinds(user: User) -> tuple[list[Kind], list[Kind]]:
    """Return the kinds that one can choose, and those whose consent is missing."""
    # Adverts last: the rest is about the person's own contacts and things.
    optional = sorted(
        (kind for kind in kinds() if kind.is_optional), key=lambda kind: bool(kind.consent)
    )
    unagreed = [
        kind for kind in optional
        if kind.consent and not Consent.objects.is_given(user, kind.consent)
    ]  # fmt: skip
    return [kind for kind in optional if kind not in unagreed], unagreed


@login_required
@require_POST
def try_again(request: MemberRequest) -> HttpResponse:
    """Send mail again to an address that it came back from."""
    if trust_again(request.user, actor=request.user):
        messages.success(
            request,
            _("We send e-mails to this address again. Should they come back, you see it here."),
        )
    return redirect("accounts:notifications")


# Mail programs post here for their reader: no session, no cookie, no token of a form.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to send no more such mail; a POST does it, by whoever holds the link."""
    found = stop_of(token)
    if found is None:
        raise Http404
    if request.method == "POST":
        stop_mail(found)
    with translation.override(found.user.language):
        return stop_page(request, found)


def stop_page(request: HttpRequest, found: Stop) -> HttpResponse:
    """Return the question, or that it is done."""
    context = {"stop": found, "is_done": request.method == "POST"}
    response = render(request, "accounts/notification_stop.html", context)
    # The address is a key: it goes nowhere, and no search engine keeps it.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = found.user.language
    return response
