"""A copy of one's data: whole, one's own, safe to open, and there when it is asked for."""

import csv
import hashlib
import io
import itertools
import json
import time
import zipfile
from datetime import timedelta

import pytest
from allauth.account.internal.flows import login
from django.apps import apps
from django.conf import settings as configured
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from konnect.accounts import archive as archives
from konnect.accounts.archive import archive
from konnect.accounts.models import DataExport, Notification, OutgoingEmail, User
from konnect.accounts.rights import EXEMPT, export_parts
from konnect.accounts.services import erase_account, exports
from konnect.accounts.services.exports import ask_export, make_due_exports
from konnect.accounts.services.retention import forget_what_is_over
from matching.models import Profile
from tests.factories.event_rights import events_of
from tests.factories.funding_rights import funding_of
from tests.factories.matching import ProfileFactory
from tests.factories.rights import CANARY, HANGUL_CANARY, everything_of
from tests.together import together

RECORDS = login.AUTHENTICATION_METHODS_SESSION_KEY
RECORDS_OF = login._AUTHENTICATION_METHODS_USER_SESSION_KEY
# What may not be in a copy although it is stored: it opens something, or was computed.
SECRET = ("zanarienvogelsecret", "zanarienvogelsession", "zanarienvogelheader")


def unpacked(content):
    """Return the files of a copy by name, the folder left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as written:
        return {
            name.split("/", 1)[1]: written.read(name).decode("utf-8-sig")
            for name in written.namelist()
        }


def fresh_client(client_of, person):
    """Return a client of somebody who has just typed the password."""
    client = client_of(person)
    remember(client, person.user, method="password", reauthenticated=True)
    return client


def remember(client, user, *, age=0, **facts):
    """Write into a session how somebody has proven who they are."""
    session = client.session
    session[RECORDS] = [{"at": time.time() - age, **facts}]
    session[RECORDS_OF] = str(user.pk)
    session.save()


def leading_to_accounts():
    """Return the models from which foreign keys lead to an account, step by step."""
    models = [model for model in apps.get_models() if not model._meta.auto_created]
    reached = {User}
    while True:
        more = {
            model
            for model in models
            if any(field.related_model in reached for field in model._meta.concrete_fields)
        } - reached
        if not more:
            return reached
        reached |= more


def test_every_model_that_leads_to_an_account_is_exported_or_exempt():
    exported = {label for part in export_parts() for label in part.models}
    needed = {model._meta.label for model in leading_to_accounts()}

    assert needed - exported - set(EXEMPT) == set()
    assert exported & set(EXEMPT) == set()
    assert {label for label in exported | set(EXEMPT) if not apps.get_model(label)} == set()
    assert all(reason for reason in EXEMPT.values())


def test_copy_holds_everything_and_nothing_secret(db):
    minji = everything_of(numbers := itertools.count())
    anna = Profile.objects.get(user__email="anna@example.eu")
    events_of(minji, anna, numbers)
    funding_of(minji, anna)

    files = unpacked(archive(minji.user))

    data = json.loads(files["data.json"])
    empty = sorted(name for name, rows in data.items() if not rows)
    assert empty == ["own_staff_acts"]
    assert HANGUL_CANARY in files["data.json"]
    for text in ("asked", "answered", "said", "comment", "why", "deadline", "found",
                 "bounce", "agent", "uid", "because", "impersonation", "report",
                 "abstract", "review", "consensus", "purpose", "answers"):  # fmt: skip
        assert f"{CANARY}{text}" in files["data.json"], text
    for secret in (*SECRET, "d" * 64, "f" * 43, minji.user.password):
        assert not any(secret in text for text in files.values()), secret


def test_every_noun_is_a_table_and_a_section(db):
    minji = everything_of(itertools.count())

    files = unpacked(archive(minji.user))

    data = json.loads(files["data.json"])
    names = [part.name for part in export_parts() if data[part.name]]
    for name in names:
        rows = list(csv.DictReader(io.StringIO(files[f"csv/{name}.csv"])))
        assert len(rows) == len(data[name]), name
        assert f'<section id="{name}">' in files["index.html"]
        assert name in files["README.txt"]


@pytest.mark.parametrize(
    ("language", "words"),
    (("en", "My data on KONNECT"), ("ko", "KONNECT에 저장된 내 데이터")),
)
def test_page_is_in_the_persons_language_and_asks_no_other_host(minji, language, words):
    minji.user.language = language
    minji.user.save()

    page = unpacked(archive(minji.user))["index.html"]

    assert f'<html lang="{language}"' in page
    assert words in page
    for sign in ("src=", "<script", "<link", "url(", "@import", 'http-equiv="refresh'):
        assert sign not in page


def test_text_of_others_is_text_and_no_formula(minji, anna):
    minji.works.create(title='=HYPERLINK("http://x")')
    minji.works.create(title="<script>alert(1)</script>")

    files = unpacked(archive(minji.user))

    assert "'=HYPERLINK" in files["csv/works.csv"]
    assert '=HYPERLINK(\\"http://x\\")' in files["data.json"]
    assert "<script>" not in files["index.html"]
    assert "&lt;script&gt;" in files["index.html"]


def test_names_of_others_stand_as_the_person_sees_them(db):
    minji = everything_of(itertools.count())

    data = json.loads(unpacked(archive(minji.user))["data.json"])

    assert {row["with"] for row in data["messages"]} == {"Anna Schmidt"}
    assert len(data["messages"]) == 2
    text = json.dumps(data, ensure_ascii=False)
    assert "anna@example.eu" not in text.replace(json.dumps(data["emails"]), "")


def test_others_data_is_in_no_copy(db):
    everything_of(itertools.count())
    stranger = ProfileFactory()

    files = unpacked(archive(stranger.user))

    assert not any(CANARY in text for text in files.values())


# --- Asking and making -------------------------------------------------------------------------


def test_worker_makes_what_was_asked_and_tells(minji):
    export = ask_export(minji.user, actor=minji.user)

    assert make_due_exports() == 1
    assert make_due_exports() == 0

    export.refresh_from_db()
    assert export.state == "ready"
    assert export.sha256 == hashlib.sha256(export.content).hexdigest()
    news = Notification.objects.get(user=minji.user)
    assert news.address == reverse("accounts:my_data")
    letter = OutgoingEmail.objects.get(to=minji.user.email)
    assert export.sha256 not in letter.text
    assert minji.display_name not in letter.text


def test_second_copy_takes_the_place_of_the_first(minji):
    for _time in range(2):
        ask_export(minji.user, actor=minji.user)
        make_due_exports()

    assert DataExport.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_asked_twice_at_once_is_asked_once(minji):
    found = together(*[lambda: ask_export(minji.user, actor=minji.user).pk] * 4)

    assert len(set(found)) == 1
    assert DataExport.objects.count() == 1


def test_the_database_holds_one_waiting_copy_a_person(minji):
    DataExport.objects.create(user=minji.user)

    with pytest.raises(IntegrityError, match="one_waiting_export"), transaction.atomic():
        DataExport.objects.create(user=minji.user)


@pytest.mark.django_db(transaction=True)
def test_several_workers_make_a_copy_once(minji, anna, monkeypatch):
    made = []

    def slow(user):
        made.append(user.pk)
        time.sleep(0.3)
        return b"PK"

    monkeypatch.setattr(exports, "archive", slow)
    for person in (minji, anna):
        ask_export(person.user, actor=person.user)

    together(*[make_due_exports] * 3)

    assert sorted(made) == sorted([minji.user_id, anna.user_id])


def test_copy_that_fails_is_tried_again_and_given_up(minji, monkeypatch, client_of):
    def burst(_user):
        raise OSError("no room")

    monkeypatch.setattr(exports, "archive", burst)
    ask_export(minji.user, actor=minji.user)
    for _time in range(exports.MAXIMUM_TRIES):
        make_due_exports()
        DataExport.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))

    assert DataExport.objects.get().state == "failed"
    page = client_of(minji).get(reverse("accounts:my_data")).content.decode()
    assert 'role="alert"' in page
    monkeypatch.undo()
    client_of(minji).post(reverse("accounts:export_ask"))
    make_due_exports()
    assert DataExport.objects.get().state == "ready"


def test_copy_of_a_killed_worker_is_taken_up_after_its_lease(minji):
    ask_export(minji.user, actor=minji.user)
    exports.claim_due_export()

    assert make_due_exports() == 0
    DataExport.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    assert make_due_exports() == 1


def test_whoever_is_erased_meanwhile_gets_no_copy(minji, monkeypatch):
    def erased_meanwhile(user):
        erase_account(User.objects.get(pk=user.pk), says_farewell=False)
        return b"PK"

    monkeypatch.setattr(exports, "archive", erased_meanwhile)
    ask_export(minji.user, actor=minji.user)

    assert make_due_exports() == 0
    assert DataExport.objects.count() == 0


# --- The page and the file ---------------------------------------------------------------------


@pytest.fixture
def ready(minji):
    """Return a copy of Minji's data that is ready."""
    ask_export(minji.user, actor=minji.user)
    make_due_exports()
    return DataExport.objects.get()


