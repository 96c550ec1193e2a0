"""A call in two steps: outlines with a panel, and the call for full applications."""

from datetime import timedelta

from django.utils import timezone

from funding.models import Call
from funding.services.decisions import decide_by_list
from funding.services.full_calls import prepare_full_call
from funding.services.releases import agree_to_release, close_decisions
from tests.funding.panel_stage import panel_stage
from tests.funding.test_allocations import EURO, WON, budget, frozen


def outline_stage(count=5, *, korea=WON, **columns):
    """Return a call for outlines with its panel; Korea's money is enough for one application.

    So that three, whose sum is three times the money, are invited.
    """
    stage = panel_stage(count, is_outline=True, **columns)
    budget(stage, "europe", 2 * EURO)
    budget(stage, "korea", korea)
    return stage


def with_minutes(stage):
    """Write the minutes, without which decisions cannot be closed."""
    panel = stage.call.panel
    panel.minutes = "Everybody was there."
    panel.save()


def approve(call, **columns):
    """Let a call be approved and open."""
    now = timezone.now()
    dates = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=30),
             "opens_wall": "2026-01-15T09:00", "closes_wall": "2031-11-15T24:00"}  # fmt: skip
    Call.objects.filter(pk=call.pk).update(**{**dates, **columns})
    Call.objects.filter(pk=call.pk).update(state="approved", approved_at=now)
    call.refresh_from_db()
    return call


def invited_stage(count=5, *, is_open=True, **columns):
    """Return the stage after the release of the invitations, and the call that they lead to."""
    stage = outline_stage(count, **columns)
    frozen(stage)
    decide_by_list(stage.call, actor=stage.chair)
    full = prepare_full_call(stage.call, actor=stage.officer)
    approve(full, **({} if is_open else {"opens_at": timezone.now() + timedelta(days=5)}))
    with_minutes(stage)
    close_decisions(stage.call, actor=stage.chair)
    for officer in (stage.chair, stage.europe, stage.korea):
        agree_to_release(stage.call, actor=officer)
    stage.call.refresh_from_db()
    for each in stage.applications:
        each.refresh_from_db()
    return stage, full
