"""Applications: drafts, people, versions that nobody can change, documents."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from django.db import models
from django.db.models.functions import Lower, Now
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from funding.machines import DECIDED, GONE, transitions
from funding.models.call import Call
from funding.models.funder import Funder
from funding.models.people import Person
from funding.redacting import redacted
from funding.visibility import RELEASED
from konnect.states import StateChange, Stateful, Transitions
from matching.models import Area, Organisation, Side

if TYPE_CHECKING:
    from funding.models.version import ApplicationVersion


class ApplicationState(models.TextChoices):
    """Where an application stands."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    ELIGIBLE = "eligible", _("Eligible")
    INELIGIBLE = "ineligible", _("Not eligible")
    IN_REVIEW = "in_review", pgettext_lazy("funding", "In review")
    CONSENSUS = "consensus", _("Consensus")
    RANKED = "ranked", _("Ranked")
    RECOMMENDED = "recommended", _("Recommended for funding")
    RESERVE = "reserve", _("On the reserve list")
    INVITED = "invited", _("Invited to apply in full")
    BELOW_THRESHOLD = "below_threshold", _("Below a threshold")
    NOT_FUNDED = "not_funded", _("Not funded")
    NOT_INVITED = "not_invited", _("Not invited")
    ACCEPTED = "accepted_by_applicant", _("Accepted by the applicant")
    DECLINED = "declined", _("Declined by the applicant")
    LAPSED = "lapsed", _("Lapsed")
    GRANT = "grant", _("Grant")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# Between these applicants are not to tell the difference until decisions are out.
EVALUATED = ("in_review", "consensus", "ranked", *DECIDED)
# In these an application counts against "one a call and lead".
OVER = ("withdrawn",)


def blinded(text: str, passages: Collection[str]) -> str:
    """Return a text as those read it who may not know who applies."""
    return redacted(text, passages, gettext("[hidden]"))


class Application(Stateful):
    """One joint application; its draft is edited, its versions are what others judge."""

    TRANSITIONS: ClassVar[Transitions] = transitions("application")

    call = models.ForeignKey(Call, models.PROTECT, related_name="applications")
    # What it is the full application of, where its call follows a call for outlines.
    outline = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False,
        related_name="full_applications", verbose_name=_("outline"),
    )  # fmt: skip
    # 1, 2, 3 … within the call: given at the first submission.
    number = models.PositiveIntegerField(null=True, editable=False)
    lead = models.ForeignKey(Person, models.PROTECT, related_name="led_applications")
    state = models.CharField(max_length=24, choices=ApplicationState, default="draft")
    title = models.CharField(_("title"), max_length=250, blank=True)
    acronym = models.CharField(_("acronym"), max_length=30, blank=True)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    language = models.CharField(_("language"), max_length=2, default="en")
    # The number of the version that counts; with the id, a composite key to it.
    submitted_version = models.PositiveIntegerField(null=True, editable=False)
    # Rises with every change of the draft, whoever makes it and in whatever section.
    draft_number = models.PositiveIntegerField(default=0)
    # What the draft says now, as a check sum: partners confirm it, and it alone.
    draft_sha256 = models.CharField(max_length=64, blank=True)
    is_team_locked = models.BooleanField(default=False)
    # Unguessable, in addresses and file names that must not tell who applied.
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ("call", "number", "pk")
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="application_number_once"),
            models.UniqueConstraint(
                fields=["call", "lead"], condition=~models.Q(state__in=OVER),
                name="one_live_application_a_lead",
            ),
            models.UniqueConstraint(
                fields=["outline"], condition=~models.Q(state__in=OVER),
                name="one_full_application_an_outline",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("draft", "withdrawn"))
                | models.Q(submitted_version__isnull=False, number__isnull=False),
                name="application_submitted_has_version",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.acronym or self.title or str(_("an application without a title"))

    @property
    def counted(self) -> ApplicationVersion:
        """The version that counts.

        Raises:
            ApplicationVersion.DoesNotExist: nothing was submitted.
        """
        return self.versions.get(number=self.submitted_version or 0)

    @property
    def told_state(self) -> ApplicationState:
        """The state as applicants are told: before the release nothing of what was found."""
        hidden = self.state in EVALUATED and self.call.state not in RELEASED
        return ApplicationState.IN_REVIEW if hidden else ApplicationState(self.state)

    @property
    def title_for_judges(self) -> str:
        """The title as lists for reviewers and panels show it."""
        return self.for_judges(self.title)

    @property
    def name_for_judges(self) -> str:
        """The short name as lists for reviewers and panels show it."""
        return self.for_judges(str(self))

    def for_judges(self, text: str) -> str:
        """Return a text without hidden words, in calls whose judges do not know who applies.

        Lists fetch `redactions` beforehand.
        """
        if not self.call.is_blind:
            return text
        return blinded(text, [each.passage for each in self.redactions.all()])

    def get_absolute_url(self) -> str:
        """Return the address of the applicants' page."""
        return reverse("funding:application_detail", args=[self.pk])


