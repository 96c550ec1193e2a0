"""What keeps a partner search from being shown, and what its author should think over.

Six questions must all be answered with yes, as the partner searches of the national contact points
have always asked: is the call open, does it use this type of action, does the topic fit, may both
sides take part, is there time, and who proposes it? The form, the task list and the reviewer's
page read the same values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from matching.calls import HORIZON, read_identifier, scheme_of
from matching.eligibility import CallFacts, Payer, Standing, verdict_for

# Under this time before the deadline only somebody who left may be replaced.
LATEST = timedelta(days=10)
KOREA, EUROPE, BOTH = "korea", "europe", "both"
CONSULTANT = re.compile(r"consult|grant writ|컨설팅|컨설턴트", re.IGNORECASE)
HORIZON_YEARS = range(2021, 2028)


@dataclass(frozen=True)
class Check:
    """One of the six questions."""

    code: str
    words: str | Promise


CALL_OPEN = Check("call_open", _("The call is open"))
SCHEME_FITS = Check("scheme_fits", _("The type of action exists in this call"))
TOPIC_FITS = Check("topic_fits", _("The topic matches"))
BOTH_SIDES = Check("both_sides", _("Partners of both sides may take part"))
IN_TIME = Check("in_time", _("There is time enough"))
PROPOSER = Check("proposer", _("The proposer is named and belongs to an organisation"))
CHECKS = (CALL_OPEN, SCHEME_FITS, TOPIC_FITS, BOTH_SIDES, IN_TIME, PROPOSER)


@dataclass(frozen=True)
class Problem:
    """Something about a search: code, words for its author, the step where it is mended.

    check: which of the six questions it answers with no, '' for none of them.
    """

    code: str
    words: str | Promise
    step: str
    check: str = ""
    is_blocker: ClassVar[bool] = False


@dataclass(frozen=True)
class Blocker(Problem):
    """Keeps the search from being shown."""

    is_blocker = True


@dataclass(frozen=True)
class Caution(Problem):
    """Does not keep it from being shown; the author and the reviewer should look."""


@dataclass(frozen=True)
class SearchFacts:
    """What the checks look at; texts are whether there is one in either language."""

    now: datetime
    programme: str = ""
    pillar: int | None = None
    call_year: int | None = None
    call_identifier: str = ""
    funding_scheme: str = ""
    call_deadline: datetime | None = None
    areas: frozenset[str] = frozenset()
    partner_side: str = BOTH
    partner_countries: tuple[str, ...] = ()
    author_country: str = ""
    korean_funding: str = ""
    is_replacement: bool = False
    has_summary: bool = False
    has_sought: bool = False
    has_offered: bool = False
    seeks_role: bool = False
    has_name: bool = False
    is_published: bool = False
    affiliation: str = ""
    position: str = ""
    standings: tuple[Standing, ...] = field(default=(), repr=False)

    @property
    def has_call(self) -> bool:
        """Whether a call is named at all."""
        return bool(self.programme or self.call_identifier)

    @property
    def call(self) -> CallFacts:
        """What eligibility depends on."""
        return CallFacts(self.programme, self.call_year or self.now.year, self.pillar)

    @property
    def countries(self) -> tuple[str, ...]:
        """Countries that must be able to take part: the author's and those that are sought."""
        sought = self.partner_countries or (("KR",) if self.partner_side != EUROPE else ())
        return tuple(dict.fromkeys(code for code in (self.author_country, *sought) if code))


def problems(facts: SearchFacts) -> list[Problem]:
    """Return everything that is wrong or doubtful, blockers first."""
    found = [
        *text_problems(facts), *call_problems(facts), *scheme_problems(facts),
        *topic_problems(facts), *country_problems(facts), *time_problems(facts),
        *proposer_problems(facts),
    ]  # fmt: skip
    return sorted(found, key=lambda problem: not isinstance(problem, Blocker))


def blockers(facts: SearchFacts) -> list[Blocker]:
    """Return what keeps the search from being shown; empty means go."""
    return [problem for problem in problems(facts) if isinstance(problem, Blocker)]


def text_problems(facts: SearchFacts) -> Iterator[Problem]:
    """Look for what a reader needs."""
    if not facts.has_summary:
        yield Blocker("no_summary", _("Write a summary in one of the languages."), "idea")
    if not facts.has_offered:
        yield Caution("no_offer", _("Say what you bring: partners decide by that."), "offer")
    if not facts.has_sought:
        yield Blocker("nothing_sought", _("Say what expertise you seek."), "partner")
    if not facts.seeks_role:
        yield Blocker("no_role", _("Choose the role that a partner would have."), "partner")


def call_problems(facts: SearchFacts) -> Iterator[Problem]:
    """Is the call open?"""
    if not facts.has_call:
        yield Caution(
            "no_call", _("Without a call, partners cannot judge whether they may take part."),
            "call", CALL_OPEN.code,
        )  # fmt: skip
        return
    if facts.call_deadline is None:
        words = _("Enter the deadline of the call.")
        yield Blocker("no_deadline", words, "dates", CALL_OPEN.code)
    elif facts.call_deadline <= facts.now:
        words = _("The deadline of the call has passed.")
        yield Blocker("call_closed", words, "dates", CALL_OPEN.code)
    if facts.programme == HORIZON and (facts.call_year or 2021) not in HORIZON_YEARS:
        words = _("Horizon Europe has calls from 2021 to 2027.")
        yield Blocker("year_outside", words, "call", CALL_OPEN.code)


