"""What the applicants' pages show: the list of tasks, what waits, what has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funding.applying import OF_THE_TEXT, applications_of, asked_by_mail, seats_of
from funding.forms_schema import Schema
from funding.models import OVER, Application, Call, Clarification, Participant
from funding.money import money_words
from funding.problem_words import Said
from funding.services.draft_content import Draft, form_of
from funding.services.receipts import cost_words
from funding.services.waiting import Waiting
from funding.services.windows import ANSWERABLE
from matching.models import ContactRequest, Profile

if TYPE_CHECKING:
    from konnect.accounts.models import User

CONFIRM = (
    _("Say whether you take part in an application"),
    _("Confirm the application that you are a partner of"),
)
BASICS, PEOPLE, BUDGET, DOCUMENTS = "basics", "people", "budget", "documents"


@dataclass(frozen=True)
class Task:
    """One page of an application; state is empty, begun or done."""

    code: str
    title: str | Promise
    url: str
    state: str
    problems: tuple[Said, ...]


def tasks_of(draft: Draft) -> list[Task]:
    """Return the pages of an application with what is missing on each."""
    pk, language = draft.application.pk, get_language() or "en"
    found = [
        task(
            draft,
            BASICS,
            _("Title and area"),
            address("basics", pk),
            bool(draft.application.title),
        )
    ]
    for section in draft.schema.sections:
        url = reverse("funding:application_section", args=[pk, section.code])
        filled = bool(draft.answers.get(section.code))
        found.append(task(draft, section.code, section.title(language), url, filled))
    found += [
        task(draft, PEOPLE, _("People"), address("people", pk), len(draft.team) > 1),
        task(draft, BUDGET, _("Budget"), address("budget", pk), bool(draft.lines)),
    ]
    if not draft.application.call.is_outline:
        url = address("documents", pk)
        found.append(task(draft, DOCUMENTS, _("Documents"), url, bool(draft.documents)))
    return found


def address(page: str, pk: int) -> str:
    """Return the address of a page of an application."""
    return reverse(f"funding:application_{page}", args=[pk])


def task(draft: Draft, code: str, title: str | Promise, url: str, is_filled: bool) -> Task:
    """Return one page; it is done when nothing is wrong with it."""
    found = tuple(each for each in draft.problems if each.where == code)
    state = "done" if not found else ("begun" if is_filled else "empty")
    return Task(code, title, url, state, found)


def lone_problems(draft: Draft, tasks: Iterable[Task]) -> list[Said]:
    """Return the problems that no page of this form mends."""
    known = {each.code for each in tasks}
    return [each for each in draft.problems if each.where not in known]


def missing_of(draft: Draft) -> list[tuple[Said, str]]:
    """Return what is missing, each with the address of the page that mends it; '' for none."""
    pages = {each.code: each.url for each in tasks_of(draft)}
    return [(each, pages.get(each.where, "")) for each in draft.problems]


@dataclass(frozen=True)
class Difference:
    """What two texts of an application say about one thing."""

    label: str | Promise
    old: str
    new: str


def differences(
    old: dict[str, Any] | None, new: dict[str, Any], schema: Schema
) -> list[Difference]:
    """Return what has changed between two contents, question by question."""
    if old is None:
        return []
    language = get_language() or "en"
    labels: list[tuple[str | Promise, Any, Any]] = [
        (_("Title"), old["title"], new["title"]),
        (_("Acronym"), old["acronym"], new["acronym"]),
        (_("Area"), old["area"], new["area"]),
    ]
    for section, field in schema.fields():
        before = old["answers"].get(section.code, {}).get(field.code)
        after = new["answers"].get(section.code, {}).get(field.code)
        labels.append((field.label(language), before, after))
    for name, label in ((PEOPLE, _("People")), (BUDGET, _("Budget")), (DOCUMENTS, _("Documents"))):
        before, after = unlike(old[name], new[name])
        labels.append((label, before, after))
    return [Difference(label, plain(before), plain(after))
            for label, before, after in labels if before != after]  # fmt: skip


def unlike(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Return the lines that are only in one of two lists, as short words."""
    before, after = Counter(map(line_words, old)), Counter(map(line_words, new))
    return sorted((before - after).elements()), sorted((after - before).elements())


