"""How allauth behaves in this portal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from konnect.accounts.models import Language, User
from konnect.accounts.services.policy_changes import NOTICE
from konnect.accounts.zones import guessed_time_zone, zone_named


class AccountAdapter(DefaultAccountAdapter):
    """New accounts speak the visitor's language; mail speaks its reader's."""

    def new_user(self, request: HttpRequest) -> User:
        """Return an unsaved user with the language of the page and that language's zone."""
        active = translation.get_language()
        language = active if active in Language.values else Language.ENGLISH
        return User(language=language, time_zone=guessed_time_zone("", language))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead somebody to what changed in the policies first, once after signing in."""
        if request.session.get(NOTICE):
            return reverse("accounts:policy_changes")
        address: str = super().get_login_redirect_url(request)
        return address

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send in the language and zone of the account with this address, if there is one."""
        reader = context.get("user") or User.objects.filter(email__iexact=email).first()
        words = {**context, "site_url": settings.SITE_URL, "recipient": reader}
        with speaking_to(reader):
            super().send_mail(template_prefix, email, words)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """Render the message; where it has no HTML of its own, its text becomes the HTML."""
        message: EmailMessage = super().render_mail(template_prefix, email, context, headers)
        if isinstance(message, EmailMultiAlternatives) and not message.alternatives:
            letter = {**context, "subject": message.subject, "text": message.body}
            message.attach_alternative(render_to_string("emails/letter.html", letter), "text/html")
        return message


@contextmanager
def speaking_to(reader: User | None) -> Iterator[None]:
    """Use the reader's language and zone; a stranger's are those of the page."""
    if reader is None:
        yield
        return
    with translation.override(reader.language), timezone.override(zone_named(reader.time_zone)):
        yield
