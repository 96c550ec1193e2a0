"""What a draft says, read once: for its check sum, its problems and its versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language

from funding.applying import OF_THE_TEXT
from funding.eligibility import Facts, Line, Person, Rule, eligibility_problems
from funding.forms_schema import Schema, check_sum, problems, schema_of
from funding.machines import GONE
from funding.models import (
    Application,
    BudgetLine,
    Call,
    CountryStatus,
    Document,
    Form,
    FunderCommitment,
    FunderRule,
    Participant,
    SectionDraft,
)
from funding.problem_words import Said, said, said_of_form
from konnect.accounts.prepared import prepared
from matching.regions import ASSOCIATED, EUROPEAN_UNION, KOREA

# The question of how long the longest stay is: section and field.
STAY = ("mobility", "days")


@dataclass
class Draft:
    """A draft with everything that belongs to it, as it stood when it was read."""

    application: Application
    form: Form
    sections: list[SectionDraft]
    people: list[Participant]
    lines: list[BudgetLine]
    documents: list[Document]

    @cached_property
    def schema(self) -> Schema:
        """The questions of the form."""
        return schema_of(self.form.schema)

    @cached_property
    def answers(self) -> dict[str, dict[str, Any]]:
        """The answers by section and field."""
        return {section.code: section.answers for section in self.sections}

    @cached_property
    def team(self) -> list[Participant]:
        """Those who take part, or are asked to."""
        return [person for person in self.people if person.state not in GONE]

    def in_role(self, role: str) -> Participant | None:
        """Return the first of a role who takes part."""
        return next((person for person in self.team if person.role == role), None)

    @cached_property
    def content(self) -> dict[str, Any]:
        """What partners confirm: everything that reviewers will read, and nothing else."""
        application = self.application
        return {
            **basics_content(application),
            "answers": {code: kept for code, kept in self.answers.items() if kept},
            "people": [person_content(person) for person in self.team],
            "budget": [line_content(line) for line in self.lines],
            "documents": [document_content(document) for document in self.documents],
        }

    @cached_property
    def sha256(self) -> str:
        """The check sum of the content."""
        return check_sum(self.content)

    def statement_of(self, person: Participant) -> dict[str, Any]:
        """Return what somebody stands behind: the partner the whole text, others their place."""
        if person.role in OF_THE_TEXT:
            return self.content
        title, acronym = self.application.title, self.application.acronym
        return {"title": title, "acronym": acronym, "people": [person_content(person)]}

    def statement_sum(self, person: Participant) -> str:
        """Return the check sum of what somebody stands behind."""
        is_whole = person.role in OF_THE_TEXT
        return self.sha256 if is_whole else check_sum(self.statement_of(person))

    @cached_property
    def problems(self) -> list[Said]:
        """What keeps this from being submitted, in words; three queries, once."""
        return draft_problems(self)

    def version_content(self) -> dict[str, Any]:
        """Return what a version keeps: the content, the form, and who the people are."""
        persons = [str(each.person.pseudonym) if each.person else None for each in self.team]
        return {**self.content, "form": self.form.schema, "persons": persons}


def basics_content(application: Application) -> dict[str, Any]:
    """Return title, acronym, area and language as the content tells of them."""
    return {
        "title": application.title,
        "acronym": application.acronym,
        "area": application.area.code if application.area else None,
        "language": application.language,
    }


def person_content(person: Participant) -> dict[str, Any]:
    """Return one participant as the content tells of them."""
    body = person.organisation
    return {
        "role": person.role,
        "name": person.name,
        "organisation": {"id": body.pk, "ror": body.ror_id, "name": body.name} if body else None,
        "organisation_unlisted": person.organisation_unlisted,
        "department": person.department,
        "country": person.country_code,
        "region": person.region,
    }


def line_content(line: BudgetLine) -> dict[str, Any]:
    """Return one line of the budget."""
    return {
        "funder": line.funder.code, "currency": line.funder.currency, "cost": line.cost,
        "note": line.note, "amount_minor": line.amount_minor,
    }  # fmt: skip


def document_content(document: Document) -> dict[str, Any]:
    """Return one document by its check sum."""
    return {
        "kind": document.kind, "name": document.name, "key": str(document.key),
        "size": document.size, "sha256": document.sha256, "pages": document.pages,
    }  # fmt: skip


def read_draft(application: Application) -> Draft:
    """Read all parts of a draft: four queries, and one for a form that was not read before."""
    return Draft(
        application=application,
        form=frozen_form(application.call),
        sections=sections_of.models(application_id=application.pk),
        people=people_of.models(application_id=application.pk),
        lines=lines_of.models(application_id=application.pk),
        documents=documents_of.models(application_id=application.pk),
    )


@prepared
def sections_of(application_id: int) -> QuerySet[SectionDraft]:
    """Return the answers of a draft."""
    return SectionDraft.objects.filter(application_id=application_id).order_by("code")


@prepared
def people_of(application_id: int) -> QuerySet[Participant]:
    """Return everybody who was asked to take part."""
    rows = Participant.objects.filter(application_id=application_id)
    return rows.select_related("organisation", "person").order_by("pk")


@prepared
def lines_of(application_id: int) -> QuerySet[BudgetLine]:
    """Return the lines of the budget."""
    rows = BudgetLine.objects.filter(application_id=application_id)
    return rows.select_related("funder").order_by("pk")


@prepared
def documents_of(application_id: int) -> QuerySet[Document]:
    """Return the documents that were not taken away."""
    rows = Document.objects.filter(application_id=application_id, removed_at=None)
    return rows.order_by("kind", "pk")


def frozen_form(call: Call) -> Form:
    """Return the form of a call; it is kept by this process, because an approved one is frozen.

    Raises:
        Form.DoesNotExist: the call has none.
    """
    return kept_form(call.pk, call.approved_at) if call.approved_at else form_of(call.pk)


@lru_cache(maxsize=32)
def kept_form(call_id: int, _approved_at: datetime) -> Form:
    """Return the form that a call was approved with at a time."""
    return form_of(call_id)


def form_of(call_id: int) -> Form:
    """Return the form that applications of a call fill in.

    Raises:
        Form.DoesNotExist: the call has none.
    """
    return Form.objects.filter(call=call_id, kind="application").order_by("-number")[:1].get()


# --- Problems -------------------------------------------------------------------------------------


def draft_problems(draft: Draft) -> list[Said]:
    """Return everything that keeps a draft from being submitted, in words; three queries."""
    found = problems(draft.schema, draft.answers)
    # The call says how long a stay may be, whatever number the form names.
    form = [said_of_form(each, draft.schema) for each in found
            if (each.section, each.field, each.code) != (*STAY, "too_large")]  # fmt: skip
    return [*[said(each) for each in eligibility_problems(facts_of(draft))], *form]


def facts_of(draft: Draft) -> Facts:
    """Return what eligibility depends on."""
    call = draft.application.call
    statuses = statuses_of(draft)
    section, field = STAY
    days = draft.answers.get(section, {}).get(field)
    return Facts(
        title=draft.application.title,
        draft_sha256=draft.sha256,
        people=tuple(person_facts(person, statuses) for person in draft.people),
        budget=tuple(Line(line.funder_id, line.cost, line.amount_minor) for line in draft.lines),
        rules=frozen_rules(call),
        documents=tuple(document.kind for document in draft.documents),
        shortest_days=call.shortest_days,
        longest_days=call.longest_days,
        days=days if type(days) is int else None,
        has_area=draft.application.area_id is not None,
        needs_description=not call.is_outline,
    )


def person_facts(person: Participant, statuses: dict[str, str]) -> Person:
    """Return what eligibility looks at in one participant."""
    body = person.organisation
    return Person(
        role=person.role, name=str(person), region=person.region,
        country_code=person.country_code, status=statuses.get(person.country_code, ""),
        has_organisation=body is not None or bool(person.organisation_unlisted),
        organisation_types=tuple(body.types) if body else (),
        state=person.state, confirmed_hash=person.confirmed_hash,
    )  # fmt: skip


def statuses_of(draft: Draft) -> dict[str, str]:
    """Return what each country of the team is on the closing day.

    What the table says counts; of countries that it does not know, what they are today.
    """
    codes = {person.country_code for person in draft.team}
    found = {code: status_today(code) for code in codes}
    closes_at = draft.application.call.closes_at
    if closes_at is not None:
        rows = CountryStatus.objects.filter(
            country_code__in=codes, valid__contains=closes_at.date()
        )
        # The whole programme is the broadest part: it is looked at last and has the last word.
        for row in rows.order_by("-programme_part"):
            found[row.country_code] = row.status
    return found


def status_today(country_code: str) -> str:
    """Return what a country is by the lists of the portal; '' for the others."""
    if country_code in EUROPEAN_UNION:
        return "member"
    if country_code in ASSOCIATED:
        return "associated"
    return "own_funds" if country_code in KOREA else ""


def frozen_rules(call: Call) -> tuple[Rule, ...]:
    """Return what each funder of a call allows; kept by this process once that is frozen."""
    if call.approved_at is None:
        return rules_of(call.pk)
    return kept_rules(call.pk, call.approved_at, get_language() or "en")


@lru_cache(maxsize=64)
def kept_rules(call_id: int, _approved_at: datetime, _language: str) -> tuple[Rule, ...]:
    """Return the rules that a call was approved with at a time, names in a language."""
    return rules_of(call_id)


def rules_of(call_id: int) -> tuple[Rule, ...]:
    """Return what each funder of a call allows."""
    rules = {rule.funder_id: rule for rule in FunderRule.objects.filter(call=call_id)}
    commitments = FunderCommitment.objects.filter(call=call_id).select_related("funder")
    return tuple(rule_of(each, rules.get(each.funder_id)) for each in commitments)


def rule_of(commitment: FunderCommitment, rule: FunderRule | None) -> Rule:
    """Return one funder's rule; a funder without one allows everything."""
    funder = commitment.funder
    known: dict[str, Any] = (
        {
            "most_minor": rule.most_minor, "eligible_costs": tuple(rule.eligible_costs),
            "organisation_types": tuple(rule.organisation_types),
        }
        if rule
        else {}
    )  # fmt: skip
    return Rule(
        funder=funder.pk, name=str(funder), side=funder.side, currency=commitment.currency,
        **known,
    )  # fmt: skip
