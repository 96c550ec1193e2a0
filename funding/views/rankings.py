"""The ranked list of a call: computed, looked at, chosen, frozen, taken along; its lottery."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from funding import draw_script
from funding.forms.panels import DrawForm, MethodForm, PromiseForm
from funding.machines import CHAIR, FUNDER, MEMBER, OFFICER
from funding.models import Call, LotteryDraw
from funding.permissions import roles_for
from funding.services.lotteries import (
    TIES,
    ZONE,
    candidates,
    draw_lots,
    is_verified,
    lots_of,
    other_lots,
    promise_lots,
    published,
)
from funding.services.panels import hidden_from, runs_panel
from funding.services.rank_lists import (
    choose_method,
    freeze_blockers,
    freeze_list,
    latest_list,
    make_list,
)
from funding.services.rank_pages import listing_of
from funding.services.rank_tables import as_csv, as_workbook
from funding.views.asked import call_shown
from funding.views.doing import done, tried
from funding.views.panel_asked import judged_call, list_of
from funding.visibility import RELEASED
from konnect.accounts.services.audit import record
from matching.views.asked import MemberRequest
from matching.views.tables import SHEET

PAGE, LOTTERY_PAGE = "funding:panel_ranking", "funding:panel_lottery"
READERS = frozenset({OFFICER, FUNDER, MEMBER, CHAIR})
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": SHEET}


@login_required
@require_http_methods(["GET", "POST"])
def panel_ranking(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the ranked list with how sure it is; compute it anew."""
    call = judged_call(request, pk)
    if request.method == "POST":
        words = _("The list is computed. Look at it, then choose the method.")
        return done(request, lambda: make_list(call, actor=request.user), words, PAGE, pk)
    return ranking_page(request, call)


def ranking_page(request: MemberRequest, call: Call, **forms: Any) -> HttpResponse:
    """Return the page of the list that counts."""
    rank_list, roles = latest_list(call), roles_for(call, request.user)
    context: dict[str, Any] = {"call": call, "is_chair": CHAIR in roles,
                               "is_runner": bool(roles & {CHAIR, OFFICER}),
                               "rank_list": rank_list}  # fmt: skip
    if rank_list is not None:
        is_open = rank_list.frozen_at is None and call.state == "panel"
        initial = {"method": rank_list.method, "reason": rank_list.method_reason}
        context |= {
            "listing": listing_of(call, request.user, rank_list), "is_open": is_open,
            "form": MethodForm(initial=initial), "draw": getattr(rank_list, "draw", None),
            "blockers": freeze_blockers(rank_list) if is_open else [],
        }  # fmt: skip
    return render(request, "funding/panel_ranking.html", context | forms)


@login_required
@require_POST
def panel_method(request: MemberRequest, pk: int) -> HttpResponse:
    """Record which scores the panel goes by."""
    call = judged_call(request, pk)
    rank_list, form = list_of(call), MethodForm(request.POST)
    if form.is_valid() and tried(
        request, lambda: choose_method(rank_list, actor=request.user, **form.cleaned_data),
        _("The panel's choice is recorded."),
    ):  # fmt: skip
        return redirect("funding:panel_ranking", pk=pk)
    return ranking_page(request, call, form=form)


@login_required
@require_POST
def panel_freeze(request: MemberRequest, pk: int) -> HttpResponse:
    """Let the list stand for good."""
    rank_list = list_of(judged_call(request, pk))
    return done(
        request, lambda: freeze_list(rank_list, actor=request.user),
        _("The list is frozen: decisions are taken from it."), PAGE, pk,
    )  # fmt: skip


@login_required
@require_GET
def panel_table(request: MemberRequest, pk: int, ending: str) -> HttpResponse:
    """Hand the list out as a table, and write down who took it."""
    call = judged_call(request, pk)
    if ending not in TYPES:
        raise Http404
    listing = listing_of(call, request.user, list_of(call))
    record(
        request.user, "table.exported", target=call, facts={"kind": "ranking", "format": ending}
    )
    content = as_csv(listing) if ending == "csv" else as_workbook(listing)
    response = HttpResponse(content, content_type=TYPES[ending])
    response.headers["Content-Disposition"] = f'attachment; filename="ranking-{pk}.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response


