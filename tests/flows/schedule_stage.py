"""A schedule that waits to be published, with moves, reasons and a run that waits for the worker."""

from django.utils import timezone

from events.models import ScheduleRun, ScheduleRunState
from events.services.schedule_facts import facts_of, fingerprint
from tests.factories.events import (
    AcceptedMeetingRequestFactory,
    KoreanRegistrationFactory,
    RegistrationFactory,
)

REASONS = ("no_common_slot", "people_busy", "places_full", "limit_reached", "left_out")


def set_schedule_stage(event, long_word, long_korean):
    """Let people agree to meet at an event, and propose a schedule; return ids."""
    europeans = RegistrationFactory.create_batch(
        3, event=event, profile__display_name=f"Dr {long_word}"
    )
    koreans = [
        KoreanRegistrationFactory(event=event, profile__hangul_name=long_korean) for _ in range(3)
    ]
    agreed = [
        AcceptedMeetingRequestFactory(event=event, sender=one, recipient=other)
        for one in europeans
        for other in koreans
    ]
    AcceptedMeetingRequestFactory(
        event=event, sender=europeans[0], recipient=europeans[1], is_pinned=True,
        pinned_slot=event.slots.first(), pinned_place=event.places.exclude(kind="hall").first(),
    )  # fmt: skip
    agreed[0].forbidden_slots.add(event.slots.last())
    return {
        "agreed_request": agreed[0].pk,
        "finished_run": proposed(event).pk,
        "queued_run": ScheduleRun.objects.create(event=event).pk,
    }


def proposed(event):
    """Return a finished run that holds half of the wishes; the others lack a place."""
    facts = facts_of(event)
    slots = [slot["id"] for slot in facts["slots"]]
    place = facts["places"][0]["id"]
    wishes = facts["wishes"]
    held, others = wishes[: len(slots)], wishes[len(slots) :]
    return ScheduleRun.objects.create(
        event=event, state=ScheduleRunState.FINISHED, inputs=facts,
        input_hash=fingerprint(facts), began_at=timezone.now(), ended_at=timezone.now(),
        proposals=[[wish["id"], slot, place] for wish, slot in zip(held, slots, strict=False)],
        reasons=[reason(code, wish, slots)
                 for code, wish in zip(REASONS, others, strict=False)],
        value=4200, bound=4310, solver_versions={"ortools": "9.15", "scipy": "1.17"},
        measures={
            "meetings": len(held), "breaks": 3, "moves": 1, "seconds": 0.8, "below_floor": 1,
            "meetings_moved": 0, "people_told": 0, "faults": 0,
            "infeasible_pins": [wishes[-1]["id"]],
        },
    )  # fmt: skip


def reason(code, wish, slots):
    """Return a reason of a code as a run keeps it."""
    one, other = wish["people"]
    return {
        "request": wish["id"], "code": code, "person": one, "slots": slots[:2],
        "free_of": [[one, slots[:2]], [other, slots[3:]]], "would_fit": [[other, slots[0]]],
    }  # fmt: skip
