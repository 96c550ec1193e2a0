"""The pages of requests, meetings, feedback and agendas, as people use them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import (
    Meeting,
    MeetingFeedback,
    MeetingRequest,
    ScheduleRun,
    ScheduleRunState,
    Strength,
)
from events.services.meeting_proposals import propose_time
from events.services.meeting_requests import send_meeting_request
from events.services.meetings import give_feedback
from matching.models import Block
from tests.events.meeting_people import agreed, event_in, meeting_at, slot_of
from tests.factories.events import (
    HelperFactory,
    KoreanRegistrationFactory,
    MeetingRequestFactory,
    PlaceFactory,
    RegistrationFactory,
    SessionFactory,
)
from tests.factories.matching import KoreanProfileFactory, ListingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return event_in()


@pytest.fixture
def own(event, minji):
    return KoreanRegistrationFactory(event=event, profile=minji)


@pytest.fixture
def partner(event, anna):
    return RegistrationFactory(event=event, profile=anna)


@pytest.fixture
def client(client_of, minji):
    """Minji reads English here: the words of the pages are looked at."""
    minji.user.language = "en"
    minji.user.save()
    return client_of(minji)


def address(name, *args):
    return reverse(f"events:{name}", args=args)


def text_of(answer):
    return answer.content.decode()


def ask_address(partner):
    return address("meeting_request_create", partner.event_id, partner.pk)


def test_asking_leads_to_the_request_and_twice_to_the_same(client, own, partner):
    data = {"message": "We both work on perovskites.", "strength": "3", "mode": "online"}

    first = client.post(ask_address(partner), data)
    second = client.post(ask_address(partner), data)

    request = MeetingRequest.objects.get()
    assert (request.strength, request.mode) == (Strength.MUST, "online")
    assert first.url == second.url == request.get_absolute_url()
    assert client.get(ask_address(partner)).url == request.get_absolute_url()


def test_refused_form_keeps_what_was_typed(client, own, partner):
    answer = client.post(ask_address(partner), {"message": "", "strength": "1", "mode": "on_site"})

    assert answer.status_code == 200
    assert "Error:" in text_of(answer)
    assert 'value="1" required' in text_of(answer).replace(' id="id_strength_2"', "")
    assert not MeetingRequest.objects.exists()


@pytest.mark.parametrize(
    ("start", "words"),
    (("en-topic", "We both work on"), ("ko-topic", "…"), ("en-nothing", "")),
    ids=("English", "Korean", "unknown"),
)
def test_drafts_stand_in_the_form(client, own, partner, start, words):
    answer = client.get(ask_address(partner), {"start": start})

    assert words in answer.context["form"]["message"].value()


def test_whoever_asks_too_late_learns_why_and_keeps_the_words(client, own, partner, event):
    type(event).objects.update(requests_close_at=timezone.now())

    answer = client.post(
        ask_address(partner), {"message": "My words", "strength": "2", "mode": "hybrid"}
    )

    assert answer.status_code == 409
    assert "cannot be asked for at this event now" in text_of(answer)
    assert "My words" in text_of(answer)


def test_people_who_blocked_one_are_not_there(client, own, partner):
    Block.objects.create(blocker=partner.profile, blocked=own.profile)

    assert client.get(ask_address(partner)).status_code == 404


def test_answers_need_no_script(client, own, partner, event):
    for answer, state in (("accept", "accepted"), ("decline", "declined")):
        request = MeetingRequestFactory(event=event, recipient=own)
        data = {"strength": "3", "reason": "no_time", "words": "Sorry"}
        page = client.get(request.get_absolute_url())
        assert reverse(f"events:meeting_request_{answer}", args=[request.pk]) in text_of(page)

        assert (
            client.post(address(f"meeting_request_{answer}", request.pk), data).status_code == 302
        )

        request.refresh_from_db()
        assert request.state == state
        assert (
            client.post(address(f"meeting_request_{answer}", request.pk), data).status_code == 302
        )


def test_what_somebody_wants_how_much_is_not_shown_to_the_other(client, own, partner, event):
    request = MeetingRequestFactory(event=event, sender=partner, recipient=own, strength=3)

    page = client.get(request.get_absolute_url())

    assert [
        field.value() for field in page.context["accept_form"] if field.name == "strength"
    ] == [2]


def test_colleague_is_asked_and_answers_on_the_page(client, client_of, own, event):
    request = MeetingRequestFactory(event=event, recipient=own)
    other = KoreanProfileFactory(organisation=own.profile.organisation, user__language="en")
    colleague = KoreanRegistrationFactory(event=event, profile=other)

    client.post(address("meeting_request_bring", request.pk), {"colleague": colleague.pk})
    theirs = client_of(other)
    listed = theirs.get(address("meeting_list", event.pk))
    page = theirs.get(request.get_absolute_url())
    theirs.post(address("meeting_request_join", request.pk), {"answer": "yes"})

    assert "waits for your answer" in text_of(listed)
    assert "I come along" in text_of(page)
    assert request.members.get().agreed_at is not None


def test_colleague_who_comes_too_late_is_told_so_and_nothing_else(client_of, own, event):
    request = MeetingRequestFactory(event=event, recipient=own)
    other = KoreanProfileFactory(organisation=own.profile.organisation, user__language="en")
    colleague = KoreanRegistrationFactory(event=event, profile=other)
    request.members.create(registration=colleague, brought_by=own)
    MeetingRequest.objects.filter(pk=request.pk).update(
        state="withdrawn", answered_at=timezone.now()
    )

    answer = client_of(other).post(
        address("meeting_request_join", request.pk), {"answer": "yes"}, follow=True
    )

    assert [str(message) for message in answer.context["messages"]] == [
        "This request is no longer open."
    ]
    assert answer.redirect_chain[0][0] == address("meeting_list", event.pk)


def test_times_are_proposed_and_agreed_on_the_pages(client, client_of, own, partner, event):
    request = agreed(event, partner, own)
    slot, _table = slot_of(event), PlaceFactory(event=event)
    type(event).objects.update(schedule_version=1)

    assert str(slot.pk) in text_of(client.get(request.get_absolute_url()))
    client.post(address("meeting_request_time", request.pk), {"slot": slot.pk})
    theirs = client_of(partner.profile)
    assert "This time suits me" in text_of(theirs.get(request.get_absolute_url()))
    answer = theirs.post(address("meeting_time_answer", request.pk), {"answer": "yes"})

    meeting = Meeting.objects.get()
    assert answer.url == meeting.get_absolute_url()
    assert meeting.slot == slot


def test_time_that_was_taken_meanwhile_is_409_with_the_free_ones(client, own, partner, event):
    request = agreed(event, partner, own)
    taken, free = slot_of(event), slot_of(event, 1)
    PlaceFactory.create_batch(2, event=event)
    propose_time(request, slot=taken, by=partner, actor=None)
    meeting_at(event, taken, sender=partner)

    answer = client.post(address("meeting_time_answer", request.pk), {"answer": "yes"})

    assert answer.status_code == 409
    assert [each.slot for each in answer.context["free"]] == [free]
    assert "no longer free" in text_of(answer)


def test_meeting_page_shows_the_partners_clock_and_where(client, own, partner, event):
    partner.zone = "America/Sao_Paulo"
    partner.save()
    meeting = meeting_at(event, slot_of(event), sender=partner, recipient=own)

    page = text_of(client.get(meeting.get_absolute_url()))

    assert "Sao Paulo" in page
    assert "Brussels" in page
    assert meeting.place.name in page
    assert "in 1 day, 23" in page.replace("\xa0", " ")


def test_cancelling_needs_a_reason_and_can_keep_the_wish(client, own, partner, event):
    meeting = meeting_at(event, slot_of(event), sender=partner, recipient=own)

    assert client.post(address("meeting_cancel", meeting.pk), {}).status_code == 200
    data = {"reason": "My train", "is_still_wanted": "on"}
    assert client.post(address("meeting_cancel", meeting.pk), data).status_code == 302

    meeting.refresh_from_db()
    assert (meeting.state, meeting.request.state) == ("cancelled", "accepted")
    assert "My train" in text_of(client.get(meeting.get_absolute_url()))


def running_meeting(own, partner):
    """Return a meeting of two that began five minutes ago."""
    event = own.event
    return meeting_at(event, slot_of(event, begins_in=-5), sender=partner, recipient=own)


@pytest.fixture
def begun(minji, anna):
    event = event_in(hours=-1)
    own = KoreanRegistrationFactory(event=event, profile=minji)
    return running_meeting(own, RegistrationFactory(event=event, profile=anna))


def test_late_then_missed_then_met_after_all(client, begun):
    partner = begun.request.sender
    client.post(address("meeting_late", begun.pk), {"minutes": "10"})
    page = text_of(client.get(begun.get_absolute_url()))
    assert "10 minutes late" in page
    assert address("meeting_on_time", begun.pk) in page
    client.post(address("meeting_on_time", begun.pk))
    assert "10 minutes late" not in text_of(client.get(begun.get_absolute_url()))

    client.post(address("meeting_absent", begun.pk), {"registration": partner.pk})
    page = text_of(client.get(begun.get_absolute_url()))
    client.post(address("meeting_held", begun.pk))

    assert f"Missed: {partner.profile.name}" in page
    begun.refresh_from_db()
    assert begun.state == "held"


def test_lateness_is_asked_about_from_hours_before(client, own, partner, event):
    far = meeting_at(event, slot_of(event), sender=partner, recipient=own)
    near = meeting_at(
        event,
        slot_of(event, begins_in=120),
        sender=own,
        recipient=RegistrationFactory(event=event),
    )

    pages = [text_of(client.get(each.get_absolute_url())) for each in (far, near)]

    shown = [
        address("meeting_late", each.pk) in page
        for each, page in zip((far, near), pages, strict=True)
    ]
    assert shown == [False, True]


def test_freed_time_is_offered_and_proposed_in_one_click(client, begun):
    own, event = begun.request.recipient, begun.event
    other = RegistrationFactory(event=event)
    wish = agreed(event, other, own)
    client.post(address("meeting_absent", begun.pk), {"registration": begun.request.sender_id})

    page = client.get(begun.get_absolute_url())
    client.post(address("meeting_swap", begun.pk), {"wish": wish.pk})

    assert other.profile.name in text_of(page)
    assert wish.proposals.get().slot == begun.slot


def test_organiser_moves_and_swaps_at_once(client_of, event, own, partner, omar):
    organiser = client_of(HelperFactory(event=event, role="meetings").user)
    meeting = meeting_at(event, slot_of(event), sender=partner, recipient=own)
    # They have no times of their own here that they could open.
    assert "Open more times" not in text_of(organiser.get(meeting.get_absolute_url()))
    later = slot_of(event, 1)

    organiser.post(address("meeting_move", meeting.pk), {"slot": later.pk})
    meeting.refresh_from_db()
    organiser.post(address("meeting_cancel", meeting.pk), {"reason": "The table broke."})
    wish = agreed(event, RegistrationFactory(event=event), own)
    organiser.post(address("meeting_swap", meeting.pk), {"wish": wish.pk})

    assert meeting.slot == later
    assert Meeting.objects.get(request=wish).slot == later
    desk = client_of(HelperFactory(event=event, role="desk").user)
    assert desk.get(meeting.get_absolute_url()).status_code == 404


def test_feedback_is_never_shown_to_the_other(client, client_of, begun):
    words, theirs = "Between you and me", client_of(begun.request.sender.profile)
    data = {"took_place": "True", "usefulness": "5", "next_step": "contact", "words": words}

    answer = client.post(address("meeting_feedback", begun.pk), data, follow=True)

    assert words in text_of(answer)
    for name in ("meeting_detail", "meeting_feedback"):
        assert words not in text_of(theirs.get(address(name, begun.pk)))
    assert MeetingFeedback.objects.get().usefulness == 5


def test_next_steps_are_one_click_each(client, begun):
    partner = begun.request.sender.profile
    listing = ListingFactory(profile=partner)
    give_feedback(begun, registration=begun.request.recipient, actor=None, usefulness=5)

    client.post(address("meeting_outcome", begun.pk), {"step": "contact"})
    client.post(address("meeting_outcome", begun.pk), {"step": "listing", "listing": listing.pk})

    feedback = MeetingFeedback.objects.get()
    assert feedback.contact_request.recipient == partner
    assert feedback.listing == listing
    assert "You have asked" in text_of(client.get(address("meeting_feedback", begun.pk)))


def test_unplaced_wishes_say_why(client, own, partner, event):
    request = agreed(event, partner, own)
    slot = slot_of(event)
    type(event).objects.update(schedule_version=1)
    now = timezone.now()
    ScheduleRun.objects.create(
        event=event, state=ScheduleRunState.PUBLISHED, version=1, published_at=now,
        reasons=[{
            "request": request.pk, "code": "no_common_slot", "person": 0, "slots": [],
            "free_of": [[own.pk, [slot.pk]], [partner.pk, []]], "would_fit": [],
        }],
    )  # fmt: skip

    for page in (address("meeting_list", event.pk) + "?tab=agreed", request.get_absolute_url()):
        assert "There is no common free time: you are free" in text_of(client.get(page))


def test_agenda_shows_both_clocks_gaps_and_duties(client, own, partner, event):
    own.profile.user.time_zone = "Asia/Seoul"
    own.profile.user.save()
    meeting_at(event, slot_of(event), sender=partner, recipient=own)
    meeting_at(event, slot_of(event, 3), recipient=own)
    talk = SessionFactory(event=event, during=slot_of(event, 6).during)
    own.profile.seats.create(session=talk, during=talk.during)

    here = client.get(address("my_agenda", event.pk))
    everywhere = client.get(address("agenda_list"))

    for answer in (here, everywhere):
        assert "55 minutes free" in text_of(answer)
        assert "You have a part in it" in text_of(answer)
        assert "Brussels" in text_of(answer)
    lines = [line.entry for day in here.context["days"] for line in day.lines]
    assert [entry.kind for entry in lines] == ["meeting", "meeting", "duty"]


def test_empty_pages_say_what_to_do(client, own, event):
    for page in ("meeting_list", "my_agenda"):
        assert 'class="empty"' in text_of(client.get(address(page, event.pk)))
    for tab in ("agreed", "received", "sent"):
        answer = client.get(address("meeting_list", event.pk), {"tab": tab})
        assert "button-primary" in text_of(answer)
    assert "Register for an event" in text_of(client.get(address("agenda_list")))


def queries(client, page):
    client.get(page)
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(page).status_code == 200
    return len(found)


def fill(event, own, number, start):
    """Give somebody so many requests of each sort and meetings."""
    for place in range(start, start + number):
        meeting_at(event, slot_of(event, place), recipient=own)
        MeetingRequestFactory(event=event, recipient=own)
        MeetingRequestFactory(event=event, sender=own, recipient=RegistrationFactory(event=event))
        agreed(event, RegistrationFactory(event=event), own)
    # What the planner knows is of before this transaction; without it, it joins by bad luck.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.parametrize(
    "page", ("?tab=agreed", "?tab=received", "?tab=sent", "agenda", "everywhere")
)
def test_pages_cost_the_same_however_much_stands_on_them(client, own, page):
    event = own.event
    type(event).objects.update(ends_at=event.starts_at + timedelta(days=3))
    where = {"agenda": address("my_agenda", event.pk), "everywhere": address("agenda_list")}
    found = where.get(page, address("meeting_list", event.pk) + page)
    counts = []
    for number, start in ((1, 0), (2, 1), (47, 3)):
        fill(event, own, number, start)
        counts.append(queries(client, found))

    assert len(set(counts)) == 1
    assert counts[0] < 30


def test_request_of_others_is_not_there(client, own, event):
    request = send_meeting_request(
        event, sender=RegistrationFactory(event=event),
        recipient=KoreanRegistrationFactory(event=event), message="Private", actor=None,
    )  # fmt: skip

    assert client.get(request.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("language", ("en", "ko"))
def test_pages_speak_both_languages(client, own, partner, event, language):
    own.profile.user.language = language
    own.profile.user.save()
    meeting = meeting_at(event, slot_of(event), sender=partner, recipient=own)

    page = text_of(client.get(meeting.get_absolute_url()))

    assert f'<html lang="{language}"' in page
    assert ("When and where" in page) is (language == "en")
