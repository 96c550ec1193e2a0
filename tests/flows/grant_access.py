"""Who gets which answer at the addresses of grants, trips, reports and results.

Minji leads a grant that runs; nobody else of the four has to do with it.
"""

from django.utils import timezone

from funding.models import Application, FollowUp, Output, Report
from funding.services.people import person_of
from tests.funding.grants_made import due_of, running, trip_of

SHOWN = (302, 404, 200, 404)
DONE = (302, 404, 302, 404)
HIDDEN = (302, 404, 404, 404)
NEVER = (302, 405, 405, 405)
LISTS = (302, 200, 200, 200)
GRANT_TABLE: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "funding:awards_json": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "funding:project_detail": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "funding:project_index": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "funding:project_table": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "funding:project_list": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "funding:grant_list": (LISTS, NEVER),
    "funding:payment_export": (LISTS, NEVER),
    "funding:grant_detail": (SHOWN, NEVER),
    # Nothing is offered any more, and no word says whether it is taken.
    "funding:grant_answer": (NEVER, HIDDEN),
    # By officers alone.
    "funding:grant_amend": (HIDDEN, HIDDEN),
    "funding:grant_move": (NEVER, HIDDEN),
    "funding:payment_create": (HIDDEN, HIDDEN),
    "funding:evaluator_ask": (NEVER, HIDDEN),
    "funding:report_extend": (NEVER, HIDDEN),
    "funding:report_move": (NEVER, HIDDEN),
    # By whoever is asked.
    "funding:follow_up_judge": (NEVER, SHOWN),
    # By the people of the grant.
    "funding:grant_results": (SHOWN, NEVER),
    "funding:output_add": (NEVER, SHOWN),
    "funding:output_answer": (NEVER, DONE),
    "funding:follow_on_add": (NEVER, SHOWN),
    "funding:trip_create": (SHOWN, SHOWN),
    "funding:trip_detail": (SHOWN, NEVER),
    "funding:trip_edit": (SHOWN, SHOWN),
    "funding:trip_papers": (NEVER, DONE),
    "funding:trip_well": (NEVER, DONE),
    "funding:trip_report": (NEVER, SHOWN),
    "funding:trip_calendar": (SHOWN, NEVER),
    # By the host; and by host and officer.
    "funding:trip_move": (NEVER, HIDDEN),
    "funding:trip_sign": (NEVER, HIDDEN),
    "funding:report_detail": (SHOWN, DONE),
}


def grant_things(minji):
    """Return what the addresses of grants are about."""
    grant = running()
    person = person_of(minji.user)
    application = grant.decision.application
    Application.objects.filter(pk=application.pk).update(lead=person)
    application.participants.filter(role="lead").update(person=person)
    grant.decision.application.refresh_from_db()
    trip, due = trip_of(grant), due_of(grant)
    told = due_of(grant, state="published", sequence=2)
    Report.objects.create(
        due=told, number=1, submitted_at=timezone.now(),
        answers={"results": {"summary": "Light works.", "summary_ko": "빛으로 됩니다."}},
    )  # fmt: skip
    found = Output.objects.create(grant=grant, kind="data", identifier="x", title="X", source="me")
    year = FollowUp.objects.create(
        grant=grant, year=1,
        due=due_of(grant, "follow_up", state="scheduled", on=timezone.now().date()),
    ).year  # fmt: skip
    whole = ("grant_detail", "grant_answer", "grant_amend", "payment_create", "grant_results",
             "output_add", "follow_on_add", "trip_create")  # fmt: skip
    of_trip = ("detail", "edit", "papers", "well", "report", "calendar", "sign")
    return {
        **{f"funding:{name}": [grant.pk] for name in whole},
        **{f"funding:trip_{name}": [trip.pk] for name in of_trip},
        "funding:payment_export": ["csv"],
        "funding:project_detail": [grant.pk],
        "funding:project_index": [],
        "funding:project_table": [],
        "funding:project_list": [application.call_id],
        "funding:grant_move": [grant.pk, "suspend"],
        "funding:output_answer": [grant.pk, found.pk],
        "funding:evaluator_ask": [grant.pk, year],
        "funding:follow_up_judge": [grant.pk, year],
        "funding:trip_move": [trip.pk, "agree"],
        "funding:report_detail": [due.pk],
        "funding:report_extend": [due.pk],
        "funding:report_move": [due.pk, "approve"],
    }


GRANT_API_TABLE: dict[str, dict[str, tuple[int, ...]]] = {
    "api:grant-list": {"get": (401, 200, 200, 200)},
    "api:grant-detail": {"get": (401, 404, 200, 404)},
    "api:trip-list": {"get": (401, 200, 200, 200)},
    "api:trip-detail": {"get": (401, 404, 200, 404)},
}


def grant_api_things(minji):
    """Return what the addresses of grants in the API are about."""
    things = grant_things(minji)
    return {
        "api:grant-detail": things["funding:grant_detail"],
        "api:trip-detail": things["funding:trip_detail"],
    }
