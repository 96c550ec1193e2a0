"""Writing a partner search, having it reviewed, and ending it, as its author does it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from konnect.accounts.models import Notification, OutgoingEmail, Role
from konnect.accounts.services.roles import grant_role
from matching.models import Listing, ListingState, Outcome, PartnerSearch
from matching.services.listings import expire_overdue_listings
from matching.services.partner_searches import outcomes_counted, remind_of_listings
from tests.factories.accounts import UserFactory
from tests.factories.matching import (
    InterestFactory,
    KoreanOrganisationFactory,
    ListingFactory,
    OrganisationFactory,
    PartnerSearchFactory,
)

pytestmark = pytest.mark.django_db
NEW = reverse("matching:partner_search_create")
LIST = reverse("matching:partner_search_list")
QUEUE = reverse("matching:review_list")
IDEA = {
    "kind": "request", "original_language": "ko", "title_ko": "페로브스카이트 열화 모델링 파트너",
    "description_ko": "안정한 모듈을 함께 개발합니다.", "areas": "GREEN", "version": "",
}  # fmt: skip
CALL = {
    "has_call": "yes", "call_identifier": "HORIZON-CL5-2027-02-D3-07", "funding_scheme": "ria",
    "programme": "", "pillar": "", "call_year": "",
}  # fmt: skip
NASTY = ("x" * 9000, "<script>alert(1)</script>", "a\x00b", "\u202eabc", "9" * 30, "0000-00-00",
         "9999-12-31", "24:00", "25:61", "")  # fmt: skip
STEP_FIELDS = {
    "idea": ("kind", "original_language", "title_en", "description_ko", "areas", "topics",
             "keywords", "version"),
    "call": ("has_call", "programme", "pillar", "call_year", "call_identifier", "call_url",
             "funding_scheme", "submission_procedure"),
    "offer": ("expertise_offered_en", "details_ko", "confidentiality", "machine_made"),
    "partner": ("roles_sought", "partner_types", "partner_side", "partner_countries"),
    "consortium": ("members-TOTAL_FORMS", "members-0-organisation", "members-0-country_code",
                   "members-0-type", "members-0-role"),
    "conditions": ("readiness_from", "budget_from", "budget_to", "currency", "development_goals",
                   "duration_months", "korean_funding"),
    "dates": ("call-day", "call-hour", "call-time_zone", "interest-source_words", "valid_on"),
}  # fmt: skip


def of(name, listing, *more):
    return reverse(f"matching:{name}", args=[listing.pk, *more])


def errors_of(response):
    return {
        name: errors.as_data()[0].code for name, errors in response.context["form"].errors.items()
    }


@pytest.fixture
def search(minji):
    """An open search of Minji's."""
    return PartnerSearchFactory(listing__profile=minji).listing


@pytest.fixture
def officer():
    """Somebody who looks at partner searches."""
    user = UserFactory(email="officer@example.org")
    grant_role(user, Role.PROGRAMME_OFFICER, actor=user)
    return user


def test_first_step_makes_a_draft_that_only_its_author_sees(client_of, minji, anna):
    response = client_of(minji).post(NEW, IDEA)

    listing = Listing.objects.get()
    assert response.url == of("partner_search_edit", listing, "call")
    assert (listing.state, listing.search.original_language) == ("draft", "ko")
    statuses = [
        client_of(who).get(of("listing_detail", listing)).status_code for who in (minji, anna)
    ]
    assert statuses == [200, 404]


def test_title_is_asked_for_in_the_language_of_the_original(client_of, minji):
    response = client_of(minji).post(NEW, IDEA | {"title_ko": "", "description_ko": "남은 글"})

    assert set(response.context["form"].errors) == {"title_ko"}
    assert "남은 글" in response.content.decode()
    assert not Listing.objects.exists()


def test_identifier_fills_in_programme_pillar_and_year(client_of, minji):
    client = client_of(minji)
    client.post(NEW, IDEA)
    listing = Listing.objects.get()

    client.post(of("partner_search_edit", listing, "call"), CALL)

    search = PartnerSearch.objects.get()
    assert (search.programme, search.pillar, search.call_year) == ("horizon_europe", 2, 2027)


