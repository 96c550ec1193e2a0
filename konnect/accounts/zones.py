"""Time zones: which there are, and which one a person probably lives in."""

import zoneinfo
from functools import cache

# Where most readers of a language sit; the browser's own zone comes first.
ZONE_OF_LANGUAGE = {"ko": "Asia/Seoul", "en": "Europe/Brussels"}
REGIONS = ("Europe", "Asia", "Africa", "America", "Atlantic", "Australia", "Indian", "Pacific")


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


@cache
def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the zones that people live in, by region, for a select element."""
    return [
        (
            region,
            [
                (name, city_of(name))
                for name in sorted(known_time_zones())
                if in_region(name, region)
            ],
        )
        for region in REGIONS
    ] + [("UTC", [("UTC", "UTC")])]


def in_region(name: str, region: str) -> bool:
    """Tell whether a zone's name begins with the region."""
    return name.startswith(f"{region}/")


def city_of(name: str) -> str:
    """Return the city in a zone's name: `Asia/Seoul` is Seoul."""
    return name.partition("/")[2].replace("_", " ")
