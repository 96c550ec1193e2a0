"""The guided profile, the person page, visibility."""

import pytest
from django.urls import reverse

from konnect.accounts.models import Consent
from matching.forms.profile_steps import BY_SLUG, ROWS
from matching.models import Area, Listing, Profile, Topic
from matching.services.profiles import ensure_profile, version_of
from matching.services.search_entries import refresh_search_entries
from tests.factories.accounts import UserFactory
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    KoreanOrganisationFactory,
    ListingFactory,
    OrganisationFactory,
    ProfileFactory,
)

pytestmark = pytest.mark.django_db
STEPS = ("name", "research", "offers", "cooperation", "visibility")
NASTY = {
    "long": "x" * 6000,
    "html": "<script>alert(1)</script><b>",
    "nul": "a\x00b",
    "emoji": "👩‍🔬🇰🇷",
    "right to left": "\u202egnp.exe\u202c",
    "nfd": "\u1100\u1175\u11b7",
    "number": "9" * 30,
    "blank": "   ",
    "quotes": "'\"\\%_;--",
}


@pytest.fixture
def area(db):
    return Area.objects.get_or_create(
        version=Area.CURRENT_VERSION,
        code="NANO",
        defaults={"name_en": "Nano", "name_ko": "나노", "position": 1},
    )[0]


@pytest.fixture
def topic(area):
    topic = Topic.objects.filter(area=area).first()
    return topic or Topic.objects.create(area=area, code="nano.x", name_en="X", name_ko="엑스")


def edit(step):
    return reverse("matching:profile_edit", args=[step])


def sent(client, step, **changes):
    """What a browser would send back for a step, with some fields changed."""
    page = client.get(edit(step)).context["page"]
    data = {"version": client.get(edit(step)).context["version"], "action": "continue"}
    forms = [page.form]
    for rows in page.rows.values():
        forms += [rows.management_form, *rows.forms]
    for form in forms:
        for field in form:
            value = field.value()
            if value is None or value is False:
                continue
            data[field.html_name] = "on" if value is True else value
    return data | changes


@pytest.mark.parametrize("step", STEPS)
def test_step_page_opens_for_a_newcomer(client_of, step, area, topic):
    client = client_of(UserFactory())

    assert client.get(edit(step)).status_code == 200


@pytest.mark.parametrize("step", STEPS)
def test_step_sent_back_unchanged_changes_nothing_that_others_see(client_of, anna, area, step):
    anna.areas.add(area)
    ListingFactory(profile=anna)
    before = Profile.objects.values("display_name", "organisation", "summary_en", "state").get()
    client = client_of(anna)

    response = client.post(edit(step), sent(client, step))

    assert response.status_code == 302
    after = Profile.objects.values("display_name", "organisation", "summary_en", "state").get()
    assert (after, Listing.objects.count()) == (before, 1)


def test_newcomer_publishes_with_four_answers(client_of, area):
    user = UserFactory()
    client = client_of(user)

    client.post(edit("name"), sent(client, "name", display_name="Kim", country_code="KR"))
    client.post(edit("research"), sent(client, "research", areas="NANO", keywords="graphene"))
    client.post(edit("offers"), sent(client, "offers"))
    client.post(edit("cooperation"), sent(client, "cooperation"))
    response = client.post(edit("visibility"), sent(client, "visibility", action="publish"))

    profile = user.profile
    assert (profile.state, profile.side, profile.keywords) == ("published", "korea", ["graphene"])
    assert response.url == "/suggestions/"


def test_publishing_without_what_is_needed_names_it(client_of):
    user = UserFactory()
    client = client_of(user)

    response = client.post(reverse("matching:profile_publish"), follow=True)

    assert ensure_profile(user).state == "draft"
    assert "Choose at least one area." in response.content.decode()


def test_putting_aside_saves_what_is_there(client_of, area):
    user = UserFactory()
    client = client_of(user)

    response = client.post(
        edit("name"), sent(client, "name", hangul_name="김민수", action="later")
    )

    assert (response.status_code, ensure_profile(user).hangul_name) == (302, "김민수")


def test_second_window_does_not_overwrite(client_of, anna):
    client = client_of(anna)
    old = sent(client, "name", position="Old")
    client.post(edit("name"), sent(client, "name", position="Professor"))

    response = client.post(edit("name"), old)
    again = client.post(edit("name"), old | {"version": response.context["version"]})

    assert response.context["has_conflict"] is True
    assert "Old" in response.content.decode()
    assert (again.status_code, Profile.objects.get(pk=anna.pk).position) == (302, "Old")


