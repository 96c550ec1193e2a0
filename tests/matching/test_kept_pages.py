"""What is kept of pages is never shown for another state; each twin keeps too much and is caught."""

import pytest
from django.core.cache import caches
from django.template import Context, Template

from konnect.accounts.models import User
from matching.models import Block, ContactRequest, Profile, SuggestionList
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.matching import run_matching
from matching.services.suggestion_state import state_of
from matching.services.suggestions import answer_suggestion, undo_answer
from matching.views import suggestion_cards
from tests.factories.matching import ContactRequestFactory, ListingFactory, ProfileFactory

URL = "/suggestions/"


@pytest.fixture(autouse=True)
def empty_caches(lexical):
    """Start with nothing kept."""
    for name in ("cards", "panels", "layout"):
        caches[name].clear()


@pytest.fixture
def page(client_of, minji, anna, omar):
    """Return a function that reads Minji's suggestions; they were drawn once already."""
    ListingFactory(profile=minji, kind="request")
    refresh_stale_embeddings()
    run_matching()
    client = client_of(minji)

    def read() -> str:
        return client.get(URL).content.decode()

    assert names_in(read()) == ["Anna Schmidt", "Omar Haddad"]
    return read


def names_in(page):
    return [name for name in ("Anna Schmidt", "Omar Haddad") if f"({name})" in page]


def hide(minji, omar):
    Profile.objects.filter(pk=omar.pk).update(state="hidden")


def switch_off(minji, omar):
    Profile.objects.filter(pk=omar.pk).update(is_suggestible=False)


def close_account(minji, omar):
    User.objects.filter(pk=omar.user_id).update(is_active=False)


def block(minji, omar):
    Block.objects.create(blocker=minji, blocked=omar)


def be_blocked(minji, omar):
    Block.objects.create(blocker=omar, blocked=minji)


def ask(minji, omar):
    ContactRequestFactory(sender=minji, recipient=omar)


def dismiss(minji, omar):
    answer_suggestion(minji, omar, actor=minji.user, answer="not_for_me")


def leave_the_list(minji, omar):
    row = SuggestionList.objects.get(profile=minji)
    place = row.partner_ids.index(omar.pk)
    for values, width in ((row.partner_ids, 1), (row.scores, 1), (row.parts, len(row.parts) // 2)):
        del values[place * width : (place + 1) * width]
    row.save()


CHANGES = (hide, switch_off, close_account, block, be_blocked, ask, dismiss, leave_the_list)


@pytest.mark.parametrize("change", CHANGES)
def test_kept_suggestions_lose_at_once(page, minji, omar, change):
    change(minji, omar)

    assert names_in(page()) == ["Anna Schmidt"]


@pytest.mark.parametrize("change", CHANGES)
def test_without_the_state_in_the_key_they_would_stay(page, minji, omar, change, monkeypatch):
    profile, state = state_of(minji.user)
    monkeypatch.setattr(suggestion_cards, "state_of", lambda user: (profile, state))

    change(minji, omar)

    assert names_in(page()) == ["Anna Schmidt", "Omar Haddad"]


def test_kept_suggestions_gain_at_once(page, minji, anna, omar):
    block(minji, anna)
    dismiss(minji, omar)
    nobody = names_in(page())
    Block.objects.all().delete()
    undo_answer(minji, omar, actor=minji.user)

    assert nobody == []
    assert names_in(page()) == ["Anna Schmidt", "Omar Haddad"]


def test_expired_request_changes_the_state_by_time_alone(page, minji, omar):
    ask(minji, omar)
    before = state_of(minji.user)[1]
    ContactRequest.objects.update(expires_at="2020-01-01T00:00:00Z")

    assert state_of(minji.user)[1] != before
    assert names_in(page()) == ["Anna Schmidt", "Omar Haddad"]


def test_state_is_the_same_while_nothing_changes(page, minji, anna):
    first = state_of(minji.user)[1]
    ProfileFactory()

    assert state_of(minji.user)[1] == first
    assert state_of(anna.user)[1] != first


def test_kept_page_shows_nothing_of_another_person(client_of, page, minji, anna):
    mine = page()
    other = client_of(anna).get(URL).content.decode()

    assert ("minji@example.kr" in mine, "anna@example.eu" in mine) == (True, False)
    assert ("minji@example.kr" in other, "anna@example.eu" in other) == (False, True)
    assert names_in(other) == []


def test_kept_page_counts_requests_and_speaks_each_language(client_of, page, minji, anna):
    before = page()
    ContactRequestFactory(sender=anna, recipient=minji)
    counted = page()
    User.objects.filter(pk=minji.user_id).update(language="en", appearance="dark")
    english = page()

    assert ('class="badge"' in before, 'class="badge"' in counted) == (False, True)
    assert ('lang="ko" data-appearance="system"' in before) is True
    assert ('lang="en" data-appearance="dark"' in english) is True


def test_kept_page_has_a_token_and_a_nonce_of_its_own(client_of, page):
    first, second = page(), page()

    tokens = [each.split('csrfmiddlewaretoken" value="')[1][:64] for each in (first, second)]
    nonces = [each.split('nonce="')[1][:24] for each in (first, second)]
    assert tokens[0] != tokens[1]
    assert nonces[0] != nonces[1]
    assert first.count(nonces[0]) == first.count('nonce="')


def test_message_is_shown_once(client_of, page, minji, omar):
    client = client_of(minji)
    client.get(URL)
    answered = client.post(f"{URL}{omar.pk}/answer/", {"answer": "later"}, follow=True)
    after = client.get(URL)

    assert b'class="notice notice-success"' in answered.content
    assert b'class="notice notice-success"' not in after.content


def draw(by, **context):
    source = (
        f'{{% kept "part" by {by} filling hole %}}{{{{ shown }}}} {{{{ hole }}}}{{% endkept %}}'
    )
    return Template(source).render(Context(context))


def test_kept_part_is_drawn_for_each_value_and_fills_holes():
    drawn = [draw("shown", shown=shown, hole="<b>") for shown in (1, 2, 1)]

    assert drawn == ["1 &lt;b&gt;", "2 &lt;b&gt;", "1 &lt;b&gt;"]


def test_kept_part_that_forgets_a_value_shows_the_old_one():
    assert [draw("other", shown=shown, hole=shown) for shown in (1, 2)] == ["1 1", "1 2"]


def test_kept_part_without_what_fills_it_is_not_kept():
    assert [draw("other", shown=shown) for shown in (1, 2)] == ["1 ", "2 "]
