"""How templates name people, places and areas."""

from django import template
from django.utils.translation import get_language, pgettext_lazy

from matching.countries import country_name
from matching.models import Area, Profile
from matching.services.shown import ShownProfile

register = template.Library()

AREA_ICONS = {"ICT": "cpu", "NANO": "atom", "GREEN": "leaf", "HEALTH": "heart-pulse"}
# The names as they stand in the vocabulary fill a line; a tag needs a word or two.
AREA_LABELS = {
    "ICT": pgettext_lazy("area", "ICT"),
    "NANO": pgettext_lazy("area", "Nano"),
    "GREEN": pgettext_lazy("area", "Green technologies"),
    "HEALTH": pgettext_lazy("area", "Health and bio"),
    "OTHER": pgettext_lazy("area", "Other"),
}


@register.filter
def country(code: str) -> str:
    """Return the name of a country in the reader's language."""
    return country_name(code) if code else ""


@register.filter
def area_icon(area: Area) -> str:
    """Return the icon that always goes with an area's colour."""
    return AREA_ICONS.get(area.code, "shapes")


@register.filter
def area_label(area: Area) -> str:
    """Return an area's short name."""
    return str(AREA_LABELS.get(area.code, area))


@register.filter
def initials(name: str) -> str:
    """Return one or two letters for a name.

    A Hangul name gives its last two syllables, because the first may be half a family name.
    """
    words = name.split()
    if not words:
        return "·"
    if words[-1][-1] >= "가":
        return words[-1][-2:]
    ends = words[:1] if len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0] for word in ends).upper()


@register.filter
def first_name_shown(profile: Profile | ShownProfile) -> str:
    """Return the name in the reader's script, when the person has one."""
    return (get_language() == "ko" and profile.hangul_name) or profile.display_name


@register.filter
def second_name_shown(profile: Profile | ShownProfile) -> str:
    """Return the name in the other script, or ''."""
    first = first_name_shown(profile)
    return profile.display_name if first == profile.hangul_name else profile.hangul_name


@register.filter
def points(tenths: int) -> str:
    """Return tenths of a point as they are printed, with a true minus: −0.4, 12.0."""
    return f"{tenths / 10:.1f}".replace("-", "−")
