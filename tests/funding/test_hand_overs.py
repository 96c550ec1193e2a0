"""What the next officer reads: every reason that was given, and nothing of what they have left."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.utils import timezone

from funding.lottery import commitment
from funding.models import (
    CallAmendment,
    Conflict,
    DueExtension,
    EligibilityOpinion,
    GrantAmendment,
    LateToken,
    LotteryDraw,
    Person,
    ReportDue,
)
from funding.services.call_events import happen
from funding.services.decision_log import Log
from funding.services.decisions import decide_by_list, set_decision
from funding.services.hand_overs import calls_of
from funding.services.panels import recuse
from funding.services.people import person_of
from konnect.accounts.models import AuditEvent
from tests.factories.funding import PersonFactory, approved_call, officer_of, prepared_call
from tests.funding.grants_made import running
from tests.funding.panel_stage import panel_stage
from tests.funding.read_pages import asks_of, url, words_of
from tests.funding.test_allocations import frozen

pytestmark = pytest.mark.django_db


def log_of(call, user):
    return Log(calls_of(call.programme), user).entries()


def told(call, user):
    """What is told, as (what, why) in words."""
    return [(str(each.what), each.reason) for each in log_of(call, user)]


def decided_stage():
    """Return a call in which a panel has decided, once otherwise than the list says."""
    stage = panel_stage(3)
    rank_list = frozen(stage)
    decide_by_list(stage.call, actor=stage.chair, reserve_places=0)
    set_decision(stage.applications[0], actor=stage.chair, outcome="not_funded", amounts={},
                 reason="Its host has gone.")  # fmt: skip
    return stage, rank_list


def test_every_reason_is_there_the_newest_first():
    stage, _rank_list = decided_stage()
    first, second, third = stage.applications
    recuse(stage.call.panel.members.get(person__user=stage.member), second,
           actor=stage.officer, reason="Works next door.")  # fmt: skip
    CallAmendment.objects.create(call=stage.call, number=1, text_en="Later.", text_ko="나중에.")
    people = PersonFactory(), PersonFactory()
    LateToken.objects.create(
        call=stage.call, application=third, granted_by=people[0], approved_by=people[1],
        valid_until=timezone.now() + timedelta(days=1), reason="The power was out.",
    )  # fmt: skip
    EligibilityOpinion.objects.create(
        application=third, version=third.versions.get(), is_eligible=True, given_by=people[0],
        note="The institute moved.",
    )  # fmt: skip
    Conflict.objects.create(
        person=people[0], application=second, kind="co_author", is_hard=False, source="works",
        verdict="overridden", decided_by=people[0], seconded_by=people[1], reason="One of 900.",
    )  # fmt: skip

    found = told(stage.call, stage.officer)

    reasons = {why for _what, why in found}
    assert reasons >= {
        "Its host has gone.", "Works next door.", "Later.", "The power was out.",
        "The institute moved.", "One of 900.", "Severity is small.",
    }  # fmt: skip
    assert ("Not funded", "Its host has gone.") in found
    entries = log_of(stage.call, stage.officer)
    assert [each.at for each in entries] == sorted((each.at for each in entries), reverse=True)
    by_reason = {each.reason: each for each in entries}
    assert by_reason["One of 900."].who == f"{people[0]}, {people[1]}"
    assert by_reason["Its host has gone."].application == first
    assert by_reason["Its host has gone."].who == str(stage.call.panel.members.get(is_chair=True))


def test_what_happened_to_a_call_is_there_even_without_a_reason():
    call = approved_call()
    officer = officer_of(call)
    happen(call, "cancel", actor=officer, reason="The money is gone.")

    assert told(call, officer) == [("Call: Approved → Cancelled", "The money is gone.")]


def test_lots_and_what_came_of_grants_are_there():
    grant = running()
    call = grant.decision.application.call
    officer = officer_of(call)
    GrantAmendment.objects.create(grant=grant, number=1, text="A month later: a baby.")
    due = ReportDue.objects.create(grant=grant, kind="final", sequence=9, due_on=date(2033, 1, 1))
    DueExtension.objects.create(due=due, new_on=date(2033, 2, 1), reason="The lab burnt.")
    rank_list = call.rank_lists.create(number=1, inputs_sha256="ab" * 32)
    now = timezone.now()
    LotteryDraw.objects.create(
        rank_list=rank_list, commit_hash=commitment(b"1" * 16), seed=b"1" * 16, committed_at=now - timedelta(days=1),
        drawn_at=now, public_value_source="KOSPI", public_value="2.5",
    )  # fmt: skip

    found = dict(told(call, officer))

    assert found["Amendment 1 of the grant"] == "A month later: a baby."
    assert "The lab burnt." in found.values()
    assert found["Lots were drawn"] == "KOSPI: 2.5"


def test_an_officer_reads_nothing_of_an_application_that_they_have_left():
    stage, _rank_list = decided_stage()
    Conflict.objects.create(
        person=person_of(stage.officer), application=stage.applications[0],
        kind="family", is_hard=True, source="declared",
    )  # fmt: skip

    assert "Its host has gone." not in {why for _what, why in told(stage.call, stage.officer)}
    other = officer_of(stage.call)
    assert "Its host has gone." in {why for _what, why in told(stage.call, other)}


def test_the_log_asks_as_often_for_many_reasons_as_for_few():
    numbers = []
    for _time in range(2):
        stage, _rank_list = decided_stage()
        for application in stage.applications[1:] * len(numbers):
            set_decision(application, actor=stage.chair, outcome="reserve", amounts={},
                         reason="Balance.")  # fmt: skip
        calls = calls_of(stage.call.programme)
        numbers.append(asks_of(lambda one=calls, who=stage.officer: Log(one, who).entries()))

    assert numbers[0] == numbers[1]


def test_the_page_tells_where_calls_stand_and_who_has_a_say(client_of):
    stage, _rank_list = decided_stage()
    programme = stage.call.programme
    prepared_call(programme=programme, number="NEXT")
    Person.objects.filter(user=stage.officer).update(name="Clara Weber")
    client = client_of(stage.officer)

    page = words_of(client.get(url("hand_over", programme.pk)))
    narrowed = words_of(client.get(url("hand_over", programme.pk) + "?call=NEXT"))

    assert "Clara Weber" in page
    assert "Next:" in page
    assert "Send for approval" in page
    assert "Its host has gone." in page
    assert "Its host has gone." not in narrowed


def test_a_new_programme_says_that_there_is_nothing_yet(client_of):
    call = prepared_call()
    page = words_of(client_of(officer_of(call)).get(url("hand_over", call.programme_id)))

    assert "Nothing has been decided yet" in page


def test_the_table_is_safe_for_spreadsheets_and_who_took_it_is_written_down(client_of):
    stage, _rank_list = decided_stage()
    set_decision(stage.applications[1], actor=stage.chair, outcome="not_funded", amounts={},
                 reason="=HYPERLINK(1)")  # fmt: skip

    answer = client_of(stage.officer).get(url("hand_over_table", stage.call.programme_id))

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert not any(row["reason"].startswith("=") for row in rows)
    assert any("HYPERLINK" in row["reason"] for row in rows)
    assert {row["call"] for row in rows} == {stage.call.number}
    taken = AuditEvent.objects.filter(action="table.exported", actor=stage.officer)
    assert taken.get().facts["kind"] == "decision_log"


def test_nobody_but_its_officers_reads_it(client_of):
    stage, _rank_list = decided_stage()

    for user in (stage.chair, stage.europe, officer_of(approved_call())):
        for name in ("hand_over", "hand_over_table"):
            answer = client_of(user).get(url(name, stage.call.programme_id))
            assert answer.status_code == 404
