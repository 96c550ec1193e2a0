"""People who are asked to take part in an application: by mail, inside the portal, or not at all."""

import re

import pytest
from django.urls import reverse

from funding.models import Application, Participant
from funding.services.participants import invite
from konnect.accounts.models import OutgoingEmail, User
from tests.factories.funding import approved_call
from tests.factories.matching import OrganisationFactory
from tests.funding.application_stage import draft_without_confirmation
from tests.funding.read_pages import text_of, url

pytestmark = pytest.mark.django_db


def test_a_partner_invited_by_mail_comes_in_and_confirms(client_of, anna, minji):
    call = approved_call()
    body = OrganisationFactory(
        name="Institute of Light in Daejeon", side="korea", country_code="KR"
    )
    client_of(anna).post(url("application_create", call.pk))
    application = Application.objects.get()
    client_of(anna).post(url("application_people", application.pk), {
        "role": "partner", "name": "Kim Minji", "email": "someone@example.kr",
        "organisation_query": str(body), "organisation": body.pk,
    })  # fmt: skip
    mail = OutgoingEmail.objects.get(to="someone@example.kr")
    path = re.search(r"/applications/join/[0-9a-f-]+/", mail.text)[0]
    client = client_of(minji)

    assert "Anna Schmidt" in text_of(client.get(path))
    page = client.post(path, follow=True)
    sha256 = re.search(r'name="sha256" value="([0-9a-f]{64})"', text_of(page))[1]
    client.post(url("application_confirm", application.pk), {"sha256": sha256})

    partner = Participant.objects.get(role="partner")
    assert (partner.state, partner.confirmed_hash) == ("confirmed", sha256)
    assert (partner.person.user, partner.organisation) == (minji.user, body)


def test_a_stranger_is_asked_in_both_languages():
    application, _partner = draft_without_confirmation()

    asked_as_host(application, "someone@example.kr")

    mail = OutgoingEmail.objects.get(to="someone@example.kr")
    for part in (mail.text, mail.html):
        assert "Dear Park," in part
        assert "Look at your place" in part
        assert "Park 님께" in part
        assert part.count("/applications/join/") == 2
    assert " / " in mail.subject


def asked_as_host(application, email):
    """Let the lead name a host by an address."""
    return invite(
        application, role="host", email=email, actor=application.lead.user,
        columns={"name": "Park", "region": "korea"},
    )  # fmt: skip


def test_a_member_asked_by_their_address_hears_it_inside_the_portal(client_of, minji):
    application, _partner = draft_without_confirmation()
    minji.user.emailaddress_set.create(email="Minji@lab.example", verified=True, primary=False)
    User.objects.filter(pk=minji.user_id).update(language="ko")

    seat = asked_as_host(application, "minji@LAB.example")

    path = url("application_join", seat.token)
    assert minji.user.notifications.get(address=path).title_ko
    mail = OutgoingEmail.objects.get(to=minji.user.email)
    assert "Dear" not in mail.text
    assert seat.person is None
    client = client_of(minji)
    for page in (url("my_work"), url("application_list"), reverse("matching:dashboard")):
        assert path in text_of(client.get(page)), page


def test_an_address_that_nobody_has_proven_is_a_strangers(minji, client_of):
    application, _partner = draft_without_confirmation()
    minji.user.emailaddress_set.create(email="else@lab.example", verified=False)

    seat = asked_as_host(application, "else@lab.example")

    assert not minji.user.notifications.exists()
    assert OutgoingEmail.objects.filter(to="else@lab.example").exists()
    assert str(seat.token) not in text_of(client_of(minji).get(url("application_list")))
