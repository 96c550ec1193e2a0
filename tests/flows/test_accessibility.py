"""Every kind of page, looked at by axe: both languages, light and dark, narrow and wide.

On each page: no violation of any rule of axe, nothing that scrolls sideways, one h1, a title, no
error in the console, no word of the content security policy, no request to another host.
"""

from pathlib import Path

import axe_playwright_python
import pytest

from konnect.accounts.models import User
from matching.services.table_imports import hand_in_table, work_on_table_imports
from tests.factories.accounts import UserFactory
from tests.factories.matching import AbuseReportFactory, MatchRunFactory
from tests.flows.call_stage import (
    OFFICER_OF_CALLS,
    REFUSED_BY_CALL_OFFICERS,
    VISITOR_OF_CALLS,
    set_call_stage,
)
from tests.flows.event_pages import (
    MEMBER_OF_EVENTS,
    ORGANISER_OF_EVENTS,
    REFUSED_AT_EVENTS,
    REFUSED_BY_ORGANISERS,
    VISITOR_OF_EVENTS,
)
from tests.flows.funding_stage import set_funding_stage
from tests.flows.stage import guarded_user, session_of, set_stage
from tests.processes import PATIENCE, complaints_of

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
QUICKLY = {"resultTypes": ["violations"], "preload": False}
# Not on by default: the rule of WCAG 2.2 on how large a target must be.
ALL_RULES = QUICKLY | {"rules": {"target-size": {"enabled": True}}}
# Each page meets all rules in each language and at each width, light and dark, but not in all
# pairs of language and width; in the other pairs, those that the length of words can break.
MEET_ALL_RULES = {("en", 1280), ("ko", 360)}
LAYOUT = QUICKLY | {"runOnly": ["target-size", "scrollable-region-focusable"]}
# Colours are all that changes between light and dark.
COLOURS = QUICKLY | {"runOnly": ["color-contrast"]}
RUN_AXE = """options => axe.run(document, options).then(found => found.violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id} at ${node.target.join(" ")}: ${node.failureSummary}`)))"""
# Opens what is folded, of many alike the first, and returns what is wrong without axe.
LOOK = """() => {
    const folded = [...document.querySelectorAll("main details")].filter(
        part => !part.matches(".filters ~ .filters, .suggestion ~ .suggestion details"));
    folded.forEach(part => { part.open = true; });
    const width = document.scrollingElement.scrollWidth;
    const wide = [...document.querySelectorAll("body *")].filter(
        part => part.getBoundingClientRect().right > innerWidth + 1).slice(0, 3);
    const headings = document.querySelectorAll("h1").length;
    return [
        ...(width > innerWidth ? [`${width} pixels wide: `
            + wide.map(part => `${part.tagName}.${part.className}`).join(", ")] : []),
        ...(headings === 1 ? [] : [`${headings} h1`]),
        ...(document.title.trim() ? [] : ["no title"]),
    ];
}"""

