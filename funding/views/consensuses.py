"""The consensus report of an application: reviews side by side, the agreed scores, signatures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from funding.forms.reasons import ReasonForm
from funding.forms.reviews import ConsensusForm, SignatureForm, blocked
from funding.machines import CHAIR, MEMBER, OFFICER, RAPPORTEUR, REVIEWER
from funding.models import Application, Consensus
from funding.permissions import roles_for
from funding.refusing import RefusedError
from funding.services.consensuses import (
    ask_for_signatures,
    open_consensus,
    reopen_consensus,
    rows_of,
    save_consensus,
    sign,
    signers_of,
)
from funding.services.review_reading import Reading, reading_of
from funding.views.doing import done, reason_of, words_of
from funding.visibility import CONSENSUS
from matching.services.profiles import EditConflict
from matching.views.asked import MemberRequest

PAGE = "funding:consensus_detail"
READERS = frozenset({OFFICER, CHAIR, MEMBER, REVIEWER, RAPPORTEUR})


def judged(request: MemberRequest, pk: int) -> Application:
    """Return an application of whose judging this reader is part.

    Raises:
        Http404: there is none, or they are not.
    """
    rows = Application.objects.select_related("call__programme", "lead")
    application = get_object_or_404(rows.exclude(submitted_version=None), pk=pk)
    if not roles_for(application, request.user) & READERS:
        raise Http404
    return application


def report_reader(request: MemberRequest, pk: int) -> Reading:
    """Return an application as somebody sees it who may read what was agreed on it.

    Raises:
        Http404: see `judged`; or they may not yet.
    """
    reading = reading_of(judged(request, pk), request.user)
    if not reading.sees(CONSENSUS):
        raise Http404
    return reading


def report_of(application: Application) -> Consensus | None:
    """Return the report about the version that counts."""
    rows = application.consensuses.filter(version__number=application.submitted_version or 0)
    return rows.prefetch_related("scores__criterion", "signatures__reviewer__person").first()


@login_required
@require_http_methods(["GET", "POST"])
def consensus_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show reviews and report; the rapporteur and the chair write here."""
    application = report_reader(request, pk).application
    if request.method == "POST":
        return saved(request, application)
    return consensus_page(request, application)


def consensus_page(request: MemberRequest, application: Application, **more: Any) -> HttpResponse:
    """Return the page, with what this reader may see of reviews, names and report."""
    reading = reading_of(application, request.user)
    if not reading.sees(CONSENSUS):
        raise Http404
    consensus = report_of(application)
    context = {
        "application": application, "call": application.call, "reading": reading,
        "consensus": consensus, "rows": rows_of(application, consensus),
        "reviews": named(reading), "roles": reading.roles,
        "may_write": bool(reading.roles & {RAPPORTEUR, CHAIR}),
        "is_chair": CHAIR in reading.roles,
        "shortfall_form": ReasonForm(prefix="shortfall"),
        "reopen_form": ReasonForm(prefix="reopen"), **more,
    }  # fmt: skip
    if consensus is not None:
        context.setdefault("form", form_of(consensus))
        # A form that came in with `more` keeps what was typed and what is wrong with it.
        context = signing(consensus, reading) | context
    return render(request, "funding/consensus_detail.html", context)


def named(reading: Reading) -> list[dict[str, Any]]:
    """Return the reviews with a name, or with a letter where names are hidden."""
    return [
        {"review": each, "name": reading.reviewer_name(each.assignment), "letter": chr(65 + place),
         "is_own": reading.is_own(each.assignment)}
        for place, each in enumerate(reading.reviews)
    ]  # fmt: skip


def signing(consensus: Consensus, reading: Reading) -> dict[str, Any]:
    """Return who has signed, and the form for whoever has not."""
    signatures = {row.reviewer_id: row for row in consensus.signatures.all()}
    signers = list(signers_of(consensus))
    own = next((each for each in signers if reading.is_own(each)), None)
    return {
        "signatures": [
            {"name": reading.reviewer_name(each), "signature": signatures.get(each.reviewer_id)}
            for each in signers
        ],
        "signature_form": SignatureForm() if own and consensus.state == "signing" else None,
    }  # fmt: skip


def form_of(consensus: Consensus, data: Any = None) -> ConsensusForm:
    """Return the form of the report."""
    rows = rows_of(consensus.application, consensus)
    return ConsensusForm(data, consensus=consensus, rows=rows)


def saved(request: MemberRequest, application: Application) -> HttpResponse:
    """Keep the report as far as it is written, and send it to be signed where that was asked."""
    consensus = report_of(application)
    if consensus is None:
        raise Http404
    form = form_of(consensus, request.POST)
    if not form.is_valid():
        return consensus_page(request, application, form=form)
    values = form.cleaned_data
    try:
        kept = save_consensus(consensus, actor=request.user, text=values["text"],
                              scores=form.scores(), number=values["number"])  # fmt: skip
        if "ask" in request.POST:
            ask_for_signatures(kept, actor=request.user)
    except (RefusedError, EditConflict) as refused:
        return kept_form(request, application, consensus, refused)
    messages.success(request, _("The report is saved."))
    return redirect(PAGE, application.pk)


def kept_form(
    request: MemberRequest, application: Application, consensus: Consensus, refused: Exception
) -> HttpResponse:
    """Return the form with what was typed, and why it was not taken."""
    consensus.refresh_from_db()
    data = {**request.POST.dict(), "number": consensus.number}
    form = form_of(consensus, data)
    form.is_valid()
    words = [_("Somebody else has saved the report meanwhile. Look at it, then save yours again.")]
    if isinstance(refused, RefusedError):
        words = words_of(refused)
    return consensus_page(request, application, form=blocked(form, words))


@login_required
@require_POST
def consensus_open(request: MemberRequest, pk: int) -> HttpResponse:
    """Begin the report with fewer reviews than wanted, by the chair."""
    application = judged(request, pk)
    return done(request, lambda: open_consensus(
        application, actor=request.user, shortfall=reason_of(request, "shortfall")),
        _("The consensus is open."), PAGE, pk)  # fmt: skip


@login_required
@require_POST
def consensus_sign(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a reviewer's signature."""
    application = report_reader(request, pk).application
    consensus, form = report_of(application), SignatureForm(request.POST)
    if consensus is None or not form.is_valid():
        return consensus_page(request, application, signature_form=form)
    values = form.cleaned_data
    return done(request, lambda: sign(consensus, actor=request.user, **values),
                _("Thank you: your signature is kept."), PAGE, pk)  # fmt: skip


@login_required
@require_POST
def consensus_reopen(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a report again that was sent to be signed."""
    consensus = report_of(report_reader(request, pk).application)
    if consensus is None:
        raise Http404
    return done(request, lambda: reopen_consensus(
        consensus, actor=request.user, reason=reason_of(request, "reopen")),
        _("The report can be changed; signatures are asked for anew."), PAGE, pk)  # fmt: skip