def test_no_call_yet_empties_the_call(client_of, minji, search):
    data = CALL | {"has_call": "no"}

    client_of(minji).post(of("partner_search_edit", search, "call"), data)

    stored = PartnerSearch.objects.get()
    assert (stored.programme, stored.call_identifier, stored.pillar) == ("", "", None)


@pytest.mark.parametrize(
    ("step", "field"), [(step, field) for step, fields in STEP_FIELDS.items() for field in fields]
)
def test_nasty_input_never_breaks_a_step(client_of, minji, search, step, field):
    client = client_of(minji)
    usual = {"members-TOTAL_FORMS": "1", "members-INITIAL_FORMS": "0"}

    statuses = {
        client.post(of("partner_search_edit", search, step), usual | {field: text}).status_code
        for text in NASTY
    }

    assert statuses <= {200, 302}


def test_deadlines_keep_instant_zone_and_wall_time(client_of, minji, search):
    data = {
        "call-day": "2027-11-15", "call-hour": "24:00", "call-time_zone": "Europe/Brussels",
        "call-source_words": "15 Nov 24:00 CET", "korean_researcher-day": "2027-11-12",
        "korean_researcher-hour": "오후 6시", "korean_researcher-time_zone": "Asia/Seoul",
    }  # fmt: skip

    client_of(minji).post(of("partner_search_edit", search, "dates"), data)

    rows = {row.kind: (row.at.isoformat(), row.wall_time) for row in search.deadlines.all()}
    assert rows == {
        "korean_researcher": ("2027-11-12T09:00:00+00:00", "2027-11-12T18:00"),
        "call": ("2027-11-15T23:00:00+00:00", "2027-11-15T24:00"),
    }


def test_members_come_by_ror_id_by_name_and_by_country(client_of, minji, search):
    known = OrganisationFactory(
        name="Technische Universität Wien", country_code="AT", ror_id="04d836q62"
    )
    data = {
        "members-TOTAL_FORMS": "4", "members-INITIAL_FORMS": "0",
        "members-0-organisation": "https://ror.org/04d836q62", "members-0-role": "coordinator",
        "members-1-country_code": "DE", "members-1-type": "company", "members-1-is_small": "on",
        "members-2-organisation": str(minji.organisation),
    }  # fmt: skip

    client_of(minji).post(of("partner_search_edit", search, "consortium"), data)

    rows = [(row.organisation, row.country_code, row.type) for row in search.consortium.all()]
    assert rows == [(known, "AT", "education"), (None, "DE", "company"),
                    (minji.organisation, "KR", "education")]  # fmt: skip


def test_name_that_several_have_is_asked_about(client_of, minji, search):
    KoreanOrganisationFactory.create_batch(2, name="교육부", name_ko="교육부", city="Sejong")
    data = {
        "members-TOTAL_FORMS": "1",
        "members-INITIAL_FORMS": "0",
        "members-0-organisation": "교육부",
    }

    response = client_of(minji).post(of("partner_search_edit", search, "consortium"), data)

    assert "Sejong" in response.content.decode()
    assert not search.consortium.exists()


def test_two_windows_do_not_overwrite_each_other(client_of, minji, search):
    client = client_of(minji)
    stale = client.get(of("partner_search_edit", search, "offer")).context["version"]
    client.post(
        of("partner_search_edit", search, "offer"),
        {"expertise_offered_en": "First", "confidentiality": "members"},
    )

    response = client.post(
        of("partner_search_edit", search, "offer"),
        {"expertise_offered_en": "Second", "confidentiality": "members", "version": stale},
    )

    assert response.context["has_conflict"]
    assert "Second" in response.content.decode()
    assert PartnerSearch.objects.get().expertise_offered_en == "First"


def test_budget_needs_a_currency_and_an_order(client_of, minji, search):
    data = {"budget_from": "2,000,000", "budget_to": "1 000 000"}

    response = client_of(minji).post(of("partner_search_edit", search, "conditions"), data)

    assert set(response.context["form"].errors) == {"budget_to", "currency"}


