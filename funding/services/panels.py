"""The panel of a call: who sits on it, who is there, and who leaves when something is spoken of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from funding.machines import CHAIR, OFFICER
from funding.models import (
    Application,
    Call,
    Conflict,
    Panel,
    PanelMember,
    Participant,
    Recusal,
    Verdict,
)
from funding.permissions import roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.conflicts import refresh_conflicts
from funding.services.ledger import record
from funding.services.people import person_of
from konnect.accounts.models import User
from matching.models import Side

SIDES = (Side.EUROPE, Side.KOREA)
# From when the decisions are closed on, the panel's papers stand.
OPEN_STATES = ("approved", "screening", "reviewing", "panel")
NOT_FOUND = Blocker("no_account", _("Nobody has an account with this address."))
TWICE = Blocker("member_twice", _("This person is a member already."))
PANEL_CLOSED = Blocker("panel_closed", _("The panel has closed its decisions."))
NO_CHAIR = Blocker("no_chair", _("The panel has no chair."))
CHAIR_NOT_THERE = Blocker(
    "chair_not_there", _("Whoever is in the chair is not marked as present yet.")
)
NO_REASON = Blocker("reason_missing", _("Say why: it is kept in the minutes."))
HAS_RECUSALS = Blocker(
    "has_recusals", _("This member has left the room before: the minutes keep that.")
)


@dataclass(frozen=True)
class Quorum:
    """How many of one side are there, and how many are needed."""

    side: Side
    present: int
    needed: int

    @property
    def is_met(self) -> bool:
        """Tell whether enough are there."""
        return self.present >= self.needed


@dataclass(frozen=True)
class PanelRow:
    """A member, and the applications from which they are kept, as far as the reader may know."""

    member: PanelMember
    recusals: list[Recusal]


def panel_of(call: Call) -> Panel:
    """Return the panel of a call; the first who asks founds it."""
    return Panel.objects.get_or_create(call=call)[0]


def quorum_of(panel: Panel) -> list[Quorum]:
    """Return who is there of each side; one query."""
    sides = list(panel.members.filter(is_present=True).values_list("side", flat=True))
    return [Quorum(side, sides.count(side), panel.quorum) for side in SIDES]


def quorum_blockers(panel: Panel) -> list[Blocker]:
    """Return what keeps a panel from deciding: too few of a side, or nobody in the chair."""
    words = _("{side}: {present} of {needed} members are there.")
    found = [
        Blocker(
            "no_quorum",
            format_lazy(words, side=each.side.label, present=each.present, needed=each.needed),
        )
        for each in quorum_of(panel)
        if not each.is_met
    ]
    chair = panel.members.filter(is_chair=True).first()
    if chair is None:
        return [*found, NO_CHAIR]
    return found if chair.is_present else [*found, CHAIR_NOT_THERE]


def panel_rows(panel: Panel, user: User) -> list[PanelRow]:
    """Return the members with their recusals; two queries and those of `hidden_from`.

    A member does not read which application somebody else left the room for when it is one that
    they do not see themselves.
    """
    hidden = hidden_from(panel.call, user)
    members = panel.members.select_related("person__user").prefetch_related(
        "recusals__application"
    )
    return [
        PanelRow(
            member,
            [each for each in member.recusals.all() if each.application_id not in hidden],
        )
        for member in members
    ]


# --- Who sees what --------------------------------------------------------------------------------


def hidden_from(call: Call, user: User) -> frozenset[int]:
    """Return the applications of a call that somebody of its panel must not see.

    Recusals that were recorded, conflicts that stand, and what they are named in. Whoever is not
    on the panel is kept from nothing here: `funding.permissions` decides about them.
    """
    member = PanelMember.objects.filter(panel__call=call, person__user=user).first()
    return kept_from(call, member) if member else frozenset()


def kept_from(call: Call, member: PanelMember) -> frozenset[int]:
    """Return the applications that a member must not see; three queries."""
    own = Participant.objects.filter(application__call=call, person=member.person_id)
    led = call.applications.filter(lead=member.person_id)
    return frozenset(
        {
            *member.recusals.values_list("application", flat=True),
            *standing_conflicts(call, member).values_list("application", flat=True),
            *own.values_list("application", flat=True),
            *led.values_list("pk", flat=True),
        }
    )


def standing_conflicts(call: Call, member: PanelMember) -> QuerySet[Conflict]:
    """Return the conflicts that keep a member from applications of a call."""
    stands = Q(verdict=Verdict.STANDS) | Q(verdict=Verdict.OVERRIDDEN, is_hard=True)
    return Conflict.objects.filter(stands, application__call=call, person=member.person_id)


def judged_by(call: Call, user: User) -> QuerySet[Application]:
    """Return the applications before the panel that somebody may see."""
    rows = call.applications.exclude(state__in=("draft", "withdrawn")).exclude(number=None)
    return rows.exclude(pk__in=hidden_from(call, user))


# --- Changing it ----------------------------------------------------------------------------------


def runs_panel(call: Call, user: User) -> bool:
    """Tell whether somebody looks after the panel: the programme officer, or its chair."""
    return bool(roles_for(call, user) & {OFFICER, CHAIR})


def open_panel(call: Call, actor: User) -> Panel:
    """Return a panel that nobody else changes now.

    Raises:
        PermissionDenied: somebody else asks. RefusedError: its decisions are closed.
    """
    if not runs_panel(call, actor):
        raise PermissionDenied
    found = panel_of(call)
    panel = Panel.objects.select_for_update(of=("self",)).select_related("call").get(pk=found.pk)
    if panel.call.state not in OPEN_STATES:
        raise RefusedError([PANEL_CLOSED])
    return panel


@transaction.atomic
def save_panel(
    call: Call, *, actor: User, quorum: int, meets_at: datetime | None, minutes: str
) -> None:
    """Keep when the panel meets, how many it needs of each side, and its minutes.

    Raises:
        PermissionDenied, RefusedError: see `open_panel`.
    """
    panel = open_panel(call, actor)
    panel.quorum, panel.meets_at, panel.minutes = quorum, meets_at, minutes
    panel.save(update_fields=["quorum", "meets_at", "minutes"])
    record(panel, "save", actor=person_of(actor), after={"quorum": quorum})


def add_member(call: Call, *, actor: User, email: str, side: str, is_chair: bool) -> PanelMember:
    """Add somebody with an account; conflicts are looked for at once.

    Raises:
        PermissionDenied, RefusedError: see `open_panel`; no such account, there already.
    """
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    with transaction.atomic():
        panel = open_panel(call, actor)
        if user is None:
            raise RefusedError([NOT_FOUND])
        member = seat(panel, user, side, is_chair=is_chair)
        record(panel, "add_member", actor=person_of(actor), after={"member": member.pk})
        # In one transaction: nobody reads anything before their conflicts are known.
        refresh_conflicts(call, people={member.person_id})
        recuse_by_conflicts(member)
    return member


def seat(panel: Panel, user: User, side: str, *, is_chair: bool) -> PanelMember:
    """Write a member; a new chair takes the place of the one before.

    Raises:
        RefusedError: they are a member already.
    """
    if is_chair:
        panel.members.filter(is_chair=True).update(is_chair=False)
    person = person_of(user)
    try:
        with transaction.atomic():
            return PanelMember.objects.create(
                panel=panel, person=person, side=side, is_chair=is_chair
            )
    except IntegrityError as error:
        raise RefusedError([TWICE]) from error


@transaction.atomic
def set_present(member: PanelMember, *, actor: User, is_present: bool) -> None:
    """Say whether a member is at the meeting.

    Raises:
        PermissionDenied, RefusedError: see `open_panel`.
    """
    panel = open_panel(member.panel.call, actor)
    panel.members.filter(pk=member.pk).update(is_present=is_present)
    event = "come" if is_present else "go"
    record(panel, event, actor=person_of(actor), after={"member": member.pk})


@transaction.atomic
def make_chair(member: PanelMember, *, actor: User) -> None:
    """Put a member into the chair.

    Raises:
        PermissionDenied, RefusedError: see `open_panel`.
    """
    panel = open_panel(member.panel.call, actor)
    panel.members.filter(is_chair=True).update(is_chair=False)
    panel.members.filter(pk=member.pk).update(is_chair=True)
    record(panel, "chair", actor=person_of(actor), after={"member": member.pk})


@transaction.atomic
def remove_member(member: PanelMember, *, actor: User) -> None:
    """Take a member off the panel, unless the minutes already tell of them.

    Raises:
        PermissionDenied, RefusedError: see `open_panel`; they have recused themselves.
    """
    panel = open_panel(member.panel.call, actor)
    if member.recusals.exists():
        raise RefusedError([HAS_RECUSALS])
    record(panel, "remove_member", actor=person_of(actor), after={"member": member.pk})
    member.delete()


@transaction.atomic
def recuse(member: PanelMember, application: Application, *, actor: User, reason: str) -> Recusal:
    """Let a member leave for an application: their own word, or that of who runs the panel.

    Raises:
        PermissionDenied: neither. RefusedError: no reason, or the decisions are closed.
    """
    call = member.panel.call
    if member.person.user_id != actor.pk and not runs_panel(call, actor):
        raise PermissionDenied
    if call.state not in OPEN_STATES:
        raise RefusedError([PANEL_CLOSED])
    if not reason.strip():
        raise RefusedError([NO_REASON])
    return write_recusal(member, application, reason.strip()[:300], actor)


def write_recusal(
    member: PanelMember, application: Application, reason: str, actor: User | None
) -> Recusal:
    """Write a recusal once, and its line in the ledger of the panel."""
    row, is_new = Recusal.objects.get_or_create(
        member=member, application=application,
        defaults={"reason": reason, "recorded_by": actor},
    )  # fmt: skip
    if is_new:
        after = {"member": member.pk, "application": application.pk}
        person = person_of(actor) if actor else None
        record(member.panel, "recuse", actor=person, reason=reason, after=after)
    return row


@transaction.atomic
def recuse_by_conflicts(member: PanelMember) -> int:
    """Write a recusal for every conflict of a member that stands; return how many are new."""
    before = member.recusals.count()
    rows = standing_conflicts(member.panel.call, member).select_related("application")
    for conflict in rows:
        write_recusal(member, conflict.application, conflict.kind, None)
    return member.recusals.count() - before


def look_for_conflicts(call: Call, *, actor: User) -> int:
    """Look for the conflicts of all members anew; return how many recusals are new.

    Raises:
        PermissionDenied, RefusedError: see `open_panel`.
    """
    with transaction.atomic():
        members = list(open_panel(call, actor).members.select_related("panel__call"))
    if members:
        refresh_conflicts(call, people={member.person_id for member in members})
    return sum(recuse_by_conflicts(member) for member in members)
