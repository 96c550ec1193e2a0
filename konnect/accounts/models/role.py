"""What a person may be beside a researcher."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models.user import User


class Role(models.TextChoices):
    """What a person may be beside a researcher, which everyone is."""

    ORGANISATION_REPRESENTATIVE = "organisation_representative", _("Organisation representative")
    EVENT_ORGANISER = "event_organiser", _("Event organiser")
    PROGRAMME_OFFICER = "programme_officer", _("Programme officer")
    REVIEWER = "reviewer", _("Reviewer")
    POLICY_ANALYST = "policy_analyst", _("Policy analyst")
    ADMINISTRATOR = "administrator", _("Administrator")


class Scope(models.TextChoices):
    """What a role is limited to."""

    PORTAL = "portal", _("The whole portal")
    ORGANISATION = "organisation", _("One organisation")
    EVENT = "event", _("One event")
    PROGRAMME = "programme", _("One programme")


class RoleGrant(models.Model):
    """One role of one person, perhaps limited to one thing.

    Accounts stands left of everything and cannot point at organisations, events or programmes
    by foreign key; the scope names the kind and the id.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="role_grants")
    role = models.CharField(_("role"), max_length=30, choices=Role)
    scope = models.CharField(_("scope"), max_length=20, choices=Scope, default=Scope.PORTAL)
    scope_id = models.PositiveBigIntegerField(_("which one"), null=True, blank=True)
    granted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "scope", "scope_id"],
                nulls_distinct=False,
                name="role_granted_once",
            ),
            models.CheckConstraint(
                condition=models.Q(scope=Scope.PORTAL, scope_id__isnull=True)
                | (~models.Q(scope=Scope.PORTAL) & models.Q(scope_id__isnull=False)),
                name="role_scope_has_id",
            ),
            models.CheckConstraint(
                condition=~models.Q(role=Role.ORGANISATION_REPRESENTATIVE)
                | models.Q(scope=Scope.ORGANISATION),
                name="representative_of_one_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
