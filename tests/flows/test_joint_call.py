"""A whole joint call as everybody, once in English and once in Korean: from draft to follow-up.

The officer of the programme and those of two funders approve it; a lead in Europe applies with a
partner in Korea; three reviewers judge; the chair ranks, decides and releases with both funders;
the lead travels to the partner, and tells what came of it, at the end and a year later. Where
months pass in earnest, the test moves a date; where the worker would do a round, it does that.
"""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from funding.models import (
    Application,
    Call,
    Criterion,
    Grant,
    Participant,
    ReportDue,
    ReviewAssignment,
    Trip,
)
from funding.services.assignment_runs import work_on_runs
from funding.services.letters import tell_decisions
from funding.services.offers import offer_what_was_released
from konnect.accounts.models import OutgoingEmail
from matching.models import Area
from tests.factories.accounts import UserFactory
from tests.factories.funding import (
    ExpertFactory,
    KoreanExpertFactory,
    PersonFactory,
    days,
    funder_officer_of,
    officer_of,
    prepared_call,
)
from tests.factories.matching import KoreanProfileFactory, ProfileFactory
from tests.funding.application_stage import pdf, small_schema
from tests.funding.grants_made import due_of

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("processes")]

TITLE = "Perovskite light batteries"
WORDS = "The plan is sound and the two groups need each other. " * 4
HANGUL = re.compile("[가-힣]")
PRIMARY = "button.button-primary"


class Desk:
    """The window of one person, with what people do in it again and again."""

    def __init__(self, page):
        self.page = page

    def see(self, path):
        """Open a page and what is folded on it."""
        self.page.goto(path)
        self.page.evaluate(
            "document.querySelectorAll('main details').forEach(d => { d.open = true; })"
        )
        return self.page.locator("main")

    def type(self, form, name, value):
        """Fill in one field, whatever its kind."""
        found = form.locator(f"[name='{name}']")
        kind = found.first.evaluate("field => field.type")
        if value is True:
            found.check()
        elif kind in ("radio", "checkbox"):
            form.locator(f"[name='{name}'][value='{value}']").check()
        elif kind == "select-one":
            found.select_option(str(value))
        elif kind == "file":
            found.set_input_files(value)
        else:
            found.fill(str(value))

    def send(self, path, form, button=PRIMARY, /, **values):
        """Fill in a form of a page and send it; complain when it comes back."""
        self.see(path)
        found = self.page.locator(form).first
        for name, value in values.items():
            self.type(found, name, value)
        with self.page.expect_navigation():
            # By keyboard: what is in view may lie below the bar at the top.
            found.locator(button).first.press("Enter")
        expect(self.page.locator("#error-summary")).to_have_count(0)

    def follow(self, path, *addresses):
        """Go from a page to another by its links, and return what stands there."""
        self.see(path)
        for address in addresses:
            with self.page.expect_navigation():
                self.page.locator(f"main a[href='{address}']").first.press("Enter")
        return self.page.locator("main")

    def press(self, path, action):
        """Press the button of a form that asks for nothing else."""
        self.send(path, f"main form[action$='{action}']", "button")


@pytest.fixture
def desk_of(site, new_page):
    """Return a function that opens the window of somebody who reads a language."""
    desks = []

    def open_desk(user, language):
        type(user).objects.filter(pk=user.pk).update(language=language)
        client = Client()
        client.force_login(user)
        page = new_page(language=language)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site.url}]
        )
        desks.append(Desk(page))
        return desks[-1]

    open_desk.all = desks
    return open_desk


