"""What may be written into one's own profile, and how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from konnect.accounts.api.bodies import Changes, Given
from konnect.accounts.models import User
from matching.completeness import blockers
from matching.countries import LANGUAGE_CODES, is_country
from matching.forms.fields import DoiField, OrcidField
from matching.forms.profile_steps import MOST_ROWS
from matching.models import (
    Area,
    CareerStage,
    NameOrder,
    Organisation,
    PartnerRole,
    Profile,
    ProfileProject,
    ProfileState,
    Topic,
    Work,
)
from matching.services.profiles import NotReady, save_profile
from matching.visibility import FIELDS, Visibility, chosen

EARLIEST, LATEST = 1920, 2060
MOST_WORDS = 30


def cleaned(field: Any) -> Callable[[str], str]:
    """Return a function that lets the form's own field check a text."""

    def clean(text: str) -> str:
        try:
            return str(field.clean(text))
        except ValidationError as error:
            raise serializers.ValidationError(error.messages, error.error_list[0].code) from error

    return clean


class OrcidText(serializers.CharField):
    """An ORCID iD, as a number or an address."""

    clean = staticmethod(cleaned(OrcidField()))

    def to_internal_value(self, data: Any) -> str:
        """Return the iD in groups of four."""
        return self.clean(super().to_internal_value(data))


class DoiText(serializers.CharField):
    """A DOI, plain or as an address."""

    clean = staticmethod(cleaned(DoiField()))

    def to_internal_value(self, data: Any) -> str:
        """Return the DOI in lower case, without the address."""
        return self.clean(super().to_internal_value(data))


class KnownCodes(serializers.ListField):
    """Codes of areas or topics; one query for all of them."""

    child = serializers.CharField(max_length=60)

    def __init__(self, *, rows: Callable[[], Any], **options: Any) -> None:
        self.rows = rows
        super().__init__(max_length=200, **options)

    def to_internal_value(self, data: Any) -> list[Any]:
        """Return the rows that have these codes.

        Raises:
            ValidationError: one is not known.
        """
        codes = super().to_internal_value(data)
        found = {row.code: row for row in self.rows().filter(code__in=codes)}
        if unknown := [code for code in codes if code not in found]:
            words = _("There is no such code: %(codes)s.") % {"codes": ", ".join(unknown)}
            raise serializers.ValidationError([words], "unknown_code")
        return list(found.values())


def current_areas() -> Any:
    """Return the areas that may be chosen."""
    return Area.objects.filter(version=Area.CURRENT_VERSION)


def every_topic() -> Any:
    """Return the topics that may be chosen."""
    return Topic.objects.all()


def country(code: str) -> None:
    """Refuse what is no country.

    Raises:
        ValidationError: there is no such code.
    """
    if code and not is_country(code):
        raise serializers.ValidationError(_("There is no such country."), "country")


def year(**options: Any) -> serializers.IntegerField:
    """Return a field for a year of the last hundred and the next thirty."""
    return serializers.IntegerField(min_value=EARLIEST, max_value=LATEST, **options)


def text(longest: int, **options: Any) -> serializers.CharField:
    """Return a field for a text that may be empty."""
    return serializers.CharField(max_length=longest, allow_blank=True, **options)


def words(longest: int, most: int) -> serializers.ListField:
    """Return a field for several short texts."""
    return serializers.ListField(child=serializers.CharField(max_length=longest), max_length=most)


class WorkRequestSerializer(Given):
    """A work."""

    doi = DoiText(max_length=200, allow_blank=True, default="")
    title = serializers.CharField(max_length=500)
    year = year(allow_null=True, default=None)
    venue = text(300, default="")


class ProjectRequestSerializer(Given):
    """A project."""

    identifier = text(100, default="")
    title = serializers.CharField(max_length=500)
    funder = text(200, default="")
    started_in = year(allow_null=True, default=None)
    ended_in = year(allow_null=True, default=None)

    def validate(self, attrs: Any) -> Any:
        """Ask for years in their order."""
        start, end = attrs["started_in"], attrs["ended_in"]
        if start and end and end < start:
            message = _("The last year lies before the first.")
            raise serializers.ValidationError({"ended_in": [message]})
        return attrs


