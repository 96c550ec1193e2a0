"""What a reader of an application sees of it: text, people, documents, reviews; nothing else.

Everything that shows an application to somebody who judges goes through a `Reading`, which asks
`funding.visibility` field by field.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import get_language, gettext_lazy

from funding import visibility
from funding.forms_schema import Field, Section, schema_of, without_names
from funding.models import (
    Application,
    ApplicationVersion,
    Document,
    DocumentKind,
    Review,
    ReviewAssignment,
    blinded,
)
from funding.permissions import roles_for

if TYPE_CHECKING:
    from konnect.accounts.models import User

IN = ("submitted", "locked")
# Answers that only officers read, whatever the blindness.
FOR_OFFICERS = ("not_to_review",)
WRITTEN_IN = {"en": gettext_lazy("English"), "ko": gettext_lazy("Korean")}
PERSON_FIELDS = {
    "name": visibility.APPLICANT_NAMES,
    "organisation": visibility.APPLICANT_ORGANISATIONS,
    "organisation_unlisted": visibility.APPLICANT_ORGANISATIONS,
    "department": visibility.APPLICANT_ORGANISATIONS,
    "country": visibility.APPLICANT_COUNTRIES,
    "region": visibility.APPLICANT_COUNTRIES,
}


@dataclass(frozen=True)
class Answer:
    """One answered question, in the reader's language."""

    label: str
    text: str
    is_long: bool


@dataclass(frozen=True)
class Part:
    """One section of the form with its answers."""

    code: str
    title: str
    answers: list[Answer]


@dataclass
class Reading:
    """One application as one reader sees it."""

    application: Application
    user: User
    version: ApplicationVersion

    @cached_property
    def roles(self) -> frozenset[str]:
        """The reader's roles at the application."""
        return roles_for(self.application, self.user)

    @cached_property
    def view(self) -> visibility.View:
        """From where the reader looks."""
        own = self.application.assignments.filter(reviewer__person__user=self.user)
        call = self.application.call
        return visibility.View(call.blind_level, call.state, own.filter(state__in=IN).exists())

    def sees(self, field: str) -> bool:
        """Tell whether the reader may see a field of `funding.visibility`."""
        return visibility.visible(self.roles, field, self.view)

    @cached_property
    def sees_names(self) -> bool:
        """Tell whether the reader may know who applies."""
        return self.sees(visibility.APPLICANT_NAMES)

    @property
    def content(self) -> dict[str, Any]:
        """What was submitted, all of it: never hand this to a page."""
        found: dict[str, Any] = self.version.content
        return found

    @cached_property
    def hidden_words(self) -> list[str]:
        """What this reader does not read wherever it stands."""
        return (
            [] if self.sees_names else [each.passage for each in self.application.redactions.all()]
        )

    def blind(self, text: str) -> str:
        """Return a text as this reader reads it."""
        return blinded(text, self.hidden_words)

    @property
    def title(self) -> str:
        """The title as this reader reads it."""
        return self.blind(self.content["title"])

    @cached_property
    def parts(self) -> list[Part]:
        """The form with its answers, without what the reader may not see."""
        if not self.sees(visibility.TEXT):
            return []
        schema = schema_of(self.content["form"])
        answers = self.content["answers"]
        if not self.sees_names:
            answers = without_names(schema, answers)
        found = [part_of(section, answers.get(section.code, {})) for section in schema.sections]
        return [self.blinded(part) for part in found if part.answers]

    def blinded(self, part: Part) -> Part:
        """Return a section as this reader reads it."""
        rows = [replace(answer, text=self.blind(answer.text)) for answer in part.answers]
        return replace(part, answers=rows)

    @property
    def gist(self) -> list[Answer]:
        """The short answers of the first section: enough to say whether one can judge it."""
        first = self.parts[0].answers if self.parts else []
        return [answer for answer in first if not answer.is_long]

    @property
    def written_in(self) -> str:
        """The language of the text, in the reader's."""
        return str(WRITTEN_IN.get(self.content.get("language", ""), ""))

    @cached_property
    def people(self) -> list[dict[str, Any]]:
        """The people, each with role and what else may be seen of them."""
        seen = {name for name, field in PERSON_FIELDS.items() if self.sees(field)}
        if not seen:
            return []
        return [
            {"role": person["role"], **{name: shown(person.get(name)) for name in seen}}
            for person in self.content["people"]
        ]

    @cached_property
    def documents(self) -> QuerySet[Document]:
        """The files of the version that the reader may open: copies without names where blind."""
        if not self.sees(visibility.TEXT):
            return Document.objects.none()
        keys = [each["key"] for each in self.content["documents"]]
        found = Document.objects.filter(application=self.application, key__in=keys)
        return found if self.sees_names else found.filter(kind=DocumentKind.REDACTED)

    @cached_property
    def reviews(self) -> list[Review]:
        """The reviews that are in, where the reader may read them; their own are theirs anyway."""
        rows = Review.objects.filter(assignment__application=self.application, is_submitted=True)
        rows = rows.exclude(assignment__state__in=("recused", "declined"))
        rows = rows.select_related("assignment__reviewer__person").prefetch_related(
            "scores__criterion"
        )
        # Not in the order of their writing: that would tell who is who from one to the next.
        found = list(rows.order_by("assignment__key"))
        if self.sees(visibility.REVIEWS):
            return found
        return [each for each in found if self.is_own(each.assignment)]

    def is_own(self, assignment: ReviewAssignment) -> bool:
        """Tell whether an assignment is the reader's."""
        return assignment.reviewer.person.user_id == self.user.pk

    def reviewer_name(self, assignment: ReviewAssignment) -> str:
        """Return who reviews, or '' where the reader may not know."""
        is_shown = self.is_own(assignment) or self.sees(visibility.REVIEWER_NAMES)
        return str(assignment.reviewer.person) if is_shown else ""


class BlindReading(Reading):
    """An application as those read it who may not know who applies, shown to who may."""

    sees_names = False


def part_of(section: Section, answers: dict[str, Any]) -> Part:
    """Return a section in the reader's language."""
    language = get_language() or "en"
    rows = [
        Answer(field.label(language), words_of(field, answers[field.code], language),
               field.kind == "long")
        for field in section.fields
        if field.code not in FOR_OFFICERS and answers.get(field.code) not in (None, "")
    ]  # fmt: skip
    return Part(section.code, section.title(language), rows)


def words_of(field: Field, value: Any, language: str) -> str:
    """Return an answer in words."""
    if field.kind == "choice" and isinstance(value, int) and value < len(field.options):
        return field.options[value][language == "ko"]
    if field.kind == "yes_no":
        return {"ko": ("아니요", "예")}.get(language, ("No", "Yes"))[bool(value)]
    return str(value)


def shown(value: Any) -> str:
    """Return an organisation or a text of a person as one line."""
    if isinstance(value, dict):
        return str(value.get("name", ""))
    return str(value or "")


def reading_of(application: Application, user: User) -> Reading:
    """Return an application as somebody sees it, in the version that counts.

    Raises:
        ApplicationVersion.DoesNotExist: nothing was submitted yet.
    """
    return Reading(application, user, application.counted)


def reading_for(assignment: ReviewAssignment, user: User) -> Reading:
    """Return what a reviewer reads: the version that they were given, and no later one."""
    return Reading(assignment.application, user, assignment.version)


def spoken(parts: Iterable[Part]) -> str:
    """Return the words of a form as one text, for comparing it with what people work on."""
    return "\n".join(answer.text for part in parts for answer in part.answers if answer.is_long)
