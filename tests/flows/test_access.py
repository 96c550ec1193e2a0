"""Who gets which answer at every address: role by address by method.

The four figures of a cell are the answers to nobody in particular, to a stranger, to Minji, whose
things they are, and to an administrator without a profile. 302 leads to sign-in, to the form that
is still to be filled in, or to what a form changed.
"""

from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from konnect.accounts.services.api_tokens import create_api_token
from konnect.accounts.services.notifications import notify
from konnect.accounts.services.unsubscribing import stop_address
from matching.models import SavedSearch, SourceRequest
from tests.factories.matching import (
    AbuseReportFactory,
    AcceptedContactRequestFactory,
    ContactRequestFactory,
    ConversationFactory,
    InterestFactory,
    ListingFactory,
    MatchRunFactory,
    PartnerSearchFactory,
)
from tests.factories.twinnings import TwinningFactory, make_representative
from tests.flows.api_access import API_TABLE, BODIES, ELSE, METHODS, OTHERWISE, api_things
from tests.flows.event_access import EVENT_TABLE, event_things
from tests.flows.funding_access import FUNDING_TABLE, funding_things
from tests.test_architecture import walk

OWN = ("konnect.", "matching.", "events.", "funding.")
# address: (answers to GET, answers to POST)
TABLE = {
    "about": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "accessibility": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "accounts:account_erase": ((302, 302, 302, 302), (302, 302, 302, 302)),
    "accounts:consents": ((302, 200, 200, 200), (302, 302, 302, 302)),
    "accounts:erased": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "accounts:export_ask": ((302, 405, 405, 405), (302, 302, 302, 302)),
    "accounts:export_download": ((302, 302, 302, 302), (302, 302, 302, 302)),
    "accounts:impersonation_begin": ((302, 404, 404, 302), (302, 404, 404, 302)),
    "accounts:impersonation_end": ((302, 405, 405, 405), (302, 404, 404, 404)),
    "accounts:impersonations": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "accounts:language": ((405, 405, 405, 405), (302, 302, 302, 302)),
    "accounts:mailbox": ((404, 404, 404, 404), (405, 405, 405, 405)),
    "accounts:mailbox_message": ((404, 404, 404, 404), (405, 405, 405, 405)),
    "accounts:notifications": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "accounts:my_data": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "accounts:policy_changes": ((302, 200, 200, 200), (302, 302, 302, 302)),
    "accounts:settings": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "accounts:sign_in_again": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "accounts:token_revoke": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "accounts:tokens": ((302, 302, 302, 302), (302, 302, 302, 302)),
    "api_reference": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "appearance": ((405, 405, 405, 405), (302, 302, 302, 302)),
    "healthz": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "home": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "how_suggestions_work": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "matching:abuse_answer": ((302, 404, 200, 404), (302, 405, 405, 405)),
    "matching:abuse_create": ((302, 200, 404, 200), (302, 200, 404, 200)),
    "matching:abuse_detail": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "matching:abuse_list": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "matching:block_create": ((302, 200, 404, 200), (302, 302, 404, 302)),
    "matching:block_delete": ((302, 405, 405, 405), (302, 302, 404, 302)),
    "matching:block_list": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "matching:contact_accept": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:contact_create": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:contact_decline": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:contact_detail": ((302, 404, 200, 404), (302, 405, 405, 405)),
    "matching:contact_list": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "matching:contact_withdraw": ((302, 405, 405, 405), (302, 404, 404, 404)),
    "matching:conversation_detail": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "matching:conversation_list": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "matching:dashboard": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:interest_answer": ((302, 405, 405, 405), (302, 404, 404, 404)),
    "matching:interest_create": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:interest_detail": ((302, 404, 200, 404), (302, 405, 405, 405)),
    "matching:interest_list": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "matching:interest_withdraw": ((302, 405, 405, 405), (302, 404, 404, 404)),
    "matching:invitation_accept": ((404, 404, 404, 404), (404, 404, 404, 404)),
    "matching:listing_close": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:listing_create": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:listing_detail": ((404, 200, 200, 200), (404, 200, 200, 200)),
    "matching:listing_edit": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "matching:listing_list": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:listing_open": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:listing_search": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "matching:activity_create": ((302, 405, 405, 405), (302, 404, 200, 404)),
    "matching:activity_delete": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:network": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "matching:organisation_edit": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "matching:organisation_plans": ((302, 404, 200, 404), (302, 405, 405, 405)),
    "matching:representative_create": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:representative_leave": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:representative_name": ((302, 405, 405, 405), (302, 404, 404, 404)),
    "matching:ties_export": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "matching:ties_map": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "matching:twinning_answer": ((302, 405, 405, 405), (302, 404, 404, 404)),
    "matching:twinning_create": ((302, 404, 404, 404), (302, 404, 404, 404)),
    "matching:twinning_detail": ((404, 404, 200, 404), (405, 405, 405, 405)),
    "matching:twinning_leave": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:twinning_move": ((302, 405, 405, 405), (302, 404, 404, 404)),
    "matching:organisation_detail": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "matching:organisation_list": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "matching:organisation_suggest": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "matching:partner_search_create": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:partner_search_edit": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "matching:partner_search_list": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "matching:partner_search_move": ((302, 405, 405, 405), (302, 404, 404, 404)),
    "matching:partner_search_outcome": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "matching:partner_search_renew": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:partner_search_submit": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:partner_search_tasks": ((302, 404, 200, 404), (302, 405, 405, 405)),
    "matching:people_search": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "matching:profile_confirm": ((302, 405, 405, 405), (302, 302, 302, 302)),
    "matching:profile_detail": ((404, 200, 200, 200), (404, 200, 200, 200)),
    "matching:profile_edit": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:profile_hide": ((302, 405, 405, 405), (302, 302, 302, 302)),
    "matching:profile_preview": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:profile_publish": ((302, 405, 405, 405), (302, 302, 302, 302)),
    "matching:review_detail": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "matching:review_list": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "matching:run_cancel": ((302, 404, 404, 200), (302, 404, 404, 302)),
    "matching:run_detail": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "matching:run_list": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "matching:run_repeat": ((302, 404, 404, 200), (302, 404, 404, 302)),
    "matching:suggestible": ((302, 405, 405, 405), (302, 302, 302, 302)),
    "matching:source_again": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:source_detail": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "matching:source_drop": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:source_list": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:source_undo": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:saved_search_atom": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "matching:saved_search_create": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:saved_search_delete": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:saved_search_edit": ((302, 405, 405, 405), (302, 404, 200, 404)),
    "matching:saved_search_feed": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:saved_search_list": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "matching:saved_search_open": ((302, 404, 302, 404), (302, 405, 405, 405)),
    "matching:saved_search_restore": ((302, 405, 405, 405), (302, 302, 302, 302)),
    "matching:suggestion_answer": ((302, 405, 405, 405), (302, 404, 404, 404)),
    "matching:suggestion_list": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "matching:suggestion_undo": ((302, 405, 405, 405), (302, 302, 404, 302)),
    "news:list": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "news:open": ((302, 404, 302, 404), (302, 405, 405, 405)),
    "news:read_all": ((302, 405, 405, 405), (302, 302, 302, 302)),
    "news:stop": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "news:try_again": ((302, 405, 405, 405), (302, 302, 302, 302)),
    "matching:statistics": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "matching:statistics_export": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "matching:table_detail": ((302, 302, 302, 302), (302, 302, 302, 302)),
    "matching:table_export": ((302, 302, 302, 302), (302, 302, 302, 302)),
    "matching:table_list": ((302, 302, 302, 302), (302, 302, 302, 302)),
    "matching:table_refusals": ((302, 302, 302, 302), (302, 302, 302, 302)),
    "matching:table_take": ((302, 302, 302, 302), (302, 302, 302, 302)),
    "matching:vouch_create": ((302, 405, 405, 405), (302, 302, 302, 302)),
    "matching:vouch_delete": ((302, 405, 405, 405), (302, 302, 302, 302)),
    "privacy": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "privacy_version": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "readyz": ((503, 503, 503, 503), (503, 503, 503, 503)),
    "robots": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "sitemap": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "sitemap_part": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "terms": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "terms_version": ((200, 200, 200, 200), (405, 405, 405, 405)),
    **EVENT_TABLE,
    **FUNDING_TABLE,
}


