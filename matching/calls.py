"""What a call's programme, type of action and identifier say by themselves; no database, no words.

Sources: Horizon Europe work programme, General Annexes (consortium composition, types of action);
the identifiers are those of the EU Funding & Tenders portal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HORIZON, EUREKA, KOREAN, OTHER = "horizon_europe", "eureka", "korea", "other"
PROGRAMMES = (HORIZON, EUREKA, KOREAN, OTHER)
# Excellent science, global challenges, innovative Europe; 4 stands for widening participation.
PILLARS = (1, 2, 3, 4)
EVERY_PILLAR = frozenset(PILLARS)


@dataclass(frozen=True)
class Scheme:
    """A type of action.

    pillars: where it is used; is_single: one applicant alone, so that nobody seeks partners for it.
    """

    code: str
    pillars: frozenset[int] = EVERY_PILLAR
    is_single: bool = False


EXCELLENCE, INNOVATION = frozenset({1}), frozenset({3})
SCHEMES = {
    HORIZON: (
        Scheme("ria"),
        Scheme("ia"),
        Scheme("csa"),
        Scheme("cofund"),
        Scheme("pcp", frozenset({2})),
        Scheme("msca_dn", EXCELLENCE),
        Scheme("msca_se", EXCELLENCE),
        Scheme("msca_cofund", EXCELLENCE),
        Scheme("msca_pf", EXCELLENCE, is_single=True),
        Scheme("erc_syg", EXCELLENCE),
        Scheme("erc_single", EXCELLENCE, is_single=True),
        Scheme("eic_pathfinder", INNOVATION),
        Scheme("eic_transition", INNOVATION),
        Scheme("eic_accelerator", INNOVATION, is_single=True),
    ),
    EUREKA: (Scheme("eureka_network"), Scheme("eurostars"), Scheme("globalstars")),
    KOREAN: (Scheme("joint_research"), Scheme("preparation"), Scheme("exchange")),
    OTHER: (Scheme("joint_research"), Scheme("exchange"), Scheme("other")),
}
# These need three organisations of three countries, one of them a member state.
CONSORTIUM_SCHEMES = frozenset({"ria", "ia", "msca_dn", "msca_se", "eic_pathfinder", "pcp"})


def scheme_of(programme: str, code: str) -> Scheme | None:
    """Return a programme's type of action, or None when the programme has none of this code."""
    return next((scheme for scheme in SCHEMES.get(programme, ()) if scheme.code == code), None)


@dataclass(frozen=True)
class Identifier:
    """What a call or topic identifier says; None or empty where it says nothing."""

    programme: str = ""
    pillar: int | None = None
    year: int | None = None
    areas: frozenset[str] = frozenset()


PILLAR_OF_PART = (
    (re.compile(r"^(ERC|HORIZON-(ERC|MSCA|INFRA))\b"), 1),
    (re.compile(r"^HORIZON-(CL[1-6]|HLTH|MISS|JU|EUSPA|NEB|CID|RAISE)\b"), 2),
    (re.compile(r"^HORIZON-(EIC|EIE|EIT)\b"), 3),
    (re.compile(r"^HORIZON-WIDERA\b"), 4),
)
AREA_OF_PART = (
    (
        re.compile(r"^HORIZON-CL4-.*-(DATA|DIGITAL|HUMAN)\b|^HORIZON-JU-(SNS|EUROHPC|CHIPS)\b"),
        "ICT",
    ),
    (re.compile(r"^HORIZON-CL4-.*-MAT\b|^HORIZON-JU-CHIPS\b"), "NANO"),
    (
        re.compile(r"^HORIZON-CL[56]\b|^HORIZON-JU-(CBE|CLEANH2)\b|^LIFE-|^HORIZON-EURATOM\b"),
        "GREEN",
    ),
    (re.compile(r"^HORIZON-HLTH\b|^HORIZON-JU-(IHI|GH)\b"), "HEALTH"),
)
YEAR = re.compile(r"-(20\d\d)(?=-|$)")


def read_identifier(text: str) -> Identifier:
    """Return what an identifier like `HORIZON-CL5-2026-02-D3-07` says."""
    name = text.strip().upper()
    if not name.startswith(("HORIZON-", "ERC-")):
        return Identifier()
    pillar = next((number for part, number in PILLAR_OF_PART if part.search(name)), None)
    year = YEAR.search(name)
    areas = frozenset(area for part, area in AREA_OF_PART if part.search(name))
    return Identifier(HORIZON, pillar, int(year[1]) if year else None, areas)
