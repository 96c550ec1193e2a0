"""A portal with something on every page, for tests that look at all of them."""

import time

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.test import Client
from django.utils import timezone

from konnect.accounts.models import ConsentChannel, ConsentPurpose
from konnect.accounts.services import record_consents
from matching.models import ContactRequestState, ProfileState, Topic
from matching.services.contact_notices import notify_of_request
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.invitations import invitation_token
from matching.services.matching import run_matching
from tests.factories.accounts import UserFactory
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    ContactRequestFactory,
    ConversationFactory,
    KoreanProfileFactory,
    ListingFactory,
    MessageFactory,
    ProfileFactory,
)

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
    minji.blocks_made.create(blocked=ProfileFactory())
    refresh_stale_embeddings()
    things["run"] = run_matching().pk
    return things | tokens_of(anna)


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


def listings_of(minji, anna):
    """Write offers and requests; return their ids."""
    own = ListingFactory(profile=minji, title_en=LONG_WORD, title_ko=LONG_KOREAN)
    ListingFactory(profile=minji, kind="request", title_en="Modelling of ageing")
    ListingFactory(profile=minji, state="closed")
    other = ListingFactory(profile=anna, title_en="Modelling of ageing", description_en="Text")
    return {"own_listing": own.pk, "listing": other.pk}


def letters_of(minji):
    """Write consents and a letter; return the letter's id."""
    record_consents(
        minji.user,
        choices={ConsentPurpose.TERMS: True, ConsentPurpose.NEWSLETTER: False},
        channel=ConsentChannel.SIGN_UP,
        language=minji.user.language,
    )
    return {"letter": notify_of_request(minji.contact_requests_received.latest("pk")).pk}


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
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "email": user.email}
    ]
    session.save()
    return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key}
