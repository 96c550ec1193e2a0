"""A call at a blind level and in a state, with a word planted in everything that can be hidden."""

from dataclasses import dataclass, field
from decimal import Decimal
from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from funding.forms_schema import default_schema
from funding.models import (
    Application,
    Call,
    Consensus,
    ConsensusScore,
    Decision,
    Document,
    Grant,
    PanelMember,
    Participant,
    Redaction,
    Trip,
)
from funding.permissions import roles_for
from funding.services.documents import path_of, write_private
from funding.services.panels import recuse
from funding.services.rank_lists import choose_method, make_list
from funding.services.reviewing import save_review, submit_review
from funding.visibility import (
    APPLICANT_NAMES,
    APPLICANT_ORGANISATIONS,
    BUDGET,
    CONFIDENTIAL,
    CONSENSUS,
    RANK,
    RESULT,
    REVIEWER_NAMES,
    REVIEWS,
    TEXT,
    View,
    visible,
)
from tests.factories.accounts import UserFactory
from tests.factories.funding import (
    ApplicationFactory,
    PersonFactory,
    funder_officer_of,
    officer_of,
    prepared_call,
    submitted,
)
from tests.factories.matching import OrganisationFactory
from tests.funding.application_stage import pdf
from tests.funding.grants_made import due_of, running, trip_of
from tests.funding.panel_stage import member_of
from tests.funding.review_stage import LONG, drafting, expert_in, typed

# By word: which field of `funding.visibility` it stands in.
PLANTED = {
    "marklead": APPLICANT_NAMES, "markpartner": APPLICANT_NAMES, "markfile": APPLICANT_NAMES,
    "markrecord": APPLICANT_NAMES, "markhouse": APPLICANT_ORGANISATIONS,
    "markinstitute": APPLICANT_ORGANISATIONS, "markaims": TEXT, "markcost": BUDGET,
    "markfirst": REVIEWER_NAMES, "marksecond": REVIEWER_NAMES,
    "markpraise": REVIEWS, "43.5": REVIEWS, "markblame": REVIEWS, "12.5": REVIEWS,
    "marksecret": CONFIDENTIAL, "markwhisper": CONFIDENTIAL, "markagreed": CONSENSUS,
    "markmethod": RANK, "markverdict": RESULT,
    # In the text and the title: hidden there by an officer.
    "markslip": APPLICANT_NAMES,
}  # fmt: skip
# Only for the people of one grant.
OF_A_TRIP = "marksafety"
# What somebody wrote or is.
OWN = {
    "lead": {"marklead"}, "partner": {"markpartner"},
    # A host reads the title of what they are asked to host.
    "guest": {"markslip"},
    "first": {"markfirst", "markpraise", "43.5", "marksecret"},
    "second": {"marksecond", "markblame", "12.5", "markwhisper"},
}  # fmt: skip
GRANT_ROLES = ("trip_lead", "trip_host")


@dataclass
class Hidden:
    """Everybody and everything that addresses are about."""

    call: Call
    application: Application
    users: dict[str, object]
    things: dict[str, list] = field(default_factory=dict)

    def may_see(self, role, word):
        """Tell whether the rules let somebody see a planted word."""
        if word == OF_A_TRIP:
            return role in GRANT_ROLES
        if word in OWN.get(role, ()):
            return True
        # Experts of the call read titles when they say what they would like to review.
        if (role, word) == ("peer", "markslip"):
            return self.call.blind_level < 2
        user = self.users[role]
        own = self.application.assignments.filter(
            reviewer__person__user=user.pk, state__in=("submitted", "locked")
        )
        view = View(self.call.blind_level, self.call.state, own.exists())
        # How a list was made is of the call: it names no application.
        if PLANTED[word] == RANK:
            return visible(roles_for(self.call, user), RANK, view)
        # Whoever the lead named reads what they are named in.
        roles = roles_for(self.application, user)
        return visible(frozenset(roles), PLANTED[word], view)


