"""Who gets which answer from the API: role by address by method.

The four figures are the answers to nobody in particular, to a stranger, to Minji, whose things
they are, and to an administrator without a profile. Methods that are left out answer 401 to
nobody in particular and 405 to everybody else (where anybody may read: 405 to all but writers).
"""

from matching.models import CountryStatus
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    ContactRequestFactory,
    ConversationFactory,
    InterestFactory,
    ListingFactory,
    MatchRunFactory,
    MessageFactory,
    PartnerSearchFactory,
)
from tests.factories.twinnings import TwinningFactory, make_representative
from tests.flows.event_api_access import EVENT_API_TABLE, EVENT_BODIES, event_api_things
from tests.flows.funding_access import FUNDING_API_TABLE, funding_api_things

METHODS = ("get", "post", "put", "patch", "delete")
API_TABLE: dict[str, dict[str, tuple[int, ...]]] = {
    "api:area-detail": {"get": (200, 200, 200, 200)},
    "api:area-list": {"get": (200, 200, 200, 200)},
    "api:block-detail": {"delete": (401, 404, 204, 404)},
    "api:block-list": {"get": (401, 200, 200, 200), "post": (401, 400, 400, 400)},
    "api:consent-list": {"get": (401, 200, 200, 200)},
    "api:contact-request-accept": {"post": (401, 404, 200, 404)},
    "api:contact-request-decline": {"post": (401, 404, 200, 404)},
    "api:contact-request-detail": {"get": (401, 404, 200, 404)},
    "api:contact-request-list": {"get": (401, 200, 200, 200), "post": (401, 400, 400, 400)},
    "api:contact-request-withdraw": {"post": (401, 404, 404, 404)},
    "api:conversation-detail": {"get": (401, 404, 200, 404)},
    "api:conversation-list": {"get": (401, 200, 200, 200)},
    "api:conversation-read": {"post": (401, 404, 400, 404)},
    "api:country-standing-detail": {"get": (200, 200, 200, 200)},
    "api:country-standing-list": {"get": (200, 200, 200, 200)},
    "api:interest-accept": {"post": (401, 404, 200, 404)},
    "api:interest-decline": {"post": (401, 404, 200, 404)},
    "api:interest-detail": {"get": (401, 404, 200, 404)},
    "api:interest-list": {"get": (401, 200, 200, 200), "post": (401, 400, 400, 400)},
    "api:interest-shortlist": {"post": (401, 404, 200, 404)},
    "api:interest-withdraw": {"post": (401, 404, 404, 404)},
    "api:listing-close": {"get": (405, 405, 405, 405), "post": (401, 404, 200, 404)},
    "api:listing-detail": {"get": (404, 200, 200, 200), "patch": (401, 404, 200, 404)},
    "api:listing-list": {"get": (200, 200, 200, 200), "post": (401, 201, 201, 201)},
    "api:listing-publish": {"get": (405, 405, 405, 405), "post": (401, 404, 409, 404)},
    "api:listing-search": {"get": (200, 200, 200, 200)},
    "api:matching-run-cancel": {"post": (401, 404, 404, 200)},
    "api:matching-run-detail": {"get": (401, 404, 404, 200)},
    "api:matching-run-list": {"get": (401, 404, 404, 200)},
    "api:matching-run-repeat": {"post": (401, 404, 404, 409)},
    "api:me": {"get": (401, 200, 200, 200), "patch": (401, 200, 200, 200)},
    "api:message-list": {"get": (401, 404, 200, 404), "post": (401, 404, 201, 404)},
    "api:news-wishes": {"get": (401, 200, 200, 200), "patch": (401, 200, 200, 200)},
    "api:nothing": {},
    "api:notification-detail": {"get": (401, 404, 200, 404)},
    "api:notification-list": {"get": (401, 200, 200, 200)},
    "api:notification-read": {"post": (401, 404, 200, 404)},
    "api:organisation-detail": {"get": (200, 200, 200, 200)},
    "api:organisation-list": {"get": (200, 200, 200, 200)},
    "api:organisation-search": {"get": (200, 200, 200, 200)},
    "api:own-profile": {"get": (401, 200, 200, 200), "patch": (401, 409, 409, 200)},
    "api:own-profile-confirm": {"post": (401, 200, 200, 200)},
    "api:own-profile-hide": {"post": (401, 200, 200, 409)},
    "api:own-profile-publish": {"post": (401, 409, 409, 409)},
    "api:people-search": {"get": (200, 200, 200, 200)},
    "api:profile-detail": {"get": (404, 200, 200, 200)},
    "api:profile-list": {"get": (200, 200, 200, 200)},
    "api:saved-search-detail": {
        "get": (401, 404, 200, 404),
        "patch": (401, 404, 200, 404),
        "delete": (401, 404, 204, 404),
    },
    "api:saved-search-list": {"get": (401, 200, 200, 200), "post": (401, 201, 201, 201)},
    "api:schema": {"get": (200, 200, 200, 200)},
    "api:suggestion-answer": {"put": (401, 200, 404, 200), "delete": (401, 204, 404, 204)},
    "api:suggestion-list": {"get": (401, 200, 200, 200)},
    "api:topic-detail": {"get": (200, 200, 200, 200)},
    "api:topic-list": {"get": (200, 200, 200, 200)},
    "api:twinning-confirm": {"get": (405, 405, 405, 405), "post": (401, 404, 200, 404)},
    "api:twinning-decline": {"get": (405, 405, 405, 405), "post": (401, 404, 200, 404)},
    "api:twinning-detail": {"get": (404, 404, 200, 404)},
    "api:twinning-end": {"get": (405, 405, 405, 405), "post": (401, 404, 409, 404)},
    "api:twinning-list": {"get": (200, 200, 200, 200)},
    "api:twinning-renew": {"get": (405, 405, 405, 405), "post": (401, 404, 409, 404)},
    "api:twinning-withdraw": {"get": (405, 405, 405, 405), "post": (401, 404, 403, 404)},
}
# What the methods answer that a row leaves out.
ELSE = (401, 405, 405, 405)
API_TABLE |= EVENT_API_TABLE | FUNDING_API_TABLE
OTHERWISE = {
    "api:nothing": (404, 404, 404, 404),
    "api:schema": (405, 405, 405, 405),
    **dict.fromkeys([name for name in API_TABLE if "matching-run" in name], (401, 404, 404, 405)),
}
# What is sent; everything else gets an empty body.
BODIES = {
    **EVENT_BODIES,
    ("api:me", "patch"): {"time_zone": "Asia/Seoul"},
    ("api:suggestion-answer", "put"): {"answer": "later"},
    ("api:own-profile", "patch"): {"position": "Professor"},
    ("api:listing-list", "post"): {"kind": "offer", "title_en": "Modelling"},
    ("api:listing-detail", "patch"): {"title_en": "Modelling"},
    ("api:saved-search-list", "post"): {"name": "Mine", "kind": "people", "query": "q=solar"},
    ("api:message-list", "post"): {"text": "Good morning!"},
}


