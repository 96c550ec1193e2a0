"""Reports of problems: what can be reported, who decides, and who learns of it."""

import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from konnect.accounts.models import AuditEvent, Notification, OutgoingEmail
from konnect.accounts.services.erasure import erase_account
from konnect.states import TransitionError
from matching.models import AbuseReport, ListingState, ProfileState
from matching.services.abuse_reports import decide_report, report_thing, take_report
from tests.factories.matching import (
    AbuseReportFactory,
    AcceptedContactRequestFactory,
    ConversationFactory,
    ListingFactory,
    MessageFactory,
    OrganisationFactory,
)

SPAM = {"reason": "spam", "words": "Advertising."}
WHY = "Advertising is not allowed here (terms, 4)."


@pytest.fixture
def letter(minji, anna):
    """Return what Anna wrote to Minji."""
    request = AcceptedContactRequestFactory(sender=anna, recipient=minji)
    conversation = ConversationFactory(contact_request=request)
    return MessageFactory(conversation=conversation, author=anna, text="Buy my book")


def address_of(kind, thing):
    return reverse("matching:abuse_create", args=[kind, thing.pk])


def test_everything_can_be_reported_once(client_of, minji, anna, letter):
    client = client_of(minji)
    things = {
        "profile": anna,
        "listing": ListingFactory(profile=anna),
        "message": letter,
        "organisation": OrganisationFactory(),
    }
    for kind, thing in things.items():
        for _again in range(2):
            assert client.post(address_of(kind, thing), SPAM).status_code == 302

    assert AbuseReport.objects.count() == len(things)
    page = client.get(address_of("profile", anna))
    assert page.context["is_known"]
    assert "이미 신고하셨습니다" in page.content.decode()


def test_nobody_reports_what_they_do_not_see(client_of, minji, anna, omar, letter):
    hidden = ListingFactory(profile=anna, state=ListingState.DRAFT)
    own = ListingFactory(profile=omar)
    client = client_of(omar)

    for kind, thing in (
        ("message", letter),
        ("listing", hidden),
        ("listing", own),
        ("profile", omar),
    ):
        assert client.post(address_of(kind, thing), SPAM).status_code == 404
    assert client.get("/report/user/1/").status_code == 404
    assert Client().post(address_of("profile", anna), SPAM).status_code == 302
    assert not AbuseReport.objects.exists()


def test_own_words_are_not_reported(client_of, anna, letter):
    assert client_of(anna).get(address_of("message", letter)).status_code == 404


def test_something_else_needs_words_and_keeps_the_choice(client_of, minji, anna):
    page = client_of(minji).post(address_of("profile", anna), {"reason": "other", "words": ""})

    assert page.status_code == 200
    assert 'value="other"' in page.content.decode()
    assert page.context["form"].errors.keys() == {"words"}


def test_the_handler_reads_the_message_and_not_the_conversation(client_of, staff, letter, minji):
    MessageFactory(conversation=letter.conversation, author=minji, text="between us alone")
    report = AbuseReportFactory(profile=None, message=letter, reporter=minji)

    page = client_of(staff).get(reverse("matching:abuse_detail", args=[report.pk]))

    assert "Buy my book" in page.content.decode()
    assert "between us alone" not in page.content.decode()
    event = AuditEvent.objects.get(action="report.read")
    assert (event.subject, event.target_id) == (letter.author.user, str(report.pk))


def test_deciding_takes_it_down_and_tells_both_sides(client_of, staff, minji, anna):
    listing = ListingFactory(profile=anna)
    report = AbuseReportFactory(profile=None, listing=listing, reporter=minji)
    address = reverse("matching:abuse_detail", args=[report.pk])
    decided = {"verdict": "upheld", "takes_down": "on", "decision": WHY}

    assert client_of(staff).post(address, decided).status_code == 302

    listing.refresh_from_db()
    assert listing.state == ListingState.CLOSED
    assert {note.user for note in Notification.objects.all()} == {minji.user, anna.user}
    letters = OutgoingEmail.objects.filter(to=anna.user.email)
    assert WHY in letters.get().text
    assert minji.display_name not in letters.get().text
    event = AuditEvent.objects.get(action="report.decided")
    assert event.facts == {"upheld": True, "taken_down": True}


