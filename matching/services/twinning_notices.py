"""The news about twinnings, told to those who represent the organisations.

Titles name organisations and never what somebody wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from konnect.accounts.services.notifications import notify
from matching.models import Organisation, Profile, Twinning, TwinningActivity, TwinningState
from matching.permissions.twinnings import representatives

if TYPE_CHECKING:
    from konnect.accounts.models import User

KIND = "twinning"


def tell(twinning: Twinning, side: Organisation, *, key: str, title: Callable[[], str]) -> None:
    """Tell the representatives of one side."""
    for person in representatives(side):
        notify(
            person, KIND, key=f"twinning:{twinning.pk}:{key}", title=title,
            address=twinning.get_absolute_url(),
        )  # fmt: skip


def notify_of_proposal(twinning: Twinning) -> None:
    """Tell the partner of a proposal."""
    name = twinning.proposer
    tell(
        twinning, twinning.partner, key="proposed",
        title=lambda: _("%(name)s proposes a twinning to your organisation") % {"name": name},
    )  # fmt: skip


def notify_of_answer(twinning: Twinning) -> None:
    """Tell the proposer what the partner said."""
    name, is_yes = twinning.partner, twinning.state == TwinningState.ACTIVE

    def title() -> str:
        if is_yes:
            return _("%(name)s has confirmed the twinning") % {"name": name}
        return _("%(name)s has declined the twinning") % {"name": name}

    tell(twinning, twinning.proposer, key=str(twinning.state), title=title)


def notify_of_end(twinning: Twinning, *, by: Organisation | None) -> None:
    """Tell the other side, or both when nobody acted, that a twinning is over."""
    sides = (twinning.proposer, twinning.partner)
    until = twinning.valid_until.date().isoformat() if twinning.valid_until else "0"
    for side in sides:
        if by is None or side.pk != by.pk:
            other = twinning.other_side(side)
            tell(twinning, side, key=f"{twinning.state}:{until}", title=end_title(twinning, other))


def end_title(twinning: Twinning, other: Organisation) -> Callable[[], str]:
    """Return the title of the news that a twinning is over."""
    has_ended, was_active = twinning.state == TwinningState.ENDED, twinning.valid_until is not None

    def title() -> str:
        if has_ended:
            return _("The twinning with %(name)s was ended") % {"name": other}
        if was_active:
            return _("The twinning with %(name)s was not renewed and has lapsed") % {"name": other}
        return _("The proposed twinning with %(name)s was not answered") % {"name": other}

    return title


def notify_of_renewal(twinning: Twinning, *, by: Organisation, term: int) -> None:
    """Tell the other side that one side has confirmed another year."""
    tell(
        twinning, twinning.other_side(by), key=f"renewed:{term}:{by.pk}",
        title=lambda: _("%(name)s has confirmed the twinning for another year") % {"name": by},
    )  # fmt: skip


def remind(twinning: Twinning, side: Organisation, *, term: int, days: int) -> None:
    """Remind one side that a twinning runs out."""
    other = twinning.other_side(side)
    tell(
        twinning, side, key=f"remind:{term}:{days}",
        title=lambda: _("The twinning with %(name)s ends soon: confirm another year")
        % {"name": other},
    )  # fmt: skip


def notify_of_activity(activity: TwinningActivity, *, by: Organisation) -> None:
    """Tell the other side that an activity was recorded."""
    twinning = activity.twinning
    tell(
        twinning, twinning.other_side(by), key=f"activity:{activity.pk}",
        title=lambda: _("%(name)s has recorded an activity of your twinning") % {"name": by},
    )  # fmt: skip


def notify_of_contact_point(twinning: Twinning, person: Profile, *, actor: User) -> None:
    """Tell somebody that they were named as a contact point."""
    if person.user_id == actor.pk or person.organisation is None:
        return
    other = twinning.other_side(person.organisation)
    notify(
        person.user, KIND, key=f"twinning:{twinning.pk}:contact",
        title=lambda: _("You are a contact point of the twinning with %(name)s") % {"name": other},
        address=twinning.get_absolute_url(),
    )  # fmt: skip


def notify_of_role(user: User, organisation: Organisation) -> None:
    """Tell somebody that they represent an organisation now."""
    notify(
        user, KIND, key=f"representative:{organisation.pk}",
        title=lambda: _("You represent %(name)s on KONNECT now") % {"name": organisation},
        address=reverse("matching:organisation_plans", args=[organisation.pk]),
    )  # fmt: skip
