"""Countries and languages by code, named in the reader's language."""

from functools import lru_cache

from babel import Locale
from django.utils.translation import get_language

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


def is_country(code: str) -> bool:
    """Say whether this is the code of a country (ISO 3166, two letters; and XK)."""
    return len(code) == 2 and code.isalpha() and code in locale_of("en").territories


def country_choices() -> list[tuple[str, str]]:
    """Return codes and names: both sides first by name, then everybody else."""
    codes = [code for code in map(str, locale_of("en").territories) if is_country(code)]
    near = EUROPE | KOREA
    return sorted(
        ((code, country_name(code)) for code in codes if code not in {"ZZ", "EU", "EZ", "UN"}),
        key=lambda choice: (choice[0] not in near, choice[1]),
    )


def language_choices() -> list[tuple[str, str]]:
    """Return codes and names of working languages."""
    return [(code, language_name(code)) for code in LANGUAGE_CODES]
