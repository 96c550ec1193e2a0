"""Doing what a button asks for, and saying how it went."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from funding.forms.reasons import ReasonForm
from funding.refusing import Blocker, RefusedError
from konnect.states import TransitionError


def tried(
    request: HttpRequest, step: Callable[[], object], said: str = "",
    refused: Callable[[RefusedError], object] | None = None,
) -> bool:  # fmt: skip
    """Do a step and say how it went; return whether it was done.

    said: the words where it was done. refused: says why it was refused, where a form can say it
        better than the top of the page.

    Raises:
        Http404: it is not for this person to do.
    """
    try:
        step()
    except PermissionDenied as error:
        raise Http404 from error
    except RefusedError as refusal:
        say_refusal(request, refusal) if refused is None else refused(refusal)
        return False
    except TransitionError:
        messages.error(request, _("It has moved on meanwhile: please look again."))
        return False
    messages.success(request, said or _("Done."))
    return True


def done(
    request: HttpRequest, step: Callable[[], object], said: str, to: str, *numbers: object
) -> HttpResponse:
    """Do a step, say how it went, and show the page `to` of these numbers.

    Raises:
        Http404: see `tried`.
    """
    tried(request, step, said)
    return redirect(to, *numbers)


def say_refusal(request: HttpRequest, refusal: RefusedError) -> None:
    """Say why something was refused."""
    for words in words_of(refusal):
        messages.error(request, words)


def words_of(refusal: RefusedError) -> list[str]:
    """Return why something was refused, each reason in words."""
    return [str(each.words) for each in refusal.blockers]


def reason_of(request: HttpRequest, prefix: str | None = None) -> str:
    """Return the reason that was typed; services say where one is missing.

    Raises:
        RefusedError: it is too long, or no text at all. Ask inside the step that is tried.
    """
    form = ReasonForm(request.POST, prefix=prefix, is_wanted=False)
    if not form.is_valid():
        words = " ".join(map(str, form.errors["reason"]))
        raise RefusedError([Blocker("reason_unreadable", words)])
    reason: str = form.cleaned_data["reason"]
    return reason


def query_of(data: QueryDict, *names: str) -> str:
    """Return what was asked for under these names as a query, for the links to other pages."""
    return urlencode({name: str(data[name]) for name in names if data.get(name)})
