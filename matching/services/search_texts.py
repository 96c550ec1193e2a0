"""What search knows of a thing: its names, words, facets and times, for one audience."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Prefetch

from matching.lexemes import KEYWORDS, NAMES, REST, TEXTS, Written, plain
from matching.models import (
    Listing,
    Organisation,
    PartnerSearch,
    Profile,
    ProfileState,
    SearchEntry,
    Topic,
    Work,
)
from matching.models.organisation import OrganisationStatus
from matching.names import folded
from matching.visibility import Audience, fields_open_to

MOST_WORKS = 20
LONGEST_SORT = 100
LONGEST_VALUE = 60
NEWEST = F("year").desc(nulls_last=True)
Texts = Iterable[str]


@dataclass
class Readable:
    """One thing as one audience may read it.

    texts: what it says, one text each, without line breaks: searched, quoted and embedded.
    meant: what is embedded but not quoted, such as names of topics.
    """

    written: Written = field(default_factory=Written)
    texts: list[str] = field(default_factory=list)
    meant: list[str] = field(default_factory=list)
    facets: list[str] = field(default_factory=list)
    sort_en: str = ""
    sort_ko: str = ""
    freshness: datetime | None = None
    appeared_at: datetime | None = None

    def add(self, weight: str, texts: Texts, *, is_meant: bool = True) -> None:
        """Add texts to the words, to what is quoted, and to what is embedded."""
        for text in (" ".join(each.split()) for each in texts):
            if text:
                self.written.add_text(weight, text)
                self.texts.append(text)
                self.meant += [text] * is_meant

    def add_facet(self, name: str, values: Iterable[str]) -> None:
        """Add what a facet counts."""
        self.facets += [f"{name}:{value[:LONGEST_VALUE]}" for value in values if value]

    def add_place(self, organisation: Organisation | None, country: str, side: str) -> None:
        """Add where something is."""
        self.add_facet("country", [country])
        self.add_facet("side", [side])
        if organisation:
            self.add_facet("city", [organisation.city])
            self.add_facet("type", organisation.types)


def readables_of(entries: Sequence[SearchEntry]) -> dict[int, Readable]:
    """Return what the audiences of some entries may read, by the entries' ids; flat in queries."""
    people = read_people({entry.profile_id for entry in entries if entry.profile_id})
    bodies = Organisation.objects.in_bulk(
        [e.organisation_id for e in entries if e.organisation_id]
    )
    listings = read_listings({entry.listing_id for entry in entries if entry.listing_id})
    found = {}
    for entry in entries:
        if person := people.get(entry.profile_id or 0):
            found[entry.pk] = readable_person(person, Audience(entry.audience))
        elif body := bodies.get(entry.organisation_id or 0):
            found[entry.pk] = readable_organisation(body)
        elif listing := listings.get(entry.listing_id or 0):
            found[entry.pk] = readable_listing(listing)
    return found


def read_people(ids: set[int]) -> dict[int, Profile]:
    """Read people with all that their entries are made of."""
    works = Work.objects.order_by(NEWEST, "position", "pk")
    rows = Profile.objects.filter(pk__in=ids).select_related("organisation", "user")
    listings = Prefetch("listings", Listing.objects.open().order_by("-pk"))
    rows = rows.prefetch_related("areas", "topics", "projects", Prefetch("works", works), listings)
    return {person.pk: person for person in rows}


def read_listings(ids: set[int]) -> dict[int, Listing]:
    """Read listings with all that their entries are made of."""
    rows = Listing.objects.filter(pk__in=ids)
    rows = rows.select_related(
        "partner_search", "organisation", "profile__organisation", "profile__user"
    )
    return {listing.pk: listing for listing in rows.prefetch_related("areas", "topics")}


# --- People ---------------------------------------------------------------------------------------


