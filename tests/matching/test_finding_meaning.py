"""Finding by meaning: across languages, beside words, and what happens when no model can tell."""

import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matching import embedding
from matching.embedding import EmbeddingServerError, LexicalEmbedder
from matching.models import SearchEntry, SearchKind
from matching.questions import Cause, Question
from matching.services import question_meaning, search_entries
from matching.services.finding import find
from matching.services.search_entries import halves, is_by_meaning, refresh_search_entries
from tests.factories.matching import KoreanProfileFactory, ListingFactory, ProfileFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def with_model(multilingual, monkeypatch):
    """The model that comes with the portal, and no question embedded before."""
    for module in (embedding, search_entries, question_meaning):
        monkeypatch.setattr(module, "get_embedder", lambda: multilingual)
    question_meaning.embedded.cache_clear()
    monkeypatch.setattr(question_meaning, "away_until", 0.0)
    yield
    question_meaning.embedded.cache_clear()


@pytest.fixture
def korean(db):
    return KoreanProfileFactory(
        summary_en="", summary_ko="리튬이온 배터리의 고체 전해질과 수명을 연구합니다."
    )


@pytest.fixture
def english(db):
    return ProfileFactory(summary_en="Deep learning for the diagnosis of lung cancer in images.")


def people(words, reader, **options):
    return find(Question(SearchKind.PEOPLE, words, **options), reader=reader.user)


def test_an_english_question_finds_a_korean_text_and_the_reverse(
    with_model, korean, english, omar
):
    refresh_search_entries()
    found = people("solid electrolytes for batteries", omar)
    assert found.ids[0] == korean.pk
    assert found.is_by_meaning
    assert found.why[korean.pk].cause == Cause.MEANING
    assert people("폐암 영상 진단을 위한 딥러닝", omar).ids[0] == english.pk


def test_a_name_brings_nobody_who_only_means_something_like_it(with_model, korean, english, omar):
    person = ProfileFactory(display_name="Felix Battery", summary_en="About frogs.")
    refresh_search_entries()
    assert people("Felix Battery", omar).ids == [person.pk]


def test_meaning_keeps_to_the_audience(with_model, omar):
    person = ProfileFactory(
        is_public=True,
        summary_en="About frogs.",
        methods_en="Lithium batteries with solid electrolytes.",
    )
    refresh_search_entries()
    question = Question(SearchKind.PEOPLE, "고체 전해질 배터리")
    assert find(question, reader=omar.user).ids == [person.pk]
    assert find(question, reader=AnonymousUser()).ids == []


def test_meaning_keeps_to_the_facets(with_model, korean, english, omar):
    refresh_search_entries()
    found = people("solid electrolytes for batteries", omar, chosen={"country": ("BE",)})
    assert korean.pk not in found.ids
    assert found.facets["country"]["KR"] == 1


def test_listings_are_found_by_meaning(with_model, english, omar):
    listing = ListingFactory(
        profile=english,
        title_en="Beam time at our synchrotron",
        description_en="X-ray scattering.",
    )
    refresh_search_entries()
    found = find(Question(SearchKind.LISTINGS, "방사광 가속기 엑스선"), reader=omar.user)
    assert found.ids == [listing.pk]


@pytest.mark.parametrize("count", (1, 5))
def test_a_search_takes_as_many_queries_for_many_as_for_one(with_model, omar, count):
    for _number in range(count):
        ProfileFactory(summary_en="Lithium batteries.")
    refresh_search_entries()
    people("batteries", omar)
    with CaptureQueriesContext(connection) as captured:
        assert people("lithium batteries", omar).count == count
    assert len(captured) == 3


class Failing:
    """A server of embeddings that is away."""

    name, version, dimension, languages = "remote", "1", 512, frozenset()

    def __init__(self):
        self.asked = 0

    def embed(self, texts):
        self.asked += 1
        raise EmbeddingServerError("The embedding server is away")


def test_search_goes_by_words_while_the_server_of_embeddings_is_away(with_model, english, omar, monkeypatch):  # fmt: skip
    refresh_search_entries()
    server = Failing()
    monkeypatch.setattr(question_meaning, "get_embedder", lambda: server)
    found = people("lung cancer", omar)
    assert (found.ids, found.is_by_meaning) == ([english.pk], False)
    people("lung images", omar)
    assert server.asked == 1


def test_entries_wait_for_the_server_and_are_embedded_when_it_is_back(with_model, english, monkeypatch):  # fmt: skip
    with monkeypatch.context() as away:
        away.setattr(search_entries, "get_embedder", Failing)
        refresh_search_entries()
        assert not SearchEntry.objects.filter(meaning__isnull=False).exists()
        assert SearchEntry.objects.filter(profile=english).exclude(words="").exists()
    refresh_search_entries()
    assert SearchEntry.objects.filter(profile=english, meaning__isnull=False).exists()


class Other:
    """An embedder with vectors of another length."""

    name, version, languages = "other", "1", frozenset()

    def __init__(self, dimension):
        self.dimension = dimension

    def embed(self, texts):
        rows = np.ones((len(texts), self.dimension), np.float32)
        return rows / np.linalg.norm(rows[:1])


def test_shorter_vectors_are_filled_up_and_longer_ones_are_not_used(with_model, english, monkeypatch):  # fmt: skip
    refresh_search_entries()
    monkeypatch.setattr(search_entries, "get_embedder", lambda: Other(384))
    refresh_search_entries()
    row = SearchEntry.objects.get(profile=english, audience="member")
    assert row.embedder == "other@1"
    assert list(row.meaning)[384:] == [0.0] * 128
    monkeypatch.setattr(search_entries, "get_embedder", lambda: Other(1024))
    SearchEntry.objects.update(embedder="")
    assert refresh_search_entries() > 0
    assert not SearchEntry.objects.filter(meaning__isnull=False).exists()
    assert refresh_search_entries() == 0


def test_the_lexical_embedder_tells_no_meaning():
    assert not is_by_meaning(LexicalEmbedder())
    assert halves(None) is None
