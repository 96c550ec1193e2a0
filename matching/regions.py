"""Which country stands on which side."""

EUROPEAN_UNION = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "HR",
        "CY",
        "CZ",
        "DK",
        "EE",
        "FI",
        "FR",
        "DE",
        "GR",
        "HU",
        "IE",
        "IT",
        "LV",
        "LT",
        "LU",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SK",
        "SI",
        "ES",
        "SE",
    ]
)
# Associated to Horizon Europe, as far as they lie in or around Europe.
ASSOCIATED = frozenset(
    [
        "NO",
        "IS",
        "LI",
        "CH",
        "GB",
        "IL",
        "TR",
        "UA",
        "RS",
        "GE",
        "MD",
        "ME",
        "MK",
        "AL",
        "BA",
        "XK",
        "AM",
        "TN",
        "FO",
    ]
)
EUROPE = EUROPEAN_UNION | ASSOCIATED
KOREA = frozenset({"KR"})


def side_of(country_code: str) -> str:
    """Return the side of a country by its ISO 3166 code: `europe`, `korea` or `elsewhere`."""
    if country_code in KOREA:
        return "korea"
    return "europe" if country_code in EUROPE else "elsewhere"
