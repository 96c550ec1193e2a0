"""Twinnings of organisations: proposed, confirmed by the other side, renewed by both, ended.

Each yes is a row of one side for one term, and the database takes each once. Whoever renews locks
the twinning first, so that of two sides that renew at the same moment the second sees the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from konnect.states import TransitionError
from matching.models import (
    Area,
    Organisation,
    Profile,
    Twinning,
    TwinningActivity,
    TwinningConfirmation,
    TwinningContact,
    TwinningState,
)
from matching.permissions.contacts import RefusedError
from matching.permissions.twinnings import (
    ALREADY_LIVE,
    RENEWED,
    proposal_blockers,
    renewal_blockers,
)
from matching.services.twinning_notices import (
    notify_of_activity,
    notify_of_answer,
    notify_of_contact_point,
    notify_of_end,
    notify_of_proposal,
    notify_of_renewal,
    remind,
)

if TYPE_CHECKING:
    from konnect.accounts.models import User

BATCH = 200
REMINDERS = (60, 14)
DAYS_A_YEAR = 365


@transaction.atomic
def propose_twinning(
    proposer: Organisation, partner: Organisation, *, actor: User, columns: dict[str, Any],
    areas: Iterable[Area] = (), contacts: Iterable[Profile] = (),
) -> Twinning:  # fmt: skip
    """Propose to go together; the proposer's yes to the first term is given with it.

    Raises:
        RefusedError: the pair cannot be, or has a live twinning, be it since a moment.
    """
    if found := proposal_blockers(proposer, partner):
        raise RefusedError(found)
    try:
        with transaction.atomic():
            twinning = Twinning.objects.create(proposer=proposer, partner=partner, **columns)
    except IntegrityError as error:
        raise RefusedError([ALREADY_LIVE]) from error
    twinning.areas.set(areas)
    confirm_term(twinning, proposer, term=0, actor=actor)
    set_contacts(twinning, proposer, actor=actor, people=contacts)
    notify_of_proposal(twinning)
    return twinning


def confirm_term(
    twinning: Twinning, side: Organisation, *, term: int, actor: User
) -> TwinningConfirmation:
    """Write one side's yes; the constraint takes it once."""
    return TwinningConfirmation.objects.create(
        twinning=twinning, organisation=side, term=term, confirmed_by=actor
    )


@transaction.atomic
def confirm_twinning(
    twinning: Twinning, *, actor: User, words: str = "", contacts: Iterable[Profile] = ()
) -> Twinning:
    """Say yes for the partner: the twinning is active for a year.

    Raises:
        TransitionError: it was answered or withdrawn meanwhile.
    """
    columns = {"valid_until": a_year_after(timezone.now())}
    twinning.move_to(TwinningState.ACTIVE, actor=actor, reason=words, columns=columns)
    confirm_term(twinning, twinning.partner, term=0, actor=actor)
    set_contacts(twinning, twinning.partner, actor=actor, people=contacts)
    notify_of_answer(twinning)
    return twinning


@transaction.atomic
def decline_twinning(twinning: Twinning, *, actor: User, words: str = "") -> Twinning:
    """Say no for the partner, with or without words.

    Raises:
        TransitionError: it was answered or withdrawn meanwhile.
    """
    twinning.move_to(TwinningState.DECLINED, actor=actor, reason=words)
    notify_of_answer(twinning)
    return twinning


@transaction.atomic
def withdraw_twinning(twinning: Twinning, *, actor: User) -> Twinning:
    """Take a proposal back before it is answered.

    Raises:
        TransitionError: it was answered meanwhile.
    """
    twinning.move_to(TwinningState.WITHDRAWN, actor=actor)
    return twinning


@transaction.atomic
def end_twinning(
    twinning: Twinning, *, actor: User, side: Organisation, words: str = ""
) -> Twinning:
    """End it for good; either side may.

    Raises:
        TransitionError: it is over already.
    """
    twinning.move_to(TwinningState.ENDED, actor=actor, reason=words)
    notify_of_end(twinning, by=side)
    return twinning


