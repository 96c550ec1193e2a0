"""Choosing a time zone: a select element of four hundred options, whose text is made once a language."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from konnect.accounts.zones import canonical, city_of, is_zone_of_people, offered_zones

REGION_LABELS = {
    "Korea": _("Korea"),
    "Europe": _("Europe"),
    "Africa": _("Africa"),
    "America": _("America"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific"),
    "UTC": _("World time"),
}


class ZoneSelect(forms.Select):
    """A select element of the zones; Django's own renders a template for each, 30 ms a form."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Return the element with the options."""
        written = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html(
            '<select name="{}"{}>{}</select>', name, written, options_with(str(value))
        )

    def use_required_attribute(self, initial: Any) -> bool:
        """Ask for no attribute: one of the zones is always chosen."""
        return False


class ZoneField(forms.ChoiceField):
    """A field for the name of a zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=zone_choices, widget=ZoneSelect, **kwargs)

    def valid_value(self, value: Any) -> bool:
        """Tell whether there is such a zone: older names too, which people may have."""
        return is_zone_of_people(str(value))


def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the zones that people live in, by region, in the language of the reader."""
    language = get_language() or "en"
    return [
        (str(REGION_LABELS[region]), in_order((name, city_of(name, language)) for name in names))
        for region, names in offered_zones().items()
    ]


def in_order(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return choices by what people read of them."""
    return sorted(choices, key=lambda choice: choice[1])


@cache
def options(language: str) -> SafeString:
    """Return the options by region, none of them chosen."""
    with override(language):
        groups = [
            (region, format_html_join("", '<option value="{}">{}</option>', zones))
            for region, zones in zone_choices()
        ]
    return format_html_join("", '<optgroup label="{}">{}</optgroup>', groups)


def options_with(chosen: str) -> SafeString:
    """Return the options with one of them chosen; whoever has an older name of it keeps that."""
    text = options(get_language() or "en")
    present = f'value="{escape(canonical(chosen))}"'
    if present not in text:
        return SafeString(own_option(chosen) + text)
    # Both parts are safe: the options were escaped when they were made, the value just now.
    return SafeString(text.replace(present, f'value="{escape(chosen)}" selected'))


def own_option(chosen: str) -> SafeString:
    """Return an option for a zone where nobody lives, for those who have it all the same."""
    if not is_zone_of_people(chosen):
        return SafeString("")
    return format_html('<option value="{0}" selected>{0}</option>', chosen)
