"""Receipts and letters about what was handed in; the worker finds who waits for one by query."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from events.clock_faces import BRUSSELS, SEOUL
from events.templatetags.event_times import day_words
from funding.forms_schema import Field, Schema, schema_of
from funding.machines import GONE
from funding.models import Application, ApplicationVersion, CostKind, Funder, ParticipantRole
from funding.money import money_words
from funding.papers.press import printed
from konnect.accounts.models import Notification, User
from konnect.accounts.services.notifications import notify
from matching.countries import country_name, zone_city

KEY = "application_version:"
# What is older has been told, or nobody waits for it any more.
LOOKED_BACK = timedelta(days=2)
A_ROUND = 50


# --- Letters --------------------------------------------------------------------------------------


def tell_submissions() -> int:
    """Write to lead and partner of every version that they were not told of; return how many.

    Any number of workers may do this at the same time, and each may die at any point: a letter
    and the row by which it is known are one transaction, unique by person and version.
    """
    told = 0
    while found := untold_versions()[:A_ROUND]:
        for version in found:
            tell_of(version)
        told += len(found)
        if len(found) < A_ROUND:
            break
    return told


def untold_versions() -> Any:
    """Return the versions of whose receipt the lead was not told."""
    key = Concat(Value(KEY), Cast(OuterRef("pk"), CharField()))
    news = Notification.objects.filter(user=OuterRef("submitted_by__user"), key=key)
    rows = ApplicationVersion.objects.filter(
        ~Exists(news), received_at__gt=timezone.now() - LOOKED_BACK,
        submitted_by__user__is_active=True,
    )  # fmt: skip
    return rows.select_related("application__call", "submitted_by__user").order_by("pk")


@transaction.atomic
def tell_of(version: ApplicationVersion) -> None:
    """Tell lead and partner that a version has arrived; whoever takes no part hears nothing."""
    application = version.application
    partners = application.participants.filter(role="partner", person__user__isnull=False)
    there = partners.exclude(state__in=GONE)
    users = [version.submitted_by.user, *(each.person.user for each in there if each.person)]
    for user in users:
        if user is not None:
            tell_person(version, user)


def may_change(version: ApplicationVersion) -> bool:
    """Tell whether another version may come until the call closes: not for late ones, nor answers."""
    closes_at = version.application.call.closes_at
    is_open = closes_at is not None and timezone.now() < closes_at
    return is_open and version.clarification_id is None


def tell_person(version: ApplicationVersion, user: User) -> None:
    """Tell one person, in their language, with the receipt to fetch."""
    application = version.application
    notify(
        user, "applications", key=f"{KEY}{version.pk}",
        title=lambda: _("Your application no. %(number)s has arrived") % {
            "number": application.number
        },
        address=application.get_absolute_url(), letter="application_submitted",
        context={
            "application": application, "call": application.call, "version": version,
            "clocks": clocks_of(version.received_at, user.time_zone),
            "may_change": may_change(version),
            "receipt": reverse("funding:application_receipt", args=[application.pk]),
        },
    )  # fmt: skip


# --- Receipts -------------------------------------------------------------------------------------


def clocks_of(at: datetime, zone: str) -> list[str]:
    """Return an instant to the second in Brussels, in Seoul and in UTC or the reader's zone."""
    zones = list(dict.fromkeys((BRUSSELS, SEOUL, zone or "UTC", "UTC")))[:3]
    return [clock_words(at, each) for each in zones]


