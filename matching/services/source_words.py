"""What happened at a source, in words for the person who asked."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Problem:
    """What happened, and what the person can do."""

    title: Words
    advice: Words


LATER = _("Please ask again later. You can go on with your profile by hand meanwhile.")
CHECK_ORCID = _("Please check the iD. At orcid.org you see which one is yours.")
PROBLEMS: dict[str, Problem] = {
    "unreachable": Problem(_("The service cannot be reached."), LATER),
    "slow": Problem(_("The service took too long to answer."), LATER),
    "limited": Problem(_("The service asks us to wait: too many questions at once."), LATER),
    "unwell": Problem(_("The service reports a fault of its own."), LATER),
    "cut_off": Problem(_("The answer broke off in the middle."), LATER),
    "garbled": Problem(_("The service answered something that cannot be read."), LATER),
    "too_large": Problem(
        _("The answer is too large."),
        _("Instead, export your works there as BibTeX or RIS and upload a part of them."),
    ),
    "denied": Problem(
        _("The service refused to answer the portal."),
        _("Please tell the people who run the portal."),
    ),
    "unknown": Problem(_("The service knows no record of this iD."), CHECK_ORCID),
    "closed": Problem(_("This record is locked or has been closed."), CHECK_ORCID),
    "moved": Problem(_("This record has moved: the iD was replaced by another."), CHECK_ORCID),
    "wrong_record": Problem(
        _("The service answered with the record of another iD; nothing was read from it."),
        CHECK_ORCID,
    ),
    "exhausted": Problem(
        _("The answer could not be processed."), _("Please tell the people who run the portal.")
    ),
}
REASONS: dict[str, Words] = {
    "no_title": _("no title"),
    "not_closed": _("the entry is not closed"),
    "field_twice": _("a field stands there twice"),
    "not_understood": _("not understood"),
    "outside_entry": _("stands outside of every entry"),
    "no_doi": _("no DOI in this line"),
    "unknown_doi": _("no work is registered under this DOI"),
    "too_many_dois": _("left out: one list may have 50 DOIs"),
    "too_many_entries": _("the file has more than 1,000 entries; please upload a part of it"),
}


def problem_of(code: str) -> Problem | None:
    """Return what a code means; None for no problem."""
    return PROBLEMS.get(code, PROBLEMS["exhausted"]) if code else None


def reason_words(code: str) -> Words:
    """Return why a line was not read."""
    return REASONS.get(code, REASONS["not_understood"])
