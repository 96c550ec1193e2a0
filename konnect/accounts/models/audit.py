"""Who of the staff did or read what."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models.user import User


class AuditEvent(models.Model):
    """One act of a member of staff; a database trigger keeps the table append-only.

    The actor's address is copied, so that the line outlives the account.
    """

    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    actor_name = models.CharField(max_length=254)
    # A name from the register in konnect.accounts.audit: `profile.read`, `role.granted`.
    action = models.CharField(max_length=60)
    # Whose data it was; none when it was nobody's, or when the person has been erased.
    subject = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    target_kind = models.CharField(max_length=60, blank=True)
    target_id = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    happened_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ("-happened_at", "-pk")
        indexes = [
            models.Index(fields=["subject", "-happened_at"], name="audit_by_subject"),
            models.Index(fields=["action", "-happened_at"], name="audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.action}"


class Impersonation(models.Model):
    """An administrator saw the portal as another person, for a reason that the person reads."""

    administrator = models.ForeignKey(User, models.CASCADE, related_name="impersonations_made")
    user = models.ForeignKey(User, models.CASCADE, related_name="impersonations_borne")
    reason = models.CharField(_("reason"), max_length=500)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("impersonation")
        verbose_name_plural = _("impersonations")
        ordering = ("-started_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["administrator"],
                condition=models.Q(ended_at=None),
                name="one_impersonation_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(administrator=models.F("user")),
                name="impersonation_of_another",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="impersonation_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.administrator_id} as {self.user_id}"
