"""Reports of problems: made by members, decided by administrators, answered to both sides.

Both sides learn of a decision with its reasons; whoever reported is never named to the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from konnect.accounts.services.audit import record
from konnect.accounts.services.notifications import notify
from matching.models import (
    AbuseReport,
    AbuseReportState,
    ListingState,
    Profile,
    ProfileState,
)
from matching.permissions.abuse import REPORTABLE, Thing
from matching.services.listings import close_listing
from matching.services.profiles import hide_profile

if TYPE_CHECKING:
    from konnect.accounts.models import User

KINDS = tuple(REPORTABLE)


def report_thing(
    thing: Thing, *, kind: str, reporter: Profile, actor: User, reason: str, words: str
) -> AbuseReport | None:
    """File a report; None when the same person's report of the same thing is still open."""
    try:
        with transaction.atomic():
            return AbuseReport.objects.create(
                **{kind: thing}, reporter=reporter, reason=reason, words=words
            )
    except IntegrityError:
        if open_report(thing, kind=kind, reporter=reporter).exists():
            return None
        raise


def open_report(thing: Thing, *, kind: str, reporter: Profile) -> QuerySet[AbuseReport]:
    """Return the report of a person about a thing that nobody has decided yet."""
    states = (AbuseReportState.OPEN, AbuseReportState.IN_REVIEW)
    return AbuseReport.objects.filter(**{kind: thing}, reporter=reporter, state__in=states)


def kind_of(report: AbuseReport) -> str:
    """Return which kind of thing a report is about."""
    return next(kind for kind in KINDS if getattr(report, f"{kind}_id") is not None)


def owner_of(report: AbuseReport) -> Profile | None:
    """Return whose thing a report is about; None for organisations and erased authors."""
    if report.listing:
        return report.listing.profile
    return report.message.author if report.message else report.profile


def can_take_down(report: AbuseReport) -> bool:
    """Tell whether there is something that could be taken from the pages."""
    if report.listing:
        return report.listing.state not in (ListingState.CLOSED, ListingState.EXPIRED)
    return bool(report.profile and report.profile.state == ProfileState.PUBLISHED)


@transaction.atomic
def take_report(report: AbuseReport, *, actor: User) -> None:
    """Say that one looks into it.

    Raises:
        TransitionError: somebody else does already, or it is decided.
    """
    report.move_to(AbuseReportState.IN_REVIEW, actor=actor)


@transaction.atomic
def decide_report(
    report: AbuseReport, *, actor: User, is_upheld: bool, takes_down: bool, decision: str
) -> None:
    """Decide, do what is decided, and tell both sides why.

    Raises:
        TransitionError: somebody else was faster.
    """
    state = AbuseReportState.UPHELD if is_upheld else AbuseReportState.DISMISSED
    columns = {"decided_at": timezone.now(), "decided_by": actor, "decision": decision}
    report.move_to(state, actor=actor, reason=decision[:500], columns=columns)
    is_down = is_upheld and takes_down and can_take_down(report)
    if is_down:
        take_down(report, actor=actor)
    facts = {"upheld": is_upheld, "taken_down": is_down}
    owner = owner_of(report)
    subject = owner.user if owner else None
    record(actor, "report.decided", subject=subject, target=report, facts=facts)
    tell_both(report, owner if is_upheld else None, is_down=is_down)


def take_down(report: AbuseReport, *, actor: User) -> None:
    """Take what was reported from every page; its owner still has it."""
    if report.listing:
        close_listing(report.listing, actor=actor)
    elif report.profile:
        hide_profile(report.profile, actor=actor, reason="report")


def tell_both(report: AbuseReport, owner: Profile | None, *, is_down: bool) -> None:
    """Tell who reported, and whose thing it is, what was decided and why."""
    if report.reporter:
        tell(report, report.reporter, _("Your report has been decided"))
    if owner:
        title = (
            _("Something of yours was taken from the pages after a report")
            if is_down
            else _("A report about something of yours was found justified")
        )
        tell(report, owner, title)


def tell(report: AbuseReport, profile: Profile, title: str | Promise) -> None:
    """Send one side its news."""
    notify(
        profile.user,
        "account",
        key=f"abuse_report:{report.pk}",
        title=title,
        address=reverse("matching:abuse_answer", args=[report.pk]),
        letter="abuse_report",
        context={"report": report, "reader": profile},
    )


def answered_to(user: User) -> QuerySet[AbuseReport]:
    """Return the decided reports that a person made, or that were upheld about them."""
    made = Q(reporter__user=user)
    owned = Q(profile__user=user) | Q(listing__profile__user=user) | Q(message__author__user=user)
    upheld = owned & Q(state=AbuseReportState.UPHELD)
    decided = AbuseReport.objects.filter(state__in=("upheld", "dismissed"))
    return decided.filter(made | upheld).distinct()
