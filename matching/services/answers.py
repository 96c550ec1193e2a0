"""What people answered, as the learner of the weights reads it."""

from __future__ import annotations

import numpy as np
from django.db.models import Exists, OuterRef, Q

from matching.models import Answer, ContactRequest, DismissalReason, SuggestionAnswer
from matching.scoring.learning import Answers
from matching.scoring.terms import TERMS, UNIT, WEIGHTS_VERSION


def answers_to_learn_from() -> Answers:
    """Return who was welcomed and who was dismissed, with the terms as they were shown.

    Only answers that count, to suggestions scored with today's weights. Welcomed: *interested*, or
    a contact that was accepted. Dismissed: *not for me*, unless the two know each other already,
    which says nothing about the score. *Later* says nothing either.
    """
    rows = [
        (profile_id, parts, is_welcomed)
        for profile_id, parts, is_welcomed in readable_answers()
        if len(parts) == len(TERMS)
    ]
    parts = [[round(part * UNIT) for part in shown] for _viewer, shown, _welcomed in rows]
    return Answers(
        viewers=np.array([viewer for viewer, _shown, _welcomed in rows], dtype=np.int64),
        parts=np.array(parts, dtype=np.int64).reshape(len(rows), len(TERMS)),
        welcomed=np.array([welcomed for _viewer, _shown, welcomed in rows], dtype=np.bool_),
    )


def readable_answers() -> list[tuple[int, list[float], bool]]:
    """Return viewer, terms and welcome of each answer that says something."""
    contacts = ContactRequest.objects.accepted().filter(
        Q(sender=OuterRef("profile"), recipient=OuterRef("partner"))
        | Q(sender=OuterRef("partner"), recipient=OuterRef("profile"))
    )
    welcomed = Q(answer=Answer.INTERESTED) | Q(has_contact=True)
    dismissed = Q(answer=Answer.NOT_FOR_ME) & ~Q(reason=DismissalReason.KNOWN_ALREADY)
    counting = SuggestionAnswer.objects.filter(
        undone_at=None, weights_version=WEIGHTS_VERSION
    ).annotate(has_contact=Exists(contacts))
    rows = counting.filter(welcomed | dismissed).order_by("pk")
    columns = rows.values_list("profile_id", "parts", "answer", "has_contact")
    return [
        (viewer, parts, has_contact or answer == Answer.INTERESTED)
        for viewer, parts, answer, has_contact in columns
    ]
