"""Nouns of matching for tests."""

import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

import factory
from django.utils import timezone

from matching.models import (
    AbuseReport,
    Area,
    ContactRequest,
    ContactRequestState,
    Conversation,
    DeadlineKind,
    ExpressionOfInterest,
    Listing,
    ListingKind,
    ListingState,
    MatchRun,
    Message,
    Organisation,
    PartnerSearch,
    Profile,
    ProfileState,
    Side,
)
from matching.scoring import WEIGHTS_VERSION
from tests.factories.accounts import UserFactory


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda number: f"University {number}")
    name_en = factory.SelfAttribute("name")
    types = ["education"]
    side = Side.EUROPE
    country_code = "BE"
    city = "Leuven"


class KoreanOrganisationFactory(OrganisationFactory):
    name_ko = factory.Sequence(lambda number: f"한국대학교 {number}")
    side = Side.KOREA
    country_code = "KR"
    city = "Seoul"


class ProfileFactory(factory.django.DjangoModelFactory):
    """A published European researcher."""

    class Meta:
        model = Profile

    user = factory.SubFactory(UserFactory)
    state = ProfileState.PUBLISHED
    published_at = factory.LazyFunction(timezone.now)
    confirmed_at = factory.LazyFunction(timezone.now)
    display_name = factory.Sequence(lambda number: f"Researcher {number}")
    organisation = factory.SubFactory(OrganisationFactory)
    side = factory.SelfAttribute("organisation.side")
    country_code = factory.SelfAttribute("organisation.country_code")
    career_stage = "R3"
    summary_en = "We model perovskite solar cells from first principles."
    languages = ["en"]


class KoreanProfileFactory(ProfileFactory):
    """A published Korean researcher."""

    user = factory.SubFactory(UserFactory, language="ko", time_zone="Asia/Seoul")
    organisation = factory.SubFactory(KoreanOrganisationFactory)
    hangul_name = factory.Sequence(lambda number: f"김연구{number}")
    summary_ko = "페로브스카이트 태양전지를 제작하고 분석합니다."
    languages = ["ko", "en"]


class ListingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Listing

    profile = factory.SubFactory(ProfileFactory)
    kind = ListingKind.OFFER
    state = ListingState.OPEN
    title_en = factory.Sequence(lambda number: f"Perovskite modelling {number}")
    valid_until = factory.LazyFunction(lambda: timezone.now() + timedelta(days=180))


class ContactRequestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ContactRequest

    sender = factory.SubFactory(ProfileFactory)
    recipient = factory.SubFactory(KoreanProfileFactory)
    message = "Shall we write a joint proposal?"
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=30))


class AcceptedContactRequestFactory(ContactRequestFactory):
    state = ContactRequestState.ACCEPTED
    answered_at = factory.LazyFunction(timezone.now)


class ConversationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Conversation

    contact_request = factory.SubFactory(AcceptedContactRequestFactory)


class MessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Message

    conversation = factory.SubFactory(ConversationFactory)
    author = factory.SelfAttribute("conversation.contact_request.sender")
    text = "Good morning!"
    token = factory.LazyFunction(uuid.uuid4)


class MatchRunFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MatchRun

    embedder = "lexical@1"
    weights_version = WEIGHTS_VERSION


class PartnerSearchFactory(factory.django.DjangoModelFactory):
    """An open partner search for a call of Pillar II that passes every check."""

    class Meta:
        model = PartnerSearch
        skip_postgeneration_save = True

    listing = factory.SubFactory(
        ListingFactory,
        kind=ListingKind.REQUEST,
        profile=factory.SubFactory(KoreanProfileFactory),
        description_en="We build stable perovskite modules and need people who model ageing.",
    )
    programme = "horizon_europe"
    pillar = 2
    call_year = 2027
    call_identifier = "HORIZON-CL5-2027-02-D3-07"
    funding_scheme = "ria"
    expertise_offered_en = "Slot-die coating of large modules."
    expertise_sought_en = "Drift-diffusion models of ageing."
    roles_sought = ["partner"]
    korean_funding = "pillar_ii"
    reviewed_at = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=1))

    @factory.post_generation
    def deadline(self, create, given, **options):
        at = given or timezone.now() + timedelta(days=60)
        wall = f"{timezone.localtime(at, ZoneInfo('Europe/Brussels')):%Y-%m-%dT%H:%M}"
        self.listing.deadlines.create(
            kind=DeadlineKind.CALL, at=at, time_zone="Europe/Brussels", wall_time=wall
        )
        self.listing.areas.add(Area.objects.get(code="GREEN", version=Area.CURRENT_VERSION))


class AbuseReportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AbuseReport

    reporter = factory.SubFactory(ProfileFactory)
    reason = "spam"
    words = "They write the same to everybody."


class InterestFactory(factory.django.DjangoModelFactory):
    """An expression of interest of a European."""

    class Meta:
        model = ExpressionOfInterest

    listing = factory.LazyFunction(lambda: PartnerSearchFactory().listing)
    profile = factory.SubFactory(ProfileFactory)
    role = "partner"
    organisation_type = "education"
    country_code = "BE"
    expertise = "We model ion migration."
    contribution = "Work package on ageing."
