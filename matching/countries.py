"""Countries, languages and time zones by code, named in the reader's language."""

from functools import lru_cache

from babel import Locale
from django.utils.translation import get_language

from konnect.accounts.zones import city_of
from matching.regions import EUROPE, KOREA

# The official languages of both sides, and a few that researchers there work in.
LANGUAGE_CODES = [
    "en",
    "ko",
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "es",
    "et",
    "fi",
    "fr",
    "ga",
    "hr",
    "hu",
    "is",
    "it",
    "lt",
    "lv",
    "mt",
    "nb",
    "nl",
    "pl",
    "pt",
    "ro",
    "sk",
    "sl",
    "sv",
    "sq",
    "bs",
    "he",
    "hy",
    "ka",
    "mk",
    "sr",
    "tr",
    "uk",
    "ar",
    "ja",
    "ru",
    "zh",
]

# Two letters that Unicode names and ISO 3166-1 does not assign: unions, islands that are parts of
# countries, made-up places for tests, what is not known.
# Source: https://www.iso.org/obp/ui/#iso:pub:PUB500001:en
NOT_ASSIGNED = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
)


@lru_cache
def locale_of(language: str) -> Locale:
    """Return Babel's names in a language."""
    return Locale.parse("ko" if language == "ko" else "en")


def country_name(code: str) -> str:
    """Return the name of a country, or its code when it has none."""
    return str(locale_of(get_language() or "en").territories.get(code, code))


def language_name(code: str) -> str:
    """Return the name of a language, or its code when it has none."""
    return str(locale_of(get_language() or "en").languages.get(code, code))


def zone_city(name: str) -> str:
    """Return the city that a time zone is named after."""
    return city_of(str(name), get_language() or "en")


def is_country(code: str) -> bool:
    """Say whether this is the code of a country (ISO 3166, two letters; and XK)."""
    has_form = len(code) == 2 and code.isalpha() and code not in NOT_ASSIGNED
    return has_form and code in locale_of("en").territories


def country_choices() -> list[tuple[str, str]]:
    """Return codes and names: both sides first by name, then everybody else."""
    codes = [code for code in map(str, locale_of("en").territories) if is_country(code)]
    near = EUROPE | KOREA
    return sorted(
        ((code, country_name(code)) for code in codes),
        key=lambda choice: (choice[0] not in near, choice[1]),
    )


def language_choices() -> list[tuple[str, str]]:
    """Return codes and names of working languages."""
    return [(code, language_name(code)) for code in LANGUAGE_CODES]
