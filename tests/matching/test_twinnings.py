"""Twinnings: both sides say yes, each year again; and who may speak for an organisation."""

import threading
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from konnect.accounts.models import Notification
from konnect.states import TransitionError
from matching.models import Twinning, TwinningConfirmation, TwinningState
from matching.permissions.contacts import RefusedError
from matching.permissions.twinnings import representatives, represents
from matching.services import organisation_pages, twinnings
from tests.factories.matching import KoreanProfileFactory, OrganisationFactory, ProfileFactory
from tests.factories.twinnings import (
    ActiveTwinningFactory,
    TwinningFactory,
    make_representative,
)
from tests.processes import PATIENCE

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(anna, minji):
    """Two people who speak for their organisations."""
    return make_representative(anna), make_representative(minji)


def columns():
    return {"aims_en": "Exchange students.", "starts_on": timezone.localdate()}


def propose(anna, minji, **extra):
    return twinnings.propose_twinning(
        anna.organisation, minji.organisation, actor=anna.user, columns=columns(), **extra
    )


def titles(profile):
    return list(Notification.objects.filter(user=profile.user).values_list("title_en", flat=True))


def test_a_proposal_is_confirmed_for_a_year_and_both_are_told(pair):
    anna, minji = pair
    twinning = propose(anna, minji, contacts=[anna, minji])
    assert twinning.state == TwinningState.PROPOSED
    assert [point.profile for point in twinning.contacts.all()] == [anna]
    assert titles(minji) == [f"{anna.organisation} proposes a twinning to your organisation"]
    twinnings.confirm_twinning(twinning, actor=minji.user, words="Gladly.", contacts=[minji])
    assert twinning.state == TwinningState.ACTIVE
    assert 364 <= (twinning.valid_until - timezone.now()).days <= 365
    assert twinning.confirmations.count() == 2
    assert twinning.changes.get().reason == "Gladly."
    assert titles(anna) == [f"{minji.organisation.name_en} has confirmed the twinning"]


def test_a_proposal_is_declined_with_words_and_another_may_follow(pair):
    anna, minji = pair
    twinning = propose(anna, minji)
    twinnings.decline_twinning(twinning, actor=minji.user, words="Not this year.")
    assert twinning.changes.get().reason == "Not this year."
    with pytest.raises(TransitionError):
        twinnings.confirm_twinning(twinning, actor=minji.user)
    assert propose(anna, minji).state == TwinningState.PROPOSED


def test_only_the_two_sides_go_together_and_once(pair, omar):
    anna, minji = pair
    with pytest.raises(RefusedError) as refused:
        propose(anna, omar)
    assert [blocker.code for blocker in refused.value.blockers] == ["own_side"]
    propose(anna, minji)
    with pytest.raises(RefusedError) as refused:
        propose(minji, anna)
    assert [blocker.code for blocker in refused.value.blockers] == ["already_live"]


def test_the_database_keeps_a_pair_single_when_both_looked_first(pair, monkeypatch):
    anna, minji = pair
    monkeypatch.setattr(twinnings, "proposal_blockers", lambda *sides: [])
    propose(anna, minji)
    with pytest.raises(RefusedError):
        propose(minji, anna)
    assert Twinning.objects.live().count() == 1


def test_a_withdrawn_proposal_cannot_be_confirmed(pair):
    anna, minji = pair
    twinning = propose(anna, minji)
    seen_by_minji = Twinning.objects.get(pk=twinning.pk)
    twinnings.withdraw_twinning(twinning, actor=anna.user)
    with pytest.raises(TransitionError):
        twinnings.confirm_twinning(seen_by_minji, actor=minji.user)
    assert not TwinningConfirmation.objects.filter(organisation=minji.organisation).exists()


def ending(pair, days=10):
    anna, minji = pair
    return ActiveTwinningFactory(
        proposer=anna.organisation, partner=minji.organisation,
        valid_until=timezone.now() + timedelta(days=days),
    )  # fmt: skip


