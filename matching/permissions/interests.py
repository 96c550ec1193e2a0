"""Who may answer a partner search, who may handle the answers, and who reads the long description."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import Role, RoleGrant, Scope, User
from matching.models import (
    Confidentiality,
    DeadlineKind,
    ExpressionOfInterest,
    InterestState,
    Listing,
    Profile,
    ProfileState,
)
from matching.permissions.contacts import Blocker, have_blocked

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

INTERESTS_A_DAY = 20
REVIEWERS = (Role.ADMINISTRATOR, Role.PROGRAMME_OFFICER)
DAY = timedelta(days=1)

OWN_SEARCH = Blocker("own_search", _("This is your own partner search."))
UNPUBLISHED = Blocker(
    "unpublished", _("Publish your profile first: the author wants to see who answers.")
)
NOT_OPEN = Blocker("not_open", _("This partner search takes no expressions of interest now."))
# The same words as above: nobody learns from the portal that they were blocked.
UNREACHABLE = Blocker("unreachable", NOT_OPEN.words)
TOO_LATE = Blocker("too_late", _("The deadline for expressions of interest has passed."))
ALREADY_SENT = Blocker("already_sent", _("You have expressed interest in this search already."))
DECLINED = Blocker("declined", _("The author declined your expression of interest."))
TOO_MANY = Blocker(
    "too_many",
    format_lazy(
        _("You have sent {limit} expressions of interest in 24 hours. Please go on tomorrow."),
        limit=INTERESTS_A_DAY,
    ),
)


def may_review(user: User | AnonymousUser) -> bool:
    """Tell whether somebody looks at partner searches before they are shown: by one query."""
    if not isinstance(user, User) or not user.is_active:
        return False
    grants = RoleGrant.objects.filter(user=user, role__in=REVIEWERS, scope=Scope.PORTAL)
    return user.is_superuser or grants.exists()


def may_read_details(
    listing: Listing, reader: Profile | None, own: Sequence[ExpressionOfInterest]
) -> bool:
    """Tell whether somebody may read the long description of a search that they see.

    own: what this reader expressed about the search, in every state.
    """
    if reader is None:
        return False
    is_author = listing.profile_id == reader.pk
    is_open = listing.partner_search.confidentiality == Confidentiality.MEMBERS
    return is_author or is_open or any(each.state == InterestState.ACCEPTED for each in own)


def interest_blockers(profile: Profile, listing: Listing) -> list[Blocker]:
    """Return everything that keeps somebody from expressing interest; empty means go."""
    if listing.profile_id == profile.pk:
        return [OWN_SEARCH]
    return [*search_blockers(listing), *person_blockers(profile, listing)]


def shown_blockers(profile: Profile, listing: Listing) -> list[Blocker]:
    """Return what the page of a search tells somebody who has not answered it yet."""
    unpublished = [UNPUBLISHED] if profile.state != ProfileState.PUBLISHED else []
    return [*search_blockers(listing), *unpublished]


def search_blockers(listing: Listing) -> Iterator[Blocker]:
    """Look at the search."""
    now = timezone.now()
    if not listing.is_open:
        yield NOT_OPEN
    ends = [DeadlineKind.INTEREST, DeadlineKind.CALL]
    if any(row.kind in ends and row.at <= now for row in listing.deadlines.all()):
        yield TOO_LATE


def person_blockers(profile: Profile, listing: Listing) -> Iterator[Blocker]:
    """Look at who answers, and at what they answered before."""
    author = listing.profile
    if profile.state != ProfileState.PUBLISHED:
        yield UNPUBLISHED
    if not author.user.is_active or have_blocked(profile, author):
        yield UNREACHABLE
    before = set(listing.interests.filter(profile=profile).values_list("state", flat=True))
    if before & set(InterestState.live_states):
        yield ALREADY_SENT
    if InterestState.DECLINED in before:
        yield DECLINED
    recent = profile.interests.filter(created_at__gt=timezone.now() - DAY)
    if recent.count() >= INTERESTS_A_DAY:
        yield TOO_MANY


def can_handle(interest: ExpressionOfInterest, user: User) -> bool:
    """Tell whether this person may shortlist, accept or decline now."""
    is_author = interest.listing.profile.user_id == user.pk
    return is_author and interest.is_awaiting_answer


def can_withdraw(interest: ExpressionOfInterest, user: User) -> bool:
    """Tell whether this person may take the expression of interest back."""
    return interest.profile.user_id == user.pk and interest.is_awaiting_answer
