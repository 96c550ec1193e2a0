"""What organisers do with registrations: deciding, the waiting list, adding people, tables, answers."""

import io
import re

import pytest
from django.urls import reverse
from django.utils.translation import override
from openpyxl import Workbook, load_workbook

from events.models import Answer, Question, Registration
from events.refused_rows import refusal_words
from events.services import registration_desk, registration_import
from events.services.registration_import import add_people, read_table
from konnect.accounts.models import OutgoingEmail
from tests.factories.events import (
    EventFactory,
    HelperFactory,
    KoreanRegistrationFactory,
    RegistrationFactory,
)
from tests.factories.matching import KoreanProfileFactory, ProfileFactory


@pytest.fixture
def event(db):
    return EventFactory(capacity=2, needs_approval=True)


@pytest.fixture
def organiser(event):
    return HelperFactory(event=event).user


@pytest.fixture
def desk(client, organiser):
    client.force_login(organiser)
    return client


def address(event, name="registration_list", *more):
    return reverse(f"events:{name}", args=[event.pk, *more])


def pending(event, count):
    return RegistrationFactory.create_batch(count, event=event, state="pending")


def states(rows):
    return [Registration.objects.get(pk=row.pk).state for row in rows]


# --- Deciding -------------------------------------------------------------------------------------


def test_deciding_is_shown_first_and_then_done_and_taken_back(event, desk):
    rows = pending(event, 3)
    sent = {"decision": "approve", "chosen": [row.pk for row in rows]}

    page = desk.post(address(event, "registration_decide"), sent).content.decode()

    assert "2 people take part at once" in page
    assert "1 person goes onto the waiting list" in page
    assert states(rows) == ["pending"] * 3

    page = desk.post(address(event, "registration_decide"), sent | {"sure": "1"}, follow=True)
    assert states(rows) == ["confirmed", "confirmed", "waiting"]
    assert OutgoingEmail.objects.count() == 3

    token = page.context["undo"]
    desk.post(address(event, "registration_undo"), {"token": token})
    assert states(rows) == ["pending"] * 3


def test_declining_tells_why(event, desk):
    [row] = pending(event, 1)
    sent = {"decision": "decline", "chosen": [row.pk], "sure": "1", "reason": "Other topics."}

    desk.post(address(event, "registration_decide"), sent)

    assert states([row]) == ["declined"]
    assert "Other topics." in OutgoingEmail.objects.get().text


def test_what_changed_meanwhile_is_not_taken_back(event, desk, organiser):
    rows = pending(event, 2)
    decided = registration_desk.decide(event, [row.pk for row in rows], "decline", actor=organiser)
    again = RegistrationFactory(event=event, profile=rows[0].profile)

    assert registration_desk.undo(event, decided.token, actor=organiser) == 1

    assert states([*rows, again]) == ["declined", "pending", "confirmed"]


def test_a_token_of_another_event_takes_nothing_back(event, organiser):
    [row] = pending(event, 1)
    decided = registration_desk.decide(event, [row.pk], "approve", actor=organiser)

    assert registration_desk.undo(EventFactory(), decided.token, actor=organiser) is None
    assert registration_desk.undo(event, decided.token + "x", actor=organiser) is None
    assert states([row]) == ["confirmed"]


def test_registrations_of_other_events_cannot_be_decided_about(event, desk):
    stranger = RegistrationFactory(state="pending")
    sent = {"decision": "decline", "chosen": [stranger.pk], "sure": "1"}

    desk.post(address(event, "registration_decide"), sent)

    assert states([stranger]) == ["pending"]
    assert desk.get(address(event, "registration_entry", stranger.pk)).status_code == 404


def test_only_organisers_see_registrations(event, client):
    for user in (HelperFactory(event=event, role="desk").user, ProfileFactory().user):
        client.force_login(user)
        assert client.get(address(event)).status_code == 404
        assert client.get(address(event, "registration_export", "csv")).status_code == 404


# --- The list -------------------------------------------------------------------------------------


def test_the_table_costs_the_same_for_five_and_for_two_hundred(
    event, desk, django_assert_max_num_queries, django_assert_num_queries
):
    RegistrationFactory.create_batch(5, event=event)
    desk.get(address(event))
    with django_assert_max_num_queries(30) as few:
        desk.get(address(event))
    RegistrationFactory.create_batch(120, event=event)

    with django_assert_num_queries(len(few)):
        page = desk.get(address(event))

    assert len(page.context["page"].object_list) == 125


