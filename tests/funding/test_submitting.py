"""Handing in: complete, in time, once; refused in words, with nothing lost."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from funding.forms_schema import check_sum, default_schema
from funding.models import Application, ApplicationVersion, Call, LateToken, Participant
from funding.refusing import RefusedError
from funding.services.clarifications import ask
from funding.services.drafts import save_section, touch
from funding.services.ledger import faults
from funding.services.participants import confirm, invite, remove
from funding.services.receipts import receipt, tell_submissions
from funding.services.screening import give_opinion
from funding.services.submitting import submit
from konnect.accounts.models import Notification, OutgoingEmail
from konnect.states import TransitionError
from matching.services.profiles import EditConflict
from tests.factories.funding import PersonFactory, funder_officer_of, officer_of
from tests.funding.application_stage import confirm_by, draft_without_confirmation, ready
from tests.together import outcomes

pytestmark = pytest.mark.django_db


def codes(refusal):
    return [blocker.code for blocker in refusal.value.blockers]


def close(call, *, ago=timedelta(minutes=10)):
    """Move the closing of a call into the past, as no service could."""
    with connection.cursor() as cursor:
        # Triggers rest for one statement.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE funding_call SET opens_at = %s, closes_at = %s WHERE id = %s",
            [timezone.now() - timedelta(days=9), timezone.now() - ago, call.pk],
        )
        cursor.execute("SET session_replication_role = origin")
    return Call.objects.get(pk=call.pk)


def test_a_complete_application_becomes_a_version():
    application = ready(schema=default_schema())

    version = submit(application.pk, actor=application.lead.user)

    application.refresh_from_db()
    assert (application.state, application.number, application.submitted_version) == (
        "submitted", 1, 1,
    )  # fmt: skip
    assert version.sha256 == check_sum(ApplicationVersion.objects.get().content)
    assert version.draft_sha256 == application.draft_sha256
    assert {version.lead_region, version.partner_region} == {"europe", "korea"}
    assert list(faults()) == []


def test_the_same_again_is_no_second_version():
    application = ready()
    first = submit(application.pk, actor=application.lead.user)

    again = submit(application.pk, actor=application.lead.user)

    assert again.pk == first.pk
    assert ApplicationVersion.objects.count() == 1


def test_a_changed_text_needs_the_partner_again_and_becomes_version_two():
    application = ready()
    partner = application.participants.get(role="partner")
    lead = application.lead.user
    submit(application.pk, actor=lead)
    row = application.sections.get(code="more")
    save_section(application, "more", {"plan": "Another plan"}, number=row.number, actor=lead)

    with pytest.raises(RefusedError) as refusal:
        submit(application.pk, actor=lead)

    assert codes(refusal) == ["partner_must_reconfirm"]
    partner.refresh_from_db()
    assert (partner.state, partner.confirmed_at) == ("reconfirm", None)
    confirm_by(partner)
    assert submit(application.pk, actor=lead).number == 2
    application.refresh_from_db()
    assert (application.number, application.submitted_version) == (1, 2)


def test_what_is_missing_is_named_and_nothing_is_written():
    application, _partner = draft_without_confirmation(with_document=False)
    application.sections.filter(code="work").update(answers={})

    with pytest.raises(RefusedError) as refusal:
        submit(application.pk, actor=application.lead.user)

    assert set(codes(refusal)) == {"partner_not_confirmed", "description_missing", "missing"}
    assert not ApplicationVersion.objects.exists()
    application.refresh_from_db()
    assert (application.state, application.number) == ("draft", None)


def test_only_the_lead_hands_in():
    application = ready()
    partner = application.participants.get(role="partner")

    with pytest.raises(PermissionDenied):
        submit(application.pk, actor=partner.person.user)


def test_after_closing_the_words_are_clear_and_the_draft_is_there():
    application = ready()
    close(application.call)

    with pytest.raises(RefusedError) as refusal:
        submit(application.pk, actor=application.lead.user)

    assert codes(refusal) == ["closed"]
    assert application.sections.count() == 2


def test_the_database_decides_when_the_clock_of_the_process_is_behind(monkeypatch):
    application = ready()
    close(application.call)
    before = timezone.now() - timedelta(days=1)
    monkeypatch.setattr("funding.services.windows.timezone.now", lambda: before)

    with pytest.raises(RefusedError) as refusal:
        submit(application.pk, actor=application.lead.user)

    assert codes(refusal) == ["closed"]
    assert not ApplicationVersion.objects.exists()


def test_grace_takes_what_was_begun_before_and_says_how_late():
    application = ready(grace_seconds=3600)
    close(application.call)
    before = timezone.now() - timedelta(hours=1)
    Application.objects.filter(pk=application.pk).update(created_at=before)

    version = submit(application.pk, actor=application.lead.user)

    assert 300 <= ApplicationVersion.objects.get(pk=version.pk).late_by <= 700


def test_a_late_token_of_two_officers_is_used_once():
    application = ready()
    lead = application.lead.user
    close(application.call)
    token = LateToken.objects.create(
        call=application.call, application=application, reason="Power cut at the university",
        valid_until=timezone.now() + timedelta(hours=2), granted_by=PersonFactory(),
    )  # fmt: skip
    with pytest.raises(RefusedError):
        submit(application.pk, actor=lead)
    token.approved_by = PersonFactory()
    token.save()

    version = submit(application.pk, actor=lead)

    token.refresh_from_db()
    assert (version.token, token.used) == (token, 1)


def test_the_team_is_locked_after_closing():
    application = ready(grace_seconds=60)
    close(application.call)
    partner = application.participants.get(role="partner")

    with pytest.raises(RefusedError) as refusal:
        remove(application, partner, actor=application.lead.user)

    assert codes(refusal) in (["team_locked"], ["closed"])
    assert Participant.objects.filter(pk=partner.pk).exists()


def test_a_question_opens_only_its_fields():
    application = ready()
    lead, officer = application.lead.user, officer_of(application.call)
    submit(application.pk, actor=lead)
    close(application.call)
    ask(application, question="Which plan?", fields=["more.plan", "no.such"], actor=officer,
        due_at=timezone.now() + timedelta(days=1))  # fmt: skip
    application = Application.objects.get(pk=application.pk)
    save_section(application, "work", {"aims": "Changed"}, number=1, actor=lead)
    save_section(application, "more", {"plan": "Clearer"}, number=1, actor=lead)

    version = submit(application.pk, actor=lead)

    assert version.number == 2
    assert version.content["answers"] == {
        "work": {"aims": "Long light"}, "more": {"plan": "Clearer"},
    }  # fmt: skip
    assert application.clarifications.get().answered_version == 2
    with pytest.raises(RefusedError):
        save_section(application, "more", {"plan": "Again"}, number=2, actor=lead)


def test_two_people_screen_and_one_twice_does_not():
    application = ready()
    submit(application.pk, actor=application.lead.user)
    call = close(application.call)
    Call.objects.filter(pk=call.pk).update(state="screening")
    first, second = officer_of(call), funder_officer_of(call)
    give_opinion(application, is_eligible=True, code="", note="", actor=first)
    with pytest.raises(RefusedError):
        give_opinion(application, is_eligible=True, code="", note="", actor=first)
    application.refresh_from_db()
    assert application.state == "submitted"

    give_opinion(application, is_eligible=True, code="", note="", actor=second)

    application.refresh_from_db()
    assert application.state == "eligible"


def test_letters_go_to_lead_and_partner_once():
    application = ready()
    submit(application.pk, actor=application.lead.user)

    assert tell_submissions() == 1
    assert tell_submissions() == 0

    key = f"application_version:{ApplicationVersion.objects.get().pk}"
    assert Notification.objects.filter(key=key).count() == 2
    mails = OutgoingEmail.objects.filter(subject__contains="no. 1")
    assert mails.count() == 2
    assert ApplicationVersion.objects.get().sha256 in mails[0].text
    assert all("you can hand in again" in each.text for each in mails)


def test_the_letter_about_a_late_version_promises_no_other_one():
    application = ready()
    submit(application.pk, actor=application.lead.user)
    close(application.call)

    assert tell_submissions() == 1

    for mail in OutgoingEmail.objects.filter(subject__contains="no. 1"):
        assert "you can hand in again" not in mail.text + mail.html


@pytest.mark.parametrize("language", ("en", "ko"))
def test_the_receipt_is_a_paper_in_the_language_of_the_application(language):
    application = ready()
    Application.objects.filter(pk=application.pk).update(language=language)
    confirm_again(application)
    version = submit(application.pk, actor=application.lead.user)

    paper = receipt(ApplicationVersion.objects.get(pk=version.pk), zone="Asia/Tokyo")

    assert paper.startswith(b"%PDF-")
    assert paper == receipt(ApplicationVersion.objects.get(pk=version.pk), zone="Asia/Tokyo")


def confirm_again(application):
    touch(Application.objects.select_related("call", "area").get(pk=application.pk))
    partner = application.participants.get(role="partner")
    if partner.state == "reconfirm":
        confirm_by(partner)


def test_one_partner_and_one_live_application():
    application = ready()

    with pytest.raises(RefusedError) as refusal:
        invite(application, role="partner", email="new@example.kr", actor=application.lead.user,
               columns={"name": "New", "region": "korea"})  # fmt: skip

    assert codes(refusal) == ["partner_there"]


# --- Races ----------------------------------------------------------------------------------------


def at_once(*works):
    """Do things at the same moment; return what came of each."""
    return outcomes(*works, refusals=(RefusedError, TransitionError, EditConflict))


@pytest.mark.django_db(transaction=True)
def test_two_clicks_are_one_version():
    application = ready()
    lead = application.lead.user

    found = at_once(*[lambda: submit(application.pk, actor=lead)] * 4)

    assert len({version.pk for version in found}) == 1
    assert ApplicationVersion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_everybody_gets_a_number_of_their_own():
    applications = [ready()]
    call = applications[0].call
    for _each in range(5):
        other = ready()
        Application.objects.filter(pk=other.pk).update(call=call)
        applications.append(Application.objects.get(pk=other.pk))

    at_once(*[
        lambda each=each: submit(each.pk, actor=each.lead.user) for each in applications
    ])  # fmt: skip

    numbers = Application.objects.filter(call=call).values_list("number", flat=True)
    handed_in = [number for number in numbers if number]
    assert handed_in
    assert sorted(handed_in) == list(range(1, len(handed_in) + 1))
    assert len(handed_in) == ApplicationVersion.objects.count()


@pytest.mark.django_db(transaction=True)
def test_who_confirms_while_somebody_edits_never_stands_behind_another_text():
    for _round in range(5):
        race_confirming_against_editing(*draft_without_confirmation())


def race_confirming_against_editing(application, partner):
    seen, lead = application.draft_sha256, application.lead.user

    at_once(
        lambda: confirm(partner, seen_sha256=seen, actor=partner.person.user),
        lambda: save_section(application, "more", {"plan": "New"}, number=1, actor=lead),
    )

    application.refresh_from_db()
    partner.refresh_from_db()
    assert application.draft_sha256 != seen
    assert partner.state in ("invited", "reconfirm")


@pytest.mark.django_db(transaction=True)
def test_two_editors_never_overwrite_each_other():
    application, partner = draft_without_confirmation()
    lead, other = application.lead.user, partner.person.user

    found = at_once(
        lambda: save_section(application, "more", {"plan": "Hers"}, number=1, actor=lead),
        lambda: save_section(application, "more", {"plan": "His"}, number=1, actor=other),
    )

    assert sum(isinstance(each, EditConflict) for each in found) == 1
    assert application.sections.get(code="more").number == 2


@pytest.mark.django_db(transaction=True)
def test_nobody_is_late_in_the_burst_at_closing():
    applications = [ready() for _each in range(4)]
    # On a busy machine, too, some are in time.
    left = timedelta(seconds=5)
    soon = timezone.now() + left
    for each in applications:
        close(each.call, ago=-left)

    def hand_in_again_and_again(each):
        count = 0
        while timezone.now() < soon + timedelta(seconds=1):
            count += 1
            row = each.sections.get(code="more")
            save_section(each, "more", {"plan": f"{count}"}, number=row.number,
                         actor=each.lead.user)  # fmt: skip
            confirm_by(each.participants.get(role="partner"))
            submit(each.pk, actor=each.lead.user)

    at_once(*[lambda each=each: hand_in_again_and_again(each) for each in applications])

    versions = ApplicationVersion.objects.select_related("application__call")
    assert versions.exists()
    assert [v for v in versions if v.received_at >= v.application.call.closes_at] == []
