"""What pages show of twinnings: two sides, their contact points as the reader may see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matching.models import Organisation, Profile, Twinning, TwinningState
from matching.services.shown import ShownProfile, shown_profiles
from matching.services.twinnings import next_term

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User


@dataclass(frozen=True)
class TwinSide:
    """One side of a twinning: its contact points, and whether it confirmed the next year."""

    organisation: Organisation
    contacts: tuple[ShownProfile, ...]
    has_renewed: bool = False


def sides_of(
    twinning: Twinning, reader: User | AnonymousUser, *, with_renewal: bool
) -> list[TwinSide]:
    """Return both sides as this reader may see them."""
    visible = Profile.objects.visible_to(reader).published().with_card()
    people = visible.filter(twinning_contacts__twinning=twinning).order_by("display_name", "pk")
    shown = shown_profiles(people, reader)
    renewed = renewed_by(twinning) if with_renewal else set()
    return [
        TwinSide(
            side,
            tuple(one for one in shown if one.organisation and one.organisation.pk == side.pk),
            side.pk in renewed,
        )
        for side in (twinning.proposer, twinning.partner)
    ]


def renewed_by(twinning: Twinning) -> set[int]:
    """Return the sides that have confirmed the next year already."""
    if twinning.state not in {TwinningState.ACTIVE, TwinningState.LAPSED}:
        return set()
    given = twinning.confirmations.filter(term=next_term(twinning))
    return set(given.values_list("organisation_id", flat=True))
