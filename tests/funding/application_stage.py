"""Applications that are ready for what a test does with them."""

from events.papers.press import printed
from funding.forms_schema import schema_of
from funding.models import Application, BudgetLine, SectionDraft
from funding.services.documents import add_document
from funding.services.drafts import basics_sum, save_basics, touch
from funding.services.participants import confirm
from matching.models import Area
from tests.factories.funding import ApplicationFactory, approved_call, team

PAPER = {
    "lang": "en", "title": "Work", "second_title": "", "says": "", "name": "", "second_name": "", "affiliation": "",
    "took_part": "", "event": "", "lines": [], "signed": "", "hosts": "", "check": "", "address": "",
    "code": '<svg xmlns="http://www.w3.org/2000/svg"/>',
}  # fmt: skip


def pdf(**words):
    """A real PDF of one page."""
    return printed("certificate", PAPER | words)


def small_schema():
    """A form of two sections with one question each."""
    question = {"kind": "long", "most": 100, "label_en": "What?", "label_ko": "무엇?"}
    return {"sections": [
        {"code": "work", "title_en": "Work", "title_ko": "연구",
         "fields": [{"code": "aims", **question}]},
        {"code": "more", "title_en": "More", "title_ko": "추가",
         "fields": [{"code": "plan", **question, "required": False}]},
    ]}  # fmt: skip


def answers_for(schema):
    """Answers to every question that is asked for."""
    values = {"text": "Light", "long": "Long light", "number": 10, "choice": 0, "yes_no": True,
              "date": "2031-12-01"}  # fmt: skip
    return {
        section.code: {field.code: values[field.kind] for field in section.fields}
        for section in schema_of(schema).sections
    }


def draft_without_confirmation(*, schema=None, with_document=True, **columns):
    """A draft that lacks nothing but the partner's confirmation; returns it and the partner."""
    schema = schema or small_schema()
    call = approved_call(schema=schema, **columns)
    application = ApplicationFactory(call=call)
    _lead, partner = team(application)
    fill(application, schema, with_document=with_document)
    return application, partner


def fill(application, schema, *, with_document=True):
    """Answer everything, ask for money, add the description."""
    user = application.lead.user
    area = Area.objects.filter(version=Area.CURRENT_VERSION).first()
    save_basics(
        application,
        title="Batteries",
        acronym="BAT",
        area=area,
        language="en",
        seen=basics_sum(application),
        actor=user,
    )
    for code, answers in answers_for(schema).items():
        SectionDraft.objects.create(application=application, code=code, answers=answers, number=1)
    for commitment in application.call.commitments.all():
        BudgetLine.objects.create(
            application=application, funder=commitment.funder, cost="travel", amount_minor=1000
        )
    if with_document:
        add_document(application, kind="description", name="work.pdf", chunks=[pdf()], actor=user)
    application.refresh_from_db()
    touch(application)


def ready(**columns):
    """An application that can be handed in."""
    application, partner = draft_without_confirmation(**columns)
    confirm_by(partner)
    return Application.objects.get(pk=application.pk)


def confirm_by(partner):
    """Let a partner confirm what the draft says."""
    application = Application.objects.get(pk=partner.application_id)
    partner.refresh_from_db()
    confirm(partner, seen_sha256=application.draft_sha256, actor=partner.person.user)
