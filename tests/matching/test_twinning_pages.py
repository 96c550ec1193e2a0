"""Suggested partner organisations, their reasons for each reader, and the pages of twinnings."""

import numpy as np
import pytest
from django.utils import timezone

from matching.models import (
    Area,
    Block,
    MatchRunState,
    ProfileVectors,
    Topic,
    Twinning,
    TwinningSuggestion,
)
from matching.services.twinning_reasons import suggested_twins
from matching.services.twinning_suggestions import refresh_twinning_suggestions
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    KoreanProfileFactory,
    ListingFactory,
    MatchRunFactory,
    ProfileFactory,
)
from tests.factories.twinnings import (
    ActiveTwinningFactory,
    TwinningFactory,
    make_representative,
)

pytestmark = pytest.mark.django_db
EMBEDDER = "lexical@1"


def vector(*parts):
    row = np.array(parts, dtype=np.float64)
    return np.rint(row / np.linalg.norm(row) * 32_767).astype("<i2").tobytes()


def give_vectors(profile, topic, offers=(), seeks=()):
    """Write what the score reads; offers, seeks: (listing, vector)."""
    return ProfileVectors.objects.create(
        profile=profile, embedder=EMBEDDER, topic=vector(*topic), offers=b"", seeks=b"",
        offer_items=b"".join(vector(*row) for _listing, row in offers),
        offer_sources=[listing.pk for listing, _row in offers],
        seek_items=b"".join(vector(*row) for _listing, row in seeks),
        seek_sources=[listing.pk for listing, _row in seeks],
        built_from=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def run():
    return MatchRunFactory(
        state=MatchRunState.PUBLISHED, published_at=timezone.now(), embedder=EMBEDDER
    )


@pytest.fixture
def close(anna, minji, run):
    """Anna's and Minji's organisations lie close, Minji's seeks what Anna's offers."""
    offer = ListingFactory(profile=anna, title_en="Modelling of ageing")
    request = ListingFactory(profile=minji, kind="request", title_en="Models wanted")
    give_vectors(anna, (1, 0, 0), offers=[(offer, (1, 0, 0))])
    give_vectors(minji, (1, 0.1, 0), seeks=[(request, (1, 0, 0))])
    topic = Topic.objects.get(code="green.perovskite")
    for person in (anna, minji):
        person.topics.add(topic)
        person.areas.add(topic.area)
    return offer, request


def test_organisations_are_suggested_to_each_other_with_reasons(close, anna, minji):
    offer, request = close
    assert refresh_twinning_suggestions() == 2
    (twin,) = suggested_twins(anna.organisation, anna.user)
    assert twin.partner == minji.organisation
    assert [(one.pk, other.pk) for one, other in twin.people] == [(anna.pk, minji.pk)]
    assert twin.offering == ((offer, request),)
    assert twin.seeking == ()
    assert [topic.code for topic in twin.topics] == ["green.perovskite"]
    assert sum(part.tenths for part in twin.score.parts) == twin.score.tenths
    (back,) = suggested_twins(minji.organisation, minji.user)
    assert back.seeking == ((request, offer),)
    assert back.score.tenths == twin.score.tenths


def test_nothing_is_computed_twice_for_the_same_run(close):
    refresh_twinning_suggestions()
    assert refresh_twinning_suggestions() == 0
    MatchRunFactory._meta.model.objects.update(published_at=timezone.now())
    assert refresh_twinning_suggestions() == 2


def test_without_a_published_run_there_is_nothing(anna, minji):
    assert refresh_twinning_suggestions() == 0


@pytest.mark.parametrize(
    "change", ({"is_suggestible": False}, {"state": "hidden"}, {"side": "elsewhere"})
)
def test_who_opted_out_or_is_hidden_does_not_count(close, minji, change):
    type(minji).objects.filter(pk=minji.pk).update(**change)
    assert refresh_twinning_suggestions() == 0


def test_reasons_name_only_whom_the_reader_may_see_now(close, anna, minji):
    refresh_twinning_suggestions()
    colleague = ProfileFactory(organisation=anna.organisation)
    Block.objects.create(blocker=minji, blocked=colleague)
    (twin,) = suggested_twins(anna.organisation, colleague.user)
    assert (twin.people, twin.offering) == ((), ())
    type(minji).objects.filter(pk=minji.pk).update(is_suggestible=False)
    (twin,) = suggested_twins(anna.organisation, anna.user)
    assert twin.people == ()


def test_topics_that_somebody_hides_are_no_reason(close, anna, minji):
    minji.visibility = {"topics": "private"}
    minji.save()
    refresh_twinning_suggestions()
    (twin,) = suggested_twins(anna.organisation, anna.user)
    assert twin.topics == ()


def test_closed_listings_and_few_contacts_are_not_told(close, anna, minji):
    type(close[0]).objects.update(state="closed")
    AcceptedContactRequestFactory(sender=anna, recipient=minji)
    refresh_twinning_suggestions()
    (twin,) = suggested_twins(anna.organisation, anna.user)
    assert (twin.offering, twin.contacts) == ((), None)
    for _number in range(4):
        AcceptedContactRequestFactory(
            sender=ProfileFactory(organisation=anna.organisation),
            recipient=KoreanProfileFactory(organisation=minji.organisation),
        )
    MatchRunFactory._meta.model.objects.update(published_at=timezone.now())
    refresh_twinning_suggestions()
    (twin,) = suggested_twins(anna.organisation, anna.user)
    assert twin.contacts == 5


def test_partners_of_a_live_twinning_are_not_suggested(close, anna, minji):
    refresh_twinning_suggestions()
    TwinningFactory(proposer=minji.organisation, partner=anna.organisation)
    assert suggested_twins(anna.organisation, anna.user) == []


def test_suggestions_ask_as_many_questions_for_one_as_for_many(
    close, anna, minji, client_of, django_assert_max_num_queries
):
    refresh_twinning_suggestions()
    address = f"/organisations/{anna.organisation_id}/twinnings/"
    client = client_of(make_representative(anna))
    client.get(address)
    with django_assert_max_num_queries(20) as few:
        assert "Kim Minji" in client.get(address).content.decode()
    for _number in range(5):
        other = KoreanProfileFactory()
        give_vectors(other, (1, 0.2, 0))
        other.areas.set(minji.areas.all())
    MatchRunFactory._meta.model.objects.update(published_at=timezone.now())
    refresh_twinning_suggestions()
    with django_assert_max_num_queries(len(few)):
        page = client.get(address).content.decode()
    assert page.count('class="card stack twin"') == 6


def test_strangers_and_other_members_do_not_read_the_plans(close, anna, minji, client_of, client):
    address = f"/organisations/{anna.organisation_id}/twinnings/"
    assert client_of(minji).get(address).status_code == 404
    assert client.get(address).status_code == 302
    assert client_of(anna).get(address).status_code == 200


# --- From a proposal to a public twinning ------------------------------------------------------


def form(minji, **changes):
    area = Area.objects.get(code="GREEN", version=Area.CURRENT_VERSION)
    return {
        "partner": minji.organisation_id, "areas": [area.pk], "aims_en": "Exchange students.",
        "aims_ko": "", "agreement": "memorandum", "agreement_url": "example.eu/mou",
        "starts_on": "2026-11-01",
    } | changes  # fmt: skip


def test_a_twinning_from_proposal_to_renewal_on_the_pages(anna, minji, client_of, client):
    ours, theirs = client_of(make_representative(anna)), client_of(make_representative(minji))
    address = f"/organisations/{anna.organisation_id}/twinnings/new/"
    assert ours.get(f"{address}?partner={minji.organisation_id}").status_code == 200
    page = ours.post(address, form(minji))
    twinning = Twinning.objects.get()
    detail = f"/twinnings/{twinning.pk}/"
    assert page["Location"] == detail
    assert twinning.agreement_url == "https://example.eu/mou"
    assert client.get(detail).status_code == 404
    assert "proposes this twinning" not in ours.get(detail).content.decode()
    answer = {"action": "confirm", "words": "좋습니다.", "contacts": [minji.pk]}
    theirs.post(f"{detail}answer/", answer)
    page = client.get(detail).content.decode()
    assert "Exchange students." in page
    assert "좋습니다." not in page
    assert minji.display_name not in page
    theirs.post(
        f"{detail}activities/",
        {"kind": "workshop", "title_ko": "공동 워크숍", "takes_place_on": "2026-11-20"},
    )
    assert "공동 워크숍" in client.get(detail).content.decode()
    organisation = client.get(f"/organisations/{anna.organisation_id}/").content.decode()
    assert detail in organisation
    ours.post(f"{detail}move/", {"action": "end", "words": "Thank you."})
    assert client.get(detail).status_code == 404


def test_a_refused_form_keeps_what_was_typed(anna, minji, client_of):
    client = client_of(make_representative(anna))
    address = f"/organisations/{anna.organisation_id}/twinnings/new/"
    bad = form(minji, areas=[], starts_on="1700-01-01", aims_en="", aims_ko="교환 학생")
    page = client.post(address, bad).content.decode()
    assert "교환 학생" in page
    assert "Choose an area." in page
    assert "Check the year of this day." in page
    assert not Twinning.objects.exists()


def test_colleagues_who_do_not_represent_cannot_act(anna, minji, client_of):
    make_representative(minji)
    twinning = TwinningFactory(proposer=anna.organisation, partner=minji.organisation)
    colleague = client_of(KoreanProfileFactory(organisation=minji.organisation))
    assert colleague.get(f"/twinnings/{twinning.pk}/").status_code == 200
    for verb in ("answer", "move", "activities"):
        address = f"/twinnings/{twinning.pk}/{verb}/"
        assert colleague.post(address, {"action": "confirm"}).status_code == 404
    assert client_of(make_representative(anna)).post(
        f"/twinnings/{twinning.pk}/answer/", {"action": "confirm"}
    ).status_code == 404  # fmt: skip
    twinning.refresh_from_db()
    assert twinning.state == "proposed"


def test_a_representative_describes_the_organisation(anna, client_of, client):
    anna.organisation.domains = ["example-uni.be"]
    anna.organisation.save()
    ours = client_of(make_representative(anna))
    address = f"/organisations/{anna.organisation_id}/edit/"
    text = {"about_en": "We work on light.", "pic": "12345"}
    assert "12345" in ours.post(address, text).content.decode()
    office = {"office_0_name": "Research office", "office_0_email": "x@elsewhere.org"}
    page = ours.post(address, {"about_en": "We work on light.", **office}).content.decode()
    assert "Use a mailbox at a domain of the organisation." in page
    good = {**text, "pic": "999999999", **office, "office_0_email": "research@example-uni.be"}
    assert ours.post(address, good).status_code == 302
    page = client.get(f"/organisations/{anna.organisation_id}/").content.decode()
    for words in ("We work on light.", "999999999", "research@example-uni.be"):
        assert words in page


def test_the_public_page_does_not_show_what_is_not_active(anna, minji, client):
    sides = {"proposer": anna.organisation, "partner": minji.organisation}
    TwinningFactory(**sides, state="declined")
    active = ActiveTwinningFactory(**sides)
    page = client.get(f"/organisations/{minji.organisation_id}/").content.decode()
    assert page.count('class="twin-pair"') == 1
    Twinning.objects.filter(pk=active.pk).update(valid_until=timezone.now())
    page = client.get(f"/organisations/{minji.organisation_id}/").content.decode()
    assert 'class="twin-pair"' not in page


def test_suggestions_hold_ids_and_no_words(close):
    refresh_twinning_suggestions()
    for row in TwinningSuggestion.objects.all():
        values = [
            value
            for key, entries in row.evidence.items()
            if key != "contacts"
            for value in entries
        ]
        flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
        assert all(isinstance(one, int) for one in flat)
        assert sum(row.parts) == row.score
