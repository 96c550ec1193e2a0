"""Runs of assignments: asked for, computed by the worker, moved by hand, applied all or nothing."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy, gettext_noop

from funding.assignment import (
    Progress,
    Result,
    Status,
    faults,
    faults_of_problem,
    relaxations,
    solve,
)
from funding.machines import OFFICER
from funding.models import (
    Application,
    AssignmentRun,
    Call,
    Expert,
    ReviewAssignment,
)
from funding.permissions import roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.assignment_problem import VERSION, CallProblem, problem_of
from funding.services.conflicts import forbidding, refresh_conflicts
from funding.services.ledger import record
from funding.services.people import person_of
from funding.services.review_steps import begin_reviews
from konnect.accounts.doorbell import ring
from konnect.pulse import Pulse

if TYPE_CHECKING:
    from konnect.accounts.models import User

logger = logging.getLogger(__name__)
State = AssignmentRun.State

TASK = "funding.tasks.work_on_assignment_runs"
SECONDS = 60.0
LEASE = timedelta(seconds=30)
TRIES = 3
LOST = gettext_noop("The worker was ended three times while it computed. Nothing was changed.")
UNREADABLE = gettext_noop("The loads of some experts contradict each other.")
BROKEN_RULE = gettext_noop("The result did not pass the check and was thrown away.")
OUTDATED = Blocker(
    "outdated",
    gettext_lazy("Something has changed since this run: a conflict, a load, a pin. Run it again."),
)
NOT_DONE = Blocker("not_done", gettext_lazy("This run has no assignment that could be applied."))
NOT_REVIEWING = Blocker("not_reviewing", gettext_lazy("Reviews of this call are not open."))
HAS_CONFLICT = Blocker(
    "has_conflict", gettext_lazy("A conflict of interest stands between these two.")
)
WAS_ENDED = Blocker(
    "was_ended", gettext_lazy("This expert has declined or left this application before.")
)


def queue_run(
    call: Call, *, actor: User, objective: str = "worst", seed: int = 1, cap: float | None = None
) -> AssignmentRun | None:
    """Ask for an assignment; None while another one is computed.

    Raises:
        PermissionDenied: only the programme officer does.
    """
    officer_only(call, actor)
    try:
        with transaction.atomic():
            run = AssignmentRun.objects.create(
                call=call, objective=objective, seed=seed, started_by=actor, version=VERSION,
                inputs={"cap": cap},
            )  # fmt: skip
            ring(TASK)
            return run
    except IntegrityError:
        return None


def officer_only(call: Call, user: User) -> None:
    """Raise PermissionDenied for everybody but the programme officer of a call."""
    if OFFICER not in roles_for(call, user):
        raise PermissionDenied


# --- The worker -----------------------------------------------------------------------------------


def work_on_runs() -> int:
    """Compute run after run, those first whose worker is gone; return how many."""
    done = 0
    while (run := claim_run()) is not None:
        work_on(run)
        done += 1
    return done


def claim_run() -> AssignmentRun | None:
    """Return a run that belongs to this worker alone until its lease ends."""
    lost = Q(state=State.RUNNING, leased_until__lt=Now())
    with transaction.atomic():
        rows = AssignmentRun.objects.select_for_update(skip_locked=True, of=("self",))
        run = rows.filter(Q(state=State.QUEUED) | lost).order_by("pk").first()
        if run is None:
            return None
        if run.tries >= TRIES:
            end(run, State.FAILED, error=LOST)
            return claim_run()
        AssignmentRun.objects.filter(pk=run.pk).update(
            state=State.RUNNING, tries=F("tries") + 1, leased_until=Now() + LEASE, progress={}
        )
        run.refresh_from_db()
        return run


def end(run: AssignmentRun, state: str, **columns: Any) -> bool:
    """Write how a run ended; False if another worker has it by now."""
    mine = AssignmentRun.objects.filter(pk=run.pk, tries=run.tries)
    mine = mine.filter(state__in=(State.QUEUED, State.RUNNING))
    return bool(mine.update(state=state, finished_at=Now(), leased_until=None, **columns))


class Lease(Pulse):
    """Renews the lease of a run while its solver works, and tells how far it is."""

    every_seconds = 2.0

    def __init__(self, run: AssignmentRun) -> None:
        """Begin with the run as this worker has claimed it."""
        super().__init__(f"lease-{run.pk}")
        self.claim = AssignmentRun.objects.filter(pk=run.pk, state=State.RUNNING, tries=run.tries)
        self.progress: dict[str, Any] = {}

    def tell(self, progress: Progress) -> None:
        """Note how far the solver is; the next beat writes it."""
        self.progress = {name: value if isinstance(value, str) else round(value, 4)
                         for name, value in asdict(progress).items()}  # fmt: skip

    def sign(self) -> None:
        """Renew the lease once."""
        kept = self.claim.update(leased_until=Now() + LEASE, progress=self.progress)
        self.is_lost = not kept


def work_on(run: AssignmentRun) -> None:
    """Compute a run to its end, whatever that is."""
    try:
        with Lease(run) as lease:
            compute(run, lease)
    except Exception as error:
        logger.exception("Assignment run %s failed", run.pk)
        end(run, State.FAILED, error=f"{type(error).__name__}: {error}"[:300])


def compute(run: AssignmentRun, lease: Lease) -> None:
    """Look for conflicts, read the facts, solve, have the result checked, and keep it."""
    refresh_conflicts(run.call)
    found = problem_of(run.call, seed=run.seed, cap=run.inputs.get("cap"))
    columns: dict[str, Any] = {"inputs": found.inputs, "inputs_sha256": found.sha256}
    if faults_of_problem(found.problem):
        end(run, State.FAILED, error=UNREADABLE, **columns)
        return
    result = solve(found.problem, objective=run.objective, seconds=SECONDS, tell=lease.tell,
                   should_stop=lambda: lease.is_lost)  # fmt: skip
    has_one = result.status in (Status.OPTIMAL, Status.FEASIBLE)
    if has_one and faults(found.problem, result.assigned):
        end(run, State.FAILED, error=BROKEN_RULE, **columns)
        return
    end(run, State.DONE, result=kept(found, result), **columns)


def kept(found: CallProblem, result: Result) -> dict[str, Any]:
    """Return what a run keeps of its result, in numbers of rows."""
    pinned = set(found.problem.pinned)
    pairs = [
        [found.applications[place], found.experts[expert],
         round(float(found.problem.affinity[expert, place]), 6), (expert, place) in pinned]
        for expert, place in zip(*result.assigned.nonzero(), strict=True)
    ]  # fmt: skip
    return {
        "pairs": pairs, "status": str(result.status), "total": result.total,
        "worst": result.worst, "bound_total": result.bound_total,
        "bound_worst": result.bound_worst, "is_optimal": result.is_optimal,
        "seconds": round(result.seconds, 2),
        "loads": dict(zip(map(str, found.experts), result.loads.tolist(), strict=True)),
        "relaxations": ways_out(found) if result.status == Status.INFEASIBLE else [],
    }  # fmt: skip


def ways_out(found: CallProblem) -> list[dict[str, Any]]:
    """Return what to give up, and by how much, in numbers of rows."""
    try:
        rows = relaxations(found.problem, seconds=SECONDS)
    except TimeoutError:
        return []
    return [
        {
            "code": str(row.code), "by": row.by,
            "expert": found.experts[row.reviewer] if row.reviewer >= 0 else None,
            "application": found.applications[row.application] if row.application >= 0 else None,
            "group": found.problem.groups[row.number].name if row.number >= 0 else "",
        }
        for row in rows
    ]  # fmt: skip


# --- The officer ----------------------------------------------------------------------------------


def discard_run(run: AssignmentRun, *, actor: User) -> None:
    """Put a run away; nobody was told of it.

    Raises:
        PermissionDenied, RefusedError: not the officer; it is over.
    """
    officer_only(run.call, actor)
    rows = AssignmentRun.objects.filter(pk=run.pk, state__in=(State.QUEUED, State.DONE))
    if not rows.update(state=State.DISCARDED, finished_at=Now()):
        raise RefusedError([NOT_DONE])


@transaction.atomic
def apply_run(run: AssignmentRun, *, actor: User) -> int:
    """Make a run's pairs the proposals of the call, all of them or none; return how many.

    Nobody is asked yet. Whatever does not hold any more refuses the whole.

    Raises:
        PermissionDenied, RefusedError: not the officer; not done, or something has changed.
        IntegrityError: a conflict appeared in this very moment; nothing was applied.
    """
    officer_only(run.call, actor)
    locked = AssignmentRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    pairs = {(row[0], row[1]): row[2] for row in locked.result.get("pairs", ())}
    if locked.state != State.DONE or not pairs:
        raise RefusedError([NOT_DONE])
    if run.call.state != "reviewing":
        raise RefusedError([NOT_REVIEWING])
    now = problem_of(run.call, seed=run.seed, with_likeness=False)
    table = now.table(pairs)
    if faults(now.problem, table) or table.sum() != len(pairs):
        raise RefusedError([OUTDATED])
    write_pairs(locked, pairs)
    AssignmentRun.objects.filter(pk=run.pk).update(state=State.APPLIED)
    facts = {"run": run.pk, "inputs": locked.inputs_sha256, "pairs": len(pairs)}
    record(run.call, "assign", actor=person_of(actor), after=facts)
    return len(pairs)


def write_pairs(run: AssignmentRun, pairs: dict[tuple[int, int], float]) -> None:
    """Replace the proposals of a call; what is fixed or already asked for stays."""
    rows = ReviewAssignment.objects.filter(application__call=run.call)
    rows.filter(state="proposed", is_pinned=False).delete()
    there = set(rows.values_list("application", "reviewer"))
    versions = versions_of({application for application, _expert in pairs})
    ReviewAssignment.objects.bulk_create(
        ReviewAssignment(
            application_id=application, version_id=versions[application], reviewer_id=expert,
            run=run, affinity=affinity,
        )
        for (application, expert), affinity in pairs.items()
        if (application, expert) not in there
    )  # fmt: skip
    begin_reviews(versions)


def versions_of(application_ids: set[int]) -> dict[int, int]:
    """Return, by application, the id of the version that counts."""
    rows = Application.objects.filter(
        pk__in=application_ids, versions__number=F("submitted_version")
    )
    return dict(rows.values_list("pk", "versions__pk"))


@transaction.atomic
def pin(call: Call, application: Application, expert: Expert, *, actor: User) -> ReviewAssignment:
    """Fix an expert at an application by hand: the next run plans around it.

    Raises:
        PermissionDenied, RefusedError: not the officer; a conflict stands, or it was ended before.
    """
    officer_only(call, actor)
    if forbidding(expert.person_id, application.pk).exists():
        raise RefusedError([HAS_CONFLICT])
    version = application.counted
    row, _is_new = ReviewAssignment.objects.get_or_create(
        application=application, reviewer=expert, stage=1, defaults={"version": version}
    )
    if row.state in ("declined", "recused"):
        raise RefusedError([WAS_ENDED])
    ReviewAssignment.objects.filter(pk=row.pk).update(is_pinned=True)
    record(application, "pin", actor=person_of(actor), after={"expert": expert.pk})
    return row


@transaction.atomic
def unpin(assignment: ReviewAssignment, *, actor: User) -> None:
    """Let go what was fixed by hand; a proposal that nobody knows of is taken away.

    Raises:
        PermissionDenied: not the officer.
    """
    application = assignment.application
    officer_only(application.call, actor)
    rows = ReviewAssignment.objects.filter(pk=assignment.pk)
    rows.update(is_pinned=False)
    rows.filter(state="proposed").delete()
    record(application, "unpin", actor=person_of(actor), after={"expert": assignment.reviewer_id})


def latest_runs(call: Call, most: int = 10) -> list[AssignmentRun]:
    """Return the newest runs of a call, without what went in."""
    return list(call.assignment_runs.defer("inputs").select_related("started_by")[:most])


def spent_seconds(run: AssignmentRun) -> float:
    """Return how long a run has been waiting or working."""
    until = run.finished_at or timezone.now()
    return (until - run.queued_at).total_seconds()
