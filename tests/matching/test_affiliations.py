"""What speaks for an affiliation: each proof is shown as what it is."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone

from matching.models import ProfileState, Vouch
from matching.permissions.contacts import RefusedError
from matching.services.affiliations import (
    VOUCHES_GIVEN,
    affiliation_for,
    domain_of,
    take_back_vouch,
    vouch_for,
)
from matching.services.profiles import save_profile
from tests.factories.matching import OrganisationFactory, ProfileFactory


@pytest.fixture
def university(db):
    return OrganisationFactory(name="Hanbit University", domains=["hanbit.ac.kr"])


@pytest.fixture
def member(university):
    """Somebody who says that they work there."""
    return ProfileFactory(organisation=university, display_name="Mia Member")


@pytest.fixture
def colleague(university):
    """Somebody who has shown that they work there."""
    person = ProfileFactory(organisation=university, display_name="Carl Colleague")
    confirm(person, "carl@chem.hanbit.ac.kr")
    return person


def confirm(person, email, *, verified=True):
    EmailAddress.objects.create(user=person.user, email=email, verified=verified)


def kinds(profile, reader=None):
    found = affiliation_for(profile, reader.user if reader else AnonymousUser())
    return [proof.kind for proof in found.proofs]


def refusal(call):
    with pytest.raises(RefusedError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize(
    ("address", "domain"),
    (
        ("a@hanbit.ac.kr", "hanbit.ac.kr"),
        ("a@CHEM.Hanbit.ac.kr", "hanbit.ac.kr"),
        ("a@nothanbit.ac.kr", ""),
        ("a@hanbit.ac.kr.example", ""),
        ("a@ac.kr", ""),
        ('"@hanbit.ac.kr"@evil.example', ""),
    ),
)
def test_address_proves_its_domain_and_those_above(address, domain):
    assert domain_of([address], ["kr", "hanbit.ac.kr"]) == domain


def test_only_a_confirmed_address_counts(member):
    confirm(member, "mia@hanbit.ac.kr", verified=False)
    assert kinds(member) == []

    EmailAddress.objects.update(verified=True)

    assert kinds(member) == ["email"]


def test_page_shows_the_domain_and_never_the_address(member, client_of, omar):
    confirm(member, "mia.secret@hanbit.ac.kr")

    page = client_of(omar).get(member_page(member)).content.decode()

    assert "e-mail address at hanbit.ac.kr" in page
    assert "mia.secret" not in page


def member_page(member):
    return reverse("matching:profile_detail", args=[member.pk])


def test_signing_in_with_orcid_is_shown_as_what_it_is(member, client_of, omar):
    member.orcid, member.orcid_verified_at = "0000-0002-1825-0097", timezone.now()
    member.save()

    assert (
        "proves who it is, not where" in client_of(omar).get(member_page(member)).content.decode()
    )

    member.visibility = {"orcid": "private"}
    member.save()
    assert "proves who it is" not in client_of(omar).get(member_page(member)).content.decode()


def test_colleague_vouches_by_one_click_and_takes_it_back(member, colleague, client_of):
    client = client_of(colleague)
    assert "Confirm that we are colleagues" in client.get(member_page(member)).content.decode()

    client.post(reverse("matching:vouch_create", args=[member.pk]))
    shown = client.get(member_page(member)).content.decode()
    client.post(reverse("matching:vouch_delete", args=[member.pk]))

    assert "1 verified colleague of the same organisation confirms it." in shown
    assert "Carl Colleague" in shown
    assert kinds(member) == []


def test_vouching_twice_is_once(member, colleague):
    vouch_for(member, actor=colleague.user)
    vouch_for(member, actor=colleague.user)

    assert Vouch.objects.count() == 1
    assert affiliation_for(member, colleague.user).has_vouched


def test_strangers_and_the_unproven_cannot_vouch(member, colleague, omar):
    assert refusal(lambda: vouch_for(member, actor=omar.user)) == "no_colleague"
    assert refusal(lambda: vouch_for(colleague, actor=member.user)) == "unproven"
    assert refusal(lambda: vouch_for(colleague, actor=colleague.user)) == "oneself"


def test_vouch_alone_lets_nobody_vouch(member, colleague, university):
    third = ProfileFactory(organisation=university)
    vouch_for(member, actor=colleague.user)

    assert refusal(lambda: vouch_for(third, actor=member.user)) == "unproven"


@pytest.mark.parametrize("state", (ProfileState.DRAFT, ProfileState.HIDDEN))
def test_unpublished_people_neither_vouch_nor_are_vouched_for(member, colleague, state):
    type(colleague).objects.filter(pk=colleague.pk).update(state=state)

    assert refusal(lambda: vouch_for(member, actor=colleague.user)) == "no_colleague"


def test_account_without_profile_cannot_vouch(member, staff):
    assert refusal(lambda: vouch_for(member, actor=staff)) == "no_colleague"


def test_vouches_have_a_limit(member, colleague, university):
    others = ProfileFactory.create_batch(VOUCHES_GIVEN, organisation=university)
    Vouch.objects.bulk_create(Vouch(profile=other, voucher=colleague) for other in others)

    assert refusal(lambda: vouch_for(member, actor=colleague.user)) == "too_many"


@pytest.mark.parametrize("who", ("member", "colleague"))
def test_change_of_organisation_ends_vouches(member, colleague, who):
    vouch_for(member, actor=colleague.user)
    moving = {"member": member, "colleague": colleague}[who]

    save_profile(moving, actor=moving.user, columns={"organisation": OrganisationFactory()})

    assert Vouch.objects.count() == 0


def test_saving_the_same_organisation_keeps_vouches(member, colleague):
    vouch_for(member, actor=colleague.user)

    save_profile(member, actor=member.user, columns={"organisation": member.organisation})
    save_profile(member, actor=member.user, columns={"unit": "Chemistry"})

    assert Vouch.objects.count() == 1


def test_hidden_colleague_counts_no_longer(member, colleague):
    vouch_for(member, actor=colleague.user)
    type(colleague).objects.filter(pk=colleague.pk).update(state=ProfileState.HIDDEN)

    assert kinds(member) == []


def test_reader_sees_no_name_that_they_may_not_see(member, colleague, omar):
    vouch_for(member, actor=colleague.user)
    colleague.blocks_made.create(blocked=omar)

    (proof,) = affiliation_for(member, omar.user).proofs

    assert (proof.kind, proof.vouchers) == ("vouch", ())
    assert affiliation_for(member, AnonymousUser()).proofs[0].vouchers == ()


def test_vouching_for_somebody_invisible_is_a_404(member, colleague, client_of):
    member.blocks_made.create(blocked=colleague)
    client = client_of(colleague)

    for verb in ("create", "delete"):
        assert client.post(reverse(f"matching:vouch_{verb}", args=[member.pk])).status_code == 404


def test_taking_back_what_was_never_given_does_nothing(member, colleague):
    take_back_vouch(member, actor=colleague.user)

    assert Vouch.objects.count() == 0


@pytest.mark.parametrize("count", (1, 3, 6))
def test_proofs_take_the_same_number_of_queries(
    member, university, omar, django_assert_num_queries, count
):
    confirm(member, "mia@hanbit.ac.kr")
    for number in range(count):
        person = ProfileFactory(organisation=university)
        confirm(person, f"p{number}@hanbit.ac.kr")
        vouch_for(member, actor=person.user)

    with django_assert_num_queries(4):
        assert len(affiliation_for(member, omar.user).proofs) == 2