def own_names():
    """Return the full names of the addresses that the portal itself answers."""
    resolver = get_resolver()
    spaces = {
        "": resolver,
        **{name: found for name, (_, found) in resolver.namespace_dict.items()},
    }
    return sorted(
        f"{space}:{pattern.name}".lstrip(":")
        for space, found in spaces.items()
        if space != "admin"
        for pattern in (walk(found.url_patterns) if space else found.url_patterns)
        if hasattr(pattern, "callback")
        and pattern.callback
        and pattern.callback.__module__.startswith(OWN)
    )


def token_of(profile):
    """Return a token of somebody's program."""
    return create_api_token(profile.user, actor=profile.user, name="mine", scope="read")[0]


@pytest.fixture
def things(minji, anna):
    """Return what the addresses are about: Minji's own things."""
    accepted = AcceptedContactRequestFactory(recipient=minji)
    pending = ContactRequestFactory(sender=anna, recipient=minji)
    run = MatchRunFactory().pk
    look = SourceRequest.objects.create(profile=minji, source="orcid", asked="-")
    search = PartnerSearchFactory(listing__profile=minji).listing
    waiting = PartnerSearchFactory(listing__profile=minji, listing__state="in_review").listing
    decided = AbuseReportFactory(
        profile=anna, reporter=minji, state="dismissed", decided_at=timezone.now()
    )
    interest = InterestFactory(listing=search, profile=anna).pk
    return {
        **{f"matching:partner_search_{verb}": [search.pk]
           for verb in ("move", "outcome", "renew", "submit", "tasks")},
        "matching:partner_search_edit": [search.pk, "idea"],
        "matching:interest_create": [search.pk],
        **{f"matching:interest_{verb}": [interest] for verb in ("answer", "detail", "withdraw")},
        "matching:review_detail": [waiting.pk],
        "matching:abuse_create": ["profile", minji.pk],
        "matching:abuse_detail": [AbuseReportFactory(profile=minji).pk],
        **{f"matching:table_{verb}": [1] for verb in ("detail", "refusals", "take")},
        "matching:table_export": ["people", "csv"],
        "matching:abuse_answer": [decided.pk],
        **{f"matching:run_{verb}": [run] for verb in ("detail", "cancel", "repeat")},
        "matching:profile_edit": ["name"],
        "sitemap_part": ["people", 1],
        "accounts:token_revoke": [token_of(minji).pk],
        "matching:invitation_accept": ["forged"],
        "matching:profile_detail": [minji.pk],
        "matching:contact_create": [minji.pk],
        "matching:vouch_create": [minji.pk],
        "matching:vouch_delete": [minji.pk],
        **{f"matching:source_{verb}": [look.pk] for verb in ("detail", "drop", "undo", "again")},
        "matching:block_create": [minji.pk],
        "matching:block_delete": [minji.pk],
        "matching:suggestion_answer": [minji.pk],
        "matching:suggestion_undo": [minji.pk],
        "matching:organisation_detail": [minji.organisation_id],
        **twinning_of(minji),
        "matching:conversation_detail": [ConversationFactory(contact_request=accepted).pk],
        "accounts:mailbox_message": [1],
        "accounts:impersonation_begin": [minji.user.pk],
        "accounts:export_download": [1],
        "privacy_version": ["2026-11"],
        "terms_version": ["2026-11"],
        "news:open": [notify(minji.user, "message", key="m", title="New", address="/about/").pk],
        "news:stop": [stop_address(minji.user, "message").rstrip("/").rpartition("/")[2]],
        **{f"matching:contact_{verb}": [pending.pk]
           for verb in ("detail", "accept", "decline", "withdraw")},
        **saved_search_of(minji.user),
        **{f"matching:listing_{verb}": [ListingFactory(profile=minji).pk]
           for verb in ("detail", "edit", "close", "open")},
    }  # fmt: skip


