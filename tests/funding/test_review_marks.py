"""The chair says how helpful reviews were: who may, of which, until when, and what comes of it."""

import time
from threading import Event

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from funding.models import (
    Call,
    Conflict,
    LedgerEntry,
    PanelMember,
    Redaction,
    Review,
    ReviewAssignment,
)
from funding.refusing import RefusedError
from funding.services.ledger import faults
from funding.services.mileage import mileage_of
from funding.services.panels import recuse
from funding.services.people import person_of
from funding.services.review_marks import mark_reviews, rows_of
from tests.factories.funding import ExpertFactory
from tests.funding.panel_stage import member_of
from tests.funding.read_pages import asks_for, of, text_of, words_of
from tests.funding.review_stage import (
    application_in,
    chair_of,
    drafting,
    expert_in,
    reviewed,
    reviewing_call,
)
from tests.processes import PATIENCE
from tests.together import outcomes


@pytest.fixture
def call(db):
    return reviewing_call()


@pytest.fixture
def chair(call):
    return chair_of(call)


def review_in(application, expert=None):
    """Return a review that is in."""
    row = reviewed(application, expert or expert_in(application.call))
    return Review.objects.get(assignment__application=application, assignment=row)


def seen(call, user):
    return [row.review for row in rows_of(call, user)]


def typed(*pairs):
    """Return what a window sends: what is chosen now, and what was when it was opened."""
    sent = {}
    for review, now, before in pairs:
        sent |= {f"mark_{review.pk}": now, f"initial-mark_{review.pk}": before}
    return sent


def test_a_mark_gives_its_point_and_a_line_in_the_ledger(call, chair, client_of):
    review = review_in(application_in(call))
    reviewer = review.assignment.reviewer.person.user
    before = mileage_of(reviewer).points
    client, page = client_of(chair), of("panel_marks", call)

    answer = client.post(page, typed((review, "4", "")))

    assert answer.url == page
    assert Review.objects.get().quality == 4
    assert mileage_of(reviewer).points == before + 1
    (entry,) = LedgerEntry.objects.filter(noun="review", event="mark")
    assert (entry.before, entry.after) == ({"quality": None}, {"quality": 4})
    assert entry.actor == person_of(chair)
    assert list(faults()) == []
    # Nothing changed, nothing is written; and a mark can be taken back.
    client.post(page, typed((review, "4", "4")))
    assert LedgerEntry.objects.filter(event="mark").count() == 1
    client.post(page, typed((review, "", "4")))
    assert Review.objects.get().quality is None
    assert mileage_of(reviewer).points == before


def test_reviews_that_are_not_in_are_not_marked(call, chair):
    application = application_in(call)
    drafting(application, expert_in(call))
    review = review_in(application)

    assert seen(call, chair) == [review]
    with pytest.raises(RefusedError):
        mark_reviews(call, actor=chair, marks={
            each.pk: 5 for each in Review.objects.all()
        })  # fmt: skip
    assert not Review.objects.exclude(quality=None).exists()


def test_locked_reviews_are_marked_all_the_same(call, chair):
    review = review_in(application_in(call))
    Review.objects.filter(pk=review.pk).update(locked_at=timezone.now())
    ReviewAssignment.objects.update(state="locked")

    assert mark_reviews(call, actor=chair, marks={review.pk: 2}) == 1

    assert Review.objects.get().quality == 2


def test_nobody_but_the_chair_marks(call, chair, client_of, staff):
    review = review_in(application_in(call))
    member, reviewer = member_of(call, "korea"), review.assignment.reviewer.person.user

    for user in (member, reviewer, review.assignment.application.lead.user, staff):
        assert client_of(user).get(of("panel_marks", call)).status_code == 404
        assert client_of(user).post(
            of("panel_marks", call), typed((review, "5", ""))
        ).status_code == 404  # fmt: skip
        with pytest.raises(PermissionDenied):
            mark_reviews(call, actor=user, marks={review.pk: 5})
    assert of("panel_marks", call) not in text_of(client_of(member).get(of("panel_detail", call)))
    assert of("panel_marks", call) in text_of(client_of(chair).get(of("panel_detail", call)))


