"""Every state machine of funding as a table: who may do what when, and what must hold.

Pure. The nouns take their legal moves from here, `funding.services.moving` obeys the tables, and
the diagrams in docs/ are drawn from them. Sources: reference/funding.md, sections 2.1 to 2.13.
"""

from __future__ import annotations

from dataclasses import dataclass

# Whoever may do something, scoped to the call or the grant (reference, 2.14).
OFFICER, FUNDER, LEAD, PARTNER, HOST = "officer", "funder", "lead", "partner", "host"
TRAVELLER = "traveller"
REVIEWER, RAPPORTEUR, MEMBER, CHAIR, SYSTEM = "reviewer", "rapporteur", "member", "chair", "system"


@dataclass(frozen=True)
class Move:
    """One line of a table: the event takes a noun from any of the sources to the target.

    guard: the code of a check in `funding.services.guards`; '' where the table alone decides.
    """

    event: str
    sources: tuple[str, ...]
    target: str
    roles: tuple[str, ...]
    guard: str = ""
    needs_reason: bool = False


Machine = tuple[Move, ...]

BEFORE_DECIDED = ("draft", "in_approval", "approved", "screening", "reviewing", "panel")

CALL: Machine = (
    Move("send_for_approval", ("draft",), "in_approval", (OFFICER,), "call_is_complete"),
    Move("send_back", ("in_approval",), "draft", (OFFICER, FUNDER), needs_reason=True),
    Move("approve", ("in_approval",), "approved", (OFFICER, FUNDER), "everybody_approved"),
    # A changed criterion forces a new approval.
    Move(
        "reopen",
        ("approved",),
        "in_approval",
        (OFFICER,),
        "call_has_not_closed",
        needs_reason=True,
    ),
    Move("screen", ("approved",), "screening", (OFFICER,), "call_has_closed"),
    Move("start_reviewing", ("screening",), "reviewing", (OFFICER,), "everything_is_screened"),
    Move("convene", ("reviewing",), "panel", (OFFICER, CHAIR), "consensus_is_there"),
    Move("decide", ("panel",), "decided", (CHAIR,), "everything_is_decided"),
    Move(
        "revert_decision",
        ("decided",),
        "panel",
        (CHAIR,),
        "nothing_is_released",
        needs_reason=True,
    ),
    Move("release", ("decided",), "released", (OFFICER, CHAIR, FUNDER), "everybody_released"),
    Move("run", ("released",), "running", (OFFICER,), "call_gives_money"),
    Move("close_out", ("released", "running"), "closed_out", (OFFICER,), "every_grant_is_closed"),
    Move("cancel", BEFORE_DECIDED, "cancelled", (OFFICER,), needs_reason=True),
)

IN_PROCESS = ("submitted", "eligible", "in_review", "consensus", "ranked")
# What a panel can decide: about outlines, whom it invites; about full applications, who gets money.
DECIDED = (
    "recommended", "reserve", "invited", "below_threshold", "not_funded", "not_invited"
)  # fmt: skip

APPLICATION: Machine = (
    # Again and again until the deadline: the last version wins.
    Move("submit", ("draft", "submitted"), "submitted", (LEAD,), "application_is_complete"),
    Move("find_eligible", ("submitted", "ineligible"), "eligible", (OFFICER, FUNDER),
         "two_found_eligible"),
    Move("find_ineligible", ("submitted",), "ineligible", (OFFICER, FUNDER),
         "two_found_ineligible", needs_reason=True),
    Move("start_review", ("eligible",), "in_review", (OFFICER, SYSTEM)),
    Move("seek_consensus", ("in_review",), "consensus", (CHAIR, RAPPORTEUR, SYSTEM),
         "reviews_are_in"),
    Move("rank", ("consensus",), "ranked", (CHAIR, SYSTEM), "consensus_is_signed"),
    Move("recommend", ("ranked",), "recommended", (CHAIR, SYSTEM)),
    Move("keep_in_reserve", ("ranked",), "reserve", (CHAIR, SYSTEM)),
    Move("invite", ("ranked",), "invited", (CHAIR, SYSTEM)),
    Move("find_below_threshold", ("ranked",), "below_threshold", (CHAIR, SYSTEM)),
    Move("not_fund", ("ranked",), "not_funded", (CHAIR, SYSTEM)),
    Move("not_invite", ("ranked",), "not_invited", (CHAIR, SYSTEM)),
    Move("revert", DECIDED, "ranked", (CHAIR,), "nothing_is_released", needs_reason=True),
    Move("move_up", ("reserve",), "recommended", (OFFICER, SYSTEM)),
    Move("accept_offer", ("recommended",), "accepted_by_applicant", (LEAD,), "offer_stands"),
    Move("decline_offer", ("recommended",), "declined", (LEAD,), "offer_stands"),
    Move("lapse", ("recommended",), "lapsed", (SYSTEM,), "offer_is_over"),
    Move("become_grant", ("accepted_by_applicant",), "grant", (OFFICER, SYSTEM)),
    Move("withdraw", ("draft", *IN_PROCESS, *DECIDED), "withdrawn", (LEAD,), "nothing_is_released"),
)  # fmt: skip

# Who was asked and takes no part: participants of applications, experts of calls.
GONE = ("declined", "expired")

PARTICIPANT: Machine = (
    Move("confirm", ("invited", "reconfirm"), "confirmed", (PARTNER,), "confirms_this_version"),
    Move("decline", ("invited", "reconfirm", "confirmed"), "declined", (PARTNER,)),
    Move("change", ("confirmed",), "reconfirm", (SYSTEM,)),
    Move("invite_again", GONE, "invited", (LEAD,)),
    Move("expire", ("invited", "reconfirm"), "expired", (SYSTEM,)),
)