def test_both_renew_and_the_year_follows_on_the_last(pair):
    anna, minji = pair
    twinning = ending(pair)
    end = twinning.valid_until
    twinnings.renew_twinning(twinning, actor=anna.user, side=anna.organisation)
    twinning.refresh_from_db()
    assert twinning.valid_until == end
    with pytest.raises(RefusedError):
        twinnings.renew_twinning(twinning, actor=anna.user, side=anna.organisation)
    twinnings.renew_twinning(twinning, actor=minji.user, side=minji.organisation)
    twinning.refresh_from_db()
    assert twinning.valid_until == end + timedelta(days=365)
    with pytest.raises(RefusedError) as refused:
        twinnings.renew_twinning(twinning, actor=anna.user, side=anna.organisation)
    assert [blocker.code for blocker in refused.value.blockers] == ["not_yet"]


def test_a_side_confirms_a_term_once():
    twinning = ActiveTwinningFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        twinning.confirmations.create(organisation=twinning.proposer, term=0)


def test_what_nobody_renews_lapses_quietly_and_can_be_taken_up_again(pair):
    anna, minji = pair
    twinning = ending(pair, days=-1)
    assert twinnings.look_after_twinnings() == 1
    assert twinnings.look_after_twinnings() == 0
    twinning.refresh_from_db()
    assert twinning.state == TwinningState.LAPSED
    assert len(titles(anna)) == len(titles(minji)) == 1
    for person in pair:
        twinnings.renew_twinning(twinning, actor=person.user, side=person.organisation)
    twinning.refresh_from_db()
    assert twinning.state == TwinningState.ACTIVE
    assert twinning.valid_until > timezone.now() + timedelta(days=360)


def test_a_lapsed_one_does_not_come_back_beside_a_new_one(pair):
    anna, minji = pair
    old = ending(pair, days=-1)
    twinnings.look_after_twinnings()
    propose(anna, minji)
    twinnings.renew_twinning(old, actor=anna.user, side=anna.organisation)
    with pytest.raises(TransitionError):
        twinnings.renew_twinning(old, actor=minji.user, side=minji.organisation)
    assert not old.confirmations.filter(organisation=minji.organisation, term=1).exists()


def test_reminders_go_once_to_the_side_that_has_not_confirmed(pair):
    anna, minji = pair
    twinning = ending(pair, days=50)
    twinnings.renew_twinning(twinning, actor=anna.user, side=anna.organisation)
    before = len(titles(minji))
    for _again in range(2):
        twinnings.look_after_twinnings()
    assert len(titles(minji)) == before + 1
    assert titles(anna) == []
    Twinning.objects.update(valid_until=timezone.now() + timedelta(days=9))
    twinnings.look_after_twinnings()
    assert len(titles(minji)) == before + 2


def test_a_proposal_that_nobody_answers_lapses():
    twinning = TwinningFactory(created_at=timezone.now() - timedelta(days=91))
    assert twinnings.look_after_twinnings() == 1
    twinning.refresh_from_db()
    assert (twinning.state, twinning.valid_until) == (TwinningState.LAPSED, None)
    assert not twinning.is_renewable


def test_either_side_ends_it_and_the_other_is_told(pair):
    anna, minji = pair
    twinning = ending(pair, days=200)
    twinnings.end_twinning(twinning, actor=minji.user, side=minji.organisation, words="Thanks.")
    assert titles(minji) == []
    assert titles(anna) == [f"The twinning with {minji.organisation.name_en} was ended"]
    with pytest.raises(TransitionError):
        twinnings.record_activity(
            twinning, actor=anna.user, side=anna.organisation, columns=activity()
        )


def activity():
    return {"kind": "visit", "title_en": "A visit", "takes_place_on": timezone.localdate()}


def test_activities_are_recorded_and_taken_back(pair):
    anna, minji = pair
    twinning = ending(pair)
    recorded = twinnings.record_activity(
        twinning, actor=anna.user, side=anna.organisation, columns=activity()
    )
    assert len(titles(minji)) == 1
    twinnings.remove_activity(recorded, actor=minji.user)
    assert not twinning.activities.exists()


def test_colleagues_are_told_that_they_are_contact_points_and_step_back(pair):
    anna, _minji = pair
    colleague = ProfileFactory(organisation=anna.organisation)
    twinning = propose(*pair, contacts=[colleague, anna])
    assert len(titles(colleague)) == 1
    assert twinnings.leave_contacts(twinning, actor=colleague.user)
    assert [point.profile for point in twinning.contacts.all()] == [anna]


