"""What reviews and consensus reports share: telling a reviewer, locking what is in."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse

from funding.models import Application, Review, ReviewAssignment
from funding.services.moving import move
from konnect.accounts.services.notifications import notify

KIND = "reviews"


def tell(assignment: ReviewAssignment, what: str, title: Any) -> None:
    """Tell a reviewer news about their review; titles name nobody."""
    user = assignment.reviewer.person.user
    if user is not None:
        address = reverse("funding:review_detail", args=[assignment.key])
        notify(user, KIND, key=f"review:{assignment.pk}:{what}", title=title, address=address)


def begin_reviews(application_ids: Collection[int]) -> None:
    """Let applications go into review that have reviewers now; each gets a rapporteur."""
    for application in Application.objects.filter(pk__in=application_ids, state="eligible"):
        move(application, "start_review", actor=None)
    name_rapporteurs(application_ids)


def name_rapporteurs(application_ids: Collection[int]) -> None:
    """Name a rapporteur where there is none: whoever has been named least, then knows most."""
    rows = ReviewAssignment.objects.filter(application__in=application_ids)
    rows = rows.exclude(state__in=("declined", "recused"))
    named: dict[int, int] = {}
    teams: dict[int, list[ReviewAssignment]] = {}
    for row in rows.order_by("application__number", "pk"):
        teams.setdefault(row.application_id, []).append(row)
    for team in teams.values():
        if any(row.is_rapporteur for row in team):
            continue
        best = min(team, key=lambda row: (named.get(row.reviewer_id, 0), -(row.affinity or 0)))
        named[best.reviewer_id] = named.get(best.reviewer_id, 0) + 1
        ReviewAssignment.objects.filter(pk=best.pk).update(is_rapporteur=True)


@transaction.atomic
def lock_reviews(application: Application) -> int:
    """Lock the reviews of an application that are in; return how many."""
    done = ReviewAssignment.objects.filter(application=application, state="submitted")
    rows = list(done)
    for assignment in rows:
        Review.objects.filter(assignment=assignment).update(locked_at=Now())
        move(assignment, "lock", actor=None)
    return len(rows)
