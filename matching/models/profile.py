"""A researcher as others see them."""

from __future__ import annotations

from enum import nonmember
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from konnect.states import StateChange, Stateful, Transitions
from matching.models.organisation import Organisation
from matching.models.vocabulary import Area, CareerStage, PartnerRole, Side, Topic

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User


# How much of each a profile shows.
MOST_ROWS = 5
MOST_KEYWORDS = 20
MOST_OTHER_NAMES = 10


class NameOrder(models.TextChoices):
    """Which name comes first where the person is at home."""

    FAMILY_FIRST = "family_first", _("Family name first (Kim Minsu)")
    GIVEN_FIRST = "given_first", _("Given name first (Anna Schmidt)")


class ProfileState(models.TextChoices):
    """Where a profile stands."""

    INVITED = "invited", _("Invited, not yet confirmed")
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    HIDDEN = "hidden", _("Hidden")

    unpublished = nonmember(("invited", "draft", "hidden"))


class ProfileQuerySet(models.QuerySet["Profile"]):
    """Reads of profiles."""

    def published(self) -> ProfileQuerySet:
        """Return the profiles that members may find."""
        return self.filter(state=ProfileState.PUBLISHED, user__is_active=True)

    def suggestible(self) -> ProfileQuerySet:
        """Return those that take part in matching."""
        return self.published().filter(is_suggestible=True).exclude(side=Side.ELSEWHERE)

    def with_card(self) -> ProfileQuerySet:
        """Fetch along what a card of a person shows."""
        return self.select_related("organisation", "user").prefetch_related("areas", "topics")

    def not_blocked_for(self, user: User) -> ProfileQuerySet:
        """Leave out everybody whom this person blocked or who blocked this person."""
        return self.exclude(blocks_received__blocker__user=user).exclude(
            blocks_made__blocked__user=user
        )

    def blockable_by(self, user: User) -> ProfileQuerySet:
        """Return everybody whom this person may block, or has blocked: whom they see or know."""
        seen = models.Q(pk__in=Profile.objects.visible_to(user).values("pk"))
        asked = models.Q(contact_requests_sent__recipient__user=user)
        was_asked = models.Q(contact_requests_received__sender__user=user)
        known = asked | was_asked | models.Q(blocks_received__blocker__user=user)
        return self.filter(seen | known).exclude(user=user).distinct()

    def visible_to(self, user: User | AnonymousUser) -> ProfileQuerySet:
        """Return the profiles whose page this reader may open.

        Members: their own and the published ones, blocks apart. Strangers: only those who chose
        to be on the open web.
        """
        from_web = self.published().filter(is_public=True)
        if not user.is_authenticated:
            return from_web
        others = self.published().not_blocked_for(user)
        return self.filter(models.Q(pk__in=others.values("pk")) | models.Q(user_id=user.pk))

    def findable_by(self, user: User | AnonymousUser) -> ProfileQuerySet:
        """Return the published ones of `visible_to`, in the form that PostgreSQL joins quickly."""
        if not user.is_authenticated:
            return self.published().filter(is_public=True)
        return self.published().not_blocked_for(user)


