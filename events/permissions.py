"""Who may do what at an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.models import Event, EventHelper, HelperRole, MeetingRequest, Registration
from konnect.accounts.models import Role, RoleGrant, Scope

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User


def may_create_events(user: User | AnonymousUser) -> bool:
    """Tell whether somebody may prepare a new event: organisers of the portal and staff."""
    if not user.is_authenticated:
        return False
    grants = RoleGrant.objects.filter(user=user, role=Role.EVENT_ORGANISER, scope=Scope.PORTAL)
    return user.is_superuser or grants.exists()


def roles_at(event: Event, user: User | AnonymousUser) -> frozenset[str]:
    """Return somebody's roles at an event; the organiser has all of them."""
    if not user.is_authenticated:
        return frozenset()
    helped = EventHelper.objects.filter(event=event, user=user).values_list("role", flat=True)
    found = set(helped)
    grants = RoleGrant.objects.filter(
        user=user, role=Role.EVENT_ORGANISER, scope=Scope.EVENT, scope_id=event.pk
    )
    if user.is_superuser or HelperRole.ORGANISER in found or grants.exists():
        return frozenset(HelperRole.values)
    return frozenset(found)


def may_run(event: Event, user: User | AnonymousUser, *roles: str) -> bool:
    """Tell whether somebody has one of these roles at an event, or any role if none is named."""
    held = roles_at(event, user)
    return bool(held & set(roles)) if roles else bool(held)


def registration_of(event: Event, user: User | AnonymousUser) -> Registration | None:
    """Return the live registration of a person at an event."""
    if not user.is_authenticated:
        return None
    return Registration.objects.live().of(user).filter(event=event).first()


def may_see_participants(event: Event, user: User | AnonymousUser) -> bool:
    """Tell whether somebody may read the list: who takes part, and who runs the event."""
    own = registration_of(event, user)
    return (own is not None and own.state == "confirmed") or may_run(event, user)


def is_of_meeting(request: MeetingRequest, user: User) -> bool:
    """Tell whether somebody belongs to a meeting: either side, or brought along and agreed."""
    sides = (request.sender.profile.user_id, request.recipient.profile.user_id)
    joined = request.members.filter(registration__profile__user=user, agreed_at__isnull=False)
    return user.pk in sides or joined.exists()
