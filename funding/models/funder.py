"""Who pays for what: funders, programmes, missions, and which country is what when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import DateRangeField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from matching.models import Area, Organisation, Side
from matching.models.vocabulary import BilingualName

if TYPE_CHECKING:
    from konnect.accounts.models import User

CURRENCY = RegexValidator(r"^[A-Z]{3}$")


class Funder(BilingualName):
    """A ministry or agency that puts money into calls."""

    code = models.SlugField(_("short name"), max_length=30, unique=True)
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    country_code = models.CharField(_("country"), max_length=2)
    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY])
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    website = models.URLField(_("website"), max_length=500, blank=True)
    officers = models.ManyToManyField(
        "accounts.User", through="FunderOfficer", related_name="funders"
    )

    class Meta:
        verbose_name = _("funder")
        verbose_name_plural = _("funders")
        ordering = ("side", "name_en")

    def has_officer(self, user: User) -> bool:
        """Tell whether somebody speaks for this funder."""
        return FunderOfficer.objects.filter(funder=self, user_id=user.pk).exists()


class FunderOfficer(models.Model):
    """Somebody who speaks for a funder: approves calls and releases decisions."""

    funder = models.ForeignKey(Funder, models.CASCADE, related_name="officer_rows")
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("officer of a funder")
        verbose_name_plural = _("officers of funders")
        constraints = [
            models.UniqueConstraint(fields=["funder", "user"], name="funder_officer_once")
        ]

    def __str__(self) -> str:
        return f"{self.funder_id}: {self.user_id}"


class Mission(BilingualName):
    """A goal that calls serve, with a number that shows how far it is."""

    code = models.SlugField(_("short name"), max_length=40, unique=True)
    goal_en = models.TextField(_("goal in English"), max_length=1000)
    goal_ko = models.TextField(_("goal in Korean"), max_length=1000)
    indicator_en = models.CharField(_("indicator in English"), max_length=200)
    indicator_ko = models.CharField(_("indicator in Korean"), max_length=200)
    baseline = models.DecimalField(_("value at the start"), max_digits=14, decimal_places=2)
    target = models.DecimalField(_("value to reach"), max_digits=14, decimal_places=2)
    due_on = models.DateField(_("to be reached by"))

    class Meta:
        verbose_name = _("mission")
        verbose_name_plural = _("missions")
        ordering = ("due_on", "code")


class Programme(BilingualName):
    """A line of calls that some funders run together."""

    code = models.SlugField(_("short name"), max_length=40, unique=True)
    description_en = models.TextField(_("description in English"), max_length=4000, blank=True)
    description_ko = models.TextField(_("description in Korean"), max_length=4000, blank=True)
    missions = models.ManyToManyField(Mission, related_name="programmes", blank=True)
    areas = models.ManyToManyField(Area, related_name="+", blank=True)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ("name_en",)


class AreaCrosswalk(models.Model):
    """What part of an area of one version became which area of another; the parts sum to 1."""

    old = models.ForeignKey(Area, models.PROTECT, related_name="crosswalks")
    new = models.ForeignKey(Area, models.PROTECT, related_name="+")
    weight = models.DecimalField(max_digits=5, decimal_places=4)

    class Meta:
        verbose_name = _("crosswalk of areas")
        verbose_name_plural = _("crosswalks of areas")
        constraints = [
            models.UniqueConstraint(fields=["old", "new"], name="crosswalk_once_a_pair"),
            models.CheckConstraint(
                condition=models.Q(weight__gt=0, weight__lte=1), name="crosswalk_weight_is_a_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_id} to {self.new_id}: {self.weight}"


class Part(models.IntegerChoices):
    """Of what a country is a member or associated to."""

    ALL = 0, _("the whole framework programme")
    PILLAR_I = 1, _("Pillar I")
    PILLAR_II = 2, _("Pillar II")
    PILLAR_III = 3, _("Pillar III")


class Status(models.TextChoices):
    """What a country is at a time, for a part of a programme."""

    MEMBER = "member", _("EU member")
    ASSOCIATED = "associated", _("associated")
    OWN_FUNDS = "own_funds", _("takes part with own funds")
    THIRD = "third", _("other third country")


class CountryStatus(models.Model):
    """What a country is from one day to another; a call takes what holds on its closing day."""

    country_code = models.CharField(_("country"), max_length=2, validators=[
        RegexValidator(r"^[A-Z]{2}$")
    ])  # fmt: skip
    programme_part = models.PositiveSmallIntegerField(_("part"), choices=Part, default=Part.ALL)
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    status = models.CharField(_("status"), max_length=12, choices=Status)
    valid = DateRangeField(_("from when to when"))
    source = models.CharField(_("where that is written"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("status of a country")
        verbose_name_plural = _("statuses of countries")
        ordering = ("country_code", "programme_part", "valid")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(country_code__regex=r"^[A-Z]{2}$"), name="country_two_letters"
            ),
            models.CheckConstraint(
                condition=models.Q(valid__isempty=False), name="country_status_holds_some_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country_code} {self.status} {self.valid}"
