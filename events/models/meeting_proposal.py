"""Agreeing on the time of one meeting: another time for it, or a slot that has become free."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from events.models.meeting_request import MeetingRequest
from events.models.place import Place, Slot
from events.models.registration import Registration
from konnect.states import StateChange, Stateful, Transitions


class ProposalState(models.TextChoices):
    """Where a proposed time stands; it holds the slot for nobody until the other side agrees."""

    OPEN = "open", _("waiting for an answer")
    AGREED = "agreed", _("agreed")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")


class MeetingProposal(Stateful):
    """One side of an accepted request proposes a time; the other side's yes makes or moves the meeting."""

    TRANSITIONS: ClassVar[Transitions] = {
        ProposalState.OPEN: frozenset(
            {ProposalState.AGREED, ProposalState.DECLINED, ProposalState.WITHDRAWN,
             ProposalState.EXPIRED}
        ),
        ProposalState.AGREED: frozenset(),
        ProposalState.DECLINED: frozenset(),
        ProposalState.WITHDRAWN: frozenset(),
        ProposalState.EXPIRED: frozenset(),
    }  # fmt: skip

    request = models.ForeignKey(MeetingRequest, models.CASCADE, related_name="proposals")
    slot = models.ForeignKey(Slot, models.CASCADE, related_name="+")
    # Where it was free when it was proposed; another place is taken when it no longer is.
    place = models.ForeignKey(Place, models.SET_NULL, null=True, related_name="+")
    proposed_by = models.ForeignKey(Registration, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    created_at = models.DateTimeField(db_default=Now())
    # When the slot begins, at the latest.
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("proposed time of a meeting")
        verbose_name_plural = _("proposed times of meetings")
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=models.Q(state="open"),
                name="one_open_proposal_a_request",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.request_id}: {self.slot_id}"


class MeetingProposalChange(StateChange):
    """One state change of a proposed time."""

    proposal = models.ForeignKey(MeetingProposal, models.CASCADE, related_name="changes")
