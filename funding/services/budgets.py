"""The budget of an application: what is asked of which funder, in the funder's money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from funding.forms_schema import check_sum
from funding.models import Application, BudgetLine, Call, CostKind, Funder
from funding.money import money_words
from funding.services.draft_content import Draft, line_content, rules_of
from funding.services.drafts import open_whole, touch
from konnect.accounts.models import User
from matching.services.profiles import EditConflict


@dataclass(frozen=True)
class Wanted:
    """One line as somebody wrote it: funder, what for, words, smallest units of money."""

    funder: int
    cost: str
    note: str
    amount_minor: int


@dataclass(frozen=True)
class FunderSum:
    """What is asked of one funder beside what it gives to one application at most."""

    funder: int
    name: str
    side: str
    currency: str
    asked_minor: int
    most_minor: int | None
    costs: tuple[str, ...]

    @property
    def asked(self) -> str:
        """The sum in words."""
        return money_words(self.asked_minor, self.currency)

    @property
    def most(self) -> str:
        """The most in words; '' where there is none."""
        return "" if self.most_minor is None else money_words(self.most_minor, self.currency)

    @property
    def is_over(self) -> bool:
        """Tell whether more is asked than given."""
        return self.most_minor is not None and self.asked_minor > self.most_minor

    @property
    def percent(self) -> int:
        """How much of the most is asked, for a bar; 100 at most."""
        if not self.most_minor:
            return 0
        return min(100, round(100 * self.asked_minor / self.most_minor))


def sums_of(draft: Draft) -> list[FunderSum]:
    """Return what a draft asks of each funder of its call; two queries."""
    asked: dict[int, int] = {}
    for line in draft.lines:
        asked[line.funder_id] = asked.get(line.funder_id, 0) + line.amount_minor
    return [
        FunderSum(
            rule.funder, rule.name, rule.side, rule.currency, asked.get(rule.funder, 0),
            rule.most_minor, rule.eligible_costs or tuple(CostKind.values),
        )
        for rule in rules_of(draft.application.call_id)
    ]  # fmt: skip


def funders_of(call: Call) -> list[Funder]:
    """Return the funders that pay in a call."""
    return list(Funder.objects.filter(commitments__call=call).order_by("side", "pk"))


def budget_sum(lines: Iterable[BudgetLine]) -> str:
    """Return the check sum of the lines of a budget, in their order."""
    return check_sum([line_content(line) for line in lines])


def budgets_differ(draft: Draft, typed: Sequence[Wanted]) -> Iterator[tuple[str, str]]:
    """Yield funder and stored lines in words, wherever they are not what somebody typed."""
    for each in sums_of(draft):
        stored = [wanted_of(line) for line in draft.lines if line.funder_id == each.funder]
        if stored != [line for line in typed if line.funder == each.funder]:
            words = [line_words(line, each.currency) for line in stored]
            yield each.name, "\n".join(words) or "–"


def wanted_of(line: BudgetLine) -> Wanted:
    """Return a stored line as somebody would write it."""
    return Wanted(line.funder_id, line.cost, line.note, line.amount_minor)


def line_words(line: Wanted, currency: str) -> str:
    """Return one line of a budget in words."""
    parts = (str(CostKind(line.cost).label), line.note, money_words(line.amount_minor, currency))
    return " · ".join(filter(None, parts))


@transaction.atomic
def save_budget(
    application: Application, lines: Sequence[Wanted], *, seen: str, actor: User
) -> None:
    """Write the whole budget; the same again changes nothing.

    Lines of funders that do not pay in this call are not taken.

    seen: `budget_sum` of the lines that the person saw.

    Raises:
        EditConflict: somebody else changed them meanwhile; nothing is overwritten.
        RefusedError, PermissionDenied: see `open_whole`.
    """
    application = open_whole(application.pk, actor)
    known = {funder.pk for funder in funders_of(application.call)}
    wanted = [line for line in lines if line.funder in known]
    stored = list(application.budget.select_related("funder").order_by("pk"))
    if [wanted_of(line) for line in stored] == wanted:
        return
    if budget_sum(stored) != seen:
        raise EditConflict
    application.budget.all().delete()
    BudgetLine.objects.bulk_create(
        BudgetLine(
            application=application, funder_id=line.funder, cost=line.cost, note=line.note,
            amount_minor=line.amount_minor,
        )
        for line in wanted
    )  # fmt: skip
    touch(application)