class ApplicationChange(StateChange):
    """One state change of an application."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="changes")


class SectionDraft(models.Model):
    """What stands in one section of a draft; `number` rises, so that two editors are noticed."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="sections")
    code = models.SlugField(max_length=30)
    answers: models.JSONField[Any, Any] = models.JSONField(default=dict)
    number = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("section of a draft")
        verbose_name_plural = _("sections of drafts")
        ordering = ("application", "pk")
        constraints = [
            models.UniqueConstraint(fields=["application", "code"], name="section_once_a_draft")
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.code}"


class ParticipantRole(models.TextChoices):
    """What somebody is in an application."""

    LEAD = "lead", _("Lead applicant")
    PARTNER = "partner", _("Partner from the other region")
    TRAVELLER = "traveller", _("Traveller")
    HOST = "host", _("Host")
    MEMBER = "member", _("Member of the team")


class ConfirmState(models.TextChoices):
    """Whether somebody stands behind what the application says."""

    INVITED = "invited", _("Invited")
    CONFIRMED = "confirmed", _("Confirmed")
    RECONFIRM = "reconfirm", _("Changed since the confirmation")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Not answered in time")


class Participant(Stateful):
    """Somebody of an application, with the place that they had when it was written."""

    TRANSITIONS: ClassVar[Transitions] = transitions("participant")

    application = models.ForeignKey(Application, models.CASCADE, related_name="participants")
    role = models.CharField(_("role"), max_length=10, choices=ParticipantRole)
    # None until somebody who was asked by mail has an account.
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="participations"
    )
    email = models.EmailField(_("e-mail"), blank=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation_unlisted = models.CharField(
        _("organisation, if not in the list"), max_length=300, blank=True
    )
    department = models.CharField(_("department"), max_length=200, blank=True)
    country_code = models.CharField(_("country"), max_length=2, blank=True)
    region = models.CharField(_("side"), max_length=10, choices=Side.choices)
    may_edit = models.BooleanField(_("may edit"), default=True)
    state = models.CharField(max_length=10, choices=ConfirmState, default=ConfirmState.INVITED)
    confirmed_hash = models.CharField(max_length=64, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    # What they confirmed last, so that the page can show what has changed since.
    confirmed_content: models.JSONField[Any, Any] = models.JSONField(null=True)
    invited_at = models.DateTimeField(db_default=Now())
    # The way in for whoever was asked by mail.
    token = models.UUIDField(default=uuid4, unique=True, editable=False)

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ("application", "pk")
        indexes = [
            # Every dashboard asks whether somebody is asked by one of their addresses.
            models.Index(
                Lower("email"), condition=models.Q(person__isnull=True, state="invited"),
                name="participant_asked_by_mail",
            )
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=models.Q(role="lead"), name="one_lead"
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(role="partner") & ~models.Q(state__in=GONE),
                name="one_partner",
            ),
            models.UniqueConstraint(
                fields=["application", "role", "person"],
                condition=models.Q(person__isnull=False), name="person_once_a_role",
            ),
            models.CheckConstraint(
                condition=models.Q(state="confirmed", confirmed_at__isnull=False,
                                   confirmed_hash__regex=r"^[0-9a-f]{64}$")
                | (~models.Q(state="confirmed") & models.Q(confirmed_at__isnull=True)),
                name="confirmed_has_date_and_version",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name or str(self.person or self.email)


class ParticipantChange(StateChange):
    """One state change of a participant."""

    participant = models.ForeignKey(Participant, models.CASCADE, related_name="changes")


class CostKind(models.TextChoices):
    """What money is asked for."""

    TRAVEL = "travel", _("Travel")
    STAY = "stay", _("Stay")
    PERSONNEL = "personnel", _("Personnel")
    MATERIAL = "material", _("Materials and use of facilities")
    EVENT = "event", _("Workshop or training")
    OVERHEAD = "overhead", _("Overheads")
    OTHER = "other", _("Other")


class BudgetLine(models.Model):
    """What is asked of a funder for what, in its smallest unit of money."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="budget")
    funder = models.ForeignKey(Funder, models.PROTECT, related_name="+")
    cost = models.CharField(_("for what"), max_length=10, choices=CostKind)
    note = models.CharField(_("explanation"), max_length=300, blank=True)
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("line of a budget")
        verbose_name_plural = _("lines of budgets")
        ordering = ("application", "funder", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="budget_line_is_money"
            )
        ]

    def __str__(self) -> str:
        return f"{self.funder_id} {self.cost}: {self.amount_minor}"


class DocumentKind(models.TextChoices):
    """What a file is."""

    DESCRIPTION = "description", _("Description of the work")
    CURRICULUM_VITAE = "curriculum_vitae", _("Curriculum vitae")
    LETTER = "letter", _("Letter of the host")
    REDACTED = "redacted", _("Copy without names")
    OTHER = "other", _("Other")


class Document(models.Model):
    """A PDF, kept privately under a name that tells nothing."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="documents")
    kind = models.CharField(_("what it is"), max_length=16, choices=DocumentKind)
    # As it was called where it came from, in NFC; shown to those who know the names.
    name = models.CharField(max_length=255)
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now())
    # Not part of the draft any more; versions may still hold it.
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ("application", "kind", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$", size__gt=0),
                name="document_has_content",
            )
        ]

    def __str__(self) -> str:
        return self.name
