"""Conflicts of interest: what is found, what officers decide, and that nobody judges beside one."""

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from funding.models import (
    CallExpert,
    Conflict,
    LedgerEntry,
    ReviewAssignment,
)
from funding.refusing import RefusedError
from funding.services.conflict_facts import own_domains
from funding.services.conflicts import (
    call_it_false,
    declare_conflict,
    propose_override,
    refresh_conflicts,
    refresh_stale,
    second_override,
    take_back,
)
from matching.models import Work
from tests.factories.accounts import UserFactory
from tests.factories.funding import (
    ApplicationFactory,
    ExpertFactory,
    PersonFactory,
    approved_call,
    funder_officer_of,
    officer_of,
    submitted,
)
from tests.factories.matching import OrganisationFactory, ProfileFactory
from tests.funding.panel_stage import member_of
from tests.funding.read_pages import asks_of
from tests.together import together


@pytest.fixture
def call(db):
    return approved_call(state="reviewing")


@pytest.fixture
def application(call):
    return submitted(ApplicationFactory(call=call))


def expert_in(call, **profile):
    """Return an expert with a profile who was asked in a call."""
    person = PersonFactory(user=ProfileFactory(**profile).user)
    expert = ExpertFactory(person=person)
    CallExpert.objects.create(call=call, expert=expert, answer_by=timezone.now())
    return expert


def kinds(expert):
    rows = Conflict.objects.filter(person=expert.person)
    return {(row.kind, row.source) for row in rows}


def test_strangers_have_no_conflict(call, application):
    expert = expert_in(call)

    assert refresh_conflicts(call) == 0
    assert kinds(expert) == set()


def test_whoever_is_named_is_involved_and_nothing_else(call, application):
    expert = expert_in(call)
    application.participants.filter(role="partner").update(person=expert.person)

    refresh_conflicts(call)

    assert kinds(expert) == {("involved", "team")}
    assert Conflict.objects.get().is_hard


def test_an_address_that_was_never_verified_counts(call, application):
    expert = expert_in(call)
    EmailAddress.objects.create(
        user=expert.person.user, email="Second@lab.example", verified=False
    )
    application.participants.filter(role="partner").update(person=None, email="second@LAB.example")

    refresh_conflicts(call)

    assert ("involved", "mail") in kinds(expert)
    assert "lab.example" not in str(Conflict.objects.filter(kind="involved").values("evidence"))


def test_whoever_applies_beside_judges_nothing_of_the_call(call, application):
    expert = expert_in(call)
    other = submitted(ApplicationFactory(call=call, lead=expert.person))

    refresh_conflicts(call)

    found = Conflict.objects.get(person=expert.person, application=application)
    assert (found.kind, found.is_hard) == ("same_call", True)
    assert found.evidence == {"applications": [str(other.pk)]}


def test_the_same_department_is_hard_and_another_one_of_the_house_is_soft(call, application):
    house = OrganisationFactory()
    application.participants.filter(role="lead").update(
        organisation=house, department="Dept. of Physics"
    )
    near = expert_in(call, organisation=house, unit="Dept of physics")
    far = expert_in(call, organisation=house, unit="Chemistry")

    refresh_conflicts(call)

    assert ("department", "profile") in kinds(near)
    assert kinds(far) >= {("organisation", "profile")}
    assert not Conflict.objects.filter(person=far.person, is_hard=True).exists()


def test_the_body_above_is_the_same_house(call, application):
    above = OrganisationFactory(ror_id="01abcde12")
    below = OrganisationFactory(parent_ror_ids=["01abcde12"])
    stranger = OrganisationFactory(parent_ror_ids=["09zzzzz99"])
    application.participants.filter(role="lead").update(organisation=below)

    experts = [expert_in(call, organisation=body) for body in (above, stranger)]
    refresh_conflicts(call)

    assert [("organisation", "ror") in kinds(each) for each in experts] == [True, False]


def test_two_records_of_one_house_meet_in_an_alias(call, application):
    application.participants.filter(role="lead").update(
        organisation=None, organisation_unlisted="KAIST (Daejeon)"
    )
    body = OrganisationFactory(aliases=["Kaist, Daejeon"])

    expert = expert_in(call, organisation=body)
    refresh_conflicts(call)

    assert ("organisation", "names") in kinds(expert)


