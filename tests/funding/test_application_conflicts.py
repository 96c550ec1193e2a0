"""Two people write title or budget of one application; an officer asks about some of its fields."""

from datetime import timedelta

import pytest
from django.utils import timezone

from funding.models import Application
from funding.refusing import RefusedError
from funding.services.budgets import budget_sum, save_budget
from funding.services.clarifications import ask
from funding.services.drafts import basics_sum, save_basics
from funding.services.submitting import submit
from tests.factories.funding import officer_of
from tests.funding.application_stage import draft_without_confirmation, ready
from tests.funding.read_pages import of, text_of, words_of
from tests.funding.test_submitting import close

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_media")]


def basics(page, title):
    return {"seen": page.context["seen"], "title": title, "acronym": "BAT", "language": "en"}


def test_two_people_change_the_title_and_none_is_lost(client_of):
    application, partner = draft_without_confirmation()
    mine, theirs = client_of(application.lead), client_of(partner.person)
    address = of("application_basics", application)
    seen = mine.get(address)
    assert theirs.post(address, basics(seen, "Hers")).status_code == 302

    answer = mine.post(address, basics(seen, "Mine"))

    assert answer.status_code == 409
    assert 'value="Mine"' in text_of(answer)
    assert "Here is what is stored where the two differ: Title Hers" in words_of(answer)
    assert Application.objects.get().title == "Hers"
    assert mine.post(address, basics(answer, "Both")).status_code == 302
    assert Application.objects.get().title == "Both"


def test_a_second_click_is_no_conflict_with_oneself(client_of):
    application, _partner = draft_without_confirmation()
    funder = application.call.commitments.get(currency="EUR").funder.pk
    client = client_of(application.lead)
    lines = {f"cost-{funder}-0": "travel", f"amount-{funder}-0": "200"}

    for name, typed in (("application_basics", {"title": "Mine", "language": "en"}),
                        ("application_budget", lines)):  # fmt: skip
        page = client.get(of(name, application))
        data = {"seen": page.context["seen"], **typed}
        answers = [client.post(of(name, application), data).status_code for _click in range(2)]
        assert answers == [302, 302], name


def test_another_part_that_changed_is_no_conflict(client_of):
    application, partner = draft_without_confirmation()
    mine, theirs = client_of(application.lead), client_of(partner.person)
    seen = mine.get(of("application_basics", application))
    theirs.post(of("application_section", application, "more"), {"plan": "New", "number": "1"})

    answer = mine.post(of("application_basics", application), basics(seen, "Mine"))

    assert answer.status_code == 302


def test_two_people_change_the_budget_and_none_is_lost(client_of):
    application, partner = draft_without_confirmation()
    funder = application.call.commitments.get(currency="EUR").funder.pk
    mine, theirs = client_of(application.lead), client_of(partner.person)
    address = of("application_budget", application)

    def lines(page, amount):
        return {"seen": page.context["seen"], f"cost-{funder}-0": "travel",
                f"amount-{funder}-0": amount}  # fmt: skip

    seen = mine.get(address)
    assert theirs.post(address, lines(seen, "200")).status_code == 302

    answer = mine.post(address, lines(seen, "300"))

    assert answer.status_code == 409
    assert 'value="300"' in text_of(answer)
    assert "200" in words_of(answer).partition("Here is what is stored")[2]
    assert application.budget.get(funder=funder).amount_minor == 200_00
    assert mine.post(address, lines(answer, "500")).status_code == 302
    assert application.budget.get(funder=funder).amount_minor == 500_00


@pytest.fixture
def questioned():
    """An application about one field of which an officer asks after closing."""
    application = ready()
    submit(application.pk, actor=application.lead.user)
    close(application.call)
    ask(application, question="Which plan?", fields=["more.plan"],
        actor=officer_of(application.call), due_at=timezone.now() + timedelta(days=1))  # fmt: skip
    return Application.objects.get(pk=application.pk)


def test_a_question_offers_no_button_that_always_refuses(client_of, questioned):
    client = client_of(questioned.lead)

    for name, button in (("basics", ">Save<"), ("budget", ">Save<"), ("documents", ">Upload<")):
        page = text_of(client.get(of(f"application_{name}", questioned)))
        assert button not in page, name
        assert 'class="button button-small button-quiet"' not in page
    tasks = text_of(client.get(questioned.get_absolute_url()))
    assert of("application_section", questioned, "more") in tasks
    assert of("application_section", questioned, "work") not in tasks
    assert of("application_budget", questioned) not in tasks


def test_a_question_says_why_everything_else_is_closed(questioned):
    actor, facts = questioned.lead.user, {"title": "New", "acronym": "", "language": "en"}

    with pytest.raises(RefusedError, match="not_asked"):
        save_basics(questioned, **facts, area=None, seen=basics_sum(questioned), actor=actor)
    with pytest.raises(RefusedError, match="not_asked"):
        save_budget(questioned, [], seen=budget_sum([]), actor=actor)
