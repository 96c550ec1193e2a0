"""How allauth behaves in this portal."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up takes language and time zone from the browser."""
