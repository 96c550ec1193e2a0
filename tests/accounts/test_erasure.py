"""Deleting an account: nothing of the person is left, and nothing of others is lost."""

import itertools
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from konnect.accounts.models import (
    Consent,
    ErasedAccount,
    Notification,
    OutgoingEmail,
    User,
)
from konnect.accounts.scrubbing import GAP, Words, bounded
from konnect.accounts.services import erase_account, erasure, record_consents
from konnect.accounts.services.erasure import ErasureBusyError
from konnect.accounts.services.erasure_log import lines_of, note_missing_in_log
from konnect.accounts.services.retention import forget_what_is_over
from konnect.accounts.tasks import deliver_mail
from matching.models import ContactRequest, Conversation, Message, Profile
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    ContactRequestFactory,
    ConversationFactory,
    MessageFactory,
)
from tests.factories.rights import CANARY, HANGUL_CANARY, everything_of
from tests.processes import PATIENCE
from tests.together import together
from tests.whereabouts import files_with, places_of

# What stays by design, each with the words of the person that others received.
LEFT_WITH_OTHERS = {
    ("matching_contactrequest", "answer"),
    ("matching_contactrequest", "message"),
    ("matching_message", "text"),
}


@pytest.fixture(autouse=True)
def erasure_log(settings, tmp_path):
    """Keep the log of erasures of each test apart."""
    settings.ERASURE_LOG = str(tmp_path / "erasures.log")
    return Path(settings.ERASURE_LOG)


@pytest.fixture
def known(minji):
    """Return Minji with a consent, a letter and a conversation."""
    record_consents(minji.user, choices={"terms": True}, channel="sign_up", language="ko")
    OutgoingEmail.objects.create(to=minji.user.email.upper(), subject="Hello", text="Hello")
    MessageFactory(conversation=ConversationFactory(contact_request__recipient=minji))
    return minji


def test_every_table_of_the_person_is_filled_before(db):
    everything_of(itertools.count())

    told = {table for table, _column in places_of(CANARY)}

    assert len(told) >= 35


@pytest.mark.parametrize(
    ("keeps_messages", "left"), ((True, LEFT_WITH_OTHERS), (False, set())), ids=("kept", "taken")
)
def test_nothing_of_the_person_is_left_anywhere(db, keeps_messages, left):
    minji = everything_of(itertools.count())

    erase_account(minji.user, keeps_messages=keeps_messages, says_farewell=False)

    assert places_of(CANARY) == left
    assert places_of(HANGUL_CANARY) == set()
    assert places_of(f"{CANARY}name", f"{CANARY}mail", f"{CANARY}second") == set()
    assert files_with(CANARY, HANGUL_CANARY) == []


def test_canaries_are_found_in_every_kind_of_column(db):
    everything_of(itertools.count())

    assert ("matching_profile", "summary_en") in places_of(CANARY)
    assert ("accounts_dataexport", "content") in places_of(CANARY)
    assert ("matching_profilevectors", "words") in places_of(CANARY)
    assert ("matching_searchentry", "words") in places_of(CANARY)
    assert ("matching_sourcerequest", "found") in places_of(CANARY)


def test_the_other_side_keeps_the_conversation_without_the_name(db, client_of):
    minji = everything_of(itertools.count())
    anna = Profile.objects.get(user__email="anna@example.eu")

    erase_account(minji.user)

    conversation = Conversation.objects.visible_to(anna.user).get()
    page = client_of(anna).get(conversation.get_absolute_url()).content.decode()
    assert "Conversation with A former member" in page
    assert f"Dear {GAP} ({GAP}님), is {GAP} right?" in page
    listed = client_of(anna).get("/messages/").content.decode()
    assert "A former member" in listed
    contact = client_of(anna).get(conversation.contact_request.get_absolute_url())
    assert "has been deleted" in contact.content.decode()
    assert "A former member" in client_of(anna).get("/contacts/?tab=accepted").content.decode()


def test_when_both_are_gone_only_the_number_of_contacts_is_left(known, anna):
    other = Profile.objects.get(contact_requests_sent__recipient=known)
    erase_account(known.user)
    erase_account(other.user)

    assert list(ContactRequest.objects.values_list("state", "sender", "recipient", "message")) == [
        ("accepted", None, None, "")
    ]
    assert Conversation.objects.count() == Message.objects.count() == 0