def test_two_organisations_of_one_name_are_offered(client_of, db):
    OrganisationFactory.create_batch(2, name="EMBL", city="Rome")
    client = client_of(UserFactory())

    response = client.post(
        edit("name"), sent(client, "name", display_name="A", organisation_query="embl")
    )

    assert len(response.context["form"].organisation_options) == 2
    assert response.context["form"].errors["organisation_query"] == [
        "Choose one of the organisations below."
    ]


def test_organisation_typed_in_korean_is_found(client_of):
    kaist = KoreanOrganisationFactory(name="KAIST", name_en="KAIST", name_ko="한국과학기술원")
    user = UserFactory()
    client = client_of(user)

    client.post(
        edit("name"), sent(client, "name", display_name="A", organisation_query="한국과학기술원")
    )

    assert (user.profile.organisation, user.profile.side) == (kaist, "korea")


def test_rows_of_offers_open_change_and_close(client_of, minji):
    client = client_of(minji)
    rows = {"offer-0-title_ko": "시료", "request-0-title_en": "A model"}
    client.post(edit("offers"), sent(client, "offers", **rows))

    client.post(
        edit("offers"),
        sent(client, "offers", **{"offer-0-title_ko": "박막 시료", "request-0-is_removed": "on"}),
    )

    rows = [(row.kind, row.title, row.state) for row in Listing.objects.order_by("pk")]
    assert rows == [("offer", "박막 시료", "open"), ("request", "A model", "closed")]


def test_button_adds_a_row_without_script(client_of, minji):
    client = client_of(minji)

    response = client.post(
        edit("offers"),
        sent(client, "offers", **{"action": "add-offer", "offer-0-title_en": "One"}),
    )

    assert response.context["page"].rows["offer"].total_form_count() == 2
    assert "One" in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "stored"),
    (
        ("0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("0000 0002 1825 0097", "0000-0002-1825-0097"),
        ("００００000218250097", "0000-0002-1825-0097"),
        ("0000-0002-1694-233x", "0000-0002-1694-233X"),
    ),
)
def test_orcid_is_taken_in_many_shapes(client_of, anna, typed, stored):
    client = client_of(anna)

    client.post(edit("cooperation"), sent(client, "cooperation", orcid=typed))

    assert Profile.objects.get(pk=anna.pk).orcid == stored


def test_orcid_with_wrong_check_digit_is_refused(client_of, anna):
    client = client_of(anna)

    response = client.post(
        edit("cooperation"), sent(client, "cooperation", orcid="0000-0002-1825-0098")
    )

    assert "orcid" in response.context["form"].errors


def names_of_fields(step):
    names = list(BY_SLUG[step].form.base_fields)
    rows = {
        "offers": ("offer-0-title_en", "offer-0-title_ko", "offer-0-listing_id",
                   "offer-TOTAL_FORMS", "request-0-title_en"),
        "cooperation": ("works-0-doi", "works-0-title", "works-0-venue", "works-0-year",
                        "projects-0-title", "projects-0-identifier", "projects-0-funder",
                        "projects-0-started_in", "projects-0-ended_in", "works-TOTAL_FORMS"),
        "visibility": ("see_summary", "see_contact_email"),
    }  # fmt: skip
    assert set(ROWS) <= set(rows)
    return [*names, *rows.get(step, ()), "version", "action"]


@pytest.mark.parametrize(
    ("step", "field"), [(step, field) for step in STEPS for field in names_of_fields(step)]
)
def test_nasty_input_never_breaks_a_step(client_of, minji, area, step, field):
    client = client_of(minji)
    usual = sent(client, step)

    answers = {}
    for kind, text in NASTY.items():
        version = version_of(Profile.objects.get(pk=minji.pk))
        data = usual | {"version": version} | {field: text}
        answers[kind] = client.post(edit(step), data).status_code

    assert set(answers.values()) <= {200, 302}, answers


def test_ten_megabytes_are_refused_beside_the_field(client_of, anna, area):
    client = client_of(anna)

    response = client.post(edit("research"), sent(client, "research", summary_en="y" * 10_000_000))

    assert response.status_code == 200
    assert "summary_en" in response.context["form"].errors


