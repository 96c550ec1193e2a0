"""Inviting people whose profile was imported, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import transaction

from konnect.accounts.mail import queue_email
from konnect.accounts.models import ConsentChannel, User
from konnect.accounts.services import erase_account, record_consents
from matching.models import Profile, ProfileState

SALT = "matching.invitation"
DAYS_TO_ACCEPT = 60


def invitation_token(profile: Profile) -> str:
    """Return what the link of the letter carries: whom it invites, signed, with the time."""
    return signing.dumps(profile.pk, salt=SALT)


def invited_profile(token: str) -> Profile | None:
    """Return whom a link invites; None when it is too old, was changed, or has been used."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=DAYS_TO_ACCEPT * 86_400)
    except signing.BadSignature:
        return None
    invited = Profile.objects.filter(state=ProfileState.INVITED, user__is_active=True)
    return invited.with_card().filter(pk=pk).first()


def send_invitation(profile: Profile) -> bool:
    """Write the letter, once a person; false when it was written before."""
    context: dict[str, object] = {
        "profile": profile,
        "token": invitation_token(profile),
        "days": DAYS_TO_ACCEPT,
    }
    key = f"invitation-{profile.pk}"
    return (
        queue_email("invitation", to=profile.user, context=context, deduplication_key=key)
        is not None
    )


@transaction.atomic
def accept_invitation(
    profile: Profile, *, password: str, choices: Mapping[str, bool], language: str
) -> User:
    """Make the account the person's own; the profile becomes a draft that they check.

    Raises:
        TransitionError: it was accepted already.
    """
    user = profile.user
    profile.move_to(ProfileState.DRAFT, actor=user)
    user.set_password(password)
    user.language = language
    user.save(update_fields=["password", "language"])
    # Who has the link has read the letter: the address is theirs.
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    record_consents(user, choices=choices, channel=ConsentChannel.INVITATION, language=language)
    return user


@transaction.atomic
def refuse_invitation(profile: Profile) -> bool:
    """Delete everything that is held of the person; false when it was accepted meanwhile."""
    waiting = Profile.objects.filter(pk=profile.pk, state=ProfileState.INVITED)
    if not waiting.select_for_update(of=("self",)).exists():
        return False
    # They never were a member, and asked to hear no more.
    erase_account(profile.user, says_farewell=False)
    return True
