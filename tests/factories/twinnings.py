"""Twinnings for tests."""

from datetime import timedelta

import factory
from django.utils import timezone

from konnect.accounts.models import Role, Scope
from konnect.accounts.services.roles import grant_role
from matching.models import Twinning, TwinningState
from tests.factories.matching import KoreanOrganisationFactory, OrganisationFactory


class TwinningFactory(factory.django.DjangoModelFactory):
    """A proposal of a European organisation."""

    class Meta:
        model = Twinning

    proposer = factory.SubFactory(OrganisationFactory)
    partner = factory.SubFactory(KoreanOrganisationFactory)
    aims_en = "Exchange two doctoral students each year."
    starts_on = factory.LazyFunction(timezone.localdate)


class ActiveTwinningFactory(TwinningFactory):
    """One that both have confirmed, far from its end."""

    class Meta:
        model = Twinning
        skip_postgeneration_save = True

    state = TwinningState.ACTIVE
    valid_until = factory.LazyFunction(lambda: timezone.now() + timedelta(days=300))

    @factory.post_generation
    def confirmations(self, create, extracted, **kwargs):
        for side in (self.proposer, self.partner):
            self.confirmations.create(organisation=side)


def make_representative(profile, organisation=None):
    """Let somebody speak for an organisation: their own one."""
    organisation = organisation or profile.organisation
    grant_role(
        profile.user,
        Role.ORGANISATION_REPRESENTATIVE,
        actor=None,
        scope=Scope.ORGANISATION,
        scope_id=organisation.pk,
    )
    return profile
