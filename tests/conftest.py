"""The cast and the stage of every test."""

import pytest
from django.test import Client
from django.utils import timezone, translation
from hypothesis import HealthCheck, settings

from tests.factories.accounts import UserFactory
from tests.factories.matching import KoreanProfileFactory, ProfileFactory

pytest_plugins = ["tests.processes"]

# How long an example takes tells of the machine.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def outbox(settings):
    """Django's test runner swaps the mail backend; here mail goes where it goes in earnest."""
    settings.EMAIL_BACKEND = "konnect.accounts.mail.OutboxBackend"


@pytest.fixture(autouse=True)
def language_of_the_house():
    """Begin in English and UTC, whatever the reader of the test before spoke."""
    translation.activate("en")
    timezone.deactivate()


@pytest.fixture
def minji(db):
    """A Korean researcher who reads Korean."""
    return KoreanProfileFactory(
        user__email="minji@example.kr", display_name="Kim Minji", hangul_name="김민지"
    )


@pytest.fixture
def anna(db):
    """A European researcher who reads English."""
    return ProfileFactory(user__email="anna@example.eu", display_name="Anna Schmidt")


@pytest.fixture
def omar(db):
    """Another European: a stranger to Minji and Anna."""
    return ProfileFactory(user__email="omar@example.eu", display_name="Omar Haddad")


@pytest.fixture
def staff(db):
    """An administrator."""
    return UserFactory(email="staff@example.org", is_staff=True, is_superuser=True)


@pytest.fixture
def client_of():
    """Return a function that makes a signed-in client of a profile or user."""

    def sign_in(person) -> Client:
        client = Client()
        client.force_login(getattr(person, "user", person))
        return client

    return sign_in