def test_the_table_is_narrowed_down_by_state_and_words(event, desk):
    kept = KoreanRegistrationFactory(
        event=event, state="pending", profile__display_name="Kim Minsu"
    )
    KoreanRegistrationFactory(event=event, profile__display_name="Kim Minsu")
    pending(event, 1)

    page = desk.get(address(event), {"state": "pending", "q": "minsu kim"})

    assert list(page.context["page"]) == [kept]


def test_the_waiting_list_is_moved_by_hand(event, desk):
    rows = [
        RegistrationFactory(event=event, state="waiting", entered_list_at=f"2031-05-0{day}T08:00Z")
        for day in (1, 2, 3)
    ]

    def waiting():
        return list(Registration.objects.waiting().values_list("pk", flat=True))

    def move(row, to):
        desk.post(address(event, "registration_move", row.pk), {"move": to})

    move(rows[2], "up")
    assert waiting() == [rows[0].pk, rows[2].pk, rows[1].pk]
    move(rows[1], "top")
    assert waiting() == [rows[1].pk, rows[0].pk, rows[2].pk]
    move(rows[1], "down")
    assert waiting() == [rows[0].pk, rows[1].pk, rows[2].pk]
    move(rows[2], "admit")
    assert states(rows) == ["waiting", "waiting", "confirmed"]


# --- Adding people --------------------------------------------------------------------------------


def test_a_member_is_added_by_address_but_not_shown_in_the_list(event, desk):
    person = KoreanProfileFactory()

    desk.post(
        address(event, "registration_add"), {"email": person.user.email.upper(), "mode": "online"}
    )

    added = Registration.objects.get(profile=person)
    assert (added.state, added.mode, added.is_listed) == ("confirmed", "online", False)
    assert OutgoingEmail.objects.get().to == person.user.email


def test_an_unknown_address_is_kept_in_the_form(event, desk):
    page = desk.post(
        address(event, "registration_add"), {"email": "nobody@example.org", "mode": "online"}
    ).content.decode()

    assert "No member of KONNECT has this address." in page
    assert "nobody@example.org" in page


def table_of(*rows):
    return "\n".join(["email,mode,maximum_meetings", *rows]).encode()


def test_bad_rows_of_a_table_are_reported_by_their_line(event):
    good, there = ProfileFactory(), RegistrationFactory(event=event).profile
    hidden = ProfileFactory(state="hidden")

    found = read_table(
        event,
        "people.csv",
        table_of(
            f"{good.user.email},online,3", "not an address,,", "nobody@example.org,,",
            f"{there.user.email},,", f"{good.user.email},,", f"{good.user.email},by ship,",
            f"{good.user.email},,many", f"{hidden.user.email},,", "a,b,c,d",
        ),
    )  # fmt: skip

    assert [(row.email, row.mode, row.maximum_meetings) for row in found.entrants] == [
        (good.user.email, "online", 3)
    ]
    assert [(refusal.line, refusal.reason) for refusal in found.refusals] == [
        (3, "'not an address' is no e-mail address"),
        (4, "no member has this address"),
        (5, "is registered already"),
        (6, "stands above already"),
        (7, "'by ship' is not one of on_site, online, hybrid"),
        (8, "'many' is not a number from 1 to 100"),
        (9, "profile unpublished"),
        (10, "more cells than columns"),
    ]


def test_every_reason_of_a_table_is_said_in_the_readers_language(event, desk, organiser):
    """The page of tables and the form for one person say the same."""
    hidden, there = ProfileFactory(state="hidden"), RegistrationFactory(event=event).profile
    event.mode = "online"
    event.save()
    head = "email,mode,wants_meetings,maximum_meetings,note"
    rows = (
        "nobody@example.org,,,,", f"{there.user.email},,,,", f"{hidden.user.email},,,,", "x,,,,",
        f"{KoreanProfileFactory().user.email},on_site,,,", f"{there.user.email},nowhere,,,",
        f"{there.user.email},,perhaps,,", f"{there.user.email},,,0,", f"{there.user.email},,,,,,",
        f"{there.user.email},,", f"{there.user.email},,,,{'x' * 1001}",
    )  # fmt: skip
    found = read_table(event, "people.csv", ("\n".join((head, *rows))).encode())
    reasons = {refusal.reason for refusal in found.refusals}

    with override("ko"):
        korean = {refusal_words(reason) for reason in reasons}

    assert len(reasons) == len(rows)
    assert len(korean) == len(rows)
    assert all(re.search("[가-힣]", words) for words in korean), korean
    page = desk.post(address(event, "registration_add"), {"email": "nobody@example.org"})
    assert "No member of KONNECT has this address." in page.content.decode()


