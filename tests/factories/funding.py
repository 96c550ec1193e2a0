"""Nouns of funding for tests."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import factory
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from funding.forms_schema import check_sum
from funding.models import (
    Application,
    ApplicationVersion,
    Call,
    CallMission,
    Criterion,
    Expert,
    Form,
    Funder,
    FunderCommitment,
    FunderOfficer,
    Mission,
    Participant,
    Person,
    Programme,
)
from konnect.accounts.models import Role, RoleGrant, Scope
from tests.factories.accounts import UserFactory
from tests.factories.matching import OrganisationFactory

CLOSING = datetime(2031, 11, 15, 23, 0, tzinfo=UTC)


class PersonFactory(factory.django.DjangoModelFactory):
    """Somebody with an account."""

    class Meta:
        model = Person

    user = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda number: f"Person {number}")


class FunderFactory(factory.django.DjangoModelFactory):
    """A European funder that pays in euros."""

    class Meta:
        model = Funder

    code = factory.Sequence(lambda number: f"funder-{number}")
    name_en = factory.Sequence(lambda number: f"Research Agency {number}")
    name_ko = factory.Sequence(lambda number: f"연구 지원 기관 {number}")
    side = "europe"
    country_code = "DE"
    currency = "EUR"


class KoreanFunderFactory(FunderFactory):
    """A Korean funder that pays in won."""

    side = "korea"
    country_code = "KR"
    currency = "KRW"


class MissionFactory(factory.django.DjangoModelFactory):
    """A goal with a number."""

    class Meta:
        model = Mission

    code = factory.Sequence(lambda number: f"mission-{number}")
    name_en = "Carbon-neutral industry"
    name_ko = "탄소 중립 산업"
    goal_en = "Joint projects that save energy"
    goal_ko = "에너지 절감 공동 연구"
    indicator_en = "Projects"
    indicator_ko = "과제 수"
    baseline = 0
    target = 8
    due_on = date(2035, 12, 31)


class ProgrammeFactory(factory.django.DjangoModelFactory):
    """A line of joint calls."""

    class Meta:
        model = Programme

    code = factory.Sequence(lambda number: f"programme-{number}")
    name_en = factory.Sequence(lambda number: f"Joint Mobility {number}")
    name_ko = factory.Sequence(lambda number: f"연구 교류 {number}")


class CallFactory(factory.django.DjangoModelFactory):
    """A draft without rules; `open_call` makes one that takes applications."""

    class Meta:
        model = Call

    programme = factory.SubFactory(ProgrammeFactory)
    number = factory.Sequence(lambda number: f"2031-{number}")
    title_en = factory.Sequence(lambda number: f"Joint Call {number}")
    title_ko = factory.Sequence(lambda number: f"공동 공모 {number}")
    summary_en = "Short stays in the other region."
    summary_ko = "상대 지역 단기 방문을 지원합니다."
    text_en = "Who may apply, for what, until when."
    text_ko = "신청 자격, 지원 내용, 마감일을 안내합니다."
    opens_wall = "2026-01-15T09:00"
    closes_wall = "2031-11-15T24:00"
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=30))
    closes_at = CLOSING
    reviews_wanted = 3


CRITERIA = (("excellence", "Excellence", "우수성"), ("impact", "Impact", "파급 효과"),
            ("implementation", "Implementation", "실행 계획"))  # fmt: skip
SCHEMA = {"sections": []}
# The least form with which a call can be approved.
WITH_SUMMARY = {"sections": [{"code": "summary", "fields": []}]}


def prepared_call(*, schema=None, **columns):
    """Return a draft with everything that an approval asks for: two funders, criteria, a form."""
    call = CallFactory(**columns)
    CallMission.objects.create(call=call, mission=MissionFactory())
    for position, (code, name_en, name_ko) in enumerate(CRITERIA):
        Criterion.objects.create(
            call=call, code=code, position=position, name_en=name_en, name_ko=name_ko,
            weight=Decimal(1), threshold=Decimal(3),
        )  # fmt: skip
    for funder, budget in ((FunderFactory(), 100_000_00), (KoreanFunderFactory(), 150_000_000)):
        FunderCommitment.objects.create(
            call=call, funder=funder, currency=funder.currency, budget_minor=budget
        )
    Form.objects.create(call=call, kind="application", schema=schema or SCHEMA)
    return call


def approved_call(*, state="approved", **columns):
    """Return a call that was approved, written straight into the table; open unless said."""
    call = prepared_call(**columns)
    Call.objects.filter(pk=call.pk).update(state=state, approved_at=timezone.now())
    call.refresh_from_db()
    return call


def officer_of(call):
    """Return a new programme officer of a call."""
    user = UserFactory()
    RoleGrant.objects.create(
        user=user, role=Role.PROGRAMME_OFFICER, scope=Scope.PROGRAMME, scope_id=call.programme_id
    )
    return user


def funder_officer_of(call, side="europe"):
    """Return a new officer of the call's funder on a side."""
    funder = Funder.objects.get(commitments__call=call, side=side)
    return FunderOfficer.objects.create(funder=funder, user=UserFactory()).user


class ApplicationFactory(factory.django.DjangoModelFactory):
    """A draft of one European; `team` adds the Korean partner."""

    class Meta:
        model = Application

    call = factory.LazyFunction(approved_call)
    lead = factory.SubFactory(PersonFactory)
    title = factory.Sequence(lambda number: f"Light batteries {number}")
    acronym = factory.Sequence(lambda number: f"LIBA{number}")


def team(application, *, partner=None, state="invited", **columns):
    """Add the lead in Europe and a partner in Korea; return both participants."""
    lead = Participant.objects.create(
        application=application, role="lead", person=application.lead, state="invited",
        name=application.lead.name, organisation=OrganisationFactory(), region="europe",
        country_code="DE",
    )  # fmt: skip
    partner = partner or PersonFactory()
    other = Participant.objects.create(
        application=application, role="partner", person=partner, name=partner.name, state=state,
        organisation=OrganisationFactory(), region="korea", country_code="KR", **columns,
    )  # fmt: skip
    return lead, other


class ExpertFactory(factory.django.DjangoModelFactory):
    """A European of the pool."""

    class Meta:
        model = Expert

    person = factory.SubFactory(PersonFactory)
    side = "europe"
    languages = factory.LazyFunction(lambda: ["en"])
    most = 5
    agreed_at = factory.LazyFunction(timezone.now)


class KoreanExpertFactory(ExpertFactory):
    """A Korean of the pool."""

    side = "korea"


def days(first, last):
    """Return a range of days, both of them inside."""
    return DateRange(first, last + timedelta(days=1))


def submitted(application, *, content=None, state="in_review"):
    """Give a draft its team and one version, written straight into the tables; return it."""
    lead, partner = team(application)
    call = application.call
    form, _is_new = Form.objects.get_or_create(
        call=call, kind="application", defaults={"schema": SCHEMA}
    )
    content = {"title": application.title, "answers": {}, "people": [], "documents": [],
               "form": form.schema, **(content or {})}  # fmt: skip
    ApplicationVersion.objects.create(
        application=application, number=1, form=form, content=content,
        sha256=check_sum(content), draft_sha256=check_sum(content), lead_region=lead.region,
        partner_region=partner.region, submitted_by=application.lead,
    )  # fmt: skip
    Application.objects.filter(pk=application.pk).update(
        state=state, submitted_version=1, number=call.applications.exclude(number=None).count() + 1
    )
    application.refresh_from_db()
    return application
