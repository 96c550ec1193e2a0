"""Pages of calls in two steps: what officers, panels, applicants and everybody else see."""

import pytest
from django.utils import translation

from funding.models import Application, Call
from funding.services.decisions import decide_by_list
from funding.services.letters import tell_decisions
from funding.services.waiting import waiting_for
from konnect.accounts.models import OutgoingEmail
from tests.factories.accounts import UserFactory
from tests.factories.funding import approved_call, officer_of, prepared_call
from tests.factories.matching import ProfileFactory
from tests.funding.outline_stage import invited_stage, outline_stage
from tests.funding.read_pages import asks_of, of, url, words_of
from tests.funding.test_allocations import frozen

pytestmark = pytest.mark.django_db
BASICS = {
    "title_en": "Heat", "title_ko": "열", "zone": "Europe/Brussels", "opens_day": "2031-01-15",
    "opens_hour": "09:00", "closes_day": "2031-05-15", "closes_hour": "24:00",
}  # fmt: skip


def test_an_officer_says_whether_outlines_come_first(client_of):
    call = prepared_call()
    client = client_of(officer_of(call))
    data = {**BASICS, "programme": call.programme_id, "number": call.number}

    for sent, expected in (("outline", True), ("full", False)):
        page = client.get(of("call_step", call, "basics")).content.decode()
        version = page.split('name="version" value="')[1].split('"')[0]
        answer = client.post(
            of("call_step", call, "basics"), {**data, "is_outline": sent, "version": version}
        )
        assert answer.status_code == 302
        call.refresh_from_db()
        assert call.is_outline is expected


def test_a_second_step_stays_one(client_of):
    call = approved_call(is_outline=True)
    client = client_of(officer_of(call))
    answer = client.post(of("call_follow", call))
    full = Call.objects.get(outline_call=call)
    page = client.get(answer.url)

    assert answer.url == of("call_step", full, "basics")
    assert "is_outline" not in page.content.decode()
    assert "Only those apply here whose outline was invited" in words_of(page)
    assert "prepared: set its dates" in words_of(page)


def test_the_control_rooms_lead_to_each_other(client_of):
    stage, full = invited_stage()
    client = client_of(stage.officer)

    first, second = (words_of(client.get(of("call_manage", each))) for each in (stage.call, full))

    assert f"{full.number} · {full}" in first
    assert "Invited to apply in full 3" in first
    assert "Not invited 2" in first
    assert "Projects begin" not in first
    assert "Funded projects" not in first
    assert f"{stage.call.number} · {stage.call}" in second


def test_the_panel_reads_of_invitations_and_not_of_money(client_of):
    stage = outline_stage(6)
    frozen(stage)
    client = client_of(stage.chair)
    client.post(of("panel_allocation", stage.call))
    ranking = words_of(client.get(of("panel_ranking", stage.call)))
    money = words_of(client.get(of("panel_allocation", stage.call)))
    fourth = stage.applications[3]
    form = client.get(of("panel_decision", stage.call, fourth.pk)).content.decode()

    assert Application.objects.filter(call=stage.call, state="invited").count() == 3
    assert "within three times the money" in ranking
    assert "do not invite" in ranking
    assert "Nobody gets money in this step" in money
    assert "Three times the budget" in money
    assert "reserve list" not in money
    assert "less than two and a half times the money of:" in money
    assert "not invited" in money
    assert 'value="invited"' in form
    assert 'value="funded"' not in form
    assert "amount_" not in form


def test_the_page_about_invitations_asks_as_often_for_many_as_for_few(client_of):
    numbers = []
    for count in (3, 7):
        stage = outline_stage(count)
        frozen(stage)
        decide_by_list(stage.call, actor=stage.chair)
        client, page = client_of(stage.chair), of("panel_allocation", stage.call)
        client.get(page)
        numbers.append(asks_of(lambda one=client, at=page: one.get(at).status_code == 200))

    assert numbers[0] == numbers[1]


def test_the_lead_of_an_invited_outline_gets_to_the_full_application(client_of):
    stage, full = invited_stage()
    outline = stage.applications[0]
    lead = outline.lead.user
    ProfileFactory(user=lead)
    client = client_of(lead)

    result = words_of(client.get(url("application_result", outline.pk)))
    waiting = [each for each in waiting_for(lead) if each.url == of("application_create", full)]
    start = words_of(client.get(of("application_create", full)))
    made = client.post(of("application_create", full))

    assert "you are invited to apply in full" in result
    assert "To the full application" in result
    assert len(waiting) == 1
    assert f"Your outline {outline} was invited" in start
    application = Application.objects.get(call=full)
    assert made.url == application.get_absolute_url()
    assert of("application_create", full) not in {each.url for each in waiting_for(lead)}


def test_nobody_else_is_led_to_the_full_application(client_of):
    stage, full = invited_stage()
    stranger = UserFactory()
    ProfileFactory(user=stranger)
    client = client_of(stranger)

    page = words_of(client.get(of("call_detail", full)))
    start = words_of(client.get(of("application_create", full)))

    assert "You were not invited to this step" in page
    assert "Only those apply here whose outline was invited" in start
    assert not waiting_for(stranger)
    assert not waiting_for(stage.applications[-1].lead.user)


def test_everybody_reads_that_a_call_has_two_steps(client):
    stage, full = invited_stage(is_open=False)

    first, second = (words_of(client.get(of("call_detail", each))) for each in (stage.call, full))
    every = words_of(client.get(url("call_list")))

    assert "A call in two steps" in first
    assert full.get_absolute_url() in client.get(of("call_detail", stage.call)).content.decode()
    assert "Second of two steps" in second
    assert "Find a partner for this call" not in second
    assert "For the invited" in every


@pytest.mark.parametrize(
    ("language", "words"), (("en", "invited to apply in full"), ("ko", "본신청"))
)
def test_letters_say_when_the_full_application_is_due(language, words):
    stage, full = invited_stage()
    outline, last = stage.applications[0], stage.applications[-1]
    for each in (outline, last):
        each.lead.user.language = language
        each.lead.user.save()

    tell_decisions()

    letters = {each.to: each for each in OutgoingEmail.objects.all()}
    invited, left = (letters[each.lead.user.email] for each in (outline, last))
    with translation.override(language):
        for body in (invited.text, invited.html):
            assert words in body
            assert full.get_absolute_url() in body
            assert "24:00" in body
    assert full.get_absolute_url() not in left.text


def test_the_interface_tells_the_steps_apart(client_of):
    stage, full = invited_stage()
    outline = stage.applications[0]
    lead = outline.lead.user
    application = Application.objects.create(call=full, lead=outline.lead, outline=outline)
    client = client_of(lead)

    calls = {each["id"]: each for each in client.get("/api/v1/calls/").json()["results"]}
    own = client.get(f"/api/v1/applications/{application.pk}/").json()
    decision = client.get("/api/v1/decisions/").json()["results"][0]

    assert (calls[stage.call.pk]["is_outline"], calls[full.pk]["outline_call"]) == (
        True, stage.call.pk
    )  # fmt: skip
    assert own["outline"] == outline.pk
    assert decision["outcome"] == "invited"