def clock_words(at: datetime, zone: str) -> str:
    """Return an instant on the clocks of a zone, in words."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{day_words(local.date())}, {local:%H:%M:%S} ({zone_city(zone)})"


def receipt(version: ApplicationVersion, *, zone: str) -> bytes:
    """Return the receipt of a version as PDF, in the language of the application."""
    application = version.application
    with translation.override(application.language):
        facts = [
            [_("Call"), f"{application.call.number} · {application.call}"],
            [_("Application"), f"{application.number}, {_('version')} {version.number}"],
            [_("Title"), version.content["title"]],
            [_("Received"), *clocks_of(version.received_at, zone)],
            [_("Documents"), *(document_words(each) for each in version.content["documents"])],
        ]
        if version.late_by:
            facts.append(
                [_("After closing"), _("%(number)d seconds") % {"number": version.late_by}]
            )
        data = {
            "lang": application.language,
            "title": _("Receipt"),
            "lines": [_("We have received your application.")],
            "facts": [fact if len(fact) > 1 else [*fact, "–"] for fact in facts],
            "sum_title": _("Check sum (SHA-256)"),
            "sum": version.sha256,
            "sum_help": _(
                "Of the whole application as canonical JSON (RFC 8785). Anybody who has this "
                "paper can see later whether a text is the one that was handed in."
            ),
            "foot": f"KONNECT · {application.call.number}",
        }
        return printed("receipt", data)


def document_words(document: dict[str, Any]) -> str:
    """Return one document of a version in words."""
    return f"{document['name']} · {document['pages']} p. · {document['sha256'][:16]}…"


# --- The whole application on paper ---------------------------------------------------------------


def application_paper(
    application: Application, content: dict[str, Any], schema: dict[str, Any]
) -> bytes:
    """Return what a draft or a version says as PDF, for those who wrote it."""
    with translation.override(application.language):
        data = {
            "lang": application.language,
            "title": content["title"] or _("An application without a title"),
            "lines": [str(application.call), content["acronym"]],
            "sections": sections_of(schema_of(schema), content["answers"]),
            "people_title": _("People"),
            "people": [person_words(each) for each in content["people"]],
            "budget_title": _("Budget"),
            "budget": budget_words(content["budget"]),
            "documents_title": _("Documents"),
            "documents": [document_words(each) for each in content["documents"]],
            "empty": _("Nothing yet"),
            "foot": f"KONNECT · {application.call.number}",
        }
        return printed("application", data)


def sections_of(schema: Schema, answers: dict[str, Any]) -> list[dict[str, Any]]:
    """Return questions and answers in words, section by section."""
    language = translation.get_language() or "en"
    return [
        {
            "title": section.title(language),
            "rows": [
                {
                    "label": field.label(language),
                    "text": answer_words(field, answers.get(section.code, {}).get(field.code)),
                }
                for field in section.fields
            ],
        }
        for section in schema.sections
    ]


def answer_words(field: Field, value: Any) -> str:
    """Return one answer in words; '' where there is none."""
    if value is None or value == "":
        return ""
    words: dict[str, Callable[[], str]] = {
        "yes_no": lambda: _("Yes") if value else _("No"),
        "choice": lambda: option_words(field, value),
    }
    return words[field.kind]() if field.kind in words else str(value)


def option_words(field: Field, place: int) -> str:
    """Return an option in the language that is spoken now."""
    return field.options[place][translation.get_language() == "ko"]


def person_words(person: dict[str, Any]) -> list[str]:
    """Return name and role, and place, of one person of an application."""
    body = person["organisation"]
    place = [body["name"] if body else person["organisation_unlisted"], person["department"],
             country_name(person["country"]) if person["country"] else ""]  # fmt: skip
    role = str(ParticipantRole(person["role"]).label)
    return [f"{person['name']} ({role})", ", ".join(filter(None, place))]


def budget_words(lines: Iterable[dict[str, Any]]) -> list[list[str]]:
    """Return the lines of a budget in words: who pays, for what, how much; one query."""
    lines = list(lines)
    funders = Funder.objects.filter(code__in={line["funder"] for line in lines})
    names = {each.code: str(each) for each in funders}
    return [
        [names.get(line["funder"], line["funder"].upper()), cost_words(line),
         money_words(line["amount_minor"], line["currency"])]
        for line in lines
    ]  # fmt: skip


def cost_words(line: dict[str, Any]) -> str:
    """Return what a line of the budget is for, in words."""
    return " · ".join(filter(None, (str(CostKind(line["cost"]).label), line["note"])))
