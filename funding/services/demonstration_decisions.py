"""The invented ranked lists, decisions and grants: trips, payments, reports, what came of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from funding.demo.projects import LATER, SUMMARY_EN, SUMMARY_KO
from funding.lottery import commitment, draw, ticket
from funding.models import (
    Application,
    Award,
    Decision,
    DecisionAmount,
    FollowUp,
    Grant,
    LotteryDraw,
    Output,
    Payment,
    RankItem,
    RankList,
    Release,
    Report,
    ReportDue,
    Trip,
)
from funding.services.allocations import within_money
from funding.services.demonstration_applications import move
from funding.services.lotteries import TIES, label, reorder
from funding.services.rank_inputs import inputs_of
from funding.services.rank_lists import (
    facts_of,
    items_of,
    placed_by,
    undrawn_of,
)

if TYPE_CHECKING:
    from funding.services.demonstration import Stage

YEAR = timedelta(days=365)
RESERVE = 3
SEED = 1
PUBLIC_VALUE = "4 8 15 16 23 42"


def write_decisions(stage: Stage) -> None:
    """Rank what was reviewed and write who is funded or invited, where the call was released."""
    if not stage.invented.grants and not stage.invented.is_outline:
        return
    ranked = write_rank_list(stage)
    closed = stage.call.closes_at or timezone.now()
    released = closed + timedelta(days=150)
    for funder in (None, *stage.cast.funders):
        Release.objects.create(call=stage.call, funder=funder, agreed_by=stage.cast.officer)
    for place, item in enumerate(ranked):
        decide(stage, item, place, released)


def write_rank_list(stage: Stage) -> list[RankItem]:
    """Compute the ranked list as a panel does, and freeze it; return its rows, the best first."""
    inputs = inputs_of(stage.call)
    placed = placed_by(inputs)
    rank_list = RankList.objects.create(
        call=stage.call, number=1, seed=SEED, made_by=stage.cast.officer,
        inputs_sha256=inputs.sha256, facts=facts_of(inputs, placed, SEED),
        method_reason="Reviewers were about equally severe.",
    )  # fmt: skip
    RankItem.objects.bulk_create(items_of(rank_list, inputs, placed))
    draw_ties(rank_list)
    rank_list.facts["within_money"] = within_money(rank_list)
    RankList.objects.filter(pk=rank_list.pk).update(
        frozen_at=timezone.now(), facts=rank_list.facts
    )
    return list(rank_list.items.select_related("application").order_by("position"))


def draw_ties(rank_list: RankList) -> None:
    """Draw lots for what is equal in everything: no list is frozen before."""
    tied = undrawn_of(rank_list)
    if not tied:
        return
    rows = Application.objects.filter(pk__in=tied).select_related("call")
    by_label = {label(each): each.pk for each in rows}
    seed = sha256(rank_list.call.number.encode()).digest()
    drawn = list(draw(list(by_label), seed, PUBLIC_VALUE))
    now = timezone.now()
    LotteryDraw.objects.create(
        rank_list=rank_list, commit_hash=commitment(seed), seed=seed,
        committed_at=now - timedelta(days=2), drawn_at=now, order=drawn,
        public_value_source="Numbers of an invented public lottery", public_value=PUBLIC_VALUE,
    )  # fmt: skip
    rank_list.facts["lottery"] = {"scope": TIES, "applications": tied}
    reorder(rank_list, {by_label[one]: ticket(seed, PUBLIC_VALUE, one) for one in drawn})


def decide(stage: Stage, item: RankItem, place: int, released: datetime) -> None:
    """Write the decision about one application, and its grant where it is funded."""
    application = item.application
    outcome = outcome_of(stage, item, place)
    is_funded = outcome == "funded"
    decision = Decision.objects.create(
        application=application, outcome=outcome, decided_by=stage.cast.officer,
        rank_list=item.rank_list, told_at=released,
        reserve_position=place - stage.invented.grants + 1 if outcome == "reserve" else None,
    )  # fmt: skip
    move(application, "recommended" if is_funded else outcome, {}, released)
    if is_funded:
        amounts: dict[int, int] = {}
        for line in application.budget.all():
            amounts[line.funder_id] = amounts.get(line.funder_id, 0) + line.amount_minor
        for funder, amount in amounts.items():
            DecisionAmount.objects.create(decision=decision, funder_id=funder, amount_minor=amount)
        write_grant(stage, decision, place, released)


def outcome_of(stage: Stage, item: RankItem, place: int) -> str:
    """Return what was decided: outlines are invited as far as the money goes, others funded."""
    if item.zone == RankItem.Zone.BELOW:
        return "below_threshold"
    if stage.invented.is_outline:
        invited = item.rank_list.facts["within_money"]
        return "invited" if item.application_id in invited else "not_invited"
    if place < stage.invented.grants:
        return "funded"
    return "reserve" if place < stage.invented.grants + RESERVE else "not_funded"


def write_grant(stage: Stage, decision: Decision, place: int, released: datetime) -> None:
    """Write the grant of a decision: just offered, or under way, or over long since."""
    is_over = stage.invented.state == "closed_out"
    is_offered = not is_over and place == stage.invented.grants - 1
    first = (released + timedelta(days=40)).date()
    state = "closed" if is_over else "offered" if is_offered else "active"
    grant = Grant.objects.create(
        decision=decision, reference=f"{stage.call.number}-{decision.application.number:03}",
        state=state, period=DateRange(first, first + YEAR),
        answer_by=timezone.now() + timedelta(days=9) if is_offered else released,
        accepted_at=None if is_offered else released,
        completed_at=released + timedelta(days=400) if is_over else None,
    )  # fmt: skip
    for amount in decision.amounts.all():
        Award.objects.create(grant=grant, funder=amount.funder, amount_minor=amount.amount_minor)
    if not is_offered:
        accept(decision.application, released)
        write_trip(grant, place, first)
        write_money(grant, first, is_over=is_over)
        write_reports(grant, first, is_over=is_over)


def accept(application: Application, released: datetime) -> None:
    """Let the applicant have accepted."""
    move(application, "accepted_by_applicant", {}, released + timedelta(days=10))
    move(application, "grant", {}, released + timedelta(days=12))


def write_trip(grant: Grant, place: int, first: date) -> None:
    """Write one stay at the other side, as far as the day is."""
    team = {each.role: each for each in grant.decision.application.participants.all()}
    lead, partner = team["lead"], team["partner"]
    if lead.organisation is None or partner.organisation is None:
        return
    begins = first + timedelta(days=60 + 25 * place)
    ends = begins + timedelta(days=20)
    today = timezone.localdate()
    state = "paid" if ends < today else "started" if begins <= today else "planned"
    read_at = (
        datetime.combine(ends + timedelta(days=14), time(9), UTC) if state == "paid" else None
    )
    Trip.objects.create(
        grant=grant, grant_period=grant.period, traveller=grant.decision.application.lead, host=partner.person,
        home_organisation=lead.organisation, host_organisation=partner.organisation,
        home_region=lead.region, host_region=partner.region, state=state,
        period=DateRange(begins, ends), purpose="Joint measurements at the host's laboratory.",
        is_insured=True, report="All samples were measured." if state == "paid" else "",
        host_approved_at=read_at, officer_approved_at=read_at,
    )  # fmt: skip


def write_money(grant: Grant, first: date, *, is_over: bool) -> None:
    """Pay half of each award at the start, and the rest where the grant is over."""
    for award in grant.awards.all():
        half = award.amount_minor // 2
        parts = [("start", half, first)]
        if is_over:
            parts.append(("final", award.amount_minor - half, first + YEAR))
        for kind, amount, day in parts:
            Payment.objects.create(
                grant=grant, award=award, kind=kind, amount_minor=amount, paid_on=day
            )


def write_reports(grant: Grant, first: date, *, is_over: bool) -> None:
    """Write which reports are due; of a grant that is over, what its final report says."""
    end = first + YEAR
    final = ReportDue.objects.create(
        grant=grant, kind="final", sequence=1, due_on=end + timedelta(days=60),
        state="published" if is_over else "scheduled",
    )  # fmt: skip
    if is_over:
        write_summary(final, end)
    else:
        interim = first + YEAR / 2
        ReportDue.objects.create(
            grant=grant, kind="report", sequence=1, due_on=interim,
            state="open" if interim < timezone.localdate() else "scheduled",
        )  # fmt: skip
        return
    write_follow_ups(grant, end)


def write_summary(due: ReportDue, end: date) -> None:
    """Write the final report of a grant, with what everybody reads of it."""
    write_answers(due, "results", end + timedelta(days=30), {
        "summary": SUMMARY_EN, "summary_ko": SUMMARY_KO, "together": True,
        "results": "One protocol, one data set of one hundred samples, one joint paper.",
    })  # fmt: skip


def write_answers(due: ReportDue, section: str, on: date, answers: dict[str, Any]) -> None:
    """Write what the lead answered, and handed in on a day."""
    Report.objects.create(
        due=due, number=1, saved_by=due.grant.decision.application.lead,
        submitted_at=datetime.combine(on, time(9), UTC), answers={section: answers},
    )  # fmt: skip


def write_follow_ups(grant: Grant, end: date) -> None:
    """Write the follow-ups of a grant that is over, and a publication that came of it."""
    for year in (1, 3, 5):
        due_on = end + year * YEAR
        due = ReportDue.objects.create(
            grant=grant, kind="follow_up", sequence=year, due_on=due_on,
            state="approved" if due_on < timezone.localdate() else "scheduled",
        )  # fmt: skip
        FollowUp.objects.create(grant=grant, year=year, due=due, still_together=year == 1 or None)
        if due.state == "approved":
            write_answers(due, "later", due_on, LATER)
    Output.objects.create(
        grant=grant, kind="publication", source="KONNECT", year=end.year,
        identifier=f"10.5555/konnect.{grant.pk}", title=grant.decision.application.title,
        is_confirmed=True, confirmed_at=timezone.now(),
    )  # fmt: skip
