"""Pages of applications: what people click, type and read, with and without script."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from funding.forms_schema import default_schema
from funding.models import Application, Call, Participant
from funding.services.application_pages import unlike
from funding.services.submitting import submit
from konnect.accounts.models import OutgoingEmail
from matching.services.profiles import ensure_profile
from tests.factories.accounts import UserFactory
from tests.factories.funding import approved_call, officer_of
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    OrganisationFactory,
    ProfileFactory,
)
from tests.funding.application_stage import confirm_by, draft_without_confirmation, ready
from tests.funding.read_pages import asks_for, text_of, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_media")]


def test_a_partner_of_ones_own_region_is_refused_before_anybody_is_written_to(client_of):
    application = draft_without_confirmation()[0]
    application.participants.exclude(role="lead").delete()
    own = application.participants.get(role="lead")
    form = {"role": "partner", "name": "Kim Minji", "email": "minji@example.org",
            "organisation_unlisted": "KAIST", "country_code": own.country_code}  # fmt: skip

    answer = client_of(application.lead).post(url("application_people", application.pk), form)

    assert "must be in different regions" in text_of(answer)
    assert "minji@example.org" in text_of(answer)
    assert application.participants.count() == 1
    assert not OutgoingEmail.objects.exists()


def test_from_the_call_to_the_list_of_tasks(client_of, anna):
    call = approved_call(schema=default_schema())
    client = client_of(anna)

    assert "Start my application" in text_of(client.get(url("application_create", call.pk)))
    answer = client.post(url("application_create", call.pk), follow=True)

    application = Application.objects.get()
    assert (application.lead.user, application.call) == (anna.user, call)
    assert "Invite your partner from the other region." in text_of(answer)
    assert client.get(url("application_create", call.pk)).url == application.get_absolute_url()
    assert str(call) in text_of(client.get(url("application_list")))


def test_nobody_starts_without_a_name(client_of):
    call = approved_call()
    nameless = ensure_profile(UserFactory())
    client = client_of(nameless)

    page = text_of(client.get(url("application_create", call.pk)))
    answer = client.post(url("application_create", call.pk), follow=True)

    assert "Enter your name in your profile first." in page
    assert reverse("matching:profile_preview") in page
    assert "Enter your name in your profile first." in text_of(answer)
    assert not Application.objects.exists()


def test_a_lead_without_organisation_hears_it_and_takes_it_over_from_the_profile(client_of):
    call, body = approved_call(), OrganisationFactory()
    profile = ensure_profile(UserFactory())
    profile.display_name = "Mina Kim"
    profile.save()
    client = client_of(profile)
    assert "names no organisation" in text_of(client.get(url("application_create", call.pk)))
    client.post(url("application_create", call.pk))
    people = url("application_people", Application.objects.get().pk)
    assert "Take over from my profile" in text_of(client.get(people))
    profile.organisation = body
    profile.side, profile.country_code = body.side, body.country_code
    profile.save()

    page = text_of(client.post(people, {"own_place": "1"}, follow=True))

    assert "Take over from my profile" not in page
    assert Participant.objects.get(role="lead").organisation == body


def test_what_is_missing_leads_to_where_it_is_mended(client_of):
    application, _partner = draft_without_confirmation(with_document=False)
    client = client_of(application.lead)

    assert url("application_submit", application.pk) in text_of(
        client.get(application.get_absolute_url())
    )
    page = text_of(client.get(url("application_submit", application.pk)))
    for part in ("documents", "people"):
        assert f'<li><a href="{url(f"application_{part}", application.pk)}">' in page


def test_only_who_has_still_to_answer_is_asked_to(client_of):
    _application, partner = draft_without_confirmation()
    client, asked = client_of(partner.person), "You are asked to take part"
    assert asked in text_of(client.get(url("application_list")))

    confirm_by(partner)

    assert asked not in text_of(client.get(url("application_list")))


def test_the_call_says_how_long_a_stay_may_be_and_only_it_complains(client_of):
    schema = default_schema()
    application, _partner = draft_without_confirmation(schema=schema, longest_days=60)
    client, page = client_of(application.lead), section_page(application, "mobility")
    assert "to 60 days." in text_of(client.get(page))

    client.post(page, {"days": "400", "number": "1"})

    missing = text_of(client.get(url("application_submit", application.pk)))
    assert missing.count("400") == 1


def test_a_suggested_person_becomes_the_partner(client_of, anna, minji):
    call = approved_call()

    client_of(anna).post(url("application_create", call.pk), {"partner": minji.pk})

    partner = Participant.objects.get(role="partner")
    assert (partner.person.user, partner.region) == (minji.user, "korea")
    page = text_of(client_of(minji).get(partner.application.get_absolute_url()))
    assert url("application_confirm", partner.application_id) in page


def test_strangers_find_nothing(client_of, omar):
    application = ready()
    key = application.documents.get().key
    client = client_of(omar)
    for name in ("detail", "basics", "people", "confirm", "budget", "documents", "preview", "pdf",
                 "submit", "receipt", "withdraw", "screen", "ask"):  # fmt: skip
        assert client.get(url(f"application_{name}", application.pk)).status_code == 404, name
    assert client.get(url("application_document", application.pk, key)).status_code == 404
    assert client.post(url("application_submit", application.pk)).status_code == 404


def section_page(application, code="more"):
    return url("application_section", application.pk, code)


def test_a_section_saves_itself_and_says_when(client_of):
    application, _partner = draft_without_confirmation()
    client = client_of(application.lead)

    answer = client.post(
        section_page(application), {"plan": "First we meet", "number": "1"}, HTTP_HX_REQUEST="true"
    )

    assert re.search(r"Saved \d\d:\d\d", text_of(answer))
    assert 'name="number" value="2"' in text_of(answer)
    assert application.sections.get(code="more").answers == {"plan": "First we meet"}


def test_two_editors_see_both_texts_and_lose_none(client_of):
    application, partner = draft_without_confirmation()
    client_of(partner.person).post(section_page(application), {"plan": "Hers", "number": "1"})
    client = client_of(application.lead)

    answer = client.post(section_page(application), {"plan": "Mine", "number": "1"})

    assert answer.status_code == 409
    assert "Hers" in text_of(answer)
    assert "Mine" in text_of(answer)
    both = client.post(section_page(application), {"plan": "Hers and mine", "number": "2"})
    assert both.status_code == 302
    assert application.sections.get(code="more").answers == {"plan": "Hers and mine"}


def test_too_long_a_text_is_kept_and_named(client_of):
    application, _partner = draft_without_confirmation()

    client, page = client_of(application.lead), section_page(application)
    typed = {"plan": "가" * 101, "number": "1"}
    by_itself = client.post(page, typed, headers={"HX-Request": "true"})
    answer = client.post(page, {**typed, "number": "2", "then": "next"})

    assert application.sections.get(code="more").answers == {"plan": "가" * 101}
    assert "This has 101 characters; 100 are allowed." in text_of(by_itself)
    assert "Saved" in text_of(by_itself)
    assert answer.context["form"].errors["plan"]
    assert "It is saved as it is." in text_of(answer)
    assert "101 characters, 100 at most" in text_of(client.get(application.get_absolute_url()))


def test_an_impossible_number_keeps_what_was_typed(client_of, anna):
    call = approved_call(schema=default_schema())
    client = client_of(anna)
    client.post(url("application_create", call.pk))
    application = Application.objects.get()

    answer = client.post(
        section_page(application, "mobility"), {"days": "many", "purpose": "To measure"}
    )

    assert 'value="many"' in text_of(answer)
    assert "To measure" in text_of(answer)


def test_confirming_an_older_text_is_refused_and_the_change_is_shown(client_of):
    application = ready()
    partner = application.participants.get(role="partner")
    seen = application.draft_sha256
    client_of(application.lead).post(
        section_page(application), {"plan": "New plan", "number": "1"}
    )
    client = client_of(partner.person)

    answer = client.post(url("application_confirm", application.pk), {"sha256": seen}, follow=True)

    assert "changed while you read it" in text_of(answer)
    assert "New plan" in text_of(answer)
    assert "What has changed since you confirmed" in text_of(answer)
    partner.refresh_from_db()
    assert partner.state == "reconfirm"


def test_the_budget_in_two_currencies_with_the_most(client_of):
    application, _partner = draft_without_confirmation()
    euro, won = (application.call.commitments.get(currency=code).funder for code in ("EUR", "KRW"))
    client = client_of(application.lead)

    page = client.get(url("application_budget", application.pk))
    client.post(url("application_budget", application.pk), {
        "seen": page.context["seen"], f"cost-{euro.pk}-0": "travel", f"amount-{euro.pk}-0": "1,200.50",
        f"cost-{won.pk}-0": "stay", f"amount-{won.pk}-0": "1,500,000",
    })  # fmt: skip
    bad = client.post(url("application_budget", application.pk), {
        f"cost-{won.pk}-0": "stay", f"amount-{won.pk}-0": "1.5",
    })  # fmt: skip

    amounts = dict(application.budget.values_list("funder__currency", "amount_minor"))
    assert amounts == {"EUR": 120050, "KRW": 1500000}
    assert 'value="1.5"' in text_of(bad)


def test_a_changed_budget_is_shown_in_words():
    line = {"funder": "rhine", "cost": "travel", "note": "Flight", "amount_minor": 13_750_00,
            "currency": "EUR"}  # fmt: skip

    before, after = unlike([line], [{**line, "currency": "KRW"}])

    assert before == ["RHINE · Travel · Flight · €13,750"]
    assert after == ["RHINE · Travel · Flight · ₩1,375,000"]


def test_handing_in_is_light(client_of):
    application = ready(schema=default_schema())
    client = client_of(application.lead)

    with CaptureQueriesContext(
        connection,
    ) as found:
        answer = client.post(url("application_submit", application.pk))

    assert answer.status_code == 302
    assert len(found) <= 34
    page = text_of(client.get(application.get_absolute_url()))
    assert "Version 1 was received on" in page


def test_a_second_click_finds_a_person_named_or_gone(client_of, minji, anna):
    application, _partner = draft_without_confirmation()
    client, people = client_of(application.lead), url("application_people", application.pk)
    AcceptedContactRequestFactory(sender=ensure_profile(application.lead.user), recipient=minji)
    add = url("participant_add", application.pk)
    for _click in (1, 2):
        assert client.post(add, {"profile": minji.pk, "role": "host"}).url == people
    host = application.participants.get(role="host")
    assert host.person.user == minji.user
    assert client.post(add, {"profile": anna.pk, "role": "host"}).status_code == 404

    for _click in (1, 2):
        assert client.post(url("participant_remove", application.pk, host.pk)).url == people
    assert not application.participants.filter(role="host").exists()


def test_receipt_and_draft_as_paper(client_of):
    application = ready()
    client = client_of(application.lead)
    assert client.get(url("application_receipt", application.pk)).status_code == 404
    submit(application.pk, actor=application.lead.user)

    for name in ("application_receipt", "application_pdf"):
        answer = client.get(url(name, application.pk))
        assert answer.content.startswith(b"%PDF-"), name
        assert application.lead.name not in answer["Content-Disposition"]


@pytest.mark.parametrize("state", ("eligible", "in_review", "recommended"))
def test_until_decisions_are_out_nobody_is_told_that_there_is_one(client_of, state):
    application = ready()
    submit(application.pk, actor=application.lead.user)
    Call.objects.filter(pk=application.call_id).update(state="panel")
    Application.objects.filter(pk=application.pk).update(state=state)

    page = text_of(client_of(application.lead.user).get(application.get_absolute_url()))

    assert "being checked and reviewed" in page
    assert "withdrawn or decided" not in page


def test_a_draft_after_a_version_says_that_the_version_counts(client_of):
    application = ready()
    submit(application.pk, actor=application.lead.user)
    application.participants.filter(role="partner").delete()

    page = text_of(client_of(application.lead.user).get(application.get_absolute_url()))

    assert "Version 1 is handed in and counts." in page
    assert "before you can hand in a new version" in page


def test_withdrawn_and_started_again(client_of):
    application = ready()
    client = client_of(application.lead)

    client.post(url("application_withdraw", application.pk), {"reason": "No time"})

    application.refresh_from_db()
    assert application.state == "withdrawn"
    ProfileFactory(user=application.lead.user)
    client.post(url("application_create", application.call_id))
    assert Application.objects.filter(lead=application.lead).count() == 2


def test_withdrawing_is_offered_while_it_can_be_and_a_refusal_keeps_the_reason(client_of):
    application = ready()
    client = client_of(application.lead)
    address = url("application_withdraw", application.pk)
    assert address in text_of(client.get(application.get_absolute_url()))
    assert "data-guard" in text_of(client.get(address))
    submit(application.pk, actor=application.lead.user)
    too_long = text_of(client.post(address, {"reason": "No time. " * 60}))
    assert "Error: Withdraw" in too_long
    assert "error-summary" in too_long

    Application.objects.filter(pk=application.pk).update(state="declined")

    assert address not in text_of(client.get(application.get_absolute_url()))
    refused = text_of(client.post(address, {"reason": "Somebody else is faster"}))
    assert "moved on meanwhile" in refused
    assert "Somebody else is faster" in refused
    application.refresh_from_db()
    assert application.state == "declined"


@pytest.mark.parametrize("name", ("application_screen", "application_ask"))
def test_officers_see_what_was_handed_in_and_no_draft(client_of, name):
    application = ready()
    client = client_of(officer_of(application.call))
    assert client.get(url(name, application.pk)).status_code == 404

    submit(application.pk, actor=application.lead.user)

    assert client.get(url(name, application.pk)).status_code == 200
    assert client.get(url("screening_list", application.call_id)).status_code == 200


def test_the_list_costs_the_same_however_many_there_are(client_of, anna):
    client, counts = client_of(anna), []
    for more in (1, 2, 3):
        for _each in range(more):
            client.post(url("application_create", approved_call().pk))
        counts.append(asks_for(client, url("application_list")))

    assert Application.objects.filter(lead__user=anna.user).count() == 6
    assert counts[0] == counts[1] == counts[2]


def test_labels_say_what_is_needed_to_hand_in(client_of, anna):
    call = approved_call(schema=default_schema())
    client = client_of(anna)
    client.post(url("application_create", call.pk))
    pk = Application.objects.get().pk

    basics = re.findall(
        r"<label for=\"id_(\w+)\">(.*?)</label>",
        text_of(client.get(url("application_basics", pk))),
    )

    said = {name: re.findall(r"\(([^)]+)\)", label) for name, label in basics}
    assert said == {
        "title": ["needed to hand in"], "area": ["needed to hand in"], "acronym": ["optional"],
        "language": [],
    }  # fmt: skip
    # The draft takes what lacks them.
    data = {"title": "", "area": "", "language": "en", "seen": ""}
    assert client.post(url("application_basics", pk), data).status_code in (302, 409)
