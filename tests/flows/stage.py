"""A portal with something on every page, for tests that look at all of them."""

from datetime import timedelta

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.utils import timezone

from konnect.accounts.models import ConsentChannel, ConsentPurpose, DataExport, MailTrouble
from konnect.accounts.services import record_consents
from konnect.accounts.services.notifications import mark_read, notify
from konnect.accounts.services.unsubscribing import stop_address
from matching.models import (
    ContactRequestState,
    Organisation,
    ProfileState,
    SavedSearch,
    SearchKind,
    Topic,
)
from matching.services.contact_notices import notify_of_request
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.invitations import invitation_token
from matching.services.matching import run_matching
from matching.services.saved_searches import open_feed, save_search
from matching.services.search_entries import refresh_search_entries
from matching.services.twinning_suggestions import refresh_twinning_suggestions
from tests.factories.accounts import UserFactory, fresh_client
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    ContactRequestFactory,
    ConversationFactory,
    InterestFactory,
    KoreanProfileFactory,
    ListingFactory,
    MessageFactory,
    OrganisationFactory,
    PartnerSearchFactory,
    ProfileFactory,
)
from tests.factories.twinnings import (
    ActiveTwinningFactory,
    TwinningFactory,
    make_representative,
)
from tests.flows.event_stage import set_event_stage
from tests.flows.looks import looks_of

# Words that break nowhere, as German institutes and e-mail addresses have them.
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_KOREAN = "국가과학기술연구회소속한국페로브스카이트태양전지고안정성모듈제작분석연구센터"
LONG_ADDRESS = "a.very.long.address.that.breaks.nowhere@department.university.example.kr"
# How a request may end, and when it was answered.
ENDED = {
    ContactRequestState.DECLINED: timezone.now(),
    ContactRequestState.WITHDRAWN: None,
    ContactRequestState.EXPIRED: None,
}


def set_stage(minji, anna):
    """Write something for every page; return {name: id} of what the addresses are about."""
    fill(minji)
    fill(anna)
    others = [*ProfileFactory.create_batch(3), *KoreanProfileFactory.create_batch(2)]
    for person in others:
        person.topics.add(*minji.topics.all())
        person.areas.add(*minji.areas.all())
    things = {"minji": minji.pk, "anna": anna.pk, "omar": others[0].pk}
    things["organisation"] = minji.organisation_id
    things |= requests_of(minji, anna) | listings_of(minji, anna) | letters_of(minji)
    things |= news_of(minji, anna)
    things |= looks_of(minji, LONG_WORD)
    things |= rights_of(minji)
    minji.blocks_made.create(blocked=ProfileFactory())
    refresh_stale_embeddings()
    things["run"] = run_matching().pk
    things |= twinnings_of(minji, anna)
    things["saved_search"] = kept_searches_of(minji)
    things |= set_event_stage(minji, anna)
    return things | tokens_of(anna)


def twinnings_of(minji, anna):
    """Let Minji represent her organisation, and give it twinnings in every look; return ids."""
    make_representative(minji)
    Organisation.objects.filter(pk=minji.organisation_id).update(
        about_en=f"About {LONG_WORD}", about_ko=LONG_KOREAN, infrastructure_ko=LONG_KOREAN,
        offices=[{"name": LONG_WORD, "email": LONG_ADDRESS}], pic="999999999",
        verified_at=timezone.now(),
    )  # fmt: skip
    own = minji.organisation
    ending = ActiveTwinningFactory(
        partner=own, aims_ko=LONG_KOREAN, valid_until=timezone.now() + timedelta(days=20)
    )
    ending.contacts.create(organisation=own, profile=minji)
    ending.activities.create(
        kind="workshop", title_en=LONG_WORD, takes_place_on=timezone.localdate()
    )
    refresh_twinning_suggestions()
    return {
        "twinning": ending.pk,
        "proposed_twinning": TwinningFactory(partner=own).pk,
        "withdrawable_twinning": TwinningFactory(proposer=own, partner=OrganisationFactory()).pk,
        "twin_organisation": OrganisationFactory().pk,
    }


def kept_searches_of(minji):
    """Make what search looks in; keep two searches, one with a feed; return its id."""
    refresh_search_entries()
    actor = minji.user
    kept = [
        save_search(actor, actor=actor, kind=SearchKind.PEOPLE, query=query, name=name,
                    rhythm="daily")
        for query, name in (("q=perovskite&country=BE", LONG_WORD), ("topic=green.perovskite", "2"))
    ]  # fmt: skip
    open_feed(kept[0], actor=actor)
    kept[0].hits.update(is_news=True)
    SavedSearch.objects.filter(pk=kept[1].pk).update(query="topic=gone&country=KR")
    return kept[0].pk


def fill(profile):
    """Fill in what a profile may hold, with words that are hard to set."""
    topics = Topic.objects.filter(code__in=("green.perovskite", "green.silicon-pv"))
    profile.topics.set(topics)
    profile.areas.set({topic.area for topic in topics})
    for column, value in {
        "unit": LONG_WORD, "position": LONG_KOREAN, "contact_email": LONG_ADDRESS,
        "telephone": "+82 2 5550 7777", "website": f"https://{'long-' * 20}name.example/",
        "keywords": ["perovskite", LONG_WORD, "페로브스카이트"], "summary_ko": LONG_KOREAN * 4,
        "summary_en": f"We make solar cells. {LONG_WORD} " * 5, "methods_en": "Slot-die coating.",
        "methods_ko": "슬롯다이 코팅", "roles": ["coordinator"], "would_host": True,
        "mobility_months": 6, "orcid": "0000-0002-1825-0097", "is_public": True,
    }.items():  # fmt: skip
        setattr(profile, column, value)
    profile.save()
    profile.works.create(title=f"{LONG_WORD} of perovskites", doi="10.1234/abc", year=2025)
    profile.projects.create(title="Stable modules", identifier="101000001", funder="NRF")


