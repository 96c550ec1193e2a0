"""Signing a consensus report on its page."""

import pytest
from django.urls import reverse

from funding.models import Consensus
from funding.services.consensuses import Agreed, ask_for_signatures, save_consensus
from tests.funding.review_stage import LONG, application_in, expert_in, reviewed, reviewing_call

pytestmark = pytest.mark.django_db


def test_a_signature_without_a_stance_keeps_the_other_opinion(client_of):
    call = reviewing_call(reviews_wanted=1)
    application, expert = application_in(call), expert_in(call)
    reviewed(application, expert, is_rapporteur=True)
    writer = expert.person.user
    report = save_consensus(
        Consensus.objects.get(), actor=writer, text=LONG, number=0,
        scores={each.pk: Agreed(4, "") for each in call.criteria.all()},
    )  # fmt: skip
    ask_for_signatures(report, actor=writer)

    signing = reverse("funding:consensus_sign", args=[application.pk])
    answer = client_of(writer).post(signing, {"minority": "The risk is underrated"})

    page = answer.content.decode()
    assert "The risk is underrated" in page
    assert "This field is required." in page
