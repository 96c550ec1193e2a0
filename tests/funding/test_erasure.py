"""Whoever leaves takes what is only theirs; what public money was decided on stays, nameless."""

import pytest

from funding.models import Application, Participant, Person, Review, SectionDraft, Trip
from funding.services.ledger import faults
from funding.services.people import person_of
from konnect.accounts.models import User
from konnect.accounts.services import erase_account
from matching.services.profiles import ensure_profile
from tests.factories.accounts import UserFactory
from tests.factories.funding import ApplicationFactory
from tests.factories.funding_rights import funding_of


@pytest.fixture(autouse=True)
def log_apart(settings, tmp_path):
    """Keep the log of erasures of each test apart."""
    settings.ERASURE_LOG = str(tmp_path / "erasures.log")


def erase(profile):
    erase_account(profile.user, keeps_messages=False, says_farewell=False)


def test_what_was_judged_and_paid_stays_under_a_pseudonym(minji, anna):
    funding_of(minji, anna)
    me = person_of(minji.user)

    erase(minji)

    me = Person.objects.get(pk=me.pk)
    assert (me.user, me.name) == (None, "")
    assert me.pseudonym
    assert str(me) == "a former member"
    assert Review.objects.filter(assignment__reviewer__person=me).count() == 1
    assert Trip.objects.filter(traveller=me).count() == 1
    assert not Participant.objects.filter(person=me).exclude(name="", email="").exists()
    assert list(faults()) == []


def test_only_who_has_left_is_a_former_member(db):
    user = UserFactory(email="mina@lab.example")
    me = person_of(user)

    assert str(me) == "mina@lab.example"

    profile = ensure_profile(user)
    profile.display_name = "Mina Kim"
    profile.save()
    assert str(Person.objects.get(pk=me.pk)) == "Mina Kim"


def test_drafts_that_nobody_handed_in_go(minji, anna):
    own = ApplicationFactory(lead=person_of(minji.user))
    SectionDraft.objects.create(application=own, code="summary", answers={"abstract": "Mine"})
    hers = ApplicationFactory(call=own.call, lead=person_of(anna.user))

    erase(minji)

    assert list(Application.objects.all()) == [hers]
    assert not SectionDraft.objects.exists()
    assert not User.objects.filter(pk=minji.user_id).exists()
