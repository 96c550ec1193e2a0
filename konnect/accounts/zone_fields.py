"""Choosing a time zone: a select element of five hundred options, whose text is made once."""

from __future__ import annotations

from functools import cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from konnect.accounts.zones import zone_choices


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
    """A field for the name of a zone that people live in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=zone_choices, widget=ZoneSelect, **kwargs)

    def valid_value(self, value: Any) -> bool:
        """Tell whether it is a zone that the element offers."""
        return str(value) in offered()


@cache
def offered() -> frozenset[str]:
    """Return the names of the zones of all regions."""
    return frozenset(name for _region, zones in zone_choices() for name, _city in zones)


@cache
def options() -> SafeString:
    """Return the options by region, none of them chosen."""
    groups = (
        (region, format_html_join("", '<option value="{}">{}</option>', zones))
        for region, zones in zone_choices()
    )
    return format_html_join("", '<optgroup label="{}">{}</optgroup>', groups)


def options_with(chosen: str) -> SafeString:
    """Return the options with one of them chosen, if it is there."""
    value = f'value="{escape(chosen)}"'
    # Both parts are safe: the options were escaped when they were made, the value just now.
    return SafeString(options().replace(value, f"{value} selected"))
