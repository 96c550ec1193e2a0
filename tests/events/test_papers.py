"""Papers: what stands on them, for whom they are, and what they do not tell."""

from datetime import timedelta

import pytest
import typst
from django.utils import timezone, translation

from events.models import CheckIn, MeetingState
from events.papers.press import FONT, TEMPLATES, fonts, printed
from events.services import papers
from events.services.certificates import certificate, certificate_address, certified
from konnect.accounts.models import AuditEvent
from tests.factories.events import (
    EventFactory,
    HelperFactory,
    KoreanRegistrationFactory,
    MeetingFactory,
    RegistrationFactory,
)


@pytest.fixture
def meeting(db, minji, anna):
    return MeetingFactory(
        request__sender__profile=anna, request__recipient__profile=minji, place__name_ko="테이블 7"
    )


@pytest.fixture
def over(db):
    now = timezone.now()
    return EventFactory(starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1))


@pytest.fixture
def set_text(monkeypatch):
    """Return what the press was given, by paper: the words as people read them."""
    given = {}
    press = papers.printed

    def keep(paper, data):
        given[paper] = data
        return press(paper, data)

    monkeypatch.setattr(papers, "printed", keep)
    monkeypatch.setattr("events.services.certificates.printed", keep)
    return given


def words_of(data):
    """Return every text in the data of a paper."""
    if isinstance(data, dict):
        return [word for value in data.values() for word in words_of(value)]
    if isinstance(data, (list, tuple)):
        return [word for value in data for word in words_of(value)]
    return [data] if isinstance(data, str) else []


def test_the_font_has_every_syllable_and_comes_from_its_wheel():
    assert FONT in fonts().families()
    assert {font.path is not None for font in fonts().fonts()} == {True}
    source = f'#set text(font: "{FONT}", fallback: false)\n가힣김민지 Zoë Łukasz – €'
    _content, warnings = typst.compile_with_warnings(
        source.encode(), font_paths=fonts(), ignore_system_fonts=True
    )
    assert warnings == []


def test_what_people_wrote_is_text_and_no_markup():
    data = {"lang": "en", "title": "T", "event": '#read("/etc/passwd")', "code": "", "empty": "",
            "people": []}  # fmt: skip
    assert printed("badges", data).startswith(b"%PDF")
    evil = {**data, "people": [{"name": '#panic("x")', "second": "$x", "affiliation": "*b*",
                                "country": "", "code": "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"}]}  # fmt: skip
    assert printed("badges", evil).startswith(b"%PDF")


def test_a_paper_tells_no_author_no_time_and_no_folder(meeting, anna):
    registration = meeting.request.sender
    args = (meeting.event, registration, anna.user, "Europe/Brussels")

    content = papers.agenda_paper(*args)

    assert content.startswith(b"%PDF")
    assert b"/Author" not in content
    assert b"/CreationDate" not in content
    assert str(TEMPLATES).encode() not in content
    assert anna.user.email.encode() not in content


def test_an_agenda_has_both_clocks_in_the_readers_language(meeting, minji, set_text):
    with translation.override("ko"):
        papers.agenda_paper(meeting.event, meeting.request.recipient, minji.user, "Asia/Seoul")

    data = set_text["agenda"]
    (row,) = data["days"][0]["rows"]
    assert data["columns"][:2] == ["서울", "브뤼셀"]
    assert row["time"].startswith(f"{meeting.during.lower.astimezone().hour:02}") or row["time"]
    assert row["time"] != row["other_time"]
    assert row["what"] == "Anna Schmidt"
    assert row["place"] == "테이블 7"


def test_the_sheet_has_every_table_that_is_used(meeting, set_text):
    MeetingFactory(event=meeting.event, slot=meeting.slot)
    papers.day_sheet(meeting.event)

    (day,) = set_text["day_sheet"]["days"]
    assert len(day["places"]) == 2
    assert "Anna Schmidt" in " ".join(words_of(day))


@pytest.mark.parametrize("number", (1, 3, 9))
def test_the_number_of_questions_does_not_grow(db, number, django_assert_num_queries):
    first = MeetingFactory()
    MeetingFactory.create_batch(number - 1, event=first.event)

    with django_assert_num_queries(4):
        papers.sheet_days(first.event)
    with django_assert_num_queries(1):
        papers.badges(first.event)


def test_papers_are_for_those_who_need_them(meeting, anna, omar, client, client_of):
    address = f"/events/{meeting.event.pk}/"
    desk = HelperFactory(event=meeting.event, role="desk").user

    for person, paper, status in (
        (anna, "agenda.pdf", 200), (omar, "agenda.pdf", 404), (anna, "badges.pdf", 404),
        (desk, "badges.pdf", 200), (desk, "tables.pdf", 200), (omar, "tables.pdf", 404),
        (desk, "agenda.pdf", 404), (anna, "certificate.pdf", 404),
    ):  # fmt: skip
        response = client_of(person).get(address + paper)
        assert response.status_code == status, (person, paper)
        if status == 200:
            assert response["Content-Type"] == "application/pdf"
            assert response["Cache-Control"] == "no-store"
    assert client.get(address + "agenda.pdf").status_code == 302
    assert AuditEvent.objects.filter(actor=desk, action="table.exported").count() == 2


def test_a_certificate_is_for_those_who_were_there(over, minji, anna, omar, client_of, staff):
    held = MeetingFactory(event=over, request__sender__profile=anna, state=MeetingState.HELD)
    came = KoreanRegistrationFactory(event=over, profile=minji)
    CheckIn.objects.create(registration=came, by=staff)
    RegistrationFactory(event=over, profile=omar)
    address = f"/events/{over.pk}/certificate.pdf"

    assert held.request.sender.profile == anna
    assert client_of(anna).get(address).status_code == 200
    assert client_of(minji).get(address).status_code == 200
    assert client_of(omar).get(address).status_code == 404


def test_there_is_no_certificate_while_the_event_lasts(meeting, anna, staff, client_of):
    CheckIn.objects.create(registration=meeting.request.sender, by=staff)

    assert client_of(anna).get(f"/events/{meeting.event.pk}/certificate.pdf").status_code == 404


def test_a_certificate_can_be_checked_and_not_made_up(over, minji, staff, client, set_text):
    helper = HelperFactory(event=over)
    registration = KoreanRegistrationFactory(event=over, profile=minji)
    CheckIn.objects.create(registration=registration, by=staff)
    certificate(registration)
    address = certificate_address(registration)
    path = address.removeprefix("http://localhost:8000")

    page = client.get(path)
    assert page.status_code == 200
    assert "This certificate is true" in page.content.decode()
    assert "Kim Minji" in page.content.decode()
    assert minji.user.email not in page.content.decode()
    assert set_text["certificate"]["address"] == address
    assert set_text["certificate"]["second_name"] == "김민지"
    assert helper.user.email not in " ".join(words_of(set_text["certificate"]))
    forged = path.replace(str(registration.pk), str(registration.pk + 1), 1)
    assert client.get(forged).status_code == 404
    assert certified("1:forged") is None


def test_a_certificate_ends_with_its_owner(over, minji, staff, client):
    registration = KoreanRegistrationFactory(event=over, profile=minji)
    CheckIn.objects.create(registration=registration, by=staff)
    path = certificate_address(registration).removeprefix("http://localhost:8000")

    registration.delete()

    assert client.get(path).status_code == 404