def test_file_comes_whole_to_its_owner(client_of, minji, ready):
    response = fresh_client(client_of, minji).get(
        reverse("accounts:export_download", args=[ready.pk])
    )

    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].startswith('attachment; filename="konnect-')
    assert response["Cache-Control"] == "no-store"
    assert hashlib.sha256(response.content).hexdigest() == ready.sha256
    assert "README.txt" in unpacked(response.content)


def test_file_asks_for_the_password_first(client_of, minji, ready):
    response = client_of(minji).get(reverse("accounts:export_download", args=[ready.pk]))

    assert response.status_code == 302
    assert response.url.startswith("/accounts/reauthenticate/")


@pytest.mark.parametrize("age", (10, 100_000))
def test_whoever_signs_in_elsewhere_must_have_done_so_just_now(client_of, minji, ready, age):
    minji.user.set_unusable_password()
    minji.user.save()
    client = client_of(minji)
    remember(client, minji.user, age=age, method="socialaccount", provider="orcid", uid="1")

    response = client.get(reverse("accounts:export_download", args=[ready.pk]))

    assert response.status_code == (200 if age == 10 else 302)
    if age > 10:
        assert response.url.startswith(reverse("accounts:sign_in_again"))
        assert client.get(response.url).status_code == 200


def test_file_of_another_is_not_there(client_of, anna, ready):
    address = reverse("accounts:export_download", args=[ready.pk])

    assert fresh_client(client_of, anna).get(address).status_code == 404


