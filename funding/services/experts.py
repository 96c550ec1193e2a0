"""The pool of experts: who is in it, what shows that they know the field, what they have done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.models import Call, Expert
from funding.permissions import programmes_run_by
from funding.refusing import Blocker, RefusedError
from funding.services.ledger import record
from funding.services.people import person_of
from konnect.accounts.models import User
from matching.models import Area, Profile, Side
from matching.names import folded

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

NO_MEMBER = Blocker("no_member", _("Nobody with this address has an account here."))
ELSEWHERE = Blocker(
    "elsewhere", _("Experts work in Europe or in Korea; this person works elsewhere.")
)
# As many works as show that somebody knows a field from own works.
WORKS_OF_AN_EXPERT = 3


@dataclass(frozen=True)
class Competence:
    """What shows that an expert knows the field."""

    works: int
    has_vectors: bool
    topics: list[str]
    place: str


def may_see_pool(user: User | AnonymousUser) -> bool:
    """Tell whether somebody looks after reviewers: the officers of programmes."""
    return user.is_authenticated and programmes_run_by(user).exists()


def pool(words: str = "", side: str = "") -> QuerySet[Expert]:
    """Return the experts whose name or house has these words."""
    rows = Expert.objects.select_related("person__user__profile__organisation")
    rows = rows.prefetch_related("areas").order_by("person__name", "pk")
    if side:
        rows = rows.filter(side=side)
    if words.strip():
        profile = "person__user__profile__"
        named = Q(person__name__icontains=words) | Q(
            **{f"{profile}display_name__icontains": words}
        )
        there = Q(**{f"{profile}organisation__search_text__contains": folded(words)})
        rows = rows.filter(named | there)
    return rows


def with_figures(rows: QuerySet[Expert]) -> QuerySet[Expert]:
    """Add what each expert does now and has done: open and finished reviews."""
    running = Q(assignments__state__in=("invited", "accepted", "coi_declared", "drafting"))
    return rows.annotate(
        open_reviews=Count("assignments", running, distinct=True),
        done_reviews=Count(
            "assignments", Q(assignments__state__in=("submitted", "locked")), distinct=True
        ),
    )


def competence_of(expert: Expert) -> Competence:
    """Return the evidence that the profile of an expert gives."""
    profile = profile_of(expert)
    if profile is None:
        return Competence(0, has_vectors=False, topics=[], place="")
    return Competence(
        profile.works.count(), hasattr(profile, "vectors"),
        [*map(str, profile.topics.all()[:5]), *profile.keywords[:5]], str(profile.affiliation),
    )  # fmt: skip


def profile_of(expert: Expert) -> Profile | None:
    """Return the profile of an expert, if their account has one."""
    return getattr(expert.person.user, "profile", None) if expert.person.user else None


@transaction.atomic
def add_expert(email: str, *, actor: User) -> Expert:
    """Take a member into the pool by address, with what their profile says; they are there once.

    Raises:
        PermissionDenied, RefusedError: not an officer; no such member; one who works elsewhere.
    """
    if not may_see_pool(actor):
        raise PermissionDenied
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    profile = Profile.objects.filter(user=user).first() if user else None
    if user is None or profile is None:
        raise RefusedError([NO_MEMBER])
    if profile.side == Side.ELSEWHERE:
        raise RefusedError([ELSEWHERE])
    defaults = {
        "side": profile.side, "languages": profile.languages,
        "is_domain_expert": profile.works.count() >= WORKS_OF_AN_EXPERT,
    }  # fmt: skip
    expert, is_new = Expert.objects.get_or_create(person=person_of(user), defaults=defaults)
    if is_new:
        expert.areas.set(profile.areas.all())
        record(expert, "add", actor=person_of(actor))
    return expert


@transaction.atomic
def change_expert(
    expert: Expert, *, actor: User, areas: Collection[Area], **columns: object
) -> Expert:
    """Change what the pool knows of somebody.

    Raises:
        PermissionDenied: not an officer.
    """
    if not may_see_pool(actor):
        raise PermissionDenied
    for name, value in columns.items():
        setattr(expert, name, value)
    expert.save(update_fields=[*columns])
    expert.areas.set(areas)
    record(expert, "change", actor=person_of(actor), after={"columns": sorted(columns)})
    return expert


def agree_to_pool(expert: Expert) -> None:
    """Keep when an expert first agreed to review for the portal."""
    Expert.objects.filter(pk=expert.pk, agreed_at=None).update(agreed_at=timezone.now())


def candidates(call: Call) -> QuerySet[Expert]:
    """Return the experts who could still be asked in a call, those of its areas first."""
    own = call.areas.all()
    rows = Expert.objects.filter(is_available=True).exclude(call_rows__call=call)
    rows = rows.select_related("person__user__profile__organisation").prefetch_related("areas")
    fitting = Count("areas", Q(areas__in=own), distinct=True)
    return rows.annotate(fitting=fitting).order_by("-fitting", "person__name", "pk")
