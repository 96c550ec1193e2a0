"""Policies: versions with addresses of their own, and people who are told of new ones."""

from datetime import date

import pytest
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation

from konnect.accounts.consent_texts import CONSENT_TEXTS
from konnect.accounts.models import Consent, Notification
from konnect.accounts.policies import POLICIES, PRIVACY, TERMS
from konnect.accounts.services import record_consents
from konnect.accounts.services.policy_changes import tell_of_changes, unanswered
from tests.factories.accounts import PASSWORD, UserFactory


def agreed(user, purpose, version):
    """Write that somebody agreed to a version, long ago."""
    return Consent.objects.create(
        user=user, purpose=purpose, is_given=True, text_version=version, language="en",
        channel="sign_up",
    )  # fmt: skip


@pytest.mark.parametrize("policy", POLICIES.values(), ids=str)
def test_versions_are_in_order_each_with_its_text_and_changes(policy):
    days = [version.effective_on for version in policy.versions]

    assert days == sorted(days)
    assert len({version.name for version in policy.versions}) == len(policy.versions)
    for version in policy.versions:
        assert version.changes
        assert get_template(policy.template(version))
    assert CONSENT_TEXTS[policy.purpose].version == policy.newest.name


def test_version_counts_from_its_first_day():
    first, second = PRIVACY.versions

    assert PRIVACY.in_force(date(2026, 11, 30)) == first
    assert PRIVACY.in_force(date(2026, 12, 1)) == second
    assert PRIVACY.in_force(date(2020, 1, 1)) == first


@pytest.mark.parametrize("language", ("en", "ko"))
@pytest.mark.parametrize(
    ("policy", "version"),
    [(policy, version) for policy in POLICIES.values() for version in policy.versions],
    ids=str,
)
def test_every_version_has_its_address_in_both_languages(client, db, language, policy, version):
    address = reverse(f"{policy.purpose}_version", args=[version.name])

    page = client.get(address, headers={"accept-language": language}).content.decode()

    with translation.override(language):
        for each in policy.versions:
            assert each.name in page
            assert all(str(change) in page for change in each.changes)


@pytest.mark.parametrize(
    ("day", "address", "words"),
    (
        ("2026-11-22", "/privacy/", "comes into force on"),
        ("2026-11-22", "/privacy/2026-11/", "in force since"),
        ("2026-12-02", "/privacy/", "in force since"),
        ("2026-12-02", "/privacy/2026-11/", "It counts no longer."),
    ),
)
def test_page_says_what_a_version_is_worth(client, db, time_machine, day, address, words):
    time_machine.move_to(f"{day}T12:00:00Z")

    assert words in client.get(address).content.decode()


@pytest.mark.parametrize("version", ("2020-01", "x", "2026-12-01", "9" * 300))
def test_unknown_version_is_not_there(client, db, version):
    assert client.get(f"/privacy/{version}/").status_code == 404


def test_page_names_what_korean_law_asks_for(client, db, settings):
    settings.OPERATOR = {
        **settings.OPERATOR, "privacy_officer": "Hong Gildong", "privacy_telephone": "+82 2 1",
        "privacy_department": "Data office", "hosting_provider": "Host AG",
        "mail_provider": "Mail SA", "translation_provider": "Words Ltd",
    }  # fmt: skip

    page = client.get("/privacy/").content.decode()

    for fact in ("Hong Gildong", "Data office", "+82 2 1", "Host AG", "Mail SA", "Words Ltd",
                 "2022/254", "16 September 2025", "28-8", "37-2"):  # fmt: skip
        assert fact in page


# --- Telling people ----------------------------------------------------------------------------


@pytest.fixture
def earlier(anna):
    """Return Anna, who agreed to earlier versions of both policies."""
    agreed(anna.user, "privacy", "2026-11")
    agreed(anna.user, "terms", "2025-01")
    return anna


