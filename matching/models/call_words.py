"""Programmes, types of action, pillars and goals in words; `matching.calls` knows their rules."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Programme(models.TextChoices):
    """Under what a joint project could be funded."""

    HORIZON = "horizon_europe", _("Horizon Europe")
    EUREKA = "eureka", _("Eureka and Eurostars")
    KOREA = "korea", _("A call of a Korean agency")
    OTHER = "other", _("Another programme")


class Pillar(models.IntegerChoices):
    """The parts of Horizon Europe."""

    EXCELLENCE = 1, _("Pillar I: excellent science (ERC, MSCA, infrastructures)")
    CHALLENGES = 2, _("Pillar II: global challenges (clusters, missions, partnerships)")
    INNOVATION = 3, _("Pillar III: innovative Europe (EIC, EIT)")
    WIDENING = 4, _("Widening participation")


class FundingScheme(models.TextChoices):
    """Types of action of all programmes."""

    RIA = "ria", _("Research and innovation action (RIA)")
    IA = "ia", _("Innovation action (IA)")
    CSA = "csa", _("Coordination and support action (CSA)")
    COFUND = "cofund", _("Programme cofund action")
    PCP = "pcp", _("Pre-commercial procurement")
    MSCA_DN = "msca_dn", _("MSCA Doctoral Network")
    MSCA_SE = "msca_se", _("MSCA Staff Exchange")
    MSCA_COFUND = "msca_cofund", _("MSCA COFUND")
    MSCA_PF = "msca_pf", _("MSCA Postdoctoral Fellowship")
    ERC_SYG = "erc_syg", _("ERC Synergy Grant")
    ERC_SINGLE = "erc_single", _("ERC grant of one researcher")
    EIC_PATHFINDER = "eic_pathfinder", _("EIC Pathfinder")
    EIC_TRANSITION = "eic_transition", _("EIC Transition")
    EIC_ACCELERATOR = "eic_accelerator", _("EIC Accelerator")
    EUREKA_NETWORK = "eureka_network", _("Eureka network project")
    EUROSTARS = "eurostars", _("Eurostars")
    GLOBALSTARS = "globalstars", _("Globalstars")
    JOINT_RESEARCH = "joint_research", _("Joint research project")
    PREPARATION = "preparation", _("Preparation of a proposal")
    EXCHANGE = "exchange", _("Exchange of researchers")
    OTHER = "other", _("Other")


class DevelopmentGoal(models.IntegerChoices):
    """The sustainable development goals of the United Nations."""

    POVERTY = 1, _("1 No poverty")
    HUNGER = 2, _("2 Zero hunger")
    HEALTH = 3, _("3 Good health and well-being")
    EDUCATION = 4, _("4 Quality education")
    EQUALITY = 5, _("5 Gender equality")
    WATER = 6, _("6 Clean water and sanitation")
    ENERGY = 7, _("7 Affordable and clean energy")
    WORK = 8, _("8 Decent work and economic growth")
    INDUSTRY = 9, _("9 Industry, innovation and infrastructure")
    INEQUALITIES = 10, _("10 Reduced inequalities")
    CITIES = 11, _("11 Sustainable cities and communities")
    CONSUMPTION = 12, _("12 Responsible consumption and production")
    CLIMATE = 13, _("13 Climate action")
    OCEANS = 14, _("14 Life below water")
    LAND = 15, _("15 Life on land")
    PEACE = 16, _("16 Peace, justice and strong institutions")
    PARTNERSHIPS = 17, _("17 Partnerships for the goals")