def readable_person(person: Profile, audience: Audience) -> Readable:
    """Return a person as an audience may read them: nothing until they are published to it."""
    is_shown = person.state == ProfileState.PUBLISHED and person.user.is_active
    if not is_shown or (audience == Audience.PUBLIC and not person.is_public):
        return Readable()
    shown = fields_open_to(audience, person.visibility)
    found = Readable(freshness=person.confirmed_at, appeared_at=person.published_at)
    add_names(found, person)
    add_subjects(found, person, shown)
    add_own_texts(found, person, shown)
    add_affiliation(found, person, shown)
    add_wishes(found, person, shown)
    return found


def add_names(found: Readable, person: Profile) -> None:
    """Add every way to write the name, and what lists are sorted by."""
    whole = [person.display_name, person.hangul_name, person.hanja_name, person.cite_as]
    found.written.add_person(person.family_name, person.given_name, [*whole, *person.other_names])
    latin = person.sort_as or f"{person.family_name} {person.given_name}".strip()
    found.sort_en = sort_key(latin or person.display_name)
    found.sort_ko = sort_key(person.hangul_name or person.sort_as or person.display_name)


def sort_key(name: str) -> str:
    """Return what a name is sorted by: Hangul stands in Unicode in the order of its dictionaries."""
    return plain(name)[:LONGEST_SORT]


def add_subjects(found: Readable, person: Profile, shown: frozenset[str]) -> None:
    """Add areas, topics and keywords."""
    add_areas(found, person)
    if "topics" in shown:
        add_topics(found, person.topics.all())
    if "keywords" in shown:
        add_keywords(found, person.keywords)


def add_keywords(found: Readable, keywords: list[str]) -> None:
    """Add keywords: quoted one by one, embedded together."""
    found.add(KEYWORDS, keywords, is_meant=False)
    found.meant.append(", ".join(keywords))


def add_areas(found: Readable, thing: Profile | Listing) -> None:
    """Add the areas: a facet, and weak words in both languages."""
    areas = list(thing.areas.all())
    found.add_facet("area", (area.code for area in areas))
    found.written.add_text(REST, "\n".join(f"{area.name_en}\n{area.name_ko}" for area in areas))


def add_topics(found: Readable, topics: Iterable[Topic]) -> None:
    """Add topics in both languages."""
    topics = list(topics)
    found.add_facet("topic", (topic.code for topic in topics))
    found.add(KEYWORDS, (f"{topic.name_en} / {topic.name_ko}" for topic in topics), is_meant=False)
    found.meant.append(", ".join(topic.name_en for topic in topics))


def add_own_texts(found: Readable, person: Profile, shown: frozenset[str]) -> None:
    """Add what the person wrote, and the titles of works and projects."""
    if "summary" in shown:
        found.add(TEXTS, [person.summary_en, person.summary_ko])
    if "methods" in shown:
        found.add(TEXTS, [person.methods_en, person.methods_ko])
    if "works" in shown:
        found.add(TEXTS, (work.title for work in list(person.works.all())[:MOST_WORKS]))
    if "projects" in shown:
        found.add(TEXTS, (project.title for project in person.projects.all()))
    found.add(REST, [person.area_other])


def add_affiliation(found: Readable, person: Profile, shown: frozenset[str]) -> None:
    """Add where the person works and as what."""
    names = organisation_names(person.organisation) or [person.organisation_unlisted]
    found.written.add_text(REST, "\n".join(names))
    if "unit" in shown:
        found.add(REST, [person.unit], is_meant=False)
    if "position" in shown:
        found.add(REST, [person.position], is_meant=False)
    found.add_place(person.organisation, person.country_code, person.side)
    found.add_facet("stage", [person.career_stage])