def line_words(line: dict[str, Any]) -> str:
    """Return a person, a line of the budget or a document as one line."""
    body = line.get("organisation")
    if "amount_minor" in line:
        amount = money_words(line["amount_minor"], line["currency"])
        return " · ".join((line["funder"].upper(), cost_words(line), amount))
    parts = [line.get("name"), body["name"] if body else None, (line.get("sha256") or "")[:12]]
    return " · ".join(str(part) for part in parts if part)


def plain(value: Any) -> str:
    """Return a value of a content as text."""
    if isinstance(value, list):
        return "\n".join(value)
    return "" if value is None else str(value)


def contacts_for(application: Application, user: User) -> list[Profile]:
    """Return the contacts whom the lead can ask with one click, at most fifty; two queries."""
    rows = ContactRequest.objects.visible_to(user).accepted().order_by("-pk")[:50]
    pks = {pk for pair in rows.values_list("sender", "recipient") for pk in pair}
    there = application.participants.exclude(person=None).values("person__user")
    found = Profile.objects.filter(pk__in=pks).exclude(user=user.pk).exclude(user__in=there)
    return list(found.with_card().order_by("display_name"))


def applications_waiting(user: User) -> Iterable[Waiting]:
    """Yield what waits for somebody in applications: five queries."""
    now = timezone.now()
    drafts = applications_of(user).filter(
        state="draft", lead__user=user.pk, call__state="approved", call__closes_at__gt=now
    )
    for each in drafts.select_related("call"):
        yield Waiting(_("Finish your application and hand it in"), each.get_absolute_url(),
                      each.call.closes_at, str(each))  # fmt: skip
    yield from invitations_waiting(user)
    seats = seats_of(user).filter(
        state__in=("invited", "reconfirm"), application__call__closes_at__gt=now,
        application__call__state="approved",
    ).exclude(role="lead")  # fmt: skip
    for seat in seats.select_related("application__call"):
        yield Waiting(
            CONFIRM[seat.role in OF_THE_TEXT],
            reverse("funding:application_confirm", args=[seat.application_id]),
            seat.application.call.closes_at, str(seat.application),
        )  # fmt: skip
    for seat in invitations_of(user):
        url = reverse("funding:application_join", args=[seat.token])
        yield Waiting(CONFIRM[False], url, seat.application.call.closes_at, str(seat.application))
    asked = Clarification.objects.filter(
        application__lead__user=user.pk, application__state__in=ANSWERABLE,
        answered_version=None, due_at__gt=now,
    )  # fmt: skip
    for question in asked.select_related("application"):
        yield Waiting(_("Answer a question about your application"),
                      question.application.get_absolute_url(), question.due_at,
                      str(question.application))  # fmt: skip


def invitations_waiting(user: User) -> Iterable[Waiting]:
    """Yield the calls for full applications to which somebody is invited and has not begun."""
    begun = Application.objects.filter(outline=OuterRef("pk")).exclude(state__in=OVER)
    outlines = Application.objects.filter(
        lead__user=user.pk, state="invited", call__released_at__isnull=False
    ).exclude(Exists(begun))
    for call in Call.objects.open().filter(outline_call__in=outlines.values("call")):
        url = reverse("funding:application_create", args=[call.pk])
        yield Waiting(_("You are invited: begin the full application"), url, call.closes_at,
                      str(call))  # fmt: skip


def invitations_of(user: User) -> list[Participant]:
    """Return the places that letters ask somebody to take, while that can be done; one query."""
    rows = asked_by_mail(user).filter(
        application__call__closes_at__gt=timezone.now(), application__call__state="approved"
    )
    return list(rows.select_related("application__call", "application__lead").order_by("pk"))


def own_list(user: User) -> list[Application]:
    """Return somebody's applications, the newest call first; one query.

    With `is_asked`: they have still to say whether they take part, and can.
    """
    seats = seats_of(user).filter(
        application=OuterRef("pk"), state__in=("invited", "reconfirm"),
        application__call__state="approved", application__call__closes_at__gt=timezone.now(),
    ).exclude(role="lead")  # fmt: skip
    rows = applications_of(user).select_related("call", "lead").annotate(is_asked=Exists(seats))
    return list(rows.order_by(F("call__closes_at").desc(nulls_last=True), "-pk"))


def schema_json(application: Application) -> dict[str, Any]:
    """Return the form that an application fills in."""
    found: dict[str, Any] = form_of(application.call_id).schema
    return found
