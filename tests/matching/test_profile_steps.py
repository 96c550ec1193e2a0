"""Where the guided profile begins, what is done, and that nothing typed is lost on the way."""

import re

import pytest
from django.urls import reverse

from matching.models import Profile
from tests.factories.accounts import UserFactory
from tests.matching.test_profile_pages import STEPS, edit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("step", STEPS)
def test_leaving_a_step_asks_about_what_is_not_saved(client_of, step):
    page = client_of(UserFactory()).get(edit(step)).content.decode()

    assert page.count('<form method="post" novalidate class="stack" data-guard>') == 1


def test_a_newcomer_begins_with_the_first_step_that_is_empty(client_of):
    client = client_of(UserFactory())

    assert first_step(client) == edit("name")
    Profile.objects.update(display_name="Kim")
    assert first_step(client) == edit("name")
    Profile.objects.update(country_code="KR")
    assert first_step(client) == edit("research")


def test_only_steps_with_something_in_them_are_ticked(client_of):
    client = client_of(UserFactory())

    assert ticked(client) == []
    Profile.objects.update(display_name="Kim")
    assert ticked(client) == []
    Profile.objects.update(country_code="KR", roles=["partner"])
    assert ticked(client) == [edit("name"), edit("cooperation")]


def first_step(client):
    """The address that the dashboard's first button opens."""
    step = client.get(reverse("matching:dashboard")).context["steps"][0]
    return reverse(step.url_name, args=[step.argument])


def ticked(client):
    """The addresses of the steps that bear a tick on the last page."""
    page = client.get(edit("visibility")).content.decode()
    return re.findall(r'<li class="done"><a href="([^"]+)">', page)
