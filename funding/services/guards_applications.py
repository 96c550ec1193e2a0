"""What must hold before applications move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from funding.refusing import Blocker
from funding.services.draft_content import Draft, read_draft
from funding.services.guards import guard
from funding.services.windows import window_of

if TYPE_CHECKING:
    from funding.models import Application, Participant
    from konnect.accounts.models import User

ONE_OPINION = Blocker(
    "one_opinion", _("Two people have to find the same; ask a colleague to look too.")
)
SAME_REGION = Blocker(
    "same_region", _("Lead and partner must be in different regions: one in Europe, one in Korea.")
)
# A second person's opinion makes two.
ENOUGH = 2


def draft_of(application: Application) -> Draft:
    """Return the draft of an application; the one that the caller has read, if it has."""
    known: Draft | None = application.__dict__.get("read_draft")
    return known or read_draft(application)


@guard("application_is_complete")
def application_is_complete(application: Application, actor: User | None) -> list[Blocker]:
    """Everything is answered, within the rules, and the partner stands behind this text."""
    return [Blocker(each.code, each.words) for each in draft_of(application).problems]


@guard("confirms_this_version")
def confirms_this_version(participant: Participant, actor: User | None) -> list[Blocker]:
    """It can still be handed in, and the two are of two regions."""
    application = participant.application
    if blocker := window_of(application).blocker:
        return [blocker]
    if participant.role != "partner":
        return []
    regions = application.participants.filter(role="lead").values_list("region", flat=True)
    return [SAME_REGION] if participant.region in regions else []


@guard("two_found_eligible")
def two_found_eligible(application: Application, actor: User | None) -> list[Blocker]:
    """Two found that the version that counts may take part."""
    return opinion_blockers(application, is_eligible=True)


@guard("two_found_ineligible")
def two_found_ineligible(application: Application, actor: User | None) -> list[Blocker]:
    """Two found that the version that counts may not take part."""
    return opinion_blockers(application, is_eligible=False)


def opinion_blockers(application: Application, *, is_eligible: bool) -> list[Blocker]:
    """Return what is missing for one of the two findings."""
    rows = application.opinions.filter(
        version__number=application.submitted_version or 0, is_eligible=is_eligible
    )
    return [] if rows.count() >= ENOUGH else [ONE_OPINION]