def named(word, **columns):
    """Return a person with a planted name and address."""
    user = UserFactory(email=f"{word}@{word}.example")
    return PersonFactory(user=user, name=f"Dr {word}", **columns)


def content_of(application, call, documents):
    """Return what was submitted, a word in each part."""
    person = {"department": "markinstitute", "organisation_unlisted": ""}
    house = {"id": 1, "ror": None, "name": "markhouse"}
    funder = call.commitments.select_related("funder").first().funder
    return {
        "title": "Light batteries of markslip", "acronym": "LIBA", "language": "en",
        "answers": {
            "summary": {"abstract": "We charge batteries with light. " * 5},
            "work": {"aims": "markaims: electrodes of MarkSlip for light charging. " * 3},
            "team": {"record": "markrecord did it before", "later": "We go on."},
        },
        "people": [
            {"role": role, "name": f"Dr mark{role}", "country": country, "region": region,
             "organisation": house, **person}
            for role, country, region in (("lead", "DE", "europe"), ("partner", "KR", "korea"))
        ],
        "budget": [{"funder": funder.code, "currency": funder.currency, "cost": "travel",
                    "note": "markcost", "amount_minor": 1000}],
        "documents": [
            {"key": str(each.key), "kind": each.kind, "name": each.name, "pages": 1,
             "sha256": each.sha256, "size": each.size}
            for each in documents
        ],
    }  # fmt: skip


def documents_of(application):
    """Keep a description with names in its properties, and a copy without them."""
    found = []
    for kind, name, data in (
        ("description", "markfile.pdf", pdf(title="markfile", signed="markfile")),
        ("redacted", "markfile-blind.pdf", pdf()),
    ):
        row = Document(application=application, kind=kind, name=name, key=uuid4(), size=len(data),
                       pages=1, sha256="0f" * 32)  # fmt: skip
        write_private(path_of(row.key), data)
        row.save(force_insert=True)
        found.append(row)
    return found


def planted_application(call):
    """Return an application in review whose people, houses, texts and files carry the words."""
    application = ApplicationFactory(
        call=call, lead=named("marklead"), title="Light batteries of markslip"
    )
    Redaction.objects.create(application=application, passage="markslip")
    documents = documents_of(application)
    submitted(application, content=content_of(application, call, documents))
    people = application.participants
    people.update(
        department="markinstitute", organisation=OrganisationFactory(name_en="markhouse")
    )
    partner = named("markpartner")
    people.filter(role="lead").update(name="Dr marklead")
    people.filter(role="partner").update(
        name="Dr markpartner", person=partner, email=partner.user.email
    )
    return application, documents


def review_by(row, value, praise, secret):
    """Hand in a review with planted words."""
    words = typed(row.application.call, value, comment=f"{LONG}{praise}", confidential=secret)
    save_review(row, words, actor=row.reviewer.person.user, number=0)
    submit_review(row, actor=row.reviewer.person.user)


def judged(call, application, *, is_over):
    """Let the first review be in, and the second one too when everything is over."""
    experts = {}
    for word, side in (("first", "europe"), ("second", "korea")):
        expert = expert_in(call, side=side)
        person = named(f"mark{word}")
        type(expert).objects.filter(pk=expert.pk).update(person=person)
        expert.person = person
        experts[word] = drafting(application, expert)
    review_by(experts["first"], "43.5", "markpraise", "marksecret")
    if is_over:
        review_by(experts["second"], "12.5", "markblame", "markwhisper")
    return experts


def agreed(application, chair):
    """Write what the reviewers agreed on, and the list of the panel."""
    call = application.call
    Application.objects.filter(pk=application.pk).update(state="ranked")
    report, _is_new = Consensus.objects.get_or_create(
        application=application, version=application.versions.get()
    )
    report.scores.all().delete()
    for criterion in call.criteria.all():
        ConsensusScore.objects.create(
            consensus=report, criterion=criterion, value=Decimal("27.5"), reason="A mean."
        )
    Consensus.objects.filter(pk=report.pk).update(state="signed", text=f"{LONG}markagreed")
    Call.objects.filter(pk=call.pk).update(state="panel")
    call.refresh_from_db()
    made = make_list(call, actor=chair, seed=7)
    choose_method(made, actor=chair, method="raw", reason="markmethod is why.")


