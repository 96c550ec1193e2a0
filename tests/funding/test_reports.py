"""Reports: dates that stand, drafts that nobody overwrites, two reminders, follow-ups that end."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from funding.forms_schema import schema_of
from funding.models import Report, ReportDue
from funding.refusing import RefusedError
from funding.report_forms import REPORT_FORMS
from funding.services.grants import happen
from funding.services.report_dates import date_of, is_overdue, with_dates
from funding.services.report_rounds import (
    give_up_follow_ups,
    interim_days,
    open_reports,
    remind_of_reports,
)
from funding.services.reports import (
    approve_report,
    extend,
    return_report,
    save_report,
    submit_report,
)
from funding.services.waiting_grants import grants_waiting
from konnect.accounts.models import Notification
from matching.services.profiles import EditConflict
from tests.factories.funding import days
from tests.funding.grants_made import due_of, lead_of, offered, officer_at, partner_of, running
from tests.together import together

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FULL = {"results": {"summary": "It works.", "results": "Much.", "together": True}}


def today():
    return timezone.now().date()


def fresh(due):
    return ReportDue.objects.get(pk=due.pk)


def codes(call):
    with pytest.raises(RefusedError) as caught:
        call()
    return [each.code for each in caught.value.blockers]


def news_about(due):
    return Notification.objects.filter(address=due.get_absolute_url()).count()


@pytest.mark.parametrize("kind", REPORT_FORMS)
def test_standard_forms_are_forms(kind):
    schema = schema_of(REPORT_FORMS[kind])

    known = {(section.code, field.code) for section, field in schema.fields()}
    assert known
    assert all(field.label_en and field.label_ko for _section, field in schema.fields())


def test_what_a_grant_owes_is_set_when_it_starts():
    grant = running(first=date(2031, 1, 1), last=date(2031, 12, 31))

    owed = dict(grant.reports_due.values_list("kind", "due_on"))

    end = date(2031, 12, 31) + timedelta(days=60)
    assert owed == {"report": date(2031, 7, 2), "final": end, "financial": end}


@pytest.mark.parametrize(
    ("last", "number"),
    ((date(2031, 5, 1), 0), (date(2031, 12, 31), 1), (date(2033, 6, 30), 2)),
)
def test_longer_grants_report_more_often(last, number):
    grant = offered()
    grant.period = days(date(2031, 1, 1), last)

    assert len(interim_days(grant)) == number


def test_only_an_extension_moves_a_date():
    grant = running()
    due = due_of(grant, on=today() - DAY)
    officer = officer_at(grant)
    assert is_overdue(due)
    assert "1 report is overdue" in [each.words for each in grants_waiting(officer)]

    assert codes(lambda: extend(due, actor=officer, new_on=due.due_on, reason="x")) == [
        "not_later"
    ]
    assert codes(lambda: extend(due, actor=officer, new_on=today() + DAY, reason=" ")) == [
        "reason_missing"
    ]
    with pytest.raises(PermissionDenied):
        extend(due, actor=lead_of(grant), new_on=today() + DAY, reason="Illness")
    extend(due, actor=officer, new_on=today() + 30 * DAY, reason="Illness")

    assert date_of(fresh(due)) == today() + 30 * DAY
    assert fresh(due).due_on == today() - DAY
    assert not is_overdue(fresh(due))
    assert "1 report is overdue" not in [each.words for each in grants_waiting(officer)]
    assert with_dates(ReportDue.objects.filter(pk=due.pk)).get().counts_on == today() + 30 * DAY


def test_a_report_from_draft_to_published():
    grant = running()
    due, lead, officer = due_of(grant), lead_of(grant), officer_at(grant)

    save_report(due, {"results": {"summary": "It works."}}, actor=lead, seen=0)
    assert fresh(due).state == "draft"
    assert codes(lambda: submit_report(fresh(due), actor=lead)) == ["missing", "missing"]
    save_report(due, FULL, actor=lead, seen=1)
    submit_report(fresh(due), actor=lead)
    return_report(fresh(due), actor=officer, reason="Which results?")
    again = save_report(fresh(due), FULL, actor=lead, seen=0)
    submit_report(fresh(due), actor=lead)
    approve_report(fresh(due), actor=officer)

    assert fresh(due).state == "published"
    assert again.number == 2
    first = Report.objects.get(due=due, number=1)
    assert (first.officer_note, first.submitted_at is not None) == ("Which results?", True)


def test_the_partner_reads_and_does_not_write():
    grant = running()
    due = due_of(grant)

    with pytest.raises(PermissionDenied):
        save_report(due, FULL, actor=partner_of(grant), seen=0)
    with pytest.raises(PermissionDenied):
        submit_report(due, actor=partner_of(grant))


def test_nothing_is_written_into_what_was_handed_in():
    grant = running()
    due = due_of(grant, state="submitted")

    assert codes(lambda: save_report(due, FULL, actor=lead_of(grant), seen=0)) == [
        "report_not_open"
    ]


def attempt(due, answers, actor):
    try:
        save_report(due, answers, actor=actor, seen=0)
    except EditConflict:
        return False
    return True


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_once_do_not_overwrite_each_other():
    grant = running()
    lead = lead_of(grant)
    due = due_of(grant)
    texts = ("one", "two")

    answers = together(*(
        partial(attempt, fresh(due), {"results": {"summary": text}}, lead) for text in texts
    ))  # fmt: skip

    assert sorted(answers) == [False, True]
    kept = Report.objects.get(due=due).answers["results"]["summary"]
    assert kept == texts[answers.index(True)]


def test_reports_open_two_months_before_they_are_due():
    grant = running()
    grant.reports_due.all().delete()
    near = due_of(grant, "final", state="scheduled", on=today() + 59 * DAY)
    far = due_of(grant, "report", state="scheduled", on=today() + 62 * DAY)

    assert open_reports() == 1
    assert open_reports() == 0

    assert (fresh(near).state, fresh(far).state) == ("open", "scheduled")
    assert news_about(near) == 1


def test_two_reminders_and_no_third():
    grant = running()
    grant.reports_due.all().delete()
    due = due_of(grant, on=today() + 13 * DAY)

    assert [remind_of_reports(), remind_of_reports()] == [1, 0]
    ReportDue.objects.filter(pk=due.pk).delete()
    late = due_of(grant, on=today() - DAY)
    assert [remind_of_reports() for _each in range(3)] == [1, 1, 0]
    assert news_about(late) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_remind_once():
    grant = running()
    grant.reports_due.all().delete()
    due = due_of(grant, on=today() + 5 * DAY)

    assert sum(together(remind_of_reports, remind_of_reports)) == 1
    assert news_about(due) == 1


def test_a_follow_up_without_an_answer_is_closed_and_can_be_answered_late():
    grant = running()
    happen(grant, "complete", actor=officer_at(grant))
    due = due_of(grant, "follow_up", on=today() - 20 * DAY)
    remind_of_reports()
    remind_of_reports()
    assert give_up_follow_ups() == 0
    ReportDue.objects.filter(pk=due.pk).update(reminded_at=timezone.now() - 15 * DAY)

    assert give_up_follow_ups() == 1
    assert fresh(due).state == "auto_filled_unconfirmed"

    save_report(fresh(due), {"later": {"together": True}}, actor=lead_of(grant), seen=0)
    assert fresh(due).state == "draft"


def test_other_reports_are_never_given_up():
    grant = running()
    due = due_of(grant, on=today() - 60 * DAY)
    ReportDue.objects.filter(pk=due.pk).update(reminders=2, reminded_at=timezone.now() - 40 * DAY)

    assert give_up_follow_ups() == 0


def test_a_grant_closes_when_its_reports_are_approved():
    grant = running()
    officer = officer_at(grant)
    happen(grant, "complete", actor=officer)

    assert codes(lambda: happen(grant, "close", actor=officer)) == ["reports_open"]
    grant.reports_due.exclude(kind="follow_up").update(state="approved")
    happen(grant, "close", actor=officer)
    assert grant.state == "closed"
    assert grant.reports_due.filter(kind="follow_up").count() == 3
