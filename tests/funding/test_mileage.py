"""Points for reviewers, and certificates that can be looked up."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from funding.models import Call, Review
from funding.services.mileage import Mileage, certificate_address, mileage_of
from tests.funding.review_stage import (
    application_in,
    drafting,
    expert_in,
    reviewed,
    reviewing_call,
)


@pytest.fixture
def call(db):
    return reviewing_call(reviews_due_at=timezone.now() + timedelta(days=1))


@pytest.fixture
def expert(call):
    return expert_in(call)


def released(call):
    Call.objects.filter(pk=call.pk).update(state="released", released_at=timezone.now())


def test_points_are_for_reviews_in_time_and_good_ones(call, expert):
    for _each in range(2):
        reviewed(application_in(call), expert)
    drafting(application_in(call), expert)
    late, good = Review.objects.filter(is_submitted=True)
    Review.objects.filter(pk=late.pk).update(submitted_at=timezone.now() + timedelta(days=2))
    Review.objects.filter(pk=good.pk).update(quality=5)

    assert mileage_of(expert.person.user) == Mileage(reviews=2, timely=1, points=6)


def test_nobody_has_points_for_nothing(expert, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert mileage_of(expert.person.user) == Mileage(0, 0, 0)


def test_the_certificate_comes_with_the_decisions(call, expert, client_of):
    reviewed(application_in(call), expert)
    client = client_of(expert.person.user)
    address = reverse("funding:review_certificate", args=[call.pk])
    assert client.get(address).status_code == 404

    released(call)

    assert client.get(address).content.startswith(b"%PDF")
    assert address in client.get(reverse("funding:review_list")).content.decode()
    assert client_of(expert_in(call).person.user).get(address).status_code == 404


def test_a_certificate_is_looked_up_by_everybody_and_nobody_makes_one_up(call, expert, client):
    reviewed(application_in(call), expert)
    address = urlsplit(certificate_address(call, expert)).path
    assert client.get(address).status_code == 404

    released(call)

    assert str(expert.person) in client.get(address).content.decode()
    assert client.get(address.replace(":", "9:", 1)).status_code == 404
