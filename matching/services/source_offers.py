"""What a look offers: each proposal beside what the profile says now, without what is the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.countries import country_name
from matching.models import (
    Area,
    Organisation,
    Profile,
    ProfileProject,
    Source,
    SourceRequest,
    SourceRequestState,
    Topic,
    Work,
)
from matching.models.profile import MOST_KEYWORDS, MOST_OTHER_NAMES, MOST_ROWS
from matching.names import folded
from matching.services.source_places import candidates_of
from matching.sources import (
    FoundPlace,
    FoundProject,
    FoundSubject,
    FoundText,
    FoundWord,
    FoundWork,
    Proposal,
    key_of,
    proposal_of,
)

Words = str | Promise
MOST_WORDS = {"keywords": MOST_KEYWORDS, "other_names": MOST_OTHER_NAMES}
GROUPS: dict[str, Words] = {
    "names": _("Names and identifier"),
    "texts": _("Texts"),
    "place": _("Where you work"),
    "subjects": _("Areas and topics"),
    "keywords": _("Keywords"),
    "works": _("Works"),
    "projects": _("Projects"),
}
LANGUAGE_OF_COLUMN = {"summary_en": "en", "summary_ko": "ko", "hangul_name": "ko"}
GROUP_OF_COLUMN = {"summary_en": "texts", "summary_ko": "texts", "website": "texts"}


@dataclass(frozen=True)
class Offer:
    """One thing to tick.

    `slot` is what only one of several can have; `now` is what it would replace; `row` the stored
    work or project that it would change; `was_left_out` says that it stood here before.
    """

    key: str
    group: str
    label: Words
    found: str
    proposal: Proposal
    now: str = ""
    detail: str = ""
    note: Words = ""
    by: str = ""
    slot: str = ""
    is_ticked: bool = False
    was_left_out: bool = False
    organisation: Organisation | None = None
    subject: Area | Topic | None = None
    row: int | None = None

    @property
    def language(self) -> str:
        """The language that the text is certainly in; empty when one cannot tell."""
        column = self.proposal.column if isinstance(self.proposal, FoundText) else ""
        return LANGUAGE_OF_COLUMN.get(column, "")

    @property
    def abstract(self) -> str:
        """The beginning of the work, to recognise it by."""
        return self.proposal.abstract if isinstance(self.proposal, FoundWork) else ""


@dataclass
class Stored:
    """What the profile holds, as far as it is compared."""

    profile: Profile
    works: list[Work]
    projects: list[ProfileProject]
    subjects: Mapping[tuple[str, str], Area | Topic]
    chosen: frozenset[tuple[str, str]]
    places: Mapping[FoundPlace, list[Organisation]]


def offers_of(look: SourceRequest) -> list[Offer]:
    """Return what is new or changed, in the order of the page; the same number of queries ever."""
    proposals = [proposal_of(row) for row in look.found] if is_ready(look) else []
    stored = stored_of(look.profile, proposals)
    left_out = keys_seen(look)
    offers = [offer for proposal in proposals for offer in compared(proposal, stored)]
    once = {offer.key: offer for offer in reversed(offers)}
    ordered = sorted(
        (replace(offer, was_left_out=offer.key in left_out) for offer in offers
         if once[offer.key] is offer),
        key=lambda offer: list(GROUPS).index(offer.group),
    )  # fmt: skip
    is_sure = look.source != Source.OPENALEX
    return list(ticked(ordered, stored) if is_sure else ordered)


def is_ready(look: SourceRequest) -> bool:
    """Say whether the look holds proposals."""
    return look.state == SourceRequestState.READY


def keys_seen(look: SourceRequest) -> frozenset[str]:
    """Return the keys of what the newest taking of this source offered."""
    taken = look.profile.source_requests.filter(
        source=look.source, state=SourceRequestState.TAKEN
    ).first()
    found = taken.found if taken else {}
    return frozenset(found.get("seen", ())) if isinstance(found, dict) else frozenset()


def stored_of(profile: Profile, proposals: Iterable[Proposal]) -> Stored:
    """Fetch what the proposals are compared with."""
    subjects: dict[tuple[str, str], Area | Topic] = {
        ("areas", row.code): row for row in Area.objects.filter(version=Area.CURRENT_VERSION)
    }
    subjects |= {("topics", row.code): row for row in Topic.objects.all()}
    chosen = {("areas", row.code) for row in profile.areas.all()}
    chosen |= {("topics", row.code) for row in profile.topics.all()}
    return Stored(
        profile,
        list(profile.works.all()),
        list(profile.projects.all()),
        subjects,
        frozenset(chosen),
        candidates_of([each for each in proposals if isinstance(each, FoundPlace)]),
    )


def compared(proposal: Proposal, stored: Stored) -> Iterator[Offer]:
    """Return how one proposal differs from the profile; nothing when it does not."""
    match proposal:
        case FoundText():
            yield from text_offer(proposal, stored)
        case FoundWord():
            yield from word_offer(proposal, stored)
        case FoundPlace():
            yield from place_offers(proposal, stored)
        case FoundWork():
            yield from work_offer(proposal, stored)
        case FoundProject():
            yield from project_offer(proposal, stored)
        case FoundSubject():
            yield from subject_offer(proposal, stored)


def label_of(column: str) -> Words:
    """Return the name of a column of the profile as its form writes it."""
    field: Any = Profile._meta.get_field(column)  # noqa: SLF001 - documented API
    label: Words = field.verbose_name
    return label


def text_offer(proposal: FoundText, stored: Stored) -> Iterator[Offer]:
    """Offer a text, unless the profile has it or the iD was proven by signing in."""
    column, now = proposal.column, str(getattr(stored.profile, proposal.column))
    is_proven = column == "orcid" and stored.profile.orcid_verified_at
    if now != proposal.text and not is_proven:
        yield Offer(
            key_of(proposal),
            GROUP_OF_COLUMN.get(column, "names"),
            label_of(column),
            proposal.text,
            proposal,
            now=now,
            by=proposal.by,
            slot=column,
            note=_("It is shown as not verified: only signing in with ORCID proves whose it is.")
            if column == "orcid"
            else "",
        )


def word_offer(proposal: FoundWord, stored: Stored) -> Iterator[Offer]:
    """Offer a further keyword or spelling."""
    profile, column = stored.profile, proposal.column
    known = [word.casefold() for word in getattr(profile, column)]
    if column == "other_names":
        known += [profile.display_name.casefold(), profile.hangul_name, profile.hanja_name]
    if proposal.text.casefold() not in known:
        group = "keywords" if column == "keywords" else "names"
        label = _("keyword") if column == "keywords" else _("another spelling")
        yield Offer(key_of(proposal), group, label, proposal.text, proposal, by=proposal.by)


def place_offers(proposal: FoundPlace, stored: Stored) -> Iterator[Offer]:
    """Offer each organisation that may be meant; the bare name when the portal knows none."""
    known = stored.places.get(proposal, [])
    for organisation in known:
        if not is_current(proposal, organisation, stored.profile):
            note = (
                "" if len(known) == 1 and proposal.ids else _("Found by its name: please check.")
            )
            yield place_offer(proposal, stored, organisation, str(organisation), note)
    if not known and stored.profile.organisation_unlisted != proposal.name:
        note = _("This organisation is not in the portal's list; its name is taken over.")
        yield place_offer(proposal, stored, None, proposal.name, note)


def place_offer(
    proposal: FoundPlace, stored: Stored, organisation: Organisation | None, name: str, note: Words
) -> Offer:
    """Return the offer of one place of work, with everything that it would change."""
    profile = stored.profile
    country = organisation.country_code if organisation else proposal.country_code
    city = organisation.city if organisation else proposal.city
    where = ", ".join(filter(None, (city, country_name(country) if country else "")))
    role = (proposal.position, proposal.unit, str(proposal.since or ""))
    return Offer(
        f"{key_of(proposal)}-{organisation.pk if organisation else 0}",
        "place",
        _("organisation"),
        " · ".join(filter(None, (name, where))),
        proposal,
        now=" · ".join(
            filter(None, (profile.affiliation, profile.position, profile.unit,
                          str(profile.affiliated_since or "")))
        ),
        detail=" · ".join(filter(None, role)),
        note=note,
        by=proposal.by,
        slot="place",
        organisation=organisation,
    )  # fmt: skip


def is_current(proposal: FoundPlace, organisation: Organisation, profile: Profile) -> bool:
    """Say whether the profile says the same already."""
    told = {
        "unit": proposal.unit, "position": proposal.position, "affiliated_since": proposal.since
    }  # fmt: skip
    is_same = all(not value or getattr(profile, column) == value for column, value in told.items())
    return profile.organisation_id == organisation.pk and is_same


def work_offer(proposal: FoundWork, stored: Stored) -> Iterator[Offer]:
    """Offer a new work, or what changed in one that the profile shows."""
    row = same_work(proposal, stored.works)
    if row is None or has_changed(row, proposal, ("title", "doi", "year", "venue")):
        yield Offer(
            key_of(FoundWork("", proposal.doi) if proposal.doi and row is None else proposal),
            "works",
            _("work"),
            proposal.title,
            proposal,
            now=work_line(row) if row else "",
            detail=details(proposal.venue, proposal.year, proposal.doi),
            by=proposal.by,
            row=row.pk if row else None,
        )


def same_work(proposal: FoundWork, works: Sequence[Work]) -> Work | None:
    """Return the stored work that this is: by DOI, else by title where a DOI is lacking."""
    for row in works:
        if row.doi and row.doi.lower() == proposal.doi:
            return row
    return next(
        (
            row
            for row in works
            if folded(row.title) == folded(proposal.title) and not (row.doi and proposal.doi)
        ),
        None,
    )


def has_changed(row: Any, proposal: Any, columns: tuple[str, ...]) -> bool:
    """Say whether the source tells anything else of it; what it leaves out is no change."""
    told = [(column, getattr(proposal, column)) for column in columns]
    return any(value and getattr(row, column) != value for column, value in told)


def work_line(row: Work) -> str:
    """Return a stored work in one line."""
    return " · ".join(filter(None, (row.title, details(row.venue, row.year, row.doi))))


def details(*parts: str | int | None) -> str:
    """Return what stands behind a title."""
    return ", ".join(str(part) for part in parts if part)


def project_offer(proposal: FoundProject, stored: Stored) -> Iterator[Offer]:
    """Offer a new project, or what changed in one that the profile shows."""
    row = next((row for row in stored.projects if is_same_project(row, proposal)), None)
    columns = ("title", "identifier", "funder", "started_in", "ended_in")
    if row is None or has_changed(row, proposal, columns):
        years = "–".join(str(year or "") for year in (proposal.started_in, proposal.ended_in))
        yield Offer(
            key_of(proposal),
            "projects",
            _("project"),
            proposal.title,
            proposal,
            now=details(row.title, row.funder, row.identifier, row.started_in) if row else "",
            detail=details(proposal.funder, proposal.identifier, years.strip("–")),
            by=proposal.by,
            row=row.pk if row else None,
        )


def is_same_project(row: ProfileProject, proposal: FoundProject) -> bool:
    """Say whether a stored project is this one: by its number, else by its title."""
    if row.identifier and proposal.identifier:
        return row.identifier == proposal.identifier
    return folded(row.title) == folded(proposal.title)


def subject_offer(proposal: FoundSubject, stored: Stored) -> Iterator[Offer]:
    """Offer an area or a topic that the person did not choose yet."""
    name = (proposal.relation, proposal.code)
    subject = stored.subjects.get(name)
    if subject and name not in stored.chosen:
        label = _("area") if proposal.relation == "areas" else _("topic")
        yield Offer(
            key_of(proposal), "subjects", label, str(subject), proposal,
            detail=", ".join(proposal.because), by=proposal.by, subject=subject,
        )  # fmt: skip


def ticked(offers: Iterable[Offer], stored: Stored) -> Iterator[Offer]:
    """Tick what only fills gaps: nothing that replaces what is there, and no more than fits."""
    room = {
        "works": MOST_ROWS - len(stored.works), "projects": MOST_ROWS - len(stored.projects)
    } | {name: most - len(getattr(stored.profile, name)) for name, most in MOST_WORDS.items()}  # fmt: skip
    taken: set[str] = set()
    for offer in offers:
        column = offer.proposal.column if isinstance(offer.proposal, FoundWord) else offer.group
        fits = room.get(column, 1) > 0 and offer.slot not in taken
        is_ticked = fits and not (offer.now or offer.note or offer.was_left_out)
        if is_ticked:
            room[column] = room.get(column, MOST_ROWS * 100) - 1
            taken |= {offer.slot} - {""}
        yield replace(offer, is_ticked=is_ticked)
