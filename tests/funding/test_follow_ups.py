"""Follow-ups: set once, filled in from what is public, confirmed by the people, judged by others."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from funding.models import FollowUp, Output, Report
from funding.refusing import RefusedError
from funding.services.follow_ups import (
    add_follow_on,
    add_output,
    answer_output,
    ask_evaluator,
    evaluators_for,
    judge,
    prefill_follow_ups,
)
from funding.services.grants import happen
from funding.services.own_grants import PARTS
from funding.services.report_rounds import open_reports
from funding.services.reports import save_report
from tests.factories.accounts import UserFactory
from tests.factories.funding import ExpertFactory
from tests.factories.matching import ProfileFactory
from tests.funding.grants_made import due_of, lead_of, officer_at, partner_of, running
from tests.matching import scholarly_server as does
from tests.matching.orcid_records import ORCID

pytestmark = pytest.mark.django_db
MARKS = {"science": 4, "partnership": 5, "people": 3, "use": 0}


@pytest.fixture
def server(settings):
    running_server = does.ScholarlyServer()
    settings.ORCID_API = settings.OPENALEX_API = running_server.url
    yield running_server
    running_server.close()


@pytest.fixture
def grant():
    found = running()
    happen(found, "complete", actor=officer_at(found))
    return found


def work(doi, year, title="Light batteries"):
    """Return a work as OpenAlex describes it."""
    return {
        "id": f"https://openalex.org/W{year}", "doi": f"https://doi.org/{doi}", "title": title,
        "display_name": title, "publication_year": year, "primary_location": None,
        "abstract_inverted_index": None,
    }  # fmt: skip


def known(server, grant, *works):
    """Let OpenAlex know the lead and these works of theirs."""
    ProfileFactory(user=lead_of(grant), orcid=ORCID)
    server.authors[ORCID] = {"orcid": f"https://orcid.org/{ORCID}", "display_name": "Ada"}
    server.works[ORCID] = list(works)


def first_year(grant):
    return due_of_year(grant, 1)


def due_of_year(grant, year):
    due = grant.reports_due.get(kind="follow_up", sequence=year)
    type(due).objects.filter(pk=due.pk).update(state="open")
    due.refresh_from_db()
    return due


def test_three_follow_ups_are_set_at_completion(grant):
    done = timezone.now().date()
    rows = grant.follow_ups.order_by("year").values_list("year", "due__due_on")

    assert [year for year, _day in rows] == [1, 3, 5]
    assert all(abs((day - done).days - 365 * year) <= 3 for year, day in rows)


def test_works_since_the_grant_began_are_found_and_wait_for_an_answer(grant, server):
    year = timezone.now().year
    known(server, grant, work("10.5555/NEW", year), work("10.5555/old", year - 5),
          work("10.5555/new", year))  # fmt: skip
    due = first_year(grant)

    assert prefill_follow_ups() == 1
    assert prefill_follow_ups() == 0

    found = Output.objects.get(grant=grant)
    assert (found.identifier, found.source, found.is_confirmed) == (
        "10.5555/new",
        "OpenAlex",
        None,
    )
    assert Report.objects.get(due=due).is_prefilled


def test_a_service_that_is_away_is_asked_again(grant, server):
    known(server, grant, work("10.5555/new", timezone.now().year))
    first_year(grant)
    server.faults += [does.status(503)]

    assert prefill_follow_ups() == 0
    assert not Output.objects.exists()
    assert prefill_follow_ups() == 1
    assert Output.objects.count() == 1


def test_who_has_no_orcid_gets_an_empty_form(grant, server):
    first_year(grant)

    assert prefill_follow_ups() == 1
    assert server.asked == []
    save_report(first_year(grant), {"later": {"together": True}}, actor=lead_of(grant), seen=0)


def test_results_are_confirmed_or_not_and_a_second_look_keeps_the_answer(grant, server):
    known(server, grant, work("10.5555/new", timezone.now().year))
    first_year(grant)
    prefill_follow_ups()
    found = Output.objects.get()

    with pytest.raises(PermissionDenied):
        answer_output(found, actor=UserFactory(), is_ours=True)
    answer_output(found, actor=partner_of(grant), is_ours=False)
    due_of_year(grant, 3)
    assert prefill_follow_ups() == 1

    found.refresh_from_db()
    assert found.is_confirmed is False
    assert Output.objects.count() == 1


def test_a_result_that_is_told_and_found_is_one(grant):
    facts = {"kind": "publication", "identifier": "10.5555/x", "title": "X", "year": 2031}
    Output.objects.create(grant=grant, source="OpenAlex", **facts)

    told = add_output(grant, actor=lead_of(grant), facts=facts)

    assert (told.is_confirmed, told.source) == (True, "OpenAlex")
    assert Output.objects.count() == 1


def test_later_money_is_noted_by_the_people_of_the_grant(grant):
    facts = {"name": "Horizon project", "funder_name": "EU"}

    with pytest.raises(PermissionDenied):
        add_follow_on(grant, actor=officer_at(grant), facts=facts)
    assert add_follow_on(grant, actor=lead_of(grant), facts=facts).name == "Horizon project"


def test_somebody_else_than_the_reviewers_judges(grant):
    officer, follow_up = officer_at(grant), FollowUp.objects.get(grant=grant, year=1)
    involved = ExpertFactory(person=grant.decision.application.lead)
    expert = ExpertFactory()
    assert [each.pk for each in evaluators_for(grant)] == [expert.pk]

    with pytest.raises(RefusedError):
        ask_evaluator(follow_up, involved.person, actor=officer)
    with pytest.raises(PermissionDenied):
        ask_evaluator(follow_up, expert.person, actor=lead_of(grant))
    ask_evaluator(follow_up, expert.person, actor=officer)
    with pytest.raises(PermissionDenied):
        judge(follow_up, MARKS, actor=officer)
    with pytest.raises(RefusedError):
        judge(follow_up, MARKS | {"use": 6}, actor=expert.person.user)
    judge(follow_up, MARKS, actor=expert.person.user)

    follow_up.refresh_from_db()
    assert follow_up.rubric == MARKS


def test_follow_ups_open_by_themselves_when_their_year_is_over(grant):
    due = due_of(grant, "follow_up", state="scheduled",
                 on=timezone.now().date() + timedelta(days=30))  # fmt: skip

    open_reports()

    due.refresh_from_db()
    assert due.state == "open"


def test_one_takes_ones_grants_trips_and_reports_along(grant):
    lead = lead_of(grant)

    copies = {name: rows(lead) for name, _label, rows, _model in PARTS}

    assert len(copies["grants"]) == 1
    assert len(copies["grant_reports"]) == grant.reports_due.count()
    assert all(not rows(UserFactory()) for _name, _label, rows, _model in PARTS)
