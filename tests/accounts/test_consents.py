"""The consent ledger."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from konnect.accounts.consent_texts import CONSENT_TEXTS
from konnect.accounts.models import Consent, ConsentPurpose
from konnect.accounts.services import record_consents


@pytest.fixture
def line(minji):
    return record_consents(
        minji.user, choices={"newsletter": True}, channel="settings", language="ko"
    )[0]


def test_every_purpose_has_its_words():
    assert set(CONSENT_TEXTS) == set(ConsentPurpose.values)


def test_line_cannot_be_changed(line):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Consent.objects.update(is_given=False)

    assert Consent.objects.get().is_given


def test_line_cannot_be_removed(line):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Consent.objects.all().delete()

    assert Consent.objects.count() == 1


def test_erasing_a_person_may_remove_their_lines(line):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL konnect.erasing = 'on'")
        Consent.objects.all().delete()

    assert Consent.objects.count() == 0


def test_newest_line_counts(minji, line):
    assert Consent.objects.is_given(minji.user, "newsletter")

    record_consents(minji.user, choices={"newsletter": False}, channel="settings", language="ko")

    assert not Consent.objects.is_given(minji.user, "newsletter")
    assert not Consent.objects.is_given(minji.user, "public_profile")
    assert [line.is_given for line in Consent.objects.current()] == [False]


@pytest.mark.parametrize("answer", ("yes", "no"))
def test_person_gives_and_takes_back_with_one_click(client_of, minji, answer):
    client = client_of(minji)

    response = client.post(
        reverse("accounts:consents"), {"purpose": "newsletter", "is_given": answer}
    )

    assert response.url == reverse("accounts:consents")
    row = Consent.objects.values_list("purpose", "is_given", "language", "channel").get()
    assert row == ("newsletter", answer == "yes", minji.user.language, "settings")


@pytest.mark.parametrize(
    "data",
    (
        {"purpose": "terms", "is_given": "no"},
        {"purpose": "privacy", "is_given": "no"},
        {"purpose": "x\0", "is_given": "yes"},
        {"purpose": "newsletter", "is_given": "<b>"},
        {"purpose": "y" * 10_000_000},
        {},
    ),
)
def test_impossible_choice_changes_nothing(client_of, minji, data):
    client = client_of(minji)

    response = client.post(reverse("accounts:consents"), data, follow=True)

    assert response.status_code == 200
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert Consent.objects.count() == 0


@pytest.mark.parametrize("count", (1, 3))
def test_consent_page_query_count(client_of, anna, count, django_assert_num_queries):
    client = client_of(anna)
    for _ in range(count):
        record_consents(anna.user, choices={"newsletter": True}, channel="settings", language="en")

    with django_assert_num_queries(PAGE_QUERIES + 2):
        response = client.get(reverse("accounts:consents"))

    assert response.content.decode().count("2026-11 (English)") == count


def test_others_consents_are_not_shown(client_of, anna, line):
    page = client_of(anna).get(reverse("accounts:consents")).content.decode()

    assert "Nothing is recorded yet." in page


# Session, user, and what the header counts.
PAGE_QUERIES = 3