def released(application):
    """Let the decision be out: it is not funded."""
    Application.objects.filter(pk=application.pk).update(state="not_funded")
    Decision.objects.create(
        application=application, outcome="not_funded", reason="markverdict is why."
    )
    Call.objects.filter(pk=application.call_id).update(
        state="released", released_at=timezone.now()
    )


def hidden_stage(level, phase):
    """Return a stage at a blind level; phase: reviewing, panel or released."""
    call = prepared_call(schema=default_schema(), blind_level=level, reviews_wanted=2)
    call.criteria.update(most=50)
    Call.objects.filter(pk=call.pk).update(state="reviewing", approved_at=timezone.now())
    call.refresh_from_db()
    application, documents = planted_application(call)
    users = cast_of(call, application)
    rows = judged(call, application, is_over=phase != "reviewing")
    users |= {word: row.reviewer.person.user for word, row in rows.items()}
    member = PanelMember.objects.get(person__user=users["recused"])
    recuse(member, application, actor=users["chair"], reason="A former student.")
    if phase != "reviewing":
        agreed(application, users["chair"])
    if phase == "released":
        released(application)
    call.refresh_from_db()
    application = Application.objects.select_related("call").get(pk=application.pk)
    things = things_of(call, application, documents, rows) | things_of_grant(users)
    return Hidden(call, application, users, things)


def cast_of(call, application):
    """Return everybody but the two reviewers, by role."""
    guest = PersonFactory()
    Participant.objects.create(application=application, role="host", person=guest, name="Guest",
                               region="korea", country_code="KR", may_edit=False)  # fmt: skip
    other = submitted(ApplicationFactory(call=call))
    peer = expert_in(call)
    drafting(other, peer)
    return {
        "lead": application.lead.user,
        "partner": application.participants.get(role="partner").person.user,
        "guest": guest.user, "peer": peer.person.user, "rival": other.lead.user,
        "chair": member_of(call, "europe", is_chair=True), "member": member_of(call, "korea"),
        "recused": member_of(call, "korea"), "officer": officer_of(call),
        "funder": funder_officer_of(call), "stranger": UserFactory(),
        "staff": UserFactory(is_staff=True, is_superuser=True), "nobody": AnonymousUser(),
    }  # fmt: skip


def things_of(call, application, documents, rows):
    """Return what the arguments of addresses may be, by the first words of the address."""
    first = rows["first"]
    return {
        "calls": [call.pk], "programmes": [call.programme_id], "applications": [application.pk],
        "reviews/calls": [each.pk for each in call.expert_rows.all()],
        "reviews/certificates": [call.pk], "reviews": [row.pk for row in rows.values()],
        "experts": [first.reviewer_id], "key": [row.key for row in rows.values()],
        "document": [each.key for each in documents], "application": [application.pk],
        "decisions": [getattr(getattr(application, "decision", None), "pk", 0)],
        "member": [call.panel.members.first().pk], "number": [call.expert_rows.first().pk],
        "redaction": [application.redactions.get().pk], "token": [uuid4()], "participant_pk": [application.participants.first().pk],
    }  # fmt: skip


def things_of_grant(users):
    """Return a grant of another call with a trip, and add its people to the cast."""
    grant = running()
    trip = trip_of(grant)
    Trip.objects.filter(pk=trip.pk).update(safety_contact=OF_A_TRIP)
    users |= {"trip_lead": trip.traveller.user, "trip_host": trip.host.user}
    every = list(Grant.objects.values_list("pk", flat=True))
    return {"grants": [grant.pk], "projects": every, "trips": [trip.pk], "reports": [due_of(grant).pk],
            "year": [1], "output": [0]}  # fmt: skip
