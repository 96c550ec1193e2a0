"""Who speaks for an organisation, and who may propose, answer, renew and record a twinning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import Role, Scope, User
from matching.models import (
    Organisation,
    OrganisationStatus,
    Profile,
    Side,
    Twinning,
    TwinningState,
)
from matching.permissions.contacts import Blocker

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

PROPOSALS_AT_ONCE = 20

OWN_SIDE = Blocker("own_side", _("A twinning joins an organisation in Europe and one in Korea."))
INACTIVE = Blocker("inactive", _("This organisation no longer exists under this name."))
ALREADY_LIVE = Blocker(
    "already_live", _("Your organisations have a twinning already, or one of you has proposed it.")
)
TOO_MANY = Blocker(
    "too_many", _("Your organisation has many proposals without an answer. Wait for some of them.")
)
NOT_YET = Blocker("not_yet", _("This twinning cannot be renewed yet."))
RENEWED = Blocker("renewed", _("Your side has confirmed the next year already."))


def represents(user: User | AnonymousUser, organisation: Organisation) -> bool:
    """Tell whether somebody speaks for this organisation."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return representatives(organisation).filter(pk=user.pk).exists()


def representatives(organisation: Organisation) -> models.QuerySet[User]:
    """Return the active people who speak for an organisation."""
    return User.objects.filter(
        is_active=True,
        role_grants__role=Role.ORGANISATION_REPRESENTATIVE,
        role_grants__scope=Scope.ORGANISATION,
        role_grants__scope_id=organisation.pk,
    ).order_by("pk")


def works_for(user: User | AnonymousUser, organisation: Organisation) -> bool:
    """Tell whether somebody's profile names this organisation."""
    if not user.is_authenticated:
        return False
    return Profile.objects.published().filter(user=user, organisation=organisation).exists()


def may_read_plans(user: User | AnonymousUser, organisation: Organisation) -> bool:
    """Tell whether somebody may read what is suggested to an organisation."""
    return represents(user, organisation) or works_for(user, organisation)


def own_side(user: User | AnonymousUser, twinning: Twinning) -> Organisation | None:
    """Return the organisation of a twinning that somebody speaks for, or None."""
    sides = (twinning.proposer, twinning.partner)
    return next((side for side in sides if represents(user, side)), None)


def proposal_blockers(proposer: Organisation, partner: Organisation) -> list[Blocker]:
    """Return why one organisation cannot propose a twinning to another now."""
    return list(_proposal_blockers(proposer, partner))


def _proposal_blockers(proposer: Organisation, partner: Organisation) -> Iterator[Blocker]:
    if {proposer.side, partner.side} != {Side.EUROPE, Side.KOREA}:
        yield OWN_SIDE
    if partner.status != OrganisationStatus.ACTIVE:
        yield INACTIVE
    live = Twinning.objects.live().of(proposer)
    if live.of(partner).exists():
        yield ALREADY_LIVE
    waiting = Twinning.objects.filter(proposer=proposer, state=TwinningState.PROPOSED)
    if waiting.count() >= PROPOSALS_AT_ONCE:
        yield TOO_MANY


def may_answer(twinning: Twinning, side: Organisation | None) -> bool:
    """Tell whether this side may confirm or decline."""
    is_asked = side is not None and side.pk == twinning.partner_id
    return is_asked and twinning.state == TwinningState.PROPOSED


def may_withdraw(twinning: Twinning, side: Organisation | None) -> bool:
    """Tell whether this side may take its proposal back."""
    has_asked = side is not None and side.pk == twinning.proposer_id
    return has_asked and twinning.state == TwinningState.PROPOSED


def renewal_blockers(twinning: Twinning, side: Organisation, term: int) -> list[Blocker]:
    """Return why a side cannot confirm this term."""
    if not twinning.is_renewable:
        return [NOT_YET]
    given = twinning.confirmations.filter(organisation=side, term=term)
    return [RENEWED] if given.exists() else []
