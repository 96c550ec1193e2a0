"""Writing profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from konnect.accounts.doorbell import ring
from konnect.accounts.models import ConsentPurpose
from konnect.accounts.services import verified_orcid
from matching.completeness import Missing, blockers
from matching.models import (
    Area,
    Profile,
    ProfileProject,
    ProfileState,
    Topic,
    Vouch,
    Work,
)
from matching.regions import side_of
from matching.services.shown import (
    ShownProfile,
    shown_profile,
    shown_profiles,
    shown_to_audience,
)

if TYPE_CHECKING:
    from konnect.accounts.models import User

__all__ = [
    "EditConflict", "NotReady", "ShownProfile", "adopt_verified_orcid", "confirm_profile", "ensure_profile",
    "follow_consents", "hide_profile", "mark_matching_changed", "publish_profile", "save_profile", "shown_profile",
    "shown_profiles", "shown_to_audience", "version_of",
]  # fmt: skip

# Written with every change, whichever columns the form has.
ALWAYS = ("side", "country_code", "confirmed_at", "updated_at")


class EditConflict(Exception):  # noqa: N818 - it is no fault, but a thing that happens
    """What is saved was changed elsewhere after this page was opened.

    stored: the row that stands now, where whoever raises it has it at hand.
    """

    def __init__(self, stored: Any = None) -> None:
        """Keep what was saved meanwhile."""
        super().__init__()
        self.stored = stored


class NotReady(Exception):  # noqa: N818 - it is no fault: it says what is lacking
    """The profile lacks what is needed to publish it."""

    def __init__(self, lacking: Sequence[Missing]) -> None:
        super().__init__(", ".join(lack.code for lack in lacking))
        self.lacking = list(lacking)


def ensure_profile(user: User) -> Profile:
    """Return the person's profile; the first visit makes a draft."""
    profile, _is_new = Profile.objects.get_or_create(
        user=user, defaults={"contact_email": user.email, "languages": [user.language]}
    )
    # Whoever asks for it next has no need to read it again.
    profile.user = user
    return profile


def adopt_verified_orcid(profile: Profile) -> Profile:
    """Take over the ORCID iD that the person signed in with, once, unless somebody else holds it."""
    orcid = None if profile.orcid_verified_at else verified_orcid(profile.user)
    if orcid and not Profile.objects.filter(orcid=orcid, orcid_verified_at__isnull=False).exists():
        columns = {"orcid": orcid, "orcid_verified_at": timezone.now()}
        save_profile(profile, actor=profile.user, columns=columns)
    return profile


def version_of(profile: Profile) -> str:
    """Return what tells one saved state of the profile from the next."""
    return profile.updated_at.isoformat()


@transaction.atomic
def save_profile(
    profile: Profile,
    *,
    actor: User | None,
    columns: Mapping[str, Any],
    areas: Iterable[Area] | None = None,
    topics: Iterable[Topic] | None = None,
    works: Sequence[Work] | None = None,
    projects: Sequence[ProfileProject] | None = None,
    version: str | None = None,
) -> Profile:
    """Write what was given and leave the rest; suggestions follow by themselves.

    Raises:
        EditConflict: `version` is given and is no longer the stored one.
    """
    stored = check_version(profile, version)
    if columns.get("organisation", stored.organisation) != stored.organisation:
        end_vouches(profile)
    write_columns(profile, columns)
    if areas is not None:
        profile.areas.set(areas)
    if topics is not None:
        profile.topics.set(topics)
    if works is not None:
        replace_rows(Work, profile, works)
    if projects is not None:
        replace_rows(ProfileProject, profile, projects)
    mark_matching_changed(profile)
    return profile


def check_version(profile: Profile, version: str | None) -> Profile:
    """Lock the row and compare: two open windows never overwrite each other silently."""
    stored = Profile.objects.select_for_update(of=("self",)).get(pk=profile.pk)
    if version is not None and version_of(stored) != version:
        raise EditConflict
    return stored


def end_vouches(profile: Profile) -> None:
    """Forget who vouched for the affiliation that ends, and for whom it vouched."""
    Vouch.objects.filter(Q(profile=profile) | Q(voucher=profile)).delete()


def write_columns(profile: Profile, columns: Mapping[str, Any]) -> None:
    """Set and save columns and what follows from them."""
    for name, value in columns.items():
        setattr(profile, name, value)
    place_on_side(profile)
    if profile.state == ProfileState.PUBLISHED:
        profile.confirmed_at = timezone.now()
    profile.save(update_fields={*columns, *ALWAYS})


def place_on_side(profile: Profile) -> None:
    """Let country and side follow from the organisation, else the side from the country."""
    if profile.organisation:
        profile.country_code = profile.organisation.country_code
        profile.side = profile.organisation.side
    else:
        profile.side = side_of(profile.country_code)


def replace_rows(
    model: type[Work | ProfileProject], profile: Profile, rows: Sequence[Any]
) -> None:
    """Put these rows in the place of the stored ones; what came from a source still says so."""
    stored: Any = model
    origins = origins_of(stored.objects.filter(profile=profile))
    stored.objects.filter(profile=profile).delete()
    for row in rows:
        row.profile = profile
        if not row.source:
            row.source, row.source_id = origins.get(name_of(row), ("", ""))
    stored.objects.bulk_create(rows)


def origins_of(rows: Iterable[Any]) -> dict[str, tuple[str, str]]:
    """Return where works or projects were taken from, by what they are recognised by."""
    return {name_of(row): (row.source, row.source_id) for row in rows if row.source}


def name_of(row: Work | ProfileProject) -> str:
    """Return what a row is recognised by when a form sends it back."""
    number = row.doi if isinstance(row, Work) else row.identifier
    return number or row.title


def mark_matching_changed(profile: Profile) -> None:
    """Say that what the score reads has changed, and wake the worker."""
    profile.matching_changed_at = timezone.now()
    Profile.objects.filter(pk=profile.pk).update(matching_changed_at=profile.matching_changed_at)
    ring("matching.tasks.refresh_search_entries")
    ring("matching.tasks.refresh_stale_embeddings")


@transaction.atomic
def publish_profile(profile: Profile, *, actor: User | None) -> Profile:
    """Show the profile to members and let it take part in matching.

    Raises:
        NotReady: something that is needed is missing.
        TransitionError: it is published already.
    """
    if lacking := blockers(profile):
        raise NotReady(lacking)
    now = timezone.now()
    columns = {"published_at": profile.published_at or now, "confirmed_at": now}
    profile.move_to(ProfileState.PUBLISHED, actor=actor, columns=columns)
    mark_matching_changed(profile)
    return profile


@transaction.atomic
def hide_profile(profile: Profile, *, actor: User | None, reason: str = "") -> Profile:
    """Take the profile from every page and from matching.

    Raises:
        TransitionError: it is not published.
    """
    profile.move_to(ProfileState.HIDDEN, actor=actor, reason=reason)
    mark_matching_changed(profile)
    return profile


def confirm_profile(profile: Profile, *, actor: User | None) -> Profile:
    """Note that the person says that everything is still right."""
    profile.confirmed_at = timezone.now()
    profile.save(update_fields=["confirmed_at"])
    return profile


def follow_consents(user: User, *, choices: Mapping[str, bool]) -> None:
    """Show the profile on the open web while the person consents, and no longer.

    An open window of the profile form becomes outdated: it would say otherwise.
    """
    is_public = choices.get(ConsentPurpose.PUBLIC_PROFILE)
    if is_public is not None:
        others = Profile.objects.filter(user=user).exclude(is_public=is_public)
        others.update(is_public=is_public, updated_at=timezone.now())
