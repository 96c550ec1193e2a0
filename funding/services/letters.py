"""What applicants are told of a decision: on its page, in the news, and by mail; each once.

The worker finds decisions that are out and were not told. Each is told in a transaction of its
own, with the news, the mail in the outbox and the mark: a worker that dies tells nobody twice and
forgets nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from funding.machines import GONE, LEAD, OFFICER, PARTNER
from funding.models import (
    Application,
    Call,
    Consensus,
    ConsensusScore,
    Decision,
    DecisionAmount,
    Outcome,
    Person,
    RankItem,
    RankList,
)
from funding.money import money_words
from funding.permissions import roles_for
from funding.services.full_calls import full_call_of
from funding.visibility import CONSENSUS, RELEASED, RESULT, View, visible
from konnect.accounts.services.notifications import notify

if TYPE_CHECKING:
    from konnect.accounts.models import User

KIND = "applications"
LETTERS_TASK = "funding.tasks.tell_decisions"
QUARTERS = 4
WORDS: dict[str, str | Promise] = {
    Outcome.FUNDED: _("Your application is recommended for funding."),
    Outcome.RESERVE: _("Your application is on the reserve list."),
    Outcome.NOT_FUNDED: _("Your application is not funded."),
    Outcome.INVITED: _("Your outline has convinced: you are invited to apply in full."),
    Outcome.NOT_INVITED: _("Your outline is not among those that are invited to apply in full."),
    Outcome.BELOW_THRESHOLD: _("Your application does not reach a threshold and is not chosen."),
}
# In how good a quarter of all that were judged; the best is 1.
QUARTER_WORDS: dict[int, str | Promise] = {
    1: _("It is in the best quarter of all applications that were judged."),
    2: _("It is in the second-best quarter of all applications that were judged."),
    3: _("It is in the third quarter of all applications that were judged."),
    4: _("It is in the last quarter of all applications that were judged."),
}


@dataclass(frozen=True)
class Result:
    """What applicants read of a decision."""

    application: Application
    decision: Decision
    consensus: Consensus | None
    scores: list[ConsensusScore]
    amounts: list[DecisionAmount]
    quarter: int | None

    @property
    def words(self) -> str | Promise:
        """The decision in one sentence."""
        return WORDS[self.decision.outcome]

    @property
    def full_call(self) -> Call | None:
        """The call to which it is invited."""
        if self.decision.outcome != Outcome.INVITED:
            return None
        return full_call_of(self.application.call)

    @property
    def quarter_words(self) -> str | Promise:
        """Where it stands among all, without its rank."""
        return QUARTER_WORDS[self.quarter] if self.quarter else ""

    @property
    def reserve_words(self) -> str | Promise:
        """Where it stands on the reserve list."""
        place = self.decision.reserve_position
        return format_lazy(_("Place on the reserve list: {place}"), place=place) if place else ""

    @property
    def url(self) -> str:
        """The address of its page."""
        return reverse("funding:application_result", args=[self.application.pk])


def result_of(application: Application) -> Result | None:
    """Return what is to be told of an application, None where nothing was decided.

    It asks nobody whether they may: `result_for` does.
    """
    decision = Decision.objects.filter(application=application).first()
    if decision is None:
        return None
    consensus = Consensus.objects.filter(
        application=application,
        state="signed",
        version__number=application.submitted_version or 0,
    ).first()
    scores = consensus.scores.select_related("criterion") if consensus else []
    amounts = decision.amounts.select_related("funder").order_by("funder__side", "pk")
    return Result(
        application, decision, consensus, list(scores), list(amounts),
        quarter_of(application, decision.rank_list),
    )  # fmt: skip


def quarter_of(application: Application, rank_list: RankList | None) -> int | None:
    """Return in which quarter of a list an application stands, by its score; equals share one."""
    rows = RankItem.objects.filter(rank_list=rank_list)
    own = rows.filter(application=application).first()
    if own is None:
        return None
    better = rows.filter(score__gt=own.score).count()
    return better * QUARTERS // rows.count() + 1


def result_for(application: Application, user: User) -> Result | None:
    """Return what somebody may read of the decision about an application, None for nothing."""
    view = View(application.call.blind_level, application.call.state)
    roles = roles_for(application, user) & {LEAD, PARTNER, OFFICER}
    may = visible(roles, RESULT, view) and visible(roles, CONSENSUS, view)
    return result_of(application) if may else None


# --- Telling --------------------------------------------------------------------------------------


def tell_decisions() -> int:
    """Tell every decision that is out and was not told; return how many."""
    told = 0
    while tell_one_decision():
        told += 1
    return told


def untold() -> QuerySet[Decision]:
    """Return the decisions that are out and were not told."""
    rows = Decision.objects.filter(told_at=None, application__call__state__in=RELEASED)
    return rows.exclude(application__state="withdrawn")


@transaction.atomic
def tell_one_decision() -> bool:
    """Tell one decision; two workers never tell the same at once."""
    rows = untold().select_related("application__call").order_by("pk")
    decision = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if decision is None:
        return False
    result = result_of(decision.application)
    if result is not None:
        for person in told_people(decision.application):
            tell(person, result)
    Decision.objects.filter(pk=decision.pk).update(told_at=timezone.now())
    return True


def told_people(application: Application) -> list[Person]:
    """Return lead and partner, those who have an account."""
    partners = application.participants.filter(role="partner").exclude(state__in=GONE)
    ids = {application.lead_id, *partners.values_list("person", flat=True)}
    people = Person.objects.filter(pk__in=ids - {None}, user__is_active=True)
    return list(people.select_related("user").order_by("pk"))


def tell(person: Person, result: Result) -> None:
    """Tell one person: a line of news that names no result, and the letter."""
    assert person.user is not None
    notify(
        person.user, KIND, key=f"decision:{result.application.pk}",
        title=title_of(result.application), address=result.url, letter="decision",
        context={
            "result": result, "call": result.application.call, "reader": person,
            "amounts": [(each.funder, amount_words(each)) for each in result.amounts],
        },
    )  # fmt: skip


def title_of(application: Application) -> Callable[[], str]:
    """Return the title of the news."""
    words = {"call": application.call, "application": application}
    return lambda: now("Decision about %(application)s in %(call)s") % words


def amount_words(amount: DecisionAmount) -> str:
    """Return what a funder gives, in its money."""
    return money_words(amount.amount_minor, amount.funder.currency)
