"""A person's own settings, the language switch, and the demonstration's mailbox."""

import nh3
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from konnect.accounts import services
from konnect.accounts.consent_texts import CONSENT_TEXTS
from konnect.accounts.forms import ConsentForm, LanguageForm, PreferencesForm
from konnect.accounts.models import Consent, ConsentChannel, Language, OutgoingEmail, User
from konnect.accounts.requests import MemberRequest
from konnect.accounts.text import tidy

MESSAGES_A_PAGE = 25
UNSHOWN_TAGS = {"script", "style", "title"}


@login_required
def preferences(request: MemberRequest) -> HttpResponse:
    """Show and change language, time zone and appearance; lead to all other settings."""
    user = request.user
    initial = {name: getattr(user, name) for name in PreferencesForm.base_fields}
    form = PreferencesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.save_preferences(user, actor=user, **form.cleaned_data)
        messages.success(request, _("Your settings are saved."))
        return with_language_cookie(redirect("accounts:settings"), user.language)
    return render(request, "accounts/settings_form.html", {"form": form})


@login_required
def consents(request: MemberRequest) -> HttpResponse:
    """Show what the person agreed to and when; give or take back what is not required."""
    form = ConsentForm(request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            services.record_consents(
                request.user,
                choices=form.choices(),
                channel=ConsentChannel.SETTINGS,
                language=get_language() or Language.ENGLISH,
            )
            messages.success(request, _("Your choice is recorded."))
        else:
            messages.error(request, _("This choice is not possible. Nothing was changed."))
        return redirect("accounts:consents")
    history = Consent.objects.filter(user=request.user)
    context = {"purposes": purposes_of(request.user), "history": history.order_by("-pk")}
    return render(request, "accounts/consent_list.html", context)


def purposes_of(user: User) -> list[dict[str, object]]:
    """Return each purpose's words with the person's newest line on it, if any."""
    newest = {line.purpose: line for line in Consent.objects.filter(user=user).current()}
    return [
        {"text": text, "label": text.purpose.label, "line": newest.get(purpose)}
        for purpose, text in CONSENT_TEXTS.items()
    ]


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language and stay on the page; members keep it."""
    response = redirect(safe_next(request))
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return response
    chosen = form.cleaned_data["language"]
    if request.user.is_authenticated:
        services.change_language(request.user, actor=request.user, language=chosen)
    return with_language_cookie(response, chosen)


def safe_next(request: HttpRequest) -> str:
    """Return where the person came from on this site, else the home page."""
    wanted = request.POST.get("next", "")
    is_safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_safe and wanted.startswith("/") else resolve_url("home")


def with_language_cookie(response: HttpResponse, chosen: str) -> HttpResponse:
    """Let the pages before the next sign-in speak the language too."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
        httponly=True,
    )
    return response


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show the mail of the demonstration, where nothing leaves the machine."""
    refuse_outside_demonstration()
    address = tidy(request.GET.get("to", "")).replace("\0", "").strip()[:254]
    found = OutgoingEmail.objects.filter(to__icontains=address).order_by("-pk")
    page = Paginator(found, MESSAGES_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/mailbox_list.html",
        {"page": page, "address": address, "query": urlencode({"to": address})},
    )


@require_safe
def mailbox_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one message of the demonstration, as text and as cleaned HTML."""
    refuse_outside_demonstration()
    message = get_object_or_404(OutgoingEmail, pk=pk)
    html = mark_safe(nh3.clean(message.html, clean_content_tags=UNSHOWN_TAGS))  # noqa: S308 - cleaned by nh3
    context = {"message": message, "html": html}
    return render(request, "accounts/mailbox_detail.html", context)


def refuse_outside_demonstration() -> None:
    """Say that there is no such page.

    Raises:
        Http404: this is not the demonstration.
    """
    if not settings.DEMO:
        raise Http404
