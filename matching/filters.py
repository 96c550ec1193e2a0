"""Narrowing lists down, for pages and the API alike: several values of one name add up.

`?area=ICT&area=NANO&stage=R3` finds who has one of the two areas and this stage. A value that
cannot be one is refused, so that a typing error does not look like an empty list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.drainage import set_override

from matching.countries import is_country
from matching.models import (
    CareerStage,
    ContactRequestState,
    CountryStatusKind,
    InterestState,
    ListingKind,
    ListingState,
    OrganisationType,
    PartnerRole,
    Profile,
    SearchKind,
    Side,
)
from matching.search import people_with_words

LONGEST_WORDS = 200
LONGEST_CODE = 60
MOST_VALUES = 50
Check = Callable[[str], bool]


class ValuesField(forms.MultipleChoiceField):
    """Several values, each of which a check knows."""

    def __init__(self, *, check: Check, **options: Any) -> None:
        self.check = check
        super().__init__(**options)

    def valid_value(self, value: Any) -> bool:
        """Tell whether a value can be one at all."""
        return self.check(str(value))

    def validate(self, value: Any) -> None:
        """Refuse what cannot be, and more than anybody means.

        Raises:
            ValidationError: one is not known, or there are too many.
        """
        super().validate(value)
        if value and len(value) > MOST_VALUES:
            raise forms.ValidationError(_("These are too many values."), "too_many")


class Values(django_filters.Filter):
    """Keeps what has one of several values; `lookup` takes all of them as a list."""

    field_class = ValuesField

    def __init__(self, lookup: str, *, known: Sequence[str] | Check, **options: Any) -> None:
        check = known if callable(known) else frozenset(known).__contains__
        self.lookup = lookup
        self.is_many = lookup.startswith(("areas__", "topics__"))
        super().__init__(check=check, **options)
        item: dict[str, Any] = {"type": "string"}
        if not callable(known):
            item["enum"] = [str(value) for value in known]
        set_override(self, "field", {"type": "array", "items": item})

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        """Keep the rows; a row is found once, however many of its values were asked for."""
        if not value:
            return qs
        condition = {self.lookup: list(value)}
        if not self.is_many:
            return qs.filter(**condition)
        model: Any = qs.model
        # By their numbers: a join with several values would repeat rows.
        return qs.filter(pk__in=model.objects.filter(**condition).values("pk"))


class Words(django_filters.CharFilter):
    """Words that have to stand in what the reader may see."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_WORDS, **options)
        set_override(self, "field", {"type": "string", "maxLength": LONGEST_WORDS})


def is_code(value: str) -> bool:
    """Tell whether this may be the code of an area or a topic."""
    plain = value.replace(".", "").replace("-", "").replace("_", "")
    return value.isascii() and len(value) <= LONGEST_CODE and plain.isalnum()


def is_number(value: str) -> bool:
    """Tell whether this may be the number of a row."""
    return value.isascii() and value.isdigit() and len(value) <= 18


class PeopleFilter(django_filters.FilterSet):
    """People."""

    q = Words(method="with_words", label=_("Words"))
    side = Values("side__in", known=Side.values, label=_("Side"))
    area = Values("areas__code__in", known=is_code, label=_("Area"))
    topic = Values("topics__code__in", known=is_code, label=_("Topic"))
    country = Values("country_code__in", known=is_country, label=_("Country"))
    stage = Values("career_stage__in", known=CareerStage.values, label=_("Career stage"))
    type = Values(
        "organisation__types__overlap", known=OrganisationType.values,
        label=_("Type of organisation"),
    )  # fmt: skip
    organisation = Values("organisation_id__in", known=is_number, label=_("Organisation"))

    class Meta:
        model = Profile
        fields = ()

    def with_words(self, rows: Any, name: str, value: str) -> Any:
        """Keep those who have every word where this reader may read it."""
        is_member = bool(self.request and self.request.user.is_authenticated)
        return people_with_words(rows, value, is_member=is_member)


class OrganisationFilter(django_filters.FilterSet):
    """Organisations."""

    q = Words(method="with_words", label=_("Words"))
    side = Values("side__in", known=Side.values, label=_("Side"))
    country = Values("country_code__in", known=is_country, label=_("Country"))
    type = Values("types__overlap", known=OrganisationType.values, label=_("Type of organisation"))
    ror = django_filters.CharFilter(field_name="ror_id", label="ROR", max_length=9)

    def with_words(self, rows: Any, name: str, value: str) -> Any:
        """Keep those that have every word in one of their names."""
        return rows.matching_words(value)


class ListingFilter(django_filters.FilterSet):
    """Offers and requests."""

    kind = Values("kind__in", known=ListingKind.values, label=_("Kind"))
    state = Values("state__in", known=ListingState.values, label=_("State"))
    area = Values("areas__code__in", known=is_code, label=_("Area"))
    topic = Values("topics__code__in", known=is_code, label=_("Topic"))
    side = Values("profile__side__in", known=Side.values, label=_("Side"))
    country = Values("profile__country_code__in", known=is_country, label=_("Country"))
    role = Values(
        "partner_search__roles_sought__overlap", known=PartnerRole.values,
        label=_("Roles sought"),
    )  # fmt: skip
    author = Values("profile_id__in", known=is_number, label=_("Author"))
    is_partner_search = django_filters.BooleanFilter(
        field_name="partner_search", lookup_expr="isnull", exclude=True,
        label=_("Partner searches only"),
    )  # fmt: skip


class TopicFilter(django_filters.FilterSet):
    """Topics."""

    area = Values("area__code__in", known=is_code, label=_("Area"))


class CountryStandingFilter(django_filters.FilterSet):
    """Standings of countries in programmes."""

    programme = django_filters.CharFilter(max_length=40, label=_("Programme"))
    country = Values("country_code__in", known=is_country, label=_("Country"))
    kind = Values("kind__in", known=CountryStatusKind.values, label=_("Kind"))


class ContactRequestFilter(django_filters.FilterSet):
    """Contact requests."""

    state = Values("state__in", known=ContactRequestState.values, label=_("State"))


class InterestFilter(django_filters.FilterSet):
    """Expressions of interest."""

    state = Values("state__in", known=InterestState.values, label=_("State"))
    listing = Values("listing_id__in", known=is_number, label=_("Listing"))


class SavedSearchFilter(django_filters.FilterSet):
    """Saved searches."""

    kind = Values("kind__in", known=SearchKind.values, label=_("Kind"))