@pytest.mark.parametrize(
    ("place", "mail", "count"),
    (("Independent", "a@gmail.com", 0), ("무소속", "a@naver.com", 0), ("", "a@cs.ox.ac.uk", 1)),
)
def test_generic_names_and_domains_say_nothing(call, application, place, mail, count):
    application.participants.filter(role="lead").update(
        organisation=None, organisation_unlisted=place, email=mail
    )
    expert = expert_in(call, organisation=None, organisation_unlisted=place, side="europe",
                       country_code="GB")  # fmt: skip
    EmailAddress.objects.create(
        user=expert.person.user, email=mail.replace("a@", "b@").replace("cs.", "")
    )

    refresh_conflicts(call)

    assert len(kinds(expert)) == count


def test_a_domain_ends_before_what_belongs_to_nobody():
    assert list(own_domains("a@mail.snu.ac.kr")) == ["mail.snu.ac.kr", "snu.ac.kr"]
    assert list(own_domains("a@gmail.com")) == []


@pytest.mark.parametrize(("age", "is_found"), ((1, True), (9, False)))
def test_joint_works_count_for_some_years(call, application, age, is_found):
    lead = ProfileFactory(user=application.lead.user)
    expert = expert_in(call)
    for profile in (lead, expert.person.user.profile):
        Work.objects.create(profile=profile, doi="10.1000/XY", title="Cells",
                            year=timezone.now().year - age)  # fmt: skip

    refresh_conflicts(call)

    assert (("co_author", "works") in kinds(expert)) is is_found


def test_whom_the_applicants_do_not_want_is_found_in_any_order_of_names(call):
    content = {"answers": {"declarations": {"not_to_review": "Kim, Minsu Kim (Seoul); B. Other"}}}
    application = submitted(ApplicationFactory(call=call), content=content)
    expert = expert_in(call, display_name="KIM Min-su")

    refresh_conflicts(call)

    assert kinds(expert) == {("unwanted", "application")}
    assert Conflict.objects.get().application_id == application.pk


def test_whoever_runs_the_call_has_designed_it(call, application):
    expert = expert_in(call)
    type(call).objects.filter(pk=call.pk).update(created_by=expert.person.user)
    call.refresh_from_db()

    refresh_conflicts(call)

    assert kinds(expert) == {("designed_call", "call")}


def test_a_hard_conflict_ends_the_review_at_once(call, application):
    expert = expert_in(call)
    assignment = assigned(application, expert)
    application.participants.filter(role="partner").update(person=expert.person)

    assert refresh_conflicts(call) == 1

    assignment.refresh_from_db()
    assert assignment.state == "recused"
    entries = LedgerEntry.objects.filter(noun="reviewassignment", object_id=assignment.pk)
    assert entries.get().after["conflict"] == "involved"


def test_what_is_found_twice_is_there_once_and_a_false_one_stays_false(call, application):
    expert = expert_in(call)
    application.participants.filter(role="partner").update(person=expert.person)
    refresh_conflicts(call)

    call_it_false(Conflict.objects.get(), actor=officer_of(call), reason="Another Kim Minsu")
    before = Conflict.objects.get().seen_at

    assert refresh_conflicts(call) == 0
    found = Conflict.objects.get()
    assert found.verdict == "false_positive"
    assert found.seen_at > before
    assigned(application, expert)


def test_two_officers_override_a_soft_conflict_and_one_does_not(call, application):
    expert = expert_in(call)
    soft = declare_conflict(expert.person, application, kind="adviser", note="2009")
    first, second = officer_of(call), officer_of(call)

    with pytest.raises(RefusedError, match="not_proposed"):
        second_override(soft, actor=second)
    propose_override(soft, actor=first, reason="Twenty years ago")
    with pytest.raises(RefusedError, match="same_officer"):
        second_override(soft, actor=first)
    second_override(soft, actor=second)

    soft.refresh_from_db()
    assert soft.verdict == "overridden"


def test_a_hard_conflict_is_not_overridden(call, application):
    hard = declare_conflict(expert_in(call).person, application, kind="family")

    with pytest.raises(RefusedError, match="hard_conflict"):
        propose_override(hard, actor=officer_of(call), reason="Only a cousin")


def test_strangers_decide_nothing(call, application):
    soft = declare_conflict(expert_in(call).person, application, kind="adviser")

    with pytest.raises(PermissionDenied):
        call_it_false(soft, actor=UserFactory(), reason="Because")


