"""The eligibility check: the way in, what waits for whom, and what a page shows of an opinion."""

import pytest
from django.urls import reverse

from funding.models import Application, Call
from funding.services.screening import give_opinion
from funding.services.submitting import submit
from funding.services.waiting import waiting_for
from tests.factories.funding import (
    ApplicationFactory,
    ProgrammeFactory,
    funder_officer_of,
    officer_of,
    submitted,
)
from tests.funding.application_stage import ready
from tests.funding.read_pages import asks_of, of, text_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def application():
    """An application that was handed in and whose eligibility is being checked."""
    application = ready()
    submit(application.pk, actor=application.lead.user)
    Call.objects.filter(pk=application.call_id).update(state="screening")
    return Application.objects.select_related("call", "lead").get(pk=application.pk)


def page_of(application):
    return reverse("funding:application_screen", args=[application.pk])


def test_the_control_room_leads_to_the_eligibility_check(client_of, application):
    client = client_of(funder_officer_of(application.call))

    assert of("screening_list", application.call) in text_of(
        client.get(of("call_manage", application.call))
    )


def test_an_opinion_waits_for_everybody_who_has_not_given_theirs(application):
    call = application.call
    first, second = officer_of(call), funder_officer_of(call)
    url = of("screening_list", call)
    assert [[each.url for each in waiting_for(user)] for user in (first, second)] == [[url]] * 2

    give_opinion(application, is_eligible=True, code="", note="", actor=first)

    assert waiting_for(first) == []
    assert [each.url for each in waiting_for(second)] == [url]
    give_opinion(application, is_eligible=True, code="", note="", actor=second)
    assert waiting_for(second) == []


def test_nobody_is_asked_about_an_application_that_they_lead(application):
    officer = officer_of(application.call)
    application.lead.user = officer
    application.lead.save()

    assert of("screening_list", application.call) not in [
        each.url for each in waiting_for(officer)
    ]


def test_what_waits_costs_the_same_however_many_were_handed_in():
    counts = []
    for number in (1, 2, 3):
        programme = ProgrammeFactory()
        for _each in range(number):
            row = ready(programme=programme)
            submit(row.pk, actor=row.lead.user)
            Call.objects.filter(pk=row.call_id).update(state="screening")
        officer = officer_of(row.call)
        counts.append(
            asks_of(lambda user=officer, number=number: len(waiting_for(user)) == number)
        )

    assert counts[0] == counts[1] == counts[2]


def test_a_page_says_in_words_who_applies_and_why_somebody_said_no(client_of, application):
    call = application.call
    officer = officer_of(call)
    give_opinion(
        application, is_eligible=False, code="topic", note="", actor=funder_officer_of(call)
    )

    page = words_of(client_of(officer).get(page_of(application)))

    assert "Lead applicant · Germany" in page
    assert "It may not take part – Not what the call is about" in page
    found = words_of(client_of(officer).get(of("screening_list", call)))
    assert "It may not take part – Not what the call is about" in found


def test_what_waits_for_the_reader_stands_first_with_its_money(client_of, application):
    call = application.call
    officer = officer_of(call)
    other = submitted(ApplicationFactory(call=call), state="submitted")
    give_opinion(application, is_eligible=True, code="", note="", actor=officer)
    client = client_of(officer)

    found = words_of(client.get(of("screening_list", call)))

    assert found.count("Waits for you") == 1
    assert found.index(str(other)) < found.index(str(application))
    assert "Travel · €10" in words_of(client.get(page_of(application))).partition("Budget")[2]


def test_only_who_may_ask_is_offered_to_ask(client_of, application):
    ask = reverse("funding:application_ask", args=[application.pk])
    officer, funder = officer_of(application.call), funder_officer_of(application.call)

    assert ask in text_of(client_of(officer).get(page_of(application)))
    assert ask not in text_of(client_of(funder).get(page_of(application)))


def test_the_form_is_there_for_who_has_not_said_and_for_a_second_look(client_of, application):
    call = application.call
    first, second = officer_of(call), funder_officer_of(call)
    third, button = funder_officer_of(call, "korea"), "Record what I found"
    for person in (first, second):
        assert button in text_of(client_of(person).get(page_of(application)))
        give_opinion(application, is_eligible=False, code="topic", note="", actor=person)
        assert button not in text_of(client_of(person).get(page_of(application)))

    # Its people object: somebody else looks at it once more.
    assert button in text_of(client_of(third).get(page_of(application)))
