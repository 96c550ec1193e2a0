"""An officer takes a reviewer off an application before the review is in."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from funding.models import LedgerEntry, Score
from funding.refusing import RefusedError
from funding.services.review_steps import name_rapporteurs
from funding.services.reviewing import end_review, save_review, submit_review
from konnect.accounts.models import Notification
from konnect.states import TransitionError
from tests.factories.funding import officer_of
from tests.funding.review_stage import (
    application_in,
    asked,
    drafting,
    expert_in,
    fresh,
    reviewed,
    reviewing_call,
    typed,
)
from tests.together import together


@pytest.fixture
def call(db):
    return reviewing_call()


@pytest.fixture
def application(call):
    return application_in(call)


def end(row, reason="Nobody answers."):
    end_review(row, actor=officer_of(row.application.call), reason=reason)


def test_whoever_is_taken_off_is_told_and_the_report_finds_another_hand(call, application):
    first, second = (asked(application, expert_in(call)) for _each in range(2))
    name_rapporteurs([application.pk])
    assert fresh(first).is_rapporteur

    end(first)

    assert fresh(first).state == "recused"
    assert fresh(second).is_rapporteur
    assert Notification.objects.filter(
        user=first.reviewer.person.user, key=f"review:{first.pk}:ended"
    ).exists()
    assert LedgerEntry.objects.filter(event="recuse", object_id=first.pk).exists()


def test_what_is_in_stays(call, application):
    row = reviewed(application, expert_in(call))

    with pytest.raises(TransitionError):
        end(row)

    assert fresh(row).state == "submitted"


def test_a_reason_and_an_officer_are_needed(call, application):
    row = asked(application, expert_in(call))

    with pytest.raises(RefusedError):
        end(row, reason=" ")
    with pytest.raises(PermissionDenied):
        end_review(row, actor=expert_in(call).person.user, reason="Mine")

    assert fresh(row).state == "invited"


def test_the_page_offers_it_and_keeps_the_rest(call, application, client_of):
    row, other = asked(application, expert_in(call)), asked(application, expert_in(call))
    client = client_of(officer_of(call))
    page = reverse("funding:assignment_detail", args=[call.pk])
    address = reverse("funding:assignment_end", args=[call.pk, row.pk])
    assert f'action="{address}"' in client.get(page).content.decode()

    answer = client.post(address, {"reason": "Nobody answers."}, follow=True).content.decode()

    assert "not needed any more" in answer
    assert f'action="{address}"' not in answer
    assert (fresh(row).state, fresh(other).state) == ("recused", "invited")
    elsewhere = reverse("funding:assignment_end", args=[reviewing_call().pk, other.pk])
    assert client.post(elsewhere, {"reason": "x"}).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_handed_in_or_taken_off_never_both(attempt):
    call = reviewing_call()
    row = drafting(application_in(call), expert_in(call))
    user, officer = row.reviewer.person.user, officer_of(call)
    save_review(row, typed(call), actor=user, number=0)

    def tried(step):
        try:
            step()
        except TransitionError:
            return False
        return True

    done = together(
        lambda: tried(lambda: submit_review(fresh(row), actor=user)),
        lambda: tried(lambda: end_review(fresh(row), actor=officer, reason="Late")),
    )

    assert sorted(done) == [False, True]
    assert Score.objects.exists() is (fresh(row).state == "submitted")