def test_after_a_week_it_is_gone(client_of, minji, ready):
    DataExport.objects.update(ready_at=timezone.now() - timedelta(days=7, minutes=1))
    address = reverse("accounts:export_download", args=[ready.pk])

    assert fresh_client(client_of, minji).get(address).status_code == 404
    forget_what_is_over()
    assert DataExport.objects.count() == 0


def test_page_polls_while_it_waits_and_stops_then(client_of, minji):
    client = client_of(minji)
    client.post(reverse("accounts:export_ask"))
    waiting = client.get(reverse("accounts:my_data")).content.decode()
    make_due_exports()
    part = client.get(reverse("accounts:my_data"), headers={"hx-request": "true"})

    assert 'hx-trigger="every 2s"' in waiting
    assert "hx-get" not in part.content.decode()
    assert "<html" not in part.content.decode()
    assert DataExport.objects.get().sha256 in part.content.decode()


def test_double_click_asks_once(client_of, minji):
    client = client_of(minji)

    for _time in range(2):
        assert client.post(reverse("accounts:export_ask")).status_code == 302

    assert DataExport.objects.count() == 1


def test_archive_names_are_the_same_on_every_day(minji):
    with zipfile.ZipFile(io.BytesIO(archives.archive(minji.user))) as written:
        folders = {name.split("/")[0] for name in written.namelist()}

    assert folders == {f"konnect-{timezone.now():%Y-%m-%d}"}
    assert configured.SITE_URL in unpacked(archives.archive(minji.user))["README.txt"]
