"""Writing profiles, without pages."""

from threading import Barrier, Thread

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, connection, transaction

from konnect.states import TransitionError
from matching.completeness import missing, percentage
from matching.models import Organisation, Profile
from matching.services.profiles import (
    EditConflict,
    adopt_verified_orcid,
    ensure_profile,
    hide_profile,
    save_profile,
    shown_profiles,
    version_of,
)
from tests.factories.accounts import UserFactory
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    KoreanOrganisationFactory,
    OrganisationFactory,
    ProfileFactory,
)
from tests.processes import PATIENCE

ORCID = "0000-0002-1825-0097"


def test_first_visit_makes_one_draft(db):
    user = UserFactory()

    first, second = ensure_profile(user), ensure_profile(user)

    assert (first.pk, first.state, first.contact_email) == (second.pk, "draft", user.email)


def test_side_and_country_follow_from_the_organisation(anna):
    save_profile(anna, actor=anna.user, columns={"organisation": KoreanOrganisationFactory()})

    anna.refresh_from_db()
    assert (anna.side, anna.country_code) == ("korea", "KR")


def test_side_follows_from_the_country_without_organisation(anna):
    columns = {"organisation": None, "country_code": "KR"}

    save_profile(anna, actor=anna.user, columns=columns)

    assert Profile.objects.get().side == "korea"


def test_saving_makes_suggestions_stale(anna):
    before = anna.matching_changed_at

    save_profile(anna, actor=anna.user, columns={"keywords": ["graphene"]})

    anna.refresh_from_db()
    assert anna.matching_changed_at > before


def test_old_version_is_refused(anna):
    old = version_of(anna)
    save_profile(anna, actor=anna.user, columns={"position": "Professor"}, version=old)

    with pytest.raises(EditConflict):
        save_profile(anna, actor=anna.user, columns={"position": "Dean"}, version=old)

    assert Profile.objects.get().position == "Professor"


def saved_at_once(profile, version):
    """Save from two connections at the same moment; return how each ended."""
    barrier, ends = Barrier(2), []

    def save(position):
        copy = Profile.objects.get(pk=profile.pk)
        barrier.wait(PATIENCE)
        try:
            save_profile(copy, actor=None, columns={"position": position}, version=version)
            ends.append("saved")
        except EditConflict:
            ends.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=save, args=(name,)) for name in ("Professor", "Dean")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return sorted(ends)


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_the_same_moment_save_once():
    profile = ProfileFactory()

    assert saved_at_once(profile, version_of(profile)) == ["refused", "saved"]


@pytest.mark.django_db(transaction=True)
def test_without_the_version_the_second_window_would_overwrite():
    profile = ProfileFactory()

    assert saved_at_once(profile, None) == ["saved", "saved"]


def test_hiding_twice_is_refused(anna):
    hide_profile(anna, actor=anna.user)

    with pytest.raises(TransitionError):
        hide_profile(anna, actor=anna.user)


def test_list_shows_contacts_more_by_one_query(anna, minji, django_assert_num_queries):
    Profile.objects.update(contact_email="x@example.org")
    other = ProfileFactory(contact_email="x@example.org")
    AcceptedContactRequestFactory(sender=anna, recipient=minji)
    people = list(Profile.objects.filter(pk__in=(minji.pk, other.pk)).with_card().order_by("pk"))

    with django_assert_num_queries(1):
        shown = shown_profiles(people, anna.user)

    assert [person.contact_email for person in shown] == ["x@example.org", ""]


def test_block_ends_what_contacts_see(anna, minji):
    Profile.objects.update(contact_email="x@example.org")
    AcceptedContactRequestFactory(sender=anna, recipient=minji)
    minji.blocks_made.create(blocked=anna)

    shown = shown_profiles(Profile.objects.filter(pk=minji.pk).with_card(), anna.user)

    assert [person.contact_email for person in shown] == [""]


def test_empty_profile_names_what_is_needed_first(db):
    lacking = missing(ensure_profile(UserFactory()))

    assert [lack.code for lack in lacking if lack.is_required] == [
        "name",
        "place",
        "area",
        "texts",
    ]
    assert percentage(ensure_profile(UserFactory())) == 0


def test_orcid_of_sign_in_is_verified_once(anna, omar):
    SocialAccount.objects.create(user=anna.user, provider="orcid", uid=ORCID)

    adopt_verified_orcid(anna)
    adopt_verified_orcid(omar)

    assert (anna.orcid, anna.orcid_verified_at is not None, omar.orcid) == (ORCID, True, "")


@pytest.mark.parametrize(
    "columns",
    (
        {"orcid": "0000"},
        {"side": "moon"},
        {"display_name": ""},
        {"published_at": None},
    ),
)
def test_database_refuses_impossible_profiles(anna, columns):
    with pytest.raises(IntegrityError), transaction.atomic():
        Profile.objects.filter(pk=anna.pk).update(**columns)


def test_verified_orcid_belongs_to_one_person(anna, omar):
    adopted = {"orcid": ORCID, "orcid_verified_at": anna.confirmed_at}
    Profile.objects.filter(pk=anna.pk).update(**adopted)

    with pytest.raises(IntegrityError), transaction.atomic():
        Profile.objects.filter(pk=omar.pk).update(**adopted)


def test_database_refuses_impossible_organisations(db):
    body = OrganisationFactory()

    for columns in ({"ror_id": "123"}, {"side": "moon"}, {"successor": body}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Organisation.objects.filter(pk=body.pk).update(**columns)
