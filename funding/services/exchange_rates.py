"""What a call promised that a euro costs in each funder's money."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from funding.allocation import POT, Mode, Policy
from funding.exchange import SAME, Exchange
from funding.models import Call, FunderCommitment
from funding.money import unit_of

EURO = "EUR"


def is_pooled(policy: str, mode: str) -> bool:
    """Tell whether money of one funder may pay for another."""
    return mode != Mode.VIRTUAL or policy == Policy.MIXED


def is_converted(call: Call, commitments: Iterable[FunderCommitment]) -> bool:
    """Tell whether money of several currencies lies together in a call."""
    return is_pooled(call.policy, call.pot) and len({row.currency for row in commitments}) > 1


def exchange_of(call: Call, commitments: Sequence[FunderCommitment]) -> Exchange | None:
    """Return how the currencies of a call become one; None where a rate is missing."""
    if not is_converted(call, commitments):
        return SAME
    rates = {row.funder.code: rate_of(row) for row in commitments}
    known = {code: rate for code, rate in rates.items() if rate is not None}
    # What the pot itself is short of is counted in cents.
    return Exchange({**known, POT: Fraction(100)}) if len(known) == len(rates) else None


def rate_of(row: FunderCommitment) -> Fraction | None:
    """Return a euro in a funder's smallest unit; None where the call does not say."""
    if row.currency == EURO:
        return Fraction(unit_of(EURO))
    return None if row.per_euro is None else Fraction(row.per_euro) * unit_of(row.currency)


def rates_in_words(call: Call, commitments: Sequence[FunderCommitment]) -> dict[int, str]:
    """Return by which rates money is counted, by commitment; nothing where none is converted."""
    if not is_converted(call, commitments):
        return {}
    words = {row.pk: rate_words(row) for row in commitments}
    return {pk: sentence for pk, sentence in words.items() if sentence}


def rate_words(row: FunderCommitment) -> str:
    """Return the rate of a funder's money as a sentence; '' where there is none."""
    if row.per_euro is None or row.rate_on is None:
        return ""
    words = _("€1 is %(amount)s, on %(day)s (%(source)s)")
    amount = f"{row.per_euro.normalize():,f} {row.currency}"
    return words % {"amount": amount, "day": date_format(row.rate_on, "DATE_FORMAT"),
                    "source": row.rate_source}  # fmt: skip
