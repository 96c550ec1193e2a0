"""Roles: who may give, who has, and what the database refuses."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.urls import reverse

from konnect.accounts.models import Role, RoleGrant, Scope, User
from konnect.accounts.permissions import has_role, is_administrator
from konnect.accounts.services import grant_role, revoke_role

ONE = {"scope": Scope.PROGRAMME, "scope_id": 1}
TWO = {"scope": Scope.PROGRAMME, "scope_id": 2}


def test_role_of_one_programme_is_no_role_of_another(anna, staff):
    grant_role(anna.user, Role.PROGRAMME_OFFICER, actor=staff, **ONE)

    assert has_role(anna.user, Role.PROGRAMME_OFFICER, **ONE)
    assert not has_role(anna.user, Role.PROGRAMME_OFFICER, **TWO)
    assert not has_role(anna.user, Role.PROGRAMME_OFFICER)
    assert not has_role(anna.user, Role.REVIEWER, **ONE)


def test_role_of_the_portal_covers_each_programme(anna, staff):
    grant_role(anna.user, Role.PROGRAMME_OFFICER, actor=staff)

    assert has_role(anna.user, Role.PROGRAMME_OFFICER, **ONE)


def test_role_twice_is_one_grant_of_its_first_giver(anna, omar, staff):
    grant_role(anna.user, Role.REVIEWER, actor=staff)
    grant_role(anna.user, Role.REVIEWER, actor=omar.user)

    assert RoleGrant.objects.get().granted_by == staff


def test_revoked_role_is_gone_at_once(anna, staff):
    grant_role(anna.user, Role.REVIEWER, actor=staff)

    assert revoke_role(anna.user, Role.REVIEWER, actor=staff)
    assert not has_role(anna.user, Role.REVIEWER)
    assert not revoke_role(anna.user, Role.REVIEWER, actor=staff)


def test_strangers_and_closed_accounts_have_no_role(anna, staff):
    grant_role(anna.user, Role.REVIEWER, actor=staff)
    anna.user.is_active = False

    assert not has_role(anna.user, Role.REVIEWER)
    assert not has_role(AnonymousUser(), Role.REVIEWER)


def test_administrator_by_role_or_by_flag(anna, omar, staff):
    grant_role(anna.user, Role.ADMINISTRATOR, actor=staff)

    people = (anna.user, staff, omar.user, AnonymousUser())
    assert [is_administrator(person) for person in people] == [True, True, False, False]


@pytest.mark.parametrize(
    ("role", "scope", "scope_id"),
    (
        (Role.REVIEWER, Scope.PORTAL, 1),
        (Role.REVIEWER, Scope.PROGRAMME, None),
        (Role.ORGANISATION_REPRESENTATIVE, Scope.PORTAL, None),
        (Role.ORGANISATION_REPRESENTATIVE, Scope.EVENT, 1),
    ),
)
def test_database_refuses_impossible_grant(anna, role, scope, scope_id):
    with pytest.raises(IntegrityError), transaction.atomic():
        grant_role(anna.user, role, actor=None, scope=scope, scope_id=scope_id)


def test_database_refuses_the_same_grant_twice(anna):
    RoleGrant.objects.create(user=anna.user, role=Role.REVIEWER)

    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(user=anna.user, role=Role.REVIEWER)


def test_address_in_other_case_is_the_same_account(anna):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="ANNA@example.eu")


def test_administration_asks_strangers_to_sign_in(client, db):
    response = client.get(reverse("admin:index"), follow=False)
    response = client.get(response.url)

    assert response.url.startswith(reverse("account_login"))


def test_administration_does_not_exist_for_members(client_of, anna):
    response = client_of(anna).get(reverse("admin:index"), follow=True)

    assert response.status_code == 404


@pytest.mark.parametrize("model", ("user", "rolegrant", "consent", "outgoingemail"))
def test_staff_sees_accounts(client_of, staff, model):
    response = client_of(staff).get(reverse(f"admin:accounts_{model}_changelist"))

    assert response.status_code == 200


def test_changing_roles_asks_for_the_password_again(client_of, staff):
    response = client_of(staff).get(reverse("admin:accounts_rolegrant_add"))

    assert response.url.startswith(reverse("account_reauthenticate"))


def test_staff_needs_a_second_factor_in_production(client_of, staff, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = True

    response = client_of(staff).get(reverse("admin:index"))
    response = client_of(staff).get(response.url)

    assert response.url == reverse("mfa_index")
