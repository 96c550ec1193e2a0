"""A person's suggestions as JSON, made by PostgreSQL from the list and what members may see.

Who is on the list and in which order is decided elsewhere; here one prepared statement turns
ids into text. What a partner shows to their contacts only, or to nobody, is empty; titles of
works, offers and requests are named as on the page, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from konnect.accounts.prepared import Statement
from matching.models import ListingKind, ListingState, MatchRunState, Profile
from matching.scoring.terms import TERMS, UNIT
from matching.services.evidence import WIDTH
from matching.services.suggestions import Entry
from matching.visibility import FIELDS, OPEN_TO, Audience

# What a list of people shows; the page of a person shows the rest.
TEXTS = ("position", "unit", "summary_en", "summary_ko")
LISTS = ("keywords", "roles", "languages")
SWITCHES = ("would_host", "would_visit")
FIELD_OF = {column: name for name, rule in FIELDS.items() for column in rule.columns}

SUGGESTIONS = """
SELECT coalesce(json_agg(json_build_object(
  'id', partner.id,
  'rank', $3::int + asked.place,
  'score', list.scores[spot.at] / {unit}::float8,
  'parts', json_build_object({parts}),
  'answer', ($4::text[])[asked.place],
  'partner', json_build_object(
    'name', partner.display_name, 'hangul_name', partner.hangul_name,
    'page', '/people/' || partner.id || '/', 'side', partner.side,
    'country', partner.country_code, 'career_stage', partner.career_stage,
    'organisation', CASE WHEN organisation.id IS NOT NULL THEN json_build_object(
      'id', organisation.id, 'ror', organisation.ror_id, 'name', organisation.name,
      'name_ko', organisation.name_ko) END,
    'organisation_unlisted', partner.organisation_unlisted,
    'areas', (SELECT coalesce(json_agg(area.code ORDER BY area.id), '[]')
              FROM matching_profile_areas link JOIN matching_area area ON area.id = link.area_id
              WHERE link.profile_id = partner.id),
    'topics', CASE WHEN {topics_open} THEN
      (SELECT coalesce(json_agg(json_build_object('en', topic.name_en, 'ko', topic.name_ko)
                                ORDER BY topic.id), '[]')
       FROM matching_profile_topics link JOIN matching_topic topic ON topic.id = link.topic_id
       WHERE link.profile_id = partner.id) ELSE '[]' END,
    {columns}),
  'evidence', json_build_object({evidence})
) ORDER BY asked.place), '[]')::text
FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (id, place)
JOIN matching_suggestionlist list ON list.profile_id = $2
JOIN matching_matchrun run ON run.id = list.match_run_id AND run.state = '{published}'
JOIN matching_profile partner ON partner.id = asked.id
LEFT JOIN matching_organisation organisation ON organisation.id = partner.organisation_id
CROSS JOIN LATERAL (SELECT array_position(list.partner_ids, partner.id) AS at) spot
"""
WORK = """(SELECT work.title FROM matching_work work
  WHERE work.id = {pk} AND work.profile_id = {owner} AND {is_open})"""
LISTING = """(SELECT json_build_object('en', listing.title_en, 'ko', listing.title_ko)
  FROM matching_listing listing WHERE listing.id = {pk} AND listing.profile_id = {owner}
  AND listing.kind = '{kind}' AND listing.state = '{state}'
  AND listing.valid_until >= statement_timestamp())"""


def suggestions_json(profile: Profile, entries: Sequence[Entry], *, offset: int) -> str:
    """Return some consecutive entries of a person's list as a JSON array; one query."""
    ids = [entry.partner_id for entry in entries]
    answers = [entry.answer for entry in entries]
    [[text]] = statement().rows(ids, profile.pk, offset, answers)
    return str(text)


@cache
def statement() -> Statement:
    """Return the statement: ids, the reader's profile, how many stand before, answers."""
    sql = SUGGESTIONS.format(
        unit=UNIT,
        parts=", ".join(f"'{term}', {part_of(place)}" for place, term in enumerate(TERMS, 1)),
        topics_open=is_open_to_members("topics"),
        columns=", ".join(f"'{column}', {shown(column)}" for column in (*TEXTS, *LISTS, *SWITCHES)),
        evidence=", ".join(f"'{name}', {title}" for name, title in titles().items()),
        published=MatchRunState.PUBLISHED.value,
    )  # fmt: skip
    return Statement("suggestions_json", sql.replace("%", "%%"), [])


def part_of(place: int) -> str:
    """Return the SQL of one term, from 1."""
    return f"list.parts[(spot.at - 1) * {len(TERMS)} + {place}] / {UNIT}::float8"


def shown(column: str) -> str:
    """Return the SQL of a column as members see it: empty when it is not for them."""
    empty = "false" if column in SWITCHES else "'{}'" if column in LISTS else "''"
    field = FIELD_OF[column]
    return f"CASE WHEN {is_open_to_members(field)} THEN partner.{column} ELSE {empty} END"


def is_open_to_members(field: str) -> str:
    """Return the SQL that tells whether a member sees a field: `visibility.fields_open_to`."""
    rule, allowed = FIELDS[field], OPEN_TO[Audience.MEMBER]
    chosen = f"partner.visibility ->> '{field}'"
    choices = ", ".join(f"'{choice.value}'" for choice in rule.choices)
    open_ones = ", ".join(f"'{choice.value}'" for choice in sorted(allowed))
    default = "true" if rule.default in allowed else "false"
    return f"CASE WHEN {chosen} IN ({choices}) THEN {chosen} IN ({open_ones}) ELSE {default} END"


def titles() -> dict[str, str]:
    """Return the SQL of the six titles, in the order of the stored ids."""
    ids = [f"list.evidence[(spot.at - 1) * {WIDTH} + {place}]" for place in range(1, WIDTH + 1)]
    mine, theirs = "list.profile_id", "partner.id"
    offer, request = ListingKind.OFFER.value, ListingKind.REQUEST.value
    return {
        "my_work": WORK.format(pk=ids[0], owner=mine, is_open="true"),
        "their_work": WORK.format(pk=ids[1], owner=theirs, is_open=is_open_to_members("works")),
        "my_request": listing(ids[2], mine, request),
        "their_offer": listing(ids[3], theirs, offer),
        "my_offer": listing(ids[4], mine, offer),
        "their_request": listing(ids[5], theirs, request),
    }


def listing(pk: str, owner: str, kind: str) -> str:
    """Return the SQL of the title of an open offer or request."""
    return LISTING.format(pk=pk, owner=owner, kind=kind, state=ListingState.OPEN.value)
