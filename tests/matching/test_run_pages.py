"""Runs as the portal's staff see them, and from the terminal."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matching.models import MatchRun, MatchRunState
from matching.services import matching, run_blocks
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.run_progress import progress_of
from matching.services.run_states import fail_run, start_run

pytestmark = pytest.mark.usefixtures("lexical")


@pytest.fixture
def page_of(client_of, staff):
    """Return a function that reads a page as an administrator."""
    client = client_of(staff)

    def read(name, *arguments, language="en"):
        client.cookies["django_language"] = language
        staff.language = language
        staff.save()
        answer = client.get(reverse(f"matching:{name}", args=arguments))
        assert answer.status_code == 200
        return answer.content.decode()

    return read


@pytest.fixture
def half_done(minji, anna):
    """A run whose first block is done."""
    refresh_stale_embeddings()
    run = start_run()
    matching.prepare_run(run)
    run_blocks.work_on_blocks(run, seconds=0)
    return run


def test_list_without_runs_says_when_the_first_begins(page_of):
    assert "No run yet" in page_of("run_list")
    assert "아직 실행이 없습니다" in page_of("run_list", language="ko")


def test_list_shows_every_run_with_its_figures(page_of, half_done):
    page = page_of("run_list")

    assert f"Run {half_done.pk}" in page
    assert "status-running" in page


def test_list_needs_the_same_queries_for_any_number_of_runs(client_of, staff, half_done):
    client = client_of(staff)
    address = reverse("matching:run_list")
    counts = []

    for _ in range(3):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
        fail_run(MatchRun.objects.running(), reason="test")
        start_run()

    assert counts[1] == counts[2] <= counts[0]


def test_page_asks_again_only_while_the_run_goes_on(page_of, half_done):
    going_on = page_of("run_detail", half_done.pk)
    matching.complete_run(half_done)
    over = page_of("run_detail", half_done.pk)

    assert 'hx-trigger="every 2s"' in going_on
    assert "Stop the run" in going_on
    assert "1 of 1 blocks" in going_on
    assert "hx-trigger" not in over
    assert "Repeat the run" in over
    assert run_blocks.worker_name() in over


def test_page_says_why_a_run_failed_in_the_readers_language(page_of, half_done):
    fail_run(half_done, reason=run_blocks.NO_MEMORY)

    assert "not enough memory" in page_of("run_detail", half_done.pk)
    assert "메모리가 부족" in page_of("run_detail", half_done.pk, language="ko")


def test_stopping_asks_first_and_is_done_once(client_of, staff, half_done, page_of):
    client = client_of(staff)
    address = reverse("matching:run_cancel", args=[half_done.pk])
    question = page_of("run_cancel", half_done.pk)

    answers = [client.post(address, follow=True).content.decode() for _ in range(2)]

    half_done.refresh_from_db()
    assert half_done.state == MatchRunState.CANCELLED
    assert half_done.changes.get().actor == staff
    assert "Workers stop after the block" in question
    assert "Nothing of it is shown." in answers[0]
    assert "The run was over already." in answers[1]


def test_repeating_begins_a_run_over_the_same_input(client_of, staff, half_done):
    first = matching.complete_run(half_done)
    address = reverse("matching:run_repeat", args=[first.pk])

    answer = client_of(staff).post(address, follow=True).content.decode()
    refused = client_of(staff).post(address, follow=True).content.decode()
    again = matching.complete_run(matching.run_due_matching())

    assert "The run is being repeated." in answer
    assert "Another run is going on." in refused
    assert again.repeats == first
    assert again.snapshot_hash == first.snapshot_hash


def test_run_whose_input_is_gone_is_not_repeated(client_of, staff, half_done):
    fail_run(half_done, reason="test")
    address = reverse("matching:run_repeat", args=[half_done.pk])

    answer = client_of(staff).post(address, follow=True).content.decode()

    assert "no longer kept" in answer
    assert MatchRun.objects.count() == 1


def test_staff_without_a_second_factor_are_sent_to_set_one_up(client_of, staff, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = True

    answer = client_of(staff).get(reverse("matching:run_list"))

    assert (answer.status_code, answer.url) == (302, reverse("mfa_index"))


def test_progress_counts_blocks_pairs_and_workers(half_done):
    (before,) = progress_of([half_done])
    (after,) = progress_of([matching.complete_run(half_done)])

    assert [stage.done for stage in before.stages] == [1, 0, 0]
    assert [stage.total for stage in after.stages] == [1, 1, 2]
    assert after.scoring.pairs == 1
    assert after.scoring.percent == 100
    assert after.workers == [run_blocks.worker_name()]
    assert after.people == 2


def test_command_runs_repeats_and_refuses(minji, anna):
    refresh_stale_embeddings()
    output = StringIO()

    call_command("run_matching", stdout=output)
    first = MatchRun.objects.current()
    call_command("run_matching", repeat=first.pk, stdout=output)

    assert "published: scoring pairs 1/1" in output.getvalue()
    assert MatchRun.objects.current().repeats == first
    with pytest.raises(CommandError, match="not kept"):
        call_command("run_matching", repeat=first.pk, stdout=output)


def test_command_watches_until_the_run_is_over(half_done, monkeypatch):
    output = StringIO()
    monkeypatch.setattr(
        "matching.management.commands.run_matching.time.sleep",
        lambda _seconds: matching.complete_run(MatchRun.objects.get(pk=half_done.pk)),
    )

    call_command("run_matching", watch=True, stdout=output)

    assert "running: scoring pairs 1/1" in output.getvalue()
    assert "published: " in output.getvalue()