def test_shown_search_cannot_be_made_unfit(client_of, minji, search):
    response = client_of(minji).post(
        of("partner_search_edit", search, "partner"), {"partner_side": "both"}
    )

    assert {blocker.code for blocker in response.context["blockers"]} == {
        "nothing_sought",
        "no_role",
    }
    assert PartnerSearch.objects.get().roles_sought == ["partner"]


def test_search_is_handed_in_reviewed_and_published(client_of, minji, anna, officer, search):
    Listing.objects.update(state=ListingState.DRAFT)
    client_of(minji).post(of("partner_search_submit", search))
    queue = client_of(officer).get(QUEUE).content.decode()
    hidden = client_of(anna).get(of("listing_detail", search)).status_code

    client_of(officer).post(of("review_detail", search), {"action": "publish"})

    search.refresh_from_db()
    assert (search.state, hidden, search.title_en in queue) == ("open", 404, True)
    assert search.title_en in client_of(anna).get(LIST).content.decode()
    assert [change.new_state for change in search.changes.all()] == ["in_review", "open"]
    news = Notification.objects.get(user=minji.user)
    assert (news.kind, news.title_ko != news.title_en) == ("listing", True)
    assert OutgoingEmail.objects.filter(to=minji.user.email).count() == 1


def test_search_that_fails_a_check_is_not_handed_in(client_of, minji, search):
    Listing.objects.update(state=ListingState.DRAFT)
    search.deadlines.update(at=timezone.now() - timedelta(days=1))

    client_of(minji).post(of("partner_search_submit", search))

    search.refresh_from_db()
    assert search.state == "draft"


def test_reviewer_sends_back_with_a_note(client_of, minji, officer, search):
    Listing.objects.update(state=ListingState.IN_REVIEW)
    client = client_of(officer)

    silent = client.post(of("review_detail", search), {"action": "back"})
    client.post(of("review_detail", search), {"action": "back", "note": "Name the method."})

    search.refresh_from_db()
    assert (silent.status_code, search.state) == (200, "draft")
    assert (
        "Name the method."
        in client_of(minji).get(of("partner_search_tasks", search)).content.decode()
    )
    assert "Name the method." in OutgoingEmail.objects.get(to=minji.user.email).text


def test_change_of_a_shown_search_comes_to_the_reviewer(client_of, minji, officer, search):
    PartnerSearch.objects.update(reviewed_at=timezone.now())
    before = client_of(officer).get(QUEUE).context["changed"]
    data = {"expertise_offered_en": "More", "confidentiality": "members"}
    client_of(minji).post(of("partner_search_edit", search, "offer"), data)

    changed = list(client_of(officer).get(QUEUE).context["changed"])
    client_of(officer).post(of("review_detail", search), {"action": "seen"})

    assert (list(before), changed) == ([], [search])
    assert list(client_of(officer).get(QUEUE).context["changed"]) == []


def test_reviewer_publishes_only_what_they_read(client_of, minji, officer, search):
    Listing.objects.update(state=ListingState.IN_REVIEW)
    client = client_of(officer)
    version = client.get(of("review_detail", search)).context["version"]
    data = {"expertise_offered_en": "Something else", "confidentiality": "members"}
    client_of(minji).post(of("partner_search_edit", search, "offer"), data)

    client.post(of("review_detail", search), {"action": "publish", "version": version})

    assert Listing.objects.get().state == "in_review"


def test_reviewer_calls_in_order_only_what_they_read(client_of, minji, officer, search):
    PartnerSearch.objects.update(reviewed_at=timezone.now())
    data = {"expertise_offered_en": "More", "confidentiality": "members"}
    client_of(minji).post(of("partner_search_edit", search, "offer"), data)
    client = client_of(officer)
    version = client.get(of("review_detail", search)).context["version"]
    data["expertise_offered_en"] = "Something else"
    client_of(minji).post(of("partner_search_edit", search, "offer"), data)

    client.post(of("review_detail", search), {"action": "seen", "version": version})

    assert list(client.get(QUEUE).context["changed"]) == [search]