def test_two_erased_contacts_of_one_person_do_not_collide(anna, minji, omar):
    for other in (minji, omar):
        AcceptedContactRequestFactory(sender=other, recipient=anna)

    for other in (minji, omar):
        erase_account(other.user)

    assert anna.contact_requests_received.accepted().count() == 2


def test_only_contacts_may_lack_a_side(minji, anna):
    request = ContactRequestFactory(sender=minji, recipient=anna)

    with pytest.raises(IntegrityError, match="only_contacts_outlive"), transaction.atomic():
        ContactRequest.objects.filter(pk=request.pk).update(sender=None)


def test_news_and_letters_to_others_lose_the_name(db):
    minji = everything_of(itertools.count())

    erase_account(minji.user, says_farewell=False)

    news = Notification.objects.get()
    assert (news.title_en, news.title_ko) == (
        f"{GAP} wrote to you", f"{GAP}님이 메시지를 보냈습니다",
    )  # fmt: skip
    assert [mail.text for mail in OutgoingEmail.objects.all()] == [f"{GAP} and others"]


def test_farewell_is_forgotten_when_it_is_delivered(known):
    erase_account(known.user)

    letter = OutgoingEmail.objects.get()
    assert letter.to == "minji@example.kr"
    assert "삭제" in letter.subject or "deleted" in letter.subject
    deliver_mail()
    assert OutgoingEmail.objects.count() == 0


def test_ledger_is_closed_again_after_an_erasure(known, anna):
    record_consents(anna.user, choices={"terms": True}, channel="sign_up", language="en")
    erase_account(known.user)

    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.all().delete()


def test_erasing_twice_is_no_error(known):
    user = User.objects.get(pk=known.user_id)

    assert erase_account(known.user) > 0
    assert erase_account(user) == 0


@pytest.mark.parametrize(
    ("word", "text", "found"),
    (
        ("Anna Schmidt", "Dear anna schmidt, hello", True),
        ("Anna Schmidt", "Joanna Schmidtke", False),
        ("김민지", "김민지님이", True),
        ("김민지", "박김민지", False),
        ("+82 2 5550 7777", "call +82 2 5550 7777.", True),
        ("a.b@c.kr", "aXb@c.kr", False),
        (".*[(", "we write .*[( here", True),
    ),
)
def test_words_are_found_as_wholes(db, word, text, found):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s ~* %s", [text, bounded(word)])
        assert cursor.fetchone()[0] is found


def test_short_names_are_left_alone():
    assert Words.of(["Li", "  ", "", "Kim", "이수", "O'Brien"]).words == {
        "이수", "O'Brien", "O&#x27;Brien",
    }  # fmt: skip


# --- The number that is left, and restored backups ---------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_number_goes_into_the_table_and_the_log(known, erasure_log):
    pk = known.user_id

    erase_account(known.user)

    assert ErasedAccount.objects.values_list("account_id", flat=True).get() == pk
    assert [line.account_id for line in lines_of(erasure_log)] == [pk]


@pytest.mark.django_db(transaction=True)
def test_erasure_that_fails_leaves_everything_and_no_line(known, erasure_log, monkeypatch):
    def burst(*_arguments):
        raise RuntimeError("in the middle")

    monkeypatch.setattr(erasure, "write_farewell", burst)
    with pytest.raises(RuntimeError):
        erase_account(known.user)

    assert Profile.objects.filter(pk=known.pk).exists()
    assert Message.objects.count() == 1
    assert not erasure_log.exists()


@pytest.mark.django_db(transaction=True)
def test_line_that_got_lost_is_added_by_the_worker(known, erasure_log):
    pk = known.user_id
    erase_account(known.user)
    erasure_log.write_text(f"{timezone.now().isoformat()} 1\n2026-11-2")

    forget_what_is_over()

    assert {1, pk} >= {line.account_id for line in lines_of(erasure_log)}
    assert note_missing_in_log() in (0, 1)
    assert pk in {line.account_id for line in lines_of(erasure_log)}


