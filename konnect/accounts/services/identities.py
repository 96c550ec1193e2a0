"""What others vouch for."""

from allauth.socialaccount.models import SocialAccount

from konnect.accounts.models import User


def verified_orcid(user: User) -> str | None:
    """Return the ORCID iD that the person signed in with; a typed one proves nothing."""
    accounts = SocialAccount.objects.filter(user=user, provider="orcid")
    return accounts.values_list("uid", flat=True).first()
