"""Two at the same moment: each race has a twin that shows what the guard prevents.

The main thread holds a table lock against writers, so that every thread has looked before the
first one writes; only then does it let go.
"""

import uuid
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from matching.models import ContactRequest, Conversation, Message
from matching.permissions.contacts import (
    MESSAGES_AN_HOUR,
    REQUESTS_A_DAY,
    RefusedError,
)
from matching.services.blocks import block_profile
from matching.services.contacts import (
    expire_overdue_requests,
    send_contact_request,
    write_contact_request,
)
from matching.services.conversations import send_message, write_message
from tests.factories.matching import (
    ContactRequestFactory,
    ConversationFactory,
    KoreanOrganisationFactory,
    KoreanProfileFactory,
    MessageFactory,
    ProfileFactory,
)
from tests.processes import PATIENCE, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def at_once(model, *calls):
    """Run calls in threads that all look first and only then may write to the model's table."""
    outcomes = []
    threads = [Thread(target=outcome_of, args=(call, outcomes)) for call in calls]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {model._meta.db_table} IN SHARE MODE")
        for number, thread in enumerate(threads, start=1):
            thread.start()
            wait_until_blocked(cursor, number)
    for thread in threads:
        thread.join(PATIENCE)
    return sorted(outcomes)


def outcome_of(call, outcomes):
    try:
        call()
        outcomes.append("done")
    except RefusedError as error:
        outcomes.append(str(error))
    except Exception as error:  # noqa: BLE001 - the test compares what happened
        outcomes.append(repr(error))
    finally:
        connection.close()


def wait_until_blocked(cursor, number):
    def are_blocked():
        # Within a transaction the server shows the same picture again and again.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(WAITING)
        return cursor.fetchone()[0] >= number

    wait_until(are_blocked, message="The threads did not come to the lock")


@pytest.fixture
def pair():
    return ProfileFactory(), KoreanProfileFactory()


def ask(one, other, function=send_contact_request):
    with transaction.atomic():
        function(one, other, actor=one.user, message=f"From {one.pk}", listing=None)


def test_two_who_ask_each_other_at_once_become_one_contact(pair):
    one, other = pair

    outcomes = at_once(ContactRequest, lambda: ask(one, other), lambda: ask(other, one))

    assert outcomes == ["done", "done"]
    assert ContactRequest.objects.get().state == "accepted"
    texts = Conversation.objects.get().messages.values_list("text", flat=True)
    assert set(texts) == {f"From {one.pk}", f"From {other.pk}"}


def test_without_the_constraint_two_who_ask_at_once_become_two_requests(pair, without_constraint):
    one, other = pair

    outcomes = at_once(ContactRequest, lambda: ask(one, other), lambda: ask(other, one))

    assert outcomes == ["done", "done"]
    assert [row.state for row in ContactRequest.objects.all()] == ["pending", "pending"]


@pytest.fixture
def without_constraint():
    constraint = next(
        constraint
        for constraint in ContactRequest._meta.constraints
        if constraint.name == "one_live_request_a_pair"
    )
    with connection.schema_editor() as editor:
        editor.remove_constraint(ContactRequest, constraint)
    yield
    ContactRequest.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(ContactRequest, constraint)


def nearly_full_sender():
    organisation = KoreanOrganisationFactory()
    sender = ProfileFactory()
    for _ in range(REQUESTS_A_DAY - 1):
        recipient = KoreanProfileFactory(organisation=organisation)
        ContactRequestFactory(sender=sender, recipient=recipient)
    return sender, *(KoreanProfileFactory(organisation=organisation) for _ in range(2))


def test_limit_of_the_day_holds_when_two_requests_come_at_once():
    sender, one, other = nearly_full_sender()

    outcomes = at_once(ContactRequest, lambda: ask(sender, one), lambda: ask(sender, other))

    assert outcomes == ["done", "too_many_today"]
    assert sender.contact_requests_sent.count() == REQUESTS_A_DAY


def test_without_the_lock_the_limit_of_the_day_breaks():
    sender, one, other = nearly_full_sender()

    outcomes = at_once(
        ContactRequest,
        lambda: ask(sender, one, write_contact_request),
        lambda: ask(sender, other, write_contact_request),
    )

    assert outcomes == ["done", "done"]
    assert sender.contact_requests_sent.count() == REQUESTS_A_DAY + 1


def test_double_click_asks_once(pair):
    outcomes = at_once(ContactRequest, lambda: ask(*pair), lambda: ask(*pair))

    assert outcomes == ["already_pending", "done"]
    assert ContactRequest.objects.count() == 1


def test_block_at_the_moment_of_asking_leaves_nothing_waiting(pair):
    one, other = pair

    outcomes = at_once(
        ContactRequest,
        lambda: ask(one, other),
        lambda: block_profile(other, one, actor=other.user),
    )

    assert outcomes == ["done", "done"]
    assert not ContactRequest.objects.filter(state="pending").exists()


def say(conversation, person, token, function=send_message):
    with transaction.atomic():
        function(conversation, actor=person.user, text="Hello", token=token)


def test_double_click_sends_one_message():
    conversation = ConversationFactory()
    sender, token = conversation.contact_request.sender, uuid.uuid4()

    outcomes = at_once(Message, *[lambda: say(conversation, sender, token)] * 2)

    assert outcomes == ["done", "done"]
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("function", "expected"),
    ((send_message, ["done", "too_many_messages"]), (write_message, ["done", "done"])),
    ids=("with the lock", "without it"),
)
def test_limit_of_the_hour_when_two_messages_come_at_once(function, expected):
    conversation = ConversationFactory()
    MessageFactory.create_batch(MESSAGES_AN_HOUR - 1, conversation=conversation)
    sender = conversation.contact_request.sender

    outcomes = at_once(
        Message,
        lambda: say(conversation, sender, uuid.uuid4(), function),
        lambda: say(conversation, sender, uuid.uuid4(), function),
    )

    assert outcomes == expected


def test_expiry_leaves_alone_what_another_process_holds():
    ContactRequestFactory(expires_at=timezone.now())
    expired = []
    sweep = Thread(target=outcome_of, args=(lambda: expired.append(expire_overdue_requests()), []))

    with transaction.atomic():
        list(ContactRequest.objects.select_for_update())
        sweep.start()
        sweep.join(PATIENCE)
    expired.append(expire_overdue_requests())

    assert expired == [0, 1]