@transaction.atomic
def renew_twinning(twinning: Twinning, *, actor: User, side: Organisation) -> Twinning:
    """Confirm another year for one side; with the other side's yes it begins.

    Raises:
        RefusedError: it cannot be renewed now, or this side has done so.
        TransitionError: the two have another live twinning by now.
    """
    twinning = Twinning.objects.select_for_update(of=("self",)).with_sides().get(pk=twinning.pk)
    term = next_term(twinning)
    if found := renewal_blockers(twinning, side, term):
        raise RefusedError(found)
    try:
        with transaction.atomic():
            confirm_term(twinning, side, term=term, actor=actor)
    except IntegrityError as error:
        raise RefusedError([RENEWED]) from error
    if is_confirmed_by_both(twinning, term):
        begin_term(twinning, actor=actor)
    notify_of_renewal(twinning, by=side, term=term)
    return twinning


def next_term(twinning: Twinning) -> int:
    """Return the first term that not both sides have confirmed."""
    given = list(twinning.confirmations.values_list("term", flat=True))
    term = 0
    while given.count(term) > 1:
        term += 1
    return term


def is_confirmed_by_both(twinning: Twinning, term: int) -> bool:
    """Tell whether both sides have said yes to a term."""
    return twinning.confirmations.filter(term=term).count() > 1


def begin_term(twinning: Twinning, *, actor: User) -> None:
    """Let the next year follow on the last one, or on today when that is over.

    Raises:
        TransitionError: the two have another live twinning by now.
    """
    start = max(twinning.valid_until or timezone.now(), timezone.now())
    columns = {"valid_until": a_year_after(start)}
    if twinning.state == TwinningState.ACTIVE:
        Twinning.objects.filter(pk=twinning.pk).update(**columns)
        twinning.valid_until = columns["valid_until"]
        return
    try:
        with transaction.atomic():
            twinning.move_to(TwinningState.ACTIVE, actor=actor, columns=columns)
    except IntegrityError as error:
        raise TransitionError("another live twinning") from error


def a_year_after(moment: datetime) -> datetime:
    """Return the end of a term that begins then."""
    return moment + timedelta(days=DAYS_A_YEAR)


@transaction.atomic
def set_contacts(
    twinning: Twinning, side: Organisation, *, actor: User, people: Iterable[Profile]
) -> None:
    """Name the contact points of one side; each new one but the actor is told.

    Whoever does not work there is left out.
    """
    wanted = {person.pk: person for person in people if person.organisation_id == side.pk}
    own = twinning.contacts.filter(organisation=side)
    own.exclude(profile__in=wanted).delete()
    known = set(own.values_list("profile_id", flat=True))
    for pk, person in wanted.items():
        if pk not in known:
            TwinningContact.objects.create(twinning=twinning, organisation=side, profile=person)
            notify_of_contact_point(twinning, person, actor=actor)


@transaction.atomic
def leave_contacts(twinning: Twinning, *, actor: User) -> bool:
    """No longer be a contact point; False when one was none."""
    return twinning.contacts.filter(profile__user=actor).delete()[0] > 0


@transaction.atomic
def record_activity(
    twinning: Twinning, *, actor: User, side: Organisation, columns: dict[str, Any]
) -> TwinningActivity:
    """Write down what the two did or plan.

    Raises:
        TransitionError: the twinning is not active.
    """
    if twinning.state != TwinningState.ACTIVE:
        raise TransitionError(f"{twinning.state} takes no activity")
    activity = TwinningActivity.objects.create(twinning=twinning, recorded_by=actor, **columns)
    notify_of_activity(activity, by=side)
    return activity


@transaction.atomic
def remove_activity(activity: TwinningActivity, *, actor: User) -> None:
    """Take an activity off the record; either side may."""
    activity.delete()


@transaction.atomic
def look_after_twinnings() -> int:
    """Remind both sides of what ends soon, and let lapse what has run out; return how many lapsed."""
    for twinning in Twinning.objects.ending().with_sides()[:BATCH]:
        remind_missing(twinning)
    overdue = Twinning.objects.overdue().with_sides().order_by("pk")
    rows = list(overdue.select_for_update(skip_locked=True, of=("self",))[:BATCH])
    for twinning in rows:
        twinning.move_to(TwinningState.LAPSED, actor=None)
        notify_of_end(twinning, by=None)
    return len(rows)


def remind_missing(twinning: Twinning) -> None:
    """Remind the sides that have not confirmed the next year, each reminder once."""
    if twinning.valid_until is None:
        return
    term, left = next_term(twinning), twinning.valid_until - timezone.now()
    days = min(days for days in REMINDERS if left <= timedelta(days=days))
    given = set(twinning.confirmations.filter(term=term).values_list("organisation_id", flat=True))
    for side in (twinning.proposer, twinning.partner):
        if side.pk not in given:
            remind(twinning, side, term=term, days=days)