def sign_in(client, person):
    """Sign in by the form."""
    data = {"login": person.user.email, "password": PASSWORD}
    return client.post(reverse("account_login"), data)


def test_whoever_agreed_to_an_earlier_version_is_led_to_the_changes(client, earlier):
    response = sign_in(client, earlier)

    assert response.url == reverse("accounts:policy_changes")
    page = client.get(response.url).content.decode()
    for policy in (PRIVACY, TERMS):
        assert all(str(change) in page for change in policy.newest.changes)


def test_nobody_is_locked_out(client, earlier):
    sign_in(client, earlier)

    for address in ("/dashboard/", "/settings/my-data/", "/settings/consents/", "/messages/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "A policy of the portal has a new version." in page.content.decode()
    assert client.post(reverse("accounts:export_ask")).status_code == 302


def test_answer_is_recorded_and_the_notice_goes(client, earlier):
    sign_in(client, earlier)

    response = client.post(reverse("accounts:policy_changes"), {"accepts": "yes"})

    lines = Consent.objects.filter(user=earlier.user, channel="policy")
    assert {(line.purpose, line.text_version) for line in lines} == {
        ("privacy", PRIVACY.newest.name), ("terms", TERMS.newest.name),
    }  # fmt: skip
    assert "new version" not in client.get(response.url).content.decode()
    assert unanswered(earlier.user) == []


def test_terms_are_never_accepted_by_a_button_alone(client, earlier):
    sign_in(client, earlier)

    response = client.post(reverse("accounts:policy_changes"))

    assert response.status_code == 200
    assert "Error:" in response.content.decode()
    assert not Consent.objects.filter(channel="policy").exists()


def test_privacy_policy_is_information_and_needs_no_tick(client, anna):
    agreed(anna.user, "privacy", "2026-11")
    agreed(anna.user, "terms", TERMS.newest.name)
    sign_in(client, anna)

    client.post(reverse("accounts:policy_changes"))

    assert unanswered(anna.user) == []


@pytest.mark.parametrize("version", (None, PRIVACY.newest.name))
def test_others_are_not_bothered(client, anna, version):
    if version:
        record_consents(
            anna.user, choices={"terms": True, "privacy": True}, channel="sign_up", language="en"
        )

    response = sign_in(client, anna)

    assert response.url == "/dashboard/"
    page = client.get(reverse("accounts:policy_changes")).content.decode()
    assert "You are up to date" in page
    assert tell_of_changes() == 0


def test_double_click_on_the_answer_writes_once(client, earlier):
    sign_in(client, earlier)

    for _time in range(2):
        client.post(reverse("accounts:policy_changes"), {"accepts": "yes"})

    assert Consent.objects.filter(channel="policy").count() == 2


def test_worker_tells_each_person_once_of_each_policy(earlier):
    agreed(UserFactory(is_active=False), "privacy", "2026-11")

    counts = [tell_of_changes() for _ in range(2)]

    assert counts == [2, 0]
    news = Notification.objects.filter(user=earlier.user)
    assert {each.title_en for each in news} == {
        "New version: Privacy policy", "New version: Terms of use",
    }  # fmt: skip
    assert all(each.title_ko != each.title_en for each in news)
    assert timezone.now() >= news[0].created_at


def test_how_suggestions_work_names_every_term(client, db):
    page = client.get(reverse("how_suggestions_work")).content.decode()

    for words in ("What you both write about", "35", "-25", "37-2"):
        assert words in page


@pytest.mark.parametrize(("answer", "left"), (("no", False), ("yes", True), ("maybe", True)))
def test_one_click_ends_suggestions(client_of, anna, answer, left):
    before = anna.matching_changed_at

    response = client_of(anna).post(reverse("matching:suggestible"), {"is_suggestible": answer})

    anna.refresh_from_db()
    assert response.url == reverse("accounts:my_data")
    assert anna.is_suggestible is left
    assert (anna.matching_changed_at > before) is (answer == "no")