class ProfileRequestSerializer(Changes):
    """What one may change of one's own profile. `is_public` is a consent: give it on the page."""

    display_name = serializers.CharField(max_length=150)
    family_name = text(100)
    given_name = text(100)
    name_order = serializers.ChoiceField(NameOrder.choices, allow_blank=True)
    hangul_name = text(60)
    other_names = words(150, 10)
    honorific = text(50)
    organisation = serializers.PrimaryKeyRelatedField(
        queryset=Organisation.objects.active(), allow_null=True
    )
    organisation_unlisted = text(300)
    country_code = text(2, validators=[country])
    unit = text(200)
    position = text(120)
    affiliated_since = year(allow_null=True)
    career_stage = serializers.ChoiceField(CareerStage.choices, allow_blank=True)
    areas = KnownCodes(rows=current_areas)
    area_other = text(120)
    topics = KnownCodes(rows=every_topic)
    keywords = words(80, MOST_WORDS)
    summary_en = text(4000)
    summary_ko = text(4000)
    methods_en = text(2000)
    methods_ko = text(2000)
    roles = serializers.ListField(child=serializers.ChoiceField(PartnerRole.choices), max_length=6)
    partner_stages = serializers.ListField(
        child=serializers.ChoiceField(CareerStage.choices), max_length=4
    )
    would_host = serializers.BooleanField()
    would_visit = serializers.BooleanField()
    mobility_months = serializers.IntegerField(min_value=1, max_value=60, allow_null=True)
    mobility_from = serializers.DateField(allow_null=True)
    languages = serializers.ListField(
        child=serializers.ChoiceField(sorted(LANGUAGE_CODES)), max_length=len(LANGUAGE_CODES)
    )
    orcid = OrcidText(max_length=100, allow_blank=True)
    contact_email = serializers.EmailField(max_length=254, allow_blank=True)
    telephone = text(40)
    website = serializers.URLField(max_length=500, allow_blank=True)
    is_suggestible = serializers.BooleanField()
    visibility = serializers.DictField(child=serializers.ChoiceField(Visibility.choices))
    works = serializers.ListField(child=WorkRequestSerializer(), max_length=MOST_ROWS)
    projects = serializers.ListField(child=ProjectRequestSerializer(), max_length=MOST_ROWS)

    def validate_visibility(self, value: dict[str, str]) -> dict[str, str]:
        """Refuse fields that cannot be opened or closed like that."""
        wrong = {
            name: [_("This field cannot be opened or closed like this.")]
            for name, choice in value.items()
            if name not in FIELDS or choice not in FIELDS[name].choices
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        return value

    def validate_works(self, value: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
        """Refuse the same DOI twice."""
        dois = [work["doi"] for work in value if work["doi"]]
        if len(dois) != len(set(dois)):
            raise serializers.ValidationError(_("The same DOI stands here twice."), "twice")
        return value


RELATIONS = ("areas", "topics")
ROWS: dict[str, type[Any]] = {"works": Work, "projects": ProfileProject}


def write_profile(profile: Profile, given: dict[str, Any], *, actor: User) -> None:
    """Write what was given by the door that the page uses.

    Raises:
        NotReady: the profile is published and would lack something that it needs.
    """
    lists: dict[str, Any] = {name: given.pop(name) for name in RELATIONS if name in given}
    rows: dict[str, Any] = {name: rows_of(name, given.pop(name)) for name in ROWS if name in given}
    if profile.orcid_verified_at:
        # Signed in with: nothing typed takes its place.
        given.pop("orcid", None)
    if "visibility" in given:
        given["visibility"] = merged_visibility(profile, given["visibility"])
    save_profile(profile, actor=actor, columns=given, **lists, **rows)
    if profile.state == ProfileState.PUBLISHED and (lacking := blockers(profile)):
        raise NotReady(lacking)


def rows_of(name: str, values: Sequence[dict[str, Any]]) -> list[Any]:
    """Return rows to store."""
    if name == "works":
        return [Work(position=position, **value) for position, value in enumerate(values)]
    return [ProfileProject(**value) for value in values]


def merged_visibility(profile: Profile, given: dict[str, str]) -> dict[str, str]:
    """Return who sees which field: what was given, and for the rest what counted before."""
    return {name: given.get(name) or chosen(name, profile.visibility).value for name in FIELDS}
