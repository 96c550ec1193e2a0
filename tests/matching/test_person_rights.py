"""Matching's part in erasing a person: also amid a run, and in what is computed of texts."""

import itertools

import pytest

from konnect.accounts.services import erase_account
from matching.models import MatchRun, MatchRunState, SuggestionList, TextEmbedding
from matching.services import matching, run_blocks
from matching.services.embeddings import refresh_stale_embeddings
from tests.factories.matching import ProfileFactory
from tests.factories.rights import CANARY, HANGUL_CANARY, everything_of
from tests.whereabouts import files_with, places_of

pytestmark = pytest.mark.usefixtures("own_directory")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch, settings, tmp_path):
    """Cut a few people into many blocks; keep the log of erasures apart."""
    settings.ERASURE_LOG = str(tmp_path / "erasures.log")
    for name in ("SMALLEST_BLOCK", "LARGEST_BLOCK", "PEOPLE_A_RANK_BLOCK"):
        monkeypatch.setattr(run_blocks, name, 2)


@pytest.mark.parametrize("blocks", (1, 4))
def test_person_erased_amid_a_run_is_nowhere_and_the_run_ends(transactional_db, blocks):
    minji = everything_of(itertools.count())
    ProfileFactory.create_batch(3)
    refresh_stale_embeddings()
    MatchRun.objects.all().delete()
    run = matching.run_due_matching()
    for _block in range(blocks):
        run_blocks.work_on_blocks(run, seconds=0)
    number = minji.pk

    erase_account(minji.user, keeps_messages=False, says_farewell=False)
    while not matching.end_run(run):
        run_blocks.work_on_blocks(run, seconds=0)
    matching.refresh_stale_suggestions()

    assert run.state == MatchRunState.PUBLISHED
    assert places_of(CANARY, HANGUL_CANARY) == set()
    assert files_with(CANARY, HANGUL_CANARY) == []
    assert not any(number in each.partner_ids for each in SuggestionList.objects.all())


def test_vectors_of_the_persons_texts_go_and_others_stay(anna, minji):
    anna.summary_en = "A sentence that only Anna wrote about graphene."
    anna.save()
    minji.summary_ko = "아무도 쓰지 않은 문장입니다."
    minji.save()
    refresh_stale_embeddings()
    before = TextEmbedding.objects.count()

    erase_account(minji.user)

    assert 0 < TextEmbedding.objects.count() < before
