"""A person's rights: a copy of the data, no suggestions, the end of the account."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from konnect.accounts.fresh import fresh_sign_in_required
from konnect.accounts.models import DataExport, DataExportState
from konnect.accounts.requests import MemberRequest
from konnect.accounts.rights import export_parts
from konnect.accounts.rights_forms import ErasureForm
from konnect.accounts.services.erasure import ErasureBusyError, erase_account
from konnect.accounts.services.exports import ask_export


@login_required
@require_GET
def my_data(request: MemberRequest) -> HttpResponse:
    """Show what a person can do with their data; a poll gets how the copy is getting on."""
    exports = DataExport.objects.filter(user=request.user).defer("content")
    newest = exports.first()
    context = {"export": newest, "until": kept_until(newest)}
    if "hx-request" in request.headers:
        return render(request, "accounts/my_data.html#copy", context)
    nouns = [part.label for part in export_parts()]
    return render(request, "accounts/my_data.html", context | {"nouns": nouns})


def kept_until(export: DataExport | None) -> object:
    """Return when a copy that is ready is deleted."""
    return export.ready_at + DataExport.KEPT if export and export.ready_at else None


@login_required
@require_POST
def export_ask(request: MemberRequest) -> HttpResponse:
    """Ask for a copy; a second click asks for nothing more."""
    ask_export(request.user, actor=request.user)
    return redirect("accounts:my_data")


@fresh_sign_in_required
@require_GET
def export_download(request: MemberRequest, pk: int) -> HttpResponse:
    """Hand the copy out to its owner, while it is kept."""
    kept = DataExport.objects.filter(ready_at__gt=timezone.now() - DataExport.KEPT)
    ready = kept.filter(user=request.user, state=DataExportState.READY)
    export = get_object_or_404(ready, pk=pk)
    response = HttpResponse(bytes(export.content or b""), content_type="application/zip")
    name = f"konnect-{export.ready_at:%Y-%m-%d}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def account_erase(request: MemberRequest) -> HttpResponse:
    """Say what goes and what stays, and erase whoever types their address."""
    form = ErasureForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        return erase_and_leave(request, form)
    return render(request, "accounts/account_erase.html", {"form": form})


def erase_and_leave(request: MemberRequest, form: ErasureForm) -> HttpResponse:
    """Erase, sign out, and say so on a page that needs no account."""
    user = request.user
    try:
        erase_account(user, keeps_messages=form.keeps_messages)
    except ErasureBusyError:
        form.add_error(
            None,
            _(
                "The portal works on your data at this moment. Nothing was deleted; please try again in a minute."
            ),
        )
        return render(request, "accounts/account_erase.html", {"form": form}, status=503)
    logout(request)
    messages.success(request, _("Your account has been deleted."))
    return redirect("accounts:erased")


@require_GET
def erased(request: HttpRequest) -> HttpResponse:
    """Say farewell."""
    return render(request, "accounts/erased.html")


@login_required
@require_GET
def sign_in_again(request: MemberRequest) -> HttpResponse:
    """Lead somebody who signs in elsewhere there again."""
    wanted = request.GET.get("next", "")
    is_own = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    accounts = SocialAccount.objects.filter(user=request.user)
    context = {
        "providers": [account.get_provider(request) for account in accounts],
        "next": wanted if is_own else "",
    }
    return render(request, "accounts/sign_in_again.html", context)
