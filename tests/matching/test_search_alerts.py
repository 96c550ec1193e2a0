"""Kept searches: what is new is told once, to those who may know."""

import logging
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from konnect.accounts.models import Notification, NotificationPreference, OutgoingEmail, Rhythm
from konnect.accounts.services.digests import write_due_digests
from matching.facets import Vocabulary
from matching.models import (
    Profile,
    SavedSearch,
    SavedSearchHit,
    SearchEntry,
    SearchKind,
)
from matching.services import search_alerts
from matching.services.blocks import block_profile
from matching.services.search_alerts import look_at_saved_searches, question_of, tell_news
from matching.services.search_entries import refresh_search_entries
from tests.factories.matching import (
    ListingFactory,
    OrganisationFactory,
)
from tests.matching.kept_searches import graphene, keep, later, news_of
from tests.matching.test_contact_races import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lexical")]


# --- What is new ----------------------------------------------------------------------------------


def test_what_was_there_is_no_news_and_what_comes_is_told_once(client_of, anna):
    graphene(display_name="Old")
    search = keep(anna, name="Carbon")
    assert later() == 0
    new = graphene(display_name="New Person")

    assert [later(), later(), later()] == [1, 0, 0]

    assert news_of(anna) == ["1 new result of your search “Carbon”"]
    hit = SavedSearchHit.objects.get(is_news=True)
    assert (hit.saved_search, hit.profile) == (search, new)
    page = client_of(anna).get(Notification.objects.get().address, follow=True)
    assert next((hit.thing.pk, hit.is_new) for hit in page.context["hits"]) == (new.pk, True)
    assert Notification.objects.get().read_at is not None


def test_somebody_who_changes_and_fits_now_is_news(anna, omar):
    keep(anna)
    omar.summary_en = "From now on: graphene."
    omar.save()

    assert later() == 1


def test_what_only_drifts_into_reach_is_noted_and_not_told(anna):
    old = graphene()
    search = keep(anna)
    SavedSearchHit.objects.all().delete()
    SearchEntry.objects.update(indexed_at=timezone.now() - timedelta(days=30))

    assert later() == 0
    assert [(hit.profile, hit.is_news) for hit in search.hits.all()] == [(old, False)]


@pytest.mark.parametrize("how", ("blocked", "blocking", "hidden", "draft"))
def test_nobody_is_told_of_whom_they_may_not_see(anna, how):
    keep(anna)
    person = graphene()
    if how == "blocked":
        block_profile(anna, person, actor=anna.user)
    elif how == "blocking":
        block_profile(person, anna, actor=person.user)
    else:
        Profile.objects.filter(pk=person.pk).update(state=how)

    assert later() == 0
    assert news_of(anna) == []


def test_no_title_names_anybody_that_was_found(anna):
    keep(anna, name="Carbon")
    graphene(display_name="Secret Name", hangul_name="비밀이름")
    later()

    news = Notification.objects.get()
    assert "Secret" not in news.title_en + news.title_ko
    assert "비밀" not in news.title_en + news.title_ko
    assert news.title_ko == "저장한 검색 “Carbon”에 새 결과가 1건 있습니다"


@pytest.mark.parametrize(
    ("rhythm", "wish", "mails_at_once", "is_due"),
    (("instant", None, 1, True), ("daily", None, 0, True), ("weekly", "instant", 0, True),
     ("off", None, 0, False), ("instant", "off", 0, False)),
)  # fmt: skip
def test_rhythm_of_the_search_decides(anna, rhythm, wish, mails_at_once, is_due):
    if wish:
        NotificationPreference.objects.create(user=anna.user, kind="saved_search", rhythm=wish)
    keep(anna, rhythm=rhythm)
    graphene(display_name="Secret Name")
    later()

    assert OutgoingEmail.objects.filter(to=anna.user.email).count() == mails_at_once
    news = Notification.objects.get()
    assert (news.due_at is not None) is is_due
    for mail in OutgoingEmail.objects.all():
        assert "Secret" not in mail.text + mail.html + mail.subject


def test_digest_tells_of_a_daily_search(anna):
    keep(anna, name="Carbon")
    graphene()
    later()
    Notification.objects.update(due_at=timezone.now())

    assert write_due_digests() == 1
    assert "1 new result of your search “Carbon”" in OutgoingEmail.objects.get().text


