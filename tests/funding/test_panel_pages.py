"""Pages of a panel: what was typed stays when it is refused, and links to what it reads and drew."""

import pytest
from django.urls import reverse

from funding.models import Call, Decision
from funding.services.lotteries import promise_lots
from funding.services.rank_lists import choose_method, make_list
from funding.services.waiting_panels import panels_waiting
from tests.funding.panel_stage import panel_stage
from tests.funding.read_pages import asks_for, of, text_of
from tests.funding.review_stage import application_in, chair_of, reviewing_call
from tests.funding.test_allocations import frozen, promise_rate

pytestmark = pytest.mark.django_db
TYPED = "Nobody should have to type this twice."


@pytest.fixture
def stage():
    return panel_stage(3)


def moved_on(call):
    """Let the decisions of a call come out, while somebody types perhaps."""
    Call.objects.filter(pk=call.pk).update(state="released", released_at=call.created_at)


def tied():
    """Return a stage of applications that are equal in everything, and its list."""
    stage = panel_stage(scores=[(4, 4, 4)] * 3)
    found = make_list(stage.call, actor=stage.officer, seed=7)
    choose_method(found, actor=stage.chair, method="raw", reason="Severity is small.")
    found.refresh_from_db()
    return stage, found


def test_minutes_that_come_too_late_are_still_on_the_page(stage, client_of):
    moved_on(stage.call)

    data = {"quorum": "1", "minutes": TYPED}
    page = client_of(stage.officer).post(of("panel_save", stage.call), data)

    assert TYPED in text_of(page)
    assert page.status_code == 200


def test_a_recusal_that_comes_too_late_is_still_on_the_page(stage, client_of):
    member = stage.call.panel.members.get(person__user=stage.member)
    moved_on(stage.call)

    data = {"recusal-member": member.pk, "recusal-application": stage.applications[0].pk,
            "recusal-reason": TYPED}  # fmt: skip
    page = client_of(stage.officer).post(of("panel_recuse", stage.call), data)

    assert f'value="{TYPED}"' in text_of(page)


def test_a_choice_of_the_method_that_comes_too_late_is_still_on_the_page(stage, client_of):
    make_list(stage.call, actor=stage.officer)
    moved_on(stage.call)

    data = {"method": "raw", "reason": TYPED}
    page = client_of(stage.chair).post(of("panel_method", stage.call), data)

    assert TYPED in text_of(page)


def test_a_reason_to_take_decisions_back_is_still_on_the_page(stage, client_of):
    # Somebody else took them back already.
    page = client_of(stage.chair).post(of("panel_reopen", stage.call), {"reason": TYPED})

    assert TYPED in text_of(page)


def test_a_promise_of_lots_leads_back_to_the_page(client_of):
    stage, _found = tied()
    client, url = client_of(stage.officer), of("panel_lottery", stage.call)
    data = {"scope": "ties", "source": "The closing value of the KOSPI on 2 May"}

    assert client.post(url, data).url == url
    # Promised once: the second try keeps what was typed.
    again = client.post(url, data | {"source": TYPED})
    assert again.status_code == 200


def test_the_chair_opens_the_reports_from_the_panel_while_people_review(client_of):
    call = reviewing_call()
    application, chair = application_in(call), chair_of(call)
    client = client_of(chair)
    report = reverse("funding:consensus_detail", args=[application.pk])

    assert report in text_of(client.get(of("panel_detail", call)))
    assert client.get(report).status_code == 200


def test_funders_who_may_not_open_reports_get_no_link(stage, client_of):
    report = reverse("funding:consensus_detail", args=[stage.applications[0].pk])
    client = client_of(stage.europe)

    assert report not in text_of(client.get(of("panel_detail", stage.call)))
    assert client.get(report).status_code == 404


def test_the_panel_page_costs_the_same_however_many_applications_there_are(client_of):
    counts = []
    for number in (1, 3):
        stage = panel_stage(number)
        client = client_of(stage.chair)
        counts.append(asks_for(client, of("panel_detail", stage.call)))

    assert counts[0] == counts[1]


def test_applicants_reach_their_decision_from_their_application(stage, client_of):
    application = stage.applications[0]
    Decision.objects.create(application=application, outcome="not_funded")
    client = client_of(application.lead)
    result = reverse("funding:application_result", args=[application.pk])
    assert result not in text_of(client.get(application.get_absolute_url()))

    moved_on(stage.call)

    assert result in text_of(client.get(application.get_absolute_url()))
    assert client.get(result).status_code == 200


def test_everybody_reaches_the_lottery_from_the_call(client):
    stage, found = tied()
    url = of("panel_lottery", stage.call)
    assert url not in text_of(client.get(stage.call.get_absolute_url()))

    promise_lots(found, actor=stage.officer, scope="ties", source="The KOSPI on 2 May")

    assert url in text_of(client.get(stage.call.get_absolute_url()))
    assert client.get(url).status_code == 200


def test_before_the_meeting_nobody_is_said_to_be_absent(stage, client_of):
    stage.call.panel.members.update(is_present=False)
    page, client = of("panel_detail", stage.call), client_of(stage.officer)
    assert "not there yet" in text_of(client.get(page))

    stage.call.panel.members.filter(is_chair=True).update(is_present=True)

    assert "is not there" in text_of(client.get(page))


def test_the_pages_of_a_panel_are_the_same_everywhere(stage, client_of):
    make_list(stage.call, actor=stage.officer)
    marks = of("panel_marks", stage.call)
    pages = ("panel_detail", "panel_ranking", "panel_lottery", "panel_allocation", "panel_release")
    for user, is_there in ((stage.chair, True), (stage.officer, False)):
        for page in pages:
            shown = text_of(client_of(user).get(of(page, stage.call)))
            assert (f'href="{marks}"' in shown.partition("panel-pages")[2]) is is_there, page


def test_the_chair_is_led_to_the_ranking_once_there_is_one(stage):
    url = of("panel_ranking", stage.call)
    assert url not in [each.url for each in panels_waiting(stage.chair)]

    assert url in [each.url for each in panels_waiting(stage.officer)]

    make_list(stage.call, actor=stage.officer)

    assert url in [each.url for each in panels_waiting(stage.chair)]
    assert url not in [each.url for each in panels_waiting(stage.officer)]


def test_the_rates_of_a_common_pot_are_on_the_page_about_money_and_on_the_call(client_of, client):
    stage = panel_stage(1, pot="real")
    promise_rate(stage)
    frozen(stage)

    pages = (
        client_of(stage.chair).get(reverse("funding:panel_allocation", args=[stage.call.pk])),
        client.get(stage.call.get_absolute_url()),
    )

    for page in pages:
        assert "€1 is 1,480.5 KRW, on 2 March 2026 (ECB)" in page.content.decode()