def add_wishes(found: Readable, person: Profile, shown: frozenset[str]) -> None:
    """Add roles, visits, languages, and what open listings are about."""
    if "roles" in shown:
        found.add_facet("role", person.roles)
    if "mobility" in shown:
        found.add_facet("mobility", ["host"] * person.would_host + ["visit"] * person.would_visit)
    if "languages" in shown:
        found.add_facet("language", person.languages)
    listings = list(person.listings.all())
    found.add_facet("offers_or_seeks", sorted({listing.kind for listing in listings}))
    titles = [title for each in listings for title in (each.title_en, each.title_ko)]
    # Not quoted: a listing may run out before the person's entry is made anew.
    found.written.add_text(REST, "\n".join(titles))


# --- Organisations --------------------------------------------------------------------------------


def organisation_names(organisation: Organisation | None) -> list[str]:
    """Return all names of an organisation, each once."""
    if organisation is None:
        return []
    others = [entry["name"] for entry in organisation.names_other]
    names = [organisation.name, organisation.name_en, organisation.name_ko, *others]
    return list(
        dict.fromkeys(filter(None, [*names, *organisation.acronyms, *organisation.aliases]))
    )


def readable_organisation(body: Organisation) -> Readable:
    """Return an organisation; nothing of one that no longer exists."""
    if body.status != OrganisationStatus.ACTIVE:
        return Readable()
    found = Readable(freshness=body.verified_at)
    names = organisation_names(body)
    for name in names:
        found.written.add_title(name)
        found.written.put(NAMES, [f"@{folded(name)}"[:LONGEST_SORT]])
    found.meant += list(filter(None, (body.name_en or body.name, body.name_ko)))
    found.add(
        TEXTS, [body.about_en, body.about_ko, body.infrastructure_en, body.infrastructure_ko]
    )
    found.written.add_text(REST, "\n".join([body.city, body.region, body.country]))
    found.add_place(body, body.country_code, body.side)
    found.sort_en = sort_key(body.name_en or body.name)
    found.sort_ko = sort_key(body.name_ko or body.name)
    return found


# --- Listings -------------------------------------------------------------------------------------


def readable_listing(listing: Listing) -> Readable:
    """Return a listing; nothing of one that is not open, so that nobody can look for its words."""
    if not listing.is_open:
        return Readable()
    found = Readable(freshness=listing.updated_at, appeared_at=listing.created_at)
    titles = list(filter(None, (listing.title_en, listing.title_ko)))
    for title in titles:
        found.written.add_title(title)
    found.meant += titles
    add_areas(found, listing)
    add_topics(found, listing.topics.all())
    found.add(TEXTS, [listing.description_en, listing.description_ko])
    if search := getattr(listing, "partner_search", None):
        add_partner_search(found, search)
    add_author(found, listing)
    found.sort_en = sort_key(listing.title_en or listing.title_ko)
    found.sort_ko = sort_key(listing.title_ko or listing.title_en)
    return found


def add_partner_search(found: Readable, search: PartnerSearch) -> None:
    """Add what a partner search says to everybody who sees the listing: not its long description."""
    found.add(KEYWORDS, [search.proposal_acronym, search.proposal_name], is_meant=False)
    add_keywords(found, search.keywords)
    found.add(REST, [search.call_identifier, search.call_title, search.programme], is_meant=False)
    found.add(TEXTS, [search.expertise_offered_en, search.expertise_offered_ko])
    found.add(TEXTS, [search.expertise_sought_en, search.expertise_sought_ko])
    found.add(TEXTS, [search.work_en, search.work_ko])
    found.add_facet("role", search.roles_sought)


def add_author(found: Readable, listing: Listing) -> None:
    """Add who offers or seeks, and from where."""
    author = listing.profile
    organisation = listing.organisation or author.organisation
    names = [author.display_name, author.hangul_name, *organisation_names(organisation)]
    found.written.add_text(REST, "\n".join(names))
    country = organisation.country_code if organisation else author.country_code
    found.add_place(organisation, country, organisation.side if organisation else author.side)
    found.add_facet("offers_or_seeks", [listing.kind])
    languages = ["en"] * bool(listing.title_en) + ["ko"] * bool(listing.title_ko)
    found.add_facet("language", languages)