def pass_closing(call):
    """Let the closing be now: an approved call is not brought forward by any other means."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE funding_call DISABLE TRIGGER USER")
        Call.objects.filter(pk=call.pk).update(closes_at=timezone.now())
        cursor.execute("ALTER TABLE funding_call ENABLE TRIGGER USER")


def publish(call, desks):
    """Complete the draft; approve it as the officer and as both funders."""
    officer = desks["officer"]
    officer.send(
        f"/calls/{call.pk}/edit/texts/", "main form:has([name=contact_email])",
        "button[value=later]", contact_email="call@example.org",
    )  # fmt: skip
    manage = f"/calls/{call.pk}/manage/"
    officer.press(manage, "/send_for_approval/")
    for who in ("officer", "europe", "korea"):
        desks[who].press(manage, f"/calls/{call.pk}/approve/")
    call.refresh_from_db()
    assert call.state == "approved"


def apply(call, desks, partner):
    """Write an application, have the partner confirm it, hand it in; return it."""
    lead = desks["lead"]
    lead.send(f"/calls/{call.pk}/apply/", "main form.form-actions")
    application = Application.objects.get(call=call)
    home = f"/applications/{application.pk}/"
    lead.send(
        f"{home}basics/", "main form:has([name=title])", title=TITLE, acronym="PELIBA",
        area=Area.objects.filter(version=Area.CURRENT_VERSION).first().pk, language="en",
    )  # fmt: skip
    lead.send(f"{home}sections/work/", "main form:has([name=aims])", aims="Charging by light.")
    lead.send(f"{home}budget/", "main form:has([name^=amount])", **budget_of(call))
    lead.send(
        f"{home}documents/", "main form:has([name=file])", kind="description",
        file={"name": "work.pdf", "mimeType": "application/pdf", "buffer": pdf()},
    )  # fmt: skip
    lead.send(
        f"{home}people/", "main form:has([name=email])", role="partner", name="Kim Minji",
        email=partner.user.email, organisation_query=partner.organisation.name_en,
    )  # fmt: skip
    seat = Participant.objects.get(application=application, role="partner")
    desks["partner"].send(f"/applications/join/{seat.token}/", "main form")
    desks["partner"].send(f"{home}confirm/", "main form:has([name=sha256])", "button")
    lead.send(f"{home}submit/", "main form")
    application.refresh_from_db()
    assert (application.state, application.submitted_version) == ("submitted", 1)
    return application


def budget_of(call):
    """Return what is typed into the first line of each funder."""
    found = {}
    for row in call.commitments.all():
        found |= {f"cost-{row.funder_id}-0": "travel", f"amount-{row.funder_id}-0": "10000"}
    return found


def screen(call, application, desks):
    """Close the call; two people find the application eligible; reviewing begins."""
    pass_closing(call)
    manage = f"/calls/{call.pk}/manage/"
    desks["officer"].press(manage, f"/calls/{call.pk}/screen/")
    page = f"/applications/{application.pk}/screen/"
    for who in ("officer", "europe"):
        desks[who].follow("/funding/", f"{manage}screening/", page)
        desks[who].send(page, "main form:has([name=is_eligible])", is_eligible="yes")
    desks["officer"].press(manage, "/start_reviewing/")


def assign(call, experts, desks):
    """Ask the experts, compute the assignment, apply it, and ask for the reviews."""
    officer, soon = desks["officer"], (timezone.localdate() + timedelta(days=9)).isoformat()
    for expert in experts:
        officer.send(
            f"/calls/{call.pk}/manage/experts/", "main form:has([name=experts])",
            experts=expert.pk, answer_by=soon,
        )  # fmt: skip
    for number, expert in enumerate(experts):
        row = expert.call_rows.get()
        desks[f"reviewer {number}"].send(
            f"/reviews/calls/{row.pk}/", "main form:has([name=answer])", answer="yes", most=5
        )
    page = f"/calls/{call.pk}/manage/assignment/"
    officer.send(page, "main form:has([name=objective])")
    work_on_runs()
    run = call.assignment_runs.get()
    officer.press(f"{page}{run.pk}/", "/apply/")
    officer.send(page, "main form[action$='/ask/']", "button", answer_by=soon)


def review(application, desks):
    """Accept, declare and write three reviews; the rapporteur writes, all sign."""
    rows = list(ReviewAssignment.objects.filter(application=application))
    assert len(rows) == 3
    desk_for = {row.pk: desks[row.reviewer.person.user_id] for row in rows}
    for row in rows:
        desk, page = desk_for[row.pk], f"/reviews/{row.key}/"
        desk.send(page, "main form[action$='/answer/']", answer="yes")
        desk.send(page, "main form[action$='/declare/']", declaration="none")
        desk.send(page, "main form:has([name=confidence])", comment=WORDS, confidence=2,
                  **scored(application.call))  # fmt: skip
    page = f"/applications/{application.pk}/consensus/"
    desks["chair"].follow(f"/calls/{application.call_id}/panel/", page)
    writer = next(row for row in ReviewAssignment.objects.all() if row.is_rapporteur)
    desk_for[writer.pk].send(
        page, "main form:has([name=text])", text=WORDS,
        **{name: value for name, value in scored(application.call).items() if "value" in name},
    )  # fmt: skip
    for row in rows:
        desk_for[row.pk].send(page, "main form[action$='/sign/']", stance="agree")
    application.refresh_from_db()
    assert application.state == "ranked"


def scored(call):
    """Return a score and a comment for every criterion."""
    found = {}
    for pk in Criterion.objects.filter(call=call).values_list("pk", flat=True):
        found |= {f"value_{pk}": "4.5", f"comment_{pk}": WORDS}
    return found


def convene(call, members, desks):
    """Put the chair and a member on the panel, both present."""
    officer, panel = desks["officer"], f"/calls/{call.pk}/panel/"
    for user, side in members:
        typed = {"member-email": user.email, "member-side": side, **chairing(side)}
        officer.send(panel, "main form[action$='/members/']", "button", **typed)
        officer.press(panel, "/come/")


def chairing(side):
    """The European one takes the chair."""
    return {"member-is_chair": True} if side == "europe" else {}


def decide(call, desks):
    """Rank, decide, close and release; the worker then writes and offers."""
    chair, panel = desks["chair"], f"/calls/{call.pk}/panel/"
    desks["officer"].press(f"/calls/{call.pk}/manage/", "/convene/")
    chair.press(f"{panel}ranking/", "/panel/ranking/")
    # With one application there is no severity to correct, and no method to choose.
    chair.press(f"{panel}ranking/", "/freeze/")
    chair.send(f"{panel}allocation/", "main form[action$='/allocation/']", reserve_places=0)
    chair.send(panel, "main form[action$='/save/']", quorum=1, minutes="All were there.")
    chair.press(f"{panel}release/", "/close/")
    for who in ("chair", "europe", "korea"):
        desks[who].press(f"{panel}release/", "/panel/release/")
    call.refresh_from_db()
    assert call.state == "released"
    tell_decisions()
    offer_what_was_released()


def travel(grant, desks):
    """Plan a trip, have it agreed and approved, go, report, and have the report approved."""
    lead, host, officer = desks["lead"], desks["partner"], desks["officer"]
    seats = grant.decision.application.participants
    # Trips keep some weeks from the day on which their grant begins.
    first = grant.period.lower + timedelta(days=40)
    lead.send(
        f"/grants/{grant.pk}/trips/new/", "main form:has([name=purpose])",
        traveller=seats.get(role="lead").pk, host=seats.get(role="partner").pk,
        first=first.isoformat(), last=(first + timedelta(days=9)).isoformat(), purpose=WORDS,
    )  # fmt: skip
    trip = Trip.objects.get()
    page, today = f"/trips/{trip.pk}/", timezone.localdate()
    host.press(page, "/agree/")
    officer.press(page, "/approve/")
    # The grant has to have begun for its trips to be over: its period covers both dates.
    begun, over = today - timedelta(days=30), today + timedelta(days=330)
    Grant.objects.filter(pk=grant.pk).update(period=days(begun, over))
    Trip.objects.update(period=days(today - timedelta(days=12), today - timedelta(days=3)))
    for event in ("start", "end"):
        host.press(page, f"/{event}/")
    lead.send(page, "main form[action$='/report/']", text=WORDS)
    for desk in (host, officer):
        desk.press(page, "/report/approve/")
    trip.refresh_from_db()
    assert trip.state == "report_approved"


def report(due, desks, **answers):
    """Write a report and have it approved."""
    page = f"/reports/{due.pk}/"
    desks["lead"].send(page, "main form:has([name=then])", "button[value=submit]", **answers)
    desks["officer"].press(page, "/approve/")
    due.refresh_from_db()
    # What a final report says for everybody is public with the approval.
    assert due.state == ("published" if due.kind == "final" else "approved")


def cast(call, language, desk_of, anna, minji):
    """Return (windows by role and by user, experts, members of the panel)."""
    profiles = [ProfileFactory(), ProfileFactory(), KoreanProfileFactory()]
    experts = [
        make(person=PersonFactory(user=profile.user, name=profile.display_name),
             is_domain_expert=True)
        for make, profile in zip(
            (ExpertFactory, ExpertFactory, KoreanExpertFactory), profiles, strict=True
        )
    ]  # fmt: skip
    chair, member = UserFactory(), UserFactory()
    users = {
        "officer": officer_of(call), "europe": funder_officer_of(call),
        "korea": funder_officer_of(call, "korea"), "lead": anna.user, "partner": minji.user,
        "chair": chair, **{f"reviewer {number}": each.person.user
                           for number, each in enumerate(experts)},
    }  # fmt: skip
    desks = {role: desk_of(user, language) for role, user in users.items()}
    desks |= {user.pk: desks[role] for role, user in users.items()}
    return desks, experts, [(chair, "europe"), (member, "korea")]


@pytest.mark.parametrize("language", ("en", "ko"))
def test_whole_joint_call(desk_of, anna, minji, language):
    call = prepared_call(schema=small_schema(), title_en="Joint call", title_ko="공동 공모")
    desks, experts, members = cast(call, language, desk_of, anna, minji)

    publish(call, desks)
    application = apply(call, desks, minji)
    screen(call, application, desks)
    convene(call, members, desks)
    assign(call, experts, desks)
    review(application, desks)
    decide(call, desks)
    letter = OutgoingEmail.objects.filter(to=anna.user.email).latest("pk")
    home = application.get_absolute_url()
    result = desks["lead"].follow(home, f"{home}result/").inner_text()
    grant = Grant.objects.get()
    desks["lead"].send(f"/grants/{grant.pk}/", "main form[action$='/answer/']")
    desks["officer"].press(f"/grants/{grant.pk}/", "/start/")
    travel(grant, desks)
    report(due_of(grant), desks, **{"results-summary": WORDS, "results-results": WORDS,
                                    "results-together": "yes"})  # fmt: skip
    desks["officer"].press(f"/grants/{grant.pk}/", "/complete/")
    later = ReportDue.objects.filter(grant=grant, kind="follow_up").earliest("due_on")
    ReportDue.objects.filter(pk=later.pk).update(state="open")
    report(later, desks, **{"later-together": "yes"})

    assert "PELIBA" in result
    assert bool(HANGUL.search(letter.subject)) is (language == "ko")
    for desk in desk_of.all:
        assert desk.page.locator("html").get_attribute("lang") == language
        assert desk.page.complaints == []
