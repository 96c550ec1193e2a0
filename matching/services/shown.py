"""What one reader may see of a profile: the only thing that templates get."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from matching.countries import country_name, language_name
from matching.models import (
    Area,
    CareerStage,
    Organisation,
    PartnerRole,
    Profile,
    ProfileProject,
    Side,
    Topic,
    Work,
)
from matching.permissions.profiles import contact_ids, fields_visible_to
from matching.visibility import FIELDS, Audience, fields_open_to

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User

COLUMN_FIELD = {column: field for field, rule in FIELDS.items() for column in rule.columns}


@dataclass(frozen=True)
class ShownProfile:
    """One profile for one reader: what is hidden from them is empty here."""

    pk: int
    state: str
    display_name: str
    family_name: str
    given_name: str
    hangul_name: str
    hanja_name: str
    organisation: Organisation | None
    organisation_unlisted: str
    side: str
    country_code: str
    career_stage: str
    areas: tuple[Area, ...]
    area_other: str
    confirmed_at: datetime | None
    is_invented: bool
    is_public: bool
    honorific: str = ""
    unit: str = ""
    position: str = ""
    affiliated_since: int | None = None
    topics: tuple[Topic, ...] = ()
    keywords: tuple[str, ...] = ()
    summary_en: str = ""
    summary_ko: str = ""
    methods_en: str = ""
    methods_ko: str = ""
    roles: tuple[str, ...] = ()
    would_host: bool = False
    would_visit: bool = False
    mobility_months: int | None = None
    mobility_from: date | None = None
    languages: tuple[str, ...] = ()
    orcid: str = ""
    orcid_verified_at: datetime | None = None
    website: str = ""
    contact_email: str = ""
    telephone: str = ""
    works: tuple[Work, ...] = ()
    projects: tuple[ProfileProject, ...] = ()

    def __str__(self) -> str:
        return self.display_name

    def get_absolute_url(self) -> str:
        """Return the address of the person's page."""
        return reverse("matching:profile_detail", args=[self.pk])

    @property
    def country_name(self) -> str:
        """The country of work in the reader's language."""
        return country_name(self.country_code) if self.country_code else ""

    @property
    def career_stage_label(self) -> str:
        """The career stage in words."""
        return str(CareerStage(self.career_stage).label) if self.career_stage else ""

    @property
    def side_label(self) -> str:
        """The side in words."""
        return str(Side(self.side).label)

    @property
    def role_labels(self) -> list[str]:
        """The roles in words."""
        return [str(PartnerRole(role).label) for role in self.roles]

    @property
    def language_names(self) -> list[str]:
        """The working languages by name."""
        return [language_name(code) for code in self.languages]


COLUMNS = tuple(field.name for field in fields(ShownProfile))
# Read by a query of their own, on the person's page only.
LISTS = frozenset({"works", "projects"})


def shown_profile(profile: Profile, user: User | AnonymousUser) -> ShownProfile:
    """Return what this reader may see on the person's page."""
    return show(profile, fields_visible_to(profile, user), lists=LISTS)


def shown_to_audience(profile: Profile, audience: Audience) -> ShownProfile:
    """Return what somebody who looks from there may see; for the preview."""
    return show(profile, fields_open_to(audience, profile.visibility), lists=LISTS)


def shown_on_card(profile: Profile, user: User | AnonymousUser) -> ShownProfile:
    """Return what a card of one person shows this reader: nothing that needs queries of its own."""
    return show(profile, fields_visible_to(profile, user) - {"topics"})


def shown_profiles(profiles: Iterable[Profile], user: User | AnonymousUser) -> list[ShownProfile]:
    """Return what this reader may see of many people, without works and projects.

    One query for all; fetch the people with `.with_card()`.
    """
    contacts = contact_ids(user)
    return [
        show(
            profile, fields_open_to(audience_in_list(profile, user, contacts), profile.visibility)
        )
        for profile in profiles
    ]


def audience_in_list(
    profile: Profile, user: User | AnonymousUser, contacts: frozenset[int]
) -> Audience:
    """Return from where the reader looks, without a query."""
    if not user.is_authenticated:
        return Audience.PUBLIC
    if profile.user_id == user.pk:
        return Audience.OWNER
    return Audience.CONTACT if profile.pk in contacts else Audience.MEMBER


def show(
    profile: Profile, visible: frozenset[str], *, lists: frozenset[str] = frozenset()
) -> ShownProfile:
    """Copy the columns that are visible, and nothing else."""
    hidden = {column for column, field in COLUMN_FIELD.items() if field not in visible}
    left_out = hidden | (LISTS - lists)
    return ShownProfile(
        **{column: value_of(profile, column) for column in COLUMNS if column not in left_out}
    )


def value_of(profile: Profile, column: str) -> Any:
    """Return a column as an immutable value."""
    value = getattr(profile, column)
    if hasattr(value, "all"):
        return tuple(value.all())
    return tuple(value) if isinstance(value, list) else value
