"""The pack of the panel as PDF: the list, the money, each application's consensus; minus recusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from funding.models import Call, Consensus, LateToken
from funding.papers.press import printed
from funding.services.lotteries import lots_of
from funding.services.panels import panel_of, quorum_of
from funding.services.rank_lists import latest_list
from funding.services.rank_pages import Line, Listing, listing_of

if TYPE_CHECKING:
    from konnect.accounts.models import User


def pack_of(call: Call, user: User) -> bytes:
    """Return the papers of a panel as this reader may see them."""
    rank_list = latest_list(call)
    listing = listing_of(call, user, rank_list) if rank_list else None
    now = timezone.localtime()
    data = {
        "lang": get_language() or "en",
        "title": _("Papers of the panel"),
        "lines": [str(call), call.number],
        "columns": [pgettext("in a ranking", "Place"), _("No."), _("Title"), _("Score"), _("Expected rank (90 %)"),
                    _("Zone"), _("Money")],
        "rows": [row_of(line) for line in listing.lines] if listing else [],
        "empty": _("No ranked list has been computed yet."),
        "facts": facts_of(call, listing),
        "applications": consensus_parts(call, listing) if listing else [],
        "foot": _("%(call)s · as of %(when)s (%(zone)s) · confidential")
        % {"call": call, "when": date_format(now, "DATETIME_FORMAT"), "zone": now.tzname()},
    }  # fmt: skip
    return printed("panel_pack", data)


def row_of(line: Line) -> list[str]:
    """Return one line of the list as cells."""
    votes = line.raw if line.item.rank_list.method == "raw" else line.corrected
    interval = f"{votes.expected:.1f} ({votes.low90}–{votes.high90})" if votes else "–"
    title = line.application.title_for_judges
    title = f"{title} – {line.names}" if line.names else title
    return [
        str(line.item.position), str(line.application.number), title,
        f"{line.item.score:.2f}", interval, str(line.zone_words),
        _("yes") if line.is_within_money else "–",
    ]  # fmt: skip


def facts_of(call: Call, listing: Listing | None) -> list[str]:
    """Return what the panel has to know beside the list: quorum, method, lottery, late ones."""
    found = [
        _("%(side)s: %(present)s of %(needed)s members are there.")
        % {"side": each.side.label, "present": each.present, "needed": each.needed}
        for each in quorum_of(panel_of(call))
    ]
    if listing:
        row = listing.rank_list
        found.append(_("List %(number)s, seed %(seed)s, inputs %(inputs)s")
                     % {"number": row.number, "seed": row.seed, "inputs": row.inputs_sha256})  # fmt: skip
        if row.method_reason:
            found.append(f"{row.get_method_display()}: {row.method_reason}")
    if lots := lots_of(call):
        found.append(_("Lottery: promise %(sum)s, public value: %(source)s")
                     % {"sum": lots.commit_hash, "source": lots.public_value_source})  # fmt: skip
    late = LateToken.objects.filter(call=call, used__gt=0).count()
    if late:
        found.append(_("Applications that were submitted late with leave: %(number)s")
                     % {"number": late})  # fmt: skip
    return found


def consensus_parts(call: Call, listing: Listing) -> list[dict[str, Any]]:
    """Return each application's agreed scores and report, in the order of the list; two queries."""
    rows = Consensus.objects.filter(application__call=call, state="signed")
    reports = {
        each.application_id: each
        for each in rows.select_related("application", "version").prefetch_related(
            "scores__criterion"
        )
        if each.version.number == each.application.submitted_version
    }
    return [
        {
            "title": f"{line.item.position}. {line.application.title_for_judges}",
            "scores": [f"{score.criterion}: {score.value}" for score in report.scores.all()],
            "text": report.text,
        }
        for line in listing.lines
        if (report := reports.get(line.application.pk)) is not None
    ]
