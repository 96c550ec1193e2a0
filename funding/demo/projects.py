"""Invented projects: titles, texts and answers that a standard form takes. Pure."""

from __future__ import annotations

from random import Random
from typing import Any

THINGS = {
    "GREEN": ("solid-state batteries", "heat pumps", "perovskite cells", "hydrogen storage",
              "low-carbon cement", "recycled magnets", "waste heat", "carbon capture"),
    "NANO": ("membranes", "single-atom catalysts", "quantum dots", "MXenes", "nanofibres",
             "plasmonic sensors", "diamond defects", "self-assembled films"),
    "ICT": ("federated learning", "6G antennas", "edge chips", "language models", "digital twins",
            "robot hands", "post-quantum keys", "open radio networks"),
    "HEALTH": ("gut organoids", "gait sensors", "early dementia", "liquid biopsies", "wound gels",
               "sleep and memory", "vaccine stability", "muscle loss"),
}  # fmt: skip
WAYS = ("Measuring", "Shared data on", "A common test for", "Cheaper", "Safer", "Modelling",
        "Field trials of", "Standards for")  # fmt: skip
ACRONYMS = ("ARIRANG", "BRIDGE", "CELADON", "DURU", "EURIKO", "GAON", "HANMA", "IRIS", "KIMCHI",
            "LUMEN", "MIRAE", "NARAE", "ONDOL", "PARAM", "RHEIN", "SAENAL", "TERRA", "URI",
            "VIENTO", "YEOUL")  # fmt: skip
LAST_WORDS = ("The instruments of both laboratories complement each other",
              "Neither side has both the samples and the instrument",
              "The two methods have never been compared on the same material")  # fmt: skip

# What everybody reads of a project that is over.
SUMMARY_EN = (
    "Two laboratories that had worked on the same question from different ends made one set of one "
    "hundred samples, measured it in both places, and found out where their earlier figures had "
    "differed: not in the material, but in how the samples were stored.\n\n"
    "The protocol that came of it is open, and three other groups use it. Two doctoral researchers "
    "learnt the other side's method, and both laboratories have applied together for a larger project."
)
SUMMARY_KO = (
    "같은 문제를 서로 다른 방법으로 연구해 온 두 연구실이 시료 100개를 함께 만들어 양쪽에서 측정하였습니다. "
    "그 결과 기존 측정값의 차이는 소재가 아니라 시료 보관 방법에서 비롯되었음을 확인하였습니다.\n\n"
    "이렇게 마련한 측정 방법은 공개되어 있으며, 다른 연구팀 세 곳에서 사용하고 있습니다. 박사과정 연구자 두 명이 "
    "상대 연구실의 방법을 익혔고, 두 연구실은 더 큰 규모의 공동 과제를 함께 신청하였습니다."
)


def project(area: str, number: int, random: Random) -> dict[str, Any]:
    """Return title, acronym and answers of an invented project."""
    thing = random.choice(THINGS[area])
    way = random.choice(WAYS)
    title = f"{way} {thing}"
    acronym = f"{ACRONYMS[number % len(ACRONYMS)]}{number // len(ACRONYMS) + 1}"
    return {"title": title, "acronym": acronym, "answers": answers(title, thing, random)}


def answers(title: str, thing: str, random: Random) -> dict[str, dict[str, Any]]:
    """Return answers to the standard form."""
    reason = random.choice(LAST_WORDS)
    return {
        "summary": {
            "abstract": f"{title}: we bring two laboratories together that have worked on {thing} "
            f"from different ends. {reason}. In two stays we make one set of samples, measure it "
            "in both places, and publish data and method.",
            "keywords": f"{thing}, mobility, open data",
        },
        "work": {
            "aims": f"What is known about {thing} comes from separate studies that cannot be "
            "compared. We aim at one protocol that both sides trust, at a data set of one hundred "
            "samples, and at a model that predicts the next hundred.",
            "impact": "Two doctoral researchers learn the other side's method. The protocol is "
            "offered to the standards bodies of both regions, and the data are open.",
            "plan": "Month 1: samples. Months 2 and 3: first stay. Month 5: second stay. Month 8: "
            "paper and data. Both laboratories meet every second week on line.",
        },
        "mobility": {
            "direction": random.randrange(2), "days": random.randrange(10, 75, 5),
            "purpose": f"The measuring line for {thing} cannot travel; people can.",
        },
        "team": {
            "record": "Both groups have published on the question in the last three years.",
            "is_new": random.random() < 0.7,
            "later": "We will apply for a joint Horizon Europe project with what we find.",
        },
        "declarations": {},
    }  # fmt: skip


# What a lead answers a year or more after the end.
LATER = {
    "together": True, "people": 1,
    "funding": "A joint proposal to Horizon Europe grew out of it.",
    "story": "Without the stay the two data sets would never have been made comparable.",
}  # fmt: skip
