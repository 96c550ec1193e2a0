"""The addresses of events."""

from django.urls import URLPattern, URLResolver, path

from events.views import (
    agendas,
    announcements,
    availability,
    calendars,
    desk,
    event_forms,
    event_states,
    events,
    figures,
    hall,
    helpers,
    meeting_company,
    meeting_feedback,
    meeting_requests,
    meetings,
    organiser_requests,
    papers,
    participants,
    places,
    questions,
    registration_desk,
    registrations,
    rooms,
    schedules,
    sessions,
)

app_name = "events"
urlpatterns: list[URLPattern | URLResolver] = [
    # What is on, for everybody.
    path("events/", events.event_list, name="event_list"),
    path("events/feed.atom", events.event_feed_atom, name="event_feed_atom"),
    path("events/feed.ics", events.event_feed_calendar, name="event_feed_calendar"),
    path("events/<int:pk>/", events.event_detail, name="event_detail"),
    path("events/<int:pk>/event.ics", events.event_calendar, name="event_calendar"),
    # Preparing an event.
    path("events/new/", event_forms.event_create, name="event_create"),
    path("events/clocks/", event_forms.event_clocks, name="event_clocks"),
    path("events/<int:pk>/edit/", event_forms.event_edit, name="event_edit"),
    path("events/<int:pk>/edit/<slug:step>/", event_forms.event_edit, name="event_step"),
    path("events/<int:pk>/manage/", event_states.event_manage, name="event_manage"),
    path("events/<int:pk>/publish/", event_states.event_publish, name="event_publish"),
    path("events/<int:pk>/cancel/", event_states.event_cancel, name="event_cancel"),
    path("events/<int:pk>/archive/", event_states.event_archive, name="event_archive"),
    path("events/<int:pk>/copy/", event_states.event_copy, name="event_copy"),
    path("events/<int:pk>/manage/helpers/", helpers.helper_list, name="helper_list"),
    path("events/<int:pk>/manage/helpers/set/", helpers.helper_set, name="helper_set"),
    path(
        "events/<int:pk>/manage/helpers/<int:helper_pk>/remove/",
        helpers.helper_remove,
        name="helper_remove",
    ),
    path("events/<int:pk>/manage/programme/", sessions.session_list, name="session_list"),
    path("events/<int:pk>/manage/programme/new/", sessions.session_create, name="session_create"),
    path(
        "events/<int:pk>/manage/programme/<int:session_pk>/",
        sessions.session_edit,
        name="session_edit",
    ),
    path(
        "events/<int:pk>/manage/programme/<int:session_pk>/delete/",
        sessions.session_delete,
        name="session_delete",
    ),
    path(
        "events/<int:pk>/manage/programme/<int:session_pk>/speakers/",
        sessions.speaker_add,
        name="speaker_add",
    ),
    path(
        "events/<int:pk>/manage/programme/<int:session_pk>/speakers/<int:speaker_pk>/remove/",
        sessions.speaker_remove,
        name="speaker_remove",
    ),
    path("events/<int:pk>/programme/leave/", sessions.speaker_leave, name="speaker_leave"),
    path("events/<int:pk>/manage/places/", places.place_list, name="place_list"),
    path("events/<int:pk>/manage/places/new/", places.place_create, name="place_create"),
    path("events/<int:pk>/manage/places/<int:place_pk>/", places.place_edit, name="place_edit"),
    path(
        "events/<int:pk>/manage/places/<int:place_pk>/delete/",
        places.place_delete,
        name="place_delete",
    ),
    path("events/<int:pk>/manage/slots/", places.slot_list, name="slot_list"),
    path("events/<int:pk>/manage/slots/clear/", places.slot_clear, name="slot_clear"),
    path(
        "events/<int:pk>/manage/slots/<int:slot_pk>/delete/",
        places.slot_delete,
        name="slot_delete",
    ),
    path(
        "events/<int:pk>/manage/slots/<int:slot_pk>/places/",
        places.slot_places,
        name="slot_places",
    ),
    # Registrations and participants.
    path("events/<int:pk>/register/", registrations.registration_form, name="registration_form"),
    path(
        "events/<int:pk>/registration/",
        registrations.registration_detail,
        name="registration_detail",
    ),
    path(
        "events/<int:pk>/registration/show/",
        registrations.registration_show,
        name="registration_show",
    ),
    path(
        "events/<int:pk>/registration/take/",
        registrations.registration_take,
        name="registration_take",
    ),
    path(
        "events/<int:pk>/registration/withdraw/",
        registrations.registration_withdraw,
        name="registration_withdraw",
    ),
    path("events/<int:pk>/availability/", availability.availability, name="availability"),
    path("events/<int:pk>/participants/", participants.participant_list, name="participant_list"),
    path(
        "events/<int:pk>/participants/<int:number>/",
        participants.participant_detail,
        name="participant_detail",
    ),
    path(
        "events/<int:pk>/suggestions/",
        participants.participant_suggestions,
        name="participant_suggestions",
    ),
    path(
        "events/<int:pk>/manage/registrations/",
        registration_desk.registration_list,
        name="registration_list",
    ),
    path(
        "events/<int:pk>/manage/registrations/decide/",
        registration_desk.registration_decide,
        name="registration_decide",
    ),
    path(
        "events/<int:pk>/manage/registrations/undo/",
        registration_desk.registration_undo,
        name="registration_undo",
    ),
    path(
        "events/<int:pk>/manage/registrations/add/",
        registration_desk.registration_add,
        name="registration_add",
    ),
    path(
        "events/<int:pk>/manage/registrations/import/",
        registration_desk.registration_import,
        name="registration_import",
    ),
    path(
        "events/<int:pk>/manage/registrations/table.<str:ending>",
        registration_desk.registration_export,
        name="registration_export",
    ),
    path(
        "events/<int:pk>/manage/registrations/answers/",
        registration_desk.registration_answers,
        name="registration_answers",
    ),
    path(
        "events/<int:pk>/manage/registrations/<int:number>/",
        registration_desk.registration_entry,
        name="registration_entry",
    ),
    path(
        "events/<int:pk>/manage/registrations/<int:number>/move/",
        registration_desk.registration_move,
        name="registration_move",
    ),
    path("events/<int:pk>/manage/questions/", questions.question_list, name="question_list"),
    path(
        "events/<int:pk>/manage/questions/new/", questions.question_create, name="question_create"
    ),
    path(
        "events/<int:pk>/manage/questions/<int:number>/",
        questions.question_edit,
        name="question_edit",
    ),
    path(
        "events/<int:pk>/manage/questions/<int:number>/move/",
        questions.question_move,
        name="question_move",
    ),
    path(
        "events/<int:pk>/manage/questions/<int:number>/remove/",
        questions.question_remove,
        name="question_remove",
    ),
    # Requests, meetings, agendas.
    path(
        "events/<int:pk>/participants/<int:number>/ask/",
        meeting_requests.meeting_request_create,
        name="meeting_request_create",
    ),
    path("events/<int:pk>/meetings/", meeting_requests.meeting_list, name="meeting_list"),
    path("events/<int:pk>/agenda/", agendas.my_agenda, name="my_agenda"),
    path("agenda/", agendas.agenda_list, name="agenda_list"),
    path(
        "meeting-requests/<int:pk>/",
        meeting_requests.meeting_request_detail,
        name="meeting_request_detail",
    ),
    path(
        "meeting-requests/<int:pk>/accept/",
        meeting_requests.meeting_request_accept,
        name="meeting_request_accept",
    ),
    path(
        "meeting-requests/<int:pk>/decline/",
        meeting_requests.meeting_request_decline,
        name="meeting_request_decline",
    ),
    path(
        "meeting-requests/<int:pk>/withdraw/",
        meeting_requests.meeting_request_withdraw,
        name="meeting_request_withdraw",
    ),
    path(
        "meeting-requests/<int:pk>/reword/",
        meeting_requests.meeting_request_reword,
        name="meeting_request_reword",
    ),
    path(
        "meeting-requests/<int:pk>/bring/",
        meeting_company.meeting_request_bring,
        name="meeting_request_bring",
    ),
    path(
        "meeting-requests/<int:pk>/join/",
        meeting_company.meeting_request_join,
        name="meeting_request_join",
    ),
    path(
        "meeting-requests/<int:pk>/time/",
        meeting_company.meeting_request_time,
        name="meeting_request_time",
    ),
    path(
        "meeting-requests/<int:pk>/time/answer/",
        meeting_company.meeting_time_answer,
        name="meeting_time_answer",
    ),
    path("meetings/<int:pk>/", meetings.meeting_detail, name="meeting_detail"),
    path("meetings/<int:pk>/cancel/", meetings.meeting_cancel, name="meeting_cancel"),
    path("meetings/<int:pk>/late/", meetings.meeting_late, name="meeting_late"),
    path("meetings/<int:pk>/on-time/", meetings.meeting_on_time, name="meeting_on_time"),
    path("meetings/<int:pk>/absent/", meetings.meeting_absent, name="meeting_absent"),
    path("meetings/<int:pk>/held/", meetings.meeting_held, name="meeting_held"),
    path("meetings/<int:pk>/move/", meetings.meeting_move, name="meeting_move"),
    path("meetings/<int:pk>/swap/", meetings.meeting_swap, name="meeting_swap"),
    path(
        "meetings/<int:pk>/feedback/", meeting_feedback.meeting_feedback, name="meeting_feedback"
    ),
    path("meetings/<int:pk>/outcome/", meeting_feedback.meeting_outcome, name="meeting_outcome"),
    # Live: calendars, papers, desk.
    path("calendar/<str:token>.ics", calendars.calendar_feed, name="calendar_feed"),
    path("settings/calendar/", calendars.calendar_settings, name="calendar_settings"),
    path("meetings/<int:pk>/room/", rooms.meeting_room, name="meeting_room"),
    path("events/<int:pk>/agenda.pdf", papers.agenda_paper, name="agenda_paper"),
    path("events/<int:pk>/tables.pdf", papers.day_sheet, name="day_sheet"),
    path("events/<int:pk>/badges.pdf", papers.badges, name="badges"),
    path("events/<int:pk>/certificate.pdf", papers.certificate, name="certificate"),
    path("certificates/<str:code>/", papers.certificate_check, name="certificate_check"),
    path("events/<int:pk>/desk/", desk.desk, name="desk"),
    path("tickets/<str:token>/", desk.ticket, name="ticket"),
    path("events/<int:pk>/now/", hall.hall_screen, name="hall_screen"),
    path(
        "events/<int:pk>/announcements/",
        announcements.announcement_list,
        name="announcement_list",
    ),
    path(
        "events/<int:pk>/announcements/<int:announcement_pk>/take-back/",
        announcements.announcement_take_back,
        name="announcement_take_back",
    ),
    # Schedules.
    path("events/<int:pk>/manage/schedule/", schedules.schedule_list, name="schedule_list"),
    path("events/<int:pk>/manage/what-if/", schedules.what_if, name="what_if"),
    path("events/<int:pk>/manage/requests/", organiser_requests.request_list, name="request_list"),
    path(
        "events/<int:pk>/manage/requests/add/", organiser_requests.request_add, name="request_add"
    ),
    path(
        "events/<int:pk>/manage/requests/<int:number>/",
        organiser_requests.request_steer,
        name="request_steer",
    ),
    path("schedule-runs/<int:pk>/", schedules.schedule_run_detail, name="schedule_run_detail"),
    path("schedule-runs/<int:pk>/stop/", schedules.schedule_run_stop, name="schedule_run_stop"),
    path(
        "schedule-runs/<int:pk>/publish/",
        schedules.schedule_run_publish,
        name="schedule_run_publish",
    ),
    path(
        "schedule-runs/<int:pk>/discard/",
        schedules.schedule_run_discard,
        name="schedule_run_discard",
    ),
    path(
        "schedule-runs/<int:pk>/repeat/",
        schedules.schedule_run_repeat,
        name="schedule_run_repeat",
    ),
    # Figures and exports.
    path("events/<int:pk>/manage/figures/", figures.event_figures, name="event_figures"),
    path(
        "events/<int:pk>/manage/tables/<str:kind>.<str:ending>",
        figures.event_table,
        name="event_table",
    ),
]