def test_a_table_without_the_column_is_refused_whole(event):
    found = read_table(event, "people.csv", b"name\nKim")

    [refusal] = found.refusals
    assert (found.entrants, refusal.reason) == ([], "name: no column email")
    with override("en"):
        assert "Columns found: name." in refusal_words(refusal.reason)


def test_everything_that_is_wrong_in_a_row_is_said_at_once(event):
    found = read_table(event, "people.csv", table_of("no address,by ship,many"))

    columns = [(refusal.line, refusal.column) for refusal in found.refusals]
    assert columns == [(2, "email"), (2, "mode"), (2, "maximum_meetings")]
    assert found.rows_refused == 1


@pytest.mark.parametrize("mark", (",", ";", "\t"))
@pytest.mark.parametrize("encoding", ("utf-8", "utf-8-sig", "cp949"))
def test_tables_are_read_as_korean_and_european_programs_write_them(event, mark, encoding):
    people = ProfileFactory.create_batch(2)
    rows = [["이메일", "메모"], *([person.user.email, "채식"] for person in people), ["나쁨", ""]]
    content = "\r\n".join(mark.join(row) for row in rows).encode(encoding)

    found = read_table(event, "참가자.csv", content)

    assert [(row.line, row.email, row.note) for row in found.entrants] == [
        (number, person.user.email, "채식") for number, person in enumerate(people, start=2)
    ]
    assert [refusal.line for refusal in found.refusals] == [4]


def test_boxes_are_called_by_the_name_that_is_shown(event, desk, organiser):
    registration = RegistrationFactory(event=event, profile=KoreanProfileFactory())
    organiser.language = "ko"
    organiser.save()

    page = desk.get(address(event)).content.decode()

    assert registration.profile.hangul_name
    assert registration.profile.display_name not in page.split("<table")[1]


def test_a_table_is_checked_and_then_taken_in_its_order(event, desk):
    people = ProfileFactory.create_batch(3)
    book = Workbook()
    for row in [["email"], *([each.user.email] for each in people), ["broken"]]:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    file = io.BytesIO(content.getvalue())
    file.name = "people.xlsx"

    page = desk.post(address(event, "registration_import"), {"file": file})

    assert not Registration.objects.exists()
    assert "is not an e-mail address" in page.content.decode()
    desk.post(address(event, "registration_import"), {"rows": page.context["rows"]})
    rows = Registration.objects.order_by("pk")
    assert [(row.profile, row.state) for row in rows] == [
        (people[0], "confirmed"), (people[1], "confirmed"), (people[2], "waiting"),
    ]  # fmt: skip


def test_rows_that_somebody_changed_are_not_taken(event, desk):
    desk.post(address(event, "registration_import"), {"rows": "forged"})

    assert not Registration.objects.exists()


def test_adding_many_costs_few_queries_a_person(event, organiser, django_assert_max_num_queries):
    event.capacity = None
    event.save()
    people = ProfileFactory.create_batch(10)
    found = read_table(event, "p.csv", table_of(*(f"{each.user.email},," for each in people)))

    with django_assert_max_num_queries(12 + 30 * len(people)):
        added = add_people(event, found.entrants, actor=organiser)

    assert len(added.registrations) == 10


