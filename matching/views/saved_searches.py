"""Kept searches: saving, the list, renaming, feeds, deleting and undoing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from konnect.accounts.services.notifications import mark_read_about
from matching.facets import Vocabulary, query_of, read
from matching.forms.search import NewSavedSearchForm, SavedSearchForm
from matching.models import SavedSearch, SearchKind
from matching.permissions.contacts import RefusedError
from matching.services.saved_search_list import saved_search_rows
from matching.services.saved_searches import (
    asked_by,
    change_search,
    close_feed,
    default_rhythm,
    delete_search,
    open_feed,
    restore_search,
    save_search,
)
from matching.services.search_page import ADDRESSES, chips, described
from matching.views.asked import MemberRequest

DELETED = "deleted_saved_search"
LONGEST_NAME = 100


@login_required
@require_GET
def saved_search_list(request: MemberRequest) -> HttpResponse:
    """Show one's own kept searches."""
    context = {"rows": saved_search_rows(request.user), "most": SavedSearch.MOST_A_PERSON}
    return render(request, "matching/saved_search_list.html", context)


@login_required
def saved_search_create(request: MemberRequest) -> HttpResponse:
    """Keep the search of the address, under a name that its words propose."""
    form = NewSavedSearchForm(request.POST or None, initial=proposed(request))
    if request.method == "POST" and form.is_valid() and (search := saved(request, form)):
        messages.success(request, _("Your search is saved. We tell you what is new."))
        return redirect(reverse("matching:saved_search_list") + f"#saved-{search.pk}")
    kind = kind_named(form["kind"].value())
    question = asked_by(SavedSearch(kind=kind, query=form["query"].value() or "")).question
    context = {"form": form, "chips": chips(question, Vocabulary.read(kind)), "kind": kind}
    return render(request, "matching/saved_search_form.html", context)


def proposed(request: MemberRequest) -> dict[str, Any]:
    """Return what the form says before anybody has written in it."""
    kind = kind_named(request.GET.get("kind", SearchKind.PEOPLE))
    vocabulary = Vocabulary.read(kind)
    question = read(kind, request.GET, vocabulary).question
    words = described(question, vocabulary) or str(_("Everything"))
    name = Truncator(f"{kind.label}: {words}").chars(LONGEST_NAME)
    rhythm = default_rhythm(request.user)
    return {"kind": kind.value, "query": query_of(question), "name": name, "rhythm": rhythm}


def kind_named(name: str | None) -> SearchKind:
    """Return the kind of this name.

    Raises:
        Http404: there is none.
    """
    if name not in SearchKind.values:
        raise Http404
    return SearchKind(name)


def saved(request: MemberRequest, form: NewSavedSearchForm) -> SavedSearch | None:
    """Keep what a valid form says; None, with the reason in the form, when that is refused."""
    data = form.cleaned_data
    try:
        return save_search(
            request.user, actor=request.user, kind=SearchKind(data["kind"]),
            query=data["query"], name=data["name"], rhythm=data["rhythm"],
        )  # fmt: skip
    except RefusedError as refused:
        for blocker in refused.blockers:
            form.add_error(None, str(blocker.words))
        return None


@login_required
@require_GET
def saved_search_open(request: MemberRequest, pk: int) -> HttpResponse:
    """Go to the results of a kept search, what is new marked and first; its news is read."""
    search = own_search(request, pk)
    mark_read_about(request.user, request.path)
    asked = asked_by(search)
    sort = {} if asked.question.kind == SearchKind.ORGANISATIONS else {"sort": "newest"}
    query = query_of(asked.question, **sort, saved=search.pk)
    return redirect(f"{reverse(ADDRESSES[asked.question.kind])}?{query}")


@login_required
@require_POST
def saved_search_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Rename a kept search, or change how often we tell of it."""
    search = own_search(request, pk)
    form = SavedSearchForm(request.POST)
    if not form.is_valid():
        rows = saved_search_rows(request.user, refused={pk: form})
        context = {"rows": rows, "most": SavedSearch.MOST_A_PERSON, "form": form}
        return render(request, "matching/saved_search_list.html", context)
    change_search(search, actor=request.user, **form.cleaned_data)
    messages.success(request, _("Your changes are saved."))
    return to_list(search.pk)


@login_required
@require_POST
def saved_search_feed(request: MemberRequest, pk: int) -> HttpResponse:
    """Open a feed, give it a new address, or close it."""
    search = own_search(request, pk)
    if request.POST.get("action") == "close":
        close_feed(search, actor=request.user)
        messages.success(request, _("The feed is closed. Its address opens nothing any more."))
    else:
        open_feed(search, actor=request.user)
        messages.success(request, _("The feed has a new address. Keep it to yourself."))
    return to_list(search.pk)


@login_required
@require_POST
def saved_search_delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Delete a kept search; the message offers to undo that."""
    search = own_search(request, pk)
    request.session[DELETED] = delete_search(search, actor=request.user)
    undo = "undo:" + reverse("matching:saved_search_restore")
    words = _("Deleted: %(name)s") % {"name": search.name}
    messages.success(request, words, extra_tags=undo)
    return redirect("matching:saved_search_list")


@login_required
@require_POST
def saved_search_restore(request: MemberRequest) -> HttpResponse:
    """Bring back the search that was deleted last."""
    kept = request.session.pop(DELETED, None)
    if kept is None:
        messages.info(request, _("There is nothing to bring back."))
        return redirect("matching:saved_search_list")
    try:
        search = restore_search(request.user, actor=request.user, kept=kept)
    except RefusedError as refused:
        for blocker in refused.blockers:
            messages.error(request, str(blocker.words))
        return redirect("matching:saved_search_list")
    return to_list(search.pk)


def own_search(request: MemberRequest, pk: int) -> SavedSearch:
    """Return one's own kept search; everybody else's are not there."""
    return get_object_or_404(SavedSearch.objects.filter(user=request.user), pk=pk)


def to_list(pk: int) -> HttpResponseRedirect:
    """Return the way to a search in the list."""
    return redirect(reverse("matching:saved_search_list") + f"#saved-{pk}")