@pytest.mark.django_db(transaction=True)
def test_unwritable_log_undoes_nothing(known, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.ERASURE_LOG = str(tmp_path / "file" / "erasures.log")

    erase_account(known.user)

    assert not User.objects.filter(pk=known.user_id).exists()


def test_restored_backup_is_cleaned_again(known, anna, erasure_log, capsys):
    later = timezone.now() + timedelta(minutes=1)
    erasure_log.write_text(f"{later.isoformat()} {known.user_id}\n")

    call_command("erase_again", log=[str(erasure_log)])
    assert "1 account would be erased again" in capsys.readouterr().out
    call_command("erase_again", "--yes", log=[str(erasure_log)])

    assert not User.objects.filter(pk=known.user_id).exists()
    assert User.objects.filter(pk=anna.user_id).exists()
    assert OutgoingEmail.objects.count() == 0


def test_whoever_got_an_old_number_later_is_left_alone(known, erasure_log):
    earlier = known.user.joined_at - timedelta(days=1)
    erasure_log.write_text(f"{earlier.isoformat()} {known.user_id}\n")

    call_command("erase_again", "--yes", log=[str(erasure_log)])

    assert User.objects.filter(pk=known.user_id).exists()


def test_missing_log_is_said(db, tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("erase_again", "--yes", log=[str(tmp_path / "none.log")])


# --- Others at the same time -------------------------------------------------------------------


def hold(statement, arguments, begun, finish):
    """Run a statement in a transaction of another connection and keep it open."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, arguments)
            begun.set()
            finish.wait(PATIENCE)
    finally:
        connection.close()


@pytest.fixture
def held(request):
    """Return a function that locks a row elsewhere until it is released."""
    finish = threading.Event()
    threads = []

    def lock(statement, arguments):
        begun = threading.Event()
        thread = threading.Thread(target=hold, args=(statement, arguments, begun, finish))
        thread.start()
        threads.append(thread)
        assert begun.wait(PATIENCE)
        return finish

    yield lock
    finish.set()
    for thread in threads:
        thread.join()


LOCK_REQUEST = "SELECT 1 FROM matching_contactrequest WHERE recipient_id = %s FOR UPDATE"


@pytest.mark.django_db(transaction=True)
def test_erasure_waits_for_others_and_begins_again(known, held):
    finish = held(LOCK_REQUEST, [known.pk])
    threading.Timer(1.2, finish.set).start()

    erase_account(known.user)

    assert not User.objects.filter(pk=known.user_id).exists()


@pytest.mark.django_db(transaction=True)
def test_erasure_gives_up_when_others_never_end(known, held, monkeypatch):
    monkeypatch.setattr(erasure, "TRIES", 2)
    held(LOCK_REQUEST, [known.pk])

    with pytest.raises(ErasureBusyError):
        erase_account(known.user)

    assert Profile.objects.filter(pk=known.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_without_trying_again_others_end_an_erasure(known, held, monkeypatch):
    monkeypatch.setattr(erasure, "TRIES", 1)
    finish = held(LOCK_REQUEST, [known.pk])
    threading.Timer(1.2, finish.set).start()

    with pytest.raises((ErasureBusyError, OperationalError)):
        erase_account(known.user)


@pytest.mark.django_db(transaction=True)
def test_two_who_know_each_other_may_go_at_once(minji, anna):
    for sender, recipient in ((minji, anna),):
        contact = AcceptedContactRequestFactory(sender=sender, recipient=recipient)
        MessageFactory(conversation=ConversationFactory(contact_request=contact))
    minji.blocks_made.create(blocked=anna)
    anna.blocks_made.create(blocked=minji)
    together(*(partial(erase_account, person.user) for person in (minji, anna)))

    assert User.objects.count() == 0


# --- The command -------------------------------------------------------------------------------


def test_command_asks_to_be_told_that_it_is_meant(known, capsys):
    call_command("delete_account", known.user.email)

    assert User.objects.filter(pk=known.user_id).exists()
    assert capsys.readouterr().out == "minji@example.kr would be deleted. Say --yes to do it.\n"


def test_command_deletes(known):
    call_command("delete_account", "MINJI@example.kr", "--yes")

    assert not User.objects.filter(pk=known.user_id).exists()


def test_command_names_an_unknown_address(db):
    with pytest.raises(CommandError, match="no account"):
        call_command("delete_account", "nobody@example.org", "--yes")