VISITOR = (
    "/", "/about/", "/privacy/", "/privacy/2026-11/", "/about/suggestions/", "/terms/",
    "/settings/my-data/deleted/", "/accessibility/", "/search/", "/search/?q=nobody",
    "/organisations/", "/organisations/?q=nobody", "/organisations/{organisation}/",
    "/map/", "/map/?area=GREEN", "/twinnings/{twinning}/",
    "/search/listings/", "/search/?view=map", "/organisations/?view=map&country=KR",
    "/people/{minji}/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/",
    "/accounts/password/reset/done/", "/accounts/password/reset/key/{reset}/",
    "/accounts/password/reset/key/1-gone/", "/accounts/inactive/", "/invitation/{invitation}/",
    "/invitation/gone/", "/notifications/stop/{stop}/", "/nowhere/",
)  # fmt: skip
NEWCOMER = (
    "/dashboard/", "/profile/name/", "/profile/preview/", "/suggestions/", "/contacts/",
    "/profile/fill/",
    "/messages/", "/blocks/", "/listings/", "/people/{anna}/contact/", "/settings/mailbox/",
    "/notifications/", "/settings/notifications/", "/settings/my-data/",
)  # fmt: skip
MEMBER = (
    "/dashboard/", "/suggestions/", "/profile/name/", "/profile/research/", "/profile/offers/",
    "/profile/fill/", "/profile/fill/{look_ready}/", "/profile/fill/{look_waiting}/",
    "/profile/fill/{look_failed}/", "/profile/fill/{look_taken}/", "/profile/fill/{look_dropped}/",
    "/profile/cooperation/", "/profile/visibility/", "/profile/preview/",
    "/profile/preview/?as=public", "/listings/", "/listings/new/", "/listings/{own_listing}/",
    "/listings/{own_listing}/edit/", "/listings/{listing}/", "/search/", "/people/{anna}/",
    "/search/?q=perovskite&topic=gone", "/search/?q=perovskite&stage=R1&side=europe",
    "/search/?view=map", "/search/listings/?q=modelling", "/saved-searches/",
    "/saved-searches/{saved_search}/", "/saved-searches/new/?kind=people&q=solar&country=KR",
    "/partner-searches/", "/partner-searches/new/", "/partner-searches/{own_search}/",
    "/partner-searches/{waiting_search}/", "/partner-searches/{ended_search}/",
    "/partner-searches/{own_search}/outcome/", "/partner-searches/{own_search}/edit/call/",
    "/partner-searches/{own_search}/edit/offer/", "/partner-searches/{own_search}/edit/partner/",
    "/partner-searches/{own_search}/edit/consortium/",
    "/partner-searches/{own_search}/edit/conditions/",
    "/partner-searches/{own_search}/edit/dates/", "/listings/{own_search}/?text=both",
    "/listings/{search}/", "/listings/{search}/interest/", "/interests/", "/interests/?tab=sent",
    "/interests/{interest}/", "/interests/{declined_interest}/",
    "/people/{omar}/contact/", "/contacts/?tab=received", "/contacts/?tab=sent",
    "/contacts/?tab=accepted", "/contacts/{received}/", "/contacts/{sent}/",
    "/contacts/{accepted}/", "/contacts/{declined}/", "/contacts/{withdrawn}/",
    "/contacts/{expired}/", "/messages/", "/messages/{conversation}/", "/people/{omar}/block/",
    "/blocks/", "/notifications/", "/notifications/?show=unread", "/notifications/stop/{stop}/",
    "/settings/notifications/", "/settings/", "/settings/consents/", "/settings/mailbox/",
    "/network/", "/organisations/{organisation}/", "/organisations/{organisation}/edit/",
    "/organisations/{organisation}/twinnings/", "/organisations/{organisation}/twinnings/?q=univ",
    "/organisations/{organisation}/twinnings/new/?partner={twin_organisation}",
    "/twinnings/{twinning}/", "/twinnings/{proposed_twinning}/",
    "/twinnings/{withdrawable_twinning}/",
    "/settings/my-data/", "/settings/my-data/delete/", "/settings/changes/",
    "/settings/visits/", "/report/profile/{anna}/",
    "/settings/sign-in-again/", "/contacts/{parted}/", "/messages/{parted_conversation}/",
    "/settings/mailbox/{letter}/", "/accounts/email/", "/accounts/password/change/",
    "/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/", "/accounts/sessions/", "/accounts/reauthenticate/",
    "/accounts/logout/", "/accounts/3rdparty/",
)  # fmt: skip
GUARDED = (
    "/accounts/2fa/", "/accounts/2fa/totp/deactivate/", "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/",
)  # fmt: skip
STAFF = (
    "/reviews/listings/",
    "/reviews/listings/{waiting_search}/",
    "/matching/runs/",
    "/matching/runs/{run}/",
    "/matching/runs/{new_run}/",
    "/matching/runs/{new_run}/cancel/",
    "/matching/runs/{run}/repeat/",
)
ADMINISTRATOR = (
    "/reviews/reports/", "/reviews/reports/?state=decided", "/reviews/reports/{report}/",
    "/tables/", "/tables/{table}/", "/statistics/", "/settings/visits/begin/{somebody}/",
)  # fmt: skip
# Forms that are sent as they stand and come back with complaints.
REFUSED_BY_VISITOR = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/")
REFUSED = ("/profile/name/", "/profile/research/", "/listings/new/",
           "/partner-searches/new/", "/listings/{search}/interest/", "/people/{omar}/contact/",
           "/accounts/password/change/", "/settings/my-data/delete/")  # fmt: skip


@pytest.fixture
def things(transactional_db, settings, minji, anna, language):
    """Set the stage, in one language; return the ids of what is on it."""
    settings.DEMO = True
    settings.EMBEDDER = "lexical"
    minji.user.language = language
    minji.user.save()
    return set_stage(minji, anna)


