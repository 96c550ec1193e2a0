"""What pages of funding say: deadlines on every clock, money, phases, states."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from events.templatetags.event_times import day_words, reader_zone
from funding.deadlines import Face, faces
from funding.linked_data import call_data
from funding.models import Call, CallDeadline, CallState, CostKind
from funding.money import money_words
from funding.phases import Phase, phase_of
from matching.countries import zone_city
from matching.models import OrganisationType
from matching.templatetags.linked_data import as_script

register = template.Library()
register.filter("day_words", day_words)
register.filter("zone_city", zone_city)
PHASES: dict[str, str | Promise] = {
    Phase.DRAFT: _("Draft"),
    Phase.IN_APPROVAL: _("In approval"),
    Phase.UPCOMING: _("Opens soon"),
    Phase.OPEN: _("Open for applications"),
    Phase.CLOSED: _("Closed"),
    Phase.EVALUATION: _("Being evaluated"),
    Phase.RELEASED: _("Decided"),
    Phase.RUNNING: _("Projects are running"),
    Phase.CLOSED_OUT: _("Completed"),
    Phase.CANCELLED: _("Cancelled"),
}
# Which dot of `.status` a phase has.
LOOKS: dict[str, str] = {
    Phase.OPEN: "open", Phase.UPCOMING: "pending", Phase.IN_APPROVAL: "pending",
    Phase.EVALUATION: "running", Phase.RUNNING: "running", Phase.DRAFT: "draft",
    Phase.CANCELLED: "declined",
}  # fmt: skip


@register.inclusion_tag("funding/deadline.html")
def deadline(thing: Call | CallDeadline, which: str = "closes", *, is_short: bool = False) -> Any:
    """Show a deadline in Brussels, in Seoul and where the reader is, each once.

    thing: a call, whose closing is meant, or its opening with which="opens"; or one of its
    further dates. is_short: on one line.
    """
    return {
        "faces": faces_of(thing, which),
        "moment": moment_of(thing, which),
        "is_short": is_short,
    }


def moment_of(thing: Call | CallDeadline, which: str = "closes") -> Any:
    """Return the instant of a deadline; None for a call without one."""
    return thing.at if isinstance(thing, CallDeadline) else getattr(thing, f"{which}_at")


def faces_of(thing: Call | CallDeadline, which: str = "closes") -> list[Face]:
    """Return a deadline on the clocks that matter to the reader."""
    moment = moment_of(thing, which)
    if moment is None:
        return []
    wall = thing.wall if isinstance(thing, CallDeadline) else getattr(thing, f"{which}_wall")
    return faces(moment, wall=wall, zone=thing.zone, reader_zone=reader_zone())


@register.simple_tag
def call_faces(call: Call) -> list[Face]:
    """Return the closing of a call on the clocks that matter, the reader's first."""
    return faces_of(call)


@register.filter
def money(minor: int | None, currency: str) -> str:
    """Return an amount in its smallest unit as the reader's language writes it."""
    return "" if minor is None else money_words(minor, currency)


@register.filter
def call_phase(call: Call) -> Phase:
    """Return where a call stands by the clock of the database."""
    return phase_of(call)


@register.filter
def phase_words(phase: str) -> str | Promise:
    """Return the words for where a call stands."""
    return PHASES[phase]


@register.filter
def phase_look(phase: str) -> str:
    """Return the look of those words: the end of a class `status-…`."""
    return LOOKS.get(phase, "over")


@register.simple_tag
def call_linked_data(call: Call) -> SafeString | str:
    """Write what search engines read of a call."""
    return as_script(call_data(call))


@register.filter
def cost_words(codes: list[str]) -> str:
    """Return kinds of costs by their codes, in words."""
    return ", ".join(str(CostKind(code).label) for code in codes if code in CostKind.values)


@register.filter
def type_words(codes: list[str]) -> str:
    """Return types of organisations by their codes, in words."""
    known = OrganisationType.values
    return ", ".join(str(OrganisationType(code).label) for code in codes if code in known)


@register.filter
def call_state_words(state: str) -> str | Promise:
    """Return the word for a state of calls."""
    return CallState(state).label
