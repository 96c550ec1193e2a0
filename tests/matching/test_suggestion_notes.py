"""What a suggested partner's card says beside the reasons."""

import pytest

from matching.services.embeddings import refresh_stale_embeddings
from matching.services.matching import run_matching
from matching.services.suggestions import suggestions_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lexical")]


@pytest.mark.parametrize("address", ("/suggestions/", "/dashboard/"))
def test_a_new_contact_is_a_note_and_no_reason(minji, anna, client_of, address):
    refresh_stale_embeddings()
    run_matching()

    page = client_of(anna).get(address).content.decode()

    note = page.partition("<strong>Note:</strong>")[2].partition("</p>")[0]
    assert note.strip() == "You have not worked together before."
    assert "<li>You have not worked together before." not in page


def test_notes_and_reasons_share_all_sentences(minji, anna):
    refresh_stale_embeddings()
    run_matching()

    (suggestion,) = suggestions_for(minji)

    assert [str(note) for note in suggestion.notes] == ["You have not worked together before."]
    assert {*suggestion.true_reasons, *suggestion.notes} == set(suggestion.reasons)
