"""Who may be what beside a researcher."""

from django.db import transaction

from konnect.accounts.models import Role, RoleGrant, Scope, User


@transaction.atomic
def grant_role(
    user: User,
    role: Role,
    *,
    actor: User | None,
    scope: Scope = Scope.PORTAL,
    scope_id: int | None = None,
) -> RoleGrant:
    """Give a role; the same role twice stays one grant, with its first giver.

    Raises:
        IntegrityError: scope and id do not go together, or the role cannot have this scope.
    """
    grant, _ = RoleGrant.objects.get_or_create(
        user=user, role=role, scope=scope, scope_id=scope_id, defaults={"granted_by": actor}
    )
    return grant


@transaction.atomic
def revoke_role(
    user: User,
    role: Role,
    *,
    actor: User | None,
    scope: Scope = Scope.PORTAL,
    scope_id: int | None = None,
) -> bool:
    """Take a role back; it counts from the next request on. False when there was none."""
    grants = RoleGrant.objects.filter(user=user, role=role, scope=scope, scope_id=scope_id)
    return grants.delete()[0] > 0