@pytest.mark.parametrize("way", ("recused", "conflict", "own"))
def test_of_what_the_chair_has_left_or_reviews_they_mark_nothing(call, chair, client_of, way):
    kept, left = application_in(call, title="Kept"), application_in(call, title="Left")
    stays, goes = review_in(kept), review_in(left)
    assert seen(call, chair) == [stays, goes]

    if way == "recused":
        recuse(PanelMember.objects.get(), left, actor=chair, reason="A friend.")
    elif way == "conflict":
        Conflict.objects.create(application=left, person=person_of(chair), kind="adviser",
                                is_hard=False, source="declared")  # fmt: skip
    else:
        ReviewAssignment.objects.create(
            application=left, version=left.versions.get(), state="accepted",
            reviewer=ExpertFactory(person=person_of(chair)),
        )  # fmt: skip

    assert seen(call, chair) == [stays]
    sent = typed((stays, "3", ""), (goes, "5", ""))
    client_of(chair).post(of("panel_marks", call), sent)
    goes.refresh_from_db()
    assert goes.quality is None
    with pytest.raises(RefusedError):
        mark_reviews(call, actor=chair, marks={goes.pk: 5})


@pytest.mark.parametrize(("level", "is_named"), ((0, True), (1, True), (2, False), (3, False)))
def test_reviewers_have_names_where_the_panel_may_know_them(db, client_of, level, is_named):
    call = reviewing_call(blind_level=level)
    application = application_in(call, title="Light by MARKNAME")
    Redaction.objects.create(application=application, passage="MARKNAME")
    review = review_in(application)

    page = words_of(client_of(chair_of(call)).get(of("panel_marks", call)))

    assert (str(review.assignment.reviewer.person) in page) is is_named
    assert ("Reviewer A" in page) is not is_named
    assert ("Light by MARKNAME" in page) is (level in (0, 1))


@pytest.mark.parametrize(
    ("state", "is_open"),
    (("reviewing", True), ("panel", True), ("decided", True), ("released", False)),
)
def test_marks_stand_from_the_release_on(call, chair, client_of, state, is_open):
    review = review_in(application_in(call))
    released_at = None if is_open else timezone.now()
    Call.objects.filter(pk=call.pk).update(state=state, released_at=released_at)
    client = client_of(chair)

    answer = client.post(of("panel_marks", call), typed((review, "5", "")))

    assert answer.status_code == (302 if is_open else 200)
    assert Review.objects.get().quality == (5 if is_open else None)
    assert ("<select" in text_of(client.get(of("panel_marks", call)))) is is_open


def test_an_older_window_undoes_nothing(call, chair, client_of):
    first, second = (review_in(application_in(call)) for _each in range(2))
    client, page = client_of(chair), of("panel_marks", call)
    client.post(page, typed((first, "5", ""), (second, "", "")))

    client.post(page, typed((first, "", ""), (second, "2", "")))

    assert list(Review.objects.order_by("pk").values_list("quality", flat=True)) == [5, 2]


@pytest.mark.parametrize("wrong", ("0", "6", "good"))
def test_other_marks_are_refused(call, chair, client_of, wrong):
    review = review_in(application_in(call))

    answer = client_of(chair).post(of("panel_marks", call), typed((review, wrong, "")))

    assert answer.status_code == 200
    assert 'role="alert"' in text_of(answer) or "field-invalid" in text_of(answer)
    with pytest.raises(ValueError, match="6"):
        mark_reviews(call, actor=chair, marks={review.pk: 6})
    assert Review.objects.get().quality is None


@pytest.mark.django_db(transaction=True)
def test_a_mark_that_meets_the_release_waits_for_it_and_is_refused():
    call = reviewing_call()
    chair, review = chair_of(call), review_in(application_in(call))
    locked = Event()

    def release():
        with transaction.atomic():
            Call.objects.select_for_update().get(pk=call.pk)
            locked.set()
            # Long enough for whoever would not wait.
            time.sleep(1)
            Call.objects.filter(pk=call.pk).update(state="released", released_at=timezone.now())

    def mark():
        assert locked.wait(PATIENCE)
        return mark_reviews(call, actor=chair, marks={review.pk: 5})

    _none, refused = outcomes(release, mark, refusals=(RefusedError,))

    assert isinstance(refused, RefusedError)
    assert Review.objects.get().quality is None


def test_the_page_costs_the_same_for_many(db, client_of):
    counts = []
    for number in (1, 2, 4):
        call = reviewing_call()
        for _each in range(number):
            application = application_in(call)
            for _more in range(2):
                review_in(application)
        counts.append(asks_for(client_of(chair_of(call)), of("panel_marks", call)))

    assert counts[0] == counts[1] == counts[2]
