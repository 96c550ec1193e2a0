"""Filling a profile from ORCID as people do it: ask, wait, tick, take over, see it.

The site, the worker, the broker, the database and the HTTP server that stands for ORCID are real.
"""

import re

import pytest
from playwright.sync_api import expect

from matching.models import SourceRequest
from tests.factories.accounts import UserFactory
from tests.factories.matching import KoreanOrganisationFactory
from tests.flows.stage import session_of
from tests.matching import scholarly_server as does
from tests.matching.orcid_records import ORCID, record
from tests.processes import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("processes")]

FOUND = re.compile(r"/profile/fill/\d+/$")


@pytest.fixture
def orcid(monkeypatch):
    """What the worker takes for ORCID: it begins with a fault of its own."""
    server = does.ScholarlyServer()
    server.records[ORCID] = record()
    server.faults = [does.status(503)]
    monkeypatch.setenv("KONNECT_ORCID_API", server.url)
    yield server
    server.close()


@pytest.fixture
def newcomer(transactional_db, language):
    """Somebody with an account and nothing else."""
    KoreanOrganisationFactory(name="Hanbit University", name_ko="한빛대학교", ror_id="04h9pn542")
    return UserFactory(email="minji@example.kr", language=language)


def open_window(new_page, site, user, language, **options):
    """Open a window of somebody who is signed in."""
    page = new_page(language=language, **options)
    page.context.add_cookies([session_of(user) | {"url": site.url}])
    return page


@pytest.mark.parametrize("language", ("en", "ko"))
def test_profile_is_filled_from_orcid(orcid, newcomer, site, worker, new_page, language):
    page = open_window(new_page, site, newcomer, language)

    page.goto("/dashboard/")
    page.locator(".next-steps a[href='/profile/fill/']").first.click()
    page.fill("[name=orcid]", f"https://orcid.org/{ORCID}")
    page.locator("button[name=source][value=orcid]").click()
    expect(page).to_have_url(FOUND)
    # Nobody reloads: the first answer is a fault, the second one the record.
    expect(page.locator("section[aria-labelledby=group-works]")).to_be_visible()
    page.locator(".found", has_text="An older work").locator("[name=take]").uncheck()
    page.locator("main form .button-primary").click()
    expect(page.locator("main .notice-success").first).to_be_visible()
    page.locator("a.button[href='/profile/preview/']").click()

    main = page.locator("main")
    expect(main).to_contain_text("김민지" if language == "ko" else "Minji Kim")
    expect(main).to_contain_text("한빛대학교" if language == "ko" else "Hanbit University")
    expect(main).to_contain_text("Stable perovskite modules")
    expect(main).not_to_contain_text("An older work")
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert [path for path, _key in orcid.asked] == [f"/v3.0/{ORCID}/record"] * 2
    assert SourceRequest.objects.get().asked == ""
    assert page.complaints == []


@pytest.mark.parametrize("language", ("ko",))
def test_profile_is_filled_without_script_too(orcid, newcomer, site, worker, new_page, language):
    orcid.faults = []
    page = open_window(new_page, site, newcomer, language, script=False, width=360)

    page.goto("/profile/fill/")
    page.fill("[name=orcid]", ORCID)
    with page.expect_navigation():
        page.locator("button[name=source][value=orcid]").click()
    for _ in range(2 * PATIENCE):
        if page.locator("section[aria-labelledby=group-works]").count():
            break
        page.wait_for_timeout(500)
        with page.expect_navigation():
            page.locator("#look a").first.click()
    page.locator("main form .button-primary").click()
    page.locator("form[action$='/undo/'] button").click()

    expect(page).to_have_url(re.compile("/profile/fill/$"))
    expect(page.locator("main .notice-success").first).to_be_visible()
    assert newcomer.profile.works.count() == 0
    assert newcomer.profile.display_name == ""
