"""The programme of an event as its organisers write it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events.forms.events import MemberSearchForm
from events.forms.programme import SessionForm, SpeakerForm
from events.models import Event, Session
from events.services.helpers import members_named
from events.services.programmes import programme_of
from events.services.sessions import (
    HallTakenError,
    SpeakerTakenError,
    add_speaker,
    delete_session,
    leave_programme,
    remove_speaker,
    save_session,
)
from events.views.asked import event_run, event_shown
from events.views.event_forms import WRITERS
from matching.models import Profile
from matching.views.asked import MemberRequest


def own_session(request: MemberRequest, pk: int, session_pk: int) -> Session:
    """Return a part of the programme of an event that this reader writes."""
    event = event_run(request, pk, *WRITERS)
    return get_object_or_404(event.sessions.select_related("event", "place"), pk=session_pk)


@login_required
@require_GET
def session_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the programme to those who write it, on the clocks of the event."""
    event = event_run(request, pk, *WRITERS)
    programme = programme_of(event, reader=request.user, zone=event.zone)
    return render(request, "events/session_list.html", {"event": event, "programme": programme})


@login_required
@require_http_methods(["GET", "POST"])
def session_create(request: MemberRequest, pk: int) -> HttpResponse:
    """Add a part to a programme."""
    event = event_run(request, pk, *WRITERS)
    return session_view(request, event, Session(event=event))


@login_required
@require_http_methods(["GET", "POST"])
def session_edit(request: MemberRequest, pk: int, session_pk: int) -> HttpResponse:
    """Change a part of a programme and who speaks in it."""
    session = own_session(request, pk, session_pk)
    return session_view(request, session.event, session)


def session_view(request: MemberRequest, event: Event, session: Session) -> HttpResponse:
    """Show the form of a part, or save it."""
    form = SessionForm(request.POST or None, event=event, session=session)
    if request.method == "POST" and form.is_valid() and saved(request, form, session):
        messages.success(request, _("The programme is saved."))
        return redirect("events:session_edit", pk=event.pk, session_pk=session.pk)
    search = MemberSearchForm(request.GET)
    words = search.cleaned_data["q"] if search.is_valid() else ""
    context = {
        "event": event, "session": session, "form": form, "search": search, "words": words,
        "found": members_named(words, reader=request.user), "speaker_form": SpeakerForm(),
        "speakers": session.speakers.select_related("profile") if session.pk else [],
    }  # fmt: skip
    return render(request, "events/session_form.html", context)


def saved(request: MemberRequest, form: SessionForm, session: Session) -> bool:
    """Save a part, or say beside its fields why that cannot be."""
    assert form.begins is not None
    assert form.ends is not None
    try:
        save_session(
            session, actor=request.user, columns=form.columns(),
            starts_at=form.begins.at, ends_at=form.ends.at,
        )  # fmt: skip
    except HallTakenError:
        form.add_error("place", _("Something else takes place in this hall at that time."))
    except SpeakerTakenError:
        form.add_error("starts_at_day", _("Somebody who speaks here is taken at that time."))
    return not form.errors


@login_required
@require_POST
def session_delete(request: MemberRequest, pk: int, session_pk: int) -> HttpResponse:
    """Remove a part of a programme."""
    delete_session(own_session(request, pk, session_pk), actor=request.user)
    messages.success(request, _("This part of the programme is removed."))
    return redirect("events:session_list", pk=pk)


@login_required
@require_POST
def speaker_add(request: MemberRequest, pk: int, session_pk: int) -> HttpResponse:
    """Let a member, or somebody by name, speak."""
    session = own_session(request, pk, session_pk)
    form = SpeakerForm(request.POST)
    if request.POST.get("profile"):
        add_member(request, session)
    elif form.is_valid():
        add_speaker(session, actor=request.user, **form.cleaned_data)
    else:
        messages.error(request, _("Enter the name of the speaker."))
    return redirect("events:session_edit", pk=pk, session_pk=session_pk)


def add_member(request: MemberRequest, session: Session) -> None:
    """Let a member speak, or say why not."""
    number = request.POST["profile"]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Http404
    profile = get_object_or_404(Profile.objects.visible_to(request.user), pk=int(number))
    try:
        with transaction.atomic():
            add_speaker(session, actor=request.user, profile=profile)
    except SpeakerTakenError:
        messages.error(
            request, _("%(name)s is taken at that time.") % {"name": profile.display_name}
        )
    except IntegrityError:
        messages.info(request, _("%(name)s speaks here already.") % {"name": profile.display_name})


@login_required
@require_POST
def speaker_remove(
    request: MemberRequest, pk: int, session_pk: int, speaker_pk: int
) -> HttpResponse:
    """Let somebody speak no more."""
    session = own_session(request, pk, session_pk)
    remove_speaker(get_object_or_404(session.speakers, pk=speaker_pk), actor=request.user)
    return redirect("events:session_edit", pk=pk, session_pk=session_pk)


@login_required
@require_POST
def speaker_leave(request: MemberRequest, pk: int) -> HttpResponse:
    """Take oneself out of a programme."""
    event = event_shown(request, pk)
    profile = get_object_or_404(Profile, user=request.user)
    if leave_programme(event, profile=profile):
        messages.success(request, _("You are no longer named in the programme."))
    return redirect("events:event_detail", pk=pk)
