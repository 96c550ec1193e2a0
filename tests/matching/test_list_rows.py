"""Lists written by COPY arrive in PostgreSQL as they were."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection

from matching.models import MatchRun, SuggestionList
from matching.scoring import TERMS
from matching.services import list_rows
from matching.services.list_rows import EVIDENCE, ListTable, copy_lists, microseconds
from tests.factories.matching import ProfileFactory

KEEP, RESERVE = 5, 9
MOMENT = datetime(1999, 12, 31, 23, 59, 59, 123_457, tzinfo=UTC)


def random_table(person_ids, seed=1):
    """Return lists of all lengths, the empty one included, with large and negative numbers."""
    generator = np.random.default_rng(seed)
    count = len(person_ids)
    small = {"low": -(2**31), "high": 2**31, "dtype": np.int64}
    return ListTable(
        person_ids=np.array(person_ids, dtype=np.int64),
        counts=np.arange(count) % (KEEP + 1),
        partner_ids=generator.integers(-(2**62), 2**62, (count, KEEP)),
        scores=generator.integers(size=(count, KEEP), **small),
        parts=generator.integers(size=(count, KEEP, len(TERMS)), **small),
        evidence=generator.integers(0, 2**62, (count, KEEP, EVIDENCE)),
        pool_ids=generator.integers(-(2**62), 2**62, (count, RESERVE)),
        pool_scores=generator.integers(size=(count, RESERVE), **small),
        pool_counts=generator.integers(0, RESERVE + 1, count),
        pool_floor=generator.integers(size=count, **small),
        demand=generator.integers(size=count, **small),
        is_complete=generator.integers(0, 2, count).astype(bool),
        built_from=microseconds(MOMENT) + generator.integers(0, 2**55, count),
    )


def stored_rows(run):
    return {row.profile_id: row for row in SuggestionList.objects.filter(match_run=run)}


def as_it_should_be(table, row):
    count, pool = table.counts[row], table.pool_counts[row]
    return {
        "partner_ids": table.partner_ids[row, :count].tolist(),
        "scores": table.scores[row, :count].tolist(),
        "parts": table.parts[row, :count].ravel().tolist(),
        "evidence": table.evidence[row, :count].ravel().tolist(),
        "pool_ids": table.pool_ids[row, :pool].tolist(),
        "pool_scores": table.pool_scores[row, :pool].tolist(),
        "pool_floor": table.pool_floor[row],
        "demand": table.demand[row],
        "is_complete": table.is_complete[row],
        "built_from": list_rows.EPOCH + timedelta(microseconds=int(table.built_from[row])),
    }


@pytest.fixture
def run(db):
    return MatchRun.objects.create(embedder="lexical@1", weights_version="1")


@pytest.mark.parametrize("portion", (list_rows.PORTION, 2, 1))
def test_lists_of_all_lengths_arrive_as_they_were(run, monkeypatch, portion):
    monkeypatch.setattr(list_rows, "PORTION", portion)
    people = ProfileFactory.create_batch(3 * (KEEP + 1))
    table = random_table([person.pk for person in people])

    copy_lists(run.pk, table)

    stored = stored_rows(run)
    assert len(stored) == len(people)
    for row, person in enumerate(people):
        expected = as_it_should_be(table, row)
        assert {name: getattr(stored[person.pk], name) for name in expected} == expected


def test_the_arrays_are_arrays_to_the_database(run, anna):
    table = random_table([anna.pk, anna.pk])
    copy_lists(run.pk, table.of(np.array([1])))

    found = SuggestionList.objects.filter(match_run=run, partner_ids__len=1, parts__len=len(TERMS))

    assert found.get().partner_ids == [table.partner_ids[1, 0]]
    assert found.filter(partner_ids__contains=[int(table.partner_ids[1, 0])]).exists()


def test_no_lists_are_no_rows(run, anna):
    copy_lists(run.pk, random_table([]))

    assert stored_rows(run) == {}


def test_one_statement_writes_all(run, django_assert_num_queries, anna, omar):
    with django_assert_num_queries(1):
        copy_lists(run.pk, random_table([anna.pk, omar.pk]))

    assert len(stored_rows(run)) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    (
        ("scores", np.full((1, KEEP), 2**31)),
        ("demand", np.array([-(2**31) - 1])),
        ("pool_floor", np.array([1, 2])),
        ("parts", np.zeros((1, KEEP, len(TERMS) + 1), dtype=np.int64)),
        ("counts", np.array([KEEP + 1])),
        ("pool_counts", np.array([RESERVE + 1])),
    ),
)
def test_tables_that_would_write_nonsense_are_refused(name, value):
    table = random_table([1])

    with pytest.raises(ValueError, match=r"32 bits|not \(1,|longer than"):
        replace(table, **{name: value})


def test_numbers_are_kept_without_compressing_them(run, anna):
    table = random_table([anna.pk])
    wide = table.of(np.zeros(1, dtype=np.int64))
    zeros = {
        "evidence": np.zeros((1, 1000, EVIDENCE), dtype=np.int64),
        "parts": np.zeros((1, 1000, len(TERMS)), dtype=np.int64),
        "partner_ids": np.ones((1, 1000), dtype=np.int64),
        "scores": np.zeros((1, 1000), dtype=np.int64),
        "counts": np.array([1000]),
    }
    copy_lists(run.pk, replace(wide, **zeros))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_column_size(parts), pg_column_size(evidence) FROM matching_suggestionlist"
        )
        parts, evidence = cursor.fetchone()

    # Zeros would shrink to almost nothing; making them small costs more than keeping them.
    assert parts >= 4 * 1000 * len(TERMS)
    assert evidence >= 8 * 1000 * EVIDENCE
