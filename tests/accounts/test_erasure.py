"""Deleting an account."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from konnect.accounts.models import Consent, OutgoingEmail, User
from konnect.accounts.services import erase_account, record_consents
from matching.models import ContactRequest, Message, Profile
from tests.factories.matching import ConversationFactory, MessageFactory


@pytest.fixture
def known(minji):
    """Return Minji with a consent, a letter and a conversation."""
    record_consents(minji.user, choices={"terms": True}, channel="sign_up", language="ko")
    OutgoingEmail.objects.create(to=minji.user.email.upper(), subject="Hello", text="Hello")
    MessageFactory(conversation=ConversationFactory(contact_request__recipient=minji))
    return minji


def test_erasure_leaves_nothing_of_the_person(known, anna):
    erase_account(known.user)

    assert not User.objects.filter(pk=known.user_id).exists()
    assert not Profile.objects.filter(pk=known.pk).exists()
    counts = [model.objects.count() for model in (Consent, OutgoingEmail, ContactRequest, Message)]
    assert counts == [0, 0, 0, 0]
    assert Profile.objects.filter(pk=anna.pk).exists()


def test_ledger_is_closed_again_after_an_erasure(known, anna):
    record_consents(anna.user, choices={"terms": True}, channel="sign_up", language="en")
    erase_account(known.user)

    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.all().delete()


def test_command_asks_to_be_told_that_it_is_meant(known, capsys):
    call_command("delete_account", known.user.email)

    assert User.objects.filter(pk=known.user_id).exists()
    assert capsys.readouterr().out == "minji@example.kr would be deleted. Say --yes to do it.\n"


def test_command_deletes(known):
    call_command("delete_account", "MINJI@example.kr", "--yes")

    assert not User.objects.filter(pk=known.user_id).exists()


def test_command_names_an_unknown_address(db):
    with pytest.raises(CommandError, match="no account"):
        call_command("delete_account", "nobody@example.org", "--yes")
