"""A call whose applications lack nothing but being handed in, for `bench.submissions`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from funding.forms_schema import default_schema, schema_of
from funding.models import (
    Application,
    BudgetLine,
    Call,
    CallMission,
    Document,
    Form,
    Funder,
    FunderCommitment,
    FunderRule,
    Mission,
    Participant,
    Person,
    Programme,
    SectionDraft,
)
from funding.services.draft_content import read_draft
from funding.services.ledger import record
from konnect.accounts.models import User
from matching.models import Area, Organisation

# Characters of each long answer: about what people write.
LENGTH = 1200


def make_call() -> Call:
    """Write an approved call of two funders that is open."""
    now = timezone.now()
    programme, _is_new = Programme.objects.get_or_create(
        code="bench", defaults={"name_en": "Measured", "name_ko": "측정"}
    )
    call = Call.objects.create(
        programme=programme, number=f"B{now:%H%M%S%f}", title_en="Made for measurements",
        title_ko="측정용 공모", opens_at=now - timedelta(days=1), zone="Europe/Brussels",
        closes_at=now + timedelta(days=1), opens_wall="2026-01-01T09:00",
        closes_wall="2026-12-31T24:00",
    )  # fmt: skip
    mission, _is_new = Mission.objects.get_or_create(
        code="bench", defaults={"name_en": "m", "name_ko": "m", "baseline": 0, "target": 1,
                                "due_on": "2035-12-31"},
    )  # fmt: skip
    CallMission.objects.create(call=call, mission=mission)
    for side, currency in (("europe", "EUR"), ("korea", "KRW")):
        add_funder(call, side, currency)
    Form.objects.create(call=call, kind="application", schema=default_schema())
    Call.objects.filter(pk=call.pk).update(state="approved", approved_at=now)
    return Call.objects.get(pk=call.pk)


def add_funder(call: Call, side: str, currency: str) -> None:
    """Let one funder pay in the call, with rules."""
    funder, _is_new = Funder.objects.get_or_create(
        code=f"bench-{side}",
        defaults={"name_en": side, "name_ko": side, "side": side, "currency": currency,
                  "country_code": "KR" if side == "korea" else "BE"},
    )  # fmt: skip
    FunderCommitment.objects.create(
        call=call, funder=funder, currency=currency, budget_minor=10**12
    )
    FunderRule.objects.create(call=call, funder=funder, most_minor=10**9)


def make_applications(call: Call, users: list[User]) -> list[Application]:
    """Write one application for each person, confirmed by the next of the other region."""
    places = {side: Organisation.objects.filter(side=side)[0] for side in ("europe", "korea")}
    people = [Person.objects.get_or_create(user=user)[0] for user in users]
    area = Area.objects.first() or Area.objects.create(code="bench", name_en="a", name_ko="a")
    found = []
    for number, person in enumerate(people):
        application = Application.objects.create(
            call=call, lead=person, title=f"Application {number}", area=area
        )
        partner = people[(number + 1) % len(people)]
        for role, who, side in (("lead", person, "europe"), ("partner", partner, "korea")):
            Participant.objects.create(
                application=application, role=role, person=who, name=f"Person {who.pk}",
                organisation=places[side], country_code=places[side].country_code, region=side,
            )  # fmt: skip
        fill(application)
        found.append(application)
    return found


def fill(application: Application) -> None:
    """Answer everything, ask for money, name a document, and let the partner confirm."""
    values: dict[str, Any] = {"text": "words", "long": "word " * (LENGTH // 5), "number": 10,
                              "choice": 0, "yes_no": True, "date": "2031-01-01"}  # fmt: skip
    SectionDraft.objects.bulk_create(
        SectionDraft(
            application=application, code=section.code, number=1,
            answers={each.code: values[each.kind] for each in section.fields},
        )
        for section in schema_of(default_schema()).sections
    )  # fmt: skip
    funders = Funder.objects.filter(commitments__call=application.call)
    BudgetLine.objects.bulk_create(
        BudgetLine(application=application, funder=funder, cost=cost, amount_minor=100_000)
        for funder in funders
        for cost in ("travel", "stay", "other")
    )
    Document.objects.create(
        application=application, kind="description", name="work.pdf", size=1000,
        sha256="0" * 64, pages=3,
    )  # fmt: skip
    record(application, "start", actor=application.lead)
    confirm(application)


def confirm(application: Application) -> None:
    """Let the partner stand behind what the draft says."""
    draft = read_draft(application)
    Application.objects.filter(pk=application.pk).update(draft_sha256=draft.sha256)
    application.participants.filter(role="partner").update(
        state="confirmed", confirmed_at=timezone.now(), confirmed_hash=draft.sha256
    )


def close_at(call: Call, at: datetime) -> None:
    """Let a call close at an instant, as no page could."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE funding_call SET closes_at = %s WHERE id = %s", [at, call.pk])
        cursor.execute("SET session_replication_role = origin")
