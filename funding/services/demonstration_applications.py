"""The invented applications: teams of two regions, budgets of two funders, versions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from funding.demo.projects import project
from funding.forms_schema import check_sum, schema_of
from funding.models import (
    Application,
    ApplicationChange,
    ApplicationVersion,
    BudgetLine,
    Form,
    Participant,
    Person,
    SectionDraft,
)
from funding.services.draft_content import read_draft

if TYPE_CHECKING:
    from funding.services.demonstration import Stage

# What a European and a Korean funder are asked for at most, and in which steps.
EURO_STEP, EUROS, WON_STEP, WON = 25_000, (8, 28), 200_000, (14, 44)


def write_applications(stage: Stage) -> None:
    """Write the submitted applications of a call, and drafts that are being written."""
    invented, call = stage.invented, stage.call
    for number in range(invented.applications + invented.drafts):
        application = write_draft(stage, number)
        is_submitted = number < invented.applications
        write_team(stage, application, number, is_confirmed=is_submitted)
        write_budget(stage, application)
        if is_submitted and call.closes_at and call.opens_at:
            latest = min(call.closes_at, timezone.now())
            received = latest - (latest - call.opens_at) * stage.cast.random.random() ** 3 * 0.8
            write_version(application, number + 1, received)
            stage.applications.append(application)


def write_draft(stage: Stage, number: int) -> Application:
    """Write a draft with the answers to the form; one that is not finished lacks a section."""
    invented, cast = stage.invented, stage.cast
    idea = project(invented.area, number, cast.random)
    is_unfinished = number >= invented.applications
    lead = leads(stage)[number % len(leads(stage))]
    application = Application.objects.create(
        call=stage.call, lead=lead, title=idea["title"], acronym=idea["acronym"],
        area=stage.call.areas.first(), language="ko" if is_korean(stage, lead) else "en",
        draft_number=6,
    )  # fmt: skip
    for code, answers in asked(stage.form, idea["answers"]).items():
        if not (is_unfinished and code in ("mobility", "team")):
            SectionDraft.objects.create(
                application=application, code=code, answers=answers, number=1, saved_by=lead
            )
    return application


def asked(form: Form, answers: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the answers to questions that a form asks."""
    found: dict[str, dict[str, Any]] = {}
    for section, field in schema_of(form.schema).fields():
        if field.code in answers.get(section.code, {}):
            found.setdefault(section.code, {})[field.code] = answers[section.code][field.code]
    return found


def leads(stage: Stage) -> list[Person]:
    """Return who leads: a European, a Korean, and so on in turn."""
    pairs = zip(stage.cast.europeans, stage.cast.koreans, strict=False)
    return [person for pair in pairs for person in pair]


def is_korean(stage: Stage, person: Person) -> bool:
    """Tell whether somebody works in Korea."""
    return stage.cast.profiles[person.pk].side == "korea"


def write_team(stage: Stage, application: Application, number: int, *, is_confirmed: bool) -> None:
    """Write the lead, and a partner of the other side who stands behind the text, or not yet."""
    others = stage.cast.europeans if is_korean(stage, application.lead) else stage.cast.koreans
    partner = others[(number * 7 + 3) % len(others)]
    if number == stage.invented.applications:
        # The pair that visitors sign in as writes the first draft together.
        partner = others[0]
    write_participant(stage, application, "lead", application.lead)
    write_participant(stage, application, "partner", partner)
    draft = read_draft(application)
    Application.objects.filter(pk=application.pk).update(draft_sha256=draft.sha256)
    if is_confirmed:
        application.participants.update(
            state="confirmed", confirmed_at=timezone.now(), confirmed_hash=draft.sha256
        )


def write_participant(stage: Stage, application: Application, role: str, person: Person) -> None:
    """Write one of the two, with where they work."""
    profile = stage.cast.profiles[person.pk]
    Participant.objects.create(
        application=application, role=role, person=person, name=person.name,
        organisation=profile.organisation, department=profile.unit, region=profile.side,
        country_code=profile.country_code, organisation_unlisted=profile.organisation_unlisted,
    )  # fmt: skip


def write_budget(stage: Stage, application: Application) -> None:
    """Ask one funder of each side for the journey and the stay."""
    random = stage.cast.random
    for funder in (stage.cast.funders[random.randrange(2)],
                   stage.cast.funders[2 + random.randrange(2)]):  # fmt: skip
        step, (low, high) = (EURO_STEP, EUROS) if funder.side == "europe" else (WON_STEP, WON)
        for cost, share in (("travel", 1), ("stay", 2)):
            BudgetLine.objects.create(
                application=application, funder=funder, cost=cost,
                amount_minor=random.randrange(low, high) * step * share,
            )  # fmt: skip


def write_version(application: Application, number: int, received: datetime) -> None:
    """Write what was submitted, and when; the caller has let versions of the past in."""
    draft = read_draft(application)
    content = draft.version_content()
    lead, partner = draft.in_role("lead"), draft.in_role("partner")
    version = ApplicationVersion(
        application=application, number=1, form=draft.form, content=content,
        sha256=check_sum(content), draft_sha256=draft.sha256, submitted_by=application.lead,
        lead_region=lead.region if lead else "", partner_region=partner.region if partner else "",
        received_at=received,
    )  # fmt: skip
    version.save(force_insert=True)
    application.participants.update(
        confirmed_at=received - timedelta(days=1), confirmed_hash=draft.sha256
    )
    move(application, "submitted", {"submitted_version": 1, "number": number,
                                    "draft_sha256": draft.sha256}, received)  # fmt: skip


def move(application: Application, state: str, columns: dict[str, Any], when: datetime) -> None:
    """Write a state as if it had come then; the ledger follows when everything is there."""
    old_state = application.state
    Application.objects.filter(pk=application.pk).update(state=state, **columns)
    change = ApplicationChange.objects.create(
        application=application, old_state=old_state, new_state=state
    )
    ApplicationChange.objects.filter(pk=change.pk).update(changed_at=when)
    application.refresh_from_db()
