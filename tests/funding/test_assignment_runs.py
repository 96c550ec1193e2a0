"""Assignments of reviewers: from the tables to the solver and back, all or nothing."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from funding.assignment import faults, faults_of_problem
from funding.models import (
    AssignmentRun,
    Bid,
    CallExpert,
    Conflict,
    LedgerEntry,
    ReviewAssignment,
)
from funding.refusing import RefusedError
from funding.services.assignment_problem import problem_of
from funding.services.assignment_reports import report_of
from funding.services.assignment_runs import (
    apply_run,
    claim_run,
    discard_run,
    pin,
    queue_run,
    unpin,
    work_on_runs,
)
from tests.factories.funding import officer_of
from tests.funding.read_pages import asks_for
from tests.funding.review_stage import application_in, asked, expert_in, fresh, reviewing_call
from tests.together import together


@pytest.fixture
def call(db):
    return reviewing_call(reviews_wanted=2)


@pytest.fixture
def officer(call):
    return officer_of(call)


@pytest.fixture
def experts(call):
    return [expert_in(call, side=side) for side in ("europe", "korea", "europe", "korea")]


@pytest.fixture
def applications(call):
    return [application_in(call) for _each in range(3)]


def computed(call, officer, **wishes):
    run = queue_run(call, actor=officer, **wishes)
    work_on_runs()
    return fresh(run)


def test_a_run_finds_an_assignment_that_the_checker_takes(call, officer, experts, applications):
    run = computed(call, officer)

    assert (run.state, run.error) == ("done", "")
    assert run.result["is_optimal"]
    assert len(run.result["pairs"]) == 6
    found = problem_of(call, seed=1)
    table = found.table({(row[0], row[1]) for row in run.result["pairs"]})
    assert faults(found.problem, table) == ()
    assert run.result["total"] <= run.result["bound_total"] + 1e-9


def test_the_same_facts_have_the_same_check_sum(call, officer, experts, applications):
    first = computed(call, officer)
    discard_run(first, actor=officer)
    assert computed(call, officer).inputs_sha256 == first.inputs_sha256

    Bid.objects.create(application=applications[0], expert=experts[0], value=2)
    assert computed(call, officer).inputs_sha256 != first.inputs_sha256


def test_a_bid_raises_an_affinity_and_a_conflict_forbids_a_pair(call, experts, applications):
    before = problem_of(call, with_likeness=False).problem
    Bid.objects.create(application=applications[1], expert=experts[0], value=2)
    Conflict.objects.create(person=experts[2].person, application=applications[0], kind="adviser",
                            is_hard=False, source="declared")  # fmt: skip

    after = problem_of(call, with_likeness=False).problem

    assert after.affinity[0, 1] == pytest.approx(before.affinity[0, 1] + 0.05)
    assert after.forbidden[2, 0]
    assert after.forbidden.sum() == 1
    assert faults_of_problem(after) == ()


def test_an_overridden_conflict_and_a_false_one_forbid_nothing(call, experts, applications):
    facts = {"person": experts[0].person, "source": "declared", "reason": "x",
             "decided_by": experts[1].person, "seconded_by": experts[2].person}  # fmt: skip
    for application, kind, verdict in (
        (0, "adviser", "overridden"),
        (1, "family", "false_positive"),
    ):
        Conflict.objects.create(application=applications[application], kind=kind,
                                is_hard=kind == "family", verdict=verdict, **facts)  # fmt: skip

    assert not problem_of(call, with_likeness=False).problem.forbidden.any()


def test_whoever_left_an_application_does_not_get_it_again(call, experts, applications):
    row = asked(applications[0], experts[0])
    ReviewAssignment.objects.filter(pk=row.pk).update(state="declined")

    assert problem_of(call, with_likeness=False).problem.forbidden[0, 0]


def test_applying_proposes_every_pair_and_names_a_rapporteur_each(
    call, officer, experts, applications
):
    run = computed(call, officer)

    assert apply_run(run, actor=officer) == 6

    assert fresh(run).state == "applied"
    rows = ReviewAssignment.objects.filter(application__call=call)
    assert {row.state for row in rows} == {"proposed"}
    assert rows.filter(is_rapporteur=True).count() == 3
    assert {row.version_id for row in rows} == {each.versions.get().pk for each in applications}
    assert LedgerEntry.objects.filter(noun="call", event="assign").count() == 1


def test_applying_again_replaces_what_was_only_proposed(call, officer, experts, applications):
    apply_run(computed(call, officer), actor=officer)
    apply_run(computed(call, officer, objective="total", seed=2), actor=officer)

    assert ReviewAssignment.objects.filter(application__call=call).count() == 6


@pytest.mark.parametrize("change", ("conflict", "load", "pin"))
def test_what_does_not_hold_any_more_is_applied_not_at_all(
    call, officer, experts, applications, change
):
    run = computed(call, officer)
    application, expert, *_more = run.result["pairs"][0]
    row = CallExpert.objects.get(call=call, expert=expert)
    if change == "conflict":
        Conflict.objects.create(person=row.expert.person, application_id=application,
                                kind="family", is_hard=True, source="declared")  # fmt: skip
    elif change == "load":
        CallExpert.objects.filter(pk=row.pk).update(most=0)
    else:
        taken = {each[1] for each in run.result["pairs"] if each[0] == application}
        other = next(each for each in experts if each.pk not in taken)
        pin(call, type(applications[0]).objects.get(pk=application), other, actor=officer)
    before = ReviewAssignment.objects.count()

    with pytest.raises(RefusedError) as refused:
        apply_run(run, actor=officer)

    assert refused.value.blockers[0].code == "outdated"
    assert ReviewAssignment.objects.count() == before
    assert fresh(run).state == "done"


def test_runs_plan_around_pins_and_what_was_asked_for(call, officer, experts, applications):
    pin(call, applications[0], experts[3], actor=officer)
    asked(applications[1], experts[2])

    run = computed(call, officer)

    pairs = {(row[0], row[1]): row[3] for row in run.result["pairs"]}
    assert pairs[applications[0].pk, experts[3].pk]
    assert pairs[applications[1].pk, experts[2].pk]
    apply_run(run, actor=officer)
    assert ReviewAssignment.objects.get(
        reviewer=experts[2], application=applications[1]
    ).state == ("invited")


def test_a_pin_beside_a_conflict_is_refused_and_one_can_be_let_go(
    call, officer, experts, applications
):
    row = pin(call, applications[0], experts[0], actor=officer)
    unpin(row, actor=officer)
    assert not ReviewAssignment.objects.exists()
    Conflict.objects.create(person=experts[0].person, application=applications[0], kind="family",
                            is_hard=True, source="declared")  # fmt: skip

    with pytest.raises(RefusedError, match="has_conflict"):
        pin(call, applications[0], experts[0], actor=officer)


def test_without_a_way_the_smallest_change_is_told_in_words(call, officer, applications):
    expert_in(call, most=3)
    korean = expert_in(call, side="korea", most=1)

    run = computed(call, officer)

    assert run.result["status"] == "infeasible"
    assert run.result["pairs"] == []
    words = [str(way) for way in report_of(run).ways_out]
    assert words == [f"{korean}: allow 2 more reviews."]


def test_one_run_at_a_time(call, officer):
    assert queue_run(call, actor=officer) is not None
    assert queue_run(call, actor=officer) is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_run():
    call = reviewing_call()
    queue_run(call, actor=officer_of(call))

    taken = together(claim_run, claim_run)

    assert sorted(run is None for run in taken) == [False, True]


def test_a_run_without_a_worker_is_taken_up_and_given_up_at_last(call, officer):
    run = queue_run(call, actor=officer)
    for tries in (1, 2, 3):
        assert claim_run().tries == tries
        assert claim_run() is None
        AssignmentRun.objects.update(leased_until=Now() - timedelta(seconds=1))

    assert claim_run() is None
    assert fresh(run).state == "failed"
    assert "three times" in fresh(run).error


WORKER = """
import django; django.setup()
import time
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {name!r}
from django.db import connection
connection.settings_dict["NAME"] = {name!r}
from funding.services import assignment_runs
def slow(*given, **named):
    print("solving", flush=True)
    time.sleep(60)
