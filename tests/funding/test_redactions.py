"""Hidden words: found, hidden wherever they stand, shown to applicants, and no more when reviews are over."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as some

from funding.models import Call, LedgerEntry, Redaction
from funding.redacting import proposals, redacted, stands_in
from funding.refusing import RefusedError
from funding.services.redactions import hide, proposed, show_again
from funding.services.review_reading import reading_for, reading_of
from konnect.accounts.models import Notification
from tests.factories.funding import ApplicationFactory, funder_officer_of, officer_of
from tests.funding.review_stage import drafting, expert_in, fresh, reviewing_call, told

TOLD = {
    "summary": {"abstract": "Dr MARKNAME of the Dream\nFactory charges batteries with light."},
    "work": {
        "aims": "Write to lead@markhouse.example. MarkHouse has all of it, says the dream factory."
    },
}


def texts(reading):
    return " ".join(answer.text for part in reading.parts for answer in part.answers)


@pytest.fixture
def call(db):
    return reviewing_call(blind_level=2)


@pytest.fixture
def application(call):
    return told(ApplicationFactory(call=call), **TOLD)


@pytest.fixture
def reviewer(call, application):
    assignment = drafting(application, expert_in(call))
    return assignment, assignment.reviewer.person.user


LETTERS = "ab 가\u1100\u1161\n.("


@given(
    some.text(LETTERS, max_size=30),
    some.lists(some.text(LETTERS, min_size=1, max_size=4), max_size=4),
)
def test_no_hidden_word_is_left(text, passages):
    after = redacted(text, passages, "\N{FULL BLOCK}")

    assert not any(stands_in(each, [after]) for each in passages if "\N{FULL BLOCK}" not in each)


@pytest.mark.parametrize(
    ("text", "passage", "after"),
    (
        ("Kim  Minsu leads", "Kim Minsu", "– leads"),
        ("kim\nminsu leads", "KIM MINSU", "– leads"),
        ("김민수 교수", "\u1100\u1175\u11b7민수", "– 교수"),
        ("a.b (c)", "a.b (c)", "–"),
        ("axb", "a.b", "axb"),
    ),
)
def test_words_are_hidden_however_they_are_written(text, passage, after):
    assert redacted(text, [passage], "–") == after


def test_the_longest_is_hidden_first():
    assert redacted("Kim Minsu and Kim", ["Kim", "Kim Minsu"], "–") == "– and –"


def test_names_in_both_orders_houses_and_addresses_are_proposed():
    people = [{"name": "Minsu Kim", "organisation": {"name": "KAIST"}, "department": "Physics"}]
    said = ["Kim Minsu of KAIST, kim@kaist.example, https://kim.example/me, 0000-0002-1825-0097"]

    assert proposals({"people": people}, said) == [
        "Kim Minsu", "KAIST", "kim@kaist.example", "https://kim.example/me", "0000-0002-1825-0097",
    ]  # fmt: skip


def test_what_is_proposed_and_hidden_reaches_no_blind_reviewer(call, application, reviewer):
    assignment, user = reviewer
    assert set(proposed(application)) == {"MARKNAME", "MARKHOUSE", "lead@markhouse.example"}

    for words in proposed(application):
        hide(application, actor=officer_of(call), passage=words)
    hide(application, actor=officer_of(call), passage=" dream   FACTORY ")

    read = texts(reading_for(fresh(assignment), user)).lower()
    assert "markname" not in read
    assert "markhouse" not in read
    assert "factory" not in read
    assert "charges batteries with light" in read
    assert proposed(application) == []


def test_the_lead_is_told_once_and_sees_what_is_hidden(call, application, client):
    lead = application.lead.user
    for words in ("MARKNAME", "MARKHOUSE"):
        hide(application, actor=officer_of(call), passage=words)
    client.force_login(lead)

    page = client.get(reverse("funding:application_redaction", args=[application.pk]))

    assert Notification.objects.filter(user=lead).count() == 1
    shown = page.content.decode()
    assert "[hidden]" in shown
    assert "MARKNAME" in shown
    assert 'name="passage"' not in shown
    # Names stay out of a ledger that nobody can correct.
    assert "MARKNAME" not in str(list(LedgerEntry.objects.values("after", "reason")))


def test_who_knows_the_names_reads_all_of_it(call, application):
    hide(application, actor=officer_of(call), passage="MARKNAME")
    officer = officer_of(call)
    assert "MARKNAME" in texts(reading_of(application, officer))
    open_call = reviewing_call(blind_level=1)
    application = told(ApplicationFactory(call=open_call), **TOLD)
    Redaction.objects.create(application=application, passage="MARKNAME")
    assignment = drafting(application, expert_in(open_call))

    assert "MARKNAME" in texts(reading_for(assignment, assignment.reviewer.person.user))


def test_only_officers_hide_only_what_stands_there_and_only_while_it_is_read(call, application):
    officer = officer_of(call)
    for user in (application.lead.user, funder_officer_of(call)):
        with pytest.raises(PermissionDenied):
            hide(application, actor=user, passage="MARKNAME")
    for words, code in (("Nobody", "not_there"), (" m ", "too_short"), ("m" * 201, "too_short")):
        with pytest.raises(RefusedError, match=code):
            hide(application, actor=officer, passage=words)
    found = hide(application, actor=officer, passage="MARKNAME")
    assert hide(application, actor=officer, passage="MARKNAME") == found
    show_again(found, actor=officer)
    assert not Redaction.objects.exists()

    Call.objects.filter(pk=call.pk).update(state="panel")
    with pytest.raises(RefusedError, match="text_stands"):
        hide(fresh(application), actor=officer, passage="MARKNAME")


def test_the_database_keeps_words_once_and_no_empty_ones(application):
    Redaction.objects.create(application=application, passage="MARKNAME")
    for words in ("MARKNAME", " ", "m"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Redaction.objects.create(application=application, passage=words)


def test_the_officer_hides_with_one_click_and_keeps_what_was_refused(call, application, client):
    client.force_login(officer_of(call))
    address = reverse("funding:application_redaction", args=[application.pk])
    assert "Found in the text" in client.get(address).content.decode()

    client.post(address, {"passage": "MARKNAME"})
    refused = client.post(address, {"passage": "Nobody at all"}).content.decode()

    assert Redaction.objects.get().passage == "MARKNAME"
    assert 'value="Nobody at all"' in refused
    client.post(
        reverse("funding:redaction_remove", args=[application.pk, Redaction.objects.get().pk])
    )
    assert not Redaction.objects.exists()


@pytest.mark.django_db
def test_where_names_are_known_there_is_nothing_to_hide(client):
    application = told(ApplicationFactory(call=reviewing_call(blind_level=1)), **TOLD)
    client.force_login(officer_of(application.call))

    address = reverse("funding:application_redaction", args=[application.pk])
    assert client.get(address).status_code == 404
