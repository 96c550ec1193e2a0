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

from tests.factories.matching import (
    AcceptedContactRequestFactory,
    ContactRequestFactory,
    ConversationFactory,
    ListingFactory,
    MatchRunFactory,
)
from tests.test_architecture import walk

OWN = ("konnect.", "matching.")
# address: (answers to GET, answers to POST)
TABLE = {
    "about": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "accessibility": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "accounts:consents": ((302, 200, 200, 200), (302, 302, 302, 302)),
    "accounts:language": ((405, 405, 405, 405), (302, 302, 302, 302)),
    "accounts:mailbox": ((404, 404, 404, 404), (405, 405, 405, 405)),
    "accounts:mailbox_message": ((404, 404, 404, 404), (405, 405, 405, 405)),
    "accounts:settings": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "appearance": ((405, 405, 405, 405), (302, 302, 302, 302)),
    "healthz": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "home": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "matching:api_suggestion_list": ((401, 200, 200, 200), (401, 405, 405, 405)),
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
    "matching:invitation_accept": ((404, 404, 404, 404), (404, 404, 404, 404)),
    "matching:listing_close": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:listing_create": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:listing_detail": ((404, 200, 200, 200), (404, 200, 200, 200)),
    "matching:listing_edit": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "matching:listing_list": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:listing_open": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "matching:organisation_detail": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "matching:organisation_list": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "matching:organisation_suggest": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "matching:people_search": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "matching:profile_confirm": ((302, 405, 405, 405), (302, 302, 302, 302)),
    "matching:profile_detail": ((404, 200, 200, 200), (404, 200, 200, 200)),
    "matching:profile_edit": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:profile_hide": ((302, 405, 405, 405), (302, 302, 302, 302)),
    "matching:profile_preview": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "matching:profile_publish": ((302, 405, 405, 405), (302, 302, 302, 302)),
    "matching:run_cancel": ((302, 404, 404, 200), (302, 404, 404, 302)),
    "matching:run_detail": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "matching:run_list": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "matching:run_repeat": ((302, 404, 404, 200), (302, 404, 404, 302)),
    "matching:suggestion_answer": ((302, 405, 405, 405), (302, 404, 404, 404)),
    "matching:suggestion_list": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "matching:suggestion_undo": ((302, 405, 405, 405), (302, 302, 404, 302)),
    "privacy": ((200, 200, 200, 200), (200, 200, 200, 200)),
    "readyz": ((503, 503, 503, 503), (503, 503, 503, 503)),
    "terms": ((200, 200, 200, 200), (200, 200, 200, 200)),
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


@pytest.fixture
def things(minji, anna):
    """Return what the addresses are about: Minji's own things."""
    accepted = AcceptedContactRequestFactory(recipient=minji)
    pending = ContactRequestFactory(sender=anna, recipient=minji)
    run = MatchRunFactory().pk
    return {
        **{f"matching:run_{verb}": [run] for verb in ("detail", "cancel", "repeat")},
        "matching:profile_edit": ["name"],
        "matching:invitation_accept": ["forged"],
        "matching:profile_detail": [minji.pk],
        "matching:contact_create": [minji.pk],
        "matching:block_create": [minji.pk],
        "matching:block_delete": [minji.pk],
        "matching:suggestion_answer": [minji.pk],
        "matching:suggestion_undo": [minji.pk],
        "matching:organisation_detail": [minji.organisation_id],
        "matching:conversation_detail": [ConversationFactory(contact_request=accepted).pk],
        "accounts:mailbox_message": [1],
        **{f"matching:contact_{verb}": [pending.pk]
           for verb in ("detail", "accept", "decline", "withdraw")},
        **{f"matching:listing_{verb}": [ListingFactory(profile=minji).pk]
           for verb in ("detail", "edit", "close", "open")},
    }  # fmt: skip


@pytest.fixture
def clients(client_of, minji, omar, staff):
    """Return a client for each role, in the order of the table."""
    return [Client(), client_of(omar), client_of(minji), client_of(staff)]


def test_table_names_every_address():
    assert sorted(TABLE) == own_names()


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("method", ("get", "post"))
def test_answer_is_the_one_of_the_table(clients, things, name, method):
    address = reverse(name, args=things.get(name, []))
    answers = []

    for client in clients:
        with undone():
            answers.append(getattr(client, method)(address).status_code)

    assert tuple(answers) == TABLE[name][("get", "post").index(method)]


@contextmanager
def undone():
    """Run something and take back what it wrote, so that each role finds the same."""
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)
