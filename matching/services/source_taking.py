"""Taking over what the person ticked, in one transaction, and taking that back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from matching.models import (
    Area,
    Organisation,
    Profile,
    ProfileProject,
    SourceRequest,
    SourceRequestState,
    Topic,
    Work,
)
from matching.models.profile import MOST_ROWS
from matching.permissions.contacts import Blocker, RefusedError
from matching.services.profiles import EditConflict, save_profile, version_of
from matching.services.source_offers import MOST_WORDS, Offer, label_of, offers_of
from matching.services.source_requests import NOT_OPEN, dropped
from matching.sources import FoundPlace, FoundProject, FoundText, FoundWord, FoundWork

if TYPE_CHECKING:
    from konnect.accounts.models import User

WORK_COLUMNS = ("title", "doi", "year", "venue")
PROJECT_COLUMNS = ("title", "identifier", "funder", "started_in", "ended_in")
NOTHING = Blocker("nothing", _("Tick at least one thing, or drop what was found."))
TOO_MANY_WORKS = Blocker(
    "too_many_works",
    _("A profile shows five works at most. Untick some, of the new ones or of those there."),
)
TOO_MANY_PROJECTS = Blocker(
    "too_many_projects",
    _("A profile shows five projects at most. Untick some, of the new ones or of those there."),
)
CHANGED_SINCE = Blocker(
    "changed_since",
    _("Your profile was changed after that, so this can no longer be undone. Please edit it."),
)
TOO_LATE = Blocker("too_late", _("This can be undone for one day only. Please edit your profile."))


@dataclass(frozen=True)
class Choice:
    """What the person wants: keys of offers, and which stored works and projects stay."""

    keys: frozenset[str] = frozenset()
    works: frozenset[int] = frozenset()
    projects: frozenset[int] = frozenset()


@dataclass
class Change:
    """What a taking writes."""

    columns: dict[str, Any] = field(default_factory=dict)
    works: list[Work] | None = None
    projects: list[ProfileProject] | None = None
    areas: list[Area] | None = None
    topics: list[Topic] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not self.columns and not any(
            rows is not None for rows in (self.works, self.projects, self.areas, self.topics)
        )


@transaction.atomic
def take_look(look: SourceRequest, *, actor: User, choice: Choice, version: str) -> SourceRequest:
    """Write what was ticked into the profile, and forget the rest.

    Raises:
        RefusedError: it does not fit, nothing was ticked, or the look is over.
        EditConflict: the profile is no longer the one that the offers were compared with.
    """
    offers = offers_of(look)
    chosen = [offer for offer in offers if offer.key in choice.keys]
    change = change_of(look.profile, chosen, choice, look.source)
    if blockers := blockers_of(look.profile, chosen, change):
        raise RefusedError(blockers)
    before = stored_before(look.profile, change)
    profile = written(look.profile, actor, change, version)
    undo = before | {"version": version_of(profile)}
    close(look, {"undo": undo, "seen": sorted(offer.key for offer in offers)})
    return look


def written(profile: Profile, actor: User, change: Change, version: str) -> Profile:
    """Save a change.

    Raises:
        EditConflict: the profile has another version.
    """
    return save_profile(
        profile, actor=actor, columns=change.columns, areas=change.areas, topics=change.topics,
        works=change.works, projects=change.projects, version=version,
    )  # fmt: skip


def close(look: SourceRequest, left: dict[str, Any]) -> None:
    """Note that the person has chosen; nobody else must have closed the look meanwhile.

    Raises:
        RefusedError: it is over already.
    """
    rows = SourceRequest.objects.filter(pk=look.pk, state=SourceRequestState.READY)
    columns = {"asked": "", "refused": [], "found": left, "ended_at": Now()}
    if rows.update(state=SourceRequestState.TAKEN, **columns) != 1:
        raise RefusedError([NOT_OPEN])
    look.refresh_from_db()


def change_of(profile: Profile, chosen: Sequence[Offer], choice: Choice, source: str) -> Change:
    """Return what follows from the ticks."""
    change = Change(columns=text_columns(chosen) | word_columns(profile, chosen))
    change.works = rows_left(Work, profile.works.all(), chosen, choice.works, source)
    change.projects = rows_left(
        ProfileProject, profile.projects.all(), chosen, choice.projects, source
    )
    areas = [offer.subject for offer in chosen if isinstance(offer.subject, Area)]
    topics = [offer.subject for offer in chosen if isinstance(offer.subject, Topic)]
    change.areas = [*profile.areas.all(), *areas] if areas else None
    change.topics = [*profile.topics.all(), *topics] if topics else None
    return change


def text_columns(chosen: Iterable[Offer]) -> dict[str, Any]:
    """Return the columns that one text or one place of work fills."""
    columns: dict[str, Any] = {}
    for offer in chosen:
        if isinstance(offer.proposal, FoundText):
            columns[offer.proposal.column] = offer.proposal.text
        elif isinstance(offer.proposal, FoundPlace):
            columns |= place_columns(offer.proposal, offer.organisation)
    return columns


def place_columns(place: FoundPlace, organisation: Organisation | None) -> dict[str, Any]:
    """Return organisation or its name, and of the rest what the source tells."""
    columns: dict[str, Any] = {"organisation": organisation, "organisation_unlisted": ""}
    if organisation is None:
        columns |= {"organisation_unlisted": place.name}
        columns |= {"country_code": place.country_code} if place.country_code else {}
    told = {"unit": place.unit, "position": place.position, "affiliated_since": place.since}
    return columns | {column: value for column, value in told.items() if value}


def word_columns(profile: Profile, chosen: Iterable[Offer]) -> dict[str, list[str]]:
    """Return the lists with the new entries behind the old ones."""
    found: dict[str, list[str]] = {}
    for offer in chosen:
        if isinstance(offer.proposal, FoundWord):
            column = offer.proposal.column
            words = found.setdefault(column, list(getattr(profile, column)))
            words.append(offer.proposal.text)
    return found


def rows_left(
    model: Any, stored: Iterable[Any], chosen: Iterable[Offer], kept: Collection[int], source: str
) -> list[Any] | None:
    """Return the works or projects afterwards: kept, changed and new ones; None for no change."""
    kind = FoundWork if model is Work else FoundProject
    mine = [offer for offer in chosen if isinstance(offer.proposal, kind)]
    changed = {offer.row: offer.proposal for offer in mine if offer.row}
    rows = list(stored)
    if not mine and {row.pk for row in rows} <= set(kept):
        return None
    left = [row_from(model, row, changed.get(row.pk), source) for row in rows if row.pk in kept]
    new = [row_from(model, None, offer.proposal, source) for offer in mine if not offer.row]
    return placed([*left, *new])


def row_from(model: Any, row: Any | None, proposal: Any | None, source: str) -> Any:
    """Return a row with what is stored, and on top what the source tells."""
    columns = WORK_COLUMNS if model is Work else PROJECT_COLUMNS
    values = {column: getattr(row, column) for column in columns} if row else {}
    if row:
        values |= {"source": row.source, "source_id": row.source_id}
    if proposal:
        told = {column: getattr(proposal, column) for column in columns}
        values |= {column: value for column, value in told.items() if value}
        values |= {"source": source, "source_id": proposal.source_id}
    start, end = values.get("started_in"), values.get("ended_in")
    if start and end and end < start:
        values["ended_in"] = None
    return model(**values)


def placed(rows: list[Any]) -> list[Any]:
    """Number works in their order; projects are ordered by their years."""
    for position, row in enumerate(rows):
        if isinstance(row, Work):
            row.position = position
    return rows


def blockers_of(profile: Profile, chosen: Sequence[Offer], change: Change) -> list[Blocker]:
    """Return why this cannot be taken over as it is."""
    found = [*slot_blockers(chosen)]
    for column, most in MOST_WORDS.items():
        if len(change.columns.get(column, ())) > most:
            words = _("“{label}” may have {most} entries at most. Please untick some.")
            found.append(
                Blocker("too_many_words", format_lazy(words, label=label_of(column), most=most))
            )
    if len(change.works or ()) > MOST_ROWS:
        found.append(TOO_MANY_WORKS)
    if len(change.projects or ()) > MOST_ROWS:
        found.append(TOO_MANY_PROJECTS)
    return found or ([NOTHING] if change.is_empty else [])


def slot_blockers(chosen: Iterable[Offer]) -> list[Blocker]:
    """Return what was ticked more than once and can be only one."""
    seen: dict[str, int] = {}
    labels = {}
    for offer in chosen:
        if offer.slot:
            seen[offer.slot] = seen.get(offer.slot, 0) + 1
            labels[offer.slot] = offer.label
    words = _("Tick only one entry for “{label}”.")
    return [
        Blocker("only_one", format_lazy(words, label=labels[slot]))
        for slot, count in seen.items()
        if count > 1
    ]


def stored_before(profile: Profile, change: Change) -> dict[str, Any]:
    """Return what undoing puts back, as JSON."""
    columns: dict[str, Any] = {name: getattr(profile, name) for name in change.columns}
    if "organisation" in columns:
        columns |= {"organisation": profile.organisation_id, "country_code": profile.country_code}
    before: dict[str, Any] = {"columns": columns}
    if change.works is not None:
        before["works"] = values_of(profile.works.all(), WORK_COLUMNS)
    if change.projects is not None:
        before["projects"] = values_of(profile.projects.all(), PROJECT_COLUMNS)
    for name in ("areas", "topics"):
        if getattr(change, name) is not None:
            before[name] = [row.pk for row in getattr(profile, name).all()]
    return before


def values_of(rows: models.QuerySet[Any], columns: Iterable[str]) -> list[dict[str, Any]]:
    """Return the columns of stored rows, with where they came from."""
    return list(rows.values(*columns, "source", "source_id"))


@transaction.atomic
def undo_taking(look: SourceRequest, *, actor: User) -> SourceRequest:
    """Put back what the profile said before; what was found is gone and can be asked for again.

    Raises:
        RefusedError: it was not taken over, a day has passed, or the profile was changed since.
    """
    if look.state != SourceRequestState.TAKEN:
        raise RefusedError([NOT_OPEN])
    before = look.found.get("undo")
    if not before:
        raise RefusedError([TOO_LATE])
    try:
        written(look.profile, actor, restored(before), before["version"])
    except EditConflict as conflict:
        raise RefusedError([CHANGED_SINCE]) from conflict
    rows = SourceRequest.objects.filter(pk=look.pk, state=SourceRequestState.TAKEN)
    if rows.update(**dropped()) != 1:
        raise RefusedError([NOT_OPEN])
    look.refresh_from_db()
    return look


def restored(before: Mapping[str, Any]) -> Change:
    """Return the change that puts everything back."""
    columns = dict(before["columns"])
    if "organisation" in columns:
        columns["organisation"] = Organisation.objects.filter(pk=columns["organisation"]).first()
    change = Change(columns=columns)
    if "works" in before:
        change.works = placed([Work(**row) for row in before["works"]])
    if "projects" in before:
        change.projects = [ProfileProject(**row) for row in before["projects"]]
    if "areas" in before:
        change.areas = list(Area.objects.filter(pk__in=before["areas"]))
    if "topics" in before:
        change.topics = list(Topic.objects.filter(pk__in=before["topics"]))
    return change
