"""Which fields of a profile a person may open or close, and to whom they are open at first.

Name, place of work, country, areas and career stage are always shown with the profile: a page
without them would be of use to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Visibility(models.TextChoices):
    """Who may see one field of a profile."""

    PUBLIC = "public", _("Everybody on the web")
    MEMBERS = "members", _("Members of the portal")
    CONTACTS = "contacts", _("My accepted contacts")
    PRIVATE = "private", _("Only me")


class Audience(models.TextChoices):
    """From where somebody looks at a profile."""

    PUBLIC = "public", _("Anybody on the web")
    MEMBER = "member", _("A member of the portal")
    CONTACT = "contact", _("One of my contacts")
    OWNER = "owner", _("Myself")


OPEN_TO = {
    Audience.PUBLIC: frozenset({Visibility.PUBLIC}),
    Audience.MEMBER: frozenset({Visibility.PUBLIC, Visibility.MEMBERS}),
    Audience.CONTACT: frozenset({Visibility.PUBLIC, Visibility.MEMBERS, Visibility.CONTACTS}),
    Audience.OWNER: frozenset(Visibility),
}
ALL_CHOICES = tuple(Visibility)
# Contact details become known by an accepted request only.
AFTER_ACCEPTANCE = (Visibility.CONTACTS, Visibility.PRIVATE)


@dataclass(frozen=True)
class FieldRule:
    """One field that can be opened and closed: its columns, its default and what is allowed."""

    label: str | Promise
    default: Visibility
    columns: tuple[str, ...]
    choices: tuple[Visibility, ...] = ALL_CHOICES


FIELDS: dict[str, FieldRule] = {
    "summary": FieldRule(_("Research summary"), Visibility.PUBLIC, ("summary_en", "summary_ko")),
    "topics": FieldRule(_("Topics"), Visibility.PUBLIC, ("topics",)),
    "keywords": FieldRule(_("Keywords"), Visibility.PUBLIC, ("keywords",)),
    "methods": FieldRule(
        _("Methods and facilities"), Visibility.MEMBERS, ("methods_en", "methods_ko")
    ),
    "unit": FieldRule(_("Department or laboratory"), Visibility.PUBLIC, ("unit",)),
    "position": FieldRule(
        _("Position"), Visibility.PUBLIC, ("position", "affiliated_since", "honorific")
    ),
    "roles": FieldRule(_("Roles I would take"), Visibility.MEMBERS, ("roles",)),
    "mobility": FieldRule(
        _("Research visits"),
        Visibility.MEMBERS,
        ("would_host", "would_visit", "mobility_months", "mobility_from"),
    ),
    "languages": FieldRule(_("Working languages"), Visibility.PUBLIC, ("languages",)),
    "orcid": FieldRule("ORCID iD", Visibility.PUBLIC, ("orcid", "orcid_verified_at")),
    "works": FieldRule(_("Works"), Visibility.PUBLIC, ("works",)),
    "projects": FieldRule(_("Projects"), Visibility.MEMBERS, ("projects",)),
    "website": FieldRule(_("Own website"), Visibility.PUBLIC, ("website",)),
    "contact_email": FieldRule(
        _("E-mail for partners"), Visibility.CONTACTS, ("contact_email",), AFTER_ACCEPTANCE
    ),
    "telephone": FieldRule(_("Telephone"), Visibility.CONTACTS, ("telephone",), AFTER_ACCEPTANCE),
}


def chosen(field: str, choices: Mapping[str, str]) -> Visibility:
    """Return who may see a field: what the person chose if it is allowed, else the default."""
    rule = FIELDS[field]
    value = choices.get(field)
    return Visibility(value) if value in rule.choices else rule.default


def fields_open_to(audience: str, choices: Mapping[str, str]) -> frozenset[str]:
    """Return the fields that somebody who looks from there may see."""
    allowed = OPEN_TO[Audience(audience)]
    return frozenset(field for field in FIELDS if chosen(field, choices) in allowed)
