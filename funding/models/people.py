"""A person as funding knows them: the row stays when the account goes."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Person(models.Model):
    """Whoever applied, reviewed, decided or travelled.

    Reviews, votes and grants must outlive an account, so all of funding points here and never at
    users. Erasing an account empties the name and the user: what is left is a pseudonym.
    """

    user = models.OneToOneField(
        "accounts.User", models.SET_NULL, null=True, related_name="funding_person"
    )
    pseudonym = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=150, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("person in funding")
        verbose_name_plural = _("people in funding")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) | models.Q(name=""),
                name="funding_person_erased_has_no_name",
            )
        ]

    def __str__(self) -> str:
        if self.name:
            return self.name
        if self.user is None:
            return str(_("a former member"))
        return str(getattr(self.user, "profile", None) or self.user.email)
