"""What one person is shown of the run, and what their answers change."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from konnect.accounts.models import User
from matching import embedding
from matching.models import (
    Answer,
    Block,
    Profile,
    SuggestionAnswer,
    SuggestionList,
)
from matching.scoring import UNIT, WEIGHTS_VERSION
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.matching import refresh_stale_suggestions, run_matching
from matching.services.profiles import mark_matching_changed
from matching.services.suggestions import (
    answer_suggestion,
    is_fresh,
    suggestions_for,
    undo_answer,
)
from tests.factories.matching import (
    ContactRequestFactory,
    KoreanProfileFactory,
    ListingFactory,
    ProfileFactory,
)

URL = "/suggestions/"


@pytest.fixture(autouse=True)
def lexical(settings):
    """Compare words only: quick, and the same everywhere."""
    settings.EMBEDDER = "lexical"
    embedding.get_embedder.cache_clear()
    yield
    embedding.get_embedder.cache_clear()


def publish():
    refresh_stale_embeddings()
    return run_matching()


def shown_to(profile):
    return [suggestion.partner.pk for suggestion in suggestions_for(profile)]


def test_suggestions_add_up_and_are_ranked(minji, anna, omar):
    publish()

    suggestions = suggestions_for(minji)

    assert [suggestion.rank for suggestion in suggestions] == [1, 2]
    for suggestion in suggestions:
        assert suggestion.score.tenths == sum(part.tenths for part in suggestion.score.parts)
        assert suggestion.score.tenths > 0


def test_suggestions_say_why_in_the_readers_language(minji, anna):
    ListingFactory(profile=minji, kind="request", title_en="Perovskite modelling wanted")
    ListingFactory(profile=anna, kind="offer", title_en="Perovskite modelling")
    Profile.objects.filter(pk=minji.pk).update(would_visit=True)
    Profile.objects.filter(pk=anna.pk).update(would_host=True)
    minji.refresh_from_db()
    publish()

    with override("en"):
        (suggestion,) = suggestions_for(minji)

    assert suggestion.reasons == [
        "You write about similar research.",
        "You seek “Perovskite modelling wanted”; they offer “Perovskite modelling”.",
        "You would visit a partner; they would host you.",
        "You have not worked together before.",
    ]


def test_suggestions_without_a_run_are_empty_and_not_fresh(minji):
    assert suggestions_for(minji) == []
    assert is_fresh(minji) is False


def test_suggestions_are_fresh_after_refresh_of_an_edit(minji, anna):
    publish()
    states = [is_fresh(minji)]
    mark_matching_changed(minji)
    states.append(is_fresh(minji))
    refresh_stale_embeddings()
    refresh_stale_suggestions()
    states.append(is_fresh(minji))

    assert states == [True, False, True]


def test_suggestions_leave_out_whom_one_may_not_see_now(minji, anna, omar):
    hidden, unsuggestible, blocked, asked = ProfileFactory.create_batch(4)
    publish()
    Profile.objects.filter(pk=hidden.pk).update(state="hidden")
    Profile.objects.filter(pk=unsuggestible.pk).update(is_suggestible=False)
    User.objects.filter(pk=omar.user_id).update(is_active=False)
    Block.objects.create(blocker=blocked, blocked=minji)
    ContactRequestFactory(sender=asked, recipient=minji)

    assert shown_to(minji) == [anna.pk]


def test_suggestions_show_only_fields_open_to_members(minji, anna):
    Profile.objects.filter(pk=anna.pk).update(
        visibility={"summary": "contacts"}, contact_email="anna@secret.example"
    )
    publish()

    (suggestion,) = suggestions_for(minji)

    assert suggestion.partner.summary_en == ""
    assert suggestion.partner.contact_email == ""


def test_not_for_me_hides_and_undo_brings_back(minji, anna, omar):
    publish()
    both = shown_to(minji)

    answer_suggestion(minji, anna, actor=minji.user, answer="not_for_me", reason="other")
    without = shown_to(minji)
    undo_answer(minji, anna, actor=minji.user)

    assert without == [omar.pk]
    assert shown_to(minji) == both


def test_undo_after_a_newer_run_brings_back_with_the_refresh(minji, anna, omar):
    publish()
    answer_suggestion(minji, anna, actor=minji.user, answer="not_for_me")
    publish()

    undo_answer(minji, anna, actor=minji.user)
    refresh_stale_suggestions()

    assert shown_to(minji) == sorted([anna.pk, omar.pk])


def test_later_moves_to_the_end_for_thirty_days(minji, anna, omar):
    publish()
    first, second = shown_to(minji)

    answer = answer_suggestion(
        minji, Profile.objects.get(pk=first), actor=minji.user, answer="later"
    )
    postponed = shown_to(minji)
    SuggestionAnswer.objects.filter(pk=answer.pk).update(
        answered_at=timezone.now() - timedelta(days=31)
    )

    assert postponed == [second, first]
    assert shown_to(minji) == [first, second]


def test_answer_keeps_what_was_shown(minji, anna):
    publish()

    answer = answer_suggestion(
        minji, anna, actor=minji.user, answer="not_for_me", reason="other_topic"
    )

    row = SuggestionList.objects.get(profile=minji)
    assert answer.parts == [part / UNIT for part in row.parts]
    assert answer.weights_version == WEIGHTS_VERSION


def test_answer_given_twice_is_kept_once(minji, anna):
    first = answer_suggestion(minji, anna, actor=minji.user, answer="later")
    second = answer_suggestion(minji, anna, actor=minji.user, answer="later")
    third = answer_suggestion(minji, anna, actor=minji.user, answer="interested")

    assert first == second
    assert SuggestionAnswer.objects.filter(undone_at=None).get() == third
    assert SuggestionAnswer.objects.count() == 2


def test_reason_lowers_candidates_like_the_dismissed_one(minji):
    first_stage = [ProfileFactory(career_stage="R1", would_host=True) for _ in range(2)]
    leader = ProfileFactory(career_stage="R4")
    Profile.objects.filter(pk=minji.pk).update(would_visit=True)
    minji.refresh_from_db()
    publish()
    before = shown_to(minji)

    answer_suggestion(
        minji, first_stage[0], actor=minji.user, answer="not_for_me", reason="wrong_stage"
    )
    after = shown_to(minji)
    undo_answer(minji, first_stage[0], actor=minji.user)

    assert before == [first_stage[0].pk, first_stage[1].pk, leader.pk]
    assert after == [leader.pk, first_stage[1].pk]
    assert shown_to(minji) == before


@pytest.mark.parametrize("count", (1, 3, 20))
def test_suggestion_page_query_count(client_of, minji, count, django_assert_max_num_queries):
    for profile in ProfileFactory.create_batch(count):
        ListingFactory(profile=profile)
    ListingFactory(profile=minji, kind="request")
    publish()
    client = client_of(minji)
    client.get(URL)
    caches["cards"].clear()
    caches["panels"].clear()

    with django_assert_max_num_queries(13) as queries:
        response = client.get(URL)

    assert response.content.count(b'class="card suggestion"') == count
    assert len(queries) == 13


def test_suggestion_page_shows_cards(client_of, minji, anna):
    publish()

    page = client_of(anna).get(URL).content.decode()

    assert page.count('class="card suggestion"') == 1
    assert "김민지" in page
    assert "You have not worked together before." in page


def test_suggestion_page_polls_until_fresh(client_of, minji, anna):
    publish()
    mark_matching_changed(anna)
    client = client_of(anna)
    whole = client.get(URL)
    waiting = client.get(URL, headers={"HX-Request": "true"})
    refresh_stale_embeddings()
    refresh_stale_suggestions()
    ready = client.get(URL, headers={"HX-Request": "true"})

    assert 'hx-trigger="every 2s"' in whole.content.decode()
    assert waiting.status_code == 204
    assert ready.content.decode().count("<html") == 0
    assert "Your suggestions are up to date." in ready.content.decode()


@pytest.mark.parametrize(
    ("columns", "words"),
    (
        ({"state": "draft"}, "Your profile is not published yet"),
        ({"state": "hidden"}, "Your profile is hidden"),
        ({"is_suggestible": False}, "You have switched suggestions off"),
        ({"side": "elsewhere"}, "You work outside Europe and Korea"),
    ),
)
def test_suggestion_page_says_why_it_is_empty(client_of, anna, minji, columns, words):
    Profile.objects.filter(pk=anna.pk).update(**columns)
    publish()

    assert words in client_of(anna).get(URL).content.decode()


def test_suggestion_page_with_nobody_opposite(client_of, anna):
    publish()

    assert "Nobody fits at the moment" in client_of(anna).get(URL).content.decode()


def test_suggestion_page_without_a_profile(client_of, staff):
    assert client_of(staff).get(URL).status_code == 200


def test_answer_view_without_script_redirects_with_undo(client_of, minji, anna):
    publish()
    client = client_of(anna)
    url = reverse("matching:suggestion_answer", args=[minji.pk])

    response = client.post(
        url, {"answer": "not_for_me", f"reason-{minji.pk}": "other_topic"}, follow=True
    )

    answer = SuggestionAnswer.objects.get()
    assert (answer.answer, answer.reason) == (Answer.NOT_FOR_ME, "other_topic")
    assert reverse("matching:suggestion_undo", args=[minji.pk]) in response.content.decode()


def test_answer_view_with_script_swaps_the_card_and_back(client_of, minji, anna):
    publish()
    client = client_of(anna)
    script = {"headers": {"HX-Request": "true"}}

    answered = client.post(
        reverse("matching:suggestion_answer", args=[minji.pk]), {"answer": "later"}, **script
    ).content.decode()
    again = client.post(
        reverse("matching:suggestion_undo", args=[minji.pk]), **script
    ).content.decode()

    assert f'id="suggestion-{minji.pk}"' in answered
    assert "will come back in 30 days" in answered
    assert again.count('class="card suggestion"') == 1
    assert SuggestionAnswer.objects.filter(undone_at=None).count() == 0


def test_interested_leads_to_the_contact_request(client_of, minji, anna):
    response = client_of(anna).post(
        reverse("matching:suggestion_answer", args=[minji.pk]), {"answer": "interested"}
    )

    assert response.url == reverse("matching:contact_create", args=[minji.pk])


def test_answer_about_somebody_hidden_is_not_found(client_of, minji, anna):
    Profile.objects.filter(pk=minji.pk).update(state="hidden")
    client = client_of(anna)

    for name, values in (("answer", {"answer": "later"}), ("undo", {})):
        url = reverse(f"matching:suggestion_{name}", args=[minji.pk])
        assert client.post(url, values).status_code == 404


@pytest.mark.parametrize("answer", ("", "maybe", "later\x00"))
def test_answer_that_is_none_is_not_found(client_of, minji, anna, answer):
    url = reverse("matching:suggestion_answer", args=[minji.pk])

    assert client_of(anna).post(url, {"answer": answer}).status_code == 404
    assert SuggestionAnswer.objects.count() == 0


def test_korean_partner_is_suggested_to_a_european_only(minji, anna):
    KoreanProfileFactory()
    publish()

    assert shown_to(minji) == [anna.pk]


def test_card_shows_a_change_of_the_partner_at_once(client_of, minji, anna):
    publish()
    client = client_of(anna)
    before = client.get(URL).content.decode()

    minji.position = "Dean"
    minji.save()
    with_position = client.get(URL).content.decode()
    minji.visibility = {"position": "private"}
    minji.save()

    assert ("Dean" in before, "Dean" in with_position) == (False, True)
    assert "Dean" not in client.get(URL).content.decode()
