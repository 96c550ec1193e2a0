"""Who gets which answer at the addresses of events: role by address by method.

The four figures are the answers to nobody in particular, to a stranger, to Minji, who takes part
in the event, and to an administrator, who may run every event.
"""

from datetime import timedelta

from django.utils import timezone

from events.models import CheckIn, ScheduleRun, SessionSpeaker
from events.services.calendar_feeds import open_feed
from events.services.certificates import certificate_address
from tests.factories.events import (
    EventFactory,
    HelperFactory,
    KoreanRegistrationFactory,
    MeetingFactory,
    MeetingRequestFactory,
    RegistrationFactory,
    SessionFactory,
)
from tests.flows.meeting_access import MEETING_TABLE, meeting_things

# address: (answers to GET, answers to POST)
EVENT_TABLE: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    # What is on, for everybody.
    "events:event_calendar": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "events:event_detail": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "events:event_feed_atom": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "events:event_feed_calendar": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "events:event_list": ((200, 200, 200, 200), (405, 405, 405, 405)),
    # Preparing an event.
    "events:event_archive": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:event_cancel": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:event_clocks": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "events:event_copy": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:event_create": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:event_edit": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:event_manage": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "events:event_publish": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:event_step": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:helper_list": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "events:helper_remove": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:helper_set": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:place_create": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:place_delete": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:place_edit": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:place_list": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:session_create": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:session_delete": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:session_edit": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:session_list": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "events:slot_clear": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:slot_delete": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:slot_list": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:slot_places": ((302, 404, 404, 200), (302, 404, 404, 302)),
    "events:speaker_add": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:speaker_leave": ((302, 405, 405, 405), (302, 302, 302, 404)),
    "events:speaker_remove": ((302, 405, 405, 405), (302, 404, 404, 302)),
    # Registrations and participants.
    "events:availability": ((302, 404, 200, 404), (302, 404, 302, 404)),
    "events:participant_detail": ((302, 404, 200, 200), (302, 405, 405, 405)),
    "events:participant_list": ((302, 200, 200, 200), (302, 405, 405, 405)),
    "events:participant_suggestions": ((302, 404, 200, 302), (302, 405, 405, 405)),
    "events:question_create": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:question_edit": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:question_list": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "events:question_move": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:question_remove": ((302, 404, 404, 200), (302, 404, 404, 302)),
    "events:registration_add": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:registration_answers": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "events:registration_decide": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:registration_detail": ((302, 302, 200, 302), (302, 405, 405, 405)),
    "events:registration_entry": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "events:registration_export": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "events:registration_form": ((302, 200, 200, 200), (302, 200, 200, 200)),
    "events:registration_import": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:registration_list": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "events:registration_move": ((302, 405, 405, 405), (302, 404, 404, 404)),
    "events:registration_show": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "events:registration_take": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "events:registration_undo": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:registration_withdraw": ((302, 404, 200, 404), (302, 404, 302, 404)),
    # Live: calendars, papers, desk.
    "events:agenda_paper": ((302, 404, 200, 404), (302, 405, 405, 405)),
    "events:announcement_list": ((302, 404, 200, 200), (302, 404, 404, 200)),
    "events:announcement_take_back": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:badges": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "events:calendar_feed": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "events:calendar_settings": ((302, 200, 200, 200), (302, 302, 302, 302)),
    "events:certificate": ((302, 404, 200, 404), (302, 405, 405, 405)),
    "events:certificate_check": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "events:day_sheet": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "events:desk": ((302, 404, 404, 200), (302, 404, 404, 400)),
    "events:hall_screen": ((302, 404, 200, 200), (302, 405, 405, 405)),
    "events:meeting_room": ((302, 404, 200, 404), (302, 405, 405, 405)),
    "events:ticket": ((302, 404, 200, 200), (302, 404, 404, 400)),
    # Requests, meetings, agendas.
    **MEETING_TABLE,
    # Figures and exports.
    "events:event_figures": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "events:event_table": ((302, 404, 404, 200), (302, 405, 405, 405)),
    # Schedules.
    "events:request_add": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:request_list": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "events:request_steer": ((302, 404, 404, 200), (302, 404, 404, 302)),
    "events:schedule_list": ((302, 404, 404, 200), (302, 404, 404, 200)),
    "events:schedule_run_detail": ((302, 404, 404, 200), (302, 405, 405, 405)),
    "events:schedule_run_discard": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:schedule_run_publish": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:schedule_run_repeat": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:schedule_run_stop": ((302, 405, 405, 405), (302, 404, 404, 302)),
    "events:what_if": ((302, 404, 404, 200), (302, 405, 405, 405)),
}