def requests_of(minji, anna):
    """Write requests in every state and conversations; return their ids."""
    accepted = AcceptedContactRequestFactory(sender=anna, recipient=minji, answer="좋습니다.")
    conversation = ConversationFactory(contact_request=accepted)
    MessageFactory.create_batch(3, conversation=conversation, text=f"See {LONG_WORD}")
    MessageFactory(conversation=conversation, author=minji, text="네, 좋습니다.")
    ended = {
        state: ContactRequestFactory(
            sender=minji, recipient=ProfileFactory(), state=state, answered_at=answered_at
        ).pk
        for state, answered_at in ENDED.items()
    }
    return {
        "accepted": accepted.pk,
        "conversation": conversation.pk,
        "received": ContactRequestFactory(recipient=minji, message=LONG_WORD * 3).pk,
        "sent": ContactRequestFactory(sender=minji, recipient=ProfileFactory()).pk,
        **{str(state): pk for state, pk in ended.items()},
    }


def rights_of(minji):
    """Write a copy of the data that is ready, and a contact who has gone; return ids."""
    DataExport.objects.create(
        user=minji.user, state="ready", ready_at=timezone.now(), content=b"PK", sha256="0f" * 32
    )
    parted = AcceptedContactRequestFactory(sender=None, recipient=minji, message="[…]")
    conversation = ConversationFactory(contact_request=parted)
    MessageFactory(conversation=conversation, author=None, text="")
    return {"parted": parted.pk, "parted_conversation": conversation.pk}


def listings_of(minji, anna):
    """Write offers and requests; return their ids."""
    own = ListingFactory(profile=minji, title_en=LONG_WORD, title_ko=LONG_KOREAN)
    ListingFactory(profile=minji, kind="request", title_en="Modelling of ageing")
    ListingFactory(profile=minji, state="closed")
    other = ListingFactory(profile=anna, title_en="Modelling of ageing", description_en="Text")
    return {"own_listing": own.pk, "listing": other.pk} | searches_of(minji, anna)


def searches_of(minji, anna):
    """Write partner searches in every state with answers; return their ids."""
    texts = dict.fromkeys(
        ("details_en", "details_ko", "work_en", "expertise_sought_ko", "call_title"),
        f"{LONG_WORD} {LONG_KOREAN}",
    )
    own = PartnerSearchFactory(
        listing__profile=minji, listing__title_en=LONG_WORD, listing__title_ko=LONG_KOREAN,
        machine_made=["title"], development_goals=[7, 13], budget_from=1_000_000,
        currency="EUR", **texts,
    ).listing  # fmt: skip
    own.consortium.create(country_code="DE", type="company", organisation=anna.organisation)
    waiting = PartnerSearchFactory(listing__profile=minji, listing__state="in_review").listing
    ended = PartnerSearchFactory(listing__profile=minji, listing__state="expired").listing
    other = PartnerSearchFactory(listing__profile=anna, confidentiality="interested", **texts)
    return {
        "own_search": own.pk, "waiting_search": waiting.pk, "ended_search": ended.pk,
        "search": other.listing.pk,
        "interest": InterestFactory(listing=own, profile=anna, expertise=LONG_WORD * 3).pk,
        "declined_interest": InterestFactory(
            listing=PartnerSearchFactory().listing, profile=minji, state="declined",
            answer=LONG_WORD, answered_at=timezone.now(),
        ).pk,
    }  # fmt: skip


def letters_of(minji):
    """Write consents and a letter; return the letter's id."""
    record_consents(
        minji.user,
        choices={ConsentPurpose.TERMS: True, ConsentPurpose.NEWSLETTER: False},
        channel=ConsentChannel.SIGN_UP,
        language=minji.user.language,
    )
    return {"letter": notify_of_request(minji.contact_requests_received.latest("pk")).email_id}


def news_of(minji, anna):
    """Tell news of several kinds, read and unread; return the id of one and the key of a stop."""
    for number, kind in enumerate(("message", "interest", "listing", "account")):
        title = f"{LONG_WORD} {LONG_KOREAN}"
        news = notify(minji.user, kind, key=f"{number}", title=title, address="/dashboard/")
    mark_read(minji.user, actor=None, pks=[news.pk])
    MailTrouble.objects.create(address=minji.user.email, kind="hard", reason="550 5.1.1 unknown")
    return {"news": news.pk, "stop": stop_address(minji.user, "message").split("/")[-2]}


def tokens_of(anna):
    """Return the secrets of an invitation and of a new password."""
    invited = ProfileFactory(state=ProfileState.INVITED, published_at=None)
    return {
        "invitation": invitation_token(invited),
        "reset": f"{user_pk_to_url_str(anna.user)}-{default_token_generator.make_token(anna.user)}",
    }


def guarded_user(language):
    """Return a user with a second factor and codes for the day when it is lost."""
    user = UserFactory(language=language)
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(user)
    return user


def session_of(user):
    """Return the cookie of somebody who has just typed the password."""
    key = fresh_client(user).session.session_key
    return {"name": settings.SESSION_COOKIE_NAME, "value": key}
