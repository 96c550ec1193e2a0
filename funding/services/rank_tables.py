"""The ranked list as a table for spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

from openpyxl import Workbook

from funding.models import Decision
from funding.money import to_major
from funding.services.rank_pages import Both, Line, Listing
from matching.services.table_exports import csv_text, text, text_cell

COLUMNS = (
    "position", "application", "title", "lead", "score", "zone", "decided_by", "thresholds_missed",
    "expected_rank", "low_50", "high_50", "low_90", "high_90", "corrected_expected_rank",
    "corrected_zone", "votes_mean", "votes_median", "votes_spread", "within_money", "asked",
    "decision", "amounts",
)  # fmt: skip


def rows_of(listing: Listing) -> Iterator[list[str]]:
    """Yield a row an application that the reader may see; names only where they may know them."""
    decisions = {
        each.application_id: each
        for each in Decision.objects.filter(application__call=listing.call)
        .prefetch_related("amounts__funder")
    }  # fmt: skip
    asked = {each.application: each.costs for each in listing.money.inputs.entries}
    for line in listing.lines:
        pk = line.application.pk
        yield [
            *first_cells(line), *votes_cells(line.raw, line.corrected),
            "yes" if line.is_within_money else "no",
            money_cell(asked.get(pk, {}), listing.money.inputs.currencies),
            *decision_cells(decisions.get(pk), listing.money.inputs.currencies),
        ]  # fmt: skip


def first_cells(line: Line) -> list[str]:
    """Return the place and why it is there."""
    return [
        text(line.item.position), text(line.application.number), line.application.title_for_judges,
        line.names, text(line.item.score), line.item.zone, line.item.decided_by,
        "|".join(str(each) for each in line.short),
    ]  # fmt: skip


def votes_cells(raw: Both | None, corrected: Both | None) -> list[str]:
    """Return what votes say; empty cells where nobody voted."""
    if raw is None or corrected is None:
        return [""] * 10
    return [
        text(each) for each in (raw.expected, raw.low50, raw.high50, raw.low90, raw.high90,
                                corrected.expected, corrected.zone, raw.mean, raw.median,
                                raw.spread)
    ]  # fmt: skip


def decision_cells(decision: Decision | None, currencies: Mapping[str, str]) -> list[str]:
    """Return what was decided, and who gives how much."""
    if decision is None:
        return ["", ""]
    amounts = {each.funder.code: each.amount_minor for each in decision.amounts.all()}
    return [decision.outcome, money_cell(amounts, currencies)]


def money_cell(amounts: Mapping[str, int], currencies: Mapping[str, str]) -> str:
    """Return amounts by funder as one cell: `hangang=21000000 KRW|rhine=13750 EUR`."""
    return "|".join(
        f"{code}={to_major(amount, currencies[code])} {currencies[code]}"
        for code, amount in sorted(amounts.items())
    )


def as_csv(listing: Listing) -> bytes:
    """Return the list as CSV that spreadsheets read as UTF-8; no cell is a formula."""
    return csv_text((COLUMNS, *rows_of(listing))).encode()


def as_workbook(listing: Listing) -> bytes:
    """Return the list as a workbook of one sheet, every cell a text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("ranking")
    sheet.freeze_panes = "A2"
    sheet.append(list(COLUMNS))
    for row in rows_of(listing):
        sheet.append([text_cell(sheet, part) for part in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