def test_a_long_table_is_taken_in_batches_that_each_stand(event, organiser, monkeypatch):
    """The lock of the event is not held over all rows: others register meanwhile."""
    monkeypatch.setattr(registration_import, "A_BATCH", 2)
    people = ProfileFactory.create_batch(5)
    found = read_table(event, "p.csv", table_of(*(f"{each.user.email},," for each in people)))
    one = registration_import.add_one

    def add_until_the_fourth(event, row, profile):
        if profile == people[3]:
            raise RuntimeError("the machine was switched off")
        return one(event, row, profile)

    monkeypatch.setattr(registration_import, "add_one", add_until_the_fourth)
    with pytest.raises(RuntimeError):
        add_people(event, found.entrants, actor=organiser)
    assert set(Registration.objects.values_list("profile", flat=True)) == {
        person.pk for person in people[:2]
    }

    monkeypatch.setattr(registration_import, "add_one", one)
    added = add_people(event, found.entrants, actor=organiser)
    assert len(added.registrations) == 3
    assert [refusal.reason for refusal in added.refusals] == ["is registered already"] * 2


# --- Questions, answers, export -------------------------------------------------------------------


def test_questions_are_written_ordered_and_removed(event, desk):
    new = address(event, "question_create")
    desk.post(new, {"kind": "line", "text_en": "Where from?", "text_ko": "어디에서 오십니까?"})
    refused = desk.post(new, {"kind": "choice", "text_en": "Food?", "choices": "Only one"})
    assert "Enter at least two options." in refused.content.decode()
    desk.post(new, {"kind": "choice", "text_en": "Food?", "choices": "Fish | 생선\nRice | 밥"})
    first, second = event.questions.all()
    assert second.options == [["Fish", "생선"], ["Rice", "밥"]]

    desk.post(address(event, "question_move", second.pk), {"to": "up"})
    assert list(event.questions.all()) == [second, first]

    desk.post(address(event, "question_remove", second.pk))
    assert list(event.questions.all()) == [first]


def test_options_that_were_chosen_stay(event, desk):
    question = Question.objects.create(
        event=event, kind="choice", text_en="Food?", options=[["Fish", ""], ["Rice", ""]]
    )
    Answer.objects.create(
        registration=RegistrationFactory(event=event), question=question, value=1
    )
    edit = address(event, "question_edit", question.pk)

    page = desk.post(edit, {"kind": "line", "text_en": "Food?", "choices": "Fish"})

    assert set(page.context["form"].errors) == {"kind", "choices"}
    desk.post(edit, {"kind": "choice", "text_en": "Food?", "choices": "Fish\nRice | 밥\nBread"})
    question.refresh_from_db()
    assert question.options == [["Fish", ""], ["Rice", "밥"], ["Bread", ""]]


@pytest.mark.parametrize("choices", ("Bread\nFish\nRice", "Rice\nFish", "Rice\nFish\nBread"))
def test_options_that_were_chosen_keep_their_places(event, desk, choices):
    question = Question.objects.create(
        event=event, kind="choice", text_en="Food?", options=[["Fish", "Fish"], ["Rice", "Rice"]]
    )
    edit = address(event, "question_edit", question.pk)
    Answer.objects.create(
        registration=RegistrationFactory(event=event), question=question, value=1
    )

    page = desk.post(edit, {"kind": "choice", "text_en": "Food?", "choices": choices})

    assert "add some at the end or reword them" in page.content.decode()
    question.answers.all().delete()
    desk.post(edit, {"kind": "choice", "text_en": "Food?", "choices": choices})
    question.refresh_from_db()
    assert [pair[0] for pair in question.options] == choices.split()


def test_answers_are_counted_and_exported_without_formulas(event, desk):
    food = Question.objects.create(
        event=event, kind="choices", text_en="Food?", options=[["Fish", ""], ["Rice", ""]]
    )
    why = Question.objects.create(event=event, kind="line", text_en="Why?", position=1)
    rows = RegistrationFactory.create_batch(2, event=event)
    Answer.objects.create(registration=rows[0], question=food, value=[0, 1])
    Answer.objects.create(registration=rows[1], question=food, value=[1])
    Answer.objects.create(registration=rows[0], question=why, value="=1+1")

    found = desk.get(address(event, "registration_answers")).context["answers"]
    assert found[0].counts == [("Fish", 1), ("Rice", 2)]
    assert found[1].texts == [(rows[0], "=1+1")]

    text = desk.get(address(event, "registration_export", "csv")).content.decode("utf-8-sig")
    assert "Fish|Rice,'=1+1" in text
    sent = desk.get(address(event, "registration_export", "xlsx")).content
    sheet = load_workbook(io.BytesIO(sent)).active
    assert sheet.max_row == 3
    assert sheet.cell(2, sheet.max_column).data_type == "s"