OF_REGISTRATIONS = (
    "events:availability", "events:participant_", "events:question_", "events:registration_",
)  # fmt: skip


def event_of(minji, anna):
    """Return a meeting of Anna and Minji at an event that takes registrations and requests."""
    starts_at = timezone.now() + timedelta(days=30)
    event = EventFactory(starts_at=starts_at, ends_at=starts_at + timedelta(hours=8))
    own = KoreanRegistrationFactory(event=event, profile=minji)
    other = RegistrationFactory(event=event, profile=anna)
    request = MeetingRequestFactory(event=event, sender=other, recipient=own)
    meeting = MeetingFactory(event=event, request__sender__event=event, request__recipient=own)
    SessionFactory(event=event)
    return event, own, other, request, meeting


def event_things(minji, anna):
    """Return what the addresses of events are about, by the name of the address."""
    event, own, other, request, meeting = event_of(minji, anna)
    run = ScheduleRun.objects.create(event=event)
    runs = ("detail", "discard", "publish", "repeat", "stop")
    schedules = {f"events:schedule_run_{name}": [run.pk] for name in runs}
    schedules |= {
        f"events:{name}": [event.pk]
        for name in ("request_add", "request_list", "schedule_list", "what_if")
    }
    figures = {
        "events:event_figures": [event.pk],
        "events:event_table": [event.pk, "meetings", "csv"],
    }
    schedules["events:request_steer"] = [event.pk, meeting.request_id]
    schedules |= preparing_things(event, meeting)
    schedules |= registration_things(event, other)
    schedules |= meeting_things(event, other, request, meeting)
    schedules |= live_things(event, own, meeting)
    return schedules | figures


def preparing_things(event, meeting):
    """Return what the addresses of an event, its programme, places and helpers are about."""
    session = event.sessions.first()
    helper = HelperFactory(event=event)
    whole = ("archive", "calendar", "cancel", "copy", "detail", "edit", "manage", "publish")
    found = {f"events:event_{name}": [event.pk] for name in whole}
    found |= {f"events:{noun}_list": [event.pk] for noun in ("helper", "place", "session", "slot")}
    found |= {f"events:{name}": [event.pk] for name in ("place_create", "session_create")}
    found |= {
        f"events:{name}": [event.pk] for name in ("helper_set", "slot_clear", "speaker_leave")
    }
    found |= {f"events:session_{name}": [event.pk, session.pk] for name in ("delete", "edit")}
    found |= {f"events:place_{name}": [event.pk, meeting.place_id] for name in ("delete", "edit")}
    found |= {f"events:slot_{name}": [event.pk, meeting.slot_id] for name in ("delete", "places")}
    speaker = SessionSpeaker.objects.create(session=session, name="Jürgen Müller")
    return found | {
        "events:event_step": [event.pk, "basics"],
        "events:helper_remove": [event.pk, helper.pk],
        "events:speaker_add": [event.pk, session.pk],
        "events:speaker_remove": [event.pk, session.pk, speaker.pk],
    }


def registration_things(event, other):
    """Return what the addresses of registrations and participants are about."""
    question = event.questions.create(kind="line", text_en="Food?")
    found = {name: [event.pk] for name in EVENT_TABLE if name.startswith(OF_REGISTRATIONS)}
    found["events:registration_export"] = [event.pk, "csv"]
    for name in ("participant_detail", "registration_entry", "registration_move"):
        found[f"events:{name}"] = [event.pk, other.pk]
    for name in ("edit", "move", "remove"):
        found[f"events:question_{name}"] = [event.pk, question.pk]
    return found


def live_things(event, own, meeting):
    """Return what the addresses of tickets, papers, rooms and calendars are about."""
    ended = timezone.now() - timedelta(days=1)
    over = EventFactory(starts_at=ended - timedelta(hours=8), ends_at=ended)
    been = KoreanRegistrationFactory(event=over, profile=own.profile)
    CheckIn.objects.create(registration=been)
    user = own.profile.user
    announcement = event.announcements.create(text_en="Lunch!")
    pages = ("agenda_paper", "announcement_list", "badges", "day_sheet", "desk", "hall_screen")
    return {f"events:{name}": [event.pk] for name in pages} | {
        "events:announcement_take_back": [event.pk, announcement.pk],
        "events:calendar_feed": [open_feed(user, actor=user).token],
        "events:certificate": [over.pk],
        "events:certificate_check": [certificate_address(been).rstrip("/").rpartition("/")[2]],
        "events:meeting_room": [meeting.pk],
        "events:ticket": [own.ticket],
    }