UNDER_WAY = ("proposed", "invited", "accepted", "coi_declared", "drafting", "submitted")

REVIEW: Machine = (
    Move("invite", ("proposed",), "invited", (OFFICER, SYSTEM), "no_conflict_stands"),
    Move("accept", ("invited",), "accepted", (REVIEWER,), "no_conflict_stands"),
    Move("decline", ("invited", "accepted"), "declined", (REVIEWER,), needs_reason=True),
    Move("declare", ("accepted",), "coi_declared", (REVIEWER,), "conflict_is_answered"),
    Move("draft", ("coi_declared",), "drafting", (REVIEWER,), "no_conflict_stands"),
    Move("submit", ("drafting",), "submitted", (REVIEWER,), "review_is_complete"),
    Move("reopen", ("submitted",), "drafting", (CHAIR,), "call_is_reviewing", needs_reason=True),
    Move("lock", ("submitted",), "locked", (CHAIR, SYSTEM)),
    Move(
        "recuse",
        (*UNDER_WAY, "locked"),
        "recused",
        (REVIEWER, CHAIR, OFFICER, SYSTEM),
        needs_reason=True,
    ),
)

GRANT: Machine = (
    Move("accept", ("offered",), "accepted", (LEAD,), "offer_stands"),
    Move("decline", ("offered",), "declined", (LEAD,)),
    Move("lapse", ("offered",), "lapsed", (SYSTEM,), "offer_is_over"),
    Move("start", ("accepted",), "active", (OFFICER, SYSTEM)),
    Move("suspend", ("active",), "suspended", (OFFICER,), needs_reason=True),
    Move("resume", ("suspended",), "active", (OFFICER,)),
    Move("terminate", ("active", "suspended"), "terminated", (OFFICER,), needs_reason=True),
    Move("complete", ("active",), "completed", (OFFICER,), "trips_are_over"),
    Move("close", ("completed",), "closed", (OFFICER,), "reports_are_approved"),
)

TRIP: Machine = (
    Move("agree", ("planned",), "host_agreed", (HOST,)),
    Move("approve", ("host_agreed",), "approved", (OFFICER,), "in_time_before_start"),
    Move("start", ("approved",), "started", (HOST,), "trip_may_begin"),
    Move("end", ("started",), "ended", (HOST,), "trip_has_ended"),
    Move("report", ("ended",), "reported", (TRAVELLER,)),
    Move("approve_report", ("reported",), "report_approved", (HOST, OFFICER), "both_approved"),
    Move("pay", ("report_approved",), "paid", (OFFICER, FUNDER), "money_is_left"),
    Move("cancel", ("planned", "host_agreed", "approved"), "cancelled", (LEAD, TRAVELLER, OFFICER),
         needs_reason=True),
    Move("miss", ("approved",), "no_show", (HOST, OFFICER), "trip_has_begun", needs_reason=True),
    Move("change", ("host_agreed", "approved"), "planned", (LEAD, TRAVELLER)),
)  # fmt: skip

REPORT: Machine = (
    Move("open", ("scheduled",), "open", (SYSTEM,), "report_is_near"),
    Move("draft", ("open", "returned"), "draft", (LEAD, HOST)),
    Move("submit", ("draft",), "submitted", (LEAD, HOST), "report_is_complete"),
    Move("return", ("submitted",), "returned", (OFFICER,), needs_reason=True),
    Move("approve", ("submitted",), "approved", (OFFICER,)),
    Move("publish", ("approved",), "published", (OFFICER,), "report_says_something"),
    Move("hide", ("published",), "approved", (OFFICER,), needs_reason=True),
    # Follow-ups only: two reminders went out and nobody answered.
    Move("fill", ("open", "draft"), "auto_filled_unconfirmed", (SYSTEM,), "reminded_twice"),
    Move("answer_late", ("auto_filled_unconfirmed",), "draft", (LEAD,)),
)

MACHINES: dict[str, Machine] = {
    "call": CALL, "application": APPLICATION, "participant": PARTICIPANT, "review": REVIEW,
    "grant": GRANT, "trip": TRIP, "report": REPORT,
}  # fmt: skip
STARTS = {
    "call": "draft", "application": "draft", "participant": "invited", "review": "proposed",
    "grant": "offered", "trip": "planned", "report": "scheduled",
}  # fmt: skip


def states(name: str) -> tuple[str, ...]:
    """Return all states of a machine, in the order in which a noun meets them."""
    found = [STARTS[name]]
    for move in MACHINES[name]:
        found += [each for each in (*move.sources, move.target) if each not in found]
    return tuple(found)


def transitions(name: str) -> dict[str, frozenset[str]]:
    """Return where each state leads, as `konnect.states.Stateful` asks for it."""
    return {
        state: frozenset(move.target for move in MACHINES[name] if state in move.sources)
        for state in states(name)
    }


def move_of(name: str, event: str) -> Move:
    """Return the line of an event.

    Raises:
        KeyError: the machine has no such event.
    """
    for move in MACHINES[name]:
        if move.event == event:
            return move
    raise KeyError(f"{name}: {event}")


def possible(name: str, state: str, roles: frozenset[str]) -> tuple[Move, ...]:
    """Return what somebody with these roles could do now, as far as the table knows."""
    return tuple(
        move for move in MACHINES[name] if state in move.sources and (roles & set(move.roles))
    )