def test_nobody_clears_what_somebody_declared_and_nobody_their_own(call, application):
    declared = declare_conflict(expert_in(call).person, application, kind="family")
    with pytest.raises(RefusedError, match="was_declared"):
        call_it_false(declared, actor=officer_of(call), reason="Another family of this name")
    officer, second = officer_of(call), officer_of(call)
    own = declare_conflict(PersonFactory(user=officer), application, kind="adviser")

    for step in (propose_override, take_back):
        with pytest.raises(RefusedError, match="own_conflict"):
            step(own, actor=officer, reason="It does not matter")
    propose_override(own, actor=second, reason="Twenty years ago")
    with pytest.raises(RefusedError, match="own_conflict"):
        second_override(own, actor=officer)


def test_officers_of_funders_decide_nothing_about_reviewers(call, application):
    soft = declare_conflict(expert_in(call).person, application, kind="adviser")

    with pytest.raises(PermissionDenied):
        propose_override(soft, actor=funder_officer_of(call), reason="Twenty years ago")


def test_a_false_one_that_stands_again_ends_the_review(call, application):
    expert, officer = expert_in(call), officer_of(call)
    application.participants.filter(role="partner").update(person=expert.person)
    refresh_conflicts(call)
    hard = Conflict.objects.get()
    call_it_false(hard, actor=officer, reason="Another one of this name")
    assignment = assigned(application, expert)

    take_back(hard, actor=officer, reason="It is the same person")

    assignment.refresh_from_db()
    assert assignment.state == "recused"


def test_an_edited_profile_is_looked_at_again(call, application):
    expert = expert_in(call)
    refresh_conflicts(call)
    assert refresh_stale() == 0
    house = application.participants.get(role="lead").organisation

    profile = expert.person.user.profile
    profile.organisation = house
    profile.save()

    assert refresh_stale() == 1
    assert kinds(expert) == {("organisation", "profile")}
    assert refresh_stale() == 0


def test_an_edited_profile_of_a_panel_member_is_looked_at_again(call, application):
    member = member_of(call, "europe")
    profile = ProfileFactory(user=member)
    assert refresh_stale() == 1
    assert refresh_stale() == 0

    profile.organisation = application.participants.get(role="lead").organisation
    profile.save()

    assert refresh_stale() == 1
    assert Conflict.objects.get(person__user=member).kind == "organisation"
    assert refresh_stale() == 0


def test_looking_costs_the_same_for_many(call):
    counts = []
    for more in (1, 1, 3):
        for _each in range(more):
            submitted(ApplicationFactory(call=call))
            expert_in(call)
        counts.append(asks_of(lambda: refresh_conflicts(call) is not None))

    assert counts[0] == counts[1] == counts[2]


def assigned(application, expert):
    return ReviewAssignment.objects.create(
        application=application, version=application.versions.get(), reviewer=expert
    )


# --- The promise of the database ------------------------------------------------------------------


def conflict_of(application, expert):
    return Conflict(
        person=expert.person, application=application, kind="family", is_hard=True, source="test"
    )


def test_no_assignment_is_written_beside_a_hard_conflict(call, application):
    expert = ExpertFactory()
    conflict_of(application, expert).save()

    assert is_refused(lambda: assigned(application, expert))


def test_no_hard_conflict_is_written_beside_an_assignment(call, application):
    expert = ExpertFactory()
    assigned(application, expert)

    assert is_refused(conflict_of(application, expert).save)


def is_refused(write):
    try:
        with transaction.atomic():
            write()
            connection.check_constraints()
    except IntegrityError as error:
        return "conflict of interest" in str(error)
    return False


def attempt(write):
    try:
        write()
    except IntegrityError:
        return False
    return True


@pytest.mark.django_db(transaction=True)
def test_of_an_assignment_and_a_conflict_at_the_same_moment_one_is_refused():
    for _round in range(5):
        assert sorted(both_at_once()) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_without_the_triggers_both_would_stand():
    names = (("assignment_without_conflict", "funding_reviewassignment"),
             ("conflict_without_assignment", "funding_conflict"))  # fmt: skip
    switch(names, "DISABLE")
    try:
        done = both_at_once()
    finally:
        switch(names, "ENABLE")
    assert done == [True, True]


def both_at_once():
    application, expert = submitted(ApplicationFactory()), ExpertFactory()
    return together(
        lambda: attempt(lambda: assigned(application, expert)),
        lambda: attempt(conflict_of(application, expert).save),
    )


def switch(names, word):
    with connection.cursor() as cursor:
        for name, table in names:
            cursor.execute(f"ALTER TABLE {table} {word} TRIGGER {name}")
