"""What is known of people who judge and of people who apply, as keys that are compared.

A key is a kind and a value: "doi", "10.1000/1". Two people who share one have something in common;
`funding.services.conflict_sources` says what that means. Everything is read in a fixed number of
queries, however many people there are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.utils import timezone

from funding.models import Application, ApplicationVersion, Call, Participant, Person
from matching.models import Organisation, Profile
from matching.names import folded

# A kind and a value.
Key = tuple[str, str]

# Mail providers and words for "nowhere" say nothing about where somebody works.
GENERIC_DOMAINS = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com",
    "icloud.com", "proton.me", "protonmail.com", "gmx.de", "gmx.net", "web.de", "orange.fr",
    "free.fr", "libero.it", "naver.com", "daum.net", "hanmail.net", "nate.com", "kakao.com",
    "korea.com", "qq.com", "163.com",
})  # fmt: skip
NOWHERE = frozenset(map(folded, (
    "independent", "independent researcher", "freelance", "self-employed", "none", "n/a",
    "retired", "무소속", "개인", "없음", "프리랜서",
)))  # fmt: skip
# What stands before the country in domains that belong to nobody: ac.kr, co.uk.
SHARED_LABELS = frozenset({"ac", "re", "co", "go", "or", "pe", "edu", "com", "org", "gov", "net"})
# Names that the standards keep for examples (RFC 2606).
RESERVED = frozenset({"example", "test", "invalid", "localhost"})
# Between people who are not wanted; what stands beside a name, as an organisation, matches nobody.
PIECES = re.compile(r"[;,\n]| and | und | 및 ")
MOST_PIECES = 12
# Joint works and projects count this long.
RECENT_YEARS = 3


@dataclass
class Known:
    """What is known of one person; `sources` says, by key, what shows it."""

    person_id: int | None = None
    keys: set[Key] = field(default_factory=set)


@dataclass
class Member(Known):
    """Somebody of an application."""

    application_id: int = 0
    role: str = ""


@dataclass
class Team:
    """An application as others compare themselves with it."""

    application_id: int
    call_id: int
    members: list[Member]
    # Folded names and addresses of those whom the applicants do not want.
    unwanted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Background:
    """What several people share: their profiles, addresses and the tree of organisations."""

    profiles: dict[int, Profile]
    mails: dict[int, set[str]]

    @classmethod
    def of(cls, user_ids: Collection[int]) -> Background:
        """Read it for some accounts; addresses count whether they were verified or not."""
        rows = Profile.objects.filter(user_id__in=user_ids).select_related("organisation")
        profiles = {each.user_id: each for each in rows.prefetch_related("works", "projects")}
        mails: dict[int, set[str]] = defaultdict(set)
        others = EmailAddress.objects.filter(user_id__in=user_ids)
        for user_id, address in others.values_list("user_id", "email"):
            mails[user_id].add(address.casefold())
        for user_id, profile in profiles.items():
            mails[user_id] |= {profile.contact_email.casefold()} - {""}
        return cls(profiles, mails)


def own_domains(address: str) -> Iterator[str]:
    """Yield the domain of an address and those above it, as far as they belong to somebody."""
    labels = address.rpartition("@")[2].casefold().split(".")
    if RESERVED & set(labels[-2:]):
        return
    while len(labels) > 1 and not (len(labels) == 2 and labels[0] in SHARED_LABELS):
        domain = ".".join(labels)
        if domain not in GENERIC_DOMAINS:
            yield domain
        labels = labels[1:]


def mail_keys(addresses: Iterable[str]) -> Iterator[Key]:
    """Yield addresses and their domains."""
    for address in addresses:
        yield "mail", address
        yield from (("domain", domain) for domain in own_domains(address))


def place_keys(organisation: Organisation | None, unlisted: str, unit: str) -> Iterator[Key]:
    """Yield where somebody works: the body, its names and domains, and the department in it."""
    if organisation is not None:
        yield "organisation", str(organisation.pk)
        yield from (("domain", each.casefold()) for each in organisation.domains
                    if each.casefold() not in GENERIC_DOMAINS)  # fmt: skip
        names = {folded(each) for each in (organisation.name, organisation.name_en,
                                           organisation.name_ko, *organisation.aliases)}  # fmt: skip
        yield from (("place", name) for name in sorted(names - {""}))
        if folded(unit):
            yield "department", f"{organisation.pk} {folded(unit)}"
    elif (name := folded(unlisted)) and name not in NOWHERE:
        yield "place", name
        if folded(unit):
            yield "department", f"{name} {folded(unit)}"


def record_keys(profile: Profile) -> Iterator[Key]:
    """Yield recent works and projects, and the researcher's number."""
    since = timezone.now().year - RECENT_YEARS
    if profile.orcid:
        yield "orcid", profile.orcid
    for work in profile.works.all():
        if work.doi and (work.year is None or work.year >= since):
            yield "doi", work.doi.casefold()
    for project in profile.projects.all():
        if project.identifier and (project.ended_in is None or project.ended_in >= since):
            yield "project", folded(project.identifier)


def name_keys(names: Iterable[str]) -> Iterator[Key]:
    """Yield names as they are compared: whatever the order of given and family name."""
    for name in names:
        words = sorted(folded(word) for word in name.split())
        if any(words):
            yield "name", "".join(words)


