"""From asking another place to a filled profile: waiting, failing, choosing, taking, undoing."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from matching.models import Source, SourceRequest, SourceRequestState
from matching.permissions.contacts import RefusedError
from matching.services import source_fetching
from matching.services.source_fetching import claim_due_look, finish, look_at_due_source
from matching.services.source_offers import offers_of
from matching.services.source_requests import (
    LOOKS_A_DAY,
    drop_look,
    write_look,
)
from matching.sources import Reading
from tests.factories.matching import KoreanProfileFactory
from tests.matching import scholarly_server as does
from tests.matching.looks import ask, looked, refusal
from tests.matching.orcid_records import ORCID, record
from tests.matching.test_sources import AUTHOR, BIBTEX, RIS, WORKS
from tests.processes import PATIENCE

ROR = "04h9pn542"
READY, FAILED = SourceRequestState.READY, SourceRequestState.FAILED
WAITING, TAKEN = SourceRequestState.WAITING, SourceRequestState.TAKEN


# --- Asking and fetching ---


def test_look_is_fetched_and_ready(scholars, minji):
    look = looked(minji)

    assert (look.state, look.problem, look.tries) == (READY, "", 1)
    assert {row["kind"] for row in look.found} == {"text", "word", "place", "work", "project"}


def test_asking_the_same_while_it_is_fetched_changes_nothing(minji):
    assert ask(minji).pk == ask(minji).pk


def test_asking_anew_drops_what_was_not_chosen_from(scholars, minji):
    first = looked(minji)

    second = ask(minji)

    first.refresh_from_db()
    assert (first.state, first.found, first.asked) == (SourceRequestState.DROPPED, [], "")
    assert second.state == WAITING


def test_looks_have_a_limit_a_day(minji):
    for number in range(LOOKS_A_DAY):
        ask(minji, Source.DOI, f"10.1000/{number}")

    assert refusal(lambda: ask(minji, Source.DOI, "10.1000/x")) == "often"


@pytest.mark.parametrize(
    ("fault", "problem"),
    (
        (does.status(404), "unknown"),
        (does.status(409), "closed"),
        (does.redirect_to("http://127.0.0.1:1/"), "moved"),
    ),
)
def test_lasting_fault_fails_at_once(scholars, minji, fault, problem):
    scholars.faults = [fault]

    look = looked(minji)

    assert (look.state, look.problem, look.tries) == (FAILED, problem, 1)


@pytest.mark.parametrize(
    ("fault", "problem"),
    (
        (does.status(503), "unwell"),
        (does.status(429), "limited"),
        (does.error_page, "garbled"),
        (does.half_an_answer, "cut_off"),
        (does.nothing, "unreachable"),
    ),
)
def test_passing_fault_is_tried_again_and_then_given_up(scholars, minji, fault, problem):
    scholars.faults = [fault]
    healed = looked(minji)
    scholars.faults = [fault] * SourceRequest.MAXIMUM_TRIES
    given_up = looked(minji)

    assert (healed.state, healed.tries, healed.problem) == (READY, 2, "")
    assert (given_up.state, given_up.problem) == (FAILED, problem)
    assert given_up.tries == SourceRequest.MAXIMUM_TRIES


def test_service_that_asks_to_wait_is_not_asked_before(scholars, minji):
    scholars.faults = [does.status(429, Retry_After="600")]

    look = looked(minji)

    wait = look.next_try_at - timezone.now()
    assert (look.state, look.problem) == (WAITING, "limited")
    assert timedelta(minutes=9) < wait <= timedelta(minutes=10)
    assert len(scholars.asked) == 1


def test_record_of_another_is_not_read(scholars, minji):
    scholars.records[ORCID] = record() | {"orcid-identifier": {"path": "0000-0001-5109-3700"}}

    look = looked(minji)

    assert (look.state, look.problem, look.found) == (FAILED, "wrong_record", [])


def test_worker_that_died_leaves_the_look_to_the_next(scholars, minji):
    look = ask(minji)
    claim_due_look()
    assert look_at_due_source() is False

    SourceRequest.objects.update(next_try_at=timezone.now())
    look_at_due_source()

    look.refresh_from_db()
    assert (look.state, look.tries) == (READY, 2)


def test_worker_that_dies_each_time_ends_the_look(minji):
    look = ask(minji)
    for _ in range(SourceRequest.MAXIMUM_TRIES):
        claim_due_look()
        SourceRequest.objects.update(next_try_at=timezone.now())

    assert look_at_due_source() is False

    look.refresh_from_db()
    assert (look.state, look.problem) == (FAILED, "exhausted")


def test_answer_that_comes_after_the_lease_is_not_written(minji):
    ask(minji)
    late = claim_due_look()
    SourceRequest.objects.update(next_try_at=timezone.now())
    claim_due_look()

    finish(late, Reading())

    late.refresh_from_db()
    assert late.state == WAITING


def test_answer_to_a_dropped_look_is_not_written(minji):
    look = ask(minji)
    late = claim_due_look()
    drop_look(look, actor=minji.user)

    finish(late, Reading())

    late.refresh_from_db()
    assert late.state == SourceRequestState.DROPPED


def test_reader_that_breaks_ends_the_look_at_once(minji, monkeypatch):
    monkeypatch.setitem(source_fetching.READERS, Source.BIBTEX, lambda text: text[10**9])

    look = looked(minji, Source.BIBTEX, BIBTEX)

    assert (look.state, look.problem) == (FAILED, "exhausted")


# --- Sources ---


def test_openalex_is_asked_with_the_key(scholars, minji, settings):
    settings.OPENALEX_KEY = "secret"
    scholars.authors[ORCID], scholars.works[ORCID] = AUTHOR, WORKS

    look = looked(minji, Source.OPENALEX)

    assert {key for _path, key in scholars.asked} == {"Bearer secret"}
    assert [offer.is_ticked for offer in offers_of(look)].count(True) == 0
    assert "subjects" in {offer.group for offer in offers_of(look)}


@pytest.mark.parametrize(("source", "text"), ((Source.BIBTEX, BIBTEX), (Source.RIS, RIS)))
def test_file_is_read_without_asking_anybody(scholars, minji, source, text):
    look = looked(minji, source, text)

    assert look.state == READY
    assert [offer.group for offer in offers_of(look)].count("works") >= 2
    assert len(look.refused) == 3
    assert scholars.asked == []


def test_dois_are_looked_up_where_they_are_known(scholars, minji):
    scholars.works[ORCID] = WORKS
    scholars.registered["10.1000/def"] = {
        "message": {"DOI": "10.1000/DEF", "title": ["At Crossref"]}
    }

    look = looked(minji, Source.DOI, "10.1000/abc.1\n10.1000/def\n10.1000/none\nno doi")

    assert [offer.found for offer in offers_of(look)] == [
        "Stable perovskite modules", "At Crossref"
    ]  # fmt: skip
    assert [(row["line"], row["reason"]) for row in look.refused] == [
        (3, "unknown_doi"), (4, "no_doi"),
    ]  # fmt: skip


def test_dois_are_found_at_crossref_when_openalex_is_away(scholars, minji):
    scholars.faults = [does.status(503)]
    scholars.registered["10.1000/def"] = {
        "message": {"DOI": "10.1000/DEF", "title": ["At Crossref"]}
    }

    assert [offer.found for offer in offers_of(looked(minji, Source.DOI, "10.1000/def"))] == [
        "At Crossref"
    ]


# --- Two at the same moment ---


def at_once(*calls):
    """Run calls in threads that begin together; return what became of each."""
    outcomes, gathering = [], Barrier(len(calls))

    def run(call):
        gathering.wait(PATIENCE)
        try:
            call()
            outcomes.append("done")
        except (IntegrityError, RefusedError) as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return sorted(outcomes)


def between(monkeypatch, gathering):
    """Let both writers look for an open look before either writes one."""
    create = SourceRequest.objects.create

    def wait_and_create(**columns):
        gathering.wait(PATIENCE)
        return create(**columns)

    monkeypatch.setattr(SourceRequest.objects, "create", wait_and_create)


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_ask_at_once_get_one_open_look(monkeypatch):
    minji = KoreanProfileFactory()

    outcomes = at_once(
        lambda: ask(minji, asked="one"), lambda: ask(minji, asked="two"), lambda: ask(minji)
    )

    assert outcomes == ["done"] * 3
    assert minji.source_requests.open().count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_guarded", (True, False))
def test_without_the_lock_only_the_constraint_keeps_them_apart(monkeypatch, is_guarded):
    minji = KoreanProfileFactory()
    if not is_guarded:
        drop_constraint()
    between(monkeypatch, Barrier(2))

    outcomes = at_once(
        *[
            lambda asked=asked: write_look(
                minji, actor=minji.user, source=Source.ORCID, asked=asked
            )
            for asked in ("one", "two")
        ]
    )

    count = minji.source_requests.open().count()
    if not is_guarded:
        SourceRequest.objects.all().delete()
        restore_constraint()
    assert outcomes == (["IntegrityError", "done"] if is_guarded else ["done", "done"])
    assert count == (1 if is_guarded else 2)


def drop_constraint():
    with connection.schema_editor() as editor:
        editor.remove_constraint(SourceRequest, SourceRequest._meta.constraints[0])


def restore_constraint():
    with connection.schema_editor() as editor:
        editor.add_constraint(SourceRequest, SourceRequest._meta.constraints[0])


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_claim_the_same_look():
    minji = KoreanProfileFactory()
    ask(minji)
    claims = []

    at_once(*[lambda: claims.append(claim_due_look())] * 4)

    assert [claim is None for claim in claims].count(False) == 1