class Profile(Stateful):
    """A researcher: names, place, areas, texts, wishes. Contact goes through the portal."""

    TRANSITIONS: ClassVar[Transitions] = {
        # Never at once published: only whoever accepts the invitation has agreed to anything.
        ProfileState.INVITED: frozenset({ProfileState.DRAFT}),
        ProfileState.DRAFT: frozenset({ProfileState.PUBLISHED}),
        ProfileState.PUBLISHED: frozenset({ProfileState.HIDDEN}),
        ProfileState.HIDDEN: frozenset({ProfileState.PUBLISHED}),
    }

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profile")
    state = models.CharField(max_length=10, choices=ProfileState, default=ProfileState.DRAFT)
    # Names: never computed from each other (reference, W3C on personal names).
    display_name = models.CharField(_("name as shown"), max_length=150, blank=True)
    family_name = models.CharField(_("family name"), max_length=100, blank=True)
    given_name = models.CharField(_("given name"), max_length=100, blank=True)
    name_order = models.CharField(
        _("order of names"), max_length=12, choices=NameOrder, blank=True
    )
    hangul_name = models.CharField(_("name in Hangul"), max_length=60, blank=True)
    hanja_name = models.CharField(_("name in Hanja"), max_length=60, blank=True)
    other_names = ArrayField(
        models.CharField(max_length=150), verbose_name=_("other spellings"), default=list,
        blank=True,
    )  # fmt: skip
    cite_as = models.CharField(_("cited as"), max_length=150, blank=True)
    sort_as = models.CharField(_("sorted as"), max_length=150, blank=True)
    honorific = models.CharField(_("form of address"), max_length=50, blank=True)

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="profiles",
        verbose_name=_("organisation"),
    )  # fmt: skip
    organisation_unlisted = models.CharField(
        _("organisation, if not in the list"), max_length=300, blank=True
    )
    unit = models.CharField(_("department or laboratory"), max_length=200, blank=True)
    position = models.CharField(_("position"), max_length=120, blank=True)
    affiliated_since = models.PositiveSmallIntegerField(_("there since"), null=True, blank=True)
    side = models.CharField(_("side"), max_length=10, choices=Side.choices, default=Side.ELSEWHERE)
    country_code = models.CharField(_("country of work"), max_length=2, blank=True)
    career_stage = models.CharField(
        _("career stage"), max_length=2, choices=CareerStage.choices, blank=True
    )

    areas = models.ManyToManyField(Area, verbose_name=_("areas"), related_name="profiles")
    area_other = models.CharField(_("other area"), max_length=120, blank=True)
    topics = models.ManyToManyField(
        Topic, verbose_name=_("topics"), related_name="profiles", blank=True
    )
    keywords = ArrayField(
        models.CharField(max_length=80), verbose_name=_("keywords"), default=list, blank=True
    )
    summary_en = models.TextField(_("research in English"), max_length=4000, blank=True)
    summary_ko = models.TextField(_("research in Korean"), max_length=4000, blank=True)
    methods_en = models.TextField(
        _("methods and facilities in English"), max_length=2000, blank=True
    )
    methods_ko = models.TextField(
        _("methods and facilities in Korean"), max_length=2000, blank=True
    )
    roles = ArrayField(
        models.CharField(max_length=20, choices=PartnerRole.choices),
        verbose_name=_("roles I would take"), default=list, blank=True,
    )  # fmt: skip
    would_host = models.BooleanField(_("I would host a visitor"), default=False)
    would_visit = models.BooleanField(_("I would visit a partner"), default=False)
    # Whom the person looks for; empty means that every stage is welcome.
    partner_stages = ArrayField(
        models.CharField(max_length=2, choices=CareerStage.choices),
        verbose_name=_("career stages I look for"), default=list, blank=True,
    )  # fmt: skip
    mobility_months = models.PositiveSmallIntegerField(
        _("for up to how many months"), null=True, blank=True
    )
    mobility_from = models.DateField(_("from when"), null=True, blank=True)
    # ISO 639-1 codes of the languages that the person works in.
    languages = ArrayField(
        models.CharField(max_length=2), verbose_name=_("working languages"), default=list,
        blank=True,
    )  # fmt: skip
    orcid = models.CharField("ORCID iD", max_length=19, blank=True)
    orcid_verified_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Shown to accepted contacts, unless the person opens or closes the field.
    contact_email = models.EmailField(_("e-mail for partners"), max_length=254, blank=True)
    telephone = models.CharField(_("telephone"), max_length=40, blank=True)
    website = models.URLField(_("own website"), max_length=500, blank=True)

    # {field name: Visibility}; matching.visibility has the default of each field.
    visibility = models.JSONField(default=dict, blank=True)
    is_public = models.BooleanField(_("my profile may be read on the open web"), default=False)
    is_suggestible = models.BooleanField(_("suggest me to others"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    published_at = models.DateTimeField(null=True, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    # When something that the score reads last changed: newer than the vectors means stale.
    matching_changed_at = models.DateTimeField(default=timezone.now, editable=False)
    is_invented = models.BooleanField(default=False, editable=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        indexes = [
            models.Index(fields=["state", "side"], name="profile_state_side"),
            models.Index(fields=["matching_changed_at"], name="profile_matching_changed"),
            GinIndex(fields=["keywords"], name="profile_keywords"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("invited", "draft"))
                | (~models.Q(display_name="") & models.Q(published_at__isnull=False)),
                name="profile_published_has_name",
            ),
            models.CheckConstraint(
                condition=models.Q(orcid="")
                | models.Q(orcid__regex=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$"),
                name="profile_orcid_shape",
            ),
            models.UniqueConstraint(
                fields=["orcid"],
                condition=models.Q(orcid_verified_at__isnull=False),
                name="profile_verified_orcid_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(side__in=Side.values), name="profile_side_known"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.user.email

    @property
    def name(self) -> str:
        """The name that the reader's language writes: in Hangul for those who read Korean."""
        return (self.hangul_name if get_language() == "ko" else "") or self.display_name

    @property
    def addressee(self) -> str:
        """The name as a letter writes it."""
        return addressed(self.name, self.honorific)

    @property
    def affiliation(self) -> str:
        """The organisation's name in the reader's language, or what the person typed."""
        return str(self.organisation) if self.organisation else self.organisation_unlisted


def addressed(name: str, honorific: str) -> str:
    """Return a name as a letter writes it: 김민지 박사님, 김민지 님, Dr Anna Schmidt."""
    is_korean = any("\uac00" <= letter <= "\ud7a3" for letter in honorific)
    if get_language() == "ko":
        return f"{name} {honorific if is_korean else '님'}"
    return f"{'' if is_korean else honorific} {name}".strip()


class ProfileChange(StateChange):
    """One state change of a profile."""

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="changes")


class Work(models.Model):
    """One of the few works that a person shows; the DOI tells who worked together."""

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="works")
    doi = models.CharField("DOI", max_length=200, blank=True)
    title = models.CharField(_("title"), max_length=500)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    venue = models.CharField(_("journal or conference"), max_length=300, blank=True)
    # Where it was taken from and what it is called there; empty when the person typed it.
    source = models.CharField(max_length=10, blank=True)
    source_id = models.CharField(max_length=100, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("work")
        verbose_name_plural = _("works")
        ordering = ("position", "pk")
        indexes = [
            models.Index(Lower("doi"), condition=~models.Q(doi=""), name="work_by_doi"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "doi"], condition=~models.Q(doi=""), name="work_once_a_profile"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ProfileProject(models.Model):
    """One project that a person took part in; the identifier tells who worked together."""

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="projects")
    identifier = models.CharField(_("grant number"), max_length=100, blank=True)
    title = models.CharField(_("title"), max_length=500)
    funder = models.CharField(_("funder"), max_length=200, blank=True)
    source = models.CharField(max_length=10, blank=True)
    source_id = models.CharField(max_length=100, blank=True)
    started_in = models.PositiveSmallIntegerField(_("from year"), null=True, blank=True)
    ended_in = models.PositiveSmallIntegerField(_("to year"), null=True, blank=True)

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ("-started_in", "pk")
        indexes = [
            models.Index(
                Lower("identifier"), condition=~models.Q(identifier=""), name="project_by_number"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_in__isnull=True)
                | models.Q(started_in__isnull=True)
                | models.Q(ended_in__gte=models.F("started_in")),
                name="project_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Block(models.Model):
    """One person wants nothing to do with another; neither sees the other any more."""

    blocker = models.ForeignKey(Profile, models.CASCADE, related_name="blocks_made")
    blocked = models.ForeignKey(Profile, models.CASCADE, related_name="blocks_received")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(
                condition=~models.Q(blocker=models.F("blocked")), name="block_not_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.blocker} / {self.blocked}"