def test_a_reported_profile_can_be_hidden(staff, anna, minji):
    report = AbuseReportFactory(profile=anna, reporter=minji)

    decide_report(report, actor=staff, is_upheld=True, takes_down=True, decision=WHY)

    anna.refresh_from_db()
    assert anna.state == ProfileState.HIDDEN


def test_a_dismissed_report_touches_nothing_and_nobody_else(staff, anna, minji):
    report = AbuseReportFactory(profile=anna, reporter=minji)

    decide_report(report, actor=staff, is_upheld=False, takes_down=True, decision=WHY)

    anna.refresh_from_db()
    assert anna.state == ProfileState.PUBLISHED
    assert [note.user for note in Notification.objects.all()] == [minji.user]


@pytest.mark.parametrize("verdict", (True, False))
def test_answers_are_read_by_those_whom_they_concern(client_of, staff, anna, minji, omar, verdict):
    report = AbuseReportFactory(profile=anna, reporter=minji)
    decide_report(report, actor=staff, is_upheld=verdict, takes_down=False, decision=WHY)
    address = reverse("matching:abuse_answer", args=[report.pk])

    found = [client_of(person).get(address).status_code for person in (minji, anna, omar)]

    assert found == [200, 200 if verdict else 404, 404]


def test_without_words_nothing_is_decided(client_of, staff, anna, minji):
    report = AbuseReportFactory(profile=anna, reporter=minji)
    address = reverse("matching:abuse_detail", args=[report.pk])

    page = client_of(staff).post(address, {"verdict": "upheld", "decision": ""})

    report.refresh_from_db()
    assert (page.status_code, report.state) == (200, "open")


def test_taking_and_deciding_twice_is_refused(staff, anna, minji):
    report = AbuseReportFactory(profile=anna, reporter=minji)
    same = AbuseReport.objects.get(pk=report.pk)
    take_report(report, actor=staff)

    with pytest.raises(TransitionError):
        take_report(same, actor=staff)


def test_queue_query_count(client_of, staff, minji, anna):
    client, counts = client_of(staff), []
    client.get(reverse("matching:abuse_list"))
    for _more in range(2):
        AbuseReportFactory.create_batch(3, profile=anna)
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("matching:abuse_list"))
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_what_was_reported_goes_with_its_owner_and_reports_outlive_the_reporter(anna, minji, omar):
    about_anna = AbuseReportFactory(profile=anna, reporter=omar)
    by_minji = AbuseReportFactory(profile=omar, reporter=minji)

    erase_account(anna.user)
    erase_account(minji.user)

    assert not AbuseReport.objects.filter(pk=about_anna.pk).exists()
    assert AbuseReport.objects.get(pk=by_minji.pk).reporter is None


@pytest.mark.django_db(transaction=True)
def test_a_double_click_files_one_report(minji, anna):
    barrier, found = threading.Barrier(2), []

    def press():
        barrier.wait()
        try:
            found.append(
                report_thing(
                    anna, kind="profile", reporter=minji, actor=minji.user, reason="spam", words=""
                )
            )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _click in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert AbuseReport.objects.count() == 1
    assert found.count(None) == 1


@pytest.mark.django_db(transaction=True)
def test_the_constraint_is_what_stops_the_second(minji, anna):
    with pytest.raises(IntegrityError), transaction.atomic():
        AbuseReportFactory.create_batch(2, profile=anna, reporter=minji)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_open_report_of_a_thing")
    try:
        AbuseReportFactory.create_batch(2, profile=anna, reporter=minji)
    finally:
        AbuseReport.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX one_open_report_of_a_thing ON matching_abusereport"
                " (reporter_id, profile_id, listing_id, message_id, organisation_id)"
                " NULLS NOT DISTINCT"
                " WHERE state IN ('open', 'in_review') AND reporter_id IS NOT NULL"
            )
