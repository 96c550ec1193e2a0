"""Whether somebody works where they say: each proof is shown as what it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from matching.models import Profile, ProfileState, Vouch
from matching.permissions.contacts import Blocker, RefusedError

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User

NAMES_SHOWN = 3
# More is no better proof; and nobody can be made to confirm a whole town.
VOUCHES_GIVEN = 50
ONESELF = Blocker("oneself", _("This is your own profile."))
NO_COLLEAGUE = Blocker(
    "no_colleague",
    _("Only published colleagues of the same organisation can confirm that somebody works there."),
)
UNPROVEN = Blocker(
    "unproven",
    _(
        "First show that you work there yourself: confirm an e-mail address of your organisation "
        "in your settings, or sign in with ORCID."
    ),
)
TOO_MANY = Blocker("too_many", _("You have confirmed very many colleagues already."))


@dataclass(frozen=True)
class Proof:
    """One reason to believe an affiliation: email, orcid or vouch, in words."""

    kind: str
    words: str | Promise
    vouchers: tuple[Profile, ...] = ()


@dataclass(frozen=True)
class Affiliation:
    """What a reader sees of it: the proofs, and whether they may vouch or did."""

    proofs: tuple[Proof, ...] = ()
    can_vouch: bool = False
    has_vouched: bool = False


def affiliation_for(profile: Profile, reader: User | AnonymousUser) -> Affiliation:
    """Return the proofs of somebody's affiliation as this reader may see them."""
    vouches = list(
        Vouch.objects.standing().filter(profile=profile).select_related("voucher__organisation")
    )
    return Affiliation(
        tuple(proofs_of(profile, vouches, reader)),
        can_vouch=can_vouch(profile, reader),
        has_vouched=any(vouch.voucher.user_id == reader.pk for vouch in vouches),
    )


def proofs_of(
    profile: Profile, vouches: list[Vouch], reader: User | AnonymousUser
) -> Iterable[Proof]:
    """Return the proofs: an address at the organisation, ORCID, colleagues."""
    if domain := proven_domain(profile):
        words = _("Has confirmed an e-mail address at {domain}.")
        yield Proof("email", format_lazy(words, domain=domain))
    if profile.orcid_verified_at:
        yield Proof("orcid", _("Has signed in with ORCID; that proves who it is, not where."))
    if vouches:
        words = ngettext_lazy(
            "{number} verified colleague of the same organisation confirms it.",
            "{number} verified colleagues of the same organisation confirm it.",
            len(vouches),
        )
        number = len(vouches)
        yield Proof("vouch", format_lazy(words, number=number), seen_vouchers(vouches, reader))


def seen_vouchers(vouches: list[Vouch], reader: User | AnonymousUser) -> tuple[Profile, ...]:
    """Return those colleagues whose page this reader may open, the first few."""
    ids = [vouch.voucher_id for vouch in vouches]
    seen = Profile.objects.visible_to(reader).published().filter(pk__in=ids).order_by("pk")
    return tuple(seen[:NAMES_SHOWN])


def proven_domain(profile: Profile) -> str:
    """Return the organisation's domain under which the person has a confirmed address, or ""."""
    domains = profile.organisation.domains if profile.organisation else []
    if not domains:
        return ""
    addresses = EmailAddress.objects.filter(user_id=profile.user_id, verified=True)
    return domain_of(addresses.values_list("email", flat=True), domains)


def domain_of(addresses: Iterable[str], domains: Iterable[str]) -> str:
    """Return the first domain that an address lies in, itself or a part of it below."""
    hosts = [address.rsplit("@", 1)[-1].lower() for address in addresses]
    return next(
        (
            domain
            for domain in domains
            for host in hosts
            if "." in domain and (host == domain.lower() or host.endswith(f".{domain.lower()}"))
        ),
        "",
    )


def is_proven(profile: Profile) -> bool:
    """Say whether the person proved more than colleagues say: only such people may vouch."""
    return bool(profile.orcid_verified_at or proven_domain(profile))


def can_vouch(profile: Profile, reader: User | AnonymousUser) -> bool:
    """Say whether this reader may confirm the affiliation; who cannot is shown no button."""
    if not reader.is_authenticated or not profile.organisation_id:
        return False
    voucher = Profile.objects.filter(user_id=reader.pk, organisation_id=profile.organisation_id)
    own = voucher.published().select_related("organisation").first()
    return own is not None and not vouch_blockers(profile, own)


def vouch_blockers(profile: Profile, voucher: Profile) -> list[Blocker]:
    """Return why somebody cannot vouch for somebody."""
    if profile.pk == voucher.pk:
        return [ONESELF]
    published = {profile.state, voucher.state} == {ProfileState.PUBLISHED}
    is_same = profile.organisation_id and profile.organisation_id == voucher.organisation_id
    if not (published and is_same):
        return [NO_COLLEAGUE]
    return [] if is_proven(voucher) else [UNPROVEN]


@transaction.atomic
def vouch_for(profile: Profile, *, actor: User) -> Vouch:
    """Confirm that a colleague works where they say; twice is once.

    Raises:
        RefusedError: the two are not colleagues, or the actor has proven nothing yet.
    """
    people = Profile.objects.select_related("organisation").select_for_update(of=("self",))
    own = people.filter(user=actor).first()
    blockers = vouch_blockers(profile, own) if own else [NO_COLLEAGUE]
    if own and not blockers and own.vouches_given.count() >= VOUCHES_GIVEN:
        blockers = [TOO_MANY]
    if blockers or own is None:
        raise RefusedError(blockers)
    return Vouch.objects.get_or_create(profile=profile, voucher=own)[0]


def take_back_vouch(profile: Profile, *, actor: User) -> None:
    """Say no longer that a colleague works there."""
    Vouch.objects.filter(profile=profile, voucher__user=actor).delete()
