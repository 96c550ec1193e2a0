"""Tables for administrators: exported, handed in, checked, taken over."""

from __future__ import annotations

import csv
import io

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from konnect.accounts.administration import lacks_second_factor
from konnect.accounts.fresh import fresh_sign_in_required
from konnect.accounts.permissions import is_administrator
from konnect.accounts.services.audit import record
from matching.forms.tables import TableForm
from matching.models import TableImport, TableImportState
from matching.services.table_exports import TABLES, count_of, csv_pieces, workbook
from matching.services.table_imports import MOST_REFUSALS, drop_table, hand_in_table, take_table
from matching.views.asked import MemberRequest, asked_number

PAGE_SIZE = 20
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def only_administrators(request: MemberRequest) -> None:
    """Hide tables from everybody else."""
    if not is_administrator(request.user) or lacks_second_factor(request):
        raise Http404


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def table_list(request: MemberRequest) -> HttpResponse:
    """Offer the exports, take a file in, and show what was handed in."""
    only_administrators(request)
    form = TableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return handed_in(request, form)
    tables = TableImport.objects.select_related("actor").defer("content", "refusals")
    page = Paginator(tables, PAGE_SIZE).get_page(asked_number(request, "page") or 1)
    exports = [(kind, count_of(kind)) for kind in TABLES]
    context = {"form": form, "page": page, "exports": exports}
    return render(request, "matching/table_list.html", context)


def handed_in(request: MemberRequest, form: TableForm) -> HttpResponse:
    """Keep the file, and show how its check is getting on."""
    file = form.cleaned_data["file"]
    table = hand_in_table(
        actor=request.user,
        kind=form.cleaned_data["kind"],
        file_name=file.name,
        content=file.read(),
        is_inviting=form.cleaned_data["is_inviting"],
    )
    return redirect("matching:table_detail", pk=table.pk)


@fresh_sign_in_required
@require_GET
def table_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what would be written, or was; while the worker is at it, the page asks again."""
    only_administrators(request)
    table = get_object_or_404(TableImport.objects.defer("content"), pk=pk)
    context = {
        "table": table,
        "is_working": table.state in TableImportState.at_work,
        "can_take": table.state == TableImportState.CHECKED,
        "takes_any": table.result.get("added", 0) + table.result.get("changed", 0) > 0,
        "most_refusals": MOST_REFUSALS,
    }
    part = "#progress" if "hx-request" in request.headers else ""
    return render(request, f"matching/table_detail.html{part}", context)


@fresh_sign_in_required
@require_POST
def table_take(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the good rows over, or drop the table."""
    only_administrators(request)
    table = get_object_or_404(TableImport.objects.defer("content"), pk=pk)
    is_drop = "drop" in request.POST
    act = drop_table if is_drop else take_table
    if not act(table, actor=request.user):
        messages.info(request, _("Somebody else has dealt with this table meanwhile."))
    elif is_drop:
        messages.success(request, _("Dropped. Nothing was written."))
        return redirect("matching:table_list")
    return redirect("matching:table_detail", pk=pk)


@fresh_sign_in_required
@require_GET
def table_refusals(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Hand out the refused rows as a table: line, column, reason."""
    only_administrators(request)
    table = get_object_or_404(TableImport.objects.defer("content"), pk=pk)
    buffer = io.StringIO("\ufeff")
    buffer.seek(0, io.SEEK_END)
    writer = csv.DictWriter(buffer, ["line", "column", "reason"])
    writer.writeheader()
    writer.writerows(table.refusals)
    return attachment(HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8"),
                      f"refused-{pk}.csv")  # fmt: skip


@fresh_sign_in_required
@require_GET
def table_export(request: MemberRequest, kind: str, form: str) -> HttpResponseBase:
    """Hand a whole table out, and write down who took it."""
    only_administrators(request)
    if kind not in TABLES:
        raise Http404
    facts = {"kind": kind, "rows": count_of(kind), "format": form}
    record(request.user, "table.exported", facts=facts)
    name = f"konnect-{kind}-{timezone.localdate():%Y-%m-%d}.{form}"
    if form == "xlsx":
        return attachment(HttpResponse(workbook(kind), content_type=SHEET), name)
    pieces = (piece.encode() for piece in csv_pieces(kind))
    return attachment(StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8"), name)


def attachment(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """Have a response saved under a name."""
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
