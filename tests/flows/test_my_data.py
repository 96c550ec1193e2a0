"""A person takes their data along and goes, in both languages, with and without script."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from konnect.accounts.models import ErasedAccount, OutgoingEmail, User
from matching.models import Message
from tests.factories.accounts import PASSWORD
from tests.factories.matching import ConversationFactory, MessageFactory
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("processes")]

SAID = "Shall we meet on Tuesday?"
WORDS = {
    "en": {"title": "My data on KONNECT", "former": "A former member", "farewell": "Farewell"},
    "ko": {
        "title": "KONNECT에 저장된 내 데이터",
        "former": "탈퇴한 회원",
        "farewell": "안녕히 가세요",
    },
}


@pytest.fixture(params=("en", "ko"))
def leaver(request, minji, anna, transactional_db):
    """Return Minji, who reads one of the languages and has talked with Anna."""
    minji.user.language = anna.user.language = request.param
    minji.user.save()
    anna.user.save()
    conversation = ConversationFactory(
        contact_request__sender=anna, contact_request__recipient=minji
    )
    MessageFactory(conversation=conversation, author=minji, text=SAID)
    return minji


def sign_in(page, address):
    """Sign in by the form."""
    page.goto("/accounts/login/")
    page.fill("[name=login]", address)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()


def prove(page):
    """Type the password once more where the page asks for it."""
    expect(page).to_have_url(re.compile("/accounts/reauthenticate/"))
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()


def download_copy(page, *, script=True):
    """Ask for a copy, wait for it and download it; return the files by their names."""
    page.goto("/settings/my-data/")
    page.locator("form[action$='/my-data/copy/'] button").click()
    link = page.locator("a[href*='/my-data/copy/']")
    if not script:
        wait_until(
            lambda: (
                OutgoingEmail.objects.filter(subject__contains="데이터").exists()
                or OutgoingEmail.objects.filter(subject__contains="data").exists()
            )
        )
        page.reload()
    expect(link).to_be_visible()
    # The password is asked for first.
    link.click()
    page.fill("[name=password]", PASSWORD)
    with page.expect_download() as waited:
        page.locator("main form button[type=submit]").first.click()
    with zipfile.ZipFile(io.BytesIO(Path(waited.value.path()).read_bytes())) as copy:
        return {name.split("/", 1)[1]: copy.read(name).decode() for name in copy.namelist()}


def leave(page, address):
    """Delete the account, first with a slip of the hand."""
    page.goto("/settings/my-data/delete/")
    if "/reauthenticate/" in page.url:
        prove(page)
    page.fill("[name=typed_address]", "somebody@example.org")
    page.locator("button.button-danger").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.fill("[name=typed_address]", address.upper())
    page.locator("button.button-danger").click()


@pytest.mark.parametrize("script", (True, False), ids=("script", "no-script"))
def test_person_takes_the_data_along_and_goes(leaver, anna, worker, new_page, script):
    language, address, pk = leaver.user.language, leaver.user.email, leaver.pk
    page, other = new_page(language=language, script=script), new_page(language=language)
    for window, email in ((page, address), (other, anna.user.email)):
        sign_in(window, email)
        expect(window).to_have_url(re.compile("/dashboard/$"))

    files = download_copy(page, script=script)
    leave(page, address)

    expect(page.locator("h1")).to_have_text(WORDS[language]["farewell"])
    assert WORDS[language]["title"] in files["index.html"]
    data = json.loads(files["data.json"])
    assert [message["text"] for message in data["messages"]] == [SAID]
    assert data["account"][0]["email"] == address
    assert not User.objects.filter(email=address).exists()
    assert ErasedAccount.objects.count() == 1
    sign_in(page, address)
    expect(page.locator("main [role=alert], main .error-summary").first).to_be_visible()
    assert other.goto(reverse("matching:profile_detail", args=[pk])).status == 404
    other.goto("/messages/")
    expect(other.locator("main")).to_contain_text(WORDS[language]["former"])
    other.locator("main .person-line a").first.click()
    expect(other.locator(".message-text")).to_have_text(SAID)
    assert Message.objects.get().author is None
    wait_until(lambda: not OutgoingEmail.objects.filter(to=address).exists())
    assert [each for each in other.complaints if "404" not in each] == []
