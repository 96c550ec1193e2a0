"""What pages say of partner searches: texts in both languages, clocks, verdicts, gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import Language
from matching.clocks import Reading, days_left
from matching.consortium import Gap, GapCode
from matching.countries import country_name, zone_city
from matching.eligibility import Payer, Verdict
from matching.models import (
    CountryStatusKind,
    DeadlineKind,
    Listing,
    OrganisationType,
    PartnerRole,
)
from matching.models.call_words import DevelopmentGoal, FundingScheme, Pillar, Programme

register = template.Library()
ON_LISTING = frozenset({"title", "description"})


@dataclass(frozen=True)
class Text:
    """One text of a search in one language, and where it comes from."""

    language: str
    text: str
    is_original: bool
    is_machine: bool

    @property
    def language_name(self) -> str:
        """The language, named in itself."""
        return str(Language(self.language).label)


@register.simple_tag
def texts(listing: Listing, name: str, view: str) -> list[Text]:
    """Return a text as the reader wants it: `mine`, `both` or `original`; empty ones are left out.

    Where the wanted one is missing, the other one stands in for it.
    """
    both = both_texts(listing, name)
    original = listing.partner_search.original_language
    wanted = original if view == "original" else reader_language()
    ordered = sorted(both, key=lambda text: text.language != wanted)
    return ordered if view == "both" else ordered[:1]


def both_texts(listing: Listing, name: str) -> list[Text]:
    """Return a text in the languages that there are."""
    search = listing.partner_search
    owner = listing if name in ON_LISTING else search
    is_machine = name in search.machine_made
    found = [(code, getattr(owner, f"{name}_{code}")) for code in Language.values]
    return [
        Text(code, text, code == search.original_language,
             is_machine and code != search.original_language)
        for code, text in found
        if text
    ]  # fmt: skip


@register.filter
def has_two_languages(listing: Listing) -> bool:
    """Say whether any text of a search is there in both languages, or only in the other one."""
    names = ("title", "description", "details", "expertise_offered", "expertise_sought", "work")
    return any(len(both_texts(listing, name)) == 2 for name in names)


@register.filter
def is_foreign(text: Text) -> bool:
    """Say whether a text is in the other language than the reader's."""
    return text.language != reader_language()


def reader_language() -> str:
    """Return the reader's language."""
    return "ko" if get_language() == "ko" else "en"


@register.filter
def hour_angle(reading: Reading) -> int:
    """Return where the hour hand of a clock points, in degrees."""
    hour, minute = map(int, reading.hour.split(":"))
    return (hour % 12) * 30 + minute // 2


@register.filter
def minute_angle(reading: Reading) -> int:
    """Return where the minute hand of a clock points, in degrees."""
    return int(reading.hour.split(":")[1]) * 6


register.filter("zone_city", zone_city)


@register.filter
def deadline_label(kind: str) -> str:
    """Return what a deadline is for."""
    return str(DeadlineKind(kind).label)


@register.filter
def days_until(moment: datetime) -> int:
    """Return how many days of the reader's calendar are left until a moment."""
    return days_left(moment, timezone.now(), timezone.get_current_timezone_name())


@register.filter
def days_words(number: int) -> str:
    """Return how many days are left, in words."""
    if number < 0:
        return str(_("over"))
    if number == 0:
        return str(_("today"))
    return ngettext("in %(number)d day", "in %(number)d days", number) % {"number": number}


PAYERS: dict[Payer, str | Promise] = {
    Payer.PROGRAMME: _("Funded by the programme"),
    Payer.NATIONAL: _("Funded by its own country"),
    Payer.OWN: _("With own funds"),
    Payer.DEPENDS: _("Depends on the pillar"),
    Payer.UNKNOWN: _("We know no rule"),
}


@register.filter
def payer_words(verdict: Verdict) -> str:
    """Return who pays."""
    return str(PAYERS[verdict.payer])


@register.filter
def claim_words(verdict: Verdict) -> str:
    """Return what the countries of a verdict are to the programme."""
    return str(CountryStatusKind(verdict.kind).label)


@register.filter
def country_names(codes: tuple[str, ...]) -> str:
    """Return countries by name."""
    return ", ".join(sorted(country_name(code) for code in codes))


GAPS: dict[GapCode, str | Promise] = {
    GapCode.MEMBER_STATE: _("An organisation in a member state of the EU"),
    GapCode.EUROPE: _("A European partner"),
    GapCode.KOREA: _("A Korean partner"),
    GapCode.COORDINATOR: _("A coordinator"),
    GapCode.ACADEMIC: _("A university or research institute"),
    GapCode.COMPANY: _("A company"),
    GapCode.SMALL: _("A small or medium-sized enterprise"),
}


@register.filter
def gap_words(gap: Gap) -> str:
    """Return what is missing."""
    if gap.code == GapCode.COUNTRIES:
        return ngettext(
            "%(number)d more country that counts",
            "%(number)d more countries that count",
            gap.number,
        ) % {"number": gap.number}
    if gap.code == GapCode.ROLE:
        return str(format_lazy(_("Role: {role}"), role=PartnerRole(gap.role).label))
    return str(GAPS[gap.code])


LABELS = {
    "programme": Programme, "scheme": FundingScheme, "role": PartnerRole,
    "organisation": OrganisationType,
}  # fmt: skip


@register.filter
def label_of(value: str, kind: str) -> str:
    """Return the label of a stored value: `{{ role|label_of:"role" }}`; what is unknown as it is."""
    choices = LABELS[kind]
    return str(choices(value).label) if value in choices.values else value


@register.filter
def pillar_label(number: int) -> str:
    """Return the name of a pillar."""
    return str(Pillar(number).label) if number in Pillar.values else str(number)


@register.filter
def goal_label(number: int) -> str:
    """Return the name of a sustainable development goal."""
    return str(DevelopmentGoal(number).label) if number in DevelopmentGoal.values else str(number)
