"""What a person's page of suggestions depends on, as one short text.

PostgreSQL gives every version of a row another place and transaction. The text names the version
of every row that the page is made of or that decides who may be shown, so when it is the same, so
is the page. Only names of areas and topics are left out: they change rarely.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet

from konnect.accounts.models import User
from konnect.accounts.prepared import Statement, prepared
from konnect.accounts.quick import Door
from matching.context import waiting_for
from matching.models import MatchRunState, Profile, SuggestionAnswer
from matching.services.suggestions import may_be_shown

# What the page needs to know of the reader.
COLUMNS = (
    "id", "user_id", "state", "side", "is_suggestible", "updated_at", "matching_changed_at",
)  # fmt: skip

STATE = """
SELECT {columns}, md5(ROW(
  reader.id, reader.xmin, reader.ctid, list.id, list.xmin, list.ctid, run.xmin, run.ctid,
  (SELECT array_agg(ROW(answer.xmin, answer.ctid, about.xmin, about.ctid,
                        answer.answered_at > now() - make_interval(days => %s))
                    ORDER BY answer.id)
   FROM matching_suggestionanswer answer
   JOIN matching_profile about ON about.id = answer.partner_id
   WHERE answer.profile_id = reader.id AND answer.undone_at IS NULL),
  (SELECT array_agg(block.id ORDER BY block.id) FROM matching_block block
   WHERE reader.id IN (block.blocker_id, block.blocked_id)),
  (SELECT array_agg(ROW(request.xmin, request.ctid) ORDER BY request.id)
   FROM matching_contactrequest request
   WHERE reader.id IN (request.sender_id, request.recipient_id)),
  (SELECT array_agg(ROW(partner.xmin, partner.ctid, account.xmin, account.ctid,
                        organisation.xmin, organisation.ctid) ORDER BY partner.id)
   FROM matching_profile partner
   JOIN accounts_user account ON account.id = partner.user_id
   LEFT JOIN matching_organisation organisation ON organisation.id = partner.organisation_id
   WHERE partner.id = ANY (list.partner_ids)),
  (SELECT array_agg(shown.id ORDER BY shown.id) FROM ({shown}) AS shown (id))
)::text) AS state_now
FROM matching_profile reader
LEFT JOIN (matching_suggestionlist list
           JOIN matching_matchrun run ON run.id = list.match_run_id AND run.state = %s)
  ON list.profile_id = reader.id
WHERE reader.user_id = {account}
"""


@prepared
def shown_partners(
    profile_id: int, user_id: int, side: str, partners: int
) -> QuerySet[Profile, tuple[int]]:
    """Return those of some partners who may be suggested to a person now."""
    profile = Profile(pk=profile_id, side=side, user=User(pk=user_id))
    return may_be_shown(profile).filter(pk=partners).values_list("pk")


def state_of(user: User) -> tuple[Profile | None, str]:
    """Return a person's profile, these columns only, and the state of their suggestions.

    Without a profile: None and ''. One query.
    """
    rows = statement().rows(user.pk)
    if not rows:
        return None, ""
    [row] = rows
    profile = Profile.from_db(DEFAULT_DB_ALIAS, COLUMNS, row[:-1])
    profile.user = user
    return profile, row[-1]


@cache
def statement() -> Statement:
    """Return the statement; its only value is the account."""
    return Statement("suggestion_state", *state_sql(account="$1"))


def state_sql(*, account: str) -> tuple[str, list[Any]]:
    """Return the SQL of the columns and the state, and its constants; account: an expression."""
    # What stands behind `id =` may as well be any of many: all are looked up at once.
    shown, parameters = shown_partners.inside(
        profile_id="reader.id", user_id="reader.user_id", side="reader.side",
        partners="ANY (list.partner_ids)",
    )  # fmt: skip
    columns = ", ".join(f"reader.{column}" for column in COLUMNS)
    days, state = SuggestionAnswer.LATER_DAYS, MatchRunState.PUBLISHED.value
    sql = STATE.format(columns=columns, shown=shown, account=account)
    return sql, [days, *parameters, state]


@cache
def reader_door() -> Door:
    """Return the door of the list and its page: the state, and the counts of the bar."""
    sql, constants = state_sql(account="$2")
    counts, more = waiting_for.inside(user_id="$2")
    both = f"SELECT state.state_now, inbox.* FROM ({sql}) state CROSS JOIN ({counts}) inbox"  # noqa: S608 - our own querysets
    return Door("suggestion_reader", both, (*constants, *more))
