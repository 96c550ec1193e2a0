"""What reviewers get for their work: points for reviews in time, and a certificate once all is out.

Korea decided on points for reviewers in 2024 (reference, 1b.9). A certificate tells in which call
somebody reviewed, never what.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from events.papers.press import printed
from events.tickets import ticket_drawing
from funding.models import Call, Expert, Review
from funding.visibility import RELEASED
from konnect.accounts.models import User

SALT = "funding.review-certificate"
# For a review that is in; more if it was in time; more if the chair found it good.
FOR_REVIEW, FOR_TIME, FOR_QUALITY, GOOD = 2, 1, 1, 4


@dataclass(frozen=True)
class Mileage:
    """What somebody has reviewed: how many, how many in time, and the points for it."""

    reviews: int
    timely: int
    points: int


def counted() -> QuerySet[Review]:
    """Return the reviews that count: handed in, and not ended afterwards."""
    return Review.objects.filter(is_submitted=True, assignment__state__in=("submitted", "locked"))


def mileage_of(user: User) -> Mileage:
    """Return somebody's mileage; one query."""
    due = F("assignment__application__call__reviews_due_at")
    in_time = Q(assignment__application__call__reviews_due_at=None) | Q(submitted_at__lte=due)
    is_good = Q(quality__gte=GOOD)
    points = Sum(
        Value(FOR_REVIEW) + one_if(in_time, FOR_TIME) + one_if(is_good, FOR_QUALITY),
        output_field=IntegerField(),
    )
    found = counted().filter(assignment__reviewer__person__user=user).aggregate(
        reviews=Count("pk"), timely=Count("pk", filter=in_time),
        points=Coalesce(points, 0),
    )  # fmt: skip
    return Mileage(**found)


def one_if(condition: Q, points: int) -> Case:
    """Return points where something holds, else none."""
    return Case(When(condition, then=Value(points)), default=Value(0), output_field=IntegerField())


def certifiable(user: User) -> QuerySet[Call]:
    """Return the calls whose decisions are out in which somebody has reviewed."""
    own = counted().filter(assignment__reviewer__person__user=user)
    calls = own.values("assignment__application__call")
    return Call.objects.filter(pk__in=calls, state__in=RELEASED).order_by("-released_at")


def reviews_in(call: Call, expert: Expert) -> int:
    """Return how many reviews an expert has handed in in a call."""
    own = counted().filter(assignment__reviewer=expert, assignment__application__call=call)
    return own.count()


def certificate(call: Call, expert: Expert) -> bytes:
    """Return the certificate of a reviewer as PDF, in the language that is active."""
    with translation.override("en" if get_language() == "ko" else "ko"):
        second_title = _("Certificate of review")
    address = certificate_address(call, expert)
    profile = getattr(expert.person.user, "profile", None)
    count = reviews_in(call, expert)
    words = ngettext(
        "%(count)d review of an application", "%(count)d reviews of applications", count
    )
    return printed("certificate", {
        "lang": get_language() or "en", "title": _("Certificate of review"),
        "second_title": second_title, "says": _("This is to certify that"),
        "name": str(expert.person), "second_name": "",
        "affiliation": str(profile.affiliation) if profile else "",
        "took_part": _("has reviewed in the mobility call"), "event": str(call),
        "lines": [words % {"count": count}], "signed": str(call.programme),
        "hosts": ", ".join(str(each.funder) for each in call.commitments.select_related("funder")),
        "check": _("Whether this is true can be seen at"), "address": address,
        "code": ticket_drawing(address),
    })  # fmt: skip


def certificate_address(call: Call, expert: Expert) -> str:
    """Return the whole address that confirms a certificate; nobody can make one up."""
    code = signing.Signer(salt=SALT).sign(f"{call.pk}-{expert.pk}")
    return settings.SITE_URL + reverse("funding:review_certificate_check", args=[code])


def certified(code: str) -> tuple[Call, Expert, int] | None:
    """Return what an address confirms: call, reviewer, number; None when it was made up."""
    try:
        call_id, expert_id = signing.Signer(salt=SALT).unsign(code).split("-")
    except (signing.BadSignature, ValueError):
        return None
    call = Call.objects.filter(pk=call_id, state__in=RELEASED).first()
    expert = Expert.objects.select_related("person").filter(pk=expert_id).first()
    count = reviews_in(call, expert) if call and expert else 0
    return (call, expert, count) if call and expert and count and expert.person.name else None
