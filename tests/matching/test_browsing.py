"""Lists without words: kept counts say at every moment what counting would say."""

import random
import threading
from collections import Counter

import pytest
from django.db import connection, transaction

from matching.models import Block, FacetCount, Profile, SearchEntry, SearchKind
from matching.questions import Question
from matching.services import browsing, finding, search_statement
from matching.services.browsing import fold_facet_counts
from matching.services.finding import find
from matching.services.search_entries import refresh_search_entries
from tests.factories.matching import KoreanProfileFactory, ProfileFactory
from tests.processes import PATIENCE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lexical")]
PEOPLE = Question(SearchKind.PEOPLE)


def counted():
    """Count anew."""
    found = Counter()
    for entry in SearchEntry.objects.exclude(facets=[]):
        found.update((entry.kind, entry.audience, value) for value in ("", *entry.facets))
    return dict(found)


def kept():
    """Add the kept counts."""
    found = Counter()
    for row in FacetCount.objects.all():
        found[row.kind, row.audience, row.value] += row.rows
    return {key: rows for key, rows in found.items() if rows}


@pytest.mark.parametrize("seed", range(4))
def test_kept_counts_follow_every_change(seed):
    chance = random.Random(seed)
    people = [KoreanProfileFactory() if number % 2 else ProfileFactory() for number in range(5)]
    refresh_search_entries()
    for _change in range(6):
        person = chance.choice(people)
        how = chance.randrange(4)
        if how == 0:
            Profile.objects.filter(pk=person.pk).update(career_stage=chance.choice(("R1", "R2")))
        elif how == 1:
            Profile.objects.filter(pk=person.pk).update(
                state=chance.choice(("hidden", "published"))
            )
        elif how == 2 and len(people) > 2:
            people.remove(person)
            person.delete()
        else:
            refresh_search_entries()
        assert kept() == counted()
    refresh_search_entries()
    assert kept() == counted() != {}


def test_who_is_blocked_is_not_counted(anna, minji, omar):
    refresh_search_entries()
    Block.objects.create(blocker=minji, blocked=anna)

    for question in (PEOPLE, Question(SearchKind.PEOPLE, chosen={"side": ("korea", "europe")})):
        found = find(question, reader=anna.user)
        assert (set(found.ids), found.count) == ({anna.pk, omar.pk}, 2)
        assert found.facets["country"] == {"BE": 2}
    assert find(PEOPLE, reader=omar.user).count == 3


def test_a_hidden_person_is_not_counted_from_the_same_moment(anna, minji):
    refresh_search_entries()
    Profile.objects.filter(pk=minji.pk).update(state="hidden")

    found = find(PEOPLE, reader=anna.user)

    assert (found.ids, found.count) == ([anna.pk], 1)
    assert "KR" not in found.facets["country"]


def test_counts_say_the_same_before_and_after_they_were_folded(anna, minji, monkeypatch):
    refresh_search_entries()
    before, lines = find(PEOPLE, reader=anna.user), FacetCount.objects.count()
    assert not fold_facet_counts()
    monkeypatch.setattr(browsing, "MOST_UNFOLDED", 1)
    Profile.objects.filter(pk=minji.pk).update(state="hidden")
    Profile.objects.filter(pk=minji.pk).update(state="published")
    refresh_search_entries()
    assert FacetCount.objects.count() > lines

    assert fold_facet_counts()

    assert FacetCount.objects.count() <= lines
    assert find(PEOPLE, reader=anna.user) == before


@pytest.mark.parametrize("chosen", ({}, {"side": ("korea", "europe")}), ids=("all", "facet"))
def test_beyond_what_is_counted_the_last_page_counted_is_shown(anna, minji, monkeypatch, chosen):
    everybody = {anna.pk, minji.pk, *(ProfileFactory().pk for _number in range(5))}
    refresh_search_entries()
    for module in (finding, search_statement):
        monkeypatch.setattr(module, "MOST_COUNTED", 4)

    last = find(Question(SearchKind.PEOPLE, chosen=chosen, page=9, page_size=2), reader=anna.user)
    second = find(
        Question(SearchKind.PEOPLE, chosen=chosen, page=2, page_size=2), reader=anna.user
    )

    assert (last.count, last.is_exact, last.page) == (4, False, 2)
    assert last.ids == second.ids
    assert len(last.ids) == 2
    assert set(last.ids) < everybody


@pytest.mark.django_db(transaction=True)
def test_folding_beside_changes_loses_none(monkeypatch):
    monkeypatch.setattr(browsing, "MOST_UNFOLDED", 1)
    people = [ProfileFactory() for _number in range(6)]
    refresh_search_entries()
    begun = threading.Event()

    def change():
        try:
            for person in people:
                with transaction.atomic():
                    Profile.objects.filter(pk=person.pk).update(state="hidden")
                    begun.set()
        finally:
            connection.close()

    other = threading.Thread(target=change)
    other.start()
    assert begun.wait(PATIENCE)
    while other.is_alive():
        fold_facet_counts()
    other.join()
    fold_facet_counts()

    # Else nothing was changed beside the folding.
    assert Profile.objects.filter(state="hidden").count() == 6
    assert kept() == counted()