def twinning_of(minji):
    """Return what the addresses of Minji's organisation, which she represents, are about."""
    make_representative(minji)
    twinning = TwinningFactory(partner=minji.organisation)
    twinning.contacts.create(organisation=minji.organisation, profile=minji)
    activity = twinning.activities.create(
        kind="visit", title_en="A visit", takes_place_on=timezone.localdate()
    )
    verbs = ("detail", "answer", "move", "leave")
    return {
        **{f"matching:organisation_{page}": [minji.organisation_id] for page in ("edit", "plans")},
        **{f"matching:representative_{verb}": [minji.organisation_id]
           for verb in ("create", "name", "leave")},
        "matching:twinning_create": [minji.organisation_id],
        **{f"matching:twinning_{verb}": [twinning.pk] for verb in verbs},
        "matching:activity_create": [twinning.pk],
        "matching:activity_delete": [twinning.pk, activity.pk],
    }  # fmt: skip


def saved_search_of(user):
    """Return what the addresses of a kept search with a feed are about."""
    search = SavedSearch.objects.create(user=user, name="Mine", kind="people", feed_token="f")
    verbs = ("open", "edit", "feed", "delete")
    return {
        "matching:saved_search_atom": [search.feed_token],
        **{f"matching:saved_search_{verb}": [search.pk] for verb in verbs},
    }


@pytest.fixture
def things_of(things, minji, anna):
    """Return a function: what an address is about."""

    def of(name):
        if name in FUNDING_TABLE:
            return funding_things(minji, anna).get(name, [])
        found = event_things(minji, anna) if name in EVENT_TABLE else things
        return found.get(name, [])

    return of


@pytest.fixture
def clients(client_of, minji, omar, staff):
    """Return a client for each role, in the order of the table."""
    return [Client(), client_of(omar), client_of(minji), client_of(staff)]


def test_table_names_every_address():
    assert sorted([*TABLE, *API_TABLE]) == own_names()


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("method", ("get", "post"))
def test_answer_is_the_one_of_the_table(clients, things_of, name, method):
    address = reverse(name, args=things_of(name))
    answers = []

    for client in clients:
        with undone():
            answers.append(getattr(client, method)(address).status_code)

    assert tuple(answers) == TABLE[name][("get", "post").index(method)]


@pytest.mark.parametrize("name", API_TABLE)
@pytest.mark.parametrize("method", METHODS)
def test_api_answers_as_its_table_says(clients, minji, anna, name, method):
    address = reverse(name, args=api_things(minji, anna).get(name, []))
    body = None if method == "get" else BODIES.get((name, method), {})
    answers = []

    for client in clients:
        with undone():
            send = getattr(client, method)
            answers.append(send(address, body, content_type="application/json").status_code)

    assert tuple(answers) == API_TABLE[name].get(method, OTHERWISE.get(name, ELSE))


@contextmanager
def undone():
    """Run something and take back what it wrote, so that each role finds the same."""
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)