@pytest.mark.parametrize("kind", (SearchKind.LISTINGS, SearchKind.ORGANISATIONS))
def test_listings_and_organisations_are_told_too(anna, kind):
    keep(anna, kind=kind)
    ListingFactory(title_en="Graphene transfer")
    OrganisationFactory(name="Graphene Institute")

    assert [later(), later()] == [1, 0]


def test_rhythm_says_when_to_look_again(anna):
    pauses = {}
    for rhythm in Rhythm.values:
        search = keep(anna, query=f"q={rhythm}", rhythm=rhythm)
        pauses[rhythm] = search.next_look_at - search.looked_at
    assert look_at_saved_searches() == 0

    assert pauses == {
        "instant": timedelta(minutes=2),
        "daily": timedelta(hours=6),
        "weekly": timedelta(days=1),
        "off": timedelta(days=1),
    }


def test_search_of_which_nothing_changed_costs_no_search(anna, monkeypatch):
    graphene()
    keep(anna, "q=graphene&country=KR", rhythm=Rhythm.INSTANT)
    SearchEntry.objects.update(indexed_at=timezone.now() - timedelta(hours=1))
    asked = []
    monkeypatch.setattr(search_alerts, "find", lambda *given, **named: asked.append(given))

    assert later() == 0
    assert asked == []


@pytest.mark.parametrize("number", (1, 3, 12))
def test_looks_cost_the_same_each(anna, django_assert_max_num_queries, number):
    for place in range(number):
        keep(anna, f"q=graphene{place}&country=KR", rhythm=Rhythm.INSTANT)
    SearchEntry.objects.update(indexed_at=timezone.now() - timedelta(hours=1))
    SavedSearch.objects.update(next_look_at=timezone.now())

    with django_assert_max_num_queries(1 + 7 * number):
        look_at_saved_searches()


# --- Faults and races -----------------------------------------------------------------------------


def test_look_that_breaks_off_loses_nothing(anna, monkeypatch, caplog):
    keep(anna)
    graphene()
    with monkeypatch.context() as broken, caplog.at_level(logging.CRITICAL):
        broken.setattr(search_alerts, "notify", raise_fault)
        assert later() == 0
    assert not SavedSearchHit.objects.filter(is_news=True).exists()
    assert SavedSearch.objects.get().next_look_at > timezone.now()

    assert later() == 1
    assert len(news_of(anna)) == 1


def raise_fault(*given, **named):
    """Fail as a database does that goes away."""
    raise OSError


def test_one_search_that_fails_holds_up_no_other(anna, omar, monkeypatch, caplog):
    broken, whole = keep(anna), keep(omar)
    graphene()
    real = search_alerts.tell_news

    def tell(search, question):
        return raise_fault() if search.pk == broken.pk else real(search, question)

    monkeypatch.setattr(search_alerts, "tell_news", tell)
    with caplog.at_level(logging.CRITICAL):
        assert later() == 1
    assert [len(news_of(anna)), len(news_of(omar))] == [0, 1]
    assert whole.hits.filter(is_news=True).count() == 1


def tell_without_lock(search):
    """Look as a worker does that never noticed the other one."""
    with transaction.atomic():
        tell_news(search, question_of(search, Vocabulary.read(SearchKind.PEOPLE)))


def test_two_workers_tell_once(transactional_db, anna):
    search = keep(anna)
    graphene()
    refresh_search_entries()

    at_once(SavedSearchHit, *[lambda: tell_without_lock(search)] * 2)

    assert search.hits.filter(is_news=True).count() == 1
    assert len(news_of(anna)) == 1


def test_two_workers_tell_twice_without_the_constraint(transactional_db, anna):
    search = keep(anna)
    graphene()
    refresh_search_entries()
    once = next(c for c in SavedSearchHit._meta.constraints if c.name == "hit_once")
    with connection.schema_editor() as editor:
        editor.remove_constraint(SavedSearchHit, once)
    try:
        at_once(SavedSearchHit, *[lambda: tell_without_lock(search)] * 2)
        assert search.hits.filter(is_news=True).count() == 2
        assert len(news_of(anna)) == 2
    finally:
        SavedSearchHit.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(SavedSearchHit, once)
