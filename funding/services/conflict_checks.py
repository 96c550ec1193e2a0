"""Conflicts in words for officers, and checking a name before anybody is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funding.models import Application, Call, Conflict, ConflictKind, Verdict
from funding.services.conflict_facts import Background, Known, mail_keys, name_keys, profile_keys
from funding.services.conflict_sources import Finding
from funding.services.conflicts import found_for
from konnect.accounts.models import User
from matching.models import Organisation, Profile

SOURCES: dict[str, str | Promise] = {
    "team": _("the application"), "mail": _("an e-mail address"), "orcid": _("the ORCID iD"),
    "profile": _("the profile"), "ror": _("the register of organisations"),
    "names": _("the name of the organisation"), "domains": _("the domain of an address"),
    "works": _("joint publications"), "projects": _("joint projects"),
    "assignments": _("the assignment"), "application": _("the applicants' wish"),
    "call": _("the call"), "declared": _("own declaration"),
}  # fmt: skip
PARTS: dict[str, str | Promise] = {
    "officer": _("programme officer"), "funder": _("speaks for a funder"),
    "approved": _("approved the call"), "wrote": _("wrote the call"),
}  # fmt: skip
# People that a name may stand for.
MOST_PEOPLE = 5


@dataclass(frozen=True)
class Evidence:
    """Where a conflict is known from, and what shows it."""

    source: str | Promise
    details: list[str]


@dataclass(frozen=True)
class Checked:
    """Somebody whom a name may mean, and what would stand between them and applications."""

    name: str
    place: str
    findings: list[tuple[Application, Finding, str]]


def listed(call: Call, show: str) -> QuerySet[Conflict]:
    """Return the conflicts of a call: those that wait for a verdict, the hard ones, or all."""
    rows = Conflict.objects.filter(application__call=call).select_related(
        "person", "application", "decided_by", "seconded_by"
    )
    if show == "hard":
        rows = rows.filter(is_hard=True)
    elif show == "decided":
        rows = rows.exclude(verdict=Verdict.STANDS)
    elif show == "proposed":
        rows = rows.filter(verdict=Verdict.STANDS, decided_by__isnull=False)
    return rows.order_by("person__name", "person", "application__number", "-is_hard", "pk")


def evidence_of(rows: Iterable[Conflict]) -> list[Evidence]:
    """Return what shows each conflict, in words; one query for all of them."""
    found = list(rows)
    houses = Organisation.objects.in_bulk({pk for row in found for pk in houses_in(row)})
    return [evidence_words(row, houses) for row in found]


def houses_in(row: Conflict) -> list[int]:
    """Return the ids of the organisations that show a conflict."""
    return [int(value) for value in row.evidence.get("organisation", ()) if value.isdigit()]


def evidence_words(row: Conflict, houses: Mapping[int, Organisation]) -> Evidence:
    """Return what shows a conflict, in words."""
    kept = row.evidence
    details = [*kept.get("doi", ()), *kept.get("project", ()), *kept.get("note", ())]
    details += [str(PARTS.get(part, part)) for part in kept.get("part", ())]
    details += kept.get("domain", ())
    details += [str(houses[pk]) for pk in houses_in(row) if pk in houses]
    return Evidence(SOURCES.get(row.source, row.source), details)


def found_by_name(call: Call, name: str) -> list[Checked]:
    """Return whom a name or an address may mean, with what would be found; nothing is kept."""
    profiles = profiles_called(name)
    if not profiles:
        keys = {*name_keys([name]), *(mail_keys([name.casefold()]) if "@" in name else ())}
        return [Checked(name, "", in_words(call, Known(None, keys)))]
    background = Background.of([each.user_id for each in profiles])
    found = []
    for profile in profiles:
        person = getattr(profile.user, "funding_person", None)
        keys = profile_keys(profile.user_id, background) | {
            *mail_keys([profile.user.email.casefold()])
        }
        if person is not None:
            keys.add(("person", str(person.pk)))
        known = Known(person.pk if person else None, keys)
        found.append(
            Checked(profile.display_name, str(profile.affiliation), in_words(call, known))
        )
    return found


def profiles_called(name: str) -> list[Profile]:
    """Return the members whom a name or an address may mean."""
    users = User.objects.filter(Q(email__iexact=name) | Q(emailaddress__email__iexact=name))
    named = Q(display_name__icontains=name) | Q(hangul_name=name) | Q(other_names__contains=[name])
    rows = Profile.objects.filter(named | Q(user__in=users)).select_related("user", "organisation")
    return list(rows.order_by("display_name", "pk").distinct()[:MOST_PEOPLE])


def in_words(call: Call, known: Known) -> list[tuple[Application, Finding, str]]:
    """Return findings with their applications and kinds in words."""
    applications = {each.pk: each for each in call.applications.all()}
    return [
        (applications[one.application_id], one, str(ConflictKind(one.kind).label))
        for one in found_for(known, call)
    ]
