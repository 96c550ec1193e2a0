"""Every message about an account: in both languages, as text and as HTML."""

import re
from pathlib import Path

import allauth
import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.test import RequestFactory
from django.utils import timezone

from konnect.accounts.models import OutgoingEmail
from tests.factories.accounts import UserFactory

TEMPLATES = Path(allauth.__file__).parent / "templates"
MESSAGES = sorted(
    str(path.relative_to(TEMPLATES)).removesuffix("_subject.txt")
    for path in TEMPLATES.glob("*/email/*_subject.txt")
)
WORDS = {
    "code": "ABC-DEF",
    "password_reset_url": "http://testserver/reset",
    "signup_url": "http://testserver/signup",
    "activate_url": "http://testserver/activate",
    "from_email": "old@example.eu",
    "to_email": "new@example.eu",
    "deleted_email": "old@example.eu",
    "provider": "ORCID",
    "ip": "127.0.0.1",
    "user_agent": "<b>Browser</b>",
    "timestamp": timezone.datetime(2026, 7, 1, 8, tzinfo=timezone.get_default_timezone()),
}


@pytest.mark.parametrize("language", ("en", "ko"))
@pytest.mark.parametrize("name", MESSAGES)
def test_message_speaks_its_reader(db, name, language):
    zone = {"en": "Europe/Brussels", "ko": "Asia/Seoul"}[language]
    reader = UserFactory(language=language, time_zone=zone)
    request = RequestFactory().get("/")

    with context.request_context(request):
        get_adapter().send_mail(name, reader.email, dict(WORDS))

    message = OutgoingEmail.objects.get()
    assert message.subject.startswith("KONNECT: ")
    assert f'<html lang="{language}">' in message.html
    assert "KONNECT" in message.text
    assert "{" not in message.text + message.subject
    assert "<b>" not in message.html
    if "127.0.0.1" in message.text:
        assert {"en": "10:00 (CEST)", "ko": "17:00 (KST)"}[language] in message.text


def test_html_says_what_the_text_says(db):
    with context.request_context(RequestFactory().get("/")):
        get_adapter().send_mail("account/email/email_confirmation_signup", "a@x.eu", dict(WORDS))

    message = OutgoingEmail.objects.get()
    plain = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", message.html))
    for line in filter(None, message.text.splitlines()[:5]):
        assert line in plain
