"""Calls in two steps: outlines are invited, and only they become full applications."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from funding.allocation import Project
from funding.forms_schema import default_schema, outline_schema, schema_of
from funding.inviting import too_few
from funding.models import (
    Application,
    BudgetLine,
    Call,
    Decision,
    DecisionAmount,
    Participant,
    SectionDraft,
)
from funding.refusing import RefusedError
from funding.services.allocations import money_of
from funding.services.call_events import happen
from funding.services.call_saving import save_call
from funding.services.decisions import decide_by_list, set_decision
from funding.services.draft_content import read_draft
from funding.services.drafts import start_draft
from funding.services.full_applications import start_application
from funding.services.full_calls import prepare_full_call
from funding.services.letters import result_for
from funding.services.releases import close_decisions
from tests.factories.accounts import UserFactory
from tests.factories.funding import (
    ApplicationFactory,
    approved_call,
    funder_officer_of,
    officer_of,
    prepared_call,
)
from tests.factories.matching import KoreanProfileFactory, ProfileFactory
from tests.funding.outline_stage import approve, invited_stage, outline_stage, with_minutes
from tests.funding.rows_made import refused
from tests.funding.test_allocations import frozen
from tests.together import together

pytestmark = pytest.mark.django_db


def states(stage):
    rows = Application.objects.filter(call=stage.call).order_by("pk")
    return list(rows.values_list("state", flat=True))


def codes(refusal):
    return {each.code for each in refusal.value.blockers}


# --- What the tables hold -------------------------------------------------------------------------


def test_the_second_step_follows_an_approved_call_for_outlines():
    outlines, single, draft = (
        approved_call(is_outline=True), approved_call(), prepared_call(is_outline=True)
    )  # fmt: skip
    row = Call.objects.filter(pk=prepared_call().pk)

    row.update(outline_call=outlines, stage=2)
    for columns, name in (
        ({"outline_call": single, "stage": 2}, "follows an approved one"),
        ({"outline_call": draft, "stage": 2}, "follows an approved one"),
        ({"outline_call": outlines, "stage": 1}, "call_second_stage_follows"),
        ({"outline_call": None, "stage": 2}, "call_second_stage_follows"),
        ({"is_outline": True}, "call_second_stage_follows"),
    ):
        with refused(name), transaction.atomic():
            row.update(**columns)


def test_the_steps_of_an_approved_call_are_frozen():
    outlines = approved_call(is_outline=True)
    full = approved_call(outline_call=outlines, stage=2)

    for call, columns in ((outlines, {"is_outline": False}), (full, {"outline_call": None})):
        with refused("frozen|second_stage"), transaction.atomic():
            Call.objects.filter(pk=call.pk).update(**columns)


def test_a_call_that_another_one_follows_stays_one_for_outlines():
    outlines = approved_call(is_outline=True)
    prepared_call(outline_call=outlines, stage=2)
    Call.objects.filter(pk=outlines.pk).update(state="in_approval", approved_at=None)

    with refused("a full call follows"), transaction.atomic():
        Call.objects.filter(pk=outlines.pk).update(is_outline=False)


def test_only_whoever_was_invited_has_a_full_application():
    stage, full = invited_stage()
    best, last = stage.applications[0], stage.applications[-1]

    Application.objects.create(call=full, lead=best.lead, outline=best)
    for lead, outline, name in (
        (last.lead, last, "who were invited"),
        (last.lead, best, "who were invited"),
        (last.lead, None, "who were invited"),
        (best.lead, best, "one_full_application_an_outline|one_live_application"),
    ):
        with refused(name), transaction.atomic():
            Application.objects.create(call=full, lead=lead, outline=outline)


def test_an_application_to_another_call_has_no_outline():
    stage, _full = invited_stage()
    best = stage.applications[0]

    with refused("who were invited"), transaction.atomic():
        Application.objects.create(call=approved_call(), lead=best.lead, outline=best)


def test_outlines_are_never_funded_and_full_applications_never_invited():
    for is_outline, outcome in (
        (True, "funded"),
        (True, "reserve"),
        (True, "not_funded"),
        (False, "invited"),
        (False, "not_invited"),
    ):
        application = ApplicationFactory(call=approved_call(is_outline=is_outline))
        with refused("outlines are invited"), transaction.atomic():
            Decision.objects.create(application=application, outcome=outcome)


@pytest.mark.django_db(transaction=True)
def test_two_officers_who_prepare_the_second_step_at_once_get_the_same():
    call = approved_call(is_outline=True)
    officers = [officer_of(call), officer_of(call)]

    found = together(*(partial(prepare_full_call, call, actor=each) for each in officers))

    assert found[0].pk == found[1].pk
    assert call.full_calls.count() == 1


# --- Invitations ----------------------------------------------------------------------------------


def test_so_many_are_invited_as_ask_for_three_times_the_money():
    stage = outline_stage()
    frozen(stage)

    assert decide_by_list(stage.call, actor=stage.chair) == 5

    assert states(stage) == ["invited"] * 3 + ["not_invited"] * 2
    assert set(Decision.objects.values_list("outcome", flat=True)) == {"invited", "not_invited"}
    assert not DecisionAmount.objects.exists()
    assert stage.call.commitments.filter(committed_minor=0).count() == 2


def test_an_outline_below_a_threshold_is_not_invited_though_money_is_left():
    stage = outline_stage(scores=[(5, 5, 5), (2, 5, 5)])
    frozen(stage)
    decide_by_list(stage.call, actor=stage.chair)

    assert states(stage) == ["invited", "below_threshold"]


def test_the_chair_invites_one_more_with_a_reason_and_funds_none():
    stage = outline_stage()
    frozen(stage)
    decide_by_list(stage.call, actor=stage.chair)
    fourth = stage.applications[3]

    set_decision(fourth, actor=stage.chair, outcome="invited", amounts={}, reason="New field.")
    with pytest.raises(RefusedError) as refusal:
        set_decision(fourth, actor=stage.chair, outcome="funded", amounts={"x": 1}, reason="Why")

    assert codes(refusal) == {"wrong_step"}
    assert states(stage) == ["invited"] * 4 + ["not_invited"]


def test_nobody_is_invited_in_a_call_of_one_step():
    stage = outline_stage()
    Call.objects.filter(pk=stage.call.pk).update(state="draft", approved_at=None)
    Call.objects.filter(pk=stage.call.pk).update(is_outline=False)
    Call.objects.filter(pk=stage.call.pk).update(state="panel", approved_at=timezone.now())
    stage.call.refresh_from_db()
    frozen(stage)
    first = stage.applications[0]
    first.refresh_from_db()

    with pytest.raises(RefusedError) as refusal:
        set_decision(first, actor=stage.chair, outcome="invited", amounts={}, reason="Why not?")

    assert codes(refusal) == {"wrong_step"}


def test_too_few_are_invited_where_a_funder_is_asked_for_less_than_two_and_a_half_times():
    projects = [Project(number, number, {"eu": 10, "kr": 10}) for number in range(4)]

    assert too_few(projects, {0, 1}, {"eu": 10, "kr": 5}) == ["eu"]
    assert too_few(projects, {0, 1, 2}, {"eu": 10, "kr": 5}) == []
    # Nobody else is there who could be invited.
    assert too_few(projects[:1], {0}, {"eu": 10}) == []


def test_the_panel_is_told_of_whose_money_too_little_is_asked():
    # Europe's money is enough for four, Korea's for one: after three, Korea is asked for enough.
    stage = outline_stage(6)
    rank_list = frozen(stage)
    decide_by_list(stage.call, actor=stage.chair)

    invited = set(Application.objects.filter(state="invited").values_list("pk", flat=True))
    europe = stage.call.commitments.get(funder__side="europe").funder.code
    assert money_of(rank_list).too_little(invited) == [europe]
    assert money_of(rank_list).too_little({each.pk for each in stage.applications}) == []


def test_invitations_go_out_only_to_a_call_that_is_approved_and_not_over():
    stage = outline_stage()
    frozen(stage)
    decide_by_list(stage.call, actor=stage.chair)
    with_minutes(stage)

    def closing():
        with pytest.raises(RefusedError) as refusal:
            close_decisions(stage.call, actor=stage.chair)
        return codes(refusal)

    assert closing() == {"no_full_call"}
    full = prepare_full_call(stage.call, actor=stage.officer)
    assert closing() == {"no_full_call"}
    approve(full, closes_at=timezone.now() - timedelta(seconds=1))
    assert closing() == {"full_call_over"}
    approve(full)
    close_decisions(stage.call, actor=stage.chair)


def test_letters_invite_or_say_that_nobody_is():
    stage, full = invited_stage()
    first, last = stage.applications[0], stage.applications[-1]

    invited, left = (result_for(each, each.lead.user) for each in (first, last))

    assert "invited to apply in full" in str(invited.words)
    assert invited.full_call == full
    assert "not among those" in str(left.words)
    assert left.full_call is None


def test_a_call_for_outlines_has_no_projects_and_is_closed_out_at_once():
    stage, _full = invited_stage()

    with pytest.raises(RefusedError) as refusal:
        happen(stage.call, "run", actor=stage.officer)
    happen(stage.call, "close_out", actor=stage.officer)

    assert codes(refusal) == {"no_projects"}
    stage.call.refresh_from_db()
    assert stage.call.state == "closed_out"


# --- The call for full applications ---------------------------------------------------------------


def test_the_second_step_begins_with_texts_rules_and_money_of_the_first():
    call = approved_call(is_outline=True, number="J-9", blind_level=2)
    full = prepare_full_call(call, actor=officer_of(call))

    assert (full.stage, full.outline_call, full.state) == (2, call, "draft")
    assert full.number == "J-9-2"
    assert full.closes_at is None
    for part, names in (
        ("criteria", ("code", "weight", "threshold", "position", "name_ko")),
        ("commitments", ("funder", "currency", "budget_minor", "gap_pot_minor")),
        ("mission_rows", ("mission",)),
    ):
        rows = [list(getattr(each, part).values_list(*names)) for each in (call, full)]
        assert rows[0] == rows[1]
        assert rows[0]
    assert schema_of(full.forms.get().schema) == schema_of(default_schema())
    assert prepare_full_call(call, actor=officer_of(call)) == full


def test_only_its_officer_prepares_it_and_only_after_approved_outlines():
    call, draft = approved_call(is_outline=True), prepared_call(is_outline=True)
    single = approved_call()

    for actor in (UserFactory(), funder_officer_of(call)):
        with pytest.raises(PermissionDenied):
            prepare_full_call(call, actor=actor)
    for each, code in ((draft, "outlines_not_approved"), (single, "no_outlines")):
        with pytest.raises(RefusedError) as refusal:
            prepare_full_call(each, actor=officer_of(each))
        assert codes(refusal) == {code}


def test_after_a_cancelled_one_another_can_be_prepared():
    call = approved_call(is_outline=True, number="J-9")
    officer = officer_of(call)
    first = prepare_full_call(call, actor=officer)
    happen(first, "cancel", actor=officer, reason="The money is gone.")

    second = prepare_full_call(call, actor=officer)

    assert second.pk != first.pk
    assert second.number == "J-9-2-2"


def test_the_form_follows_the_step_until_the_call_is_approved():
    call = prepared_call(state="draft")
    officer = officer_of(call)

    for is_outline, expected in ((True, outline_schema()), (False, default_schema())):
        save_call(call, actor=officer, columns={"is_outline": is_outline})
        assert call.forms.get().schema == expected


def test_the_form_of_outlines_is_a_part_of_the_standard_one():
    full = {f"{section.code}.{field.code}": field
            for section, field in schema_of(default_schema()).fields()}  # fmt: skip
    short = {f"{section.code}.{field.code}": field
             for section, field in schema_of(outline_schema()).fields()}  # fmt: skip

    assert set(short) < set(full)
    assert short["work.aims"].most < full["work.aims"].most
    assert "work.plan" not in short


def test_an_outline_needs_no_description():
    application = ApplicationFactory(call=approved_call(is_outline=True))
    single = ApplicationFactory(call=approved_call())

    found = [{each.code for each in read_draft(row).problems} for row in (application, single)]

    assert found[1] - found[0] == {"description_missing"}


# --- Full applications ----------------------------------------------------------------------------


def written(outline):
    """Give an outline answers, money, and a partner who has a profile."""
    outline.title, outline.acronym = "Recycling of batteries", "RECYCLE"
    outline.save()
    SectionDraft.objects.create(
        application=outline, code="summary", number=3,
        answers={"abstract": "We take batteries apart.", "gone": "Nobody asks this any more."},
    )  # fmt: skip
    commitment = outline.call.commitments.first()
    BudgetLine.objects.create(
        application=outline, funder=commitment.funder, cost="travel", amount_minor=120_000
    )
    ProfileFactory(user=outline.lead.user)
    partner = outline.participants.get(role="partner")
    return KoreanProfileFactory(user=partner.person.user)


def test_a_full_application_begins_with_what_the_outline_said():
    stage, full = invited_stage()
    outline = stage.applications[0]
    partner = written(outline)

    made = start_application(full, actor=outline.lead.user)
    again = start_application(full, actor=outline.lead.user)

    made.refresh_from_db()
    assert again == made
    assert (made.outline, made.title, made.acronym) == (outline, outline.title, "RECYCLE")
    assert made.sections.get().answers == {"abstract": "We take batteries apart."}
    assert [line.amount_minor for line in made.budget.all()] == [120_000]
    seats = Participant.objects.filter(application=made).order_by("pk")
    assert list(seats.values_list("role", "state")) == [
        ("lead", "invited"), ("partner", "invited")
    ]  # fmt: skip
    assert seats[1].person.user == partner.user
    assert partner.user.notifications.filter(key__startswith="participant_invited").exists()


def test_somebody_who_withdrew_can_begin_again():
    stage, full = invited_stage()
    outline = stage.applications[0]
    written(outline)
    first = start_application(full, actor=outline.lead.user)
    Application.objects.filter(pk=first.pk).update(state="withdrawn")

    second = start_application(full, actor=outline.lead.user)

    assert second.pk != first.pk
    assert second.title == outline.title


def test_nobody_else_begins_one():
    stage, full = invited_stage()
    stranger, left = UserFactory(), stage.applications[-1].lead.user
    partner = stage.applications[0].participants.get(role="partner").person.user

    for user in (stranger, left, partner):
        ProfileFactory(user=user)
        with pytest.raises(RefusedError) as refusal:
            start_draft(full, actor=user)
        assert codes(refusal) == {"not_invited"}


def test_before_the_release_nobody_is_invited():
    stage = outline_stage()
    frozen(stage)
    decide_by_list(stage.call, actor=stage.chair)
    full = approve(prepare_full_call(stage.call, actor=stage.officer))
    lead = stage.applications[0].lead.user
    ProfileFactory(user=lead)

    with pytest.raises(RefusedError) as refusal:
        start_draft(full, actor=lead)

    assert codes(refusal) == {"not_invited"}


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_begin_one_full_application():
    stage, full = invited_stage()
    outline = stage.applications[0]
    written(outline)

    found = together(*[partial(start_application, full, actor=outline.lead.user)] * 2)

    assert found[0].pk == found[1].pk
    assert outline.full_applications.count() == 1
    assert BudgetLine.objects.filter(application=found[0]).count() == 1
