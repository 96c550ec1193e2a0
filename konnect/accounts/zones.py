"""Time zones: which there are, what they are called, which one a person probably lives in.

Names and their older forms are those of Unicode, which come with Babel: `Europe/Kiev` is an alias of
`Europe/Kyiv`. Whoever has an alias keeps it; only lists leave it out.
"""

import zoneinfo
from collections.abc import Iterator
from functools import cache

from babel import Locale
from babel.core import get_global

# Where most readers of a language sit; the browser's own zone comes first.
ZONE_OF_LANGUAGE = {"ko": "Asia/Seoul", "en": "Europe/Brussels"}
KOREA, EUROPE = "Korea", "Europe"
REGIONS = (
    KOREA,
    EUROPE,
    "Africa",
    "America",
    "Asia",
    "Atlantic",
    "Australia",
    "Indian",
    "Pacific",
)
# Where people look for another region than the zone's name has.
REGION_OF_ZONE = {
    "Asia/Seoul": KOREA,
    **dict.fromkeys(
        (
            "Arctic/Longyearbyen",
            "Asia/Famagusta",
            "Asia/Nicosia",
            "Atlantic/Azores",
            "Atlantic/Canary",
            "Atlantic/Faroe",
            "Atlantic/Madeira",
            "Atlantic/Reykjavik",
        ),
        EUROPE,
    ),
}


@cache
def known_time_zones() -> frozenset[str]:
    """Return every name that the IANA database has; looking takes milliseconds, so once."""
    return frozenset(zoneinfo.available_timezones())


def guessed_time_zone(browser_zone: str, language: str) -> str:
    """Return the browser's zone when there is such a one, else that of the language."""
    if browser_zone in known_time_zones():
        return browser_zone
    return ZONE_OF_LANGUAGE.get(language, "UTC")


def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """Return a zone, or UTC when the database no longer has it: no page fails for that."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def canonical(name: str) -> str:
    """Return the present name of a zone, if this is an older one."""
    territories, aliases = get_global("zone_territories"), get_global("zone_aliases")
    if name in territories or name not in aliases:
        return name
    return "UTC" if aliases[name] == "Etc/UTC" else str(aliases[name])


def is_zone_of_people(name: str) -> bool:
    """Tell whether somebody may have this zone: not `localtime`, another one on each machine."""
    present = canonical(name)
    is_place = present == "UTC" or ("/" in present and present != "Etc/Unknown")
    return is_place and name in known_time_zones()


@cache
def offered_zones() -> dict[str, tuple[str, ...]]:
    """Return the zones that people live in, by region, each once."""
    names = sorted(name for name in known_time_zones() if canonical(name) == name)
    found = {
        region: tuple(name for name in names if region_of(name) == region) for region in REGIONS
    }
    return {**found, "UTC": ("UTC",)}


def region_of(name: str) -> str:
    """Return the region under which people look for a zone."""
    return REGION_OF_ZONE.get(name) or name.partition("/")[0]


def city_of(name: str, language: str) -> str:
    """Return the city that a zone is named after: `Asia/Seoul` is Seoul, or 서울."""
    known = Locale.parse("ko" if language == "ko" else "en").time_zones
    present = canonical(name)
    for each in names_of(present):
        city = known.get(each, {}).get("city")
        if city:
            return str(city)
    return present.rpartition("/")[2].replace("_", " ")


def names_of(present: str) -> Iterator[str]:
    """Yield the names that a zone has and had; Unicode's lists keep to the oldest."""
    yield present
    yield from older_names().get(present, ())


@cache
def older_names() -> dict[str, list[str]]:
    """Return the aliases of each zone."""
    found: dict[str, list[str]] = {}
    for alias, present in get_global("zone_aliases").items():
        found.setdefault(present, []).append(alias)
    return found
