"""Planted names, at every blind level, on every page that a reviewer opens."""

import pytest
from django.urls import reverse

from funding.models import Document
from funding.services.documents import path_of, write_private
from funding.services.reviewing import save_review, submit_review
from konnect.accounts.models import Notification, OutgoingEmail
from tests.factories.funding import ApplicationFactory, officer_of
from tests.funding.review_stage import (
    MARKS,
    application_in,
    asked,
    chair_of,
    drafting,
    expert_in,
    reviewed,
    reviewing_call,
    told,
    typed,
)


@pytest.fixture(params=(0, 1, 2, 3))
def call(db, request):
    return reviewing_call(blind_level=request.param, reviews_wanted=2)


@pytest.fixture
def application(call):
    application = application_in(call)
    people = application.participants.all()
    people.update(name="MARKNAME", department="MARKHOUSE")
    type(application.lead).objects.filter(pk=application.lead_id).update(name="MARKNAME")
    return application


def pages_of(row):
    call, application = row.application.call, row.application
    return [
        reverse("funding:review_list"), reverse("funding:my_work"), reverse("api:review-list"),
        reverse("funding:review_detail", args=[row.key]),
        reverse("funding:consensus_detail", args=[application.pk]),
        *[reverse("funding:expert_bids", args=[each.pk]) for each in call.expert_rows.all()],
    ]  # fmt: skip


def read(client, addresses):
    answers = [client.get(address) for address in addresses]
    return "\n".join(each.content.decode() for each in answers if each.status_code == 200)


def found_in(text):
    return {mark for mark in MARKS if mark in text}


def test_before_the_own_score_names_are_there_only_in_open_and_single_blind_calls(
    call, application, client_of
):
    expert = expert_in(call)
    row = drafting(application, expert)

    seen = found_in(read(client_of(expert.person.user), pages_of(row)))

    assert seen == (set(MARKS) if call.blind_level <= 1 else set())


def test_after_the_own_score_two_step_calls_show_names_and_double_blind_ones_never(
    call, application, client_of
):
    expert = expert_in(call)
    row = reviewed(application, expert)

    seen = found_in(read(client_of(expert.person.user), pages_of(row)))

    assert seen == (set() if call.blind_level == 2 else set(MARKS))


def test_nothing_but_names_is_read_before_the_declaration(call, application, client_of):
    expert = expert_in(call)
    row = asked(application, expert)
    text = read(client_of(expert.person.user), pages_of(row)[:4])

    # Where names are known, they are what a conflict is declared by.
    assert found_in(text) == ({"MARKNAME", "MARKHOUSE"} if call.blind_level <= 1 else set())
    assert "Perovskite electrodes" not in text


def test_peers_are_read_after_the_own_review_and_named_in_open_calls(call, application, client_of):
    first, second = expert_in(call), expert_in(call, side="korea")
    for expert, name in ((first, "MARKFIRST"), (second, "MARKSECOND")):
        type(expert.person).objects.filter(pk=expert.person_id).update(name=name)
    reviewed(application, first, "1.5")
    row = drafting(application, second)
    page = reverse("funding:consensus_detail", args=[application.pk])

    before = client_of(second.person.user).get(page)
    assert before.status_code == 404
    finish(row, second)
    after = client_of(second.person.user).get(page).content.decode()

    assert "1.5" in after
    assert ("MARKFIRST" in after) is (call.blind_level <= 1)


def finish(row, expert):
    save_review(row, typed(row.application.call), actor=expert.person.user, number=0)
    submit_review(row, actor=expert.person.user)


def test_only_officers_read_whom_applicants_do_not_want(call, client_of):
    declared = {"declarations": {"not_to_review": "MARKENEMY", "ethics": "Nothing"}}
    application = told(ApplicationFactory(call=call), **declared)
    expert = expert_in(call)
    row = reviewed(application, expert)

    assert "MARKENEMY" not in read(client_of(expert.person.user), pages_of(row))
    assert "MARKENEMY" not in read(client_of(chair_of(call)), pages_of(row))


def test_applicants_read_nothing_of_their_reviews(call, application, client_of):
    expert = expert_in(call)
    type(expert.person).objects.filter(pk=expert.person_id).update(name="MARKREVIEWER")
    row = reviewed(application, expert)

    client = client_of(application.lead.user)

    assert [client.get(address).status_code for address in pages_of(row)[3:]] == [404] * 3
    assert "MARKREVIEWER" not in read(client, pages_of(row))


def test_notifications_and_mails_name_nobody(call, application):
    expert = expert_in(call)
    reviewed(application, expert)

    news = "".join(f"{each.title_en} {each.title_ko}" for each in Notification.objects.all())
    mails = "".join(f"{each.subject} {each.text}" for each in OutgoingEmail.objects.all())
    assert news
    assert not found_in(news + mails)


def test_officers_see_everything(call, application, client_of):
    reviewed(application, expert_in(call))
    page = reverse("funding:consensus_detail", args=[application.pk])

    assert client_of(officer_of(call)).get(page).status_code == 200


def file_of(application, kind):
    """Put a file of a kind on the disk, and into the version that was handed in."""
    document = Document.objects.create(application=application, kind=kind, name="MARKNAME.pdf",
                                       size=4, sha256="0" * 64)  # fmt: skip
    write_private(path_of(document.key), b"%PDF")
    return document


def test_files_with_names_are_opened_where_names_are_known(call, client_of, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    application = ApplicationFactory(call=call)
    files = [file_of(application, kind) for kind in ("description", "redacted")]
    entries = [{"kind": each.kind, "key": str(each.key)} for each in files]
    told(application, documents=entries)
    expert = expert_in(call)
    row, client = drafting(application, expert), client_of(expert.person.user)

    addresses = [reverse("funding:review_document", args=[row.key, each.key]) for each in files]
    answers = [client.get(address) for address in addresses]
    contents = [each.getvalue() for each in answers]

    knows = call.blind_level <= 1
    assert [each.status_code for each in answers] == [200 if knows else 404, 200]
    assert contents[1] == b"%PDF"
    names = " ".join(each.get("Content-Disposition", "") for each in answers)
    assert not found_in(names + client.get(reverse("funding:review_list")).content.decode())