# --- Who speaks for an organisation ------------------------------------------------------------


@pytest.fixture
def lena():
    """Somebody with a confirmed address at her university."""
    person = ProfileFactory(organisation=OrganisationFactory(domains=["example-uni.be"]))
    EmailAddress.objects.create(user=person.user, email="lena@cs.example-uni.be", verified=True)
    return person


def codes(person, organisation=None):
    found = organisation_pages.role_blockers(person.user, organisation or person.organisation)
    return [blocker.code for blocker in found]


def test_the_first_representative_shows_an_address_and_names_the_next(lena):
    colleague = ProfileFactory(organisation=lena.organisation)
    assert codes(colleague) == ["unproven"]
    organisation_pages.become_representative(lena.organisation, actor=lena.user)
    assert represents(lena.user, lena.organisation)
    assert codes(colleague) == ["taken"]
    organisation_pages.name_representative(lena.organisation, colleague, actor=lena.user)
    assert representatives(lena.organisation).count() == 2
    assert titles(colleague) == [f"You represent {lena.organisation} on KONNECT now"]
    assert organisation_pages.step_down(lena.organisation, actor=lena.user)
    assert not represents(lena.user, lena.organisation)


def test_nobody_speaks_for_somebody_elses_organisation(lena, minji):
    assert codes(lena, minji.organisation) == ["not_there"]
    assert codes(minji) == ["no_domain"]
    with pytest.raises(RefusedError):
        organisation_pages.name_representative(lena.organisation, minji, actor=lena.user)


def test_an_unconfirmed_address_or_a_lookalike_domain_proves_nothing(lena):
    own = EmailAddress.objects.filter(user=lena.user, email__endswith="@cs.example-uni.be")
    assert own.update(verified=False) == 1
    assert codes(lena) == ["unproven"]
    own.update(verified=True, email="lena@not-example-uni.be")
    assert codes(lena) == ["unproven"]


# --- At the same moment ------------------------------------------------------------------------


def at_once(*acts):
    """Do things in as many connections at the same moment; return what they raised."""
    barrier, raised = threading.Barrier(len(acts)), []

    def run(act):
        try:
            barrier.wait(PATIENCE)
            act()
        except (RefusedError, TransitionError, IntegrityError) as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return raised


@pytest.mark.django_db(transaction=True)
def test_two_sides_that_renew_at_once_begin_the_year(pair):
    anna, minji = pair
    for _round in range(5):
        twinning = ending(pair)
        end = twinning.valid_until
        raised = at_once(
            lambda: twinnings.renew_twinning(twinning, actor=anna.user, side=anna.organisation),  # noqa: B023 - called in the round
            lambda: twinnings.renew_twinning(twinning, actor=minji.user, side=minji.organisation),  # noqa: B023 - called in the round
        )
        twinning.refresh_from_db()
        assert raised == []
        assert twinning.valid_until == end + timedelta(days=365)
        Twinning.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_two_representatives_who_renew_at_once_count_once(pair):
    anna, _minji = pair
    twinning = ending(pair)
    act = lambda: twinnings.renew_twinning(twinning, actor=anna.user, side=anna.organisation)  # noqa: E731 - twice
    assert len(at_once(act, act)) == 1
    assert twinning.confirmations.filter(term=1).count() == 1


@pytest.mark.django_db(transaction=True)
def test_proposals_that_cross_become_one(pair):
    anna, minji = pair
    assert len(at_once(lambda: propose(anna, minji), lambda: propose(minji, anna))) == 1
    assert Twinning.objects.live().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_would_be_first_become_one(lena):
    other = KoreanProfileFactory(organisation=lena.organisation)
    EmailAddress.objects.create(user=other.user, email="other@example-uni.be", verified=True)
    acts = [
        lambda person=person: organisation_pages.become_representative(
            lena.organisation, actor=person.user
        )
        for person in (lena, other)
    ]
    assert len(at_once(*acts)) == 1
    assert representatives(lena.organisation).count() == 1
