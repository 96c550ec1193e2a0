"""What came of a project, for everybody: public with the approval, off and on again with a reason."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import translation

from funding.models import Call, LedgerEntry, ReportDue
from funding.refusing import RefusedError
from funding.services.ledger import check_sum, faults
from funding.services.projects import projects_with_summary, public_projects, summary_of
from funding.services.report_content import problems_of
from funding.services.reports import (
    approve_report,
    hide_report,
    publish_report,
    save_report,
    submit_report,
)
from konnect.accounts.services import erase_account
from tests.funding.grants_made import due_of, lead_of, offered, officer_at, running
from tests.funding.read_pages import text_of

pytestmark = pytest.mark.django_db
ENGLISH = "Batteries that charge in the sun."
KOREAN = "햇빛으로 충전하는 배터리입니다."
REST = {"results": "The secret figures of both laboratories.", "together": True}


def fresh(due):
    return ReportDue.objects.get(pk=due.pk)


def submitted_report(grant, kind="final", **texts):
    """Return a report that was handed in, with these texts for everybody."""
    due = due_of(grant, kind)
    save_report(due, {"results": {**texts, **REST}}, actor=lead_of(grant), seen=0)
    submit_report(fresh(due), actor=lead_of(grant))
    return fresh(due)


def approved_report(grant, **texts):
    """Return a report that is approved, and so public."""
    due = submitted_report(grant, **texts or {"summary": ENGLISH})
    approve_report(due, actor=officer_at(grant))
    return fresh(due)


def page_of(grant, client=None):
    return (client or Client()).get(f"/projects/{grant.pk}/")


def refused(step):
    with pytest.raises(RefusedError) as caught:
        step()
    return [each.code for each in caught.value.blockers]


@pytest.mark.parametrize(
    ("texts", "wanted"),
    (
        ({}, ["missing_public"]),
        ({"summary": " \n"}, ["missing_public"]),
        ({"summary": ENGLISH}, []),
        ({"summary_ko": KOREAN}, []),
        ({"summary": ENGLISH, "summary_ko": "가" * 1501}, ["too_long"]),
    ),
)
def test_one_language_of_the_summary_is_enough(texts, wanted):
    grant = running()
    due = due_of(grant)
    save_report(due, {"results": {**texts, **REST}}, actor=lead_of(grant), seen=0)

    assert [each.code for each in problems_of(due)] == wanted


def test_the_summary_is_public_with_the_approval_and_not_before():
    grant = running()
    due = submitted_report(grant, summary=ENGLISH)
    before = text_of(page_of(grant))

    approve_report(due, actor=officer_at(grant))

    after = text_of(page_of(grant))
    assert ENGLISH not in before
    assert ENGLISH in after
    assert "secret figures" not in after
    events = LedgerEntry.objects.filter(noun="reportdue", object_id=due.pk)
    assert list(events.order_by("sequence").values_list("event", flat=True)) == [
        "draft", "submit", "approve", "publish",
    ]  # fmt: skip


def test_a_report_without_a_public_part_is_approved_and_nothing_else():
    grant = running()
    due = due_of(grant, "financial")
    save_report(due, {"money": {"spent": "Trains."}}, actor=lead_of(grant), seen=0)
    submit_report(fresh(due), actor=lead_of(grant))

    approve_report(fresh(due), actor=officer_at(grant))

    assert fresh(due).state == "approved"
    officer = officer_at(grant)
    assert refused(lambda: publish_report(fresh(due), actor=officer)) == ["nothing_public"]


def test_what_was_taken_off_comes_back_with_a_reason():
    grant = running()
    due, officer = approved_report(grant), officer_at(grant)

    assert refused(lambda: hide_report(fresh(due), actor=officer, reason=" ")) == [
        "reason_missing"
    ]
    hide_report(fresh(due), actor=officer, reason="A name stands in it.")
    hidden = text_of(page_of(grant))
    assert refused(lambda: publish_report(fresh(due), actor=officer)) == ["reason_missing"]
    assert fresh(due).state == "approved"
    publish_report(fresh(due), actor=officer, reason="The person agrees.")

    assert ENGLISH not in hidden
    assert ENGLISH in text_of(page_of(grant))
    told = LedgerEntry.objects.filter(noun="reportdue", object_id=due.pk).order_by("sequence")
    assert list(told.values_list("event", "reason"))[-2:] == [
        ("hide", check_sum("A name stands in it.")), ("publish", check_sum("The person agrees.")),
    ]  # fmt: skip
    assert list(faults()) == []


def test_only_the_officer_takes_it_off_or_puts_it_back():
    grant = running()
    due = approved_report(grant)

    with pytest.raises(PermissionDenied):
        hide_report(fresh(due), actor=lead_of(grant), reason="I do not like it.")


def test_officers_do_it_on_the_page_of_the_report(client_of):
    grant = running()
    due = approved_report(grant)
    client = client_of(officer_at(grant))
    client.post(f"/reports/{due.pk}/hide/", {"reason": "A name stands in it."})
    off = client.get(due.get_absolute_url())
    client.post(f"/reports/{due.pk}/publish/", {"reason": ""})
    still = fresh(due).state
    client.post(f"/reports/{due.pk}/publish/", {"reason": "The person agrees."})

    assert "Why it is put back" in text_of(off)
    assert (still, fresh(due).state) == ("approved", "published")


def test_the_lead_sees_what_will_be_public_and_where(client_of):
    grant = running()
    due = due_of(grant)

    page = client_of(lead_of(grant)).get(due.get_absolute_url()).content.decode()

    assert page.count("Public once the report is approved") == 2
    assert page.count(f'href="/projects/{grant.pk}/"') == 2


@pytest.mark.parametrize(
    ("texts", "reader", "first", "folded", "note"),
    (
        ({"summary": ENGLISH}, "en", ("en", ENGLISH), None, False),
        ({"summary": ENGLISH}, "ko", ("en", ENGLISH), None, True),
        ({"summary_ko": KOREAN}, "en", ("ko", KOREAN), None, True),
        ({"summary": ENGLISH, "summary_ko": KOREAN}, "ko", ("ko", KOREAN), ("en", ENGLISH), False),
    ),
)
def test_the_text_is_in_the_readers_language_or_says_in_which(texts, reader, first, folded, note):
    grant = running()
    approved_report(grant, **texts)
    client = Client(headers={"accept-language": reader})

    page = page_of(grant, client).content.decode()

    assert f'lang="{first[0]}" dir="auto">{first[1]}</div>' in page
    assert ("<details><summary>" in page) == bool(folded)
    if folded:
        assert f'lang="{folded[0]}" dir="auto">{folded[1]}</div></details>' in page
    with translation.override(reader):
        said = [translation.gettext("The project team wrote this in Korean only."),
                translation.gettext("The project team wrote this in English only.")]  # fmt: skip
    assert any(words in page for words in said) == note


def test_nobody_is_named(client_of):
    grant = running()
    approved_report(grant)
    team = grant.decision.application.participants.all()

    for address in (
        f"/projects/{grant.pk}/",
        f"/calls/{grant.decision.application.call_id}/projects/",
    ):
        page = text_of(Client().get(address))
        for row in team:
            assert row.organisation is None or str(row.organisation) in page
            assert str(row.person) not in page
            assert row.person.user.email not in page


def test_only_what_was_taken_and_released_is_there():
    waiting, taken = offered(), running()
    call = taken.decision.application.call

    assert page_of(waiting).status_code == 404
    assert page_of(taken).status_code == 200
    Call.objects.filter(pk=call.pk).update(state="decided", released_at=None)
    assert page_of(taken).status_code == 404
    assert Client().get(f"/calls/{call.pk}/projects/").status_code == 404


def test_a_released_call_leads_to_its_projects():
    call = running().decision.application.call

    assert (
        f'href="/calls/{call.pk}/projects/"' in Client().get(f"/calls/{call.pk}/").content.decode()
    )


@pytest.mark.parametrize("count", (1, 3))
def test_number_of_queries_of_the_list_stays(count, django_assert_num_queries):
    grants = [running() for _number in range(count)]
    call = grants[0].decision.application.call
    for grant in grants[1:]:
        application = grant.decision.application
        type(application).objects.filter(pk=application.pk).update(call=call, number=90 + grant.pk)
    client = Client()
    client.get("/")

    with django_assert_num_queries(5):
        page = client.get(f"/calls/{call.pk}/projects/")

    assert len(page.context["rows"]) == count


def test_the_text_stays_when_its_writer_leaves(settings, tmp_path):
    settings.ERASURE_LOG = str(tmp_path / "erasures.log")
    grant = running()
    approved_report(grant)
    name = lead_of(grant).email

    erase_account(lead_of(grant), keeps_messages=False, says_farewell=False)

    page = text_of(page_of(grant))
    assert ENGLISH in page
    assert name not in page


def test_search_engines_find_projects_that_say_something():
    silent, told = running(), running()
    approved_report(told)

    assert set(projects_with_summary()) == {told}
    assert set(public_projects()) == {silent, told}
    assert summary_of(silent) is None
    found = Client().get("/sitemap-projects-1.xml").content.decode()
    assert f"/projects/{told.pk}/" in found
    assert f"/projects/{silent.pk}/" not in found
    assert "<lastmod>" in found
    assert "/projects/" not in Client().get("/robots.txt").content.decode()
