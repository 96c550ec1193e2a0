"""Whether what was handed in may take part: two people find the same before it counts."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from funding.machines import FUNDER, OFFICER, move_of
from funding.models import Application, EligibilityOpinion
from funding.permissions import left_by, roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.drafts import locked_application
from funding.services.guards_applications import ENOUGH
from funding.services.ledger import record
from funding.services.moving import move
from funding.services.people import person_of
from konnect.accounts.models import User

SAID_ALREADY = Blocker("said_already", _("You have said what you found about this version."))
NOT_SUBMITTED = Blocker("not_submitted", _("This application is not there to be looked at."))
SCREENERS = frozenset({OFFICER, FUNDER})
# An application that was refused is looked at again when its people object: two others then find
# that it may take part.
LOOKED_AT = ("submitted", "ineligible")


def unjudged_by(user: User) -> QuerySet[Application]:
    """Return the applications of which somebody has not said yet whether they may take part.

    Without those that they are kept from; of any call.
    """
    said = EligibilityOpinion.objects.filter(
        application=OuterRef("pk"), version__number=OuterRef("submitted_version"),
        given_by__user=user,
    )  # fmt: skip
    rows = Application.objects.filter(state="submitted", call__state="screening")
    return rows.exclude(Exists(said)).exclude(pk__in=left_by(user).values("pk"))


@transaction.atomic
def give_opinion(
    application: Application, *, is_eligible: bool, code: str, note: str, actor: User
) -> EligibilityOpinion:
    """Say what one found about the version that counts; the second who finds the same decides.

    code: why it is not eligible, a code of `funding.problem_words`; '' where it is.

    Raises:
        PermissionDenied: neither officer of the programme nor of a funder, or kept from it.
        RefusedError: said before, or there is nothing to look at.
    """
    application = locked_application(application.pk)
    roles = roles_for(application, actor) & SCREENERS
    if not roles:
        raise PermissionDenied
    if application.state not in LOOKED_AT or application.call.state != "screening":
        raise RefusedError([NOT_SUBMITTED])
    version = application.counted
    person = person_of(actor)
    try:
        with transaction.atomic():
            opinion = EligibilityOpinion.objects.create(
                application=application, version=version, is_eligible=is_eligible,
                code="" if is_eligible else code, note=note, given_by=person,
            )  # fmt: skip
    except IntegrityError as error:
        raise RefusedError([SAID_ALREADY]) from error
    record(application, "opinion", actor=person, reason=note,
           after={"version": version.number, "is_eligible": is_eligible, "code": code})  # fmt: skip
    settle(application, opinion, actor, roles)
    return opinion


def settle(
    application: Application, opinion: EligibilityOpinion, actor: User, roles: frozenset[str]
) -> None:
    """Let the application move when two have found the same, and that says something new."""
    event = "find_eligible" if opinion.is_eligible else "find_ineligible"
    same = application.opinions.filter(version=opinion.version, is_eligible=opinion.is_eligible)
    is_new = application.state in move_of("application", event).sources
    if is_new and same.count() >= ENOUGH:
        move(application, event, actor=actor, reason=opinion.note or opinion.code,
             known_roles=roles)  # fmt: skip
