"""Mail that comes back: believed only on its own return path, and what follows."""

import io
import mailbox
import os
import smtplib
import subprocess
import sys
import threading
from email import message_from_string

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from konnect.accounts.bounce_reports import HARD, SOFT, refusal, report_in
from konnect.accounts.models import DeliveryState, MailTrouble, Notification, OutgoingEmail
from konnect.accounts.services.bounces import return_path, take_back
from konnect.accounts.services.delivery import deliver_due_mail
from konnect.accounts.services.notifications import notify
from konnect.accounts.services.wishes import wishes
from tests.accounts.smtp import Server
from tests.factories.accounts import UserFactory

# What Postfix writes (RFC 3464), shortened to what is read.
DELIVERY_REPORT = """\
Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@mail.example.kr (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mail.example.kr.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.kr
X-Postfix-Queue-ID: 4XYZ
Arrival-Date: Sun, 22 Nov 2026 09:00:00 +0000 (UTC)

Final-Recipient: rfc822; minji@example.kr
Original-Recipient: rfc822;minji@example.kr
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.kr
Diagnostic-Code: smtp; 550 5.1.1 <minji@example.kr>:
    Recipient address rejected: User unknown

--b1
Content-Type: message/rfc822

Subject: News

--b1--
"""
COMPLAINT = """\
Delivered-To: {to}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

--b1
Content-Type: text/plain

This is an email abuse report.

--b1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1

--b1--
"""
ABSENCE = "Delivered-To: {to}\nSubject: Out of office\n\nI am away.\n"


@pytest.fixture(autouse=True)
def bounce_address(settings):
    settings.BOUNCE_ADDRESS = "returns@konnect.example"


@pytest.fixture
def reader(db):
    return UserFactory(email="Minji@example.kr")


@pytest.fixture
def sent(reader):
    """A message that its first server took."""
    return OutgoingEmail.objects.create(
        to="minji@example.kr", subject="News", text="t",
        state=DeliveryState.SENT, sent_at=timezone.now(),
    )  # fmt: skip


def report(to, *, action="failed", status="5.1.1"):
    return message_from_string(DELIVERY_REPORT.format(to=to, action=action, status=status))


def test_address_that_does_not_exist_stops_its_mail(sent, reader):
    assert take_back(report(return_path(sent))) == "hard"

    sent.refresh_from_db()
    assert (sent.state, sent.sent_at) == (DeliveryState.DEAD, None)
    assert "User unknown" in sent.last_error
    trouble = MailTrouble.objects.get()
    assert (trouble.address, trouble.kind, trouble.count) == ("minji@example.kr", "hard", 1)
    notify(reader, "message", key="1", title="New", address="/x/")
    assert deliver_due_mail() == 0
    assert OutgoingEmail.objects.get(subject="New").state == DeliveryState.DEAD


def test_codes_that_people_ask_for_go_out_all_the_same(sent, client):
    take_back(report(return_path(sent)))

    client.post(reverse("account_reset_password"), {"email": "minji@example.kr"})

    assert deliver_due_mail() == 1


def test_other_addresses_get_their_mail(sent):
    take_back(report(return_path(sent)))
    OutgoingEmail.objects.create(to="anna@example.eu", subject="S", text="t")

    assert deliver_due_mail() == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    (
        ("5.1.1", "hard"), ("5.1.10", "hard"), ("5.2.1", "hard"), ("5.0.0", "hard"),
        ("5.2.2", "soft"), ("5.7.1", "soft"), ("5.3.4", "soft"), ("4.4.7", "soft"), ("", "soft"),
    ),
)  # fmt: skip
def test_kind_follows_the_status(sent, status, kind):
    assert take_back(report(return_path(sent), status=status)) == kind
    assert MailTrouble.objects.get().kind == kind


