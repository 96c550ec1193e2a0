"""From OpenAlex's subjects to the portal's areas and topics, where it is sure.

Areas follow from the field or the subfield; half of all subjects belong to none. Topics follow
only from the subjects listed here, which mean the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

# A subject counts when the person wrote about it more than by chance.
FEWEST_WORKS = 2
# An area is offered when so much of the work belongs to it.
SMALLEST_SHARE = 0.2
NAMES_SHOWN = 3

AREA_OF_DOMAIN = {"4": "HEALTH"}
AREA_OF_FIELD = {
    "17": "ICT", "25": "NANO", "21": "GREEN", "13": "HEALTH", "24": "HEALTH", "28": "HEALTH",
    "30": "HEALTH",
}  # fmt: skip
AREA_OF_SUBFIELD = {
    "2207": "ICT", "2208": "ICT", "2214": "ICT", "3104": "NANO", "3107": "NANO", "1604": "NANO",
    "1606": "NANO", "2305": "GREEN", "2306": "GREEN", "2310": "GREEN", "2311": "GREEN",
    "2312": "GREEN", "2215": "GREEN", "1503": "GREEN", "1603": "GREEN", "2203": "GREEN",
    "2204": "HEALTH", "2502": "HEALTH",
}  # fmt: skip
TOPIC_OF_SUBJECT = {
    "T10764": "ict.privacy", "T10860": "ict.speech", "T10201": "ict.speech",
    "T12026": "ict.trustworthy-ai", "T11689": "ict.trustworthy-ai", "T11273": "ict.graph-learning",
    "T12042": "ict.satellite-networks", "T10232": "ict.optical-networks",
    "T10847": "ict.optical-networks", "T10273": "ict.edge-computing", "T10101": "ict.cloud",
    "T10715": "ict.hpc", "T10054": "ict.hpc", "T10682": "ict.quantum-computing",
    "T10400": "ict.network-security", "T10363": "ict.chip-design", "T10323": "ict.chip-design",
    "T11522": "ict.chip-design", "T12549": "ict.computer-vision", "T13535": "ict.iot",
    "T12079": "ict.iot", "T10653": "ict.robotics", "T10571": "ict.robotics",
    "T11099": "ict.autonomous-driving", "T10888": "ict.extended-reality",
    "T10648": "ict.extended-reality", "T10789": "ict.human-computer", "T10317": "ict.databases",
    "T10215": "ict.databases", "T10142": "ict.software-engineering",
    "T10743": "ict.software-engineering", "T10260": "ict.software-engineering",
    "T10270": "ict.blockchain", "T10083": "nano.graphene", "T10275": "nano.two-dimensional",
    "T10321": "nano.quantum-dots", "T10245": "nano.nanophotonics", "T10107": "nano.ferroelectrics",
    "T12224": "nano.lithography", "T11338": "nano.lithography",
    "T11527": "nano.advanced-packaging", "T11523": "nano.printed-electronics",
    "T10369": "nano.mems", "T10440": "nano.thermoelectrics", "T10096": "nano.porous-frameworks",
    "T12038": "nano.porous-frameworks", "T12046": "nano.mxenes", "T10610": "nano.nanocellulose",
    "T10501": "nano.polymer-nanocomposites", "T11471": "nano.self-assembly",
    "T10923": "nano.microscopy", "T10857": "nano.microscopy",
    "T11948": "nano.computational-materials", "T10063": "nano.drug-carriers",
    "T12405": "nano.nanomagnetism-bio", "T10037": "nano.superconductors",
    "T11808": "nano.superconductors", "T10657": "nano.topological",
    "T10247": "green.perovskite", "T10624": "green.silicon-pv", "T10045": "green.organic-pv",
    "T10409": "green.fuel-cells", "T10311": "green.fuel-cells",
    "T10811": "green.hydrogen-storage", "T12112": "green.ammonia",
    "T10967": "green.carbon-capture", "T11784": "green.co2-conversion",
    "T11593": "green.co2-conversion", "T10078": "green.photocatalysis",
    "T11250": "green.marine-energy", "T11225": "green.geothermal", "T10603": "green.smart-grid",
    "T10917": "green.smart-grid", "T12451": "green.smart-grid",
    "T10175": "green.power-electronics", "T10228": "green.power-electronics",
    "T10121": "green.buildings", "T13263": "green.buildings",
    "T10768": "green.electric-vehicles", "T12126": "green.green-shipping",
    "T10171": "green.bioenergy", "T10088": "green.bioenergy", "T10507": "green.bioenergy",
    "T10197": "green.water-treatment", "T11781": "green.water-treatment",
    "T10597": "green.nuclear", "T10346": "green.nuclear",
    "T10158": "health.cancer-immunotherapy", "T11491": "health.cell-therapy",
    "T10878": "health.gene-editing", "T11016": "health.antibody",
    "T10211": "health.drug-discovery", "T10044": "health.structural-biology",
    "T11289": "health.single-cell", "T10261": "health.genomics",
    "T11642": "health.rare-diseases", "T10066": "health.microbiome",
    "T10147": "health.antimicrobial", "T10897": "health.antimicrobial",
    "T12264": "health.regenerative", "T10059": "health.biomaterials",
    "T12422": "health.medical-imaging", "T10522": "health.medical-imaging",
    "T11446": "health.digital-health", "T10912": "health.digital-health",
    "T10009": "health.neurodegeneration", "T10086": "health.neurodegeneration",
    "T10085": "health.neurodegeneration", "T10429": "health.brain-interfaces",
    "T10272": "health.mental-health", "T10198": "health.cardiovascular",
    "T10924": "health.cardiovascular", "T10560": "health.diabetes", "T10401": "health.diabetes",
    "T11023": "health.surgical-robotics", "T10932": "health.synthetic-biology",
    "T10773": "health.liquid-biopsy",
}  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """A topic of OpenAlex: ids without their addresses, and in how many works it occurs."""

    topic: str
    name: str
    subfield: str = ""
    field: str = ""
    domain: str = ""
    count: int = 0


def area_of(subject: Subject) -> str:
    """Return the code of the area that a subject belongs to; empty for none."""
    return (
        AREA_OF_SUBFIELD.get(subject.subfield)
        or AREA_OF_FIELD.get(subject.field)
        or AREA_OF_DOMAIN.get(subject.domain, "")
    )


def areas_of(subjects: Iterable[Subject]) -> dict[str, tuple[str, ...]]:
    """Return the areas of a good part of the works, each with the subjects that say so."""
    counted = [subject for subject in subjects if subject.count >= FEWEST_WORKS]
    total = sum(subject.count for subject in counted)
    told: dict[str, list[Subject]] = defaultdict(list)
    for subject in counted:
        if area := area_of(subject):
            told[area].append(subject)
    return {
        area: names_of(those)
        for area, those in told.items()
        if sum(subject.count for subject in those) >= SMALLEST_SHARE * total
    }


def topics_of(subjects: Iterable[Subject]) -> dict[str, tuple[str, ...]]:
    """Return the topics that mean the same as a subject of the person's."""
    told: dict[str, list[Subject]] = defaultdict(list)
    for subject in subjects:
        code = TOPIC_OF_SUBJECT.get(subject.topic)
        if code and subject.count >= FEWEST_WORKS:
            told[code].append(subject)
    return {code: names_of(those) for code, those in told.items()}


def names_of(subjects: list[Subject]) -> tuple[str, ...]:
    """Return the names of the most frequent subjects."""
    ordered = sorted(subjects, key=lambda subject: -subject.count)
    return tuple(subject.name for subject in ordered if subject.name)[:NAMES_SHOWN]
