"""Calls in every state, for tests that look at all of their pages; and which pages those are."""

from datetime import UTC, date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from funding.models import CallDeadline, CountryStatus, FunderRule, LateToken
from funding.services.amendments import amend_call
from funding.services.call_events import happen
from konnect.accounts.models import RoleGrant
from matching.models import Area
from tests.factories.accounts import UserFactory
from tests.factories.funding import (
    ApplicationFactory,
    PersonFactory,
    ProgrammeFactory,
    approved_call,
    funder_officer_of,
    prepared_call,
    submitted,
    team,
)

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
SCHEMA = {"sections": [{"code": "summary", "fields": []}]}
VISITOR_OF_CALLS: tuple[str, ...] = (
    "/calls/", "/calls/?view=past", "/calls/?funder=nobody", "/calls/{open_call}/",
    "/calls/{coming_call}/", "/calls/{cancelled_call}/",
)  # fmt: skip
OFFICER_OF_CALLS: tuple[str, ...] = (
    "/funding/", "/calls/?view=own", "/calls/new/", "/calls/{open_call}/manage/",
    "/calls/{waiting_call}/manage/", "/calls/{draft_call}/manage/", "/calls/{draft_call}/edit/",
    *(
        f"/calls/{{draft_call}}/edit/{step}/"
        for step in ("texts", "dates", "funders", "criteria", "rules", "missions")
    ),
    "/calls/{open_call}/amend/", "/calls/{open_call}/outage/", "/calls/{open_call}/late/",
)  # fmt: skip
REFUSED_BY_CALL_OFFICERS: tuple[str, ...] = (
    "/calls/new/", "/calls/{open_call}/amend/", "/calls/{open_call}/outage/",
)  # fmt: skip


def set_call_stage(language):
    """Write a call for each state with a word that breaks nowhere; return {name: id}."""
    programme = ProgrammeFactory()
    officer = UserFactory(language=language)
    RoleGrant.objects.create(
        user=officer, role="programme_officer", scope="programme", scope_id=programme.pk
    )
    coming = approved_call(programme=programme, opens_at=timezone.now() + timedelta(days=9))
    cancelled = approved_call(programme=programme)
    happen(cancelled, "cancel", actor=officer, reason="The money is gone.")
    return {
        "officer": officer.pk, "coming_call": coming.pk, "cancelled_call": cancelled.pk,
        "open_call": open_call(programme, officer).pk,
        "draft_call": prepared_call(programme=programme, title_en=LONG_WORD, schema=SCHEMA).pk,
        "waiting_call": waiting_call(programme, officer).pk,
    }  # fmt: skip


def open_call(programme, officer):
    """Return an open call with everything that its pages show."""
    call = prepared_call(
        programme=programme, title_en=LONG_WORD, text_en=f"Scope\n\n{LONG_WORD}",
        contact_email="a.very.long.address@department.university.example.org",
    )  # fmt: skip
    for row in call.commitments.all():
        FunderRule.objects.create(
            call=call, funder=row.funder, text_en="Own rules.", text_ko="자체 규정입니다.",
            most_minor=row.budget_minor, eligible_costs=["travel", "stay"],
        )  # fmt: skip
    call.areas.set(Area.objects.all())
    CallDeadline.objects.create(
        call=call, kind="institution", label_en="Signature of the institution",
        label_ko="기관 승인 마감", zone="Asia/Seoul", wall="2031-11-10T17:00",
        at=datetime(2031, 11, 10, 8, tzinfo=UTC),
    )  # fmt: skip
    for country, status, side in (("DE", "member", "europe"), ("KR", "associated", "korea")):
        CountryStatus.objects.create(
            country_code=country, status=status, side=side, valid=DateRange(date(2025, 1, 1), None)
        )
    type(call).objects.filter(pk=call.pk).update(state="approved", approved_at=timezone.now())
    call.refresh_from_db()
    amend_call(call, actor=officer, text_en="A week more.", text_ko="연장합니다.", columns={})
    applications_to(call)
    return call


def applications_to(call):
    """Give a call drafts, what was submitted, and a leave to submit late."""
    draft = ApplicationFactory(call=call)
    team(draft)
    for _number in range(3):
        submitted(ApplicationFactory(call=call), state="submitted")
    LateToken.objects.create(
        call=call, application=draft, granted_by=PersonFactory(), reason="Ill.",
        valid_until=timezone.now() + timedelta(days=1),
    )  # fmt: skip


def waiting_call(programme, officer):
    """Return a call that waits for approval."""
    call = prepared_call(programme=programme, schema=SCHEMA)
    for side in ("europe", "korea"):
        funder_officer_of(call, side)
    happen(call, "send_for_approval", actor=officer)
    return call
