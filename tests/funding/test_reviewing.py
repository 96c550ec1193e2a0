"""A review from the question to the lock, as service and as page."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from funding.models import Application, Call, Conflict, Review, ReviewAssignment, Score
from funding.refusing import RefusedError
from funding.services.assignment_runs import pin
from funding.services.review_steps import lock_reviews
from funding.services.reviewing import (
    accept_review,
    declare,
    decline_review,
    invite_reviewers,
    remind_reviewers,
    reopen_review,
    reviews_waiting,
    save_review,
    submit_review,
)
from konnect.accounts.models import Notification
from konnect.states import TransitionError
from matching.services.profiles import EditConflict
from tests.factories.funding import ApplicationFactory, officer_of
from tests.funding.read_pages import asks_for, words_of
from tests.funding.review_stage import (
    LONG,
    application_in,
    asked,
    chair_of,
    drafting,
    expert_in,
    fresh,
    reviewed,
    reviewing_call,
    told,
    typed,
)
from tests.together import together


@pytest.fixture
def call(db):
    return reviewing_call()


@pytest.fixture
def application(call):
    return application_in(call)


@pytest.fixture
def expert(call):
    return expert_in(call)


def user_of(expert):
    return expert.person.user


def address(row, page="detail"):
    return reverse(f"funding:review_{page}", args=[row.key])


def codes(refused):
    return {each.code for each in refused.value.blockers}


def test_officers_ask_and_whoever_has_a_conflict_is_left_out(call, application, expert):
    own, other = expert, expert_in(call, side="korea")
    house = application.participants.get(role="lead").organisation
    type(own.person.user.profile).objects.filter(user=user_of(own)).update(organisation=house)
    for each in (own, other):
        ReviewAssignment.objects.create(
            application=application, version=application.versions.get(), reviewer=each
        )

    assert invite_reviewers(call, actor=officer_of(call)) == 1

    states = dict(ReviewAssignment.objects.values_list("reviewer", "state"))
    assert states == {own.pk: "proposed", other.pk: "invited"}
    assert Notification.objects.filter(user=user_of(other), kind="reviews").count() == 1


def test_who_was_pinned_by_hand_alone_begins_the_review_and_writes_the_report(call, expert):
    application, officer = application_in(call), officer_of(call)
    Application.objects.filter(pk=application.pk).update(state="eligible")
    pin(call, application, expert, actor=officer)

    assert invite_reviewers(call, actor=officer) == 1

    assert fresh(application).state == "in_review"
    assert ReviewAssignment.objects.get(reviewer=expert).is_rapporteur


def test_a_no_needs_a_reason_and_keeps_suggestions(application, expert):
    row = asked(application, expert)

    with pytest.raises(RefusedError):
        decline_review(row, actor=user_of(expert), reason=" ")
    decline_review(row, actor=user_of(expert), reason="No time", suggestions="Prof. Lee")

    assert fresh(row).state == "declined"
    assert row.changes.last().reason == "No time\n→ Prof. Lee"


def test_others_answer_nothing(application, expert, call):
    row = asked(application, expert)

    with pytest.raises(PermissionDenied):
        accept_review(row, actor=user_of(expert_in(call)))


def test_a_clear_hard_conflict_ends_the_review(application, expert):
    row = asked(application, expert)
    accept_review(row, actor=user_of(expert))

    declare(row, actor=user_of(expert), declaration="conflict", kind="family", note="My sister")

    assert fresh(row).state == "recused"
    assert Conflict.objects.get().is_hard


def test_a_possible_conflict_waits_for_the_officers(application, expert, client_of):
    row = asked(application, expert)
    accept_review(row, actor=user_of(expert))
    declare(row, actor=user_of(expert), declaration="possible", kind="adviser", note="In 1999")

    page = client_of(user_of(expert)).get(address(row))
    assert fresh(row).state == "coi_declared"
    assert "Light batteries" not in page.content.decode()

    Conflict.objects.update(verdict="false_positive", reason="x", decided_by=expert.person)
    assert client_of(user_of(expert)).get(address(row)).status_code == 302
    assert fresh(row).state == "drafting"


def test_two_windows_do_not_overwrite_each_other(application, expert, call):
    row, user = drafting(application, expert), user_of(expert)
    save_review(row, typed(call), actor=user, number=0)

    with pytest.raises(EditConflict):
        save_review(row, typed(call, comment="Other words"), actor=user, number=0)

    assert Review.objects.get().comment == LONG


@pytest.mark.parametrize(
    ("change", "code"),
    (
        ({"value": "", "reason": ""}, "value"), ({"value": "3.7"}, "value"),
        ({"value": "5.5"}, "value"), ({"value": "NaN"}, "value"),
        ({"comment": "Good."}, "comment"), ({"value": "", "reason": "no"}, "reason"),
    ),
)  # fmt: skip
def test_an_incomplete_review_is_not_taken(application, expert, call, change, code):
    row, user, draft = drafting(application, expert), user_of(expert), typed(call)
    first = next(iter(draft.scores))
    draft.scores[first].update(change)
    save_review(row, draft, actor=user, number=0)

    with pytest.raises(RefusedError) as refused:
        submit_review(row, actor=user)

    assert codes(refused) == {f"{code}_{first}"}
    assert not Score.objects.exists()
    assert fresh(row).state == "drafting"


def test_scores_or_reasons_are_kept_when_it_is_handed_in(application, expert, call):
    row, user, draft = drafting(application, expert), user_of(expert), typed(call, "4.5")
    first = next(iter(draft.scores))
    draft.scores[first].update(value="", reason="Not my field at all")
    save_review(row, draft, actor=user, number=0)

    submit_review(row, actor=user)

    kept = list(Score.objects.values_list("value", "no_score_reason"))
    assert [str(value) for value, _reason in kept] == ["None", "4.5", "4.5"]
    assert kept[0][1] == "Not my field at all"
    assert Review.objects.get().submitted_at is not None


def test_the_chair_opens_a_review_again_until_it_is_locked(application, expert, call):
    row, chair = reviewed(application, expert), chair_of(call)

    with pytest.raises(PermissionDenied):
        reopen_review(row, actor=user_of(expert), reason="I changed my mind")
    reopen_review(row, actor=chair, reason="Please explain the score")
    assert not Review.objects.get().is_submitted

    submit_review(row, actor=user_of(expert))
    lock_reviews(application)
    with pytest.raises(TransitionError):
        reopen_review(row, actor=chair, reason="Too late")


def test_a_locked_review_stands_in_the_database(application, expert):
    reviewed(application, expert)
    lock_reviews(application)

    for rows, columns in ((Review.objects, {"comment": "x"}), (Score.objects, {"value": 1})):
        with pytest.raises(IntegrityError, match="locked review"), transaction.atomic():
            rows.update(**columns)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_hand_in_at_once_one_is_too_late():
    call = reviewing_call()
    expert = expert_in(call)
    row = drafting(application_in(call), expert)
    save_review(row, typed(call), actor=user_of(expert), number=0)

    done = together(*[lambda: tried(row, expert)] * 2)

    assert sorted(done) == [False, True]
    assert Score.objects.count() == 3


def tried(row, expert):
    try:
        submit_review(fresh(row), actor=user_of(expert))
    except TransitionError:
        return False
    return True


def test_reviewers_are_reminded_once(application, expert):
    row = asked(application, expert)
    ReviewAssignment.objects.update(answer_by=timezone.now() + timedelta(days=2))

    assert [remind_reviewers(), remind_reviewers()] == [1, 0]
    assert fresh(row).reminded_at is not None


@pytest.mark.parametrize("count", (1, 3))
def test_what_waits_costs_one_query(call, expert, django_assert_num_queries, count):
    for _each in range(count):
        asked(application_in(call), expert)

    with django_assert_num_queries(1):
        assert len(reviews_waiting(user_of(expert))) == count


# --- Pages ----------------------------------------------------------------------------------------


def sent(call, number, **more):
    data = {"number": number, "comment": LONG, "confidence": "3", "confidential": "Between us"}
    for each in call.criteria.all():
        data |= {f"value_{each.pk}": "3.5", f"comment_{each.pk}": LONG, f"reason_{each.pk}": ""}
    return data | more


def test_a_reviewer_answers_declares_writes_and_hands_in(call, application, expert, client_of):
    row, client = asked(application, expert), client_of(user_of(expert))

    assert b"We charge batteries" not in client.get(address(row)).content
    client.post(address(row, "answer"), {"answer": "yes"})
    client.post(address(row, "declare"), {"declaration": "none"})
    page = client.get(address(row)).content.decode()
    assert "Perovskite electrodes" in page

    client.post(address(row), sent(call, 0))
    assert Review.objects.get().number == 1
    answer = client.post(address(row), sent(call, 1, submit="1"), follow=True)

    assert fresh(row).state == "submitted"
    assert "Your review is in" in answer.content.decode()
    assert b"3.5" in client.get(reverse("funding:review_detail", args=[row.key])).content


def test_what_is_missing_stands_at_its_fields(call, application, expert, client_of):
    row, client = drafting(application, expert), client_of(user_of(expert))

    answer = client.post(address(row), {"number": "0", "submit": "1"})

    form = answer.context["form"]
    first = call.criteria.first()
    assert {f"value_{first.pk}", "comment", "confidence"} <= set(form.errors)
    assert f'href="#id_value_{first.pk}"' in answer.content.decode()
    assert fresh(row).state == "drafting"


AUTOSAVE = {"HX-Request": "true"}


def test_autosave_answers_with_the_time_and_the_next_number(call, application, expert, client_of):
    row, client = drafting(application, expert), client_of(user_of(expert))

    answer = client.post(address(row), sent(call, 0), headers=AUTOSAVE)

    assert 'name="number" value="1"' in answer.content.decode()
    assert "Saved" in answer.content.decode()
    # What is sent twice is no conflict with oneself.
    again = client.post(address(row), sent(call, 0), headers=AUTOSAVE)
    assert 'name="number" value="1"' in again.content.decode()
    assert "Not saved" not in again.content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    (
        ({"comment": "가" * 8001}, "Overall comment: "),
        ({"comment": "Second window"}, "This was changed in another window"),
    ),
)
def test_autosave_that_fails_says_so_in_its_line_alone(
    call, application, expert, client_of, change, words
):
    row, client = drafting(application, expert), client_of(user_of(expert))
    client.post(address(row), sent(call, 0, comment="First window"))

    answer = client.post(address(row), sent(call, 0, **change), headers=AUTOSAVE)

    said = answer.content.decode()
    assert "Not saved" in said
    assert words in said
    assert 'name="number" value="0"' in said
    assert "<form" not in said
    assert Review.objects.get().comment == "First window"


def test_autosave_of_a_review_that_is_in_says_so(call, application, expert, client_of):
    row, client = drafting(application, expert), client_of(user_of(expert))
    client.post(address(row), sent(call, 0, submit="1"))

    answer = client.post(address(row), sent(call, 1, comment=LONG * 2), headers=AUTOSAVE)

    assert answer.status_code == 200
    assert "not open any more" in answer.content.decode()


def test_a_refused_review_keeps_what_was_typed(call, application, expert, client_of):
    row, client = drafting(application, expert), client_of(user_of(expert))

    answer = client.post(address(row), sent(call, 0, submit="1", comment="Short but mine"))

    page = answer.content.decode()
    assert "There is a problem" in page
    assert "Short but mine" in page
    assert fresh(row).state == "drafting"
    assert Review.objects.get().comment == "Short but mine"


def test_another_window_is_shown_with_both_texts(call, application, expert, client_of):
    row, client = drafting(application, expert), client_of(user_of(expert))
    client.post(address(row), sent(call, 0, comment="First window"))

    second = sent(call, 0, comment="Second window", confidence="1")
    answer = client.post(address(row), second)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "First window" in page
    assert "3 – It is my own field" in page
    assert "Second window" in page
    assert Review.objects.get().comment == "First window"
    # The form goes on from what it was compared with.
    assert 'name="number" value="1"' in page
    client.post(address(row), second | {"number": 1})
    assert Review.objects.get().comment == "Second window"


def test_a_review_is_nobody_elses(call, application, expert, client_of, staff):
    row = drafting(application, expert)

    for other in (user_of(expert_in(call)), staff, application.lead.user, officer_of(call)):
        client = client_of(other)
        assert client.get(address(row)).status_code == 404
        assert client.post(address(row), sent(call, 0)).status_code == 404


def test_the_desk_costs_the_same_for_many(call, expert, client_of):
    client, counts = client_of(user_of(expert)), []
    for more in (1, 2, 3):
        for _each in range(more):
            asked(application_in(call), expert)
        counts.append(asks_for(client, reverse("funding:review_list")))

    assert counts[0] == counts[1] == counts[2]


def test_what_waits_stands_first_and_what_is_over_begins_with_the_newest(expert, client_of):
    now = timezone.now()
    for days, state in ((-40, "panel"), (-20, "panel"), (5, "reviewing"), (2, "reviewing")):
        other = reviewing_call(reviews_due_at=now + timedelta(days=days))
        asked(application_in(other), expert)
        Call.objects.filter(pk=other.pk).update(state=state)

    page = client_of(user_of(expert)).get(reverse("funding:review_list"))

    shown = [each.application.call.reviews_due_at for each in page.context["assignments"]]
    assert [(each - now).days for each in shown] == [2, 5, -20, -40]


def test_wishes_are_asked_only_while_they_matter(call, expert, client_of):
    row = expert.call_rows.get(call=call)
    client, path = client_of(user_of(expert)), reverse("funding:expert_bids", args=[row.pk])
    assert path in client.get(reverse("funding:review_list")).content.decode()

    Call.objects.filter(pk=call.pk).update(state="panel")

    assert path not in client.get(reverse("funding:review_list")).content.decode()


def test_the_form_says_how_much_there_has_to_be(application, expert, client_of):
    row = drafting(application, expert)

    page = client_of(user_of(expert)).get(address(row)).content.decode()

    assert 'data-least="at least 80"' in page
    assert 'data-least="at least 40"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(("level", "is_named"), ((1, True), (2, False)))
def test_whoever_is_asked_sees_what_it_is_about_and_not_the_text(client_of, level, is_named):
    call = reviewing_call(blind_level=level)
    expert = expert_in(call)
    summary = {"abstract": "We charge batteries with light. " * 3, "keywords": "perovskite, light"}
    row = asked(told(ApplicationFactory(call=call), summary=summary), expert)
    client = client_of(user_of(expert))

    for _state in ("invited", "accepted"):
        page = words_of(client.get(address(row)))
        assert "Light batteries" in page
        assert "perovskite, light" in page
        assert "We charge batteries" not in page
        assert ("MARKNAME" in page, "MARKHOUSE" in page) == (is_named, is_named)
        assert ("Who applies is hidden" in page) is not is_named
        if row.state == "invited":
            accept_review(row, actor=user_of(expert))