@pytest.fixture
def open_window(browser, live_server, language, width):
    """Return a function that opens a window, of somebody or of a stranger."""
    contexts = []

    def open_page(user=None):
        context = browser.new_context(
            locale=f"{language}-XX", viewport={"width": width, "height": 900},
            base_url=live_server.url, reduced_motion="reduce",
        )  # fmt: skip
        contexts.append(context)
        context.add_init_script(AXE)
        if user:
            context.add_cookies([session_of(user) | {"url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.complaints = complaints_of(page, live_server.url)
        page.rules = ALL_RULES if (language, width) in MEET_ALL_RULES else LAYOUT
        return page

    yield open_page
    for context in contexts:
        context.close()


def problems_of(page, name):
    """Return what is wrong with the page that is open, light and dark."""
    problems = page.evaluate(LOOK) + [
        complaint for complaint in page.complaints if "status of 404" not in complaint
    ]
    page.complaints.clear()
    page.emulate_media(color_scheme="light")
    problems += page.evaluate(RUN_AXE, page.rules)
    if page.rules == ALL_RULES:
        page.emulate_media(color_scheme="dark")
        problems += [f"dark: {problem}" for problem in page.evaluate(RUN_AXE, COLOURS)]
    return [f"{name}: {problem}" for problem in problems]


def look_at(page, paths, things):
    """Return what is wrong with pages."""
    problems = []
    for path in paths:
        page.goto(path.format(**things))
        problems += problems_of(page, path)
    return problems


def look_at_refused(page, paths, things):
    """Return what is wrong with forms that are sent empty."""
    problems = []
    for path in paths:
        page.goto(path.format(**things))
        form = page.locator("main form[method=post]").first
        for field in form.locator("input[type=text], input[type=email], textarea").all():
            field.evaluate("field => { field.value = ''; }")
        form.locator("button.button-primary, button.button-danger").first.click()
        page.locator("#error-summary").wait_for()
        page.wait_for_load_state()
        problems += problems_of(page, f"refused {path}")
    return problems


@pytest.mark.parametrize("width", (360, 1280))
@pytest.mark.parametrize("language", ("en", "ko"))
def test_visitors_find_no_barrier(things, open_window):
    page = open_window()

    problems = look_at(page, VISITOR, things)
    problems += look_at_refused(page, REFUSED_BY_VISITOR, things)

    assert problems == [], "\n".join(map(str, problems))


@pytest.mark.parametrize("width", (360, 1280))
@pytest.mark.parametrize("language", ("en", "ko"))
def test_members_find_no_barrier(things, open_window, minji, language):
    page = open_window(minji.user)

    problems = look_at(page, MEMBER, things)
    problems += look_at_refused(page, REFUSED, things)
    problems += look_at(open_window(UserFactory(language=language)), NEWCOMER, things)
    problems += look_at(open_window(guarded_user(language)), GUARDED, things)

    assert problems == [], "\n".join(map(str, problems))


@pytest.mark.parametrize("width", (360, 1280))
@pytest.mark.parametrize("language", ("en", "ko"))
def test_staff_find_no_barrier(things, open_window, anna, language):
    page = open_window(UserFactory(language=language, is_staff=True))
    things["new_run"] = MatchRunFactory().pk
    things["report"] = AbuseReportFactory(profile=anna).pk
    administrator = UserFactory(language=language, is_staff=True, is_superuser=True)
    table = hand_in_table(
        actor=administrator, kind="people", file_name="people.csv", content=b"email,name\n"
    )
    work_on_table_imports()
    things |= {"table": table.pk, "somebody": anna.user.pk}

    problems = look_at(page, STAFF, things)
    problems += look_at(open_window(administrator), ADMINISTRATOR, things)

    assert problems == [], "\n".join(map(str, problems))


@pytest.mark.parametrize("width", (360, 1280))
@pytest.mark.parametrize("language", ("en", "ko"))
def test_nobody_finds_a_barrier_at_events(things, open_window, minji):
    member = open_window(minji.user)
    organiser = open_window(User.objects.get(pk=things["organiser"]))

    problems = look_at(open_window(), VISITOR_OF_EVENTS, things)
    problems += look_at(member, MEMBER_OF_EVENTS, things)
    problems += look_at_refused(member, REFUSED_AT_EVENTS, things)
    problems += look_at(organiser, ORGANISER_OF_EVENTS, things)
    problems += look_at_refused(organiser, REFUSED_BY_ORGANISERS, things)

    assert problems == [], "\n".join(map(str, problems))


@pytest.mark.parametrize("width", (360, 1280))
@pytest.mark.parametrize("language", ("en", "ko"))
def test_nobody_finds_a_barrier_at_calls(open_window, language):
    stage = set_call_stage(language)
    officer = open_window(User.objects.get(pk=stage["officer"]))

    problems = look_at(open_window(), VISITOR_OF_CALLS, stage)
    problems += look_at(officer, OFFICER_OF_CALLS, stage)
    problems += look_at_refused(officer, REFUSED_BY_CALL_OFFICERS, stage)

    assert problems == [], "\n".join(map(str, problems))


@pytest.mark.parametrize("width", (360, 1280))
@pytest.mark.parametrize("language", ("en", "ko"))
def test_nobody_finds_a_barrier_in_applications_reviews_panels_and_grants(
    transactional_db, open_window, minji, language
):
    minji.user.language = language
    minji.user.save()

    problems = look_at(open_window(minji.user), set_funding_stage(minji), {})

    assert problems == [], "\n".join(map(str, problems))
