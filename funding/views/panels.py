"""The panel of a call: members, quorum, recusals, minutes, its papers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from funding.forms.panels import MemberForm, PanelForm, RecusalForm
from funding.machines import CHAIR
from funding.models import Application, Call, Panel, PanelMember
from funding.permissions import left_by, roles_for
from funding.services.panel_pack import pack_of
from funding.services.panels import (
    OPEN_STATES,
    PanelRow,
    add_member,
    hidden_from,
    judged_by,
    look_for_conflicts,
    make_chair,
    panel_of,
    panel_rows,
    quorum_of,
    recuse,
    remove_member,
    runs_panel,
    save_panel,
    set_present,
)
from funding.views.consensuses import READERS
from funding.views.doing import done, tried
from funding.views.panel_asked import judged_call
from konnect.accounts.services.audit import record
from matching.views.asked import MemberRequest

PAGE = "funding:panel_detail"
# States of a call in which there are reviews and reports to read.
JUDGING = ("reviewing", "panel", "decided", "released", "running", "closed_out")


@login_required
@require_GET
def panel_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show who sits on the panel, whether it can decide, and who left for what."""
    return panel_page(request, judged_call(request, pk))


def panel_page(request: MemberRequest, call: Call, **forms: Any) -> HttpResponse:
    """Return the page, with forms for whoever looks after the panel."""
    panel, is_runner = panel_of(call), runs_panel(call, request.user)
    rows = panel_rows(panel, request.user)
    context = {
        "call": call, "panel": panel, "rows": rows, "quorum": quorum_of(panel),
        "is_open": call.state in OPEN_STATES, "is_runner": is_runner,
        "hidden": len(hidden_from(call, request.user)), "has_met": has_met(panel, rows),
        "form": PanelForm(panel=panel), "member_form": MemberForm(prefix="member"),
        "recusal_form": recusal_form(request, call), "judged": judged_here(request, call),
        "is_chair": call.state in JUDGING and CHAIR in roles_for(call, request.user), **forms,
    }  # fmt: skip
    return render(request, "funding/panel_detail.html", context)


def has_met(panel: Panel, rows: Iterable[PanelRow]) -> bool:
    """Tell whether the meeting has begun: by its time, or somebody is there."""
    begun = panel.meets_at is not None and panel.meets_at <= timezone.now()
    return begun or any(row.member.is_present for row in rows)


def judged_here(request: MemberRequest, call: Call) -> QuerySet[Application]:
    """Return the applications whose reviews and consensus this reader opens from the panel."""
    rows = judged_by(call, request.user).exclude(pk__in=left_by(request.user).values("pk"))
    if call.state not in JUDGING or not roles_for(call, request.user) & READERS:
        return rows.none()
    return rows.exclude(submitted_version=None).exclude(state="ineligible").order_by("number")


def recusal_form(request: MemberRequest, call: Call, data: Any = None) -> RecusalForm | None:
    """Return the form by which somebody leaves; None for those who cannot say so of anybody."""
    members = PanelMember.objects.filter(panel__call=call).select_related("person")
    if not runs_panel(call, request.user):
        members = members.filter(person__user=request.user)
    if not members:
        return None
    applications = judged_by(call, request.user)
    return RecusalForm(data, prefix="recusal", members=members, applications=applications)


@login_required
@require_POST
def panel_save(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep quorum, time and minutes."""
    call = judged_call(request, pk)
    form = PanelForm(request.POST, panel=panel_of(call))
    if form.is_valid() and tried(
        request, lambda: save_panel(call, actor=request.user, **form.cleaned_data),
        _("The panel is saved."),
    ):  # fmt: skip
        return redirect("funding:panel_detail", pk=pk)
    return panel_page(request, call, form=form)


@login_required
@require_POST
def panel_member_add(request: MemberRequest, pk: int) -> HttpResponse:
    """Add a member."""
    call = judged_call(request, pk)
    if not runs_panel(call, request.user):
        raise Http404
    form = MemberForm(request.POST, prefix="member")
    if form.is_valid() and tried(
        request, lambda: add_member(call, actor=request.user, **form.cleaned_data),
        _("The member is added."),
    ):  # fmt: skip
        return redirect("funding:panel_detail", pk=pk)
    return panel_page(request, call, member_form=form)


@login_required
@require_POST
def panel_member_set(request: MemberRequest, pk: int, member: int, what: str) -> HttpResponse:
    """Say that a member came or went, takes the chair, or leaves the panel."""
    call = judged_call(request, pk)
    rows = PanelMember.objects.select_related("panel__call", "person")
    found = get_object_or_404(rows, panel__call=call, pk=member)
    steps: dict[str, Any] = {
        "come": lambda: set_present(found, actor=request.user, is_present=True),
        "go": lambda: set_present(found, actor=request.user, is_present=False),
        "chair": lambda: make_chair(found, actor=request.user),
        "remove": lambda: remove_member(found, actor=request.user),
    }
    if what not in steps:
        raise Http404
    return done(request, steps[what], _("The panel is saved."), PAGE, pk)


@login_required
@require_POST
def panel_recuse(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a member leave for an application."""
    call = judged_call(request, pk)
    form = recusal_form(request, call, request.POST)
    if form is None:
        raise Http404
    if form.is_valid() and tried(
        request, lambda: recuse(**form.cleaned_data, actor=request.user),
        _("The recusal is in the minutes."),
    ):  # fmt: skip
        return redirect("funding:panel_detail", pk=pk)
    return panel_page(request, call, recusal_form=form)


@login_required
@require_POST
def panel_conflicts(request: MemberRequest, pk: int) -> HttpResponse:
    """Look for conflicts of all members anew."""
    call = judged_call(request, pk)
    return done(
        request, lambda: look_for_conflicts(call, actor=request.user),
        _("All conflicts of interest were looked for anew."), PAGE, pk,
    )  # fmt: skip


@login_required
@require_GET
def panel_pack(request: MemberRequest, pk: int) -> HttpResponse:
    """Hand the papers of the panel out, and write down who took them."""
    call = judged_call(request, pk)
    content = pack_of(call, request.user)
    facts = {"kind": "panel_pack", "format": "pdf"}
    record(request.user, "table.exported", target=call, facts=facts)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="panel-{pk}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response
