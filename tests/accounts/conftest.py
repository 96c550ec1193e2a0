"""What the tests of accounts share."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def fresh_limits(request):
    """Rate limits live in the database's cache table, which no flush empties."""
    if {"db", "transactional_db"} & set(request.fixturenames):
        cache_is_reachable = request.getfixturevalue
        cache_is_reachable(
            "transactional_db" if "transactional_db" in request.fixturenames else "db"
        )
        cache.clear()


@pytest.fixture
def sign_up_data():
    """A complete sign-up form."""
    return {
        "email": "minji@example.kr",
        "password1": "correct horse battery",
        "terms": "on",
        "privacy": "on",
        "time_zone": "Asia/Seoul",
    }
