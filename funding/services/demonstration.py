"""The invented calls, written into the database in bulk: one in each state with work in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from events.wall_times import instant_near, wall_of
from funding.demo.calls import (
    CALLS,
    CRITERIA,
    FUNDERS,
    MISSION,
    PROGRAMME,
    SUMMARY_EN,
    SUMMARY_KO,
    TEXT_EN,
    TEXT_KO,
    InventedCall,
)
from funding.forms_schema import default_schema, outline_schema
from funding.models import (
    Application,
    Call,
    CallApproval,
    CallMission,
    Criterion,
    Form,
    Funder,
    FunderCommitment,
    FunderOfficer,
    FunderRule,
    Mission,
    Panel,
    PanelMember,
    Person,
    Pot,
    Programme,
)
from funding.models.expert import Expert
from funding.services.demonstration_applications import write_applications
from funding.services.demonstration_decisions import write_decisions
from funding.services.demonstration_history import write_histories
from funding.services.demonstration_reviews import write_reviews
from funding.visibility import RELEASED
from konnect.accounts.models import User
from konnect.limits import lift_limits
from matching.models import Area, Profile
from matching.services.demonstration import (
    CHAIR,
    EUROPEAN_FUNDER,
    KOREAN_FUNDER,
    OFFICER,
    REVIEWER,
)

SEED = 2026
EXPERTS = 25
ZONE = "Europe/Brussels"
# Those who run the calls have names, so that pages do not show addresses.
STAFF = (
    (OFFICER, "Clara Weber"), (EUROPEAN_FUNDER, "Luca Ferrari"), (KOREAN_FUNDER, "Kang Ji-won"),
)  # fmt: skip
UNFINISHED = ("draft", "in_approval")

Say = Callable[[str], None]


@dataclass
class Cast:
    """Everybody who plays a part: whoever applies, by side, who judges, and who pays."""

    europeans: Sequence[Person]
    koreans: Sequence[Person]
    experts: Sequence[Expert]
    chair: Person
    officer: User | None
    funders: Sequence[Funder]
    profiles: dict[int, Profile]
    random: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - invented data


@dataclass
class Stage:
    """One call as it was written, with what its applications need."""

    invented: InventedCall
    call: Call
    form: Form
    criteria: Sequence[Criterion]
    cast: Cast
    applications: list[Application] = field(default_factory=list)


def load_calls(*, say: Say = lambda line: None) -> bool:
    """Write the invented calls for the invented people.

    Returns False, and changes nothing, when they are there or nobody was invented.
    """
    people = Profile.objects.filter(is_invented=True, state="published", user__is_active=True)
    if not people.exists() or Call.objects.filter(is_invented=True).exists():
        return False
    with transaction.atomic():
        lift_limits("LOCAL")
        receive_at_any_time(is_allowed=True)
        cast = write_cast(list(people.select_related("organisation").order_by("pk")[:160]))
        programme, mission = write_programme()
        for invented in CALLS:
            stage = write_call(invented, programme, mission, cast)
            say(f"{invented.title_en}: {len(stage.applications)} applications")
        write_histories(cast.officer)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        receive_at_any_time(is_allowed=False)
    return True


def receive_at_any_time(*, is_allowed: bool) -> None:
    """Let versions of calls that closed long ago in, within this transaction only."""
    verb = "DISABLE" if is_allowed else "ENABLE"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE funding_applicationversion {verb} TRIGGER version_in_time")


def write_cast(profiles: Sequence[Profile]) -> Cast:
    """Write the people of funding, the funders with their officers, and the pool."""
    people = {
        profile.pk: Person.objects.create(user_id=profile.user_id, name=profile.display_name)
        for profile in profiles
    }
    sides = {side: [people[each.pk] for each in profiles if each.side == side]
             for side in ("europe", "korea")}  # fmt: skip
    funders = [write_funder(each) for each in FUNDERS]
    for number, email in ((0, EUROPEAN_FUNDER), (2, KOREAN_FUNDER)):
        user = User.objects.get(email=email)
        for funder in funders[number : number + 2]:
            FunderOfficer.objects.create(funder=funder, user=user)
    for email, name in STAFF:
        Person.objects.create(user=User.objects.get(email=email), name=name)
    chair = Person.objects.create(user=User.objects.get(email=CHAIR), name="Dr Hélène Moreau")
    experts = list(write_experts(sides))
    return Cast(
        sides["europe"], sides["korea"], experts, chair,
        User.objects.filter(email=OFFICER).first(), funders,
        {people[each.pk].pk: each for each in profiles},
    )  # fmt: skip


def write_funder(row: tuple[Any, ...]) -> Funder:
    """Write one funder."""
    code, name_en, name_ko, side, country_code, currency, _budget = row
    return Funder.objects.create(
        code=code, name_en=name_en, name_ko=name_ko, side=side, country_code=country_code,
        currency=currency,
    )  # fmt: skip


def write_experts(sides: dict[str, list[Person]]) -> Iterator[Expert]:
    """Write the pool: the account that visitors use, and the last invented people of each side."""
    mine = Person.objects.create(
        user=User.objects.get(email=REVIEWER), name="Prof. Jonas Lindqvist"
    )
    yield Expert.objects.create(
        person=mine, side="europe", languages=["en"], is_domain_expert=True, most=8,
        agreed_at=timezone.now(),
    )  # fmt: skip
    for number in range(EXPERTS - 1):
        side = ("korea", "europe")[number % 2]
        yield Expert.objects.create(
            person=sides[side].pop(), side=side, most=8, agreed_at=timezone.now(),
            languages=["en", "ko"] if side == "korea" else ["en"], is_domain_expert=number % 3 > 0,
        )  # fmt: skip


def write_programme() -> tuple[Programme, Mission]:
    """Write the programme and its mission."""
    code, name_en, name_ko, goal_en, goal_ko, indicator_en, indicator_ko = MISSION
    mission = Mission.objects.create(
        code=code, name_en=name_en, name_ko=name_ko, goal_en=goal_en, goal_ko=goal_ko,
        indicator_en=indicator_en, indicator_ko=indicator_ko, baseline=2, target=10,
        due_on=date(timezone.now().year + 5, 12, 31),
    )  # fmt: skip
    code, name_en, name_ko, text_en, text_ko = PROGRAMME
    programme = Programme.objects.create(
        code=code, name_en=name_en, name_ko=name_ko, description_en=text_en, description_ko=text_ko
    )
    programme.missions.add(mission)
    return programme, mission


def dates_of(invented: InventedCall) -> dict[str, Any]:
    """Return when a call opens and closes: at nine in the morning, at the end of a day."""
    now = timezone.now()
    closes_day = wall_of(now + timedelta(days=invented.closes_in), ZONE)[:10]
    opens_wall = (
        wall_of(now + timedelta(days=invented.closes_in - invented.open_days), ZONE)[:10]
        + "T09:00"
    )
    next_day = date.fromisoformat(closes_day) + timedelta(days=1)
    return {
        "zone": ZONE, "opens_wall": opens_wall, "closes_wall": f"{closes_day}T24:00",
        "opens_at": instant_near(opens_wall, ZONE, now),
        "closes_at": instant_near(f"{next_day.isoformat()}T00:00", ZONE, now),
    }  # fmt: skip


def write_call(
    invented: InventedCall, programme: Programme, mission: Mission, cast: Cast
) -> Stage:
    """Write one call with everything that belongs to it."""
    dates = dates_of(invented)
    call = Call.objects.create(
        programme=programme, number=invented.key, title_en=invented.title_en,
        title_ko=invented.title_ko, summary_en=SUMMARY_EN, summary_ko=SUMMARY_KO,
        text_en=TEXT_EN, text_ko=TEXT_KO, blind_level=invented.blind_level,
        reviews_wanted=invented.reviews, tie_break=["excellence", "impact"], is_invented=True,
        reviews_due_at=dates["closes_at"] + timedelta(days=60), created_by=cast.officer,
        contact_email="calls@demo.example", pot=Pot.MIXED if invented.fills_gaps else Pot.VIRTUAL,
        is_outline=invented.is_outline, stage=2 if invented.follows else 1,
        outline_call=Call.objects.filter(number=invented.follows, is_invented=True).first(),
        **dates,
    )  # fmt: skip
    call.areas.set(Area.objects.filter(code=invented.area, version=Area.CURRENT_VERSION))
    CallMission.objects.create(call=call, mission=mission)
    criteria = write_terms(call, cast, invented.budget_percent)
    schema = outline_schema() if invented.is_outline else default_schema()
    form = Form.objects.create(call=call, kind="application", schema=schema)
    stage = Stage(invented, call, form, criteria, cast)
    approve(stage, dates["opens_at"])
    write_applications(stage)
    write_reviews(stage)
    write_decisions(stage)
    return stage


def gap_money(call: Call, funder: Funder, budget: int) -> dict[str, Any]:
    """Return what a funder keeps for gaps, and by what its money is counted, if the call has that."""
    if call.pot != Pot.MIXED:
        return {}
    opens = call.opens_at or timezone.now()
    rate = {
        "per_euro": Decimal("1480.5"), "rate_on": (opens - timedelta(days=30)).date(),
        "rate_source": "invented rate · 가상 환율",
    }  # fmt: skip
    return {"gap_pot_minor": budget // 5} | (rate if funder.currency == "KRW" else {})


def write_terms(call: Call, cast: Cast, percent: int) -> list[Criterion]:
    """Write criteria, budgets and the rules of each funder."""
    for funder, row in zip(cast.funders, FUNDERS, strict=True):
        budget = row[-1] * percent // 100
        FunderCommitment.objects.create(
            call=call, funder=funder, currency=funder.currency, budget_minor=budget,
            **gap_money(call, funder, budget),
        )  # fmt: skip
        FunderRule.objects.create(
            call=call, funder=funder, most_minor=row[-1] // 3,
            text_en="Travel, stay and small costs; no salaries.",
            text_ko="항공료, 체재비, 소액 경비를 지원하며 인건비는 지원하지 않습니다.",
            eligible_costs=["travel", "stay", "material", "event"],
        )  # fmt: skip
    return [
        Criterion.objects.create(
            call=call,
            code=code,
            position=position,
            name_en=name_en,
            name_ko=name_ko,
            weight=Decimal(weight),
            threshold=Decimal(threshold),
            guidance_en=guidance_en,
            guidance_ko=guidance_ko,
        )
        for position, (
            code,
            name_en,
            name_ko,
            weight,
            threshold,
            guidance_en,
            guidance_ko,
        ) in enumerate(CRITERIA)
    ]


def approve(stage: Stage, when: datetime) -> None:
    """Let everybody approve, where the call is as far as that; seat the panel."""
    call, cast = stage.call, stage.cast
    if stage.invented.state == "in_approval":
        CallApproval.objects.create(call=call, funder=None, approved_by=cast.officer)
        call.state = "in_approval"
        call.save()
    if stage.invented.state in UNFINISHED:
        return
    for funder in (None, *cast.funders):
        CallApproval.objects.create(call=call, funder=funder, approved_by=cast.officer)
    is_released = stage.invented.state in RELEASED
    released_at = call.closes_at + timedelta(days=150) if is_released and call.closes_at else None
    Call.objects.filter(pk=call.pk).update(
        state=stage.invented.state, approved_at=when, released_at=released_at
    )
    call.refresh_from_db()
    panel = Panel.objects.create(call=call, meets_at=timezone.now() + timedelta(days=20))
    PanelMember.objects.create(panel=panel, person=cast.chair, side="europe", is_chair=True)
    for expert in cast.experts[1:5]:
        PanelMember.objects.create(panel=panel, person=expert.person, side=expert.side)
