"""Twinnings of the demonstration: invented, between organisations of its invented people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from konnect.accounts.models import Role, Scope
from konnect.accounts.services.roles import grant_role
from matching.models import (
    AgreementKind,
    Organisation,
    Profile,
    Side,
    Twinning,
    TwinningActivityKind,
    TwinningState,
)

AIMS = (
    "Invented for the demonstration: exchange of doctoral students, and one joint workshop a year.",
    "시연용 가상 정보: 박사과정생을 교환하고 해마다 공동 워크숍을 한 번 엽니다.",
)
ACTIVITIES = (
    (
        TwinningActivityKind.WORKSHOP,
        "Joint workshop of young researchers",
        "신진연구자 공동 워크숍",
        40,
    ),
    (TwinningActivityKind.VISIT, "Visit of the laboratories", "연구실 방문", 120),
)
MOST = 4


def write_twinnings(profiles: Mapping[int, Profile]) -> str:
    """Write a few twinnings; the first person of each side represents their organisation."""
    europe, korea = (first_of_each(profiles, side) for side in (Side.EUROPE, Side.KOREA))
    for people in (europe, korea):
        for person in people[:1]:
            represent(person)
    # The first pair is active; the second Korean one waits for the first European's answer.
    pairs = list(zip(europe[:MOST], korea[:MOST], strict=False))
    for one, other in pairs:
        write_active(one, other)
    if europe and len(korea) > MOST:
        write_proposal(korea[MOST], europe[0])
    return f"{len(pairs)} twinnings written"


def first_of_each(profiles: Mapping[int, Profile], side: Side) -> list[Profile]:
    """Return the first published person of each organisation of a side."""
    found: dict[int, Profile] = {}
    for _number, profile in sorted(profiles.items()):
        if profile.side == side and profile.organisation_id and profile.state == "published":
            found.setdefault(profile.organisation_id, profile)
    return list(found.values())


def represent(person: Profile) -> None:
    """Let somebody speak for their organisation."""
    grant_role(
        person.user, Role.ORGANISATION_REPRESENTATIVE, actor=None, scope=Scope.ORGANISATION,
        scope_id=person.organisation_id,
    )  # fmt: skip


def write_active(one: Profile, other: Profile) -> None:
    """Write a twinning that both have confirmed, with what they did."""
    twinning = write(one, other, TwinningState.ACTIVE)
    for person in (one, other):
        twinning.confirmations.create(organisation=place_of(person), confirmed_by=person.user)
        twinning.contacts.create(organisation=place_of(person), profile=person)
    for kind, title_en, title_ko, days in ACTIVITIES:
        twinning.activities.create(
            kind=kind, title_en=title_en, title_ko=title_ko, recorded_by=one.user,
            takes_place_on=timezone.localdate() - timedelta(days=days),
        )  # fmt: skip


def write_proposal(one: Profile, other: Profile) -> None:
    """Write a proposal that waits for an answer."""
    twinning = write(one, other, TwinningState.PROPOSED)
    twinning.confirmations.create(organisation=place_of(one), confirmed_by=one.user)


def place_of(person: Profile) -> Organisation:
    """Return where somebody works.

    Raises:
        ValueError: nowhere that is in the list.
    """
    if person.organisation is None:
        raise ValueError(f"{person} works at no listed organisation")
    return person.organisation


def write(one: Profile, other: Profile, state: TwinningState) -> Twinning:
    """Write the row with the areas of the first person."""
    now = timezone.now()
    twinning = Twinning.objects.create(
        proposer=place_of(one), partner=place_of(other), state=state,
        aims_en=AIMS[0], aims_ko=AIMS[1], agreement=AgreementKind.MEMORANDUM,
        starts_on=timezone.localdate() - timedelta(days=200),
        valid_until=now + timedelta(days=165) if state == TwinningState.ACTIVE else None,
    )  # fmt: skip
    twinning.areas.set(one.areas.all())
    return twinning
