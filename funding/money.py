"""Amounts of money: whole numbers of the smallest unit, as people write and read them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import get_language

# How people write what money it is; longer names first.
NAMES = {
    "EUR": ("euros", "euro", "eur", "유로", "€"),
    "KRW": ("krw", "won", "원", "₩", "￦"),
}


def unit_of(currency: str) -> int:
    """Return how many of the smallest unit one has: 100 for EUR, 1 for KRW."""
    return int(10 ** get_currency_precision(currency))


def to_major(amount_minor: int, currency: str) -> Decimal:
    """Return an amount in units: 1234 cents are 12.34 euros."""
    return Decimal(amount_minor) / unit_of(currency)


def to_minor(amount: Decimal, currency: str) -> int:
    """Return an amount in its smallest unit, to the nearest.

    Raises:
        OverflowError, ValueError: it is infinite, or no number.
    """
    return int((amount * unit_of(currency)).to_integral_value())


def money_words(amount_minor: int, currency: str, language: str = "") -> str:
    """Return an amount as the reader's language writes it; whole amounts without decimals."""
    amount = to_major(amount_minor, currency)
    is_whole = amount == amount.to_integral_value()
    return format_currency(
        amount, currency, locale=language or get_language() or "en",
        format="¤#,##0" if is_whole else None, currency_digits=not is_whole,
    )  # fmt: skip


def minor_of(text: str, currency: str) -> int | None:
    """Return what somebody typed as an amount, in the smallest unit; None when it is none.

    Commas and spaces between thousands are taken, and the name of the money before or after it;
    decimals only as many as the money has.
    """
    plain = "".join(text.casefold().replace(",", "").split())
    names = NAMES.get(currency, (currency.casefold(),))
    before = next((each for each in names if plain.startswith(each)), "")
    plain = plain.removeprefix(before)
    after = next((each for each in names if plain.endswith(each)), "")
    plain = plain.removesuffix(after)
    try:
        amount = Decimal(plain) * unit_of(currency)
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount != amount.to_integral_value() or abs(amount) >= 2**53:
        return None
    return int(amount)
