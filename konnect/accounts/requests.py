"""What type checkers should know about requests."""

from django.http import HttpRequest

from konnect.accounts.models import User


class MemberRequest(HttpRequest):
    """A request behind `login_required`: its user is a person."""

    user: User
