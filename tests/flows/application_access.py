"""Who gets which answer at the addresses of applications; see `funding_access`.

Minji leads one application that is handed in, is the partner of another one, and runs the call of
a third. An administrator has no role in any of them.
"""

from funding.models import Application, Participant, Redaction
from funding.services.people import person_of
from funding.services.submitting import submit
from konnect.accounts.models import RoleGrant
from tests.factories.funding import approved_call
from tests.funding.application_stage import ready

OWN = (302, 404, 200, 404)
ONLY_READ = (302, 405, 405, 405)
SENT_ON = (302, 404, 302, 404)
APPLICATION_TABLE: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "funding:application_ask": (OWN, OWN),
    "funding:application_basics": (OWN, OWN),
    # Nothing was seen of what would be overwritten.
    "funding:application_budget": (OWN, (302, 404, 409, 404)),
    "funding:application_confirm": (OWN, SENT_ON),
    "funding:application_create": ((302, 200, 200, 200), (302, 302, 302, 302)),
    "funding:application_decline": (ONLY_READ, SENT_ON),
    "funding:application_detail": (OWN, ONLY_READ),
    "funding:application_document": (OWN, ONLY_READ),
    "funding:application_documents": (OWN, OWN),
    # Whoever has the letter may open it; the lead has a place already.
    "funding:application_join": ((302, 200, 200, 200), (302, 302, 302, 302)),
    "funding:application_list": ((302, 200, 200, 200), ONLY_READ),
    "funding:application_pdf": (OWN, ONLY_READ),
    "funding:application_people": (OWN, OWN),
    "funding:application_preview": (OWN, ONLY_READ),
    "funding:application_receipt": (OWN, ONLY_READ),
    "funding:application_redaction": (OWN, OWN),
    "funding:application_screen": (OWN, OWN),
    # Saved over another number: both texts are shown.
    "funding:application_section": (OWN, (302, 404, 409, 404)),
    "funding:application_submit": (OWN, SENT_ON),
    "funding:application_withdraw": (OWN, SENT_ON),
    "funding:document_remove": (ONLY_READ, SENT_ON),
    "funding:redaction_remove": (ONLY_READ, SENT_ON),
    "funding:participant_add": (ONLY_READ, (302, 404, 404, 404)),
    "funding:participant_remove": (ONLY_READ, SENT_ON),
    "funding:screening_list": (OWN, ONLY_READ),
}
APPLICATION_API_TABLE: dict[str, dict[str, tuple[int, ...]]] = {
    "api:application-detail": {"get": (401, 404, 200, 404)},
    "api:application-list": {"get": (401, 200, 200, 200)},
}
LED = ("basics", "budget", "detail", "documents", "pdf", "people", "preview", "receipt", "submit",
       "withdraw")  # fmt: skip


def application_things(minji):
    """Return what the addresses of applications are about."""
    own, shared, screened = led_by(minji.user), shared_with(minji.user), screened_by(minji.user)
    key = own.documents.get().key
    guest = Participant.objects.create(
        application=own, role="host", name="Guest", email="guest@example.kr", region="korea"
    )
    return {f"funding:application_{name}": [own.pk] for name in LED} | {
        "funding:application_ask": [screened.pk],
        "funding:application_confirm": [shared.pk],
        "funding:application_create": [approved_call().pk],
        "funding:application_decline": [shared.pk],
        "funding:application_document": [own.pk, key],
        "funding:application_join": [guest.token],
        "funding:application_screen": [screened.pk],
        "funding:application_redaction": [screened.pk],
        "funding:redaction_remove": [screened.pk, hidden_in(screened).pk],
        "funding:application_section": [own.pk, "more"],
        "funding:document_remove": [own.pk, key],
        "funding:participant_add": [own.pk],
        "funding:participant_remove": [own.pk, guest.pk],
        "funding:screening_list": [screened.call_id],
    }


def application_api_things(minji):
    """Return what the addresses of applications in the API are about."""
    return {"api:application-detail": [led_by(minji.user).pk]}


def hidden_in(application):
    """Hide words of an application whose reviewers do not know who applies."""
    return Redaction.objects.create(
        application=application, passage=application.title[:20].strip()
    )


def led_by(user):
    """Return an application that somebody leads and has handed in."""
    application, person = ready(), person_of(user)
    Application.objects.filter(pk=application.pk).update(lead=person)
    application.participants.filter(role="lead").update(person=person)
    submit(application.pk, actor=user)
    return application


def shared_with(user):
    """Return an application that asks somebody again to confirm it."""
    application = ready()
    partner = application.participants.filter(role="partner")
    partner.update(person=person_of(user), state="reconfirm", confirmed_at=None)
    return application


def screened_by(user):
    """Return an application that was handed in to a call that somebody runs."""
    application = ready(blind_level=2)
    submit(application.pk, actor=application.lead.user)
    RoleGrant.objects.create(
        user=user, role="programme_officer", scope="programme",
        scope_id=application.call.programme_id,
    )  # fmt: skip
    return application