def test_soft_trouble_is_counted_and_stops_nothing(sent, reader):
    other = OutgoingEmail.objects.create(to=sent.to, subject="Second", text="t")

    for message in (sent, other):
        take_back(report(return_path(message), status="5.2.2"))

    assert MailTrouble.objects.get().count == 2
    OutgoingEmail.objects.create(to=sent.to, subject="Third", text="t")
    assert deliver_due_mail() == 1


def test_late_message_is_no_trouble(sent):
    assert take_back(report(return_path(sent), action="delayed", status="4.4.1")) == "late"
    assert not MailTrouble.objects.exists()


def test_same_report_counts_once(sent):
    assert [take_back(report(return_path(sent))) for _ in range(2)] == ["hard", "known"]
    assert MailTrouble.objects.get().count == 1


@pytest.mark.parametrize(
    "forge",
    (
        lambda path, pk: f"returns+{pk}@konnect.example",
        lambda path, pk: f"returns+{pk}-aaaaaaaaaaaaaaaa@konnect.example",
        lambda path, pk: path.replace(f"+{pk}-", f"+{pk + 1}-"),
        lambda path, pk: path[:-20] + ("a" if path[-20] == "z" else "z") + path[-19:],
        lambda path, pk: "returns@konnect.example",
        lambda path, pk: "",
    ),
)
def test_forged_report_stops_nobody(sent, forge):
    OutgoingEmail.objects.create(to="anna@example.eu", subject="Other", text="t")

    assert take_back(report(forge(return_path(sent), sent.pk))) == "foreign"
    assert not MailTrouble.objects.exists()


def test_report_is_for_the_message_of_its_path_and_not_for_whom_it_names(sent):
    other = OutgoingEmail.objects.create(to="anna@example.eu", subject="Other", text="t")

    take_back(report(return_path(other)))

    assert MailTrouble.objects.get().address == "anna@example.eu"


def test_server_that_writes_small_letters_only_is_understood(sent):
    assert take_back(report(return_path(sent).upper())) == "hard"


def test_recipient_that_the_server_names_comes_first(sent):
    mail = report("postmaster@konnect.example")

    assert take_back(mail, recipient=return_path(sent)) == "hard"
    assert take_back(report(return_path(sent)), recipient="x@konnect.example") == "foreign"


def test_absence_note_is_nothing(sent):
    assert take_back(message_from_string(ABSENCE.format(to=return_path(sent)))) == "unread"
    assert not MailTrouble.objects.exists()


def test_complaint_ends_all_mail_that_can_be_ended(sent, reader):
    mail = message_from_string(COMPLAINT.format(to=return_path(sent)))

    assert take_back(mail) == "complaint"

    assert set(wishes(reader).values()) == {"off"}
    notify(reader, "account", key="1", title="Your password was changed", address="/x/")
    assert deliver_due_mail() == 1


def test_report_about_a_message_that_was_deleted_is_foreign(sent):
    path = return_path(sent)
    sent.delete()

    assert take_back(report(path)) == "foreign"


def test_person_is_told_on_the_site_in_their_language(sent, reader, client):
    reader.language = "ko"
    reader.save()
    take_back(report(return_path(sent)))

    client.force_login(reader)
    page = client.get(reverse("accounts:notifications")).content.decode()

    news = Notification.objects.get()
    assert (news.kind, news.due_at, news.email) == ("account", None, None)
    assert "minji@example.kr" in news.title_ko
    assert news.title_ko != news.title_en
    assert "minji@example.kr" in page
    assert reverse("account_email") in page
    assert reverse("news:try_again") in page


def test_person_says_that_the_address_works(sent, reader, client):
    take_back(report(return_path(sent)))
    client.force_login(reader)

    client.post(reverse("news:try_again"))

    assert not MailTrouble.objects.exists()
    OutgoingEmail.objects.create(to=reader.email, subject="S", text="t")
    assert deliver_due_mail() == 1


def test_new_address_gets_mail_at_once(sent, reader):
    take_back(report(return_path(sent)))
    reader.email = "minji@new.example.kr"
    reader.save()

    notify(reader, "message", key="1", title="New", address="/x/")

    assert deliver_due_mail() == 1