@pytest.mark.parametrize("name", ("review_list", "review_detail"))
def test_queue_is_hidden_from_everybody_else(client_of, minji, anna, search, name):
    Listing.objects.update(state=ListingState.IN_REVIEW)
    address = reverse(f"matching:{name}", args=[search.pk] if name == "review_detail" else [])

    assert {client_of(who).get(address).status_code for who in (minji, anna)} == {404}


def test_in_talks_is_read_but_not_answered(client_of, minji, anna, search):
    client_of(minji).post(of("partner_search_move", search), {"action": "talks"})

    page = client_of(anna).get(of("listing_detail", search))

    assert [blocker.code for blocker in page.context["interest_blockers"]] == ["not_open"]
    assert not Listing.objects.open().exists()


def test_only_searches_in_talks_are_reopened_by_a_click(client_of, minji, search):
    Listing.objects.update(state=ListingState.CLOSED)

    response = client_of(minji).post(of("partner_search_move", search), {"action": "reopen"})

    assert (response.status_code, Listing.objects.get().state) == (404, "closed")


def test_renewal_opens_an_ended_search_again_at_once(client_of, minji, search):
    Listing.objects.update(state=ListingState.EXPIRED, valid_until=timezone.now())

    client_of(minji).post(of("partner_search_renew", search))

    search.refresh_from_db()
    assert (search.state, search.valid_until > timezone.now() + timedelta(days=89)) == (
        "open",
        True,
    )


def test_renewal_after_a_change_goes_by_review(client_of, minji, search):
    PartnerSearch.objects.update(reviewed_at=timezone.now() - timedelta(days=1))
    Listing.objects.update(state=ListingState.CLOSED)

    client_of(minji).post(of("partner_search_renew", search))

    assert Listing.objects.get().state == "in_review"


def test_renewal_of_a_search_whose_call_has_closed_is_refused(client_of, minji, search):
    search.deadlines.update(at=timezone.now() - timedelta(days=1))
    Listing.objects.update(state=ListingState.EXPIRED)

    client_of(minji).post(of("partner_search_renew", search))

    assert Listing.objects.get().state == "expired"


def test_author_is_reminded_once_and_asked_once(minji, search):
    Listing.objects.update(valid_until=timezone.now() + timedelta(days=10))
    reminded = [remind_of_listings() for _time in range(2)]
    Listing.objects.update(valid_until=timezone.now() - timedelta(days=1))
    expired = expire_overdue_listings()
    asked = [remind_of_listings() for _time in range(2)]

    assert (reminded, expired, asked) == ([1, 0], 1, [1, 0])
    assert Notification.objects.filter(user=minji.user, kind="listing").count() == 2


def test_outcome_ends_the_search_and_is_counted_without_names(client_of, minji, search):
    data = {"outcome": Outcome.PROPOSAL_SENT, "note": "With Leuven"}

    client_of(minji).post(of("partner_search_outcome", search), data)

    search.refresh_from_db()
    stored = PartnerSearch.objects.get()
    assert (search.state, stored.outcome, outcomes_counted()) == ("found", "proposal_sent", {})
    PartnerSearchFactory.create_batch(4, outcome="proposal_sent", outcome_at=timezone.now())
    assert outcomes_counted() == {"proposal_sent": 5}


def test_outcome_may_be_told_better_later(client_of, minji, search):
    for outcome in (Outcome.PROPOSAL_SENT, Outcome.FUNDED):
        client_of(minji).post(of("partner_search_outcome", search), {"outcome": outcome})

    assert PartnerSearch.objects.get().outcome == "funded"


@pytest.mark.parametrize("name", ("listing_close", "listing_open", "listing_edit"))
def test_plain_ways_do_not_lead_past_the_review(client_of, minji, search, name):
    Listing.objects.update(state=ListingState.DRAFT)

    client_of(minji).post(
        of(name, search), {"kind": "offer", "title_en": "X", "action": "publish"}
    )

    assert Listing.objects.get().state == "draft"