assignment_runs.solve = slow
assignment_runs.work_on_runs()
"""


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_nothing_half_done():
    call = reviewing_call(reviews_wanted=2)
    for side in ("europe", "korea"):
        expert_in(call, side=side)
    application_in(call)
    run = queue_run(call, actor=officer_of(call))
    code = WORKER.format(name=connection.settings_dict["NAME"])
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    begin = [sys.executable, "-c", code]
    with subprocess.Popen(begin, env=environment, text=True, stdout=subprocess.PIPE) as worker:
        assert worker.stdout.readline() == "solving\n"
        worker.send_signal(signal.SIGKILL)

    assert fresh(run).state == "running"
    assert not ReviewAssignment.objects.exists()
    assert work_on_runs() == 0
    AssignmentRun.objects.update(leased_until=Now() - timedelta(seconds=1))
    assert work_on_runs() == 1

    assert (fresh(run).state, fresh(run).tries) == ("done", 2)
    assert len(fresh(run).result["pairs"]) == 2


# --- Pages ----------------------------------------------------------------------------------------


def test_the_officer_computes_applies_and_asks(call, officer, experts, applications, client_of):
    client = client_of(officer)
    page = reverse("funding:assignment_detail", args=[call.pk])
    answer = client.post(page, {"objective": "worst", "cap": "1.0", "seed": "1"})
    # What is swapped every two seconds holds nothing that could have the focus, and is not read out.
    waiting = client.get(answer.url).content.decode().partition('id="run"')[2]
    waiting = waiting.partition("</main>")[0]
    assert "hx-get" in waiting
    assert not any(each in waiting for each in ("<a ", "<button", "data-announce"))
    work_on_runs()

    shown = client.get(answer.url).content.decode()
    assert "Best possible" in shown
    assert "data-announce" in shown
    run = AssignmentRun.objects.get()
    client.post(reverse("funding:assignment_decide", args=[call.pk, run.pk, "apply"]))
    refused = client.post(reverse("funding:assignment_ask", args=[call.pk]), {"answer_by": ""})
    assert refused.context["ask_form"].errors["answer_by"]
    assert 'href="#id_answer_by"' in refused.content.decode()
    later = (timezone.now() + timedelta(days=9)).date().isoformat()
    client.post(reverse("funding:assignment_ask", args=[call.pk]), {"answer_by": later})

    assert ReviewAssignment.objects.filter(state="invited").count() == 6
    assert "rapporteur" in client.get(page).content.decode()


def test_nobody_else_sees_who_reviews(call, experts, applications, client_of, staff):
    page = reverse("funding:assignment_detail", args=[call.pk])

    for user in (experts[0].person.user, applications[0].lead.user, staff):
        assert client_of(user).get(page).status_code == 404


def test_the_page_costs_the_same_for_many(call, officer, client_of):
    client, counts = client_of(officer), []
    for more in (1, 2, 3):
        for _each in range(more):
            asked(application_in(call), expert_in(call))
        counts.append(asks_for(client, reverse("funding:assignment_detail", args=[call.pk])))

    assert counts[0] == counts[1] == counts[2]