def scheme_problems(facts: SearchFacts) -> Iterator[Problem]:
    """Does the call use this type of action, and does it need partners?"""
    if not facts.has_call:
        return
    scheme = scheme_of(facts.programme, facts.funding_scheme)
    if scheme is None:
        words = _("Choose the type of action; it must be one of the programme.")
        yield Blocker("no_scheme", words, "call", SCHEME_FITS.code)
    elif scheme.is_single:
        words = _("One applicant alone hands in this type of action; it has no partners.")
        yield Blocker("scheme_single", words, "call", SCHEME_FITS.code)
    elif facts.pillar is not None and facts.pillar not in scheme.pillars:
        words = _("This type of action is not used in the pillar that you chose.")
        yield Blocker("scheme_elsewhere", words, "call", SCHEME_FITS.code)


def topic_problems(facts: SearchFacts) -> Iterator[Problem]:
    """Does the topic match the areas, and the identifier what is said of the call?"""
    said = read_identifier(facts.call_identifier)
    if not facts.areas:
        yield Blocker("no_area", _("Choose at least one area."), "idea", TOPIC_FITS.code)
    elif said.areas and not said.areas & facts.areas:
        words = _("The topic of the call is usually of another area than yours.")
        yield Caution("area_unusual", words, "idea", TOPIC_FITS.code)
    if said.programme and facts.programme and said.programme != facts.programme:
        words = _("The identifier is one of another programme.")
        yield Blocker("identifier_programme", words, "call", TOPIC_FITS.code)
    if said.year and facts.call_year and said.year != facts.call_year:
        words = _("The identifier names another year than you do.")
        yield Blocker("identifier_year", words, "call", TOPIC_FITS.code)
    if said.pillar and facts.pillar and said.pillar != facts.pillar:
        words = _("The identifier is one of another pillar.")
        yield Blocker("identifier_pillar", words, "call", TOPIC_FITS.code)


def country_problems(facts: SearchFacts) -> Iterator[Problem]:
    """May both sides take part, and who pays?"""
    if not facts.has_call or not facts.standings:
        return
    payers = {code: verdict_for(code, facts.call, facts.standings) for code in facts.countries}
    closed = [code for code, verdict in payers.items() if verdict.payer == Payer.UNKNOWN]
    if closed:
        words = _("We know no rule by which these countries may take part: {codes}.")
        yield Blocker(
            "country_closed", format_lazy(words, codes=", ".join(closed)), "partner",
            BOTH_SIDES.code,
        )  # fmt: skip
    korea = payers.get("KR")
    if korea is not None:
        yield from korean_problems(facts, korea.payer)


def korean_problems(facts: SearchFacts, payer: Payer) -> Iterator[Problem]:
    """Look at the money of the Korean side."""
    if facts.korean_funding == "pillar_ii" and payer in {Payer.OWN, Payer.NATIONAL}:
        words = _(
            "Korea is associated to Pillar II only, from 2025 on: this call does not pay it."
        )
        yield Blocker("korea_not_paid", words, "conditions", BOTH_SIDES.code)
    if payer == Payer.DEPENDS:
        words = _("Choose the pillar: whether the programme pays the Korean side depends on it.")
        yield Caution("pillar_open", words, "call", BOTH_SIDES.code)
    if payer == Payer.OWN and facts.korean_funding in {"", "open"}:
        words = _("The Korean side needs own funds in this call. Say where they come from.")
        yield Caution("korea_money_open", words, "conditions", BOTH_SIDES.code)


def time_problems(facts: SearchFacts) -> Iterator[Problem]:
    """Is there time to come together?"""
    deadline = facts.call_deadline
    if deadline is None or deadline <= facts.now or facts.is_replacement:
        return
    if deadline - facts.now < LATEST:
        words = _(
            "Less than {days} days are left. Now you may only replace a partner who left: say so "
            "under “Whom you seek”."
        )
        yield Blocker(
            "too_late", format_lazy(words, days=LATEST.days), "partner", IN_TIME.code
        )  # fmt: skip


def proposer_problems(facts: SearchFacts) -> Iterator[Problem]:
    """Who proposes it: somebody with a name, at an organisation, who is no consultant?"""
    if not (facts.is_published and facts.has_name):
        words = _("Publish your profile first: partners want to see who proposes this.")
        yield Blocker("unnamed", words, "idea", PROPOSER.code)
    if not facts.affiliation:
        words = _("Your profile names no organisation.")
        yield Blocker("no_organisation", words, "idea", PROPOSER.code)
    elif CONSULTANT.search(facts.affiliation):
        words = _("Partner searches come from those who do the research, not from consultants.")
        yield Blocker("consultant", words, "idea", PROPOSER.code)
    elif CONSULTANT.search(facts.position):
        words = _("Your position reads like a consultant's; the reviewer will look at that.")
        yield Caution("maybe_consultant", words, "idea", PROPOSER.code)


def failed_checks(found: list[Problem]) -> frozenset[str]:
    """Return the questions that a blocker answers with no."""
    return frozenset(each.check for each in found if isinstance(each, Blocker) and each.check)