def test_return_path_is_the_envelope_and_not_the_sender(transactional_db, settings):
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.DELIVERY = {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": server.port,
        }
        message = OutgoingEmail.objects.create(to="m@example.kr", subject="S", text="t")
        deliver_due_mail()
        server.shutdown()
        thread.join()

    assert server.messages[0]["From"] == settings.DEFAULT_FROM_EMAIL
    assert server.envelopes == [f"FROM:<{return_path(message)}>"]


def test_without_an_address_for_returns_there_is_no_path(sent, settings):
    settings.BOUNCE_ADDRESS = ""

    assert return_path(sent) == ""


@pytest.mark.parametrize(
    ("code", "answer", "kind"),
    (
        (550, b"5.1.1 User unknown", HARD),
        (550, b"no such person", HARD),
        (553, b"mailbox name not allowed", HARD),
        (550, b"5.7.1 Message rejected as spam", SOFT),
        (550, b"relay not permitted", SOFT),
        (554, b"5.7.1 Relay access denied", SOFT),
        (552, b"5.2.2 Mailbox full", SOFT),
        (554, b"transaction failed", SOFT),
    ),
)
def test_refusal_at_the_door_is_read(code, answer, kind):
    assert refusal(smtplib.SMTPRecipientsRefused({"m@x.kr": (code, answer)})).kind == kind


@pytest.mark.parametrize(
    "error",
    (
        smtplib.SMTPRecipientsRefused({"m@x.kr": (450, b"later")}),
        smtplib.SMTPRecipientsRefused({}),
        smtplib.SMTPServerDisconnected("gone"),
        ConnectionRefusedError(),
    ),
)
def test_trouble_of_the_server_is_no_refusal(error):
    assert refusal(error) is None


@given(st.text())
def test_nothing_that_is_sent_breaks_the_reader(text):
    for frame in ("{}", DELIVERY_REPORT.replace("dns; mail", "{}"), "Content-Type: {}\n\n{}"):
        report_in(message_from_string(frame.replace("{}", text)))


def pipe(monkeypatch, content, *arguments):
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    call_command("read_bounces", *arguments, stdout=out)
    return out.getvalue().strip()


def test_mail_server_pipes_a_report(sent, monkeypatch):
    content = report("someone@konnect.example").as_bytes()

    assert pipe(monkeypatch, content, "--recipient", return_path(sent)) == "hard"


@pytest.mark.parametrize(
    "content", (b"", b"\0\xff\xfe", b"Content-Type: \0\n\n", b"x" * 3_000_000)
)
def test_rubbish_is_taken_quietly(sent, monkeypatch, content):
    assert pipe(monkeypatch, content, "--recipient", return_path(sent)) == "unread"


def test_mail_server_keeps_the_report_while_the_database_is_away(sent):
    command = [sys.executable, "manage.py", "read_bounces", "--recipient", return_path(sent)]
    away = os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}

    done = subprocess.run(command, input=b"", env=away, capture_output=True, check=False)

    assert done.returncode == 75, done.stderr


def test_maildir_is_read_and_emptied(sent, tmp_path):
    box = mailbox.Maildir(tmp_path / "returns")
    box.add(report(return_path(sent)))
    box.add("Subject: hello\n\nWho are you?\n")
    out = io.StringIO()

    call_command("read_bounces", maildir=str(tmp_path / "returns"), stdout=out)

    assert out.getvalue().strip() == "foreign 1, hard 1"
    assert len(mailbox.Maildir(tmp_path / "returns")) == 0


def test_maildir_that_is_not_there_is_said(db, tmp_path):
    with pytest.raises(CommandError, match="no Maildir"):
        call_command("read_bounces", maildir=str(tmp_path / "none"))


def test_title_of_the_trouble_names_the_address(sent, reader):
    take_back(report(return_path(sent)))

    with translation.override("en"):
        assert Notification.objects.get().title == (
            "E-mails to minji@example.kr come back. Please check the address."
        )
