"""The shared words: sides, areas, topics, career stages, roles, visibility."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from matching.visibility import Visibility

__all__ = [
    "Area", "BilingualName", "CareerStage", "OrganisationType", "PartnerRole", "Side", "Topic",
    "Visibility",
]  # fmt: skip


class Side(models.TextChoices):
    """The two sides of the co-operation, and everybody else."""

    EUROPE = "europe", _("Europe")
    KOREA = "korea", _("Korea")
    ELSEWHERE = "elsewhere", _("Elsewhere")


class CareerStage(models.TextChoices):
    """The European framework's four stages of a research career."""

    R1 = "R1", _("R1 First stage researcher (up to the doctorate)")
    R2 = "R2", _("R2 Recognised researcher (doctorate, not yet independent)")
    R3 = "R3", _("R3 Established researcher (independent)")
    R4 = "R4", _("R4 Leading researcher")


class PartnerRole(models.TextChoices):
    """What somebody is willing to be in a joint project."""

    COORDINATOR = "coordinator", _("Coordinator")
    WORK_PACKAGE_LEADER = "work_package_leader", _("Work package leader")
    PARTNER = "partner", _("Partner")
    ASSOCIATED = "associated", _("Associated partner")
    HOST = "host", _("Host of a visitor")
    VISITOR = "visitor", _("Visiting researcher")


class OrganisationType(models.TextChoices):
    """ROR's types of organisation."""

    EDUCATION = "education", _("University or school")
    FACILITY = "facility", _("Research institute or facility")
    COMPANY = "company", _("Company")
    GOVERNMENT = "government", _("Government body")
    HEALTHCARE = "healthcare", _("Hospital or clinic")
    NONPROFIT = "nonprofit", _("Non-profit organisation")
    FUNDER = "funder", _("Funder")
    ARCHIVE = "archive", _("Archive, library or museum")
    OTHER = "other", _("Other")


class BilingualName(models.Model):
    """A name in both languages; pages show the reader's."""

    name_en = models.CharField(max_length=200)
    name_ko = models.CharField(max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_ko if get_language() == "ko" else self.name_en


class Area(BilingualName):
    """One of the portal's areas in one version of the scheme; *other* is one of them."""

    CURRENT_VERSION = "2026"

    version = models.CharField(max_length=20, default=CURRENT_VERSION)
    code = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ("version", "position")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="area_once_a_version"),
        ]


class Topic(BilingualName):
    """A curated topic inside an area, with its code in the scheme that it comes from."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="topics")
    scheme = models.CharField(max_length=30, default="konnect")
    code = models.CharField(max_length=60)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ("area__position", "name_en")
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="topic_once_a_scheme"),
        ]