def names_of(profile: Profile) -> tuple[str, ...]:
    """Return every spelling of a person's name."""
    both = f"{profile.given_name} {profile.family_name}"
    return (profile.display_name, both, profile.hangul_name, *profile.other_names)


def profile_keys(user_id: int | None, background: Background) -> set[Key]:
    """Return what the account of somebody tells."""
    profile = background.profiles.get(user_id or 0)
    keys = set(mail_keys(background.mails.get(user_id or 0, ())))
    if profile is not None:
        keys |= set(place_keys(profile.organisation, profile.organisation_unlisted, profile.unit))
        keys |= {*record_keys(profile), *name_keys(names_of(profile))}
    return keys


def judges_of(person_ids: Collection[int]) -> list[Known]:
    """Return what is known of people who judge, or may."""
    people = list(Person.objects.filter(pk__in=person_ids).select_related("user"))
    background = Background.of([each.user_id for each in people if each.user_id])
    return [
        Known(each.pk, {
            ("person", str(each.pk)), *profile_keys(each.user_id, background),
            *name_keys([each.name]),
            *mail_keys([each.user.email.casefold()] if each.user else []),
        })
        for each in people
    ]  # fmt: skip


def teams_of(applications: Iterable[Application]) -> list[Team]:
    """Return the people of applications, and whom they do not want."""
    wanted = {each.pk: each for each in applications}
    rows = Participant.objects.filter(application__in=wanted).exclude(state="declined")
    people = list(rows.select_related("person__user", "organisation"))
    users = [each.person.user_id for each in people if each.person and each.person.user_id]
    background = Background.of(users)
    members: dict[int, list[Member]] = defaultdict(list)
    for each in people:
        members[each.application_id].append(member_of(each, background))
    spread(members)
    unwanted = unwanted_by(wanted.values())
    return [
        Team(pk, each.call_id, members[pk], unwanted.get(pk, frozenset()))
        for pk, each in wanted.items()
    ]


def member_of(row: Participant, background: Background) -> Member:
    """Return what is known of somebody who is named: from the application and from the account."""
    keys = {*place_keys(row.organisation, row.organisation_unlisted, row.department),
            *name_keys([row.name]), *mail_keys([row.email.casefold()] if row.email else [])}  # fmt: skip
    user = row.person.user if row.person else None
    if row.person is not None:
        keys.add(("person", str(row.person.pk)))
    if user is not None:
        keys |= {*profile_keys(user.pk, background), *mail_keys([user.email.casefold()])}
    return Member(row.person_id, keys, row.application_id, row.role)


def spread(members: dict[int, list[Member]]) -> None:
    """Let members also stand for the bodies above and below theirs, and for earlier records."""
    everybody = [each for team in members.values() for each in team]
    own = {value for each in everybody for kind, value in each.keys if kind == "organisation"}
    related = relatives(own)
    for each in everybody:
        places = {value for kind, value in each.keys if kind == "organisation"}
        each.keys |= {
            ("relative", other) for value in places for other in related.get(value, set()) - places
        }


def relatives(organisation_ids: Collection[str]) -> dict[str, set[str]]:
    """Return, by id, the ids of parents, children, heirs and predecessors of organisations."""
    bodies = list(Organisation.objects.filter(pk__in=organisation_ids))
    numbers = [body.ror_id for body in bodies if body.ror_id]
    above = [number for body in bodies for number in body.parent_ror_ids]
    near = Organisation.objects.filter(
        Q(ror_id__in=above) | Q(parent_ror_ids__overlap=numbers)
        | Q(successor__in=organisation_ids) | Q(predecessors__in=organisation_ids)
    ).distinct()  # fmt: skip
    found: dict[str, set[str]] = defaultdict(set)
    for other in near:
        for body in bodies:
            if are_related(body, other) or are_related(other, body):
                found[str(body.pk)].add(str(other.pk))
    return found


def are_related(one: Organisation, other: Organisation) -> bool:
    """Tell whether one body is a part, or the predecessor, of the other."""
    is_part = bool(other.ror_id) and other.ror_id in one.parent_ror_ids
    return is_part or one.successor_id == other.pk


def unwanted_by(applications: Iterable[Application]) -> dict[int, frozenset[str]]:
    """Return whom applicants named as not to review, folded, from the version that counts."""
    wanted = Q()
    for each in applications:
        if each.submitted_version is not None:
            wanted |= Q(application=each, number=each.submitted_version)
    if not wanted:
        return {}
    rows = ApplicationVersion.objects.filter(wanted).values_list("application", "content")
    return {pk: frozenset(unwanted_in(content)) for pk, content in rows}


def unwanted_in(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names and addresses that stand in the answers with this question."""
    for answers in content.get("answers", {}).values():
        for piece in PIECES.split(str(answers.get("not_to_review", "")))[:MOST_PIECES]:
            if "@" in piece:
                yield from (word.strip("<>()").casefold() for word in piece.split() if "@" in word)
            yield from (value for _kind, value in name_keys([piece.partition("(")[0]]))


def judged_in(call: Call) -> list[Application]:
    """Return the applications of a call that are or were before reviewers."""
    return list(call.applications.exclude(state__in=("draft", "withdrawn")).order_by("pk"))
