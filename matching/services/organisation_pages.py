"""Who speaks for an organisation, and what they say of it.

The first representative shows a confirmed e-mail address at the organisation; further ones are
named by a representative, or by administrators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import Role, Scope
from konnect.accounts.services.roles import grant_role, revoke_role
from matching.models import Organisation, Profile
from matching.permissions.contacts import Blocker, RefusedError
from matching.permissions.twinnings import representatives, works_for
from matching.services.affiliations import domain_of
from matching.services.twinning_notices import notify_of_role

if TYPE_CHECKING:
    from konnect.accounts.models import User

LOCK = 5_308
MOST_REPRESENTATIVES = 10
NOT_THERE = Blocker(
    "not_there", _("Publish your profile with this organisation as your place of work first.")
)
UNPROVEN = Blocker(
    "unproven",
    _(
        "Confirm an e-mail address of this organisation in your settings first: it shows that you work there."
    ),
)
NO_DOMAIN = Blocker(
    "no_domain",
    _(
        "The portal knows no e-mail domain of this organisation. Ask the administrators of the portal."
    ),
)
TAKEN = Blocker(
    "taken", _("Somebody represents this organisation already. They can name you, too.")
)
ALREADY = Blocker("already", _("This person represents the organisation already."))
FULL = Blocker("full", _("The organisation has as many representatives as there can be."))


def role_blockers(user: User, organisation: Organisation) -> list[Blocker]:
    """Return why somebody cannot make themselves the first representative."""
    if not works_for(user, organisation):
        return [NOT_THERE]
    if representatives(organisation).exists():
        return [TAKEN]
    if not organisation.domains:
        return [NO_DOMAIN]
    return [] if has_address_at(user, organisation) else [UNPROVEN]


def has_address_at(user: User, organisation: Organisation) -> bool:
    """Tell whether somebody has confirmed an e-mail address at an organisation."""
    addresses = EmailAddress.objects.filter(user=user, verified=True)
    return bool(domain_of(addresses.values_list("email", flat=True), organisation.domains))


@transaction.atomic
def become_representative(organisation: Organisation, *, actor: User) -> None:
    """Speak for one's organisation as the first one who does.

    Raises:
        RefusedError: somebody was faster, or the address is not shown.
    """
    lock_roles(organisation)
    if found := role_blockers(actor, organisation):
        raise RefusedError(found)
    give_role(actor, organisation, actor=actor)


@transaction.atomic
def name_representative(organisation: Organisation, person: Profile, *, actor: User) -> None:
    """Let a colleague speak for the organisation, too.

    Raises:
        RefusedError: they do not work there, represent it already, or there are enough.
    """
    lock_roles(organisation)
    known = set(representatives(organisation).values_list("pk", flat=True))
    if not works_for(person.user, organisation):
        raise RefusedError([NOT_THERE])
    if person.user_id in known:
        raise RefusedError([ALREADY])
    if len(known) >= MOST_REPRESENTATIVES:
        raise RefusedError([FULL])
    give_role(person.user, organisation, actor=actor)
    notify_of_role(person.user, organisation)


def lock_roles(organisation: Organisation) -> None:
    """Let one after the other change who represents an organisation."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, organisation.pk % 2**31])


def give_role(user: User, organisation: Organisation, *, actor: User) -> None:
    """Give the role for this organisation."""
    grant_role(
        user, Role.ORGANISATION_REPRESENTATIVE, actor=actor, scope=Scope.ORGANISATION,
        scope_id=organisation.pk,
    )  # fmt: skip


@transaction.atomic
def step_down(organisation: Organisation, *, actor: User) -> bool:
    """No longer represent an organisation; False when one did not."""
    return revoke_role(
        actor, Role.ORGANISATION_REPRESENTATIVE, actor=actor, scope=Scope.ORGANISATION,
        scope_id=organisation.pk,
    )  # fmt: skip


@transaction.atomic
def describe_organisation(
    organisation: Organisation, *, actor: User, columns: dict[str, Any]
) -> Organisation:
    """Write what a representative says of the organisation, and who said it when."""
    values = {**columns, "verified_by": actor, "verified_at": timezone.now()}
    for name, value in values.items():
        setattr(organisation, name, value)
    organisation.save(update_fields=list(values))
    return organisation
