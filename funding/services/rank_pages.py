"""The ranked list as a page, a table and the panel pack show it: what this reader may see of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from funding.machines import FUNDER, MEMBER, OFFICER
from funding.models import Application, Call, RankItem, RankList
from funding.permissions import roles_for
from funding.ranking import LOTTERY, OVERALL, SCORE, UNDRAWN
from funding.services.allocations import Money, money_of
from funding.services.panels import hidden_from
from funding.visibility import APPLICANT_NAMES, View, visible

if TYPE_CHECKING:
    from konnect.accounts.models import User

ZONE_WORDS: dict[str, str | Promise] = {
    "fund": _("fund"), "draw": _("draw lots"), "not": _("do not fund"),
    "below": _("below a threshold"),
}  # fmt: skip
# Where outlines are judged, what the line parts are invitations.
INVITES: dict[str, str | Promise] = {"fund": _("invite"), "not": _("do not invite")}
REASONS: dict[str, str | Promise] = {
    LOTTERY: _("drawn by lot"),
    UNDRAWN: _("equal in everything: to be drawn by lot"),
}
TIE_WORDS: dict[str, Any] = {
    "topics": _("equal score; decided by new topics: {here}, the one above has {above}"),
    "countries": _("equal score; decided by new countries: {here}, the one above has {above}"),
}


@dataclass(frozen=True)
class Bar:
    """An interval drawn from 0 to 100: thin for 90 per cent, thick for 50, a mark for the mean."""

    low90: float
    width90: float
    low50: float
    width50: float
    mean: float


@dataclass(frozen=True)
class Both:
    """What one method says of one application."""

    expected: float
    low50: int
    high50: int
    low90: int
    high90: int
    zone: str
    mean: float
    median: float
    spread: float


@dataclass(frozen=True)
class Line:
    """One row of the list as the reader sees it."""

    item: RankItem
    application: Application
    names: str
    reason: str | Promise
    short: list[str | Promise]
    raw: Both | None
    corrected: Both | None
    bar: Bar | None
    is_within_money: bool
    is_last_within: bool

    @property
    def zone_words(self) -> str | Promise:
        """What its zone means in this step."""
        zone, is_outline = self.item.zone, self.application.call.is_outline
        return INVITES.get(zone, ZONE_WORDS[zone]) if is_outline else ZONE_WORDS[zone]

    @property
    def is_flipped(self) -> bool:
        """Tell whether the correction of severity changes its zone."""
        return bool(self.raw and self.corrected and self.raw.zone != self.corrected.zone)


@dataclass
class Listing:
    """The list of a call as one reader sees it."""

    call: Call
    user: User
    rank_list: RankList

    @cached_property
    def money(self) -> Money:
        """What the applications cost whom."""
        return money_of(self.rank_list)

    @cached_property
    def funded(self) -> list[int]:
        """The applications for which there is money, by the rules of the call; at a frozen list then."""
        if "within_money" in self.facts:
            return list(self.facts["within_money"])
        return [] if self.money.blockers else list(self.money.allocation.funded)

    @cached_property
    def hidden(self) -> frozenset[int]:
        """What this reader has left the room for."""
        return hidden_from(self.call, self.user)

    @cached_property
    def sees_names(self) -> bool:
        """Tell whether the reader may know who applies."""
        roles = roles_for(self.call, self.user) & {OFFICER, FUNDER, MEMBER}
        return visible(roles, APPLICANT_NAMES, View(self.call.blind_level, self.call.state))

    @cached_property
    def ranked(self) -> int:
        """How many stand above the thresholds."""
        return self.rank_list.items.exclude(zone=RankItem.Zone.BELOW).count()

    @property
    def facts(self) -> dict[str, Any]:
        """What was computed beside the places."""
        found: dict[str, Any] = self.rank_list.facts
        return found

    @property
    def shares(self) -> list[tuple[str | Promise, float, float]]:
        """Where the differences of votes come from, in per cent: raw, corrected."""
        if "raw" not in self.facts:
            return []
        words = {
            "proposal": _("the applications"), "reviewer": _("the severity of reviewers"),
            "residual": _("chance: opinions about one application"),
        }  # fmt: skip
        return [
            (label, 100 * self.facts["raw"]["shares"][code],
             100 * self.facts["corrected"]["shares"][code])
            for code, label in words.items()
        ]  # fmt: skip

    @property
    def line_at(self) -> float | None:
        """Where the line is among expected ranks, from 0 to 100; None where all is funded."""
        at = self.facts.get(self.rank_list.method, {}).get("line")
        return None if at is None else place_of(at, self.ranked)

    @cached_property
    def lines(self) -> list[Line]:
        """The rows that this reader may see, the best first."""
        rows = self.rank_list.items.order_by("position").prefetch_related(
            "application__redactions"
        )
        rows = rows.select_related("application__lead", "application__call")
        return list(
            self.lines_of([each for each in rows if each.application_id not in self.hidden])
        )

    def lines_of(self, items: list[RankItem]) -> Iterator[Line]:
        """Yield rows."""
        within = set(self.funded)
        last = next((each.pk for each in reversed(items) if each.application_id in within), None)
        for item in items:
            pk = item.application_id
            yield Line(
                item, item.application, str(item.application.lead) if self.sees_names else "",
                self.reason(item), [short_words(each, self.criteria) for each in self.short(pk)],
                self.method("raw", pk), self.method("corrected", pk), self.bar(item),
                pk in within, item.pk == last,
            )  # fmt: skip

    def short(self, pk: int) -> list[Any]:
        """Return which thresholds an application misses."""
        found: list[Any] = self.facts.get("below", {}).get(str(pk), [])
        return found

    def method(self, name: str, pk: int) -> Both | None:
        """Return what a method says of an application."""
        row = self.facts.get(name, {}).get("rows", {}).get(str(pk))
        return Both(*row) if row else None

    def bar(self, item: RankItem) -> Bar | None:
        """Return the interval of the chosen method, drawn over all ranks."""
        found = self.method(self.rank_list.method, item.application_id)
        if found is None:
            return None
        step = 100 / self.ranked
        ends = [place_of(each, self.ranked) for each in (found.low90, found.high90,
                                                         found.low50, found.high50)]  # fmt: skip
        return Bar(
            ends[0] - step / 2, ends[1] - ends[0] + step, ends[2] - step / 2,
            ends[3] - ends[2] + step, place_of(found.expected, self.ranked),
        )  # fmt: skip

    def reason(self, item: RankItem) -> str | Promise:
        """Return what parts an application from the one above it."""
        reasons = self.facts.get("reasons", {})
        code, above, here = reasons.get(str(item.application_id), [None, None, None])
        if item.zone == RankItem.Zone.BELOW or code in (None, SCORE):
            return ""
        if code in REASONS:
            return REASONS[code]
        words = TIE_WORDS.get(code)
        if words is not None:
            return format_lazy(words, here=here, above=above)
        name = self.criteria.get(code, code)
        words = _("equal score; decided by {criterion}: {here}, the one above has {above}")
        return format_lazy(words, criterion=name, here=here, above=above)

    @cached_property
    def criteria(self) -> dict[str, str]:
        """The names of the criteria by code."""
        return {each.code: str(each) for each in self.call.criteria.all()}


def place_of(rank: float, ranked: int) -> float:
    """Return where the middle of a rank is drawn, from 0 to 100."""
    return 100 * (rank - 0.5) / max(ranked, 1)


def short_words(missing: list[Any], names: dict[str, str]) -> str | Promise:
    """Return which threshold is missed by how much."""
    code, score, threshold = missing
    if code == OVERALL:
        return format_lazy(_("sum {score} of {threshold}"), score=score, threshold=threshold)
    value = "–" if score is None else score
    words = _("{criterion} {score} of {threshold}")
    return format_lazy(words, criterion=names.get(code, code), score=value, threshold=threshold)


def listing_of(call: Call, user: User, rank_list: RankList) -> Listing:
    """Return a list as somebody sees it."""
    return Listing(call, user, rank_list)
