"""How useful reviews were: the chair's marks, from 1 to 5, until the decisions are out.

Mileage counts them (`funding.services.mileage`). They stand beside a review and are no part of it:
a review that is locked stands as it was handed in, and gets its mark all the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from funding.machines import CHAIR
from funding.models import ACTIVE, Application, Call, Review, ReviewAssignment
from funding.permissions import left_by, roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.ledger import record
from funding.services.mileage import counted
from funding.services.panels import judged_by
from funding.services.people import person_of
from funding.visibility import REVIEWER_NAMES, View, visible

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from konnect.accounts.models import User

MARKS = range(1, 6)
# From the release on, points and certificates say what was made of it.
OPEN_STATES = ("reviewing", "panel", "decided")
MARKS_CLOSED = Blocker(
    "marks_closed", _("Reviews are marked from when they come in until the decisions are out.")
)
REVIEW_GONE = Blocker(
    "review_gone", _("One of these reviews is not there any more. Please look at the list again.")
)


@dataclass(frozen=True)
class Row:
    """A review that the chair marks, with the name or the letter of whoever wrote it."""

    review: Review
    application: Application
    name: str
    letter: str


def markable(call: Call, user: User) -> QuerySet[Review]:
    """Return the reviews that somebody marks: as chair, of what they have neither left nor review."""
    if CHAIR not in roles_for(call, user):
        return Review.objects.none()
    own = ReviewAssignment.objects.filter(reviewer__person__user=user, state__in=ACTIVE)
    seen = judged_by(call, user).exclude(pk__in=left_by(user).values("pk"))
    seen = seen.exclude(pk__in=own.values("application"))
    return counted().filter(assignment__application__in=seen)


def rows_of(call: Call, user: User) -> list[Row]:
    """Return the reviews to mark, application by application; the same queries for any number.

    Letters are those of the reviews on the page of the consensus.
    """
    rows = markable(call, user).select_related(
        "assignment__reviewer__person", "assignment__application__call"
    )
    rows = rows.prefetch_related("scores__criterion", "assignment__application__redactions")
    found = rows.order_by("assignment__application__number", "assignment__key")
    groups = itertools.groupby(found, key=lambda review: review.assignment.application_id)
    is_named = sees_reviewers(call, user)
    return [row for _application, group in groups for row in lettered(group, is_named=is_named)]


def lettered(reviews: Iterator[Review], *, is_named: bool) -> Iterator[Row]:
    """Yield the reviews of one application, each with its letter."""
    for place, review in enumerate(reviews):
        name = str(review.assignment.reviewer.person) if is_named else ""
        yield Row(review, review.assignment.application, name, chr(65 + place))


def sees_reviewers(call: Call, user: User) -> bool:
    """Tell whether somebody may know who reviewed what they mark."""
    view = View(call.blind_level, call.state)
    return visible(roles_for(call, user), REVIEWER_NAMES, view)


@transaction.atomic
def mark_reviews(call: Call, *, actor: User, marks: Mapping[int, int | None]) -> int:
    """Keep marks by the id of the review; None takes one back. Return how many have changed.

    Raises:
        PermissionDenied: somebody else than the chair. RefusedError: it is not the time, or one
        of the reviews is not theirs to mark any more; then none is kept.
        ValueError: a mark is none of `MARKS`.
    """
    if not set(marks.values()) <= {None, *MARKS}:
        raise ValueError(marks)
    row = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
    if CHAIR not in roles_for(row, actor):
        raise PermissionDenied
    if row.state not in OPEN_STATES:
        raise RefusedError([MARKS_CLOSED])
    rows = list(markable(row, actor).filter(pk__in=marks).select_for_update(of=("self",)))
    if len(rows) != len(marks):
        raise RefusedError([REVIEW_GONE])
    changed = [each for each in rows if each.quality != marks[each.pk]]
    for review in changed:
        mark(review, marks[review.pk], actor)
    return len(changed)


def mark(review: Review, quality: int | None, actor: User) -> None:
    """Write one mark, and its line in the ledger of the review."""
    before, review.quality = review.quality, quality
    review.save(update_fields=["quality"])
    record(review, "mark", actor=person_of(actor), before={"quality": before},
           after={"quality": quality})  # fmt: skip