# --- The lottery ----------------------------------------------------------------------------------


def reads_lots(request: HttpRequest, call: Call) -> bool:
    """Tell whether the reader may see who was drawn: the panel always, others after the release.

    Whoever left the room for an application that takes part waits for the release as well.
    """
    if call.state in RELEASED:
        return True
    if not request.user.is_authenticated or not roles_for(call, request.user) & READERS:
        return False
    lots = lots_of(call)
    taking_part = lots.rank_list.facts.get("lottery", {}).get("applications", []) if lots else []
    return not hidden_from(call, request.user) & set(taking_part)


@require_http_methods(["GET", "POST"])
def panel_lottery(request: MemberRequest, pk: int) -> HttpResponse:
    """Show everybody what was promised, and from the release on what was drawn; promise and draw."""
    call = call_shown(request, pk)
    if request.method == "POST":
        return lottery_step(request, judged_call(request, pk))
    if lots_of(call) is None and not reads_lots(request, call):
        raise Http404
    return lottery_page(request, call)


def lottery_page(request: MemberRequest, call: Call, **forms: Any) -> HttpResponse:
    """Return the page of the lottery."""
    lots, reads = lots_of(call), reads_lots(request, call)
    rank_list = latest_list(call)
    drawn = lots is not None and lots.drawn_at is not None
    is_open = rank_list is not None and rank_list.frozen_at is None and call.state == "panel"
    runs = request.user.is_authenticated and runs_panel(call, request.user) and is_open
    context = {
        "call": call, "lots": lots, "reads": reads, "is_drawn": drawn,
        "is_verified": drawn and lots is not None and is_verified(lots),
        "seed_hex": bytes(lots.seed).hex() if drawn and lots is not None and reads else "",
        "published": json.dumps(published(lots), indent=2, ensure_ascii=False)
        if lots and reads else "",
        "is_runner": runs, "others": other_lots(lots) if lots else (),
        "rank_list": rank_list, "sizes": sizes_of(call) if runs else {},
        "promise_form": PromiseForm(initial={"scope": TIES}), "draw_form": DrawForm(), **forms,
    }  # fmt: skip
    return render(request, "funding/panel_lottery.html", context)


def sizes_of(call: Call) -> dict[str, int]:
    """Return how many would take part in each kind of lottery."""
    rank_list = latest_list(call)
    if rank_list is None:
        return {}
    return {scope: len(candidates(rank_list, scope)) for scope in (TIES, ZONE)}


def lottery_step(request: MemberRequest, call: Call) -> HttpResponse:
    """Promise, or draw: whichever button was pressed."""
    rank_list = list_of(call)
    name = "draw_form" if "public_value" in request.POST else "promise_form"
    form = DrawForm(request.POST) if name == "draw_form" else PromiseForm(request.POST)
    act: Any = draw_lots if name == "draw_form" else promise_lots
    words = _("The lots are drawn.") if name == "draw_form" else _("The lottery is promised.")
    if form.is_valid() and tried(
        request, lambda: act(rank_list, actor=request.user, **form.cleaned_data), words
    ):
        return redirect("funding:panel_lottery", pk=call.pk)
    return lottery_page(request, call, **{name: form})


def lots_shown(request: HttpRequest, pk: int) -> LotteryDraw:
    """Return the lottery of a call whose values this reader may see.

    Raises:
        Http404: there is none, or it is not time yet.
    """
    call = call_shown(request, pk)
    lots = lots_of(call)
    if lots is None or not reads_lots(request, call):
        raise Http404
    return lots


@require_GET
def panel_lottery_values(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out what is published, as the script reads it."""
    response = JsonResponse(published(lots_shown(request, pk)))
    response.headers["Content-Disposition"] = f'attachment; filename="published-{pk}.json"'
    return response


@require_GET
def panel_lottery_script(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the script with which anybody can draw again."""
    call_shown(request, pk)
    content = Path(draw_script.__file__).read_bytes()
    response = HttpResponse(content, content_type="text/x-python; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="draw_script.py"'
    return response
