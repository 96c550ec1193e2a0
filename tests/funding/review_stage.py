"""A call in which people review: experts of both regions, a chair, an application with a text."""

from datetime import timedelta

from django.utils import timezone

from funding.forms_schema import default_schema
from funding.models import Application, CallExpert, Panel, PanelMember, ReviewAssignment
from funding.services.reviewing import (
    Typed,
    accept_review,
    declare,
    invite,
    save_review,
    submit_review,
)
from tests.factories.funding import (
    ApplicationFactory,
    ExpertFactory,
    KoreanExpertFactory,
    PersonFactory,
    approved_call,
    submitted,
)
from tests.factories.matching import KoreanProfileFactory, ProfileFactory

# What must never reach anybody who may not know who applies.
MARKS = ("MARKNAME", "MARKHOUSE", "MARKRECORD")
LONG = "A comment that is long enough to say something about it. " * 3


def soon():
    """Return a moment in a week."""
    return timezone.now() + timedelta(days=7)


def reviewing_call(**columns):
    """Return a call whose reviews are open, with the standard form."""
    return approved_call(state="reviewing", schema=default_schema(), **columns)


def told(application, *, documents=(), **answers):
    """Give an application one version with a text, marked names and a marked house; return it."""
    content = {
        "title": "Light batteries", "language": "en", "budget": [],
        "documents": list(documents),
        "answers": {
            "summary": {"abstract": "We charge batteries with light, in both regions. " * 3},
            "work": {"aims": "Perovskite electrodes for light charging. " * 3},
            "team": {"record": "MARKRECORD did it before", "later": "We go on together."},
            **answers,
        },
        "people": [
            {"role": "lead", "name": "MARKNAME", "country": "DE", "region": "europe",
             "organisation": {"id": 1, "ror": None, "name": "MARKHOUSE"}, "department": "",
             "organisation_unlisted": ""},
        ],
    }  # fmt: skip
    return submitted(application, content=content)


def application_in(call, **columns):
    """Return an application that is in review."""
    return told(ApplicationFactory(call=call, **columns))


def expert_in(call, *, side="europe", most=5, answer="accepted", **columns):
    """Return an expert with a profile who agreed to review in a call."""
    profile = KoreanProfileFactory() if side == "korea" else ProfileFactory()
    factory = KoreanExpertFactory if side == "korea" else ExpertFactory
    columns = {"is_domain_expert": True, **columns}
    expert = factory(person=PersonFactory(user=profile.user, name=profile.display_name), **columns)
    CallExpert.objects.create(
        call=call, expert=expert, answer=answer, most=most,
        answer_by=timezone.now() + timedelta(days=7),
    )  # fmt: skip
    return expert


def chair_of(call):
    """Return the user who chairs the panel of a call."""
    panel, _is_new = Panel.objects.get_or_create(call=call)
    member = PanelMember.objects.create(panel=panel, person=PersonFactory(), is_chair=True,
                                        side="europe")  # fmt: skip
    return member.person.user


def asked(application, expert, **columns):
    """Return an assignment that its reviewer is asked for."""
    row = ReviewAssignment.objects.create(
        application=application, version=application.versions.get(), reviewer=expert, **columns
    )
    assert invite(row, actor=None, until=timezone.now() + timedelta(days=7))
    return row


def drafting(application, expert, **columns):
    """Return an assignment whose form is open."""
    row, user = asked(application, expert, **columns), expert.person.user
    accept_review(row, actor=user)
    declare(row, actor=user, declaration="none")
    return row


def typed(call, value="4.0", **more):
    """Return a review that is complete."""
    scores = {str(each.pk): {"value": value, "comment": LONG, "reason": ""}
              for each in call.criteria.all()}  # fmt: skip
    facts = {"comment": LONG, "confidential": "", "confidence": 2, "scores": scores, **more}
    return Typed(**facts)


def reviewed(application, expert, value="4.0", **columns):
    """Return an assignment whose review is in."""
    row, user = drafting(application, expert, **columns), expert.person.user
    save_review(row, typed(application.call, value), actor=user, number=0)
    submit_review(row, actor=user)
    return row


def fresh(row):
    """Return a row as the table has it now."""
    return type(row).objects.get(pk=row.pk)


def states(call):
    """Return the states of the applications of a call."""
    return list(Application.objects.filter(call=call).values_list("state", flat=True))
