"""What is over is forgotten; what is not, is kept."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from konnect.accounts.models import OutgoingEmail
from konnect.accounts.services import forget_what_is_over


def test_ended_sessions_and_their_addresses_are_forgotten(anna):
    for key, days in (("live", 1), ("over", -1)):
        ends = timezone.now() + timedelta(days=days)
        Session.objects.create(session_key=key, session_data="", expire_date=ends)
        UserSession.objects.create(
            user=anna.user, session_key=key, ip="192.0.2.1", user_agent="Browser"
        )

    counts = [forget_what_is_over(), forget_what_is_over()]

    assert counts == [2, 0]
    assert [each.session_key for each in Session.objects.all()] == ["live"]
    assert [each.session_key for each in UserSession.objects.all()] == ["live"]


def test_old_mail_is_forgotten_unless_it_waits(db):
    now = timezone.now()
    for state, days in (("sent", 31), ("sent", 29), ("dead", 31), ("waiting", 31)):
        OutgoingEmail.objects.create(
            to="anna@example.eu", subject=f"{state} {days}", text="", state=state,
            created_at=now - timedelta(days=days), sent_at=now if state == "sent" else None,
        )  # fmt: skip

    forget_what_is_over()

    assert {mail.subject for mail in OutgoingEmail.objects.all()} == {"sent 29", "waiting 31"}
