"""Organisations, as ROR knows them and as the portal needs them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from matching.models.fields import ComputedTextField
from matching.models.vocabulary import OrganisationType, Side
from matching.names import folded


class OrganisationStatus(models.TextChoices):
    """ROR's states of a record."""

    ACTIVE = "active", _("active")
    INACTIVE = "inactive", _("inactive")
    WITHDRAWN = "withdrawn", _("withdrawn")


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Reads of organisations."""

    def active(self) -> OrganisationQuerySet:
        """Return those that still exist under their own record."""
        return self.filter(status=OrganisationStatus.ACTIVE)

    def matching_words(self, words: str) -> OrganisationQuerySet:
        """Return those that have every one of these words in one of their names."""
        found = self
        for word in words.split():
            found = found.filter(search_text__contains=folded(word))
        return found


class Organisation(models.Model):
    """A body that people work for: a subset of a ROR v2 record, or a local record without one."""

    ror_id = models.CharField("ROR", max_length=9, unique=True, null=True, blank=True)
    # The name that ROR displays; names repeat, so pages show the place and the type beside it.
    name = models.CharField(_("name"), max_length=300)
    name_en = models.CharField(_("name in English"), max_length=300, blank=True)
    name_ko = models.CharField(_("name in Korean"), max_length=300, blank=True)
    # [{"language": "fr", "name": "..."}], the local names and every other label.
    names_other = models.JSONField(default=list, blank=True)
    acronyms = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    aliases = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    types = ArrayField(
        models.CharField(max_length=20, choices=OrganisationType.choices), default=list, blank=True
    )
    side = models.CharField(max_length=10, choices=Side.choices)
    country_code = models.CharField(_("country"), max_length=2)
    # As the source writes it; pages name the country in the reader's language.
    country = models.CharField(max_length=120, blank=True)
    region = models.CharField(_("region"), max_length=120, blank=True)
    region_code = models.CharField(max_length=10, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    geonames_id = models.PositiveIntegerField(null=True, blank=True)
    website = models.URLField(_("website"), max_length=500, blank=True)
    domains = ArrayField(models.CharField(max_length=253), default=list, blank=True)
    established = models.SmallIntegerField(_("established"), null=True, blank=True)
    # Lists of ids by scheme: isni, wikidata, fundref, grid.
    external_ids = models.JSONField(default=dict, blank=True)
    # ROR ids, which may name bodies that the portal does not hold.
    parent_ror_ids = ArrayField(models.CharField(max_length=9), default=list, blank=True)
    status = models.CharField(
        max_length=10, choices=OrganisationStatus, default=OrganisationStatus.ACTIVE
    )
    successor = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="predecessors"
    )
    # What the organisation's own representative says of it.
    pic = models.CharField(_("EU participant code"), max_length=9, blank=True)
    is_small = models.BooleanField(_("small or medium-sized enterprise"), default=False)
    about_en = models.TextField(_("about, in English"), max_length=3000, blank=True)
    about_ko = models.TextField(_("about, in Korean"), max_length=3000, blank=True)
    infrastructure_en = models.TextField(
        _("infrastructure, in English"), max_length=3000, blank=True
    )
    infrastructure_ko = models.TextField(
        _("infrastructure, in Korean"), max_length=3000, blank=True
    )
    # [{"name": "Research office", "email": "research@..."}]: mailboxes of roles, not of people.
    offices = models.JSONField(default=list, blank=True)
    verified_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, editable=False, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, editable=False)
    source_modified_on = models.DateField(null=True, blank=True)
    source_release = models.CharField(max_length=20, blank=True)
    source_schema = models.CharField(max_length=5, blank=True)
    # Every name, folded, one per line: what search looks in.
    search_text = ComputedTextField(method="searchable_text")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ("name", "pk")
        indexes = [
            models.Index(fields=["side", "country_code"], name="organisation_place"),
            GinIndex(fields=["types"], name="organisation_types"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ror_id__isnull=True)
                | models.Q(ror_id__regex=r"^0[0-9a-hjkmnp-tv-z]{6}[0-9]{2}$"),
                name="organisation_ror_id_shape",
            ),
            models.CheckConstraint(
                condition=models.Q(side__in=Side.values), name="organisation_side_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(successor=models.F("id")), name="organisation_not_own_heir"
            ),
            models.CheckConstraint(
                condition=models.Q(pic="") | models.Q(pic__regex=r"^\d{9}$"),
                name="organisation_pic_shape",
            ),
        ]

    def __str__(self) -> str:
        if get_language() == "ko":
            return self.name_ko or self.name
        return self.name_en or self.name

    def searchable_text(self) -> str:
        """Return every name, folded, one per line."""
        others = [entry["name"] for entry in self.names_other]
        names = [self.name, self.name_en, self.name_ko, *others, *self.acronyms, *self.aliases]
        return "\n".join(sorted({folded(name) for name in names if name}))

    @property
    def type_labels(self) -> list[str]:
        """The types in words."""
        return [str(OrganisationType(kind).label) for kind in self.types]