def test_short_rows_of_the_profile_leave_partner_searches_alone(client_of, minji, search):
    response = client_of(minji).get(reverse("matching:profile_edit", args=["offers"]))

    assert search.title_en not in response.content.decode()


@pytest.mark.parametrize(
    ("view", "languages"), (("mine", ["ko"]), ("original", ["en"]), ("both", ["ko", "en"]))
)
def test_texts_are_shown_in_the_wanted_language(client_of, minji, search, view, languages):
    Listing.objects.update(title_ko="파트너 찾기", description_ko="요약")
    PartnerSearch.objects.update(original_language="en", machine_made=["title"])
    client = client_of(minji)
    client.post(reverse("accounts:language"), {"language": "ko"})

    page = client.get(of("listing_detail", search), {"text": view}).content.decode()

    shown = {"ko": ">파트너 찾기<", "en": f">{search.title_en}<"}
    head = page[page.index("<main") : page.index("with-sidebar")]
    assert [code for code in ("ko", "en") if shown[code] in head] == languages


def test_details_page_names_rule_clock_and_gap(client_of, anna, search):
    page = client_of(anna).get(of("listing_detail", search)).content.decode()

    assert "associated to Pillar II" in page
    assert "Seoul" in page
    assert "more countries that count" in page


def test_filters_keep_what_was_chosen(client_of, anna, search):
    other = PartnerSearchFactory(partner_side="europe", listing__kind="offer").listing
    client = client_of(anna)

    def found(**chosen):
        return {row.pk for row in client.get(LIST, chosen).context["page"]}

    assert found(side="korea") == {search.pk}
    assert found(side="europe") == {search.pk, other.pk}
    assert found(kind="offer") == {other.pk}
    assert found(area="HEALTH") == set()
    assert found(area="x' OR 1", kind="y", side="z", page="99999") == {search.pk, other.pk}


@pytest.mark.parametrize(
    ("language", "days", "words"),
    (("ko", 24, "24일 남음"), ("en", 24, "in 24 days"), ("en", 1, "in 1 day"), ("ko", 0, "오늘")),
)
def test_list_counts_the_days_to_a_call_as_its_page_does(
    client_of, minji, search, language, days, words
):
    minji.user.language = language
    minji.user.save()
    today = timezone.now().astimezone(ZoneInfo(minji.user.time_zone))
    search.deadlines.update(at=today.replace(hour=23, minute=59, second=59) + timedelta(days=days))
    client = client_of(minji)
    pages = [client.get(each).content.decode() for each in (LIST, of("listing_detail", search))]

    assert all(words in page for page in pages)


@pytest.mark.parametrize("number", (1, 3, 12))
def test_list_query_count(client_of, anna, django_assert_num_queries, number):
    PartnerSearchFactory.create_batch(number)
    client = client_of(anna)
    client.get(LIST)

    with django_assert_num_queries(8):
        client.get(LIST)


@pytest.mark.parametrize("number", (1, 3, 12))
def test_detail_query_count(client_of, anna, django_assert_num_queries, search, number):
    for _time in range(number):
        PartnerSearchFactory().listing.consortium.create(country_code="FR", type="company")
        search.consortium.create(country_code="DE", type="company", organisation=anna.organisation)
    client = client_of(anna)
    client.get(of("listing_detail", search))

    with django_assert_num_queries(15):
        client.get(of("listing_detail", search))


@pytest.mark.parametrize("number", (1, 3))
def test_queue_query_count(client_of, officer, django_assert_num_queries, number):
    for search in PartnerSearchFactory.create_batch(number):
        ListingFactory(profile=search.listing.profile)
    Listing.objects.filter(partner_search__isnull=False).update(state=ListingState.IN_REVIEW)
    client = client_of(officer)
    client.get(QUEUE)

    with django_assert_num_queries(6):
        client.get(QUEUE)


@pytest.mark.parametrize("number", (1, 3))
def test_interest_list_query_count(client_of, minji, search, django_assert_num_queries, number):
    InterestFactory.create_batch(number, listing=search)
    client = client_of(minji)
    client.get(reverse("matching:interest_list"))

    with django_assert_num_queries(6):
        client.get(reverse("matching:interest_list"))
