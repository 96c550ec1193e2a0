"""Who gets which answer at the addresses of requests, meetings and agendas.

The four figures are the answers to nobody in particular, to a stranger, to Minji, who was asked
and has a meeting, and to an administrator, who runs the event and sits at nothing.
"""

READ_ONLY = (302, 405, 405, 405)
# address: (answers to GET, answers to POST)
MEETING_TABLE: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "events:agenda_list": ((302, 200, 200, 200), READ_ONLY),
    "events:my_agenda": ((302, 404, 200, 404), READ_ONLY),
    "events:meeting_list": ((302, 404, 200, 404), READ_ONLY),
    "events:meeting_request_create": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "events:meeting_request_detail": ((302, 404, 200, 404), READ_ONLY),
    "events:meeting_request_accept": (READ_ONLY, (302, 404, 200, 404)),
    "events:meeting_request_decline": (READ_ONLY, (302, 404, 200, 404)),
    "events:meeting_request_withdraw": (READ_ONLY, (302, 404, 302, 404)),
    "events:meeting_request_reword": (READ_ONLY, (302, 404, 404, 404)),
    "events:meeting_request_bring": (READ_ONLY, (302, 404, 302, 404)),
    "events:meeting_request_join": (READ_ONLY, (302, 404, 404, 404)),
    "events:meeting_request_time": (READ_ONLY, (302, 404, 404, 404)),
    "events:meeting_time_answer": (READ_ONLY, (302, 404, 302, 404)),
    "events:meeting_detail": ((302, 404, 200, 200), READ_ONLY),
    "events:meeting_cancel": (READ_ONLY, (302, 404, 200, 200)),
    "events:meeting_late": (READ_ONLY, (302, 404, 302, 302)),
    "events:meeting_on_time": (READ_ONLY, (302, 404, 302, 302)),
    "events:meeting_absent": (READ_ONLY, (302, 404, 302, 302)),
    "events:meeting_held": (READ_ONLY, (302, 404, 302, 302)),
    "events:meeting_move": (READ_ONLY, (302, 404, 404, 404)),
    "events:meeting_swap": (READ_ONLY, (302, 404, 404, 404)),
    "events:meeting_feedback": ((302, 404, 302, 404), (302, 404, 302, 404)),
    "events:meeting_outcome": (READ_ONLY, (302, 404, 404, 404)),
}


def meeting_things(event, other, request, meeting):
    """Return what these addresses are about, by the name of the address."""
    found = {}
    for name in MEETING_TABLE:
        is_request = name.startswith(("events:meeting_request_", "events:meeting_time_"))
        found[name] = [request.pk if is_request else meeting.pk]
    for name in ("my_agenda", "meeting_list"):
        found[f"events:{name}"] = [event.pk]
    return found | {
        "events:agenda_list": [], "events:meeting_request_create": [event.pk, other.pk],
    }  # fmt: skip
