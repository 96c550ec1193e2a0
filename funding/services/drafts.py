"""Writing an application: started once, saved section by section, never overwritten silently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from events.registering import NO_NAME
from funding.applying import is_lead, may_edit
from funding.forms_schema import check_sum
from funding.models import Application, Call, Participant, SectionDraft
from funding.phases import clock_of
from funding.refusing import Blocker, RefusedError
from funding.services.draft_content import Draft, basics_content, read_draft
from funding.services.ledger import record
from funding.services.moving import move
from funding.services.people import person_of
from funding.services.windows import (
    CLOSED,
    NOT_ASKED,
    NOT_CALLED,
    NOT_OPEN_YET,
    Window,
    window_of,
)
from konnect.accounts.models import User
from konnect.accounts.prepared import prepared
from matching.models import Area, Profile
from matching.services.profiles import EditConflict, ensure_profile

NOT_INVITED = Blocker(
    "not_invited",
    gettext_lazy("Only those apply here whose outline was invited in the first step."),
)


def start_blockers(call: Call) -> list[Blocker]:
    """Return what keeps people from starting an application now; empty means go.

    By the clock of the database: one query, none for a call that was read with it.
    """
    now = clock_of(call)
    if call.state != "approved" or call.opens_at is None or call.closes_at is None:
        return [NOT_CALLED]
    if now < call.opens_at:
        return [NOT_OPEN_YET]
    return [CLOSED] if now >= call.closes_at else []


def profile_blockers(profile: Profile) -> list[Blocker]:
    """Return what a profile lacks to start an application: partners are told who asks them."""
    return [] if profile.display_name else [NO_NAME]


def live_application(call: Call, user: User) -> Application | None:
    """Return the application that somebody leads in a call, unless they withdrew it."""
    own = Application.objects.filter(call=call, lead__user=user)
    return own.exclude(state="withdrawn").first()


def invited_outline(call: Call, user: User) -> Application | None:
    """Return the outline with which somebody was invited to a call for full applications."""
    if call.outline_call_id is None:
        return None
    rows = Application.objects.filter(call=call.outline_call_id, lead__user=user, state="invited")
    return rows.filter(call__released_at__isnull=False).select_related("area").first()


def invitation_missing(call: Call, outline: Application | None) -> list[Blocker]:
    """Return what keeps people from applying to a call for which one has to be invited."""
    return [NOT_INVITED] if call.outline_call_id and outline is None else []


@transaction.atomic
def start_draft(call: Call, *, actor: User) -> tuple[Application, bool]:
    """Start an application in a call; whoever has one, or clicks twice, gets that one.

    Returns it, and whether it is new.

    Raises:
        RefusedError: the call takes no applications now, or none of this person, who was not
        invited; or the profile has no name.
    """
    if found := live_application(call, actor):
        return found, False
    profile, outline = ensure_profile(actor), invited_outline(call, actor)
    if blockers := (
        start_blockers(call) or invitation_missing(call, outline) or profile_blockers(profile)
    ):
        raise RefusedError(blockers)
    lead = person_of(actor)
    try:
        with transaction.atomic():
            application = Application.objects.create(
                call=call, lead=lead, language=actor.language, outline=outline
            )
    except IntegrityError:
        return Application.objects.exclude(state="withdrawn").get(call=call, lead=lead), False
    Participant.objects.create(
        application=application, role="lead", person=lead, email=actor.email,
        **place_of(profile),
    )  # fmt: skip
    record(application, "start", actor=lead)
    touch(application)
    return application, True


def place_of(profile: Profile) -> dict[str, Any]:
    """Return name and place of somebody as their profile says, for the columns of a participant."""
    return {
        "name": profile.display_name, "organisation": profile.organisation,
        "organisation_unlisted": "" if profile.organisation else profile.organisation_unlisted,
        "department": profile.unit, "country_code": profile.country_code, "region": profile.side,
    }  # fmt: skip


@transaction.atomic
def take_place(application: Application, *, actor: User) -> None:
    """Write name and place of the lead anew, as their profile says now.

    Raises:
        PermissionDenied: somebody else leads it. RefusedError: see `open_whole`.
    """
    application = open_whole(application.pk, actor)
    if not is_lead(application, actor):
        raise PermissionDenied
    lead = application.participants.filter(role="lead")
    lead.update(**place_of(ensure_profile(actor)))
    touch(application)


def locked_application(pk: int) -> Application:
    """Lock an application until the transaction ends; everything that writes in it begins so.

    Raises:
        Application.DoesNotExist: it is gone.
    """
    found = locked_row.models(pk=pk)
    if not found:
        raise Application.DoesNotExist
    return found[0]


@prepared
def locked_row(pk: int) -> QuerySet[Application]:
    """Return an application with its call, lead and area, locked against other writers."""
    rows = Application.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=pk).select_related("call", "lead", "area")


def open_for(pk: int, actor: User) -> tuple[Application, Window]:
    """Lock an application in which somebody wants to write; return it and on what ground.

    Raises:
        PermissionDenied: it is not theirs to write in.
        RefusedError: nothing can be changed now.
    """
    application = locked_application(pk)
    if not may_edit(application, actor):
        raise PermissionDenied
    window = window_of(application)
    if window.blocker:
        raise RefusedError([window.blocker])
    return application, window


def open_whole(pk: int, actor: User) -> Application:
    """Lock an application for changes beside the form, which no question of an officer opens.

    Raises:
        PermissionDenied, RefusedError: see `open_for`.
    """
    application, window = open_for(pk, actor)
    if not window.is_whole:
        raise RefusedError([NOT_ASKED])
    return application


def touch(application: Application) -> Draft:
    """Reckon the check sum again; whoever confirmed another text has to look once more.

    The caller holds the lock of the application.
    """
    draft = read_draft(application)
    if draft.sha256 != application.draft_sha256:
        application.draft_sha256 = draft.sha256
        application.draft_number += 1
        application.save(update_fields=["draft_sha256", "draft_number", "updated_at"])
    for person in draft.people:
        if person.state == "confirmed" and person.confirmed_hash != draft.statement_sum(person):
            move(person, "change", actor=None, columns={"confirmed_at": None})
    return draft


@transaction.atomic
def save_section(
    application: Application, code: str, answers: Mapping[str, Any], *, number: int, actor: User
) -> SectionDraft:
    """Write the answers of one section; the same again changes nothing.

    number: that of the section which the person saw, 0 where there was none.

    Raises:
        EditConflict: somebody else saved other answers meanwhile.
        RefusedError, PermissionDenied: see `open_for`.
    """
    application, window = open_for(application.pk, actor)
    row = SectionDraft.objects.filter(application=application, code=code).first()
    row = row or SectionDraft(application=application, code=code)
    wanted = allowed(window, code, row.answers, answers)
    if row.pk and row.answers == wanted:
        return row
    if row.number != number:
        raise EditConflict(row)
    row.answers, row.number = wanted, row.number + 1
    row.saved_by, row.saved_at = person_of(actor), timezone.now()
    row.save()
    touch(application)
    return row


def allowed(
    window: Window, code: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the answers with only those changed that may change now."""
    if window.fields is None:
        return dict(new)
    changed = {name: value for name, value in new.items() if f"{code}.{name}" in window.fields}
    return {**old, **changed}


def basics_sum(application: Application) -> str:
    """Return the check sum of title, acronym, area and language as they stand."""
    return check_sum(basics_content(application))


@transaction.atomic
def save_basics(
    application: Application, *, title: str, acronym: str, area: Area | None, language: str,
    seen: str, actor: User,
) -> Application:  # fmt: skip
    """Write title, acronym, area and language; the same again changes nothing.

    seen: `basics_sum` of what the person saw.

    Raises:
        EditConflict: somebody else changed them meanwhile; nothing is overwritten.
        RefusedError, PermissionDenied: see `open_whole`.
    """
    application = open_whole(application.pk, actor)
    wanted = {"title": title, "acronym": acronym, "area": area, "language": language}
    if all(getattr(application, name) == value for name, value in wanted.items()):
        return application
    if basics_sum(application) != seen:
        raise EditConflict
    for name, value in wanted.items():
        setattr(application, name, value)
    application.save(update_fields=[*wanted, "updated_at"])
    touch(application)
    return application
