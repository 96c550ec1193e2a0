"""Who may do what with accounts."""

from django.contrib.auth.models import AnonymousUser

from konnect.accounts.models import Role, RoleGrant, Scope, User


def has_role(
    user: User | AnonymousUser,
    role: Role,
    *,
    scope: Scope = Scope.PORTAL,
    scope_id: int | None = None,
) -> bool:
    """Tell whether an active person has a role for this thing, or for the whole portal."""
    if not isinstance(user, User) or not user.is_active:
        return False
    grants = RoleGrant.objects.filter(user=user, role=role)
    here = grants.filter(scope=scope, scope_id=scope_id)
    return (here | grants.filter(scope=Scope.PORTAL)).exists()


def is_administrator(user: User | AnonymousUser) -> bool:
    """Tell whether the person may see and change everybody's roles."""
    if isinstance(user, User) and user.is_active and user.is_superuser:
        return True
    return has_role(user, Role.ADMINISTRATOR)
