"""A listing that looks for partners of one proposal: the call, the consortium, who is wanted."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import Language, validate_time_zone
from matching.models.listing import Listing
from matching.models.organisation import Organisation
from matching.models.vocabulary import OrganisationType, PartnerRole, Side


class PartnerSide(models.TextChoices):
    """From where a partner may come."""

    EUROPE = "europe", _("Europe")
    KOREA = "korea", _("Korea")
    BOTH = "both", _("Europe or Korea")


class PropertyRights(models.TextChoices):
    """Where the rights to the technology stand."""

    NONE = "none", _("No rights yet")
    SECRET = "secret", _("Secret know-how")
    PATENT_APPLIED = "patent_applied", _("Patent applied for")
    PATENT_GRANTED = "patent_granted", _("Patent granted")
    COPYRIGHT = "copyright", _("Copyright or design right")
    OPEN = "open", _("Open licence")


class KoreanFunding(models.TextChoices):
    """How the Korean side would be paid."""

    PILLAR_II = "pillar_ii", _("Horizon Europe, as a country associated to Pillar II")
    NRF = "nrf", _("A scheme of the National Research Foundation of Korea")
    OTHER_SCHEME = "other_scheme", _("Another Korean scheme")
    OWN = "own", _("Own funds")
    OPEN = "open", _("Not settled yet")


class SubmissionProcedure(models.TextChoices):
    """In how many steps a proposal is handed in."""

    ONE_STAGE = "one_stage", _("One stage")
    TWO_STAGE = "two_stage", _("Two stages")
    CONTINUOUS = "continuous", _("Open all the time")


class Confidentiality(models.TextChoices):
    """Who may read the long description."""

    MEMBERS = "members", _("Members of the portal")
    INTERESTED = "interested", _("Only whom I accept")


class Outcome(models.TextChoices):
    """What became of the search."""

    PROPOSAL_SENT = "proposal_sent", _("A joint proposal was sent")
    FUNDED = "funded", _("A joint proposal was funded")
    NOT_FUNDED = "not_funded", _("A joint proposal was not funded")
    NO_PROPOSAL = "no_proposal", _("Partners were found, but no proposal was sent")
    NO_PARTNER = "no_partner", _("No partner was found")


class PartnerSearch(models.Model):
    """What a listing says beyond an offer or a request, when it is about one proposal."""

    listing = models.OneToOneField(
        Listing, models.CASCADE, primary_key=True, related_name="partner_search"
    )
    original_language = models.CharField(
        _("language of the original"), max_length=2, choices=Language, default=Language.ENGLISH
    )
    # Columns whose text in the other language a machine made, as the author says.
    machine_made = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    # The call; without one, all of it stays empty.
    programme = models.CharField(_("programme"), max_length=40, blank=True)
    pillar = models.PositiveSmallIntegerField(_("pillar"), null=True, blank=True)
    call_year = models.PositiveSmallIntegerField(_("year of the call"), null=True, blank=True)
    call_identifier = models.CharField(_("call or topic identifier"), max_length=120, blank=True)
    call_title = models.CharField(_("title of the call"), max_length=300, blank=True)
    call_url = models.URLField(_("address of the call"), max_length=500, blank=True)
    funding_scheme = models.CharField(_("type of action"), max_length=80, blank=True)
    submission_procedure = models.CharField(
        _("submission"), max_length=12, choices=SubmissionProcedure, blank=True
    )

    proposal_acronym = models.CharField(_("acronym of the proposal"), max_length=40, blank=True)
    proposal_name = models.CharField(_("name of the proposal"), max_length=200, blank=True)
    expertise_offered_en = models.TextField(
        _("expertise offered, in English"), max_length=2000, blank=True
    )
    expertise_offered_ko = models.TextField(
        _("expertise offered, in Korean"), max_length=2000, blank=True
    )
    expertise_sought_en = models.TextField(
        _("expertise sought, in English"), max_length=2000, blank=True
    )
    expertise_sought_ko = models.TextField(
        _("expertise sought, in Korean"), max_length=2000, blank=True
    )
    work_en = models.TextField(_("work of the partner, in English"), max_length=2000, blank=True)
    work_ko = models.TextField(_("work of the partner, in Korean"), max_length=2000, blank=True)
    keywords = ArrayField(
        models.CharField(max_length=80), verbose_name=_("keywords"), default=list, blank=True
    )
    # The long description; the listing's own one is the summary that every member reads, that
    # search looks in and that the score compares. Nothing but the page of the search reads these.
    details_en = models.TextField(_("long description, in English"), max_length=6000, blank=True)
    details_ko = models.TextField(_("long description, in Korean"), max_length=6000, blank=True)

    roles_sought = ArrayField(
        models.CharField(max_length=20, choices=PartnerRole.choices),
        verbose_name=_("roles sought"), default=list, blank=True,
    )  # fmt: skip
    partner_types = ArrayField(
        models.CharField(max_length=20, choices=OrganisationType.choices),
        verbose_name=_("types of partner"), default=list, blank=True,
    )  # fmt: skip
    partner_side = models.CharField(
        _("partners from"), max_length=10, choices=PartnerSide, default=PartnerSide.BOTH
    )
    partner_countries = ArrayField(
        models.CharField(max_length=2), verbose_name=_("countries"), default=list, blank=True
    )
    is_coordinator_needed = models.BooleanField(_("a coordinator is needed"), default=False)
    # Under ten days before the deadline only the replacement of a partner is sought.
    is_replacement = models.BooleanField(_("replaces a partner who left"), default=False)

    readiness_from = models.PositiveSmallIntegerField(
        _("technology readiness from"), null=True, blank=True
    )
    readiness_to = models.PositiveSmallIntegerField(_("to"), null=True, blank=True)
    property_rights = models.CharField(
        _("property rights"), max_length=20, choices=PropertyRights, blank=True
    )
    development_goals = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("sustainable development goals"),
        default=list, blank=True,
    )  # fmt: skip
    duration_months = models.PositiveSmallIntegerField(
        _("duration in months"), null=True, blank=True
    )
    budget_from = models.PositiveBigIntegerField(_("budget from"), null=True, blank=True)
    budget_to = models.PositiveBigIntegerField(_("to"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    korean_funding = models.CharField(
        _("funding of the Korean side"), max_length=12, choices=KoreanFunding, blank=True
    )
    korean_scheme = models.CharField(_("Korean scheme"), max_length=200, blank=True)
    confidentiality = models.CharField(
        _("long description"), max_length=12, choices=Confidentiality,
        default=Confidentiality.MEMBERS,
    )  # fmt: skip

    reviewed_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, editable=False, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, editable=False)
    # What the reviewer asks the author to change.
    review_note = models.TextField(max_length=1000, blank=True, editable=False)
    renewed_at = models.DateTimeField(null=True, editable=False)
    # When the author was reminded of the end, and asked what became of it.
    reminded_at = models.DateTimeField(null=True, editable=False)
    outcome_asked_at = models.DateTimeField(null=True, editable=False)
    outcome = models.CharField(_("outcome"), max_length=15, choices=Outcome, blank=True)
    outcome_note = models.CharField(_("note on the outcome"), max_length=500, blank=True)
    outcome_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("partner search")
        verbose_name_plural = _("partner searches")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(readiness_from=None)
                | models.Q(readiness_from__gte=1, readiness_from__lte=9),
                name="readiness_from_1_to_9",
            ),
            models.CheckConstraint(
                condition=models.Q(readiness_to=None)
                | models.Q(readiness_to__gte=1, readiness_to__lte=9),
                name="readiness_to_1_to_9",
            ),
            models.CheckConstraint(
                condition=models.Q(readiness_from=None)
                | models.Q(readiness_to=None)
                | models.Q(readiness_to__gte=models.F("readiness_from")),
                name="readiness_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(budget_from=None)
                | models.Q(budget_to=None)
                | models.Q(budget_to__gte=models.F("budget_from")),
                name="budget_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(budget_from=None, budget_to=None) | ~models.Q(currency=""),
                name="budget_has_currency",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", outcome_at=None)
                | (~models.Q(outcome="") & models.Q(outcome_at__isnull=False)),
                name="outcome_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.proposal_acronym or str(self.listing)


class DeadlineKind(models.TextChoices):
    """Which deadline of a search it is."""

    INTEREST = "interest", _("Expressions of interest")
    INTERNAL = "internal", _("Internal deadline of the consortium")
    CALL = "call", _("Deadline of the call")
    KOREAN_RESEARCHER = "korean_researcher", _("Korean side: the researcher submits")
    KOREAN_INSTITUTION = "korean_institution", _("Korean side: the institution approves")


class ListingDeadline(models.Model):
    """One deadline: the instant, the zone in which it was set, and the source's own words."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="deadlines")
    kind = models.CharField(_("deadline"), max_length=20, choices=DeadlineKind)
    at = models.DateTimeField(_("date and time"))
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    # As clocks there show it, "2026-11-15T24:00": stays true when the zone's rules change.
    wall_time = models.CharField(max_length=16)
    source_words = models.CharField(_("as the call says it"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        ordering = ("at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["listing", "kind"], name="deadline_once_a_kind"),
            models.CheckConstraint(
                condition=models.Q(wall_time__regex=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$"),
                name="deadline_wall_time_shape",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.at:%Y-%m-%d %H:%M}"


class ConsortiumMember(models.Model):
    """Somebody who is in already: what the gap check counts."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="consortium")
    # Named only where the organisation agreed to it; the country and the type always.
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("organisation"),
    )  # fmt: skip
    country_code = models.CharField(_("country"), max_length=2)
    type = models.CharField(_("type"), max_length=20, choices=OrganisationType.choices)
    is_small = models.BooleanField(_("small or medium-sized enterprise"), default=False)
    role = models.CharField(_("role"), max_length=20, choices=PartnerRole.choices, blank=True)

    class Meta:
        verbose_name = _("consortium member")
        verbose_name_plural = _("consortium members")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.country_code}: {self.get_type_display()}"


class CountryStatusKind(models.TextChoices):
    """What a country is to a programme."""

    MEMBER = "member", _("Member state of the European Union")
    ASSOCIATED = "associated", _("Associated country")
    PILLAR_II = "pillar_ii", _("Associated to Pillar II")
    LOW_INCOME = "low_income", _("Funded as a low- or middle-income country")
    NATIONAL = "national", _("Funded by its own country in this programme")
    OWN_FUNDS = "own_funds", _("May take part with own funds")


class CountryStatusQuerySet(models.QuerySet["CountryStatus"]):
    """Reads of countries' standings."""

    def in_year(self, programme: str, year: int) -> CountryStatusQuerySet:
        """Return what counted for a programme's calls of a year."""
        begun = models.Q(from_year__lte=year)
        lasting = models.Q(until_year=None) | models.Q(until_year__gte=year)
        return self.filter(begun, lasting, programme=programme)


class CountryStatus(models.Model):
    """What a country may claim in a programme, from when, and where that is written."""

    programme = models.CharField(max_length=40)
    country_code = models.CharField(max_length=2)
    side = models.CharField(max_length=10, choices=Side.choices)
    kind = models.CharField(max_length=12, choices=CountryStatusKind)
    from_year = models.PositiveSmallIntegerField()
    until_year = models.PositiveSmallIntegerField(null=True, blank=True)
    # The rule in its own words, quoted beside every verdict that rests on it.
    rule_en = models.TextField(max_length=1000)
    rule_ko = models.TextField(max_length=1000)
    source_url = models.URLField(max_length=500, blank=True)

    objects = CountryStatusQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing of a country")
        verbose_name_plural = _("standings of countries")
        ordering = ("programme", "country_code", "from_year")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "country_code", "kind", "from_year"],
                name="country_status_once",
            ),
            models.CheckConstraint(
                condition=models.Q(until_year=None)
                | models.Q(until_year__gte=models.F("from_year")),
                name="country_status_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}: {self.country_code} {self.kind}"
