"""What a person has in mobility calls, in every table, with telling words where they wrote."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from funding.models import (
    Award,
    Bid,
    BudgetLine,
    CallAmendment,
    CallApproval,
    CallExpert,
    Conflict,
    Consensus,
    Decision,
    DecisionAmount,
    Document,
    EligibilityOpinion,
    FollowOn,
    FollowUp,
    FunderOfficer,
    Grant,
    Outage,
    Output,
    Panel,
    PanelMember,
    Payment,
    Recusal,
    Report,
    ReportDue,
    Review,
    Score,
    SectionDraft,
    Signature,
    Trip,
)
from funding.services.ledger import record
from funding.services.people import person_of
from tests.factories.funding import ApplicationFactory, ExpertFactory, approved_call, days, team
from tests.factories.rights import word
from tests.funding.rows_made import SUM, assign, submit

YEAR = days(date(2032, 1, 1), date(2032, 12, 31))


def funding_of(minji, anna):
    """Let somebody run, apply, review, decide, travel and report; return the call."""
    call, me, her = approved_call(), person_of(minji.user), person_of(anna.user)
    runs(call, minji.user)
    own = applies(call, me, her)
    other = ApplicationFactory(call=call, lead=her)
    judges(call, other, me, minji.user)
    with transaction.atomic():
        grant = wins(call, own)
    travels(grant, me, her)
    reports(grant, me)
    record(own, "submit", actor=me)
    return call


def runs(call, user):
    """Speak for a funder, approve, amend, record an outage."""
    funder = call.commitments.first().funder
    FunderOfficer.objects.create(funder=funder, user=user)
    CallApproval.objects.create(call=call, funder=funder, approved_by=user)
    CallAmendment.objects.create(
        call=call, number=1, text_en="Later", text_ko="연장", made_by=user
    )
    now = timezone.now()
    Outage.objects.create(began_at=now - timedelta(hours=1), ended_at=now, note="Power",
                          recorded_by=user)  # fmt: skip
    call.changes.create(old_state="draft", new_state="approved", actor=user, reason=word("ok"))


def applies(call, me, her):
    """Lead an application with everything that belongs to it; return it."""
    own = ApplicationFactory(call=call, lead=me, title=word("title"))
    team(own, partner=her)
    SectionDraft.objects.create(
        application=own, code="summary", answers={"abstract": word("abstract")}, saved_by=me
    )
    funder = call.commitments.first().funder
    BudgetLine.objects.create(application=own, funder=funder, cost="travel", amount_minor=5)
    Document.objects.create(
        application=own, kind="other", name="plan.pdf", size=5, sha256=SUM, uploaded_by=me
    )
    submit(own)
    own.state, own.number, own.submitted_version = "submitted", 1, 1
    own.save()
    return own


def judges(call, application, me, user):
    """Review somebody else's application, sign, sit on the panel, and leave the room."""
    expert = ExpertFactory(person=me)
    CallExpert.objects.create(call=call, expert=expert, answer_by=timezone.now())
    Bid.objects.create(application=application, expert=expert, value=1)
    Conflict.objects.create(
        person=me, application=application, kind="organisation", is_hard=False, source="declared"
    )
    assignment = assign(application, expert, state="drafting")
    review = Review.objects.create(assignment=assignment, comment=word("review"))
    Score.objects.create(review=review, criterion=call.criteria.first(), value=3)
    version = application.versions.get()
    consensus = Consensus.objects.create(
        application=application, version=version, text=word("consensus"), saved_by=me
    )
    Signature.objects.create(consensus=consensus, reviewer=expert, stance="agree")
    EligibilityOpinion.objects.create(
        application=application, version=version, is_eligible=True, given_by=me
    )
    panel = Panel.objects.create(call=call)
    member = PanelMember.objects.create(panel=panel, person=me, side="korea")
    Recusal.objects.create(member=member, application=application, reason="Friends",
                           recorded_by=user)  # fmt: skip


def wins(call, own):
    """Get a grant; return it."""
    funder = call.commitments.first().funder
    decision = Decision.objects.create(application=own, outcome="funded")
    DecisionAmount.objects.create(decision=decision, funder=funder, amount_minor=5)
    grant = Grant.objects.create(
        decision=decision, reference="G-1", period=YEAR, answer_by=timezone.now()
    )
    award = Award.objects.create(grant=grant, funder=funder, amount_minor=5)
    Payment.objects.create(
        grant=grant, award=award, kind="start", amount_minor=2, paid_on=YEAR.lower
    )
    return grant


def travels(grant, me, her):
    """Go on a trip."""
    seats = grant.decision.application.participants
    Trip.objects.create(
        grant=grant, grant_period=grant.period, traveller=me, host=her,
        home_organisation=seats.get(role="lead").organisation,
        host_organisation=seats.get(role="partner").organisation, home_region="europe",
        host_region="korea", period=days(date(2032, 3, 1), date(2032, 3, 9)),
        purpose=word("purpose"), safety_contact=word("safety"),
    )  # fmt: skip


def reports(grant, me):
    """Owe and write reports, and say what came of the grant."""
    due = ReportDue.objects.create(
        grant=grant, kind="follow_up", sequence=1, due_on=date(2033, 1, 1)
    )
    Report.objects.create(due=due, number=1, answers={"all": word("answers")}, saved_by=me)
    FollowUp.objects.create(grant=grant, year=1, due=due, judged_by=me)
    Output.objects.create(
        grant=grant, kind="data", identifier="10.5555/1", title="Data", source="told"
    )
    FollowOn.objects.create(grant=grant, name="A later project")
