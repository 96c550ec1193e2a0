"""The pool of experts, invitations with a deadline, loads and bids."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from funding.models import Bid, CallExpert, Conflict, Expert
from funding.refusing import RefusedError
from funding.services.expert_invitations import (
    answer,
    biddable,
    end_late_invitations,
    invite_experts,
    place_bids,
)
from funding.services.experts import add_expert, candidates, pool
from konnect.accounts.models import Notification
from matching.models import Area, Work
from tests.factories.accounts import UserFactory
from tests.factories.funding import ExpertFactory, approved_call, officer_of
from tests.factories.matching import ProfileFactory
from tests.funding.read_pages import asks_for
from tests.funding.review_stage import application_in, asked, expert_in, fresh, reviewing_call

SOON = timedelta(days=10)


@pytest.fixture
def call(db):
    return reviewing_call()


@pytest.fixture
def officer(call):
    return officer_of(call)


@pytest.fixture
def invited(call):
    return CallExpert.objects.get(expert=expert_in(call, answer="invited"))


def user_of(row):
    return row.expert.person.user


def test_a_member_joins_the_pool_once_with_what_the_profile_says(officer, anna):
    for number in range(3):
        Work.objects.create(profile=anna, title=f"Work {number}")
    anna.areas.add(Area.objects.filter(version=Area.CURRENT_VERSION).first())

    first = add_expert("ANNA@example.eu", actor=officer)
    again = add_expert("anna@example.eu", actor=officer)

    assert first == again
    assert (first.side, first.is_domain_expert, first.areas.count()) == ("europe", True, 1)


@pytest.mark.parametrize(("email", "code"), (("nobody@example.org", "no_member"),))
def test_strangers_do_not_join_the_pool(officer, email, code):
    with pytest.raises(RefusedError, match=code):
        add_expert(email, actor=officer)


def test_members_do_not_look_after_the_pool(anna, call):
    with pytest.raises(PermissionDenied):
        add_expert("anna@example.eu", actor=anna.user)


def test_experts_are_found_by_name_and_house(call):
    expert = expert_in(call)
    house = expert.person.user.profile.organisation
    expert_in(call)

    assert list(pool(house.name)) == [expert]
    assert list(pool(expert.person.name)) == [expert]


def test_those_of_the_areas_of_a_call_come_first(call):
    area = Area.objects.filter(version=Area.CURRENT_VERSION).first()
    call.areas.add(area)
    ExpertFactory(person__name="Aaron")
    fitting = ExpertFactory(person__name="Zoe")
    fitting.areas.add(area)

    assert candidates(call).first() == fitting


def test_experts_are_asked_once(call, officer):
    experts = [ExpertFactory(), ExpertFactory()]
    until = timezone.now() + SOON

    assert invite_experts(call, experts, actor=officer, answer_by=until) == 2
    assert invite_experts(call, experts, actor=officer, answer_by=until) == 0
    assert Notification.objects.filter(kind="reviews").count() == 2


def test_the_deadline_lies_ahead(call, officer):
    with pytest.raises(RefusedError, match="in_the_past"):
        invite_experts(call, [ExpertFactory()], actor=officer, answer_by=timezone.now())


def test_an_expert_says_yes_with_a_load(invited):
    answer(invited, actor=user_of(invited), accepts=True, most=3)

    assert (fresh(invited).answer, fresh(invited).most) == ("accepted", 3)
    with pytest.raises(RefusedError, match="too_late"):
        answer(invited, actor=user_of(invited), accepts=False, reason="After all not")


def test_whoever_answers_too_late_is_told(invited):
    CallExpert.objects.update(answer_by=timezone.now() - timedelta(seconds=1))

    with pytest.raises(RefusedError, match="too_late"):
        answer(invited, actor=user_of(invited), accepts=True)

    assert end_late_invitations() == 1
    assert fresh(invited).answer == "expired"


def test_nobody_answers_for_another(invited):
    with pytest.raises(PermissionDenied):
        answer(invited, actor=UserFactory(), accepts=True)


def test_bids_count_only_where_no_conflict_stands(call):
    expert = expert_in(call)
    free, hidden = application_in(call), application_in(call)
    Conflict.objects.create(person=expert.person, application=hidden, kind="unwanted",
                            is_hard=False, source="application")  # fmt: skip
    row = CallExpert.objects.get(expert=expert)

    assert biddable(row) == [free]
    assert place_bids(row, {free.pk: 2, hidden.pk: 2}, actor=user_of(row)) == 1
    place_bids(row, {free.pk: -1}, actor=user_of(row))
    assert Bid.objects.get().value == -1


def test_the_database_keeps_bids_and_loads_in_order(invited):
    application = application_in(invited.call)
    with pytest.raises(IntegrityError, match="bid_within"), transaction.atomic():
        Bid.objects.create(expert=invited.expert, application=application, value=3)
    with pytest.raises(IntegrityError, match="expert_loads_in_order"), transaction.atomic():
        CallExpert.objects.update(least=4, most=3)


# --- Pages ----------------------------------------------------------------------------------------


def test_the_officer_fills_the_pool_and_asks(call, officer, anna, client_of):
    client = client_of(officer)
    client.post(reverse("funding:expert_list"), {"email": "anna@example.eu"})
    expert = Expert.objects.get()
    page = client.get(reverse("funding:expert_edit", args=[expert.pk])).content.decode()
    assert "Anna Schmidt" in page

    until = (timezone.now() + SOON).date().isoformat()
    data = {"experts": [expert.pk], "answer_by": until, "least": 0, "most": 4}
    client.post(reverse("funding:call_expert_list", args=[call.pk]), data)

    assert CallExpert.objects.get().most == 4


def test_the_expert_answers_and_bids(invited, client_of):
    application = application_in(invited.call)
    client = client_of(user_of(invited))
    data = {"answer": "yes", "most": "2", "reason": "", "suggestions": ""}

    client.post(reverse("funding:expert_answer", args=[invited.pk]), data)
    bids = reverse("funding:expert_bids", args=[invited.pk])
    assert client.get(bids).status_code == 200
    refused = client.post(bids, {f"bid_{application.pk}": "9"}).content.decode()
    assert "Error: What I would like" in refused
    assert "error-summary" in refused
    client.post(bids, {f"bid_{application.pk}": "1"})

    assert fresh(invited).most == 2
    assert Bid.objects.get().value == 1


def test_a_no_without_a_reason_is_asked_again(invited, client_of):
    page = reverse("funding:expert_answer", args=[invited.pk])

    answered = client_of(user_of(invited)).post(page, {"answer": "no", "suggestions": "Prof. Lee"})

    assert "Prof. Lee" in answered.content.decode()
    assert fresh(invited).answer == "invited"


def test_the_officer_decides_about_conflicts_and_checks_a_name(call, officer, client_of):
    application = application_in(call)
    house = application.participants.get(role="lead").organisation
    ProfileFactory(display_name="Nora Near", organisation=house)
    client, page = client_of(officer), reverse("funding:conflict_list", args=[call.pk])
    found = Conflict.objects.create(person=expert_in(call).person, application=application,
                                    kind="adviser", is_hard=False, source="declared")  # fmt: skip

    assert "works at the same organisation" in client.get(page, {"name": "Nora"}).content.decode()
    assert Conflict.objects.count() == 1
    decide = reverse("funding:conflict_decide", args=[call.pk, found.pk, "override"])
    client.post(decide, {"reason": "Long ago"})
    second = reverse("funding:conflict_decide", args=[call.pk, found.pk, "second"])
    client.post(second)
    assert fresh(found).verdict == "stands"
    client_of(officer_of(call)).post(second)

    assert fresh(found).verdict == "overridden"


def expert_with_areas(call):
    """Return an expert of two areas who has a review to write."""
    expert = expert_in(call)
    expert.areas.set(Area.objects.filter(version=Area.CURRENT_VERSION)[:2])
    asked(application_in(call), expert)
    return expert


def test_lists_cost_the_same_for_many(officer, call, client_of):
    client = client_of(officer)
    pages = [reverse("funding:expert_list"), reverse("funding:call_expert_list", args=[call.pk])]
    counts = []
    for more in (1, 2, 3):
        for _each in range(more):
            expert_with_areas(call)
            CallExpert.objects.filter(expert=expert_with_areas(call)).delete()
        counts.append(asks_for(client, *pages))

    assert counts[0] == counts[1] == counts[2]


def test_the_pages_of_lists_keep_what_was_asked_for(officer, call, client_of, monkeypatch):
    monkeypatch.setattr("funding.views.experts.PAGE_SIZE", 1)
    monkeypatch.setattr("funding.views.conflicts.PAGE_SIZE", 1)
    application = application_in(call)
    for expert in (expert_in(call), expert_in(call)):
        Conflict.objects.create(person=expert.person, application=application, kind="adviser",
                                is_hard=True, source="declared")  # fmt: skip
    client = client_of(officer)

    pool_page = client.get(reverse("funding:expert_list"), {"side": "europe", "q": ""})
    assert 'href="?side=europe&amp;page=2"' in pool_page.content.decode()
    conflicts = reverse("funding:conflict_list", args=[call.pk])
    shown = client.get(conflicts, {"show": "hard", "name": "Nora & Co"}).content.decode()
    assert 'href="?show=hard&amp;name=Nora+%26+Co&amp;page=2"' in shown
    assert len(client.get(conflicts, {"show": "hard", "page": 2}).context["rows"]) == 1


@pytest.mark.parametrize(
    ("reason", "words"),
    (("x" * 501, "at most 500 characters"), ("long \x00ago", "Null characters")),
)
def test_a_reason_that_cannot_be_kept_is_refused_in_words(call, officer, client_of, reason, words):
    found = Conflict.objects.create(person=expert_in(call).person, kind="adviser", is_hard=False,
                                    application=application_in(call), source="profile")  # fmt: skip
    decide = reverse("funding:conflict_decide", args=[call.pk, found.pk, "override"])

    answer = client_of(officer).post(decide, {"reason": reason}, follow=True)

    assert words in answer.content.decode()
    assert fresh(found).decided_by is None


def test_a_name_that_is_no_text_is_nobodys(call, officer, client_of):
    page = reverse("funding:conflict_list", args=[call.pk])

    answer = client_of(officer).get(page, {"name": "No\x00ra"})

    assert (answer.status_code, answer.context["checked"]) == (200, None)


def test_a_call_of_others_is_not_there(client_of, officer):
    other = approved_call(state="reviewing")

    for name in ("call_expert_list", "conflict_list", "assignment_detail"):
        page = reverse(f"funding:{name}", args=[other.pk])
        assert client_of(officer).get(page).status_code == 404
