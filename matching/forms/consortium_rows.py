"""Who is in a consortium already, row by row."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from matching.countries import country_choices, country_name
from matching.forms.profile_rows import RowForm
from matching.models import ConsortiumMember, Listing, Organisation, OrganisationType, PartnerRole
from matching.names import folded
from matching.services.search_facts import own_member

MOST_MEMBERS = 40
PREFIX = "members"
NAMED = 4
ROR_ID = re.compile(r"\b0[0-9a-hjkmnp-tv-z]{6}\d{2}\b")


class MemberForm(RowForm):
    """One member; the country and the type are enough."""

    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=300,
        required=False,
        help_text=_("Its name or ROR id, if it agrees to be named. It must be in our list."),
    )
    country_code = forms.ChoiceField(label=_("Country"), required=False)
    type = forms.ChoiceField(
        label=_("Type"), required=False, choices=[("", "—"), *OrganisationType.choices]
    )
    is_small = forms.BooleanField(label=_("Small or medium-sized enterprise"), required=False)
    role = forms.ChoiceField(
        label=_("Role"), required=False, choices=[("", "—"), *PartnerRole.choices]
    )
    is_removed = forms.BooleanField(label=_("Remove"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        countries: Any = self.fields["country_code"]
        countries.choices = [("", "—"), *country_choices()]

    def clean_organisation(self) -> Organisation | None:
        """Return the record that the name or the id means.

        Raises:
            ValidationError: there is none, or there are several of this name.
        """
        typed = self.cleaned_data["organisation"].strip()
        if not typed or not folded(typed):
            return None
        found = organisations_named(typed)
        if not found:
            raise ValidationError(
                _(
                    "We know no organisation of this name. Leave this empty and choose country and type."
                ),
                "unknown",
            )
        if len(found) > 1:
            places = "; ".join(
                f"{row} ({row.city or country_name(row.country_code)}, {row.ror_id or '–'})"
                for row in found
            )
            raise ValidationError(
                _("Several organisations have this name. Enter the ROR id of one: %(places)s"),
                "several", {"places": places},
            )  # fmt: skip
        return found[0]

    def clean(self) -> dict[str, Any]:
        """Take country and type from the organisation, or ask for them."""
        data = self.cleaned_data
        organisation = data.get("organisation")
        if organisation:
            data["country_code"] = organisation.country_code
            data["type"] = data.get("type") or next(iter(organisation.types), "other")
        is_used = any(value for name, value in data.items() if name != "is_removed")
        for name in ("country_code", "type"):
            if is_used and not data.get(name) and not data.get("is_removed") and not self.errors:
                self.add_error(name, _("Choose one; or leave the whole entry empty."))
        return data

    def row(self) -> ConsortiumMember | None:
        """Return the unsaved member; None for an empty or removed row."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "is_removed"}
        if self.cleaned_data.get("is_removed") or not data.get("country_code"):
            return None
        return ConsortiumMember(**data)


def organisations_named(typed: str) -> list[Organisation]:
    """Return the organisations that a name or a ROR id means: exact names before parts of names."""
    ror_id = ROR_ID.search(typed.lower())
    if ror_id and (known := Organisation.objects.active().filter(ror_id=ror_id[0]).first()):
        return [known]
    found = list(Organisation.objects.active().matching_words(typed)[: NAMED * 5])
    key = folded(typed)
    exact = [row for row in found if key in row.search_text.split("\n")]
    return (exact or found)[:NAMED]


class MemberFormSet(BaseFormSet[MemberForm]):
    """The members of a consortium."""

    def rows(self) -> list[ConsortiumMember]:
        """Return the unsaved members."""
        rows = [form.row() for form in self.forms]
        return [row for row in rows if row is not None]


MemberRows = formset_factory(
    MemberForm, MemberFormSet, extra=0, max_num=MOST_MEMBERS, validate_max=True,
    absolute_max=MOST_MEMBERS * 2,
)  # fmt: skip


def member_rows(listing: Listing, data: QueryDict | None) -> Any:
    """Return the rows: what was sent, what is stored, or the author's own organisation to begin."""
    if data is not None:
        return MemberRows(with_one_more(data), prefix=PREFIX)
    stored = [*listing.consortium.select_related("organisation")] if listing.pk else []
    first = own_member(listing.profile)
    shown = stored or ([first] if first else [])
    initial = [initial_of(member) for member in shown]
    return MemberRows(
        initial=[*initial, {}] if len(shown) < MOST_MEMBERS else initial, prefix=PREFIX
    )


def initial_of(member: ConsortiumMember) -> dict[str, Any]:
    """Return what the row of a member shows first."""
    organisation = member.organisation
    shown: dict[str, Any] = {
        name: getattr(member, name) for name in ("country_code", "type", "is_small", "role")
    }
    if organisation:
        shown["organisation"] = f"{organisation} {organisation.ror_id or ''}".strip()
    return shown


def with_one_more(data: QueryDict) -> QueryDict:
    """Return the data with another empty row when the button for that was pressed."""
    total = data.get(f"{PREFIX}-TOTAL_FORMS", "")
    if data.get("action") == "add-member" and total in map(str, range(MOST_MEMBERS)):
        data[f"{PREFIX}-TOTAL_FORMS"] = str(int(total) + 1)
    return data
