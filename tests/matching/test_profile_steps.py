"""Where the guided profile begins, what is done, and that nothing typed is lost on the way."""

import pytest

from tests.factories.accounts import UserFactory
from tests.matching.test_profile_pages import STEPS, edit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("step", STEPS)
def test_leaving_a_step_asks_about_what_is_not_saved(client_of, step):
    page = client_of(UserFactory()).get(edit(step)).content.decode()

    assert page.count('<form method="post" novalidate class="stack" data-guard>') == 1
