"""The demonstration in the database."""

import time

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from konnect.accounts.models import Consent, Notification, RoleGrant, User
from matching.models import (
    Block,
    ContactRequest,
    ContactRequestState,
    Conversation,
    Listing,
    Message,
    Profile,
    SuggestionAnswer,
    Topic,
    Work,
)
from matching.services.demonstration import (
    DEMO_PASSWORD,
    demo_accounts,
    load_demonstration,
)

MODELS = (
    User, Profile, Listing, Work, ContactRequest, Conversation, Message, SuggestionAnswer, Block,
    Consent, RoleGrant, EmailAddress, Topic,
)  # fmt: skip


@pytest.fixture(scope="module")
def demonstration(django_db_setup, django_db_blocker):
    """Load the demonstration once for this file; every test sees it in a transaction."""
    with django_db_blocker.unblock():
        try:
            start = time.process_time()
            load_demonstration(count=400, seed=2026)
            yield time.process_time() - start
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def loaded(demonstration, db):
    """The demonstration, and the processor seconds that it took."""
    return demonstration


def person(email):
    return Profile.objects.get(user__email=email)


def test_demonstration_loads_in_seconds(loaded):
    assert loaded < 10


def test_demonstration_has_half_of_each_side(loaded):
    assert Profile.objects.filter(side="europe").count() == 200
    assert Profile.objects.filter(side="korea").count() == 200


def test_demonstration_marks_everybody_as_invented(loaded):
    assert Profile.objects.filter(is_invented=False).count() == 0


def test_demonstration_loaded_twice_changes_nothing(loaded):
    before = [model.objects.count() for model in MODELS]

    assert load_demonstration(count=400, seed=2026) is False
    assert [model.objects.count() for model in MODELS] == before


def test_demonstration_has_requests_in_every_state(loaded):
    states = set(ContactRequest.objects.values_list("state", flat=True))

    assert states == set(ContactRequestState.values)


def test_demonstration_has_conversations_with_unread_messages(loaded):
    assert Conversation.objects.count() >= 20
    assert Message.objects.filter(read_at=None).count() >= 4


def test_leading_person_has_news_that_leads_to_pages(loaded, client):
    minji = User.objects.get(email=demo_accounts()[0][0])
    client.force_login(minji)
    unread = Notification.objects.filter(user=minji).unread()

    assert unread.count() >= 2
    for news in unread:
        assert client.get(news.address).status_code == 200
        assert news.title_en != news.title_ko


def test_demonstration_never_joins_people_of_one_side(loaded):
    pairs = ContactRequest.objects.values_list("sender__side", "recipient__side")

    assert {frozenset(pair) for pair in pairs} == {frozenset({"europe", "korea"})}


def test_demonstration_has_blocks_and_answers(loaded):
    assert Block.objects.count() == 5
    assert SuggestionAnswer.objects.count() >= 50


@pytest.mark.parametrize("email", ("minji.kim@demo.example", "anna.schmidt@demo.example"))
def test_leading_person_has_something_in_every_box(loaded, email):
    profile = person(email)

    assert profile.contact_requests_received.awaiting_answer().count() == 2
    assert profile.contact_requests_sent.awaiting_answer().count() == 1
    assert Message.objects.unread_by(profile.user).count() >= 1
    assert profile.answers.count() == 3
    assert {listing.kind for listing in profile.listings.open()} == {"offer", "request"}


def test_leading_people_have_not_met_and_share_topics(loaded):
    minji, anna = person("minji.kim@demo.example"), person("anna.schmidt@demo.example")

    assert not ContactRequest.objects.between(minji, anna).exists()
    assert (minji.topics.all() & anna.topics.all()).count() == 2


def test_leading_people_read_their_languages(loaded):
    assert person("minji.kim@demo.example").user.language == "ko"
    assert person("anna.schmidt@demo.example").user.language == "en"


@pytest.mark.parametrize(("email", "password", "description"), demo_accounts())
def test_demo_account_signs_in(loaded, email, password, description):
    client = Client()

    client.post(reverse("account_login"), {"login": email, "password": password})

    assert client.session["_auth_user_id"] == str(User.objects.get(email=email).pk)


def test_leading_people_are_embedded_first(loaded):
    first = Profile.objects.order_by("-matching_changed_at", "-pk")[:2]

    assert {profile.user.email for profile in first} == {
        "minji.kim@demo.example",
        "anna.schmidt@demo.example",
    }


def test_everybody_has_a_verified_address_and_consents(loaded):
    users = User.objects.count()

    assert EmailAddress.objects.filter(verified=True, primary=True).count() == users
    assert Consent.objects.filter(purpose="terms", is_given=True).count() == users


def test_some_people_have_worked_together(loaded):
    dois = list(Work.objects.exclude(doi="").values_list("doi", flat=True))

    assert len(set(dois)) < len(dois)


def test_only_what_people_wrote_is_stored(loaded):
    assert Profile.objects.filter(summary_en="", summary_ko="").count() == 0
    assert Listing.objects.filter(title_en="", title_ko="").count() == 0


def test_load_demo_prints_the_accounts(loaded, capsys):
    call_command("load_demo", accounts=True)

    printed = capsys.readouterr().out
    assert all(email in printed for email, _password, _description in demo_accounts())
    assert DEMO_PASSWORD in printed


def test_load_demo_if_empty_adds_nothing_to_people(loaded):
    before = Profile.objects.count()

    call_command("load_demo", if_empty=True, verbosity=0)

    assert Profile.objects.count() == before


def test_load_demo_refuses_production(db, settings):
    before = Profile.objects.count()
    settings.PRODUCTION = True

    with pytest.raises(CommandError):
        call_command("load_demo")

    assert Profile.objects.count() == before