def api_things(minji, anna):
    """Return what the addresses are about: Minji's own things."""
    accepted = AcceptedContactRequestFactory(recipient=minji)
    pending = ContactRequestFactory(sender=anna, recipient=minji)
    conversation = ConversationFactory(contact_request=accepted)
    MessageFactory(conversation=conversation)
    listing = ListingFactory(profile=minji).pk
    run = MatchRunFactory().pk
    block = minji.blocks_made.create(blocked=ListingFactory().profile)
    news = minji.user.notifications.create(kind="account", key="k", title_en="N", title_ko="새")
    search = PartnerSearchFactory(listing__profile=minji).listing
    interest = InterestFactory(listing=search, profile=anna).pk
    kept = minji.user.saved_searches.create(name="Mine", kind="people", query="q=x")
    twinning = TwinningFactory(proposer=anna.organisation, partner=minji.organisation).pk
    make_representative(minji)
    area = minji.areas.model.objects.first()
    found = event_api_things(minji, anna) | funding_api_things(minji, anna)
    return found | {
        "api:nothing": ["nothing/at/all/"],
        "api:profile-detail": [minji.pk],
        "api:organisation-detail": [minji.organisation_id],
        **{f"api:listing-{verb}": [listing] for verb in ("detail", "publish", "close")},
        **{f"api:contact-request-{verb}": [pending.pk]
           for verb in ("detail", "accept", "decline", "withdraw")},
        **{f"api:conversation-{verb}": [conversation.pk] for verb in ("detail", "read")},
        "api:message-list": [conversation.pk],
        "api:block-detail": [block.pk],
        "api:area-detail": [area.pk],
        "api:topic-detail": [area.topics.first().pk],
        "api:country-standing-detail": [CountryStatus.objects.earliest("pk").pk],
        **{f"api:matching-run-{verb}": [run] for verb in ("detail", "cancel", "repeat")},
        "api:suggestion-answer": [minji.pk],
        **{f"api:interest-{verb}": [interest]
           for verb in ("detail", "shortlist", "accept", "decline", "withdraw")},
        "api:saved-search-detail": [kept.pk],
        **{f"api:twinning-{verb}": [twinning]
           for verb in ("detail", "confirm", "decline", "withdraw", "renew", "end")},
        **{f"api:notification-{verb}": [news.pk] for verb in ("detail", "read")},
    }  # fmt: skip