def test_summary_too_long_is_kept_and_explained(client_of, anna, area):
    client = client_of(anna)

    response = client.post(
        edit("research"), sent(client, "research", areas="NANO", summary_en="word " * 1000)
    )

    assert list(response.context["form"].errors) == ["summary_en"]
    assert "word word word" in response.content.decode()
    assert response.content.decode().count("<title>Error:") == 1


def test_agreeing_to_the_open_web_is_recorded(client_of, anna):
    client = client_of(anna)

    client.post(edit("visibility"), sent(client, "visibility", is_public="on"))

    consent = Consent.objects.get()
    assert (consent.purpose, consent.is_given) == ("public_profile", True)
    assert Profile.objects.get(pk=anna.pk).is_public is True


PERSON = "matching:profile_detail"


def page_of(client, profile):
    return client.get(reverse(PERSON, args=[profile.pk]))


def test_contact_details_are_for_contacts(client, client_of, anna, minji, omar):
    Profile.objects.filter(pk=minji.pk).update(
        contact_email="secret@kr.example", telephone="+82 2", is_public=True
    )
    AcceptedContactRequestFactory(sender=anna, recipient=minji)

    shown = {
        name: "secret@kr.example" in page_of(who, minji).content.decode()
        for name, who in {
            "public": client,
            "stranger": client_of(omar),
            "contact": client_of(anna),
            "owner": client_of(minji),
        }.items()
    }

    assert shown == {"public": False, "stranger": False, "contact": True, "owner": True}


@pytest.mark.parametrize("choice", ("public", "members", "contacts", "private"))
def test_chosen_visibility_is_kept(lexical, client, client_of, anna, minji, omar, choice):
    minji.is_public = True
    minji.keywords = ["verysecretword"]
    minji.visibility = {"keywords": choice}
    minji.save()
    AcceptedContactRequestFactory(sender=minji, recipient=anna)
    readers = (client, client_of(omar), client_of(anna), client_of(minji))

    shown = ["verysecretword" in page_of(reader, minji).content.decode() for reader in readers]
    search = reverse("matching:people_search") + "?q=verysecretword"
    refresh_search_entries()
    found = [reader.get(search).context["found"].count for reader in readers[:2]]

    expected = {
        "public": [True, True, True, True],
        "members": [False, True, True, True],
        "contacts": [False, False, True, True],
        "private": [False, False, False, True],
    }[choice]
    assert shown == expected
    assert found == [int(is_shown) for is_shown in expected[:2]]


def test_stranger_on_the_web_sees_no_member(client, anna):
    assert page_of(client, anna).status_code == 404


@pytest.mark.parametrize("pk", (0, 10**30))
def test_person_that_is_not_there(client_of, anna, pk):
    assert client_of(anna).get(f"/people/{pk}/").status_code == 404


@pytest.mark.parametrize("audience", ("public", "member", "contact", "owner", "x\x00", ""))
def test_preview_shows_every_audience(client_of, anna, audience):
    response = client_of(anna).get(reverse("matching:profile_preview"), {"as": audience})

    assert response.status_code == 200


def test_hidden_profile_is_gone_and_comes_back(client_of, anna, omar, area):
    anna.areas.add(area)
    client = client_of(anna)

    client.post(reverse("matching:profile_hide"))
    hidden = page_of(client_of(omar), anna).status_code
    client.post(reverse("matching:profile_publish"))

    assert (hidden, page_of(client_of(omar), anna).status_code) == (404, 200)


@pytest.mark.parametrize("number", (1, 3))
def test_person_page_query_count(client_of, django_assert_num_queries, omar, anna, number):
    ListingFactory.create_batch(number, profile=anna)
    client = client_of(omar)
    page_of(client, anna)

    with django_assert_num_queries(13):
        page_of(client, anna)


def test_mononym_and_long_surname_are_kept(client_of, area):
    person = ProfileFactory(display_name="Suharto", hangul_name="선우은숙", family_name="선우")

    text = page_of(client_of(person), person).content.decode()

    assert "Suharto" in text
    assert "선우은숙" in text


def test_chosen_topics_stay_ticked(client_of, anna, area, topic):
    client = client_of(anna)

    client.post(edit("research"), sent(client, "research", areas="NANO", topics=[topic.code]))

    text = client.get(edit("research")).content.decode()
    assert list(Profile.objects.get(pk=anna.pk).topics.all()) == [topic]
    assert text.count('name="topics"') == Topic.objects.count()
    assert text.count(" checked") == 2
