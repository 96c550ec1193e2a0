"""The people of an application: asked by the lead, and each answers for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funding.applying import OF_THE_TEXT, is_lead
from funding.machines import GONE
from funding.models import Application, Participant
from funding.refusing import Blocker, RefusedError
from funding.services.draft_content import read_draft
from funding.services.drafts import locked_application, open_for, place_of, touch
from funding.services.guards_applications import SAME_REGION
from funding.services.lead_news import tell_lead
from funding.services.moving import move
from funding.services.people import person_of
from funding.services.windows import TEAM_LOCKED, window_of
from konnect.accounts.doorbell import ring
from konnect.accounts.mail import DELIVERY_TASK, rendered
from konnect.accounts.models import Notification, OutgoingEmail, User
from konnect.accounts.services.notifications import notify
from matching.models import Profile
from matching.permissions.contacts import have_blocked
from matching.services.profiles import ensure_profile

PARTNER_THERE = Blocker(
    "partner_there",
    gettext_lazy("There is a partner already. Remove that person before you ask another one."),
)
CHANGED_MEANWHILE = Blocker(
    "changed_meanwhile",
    gettext_lazy(
        "The application was changed while you read it. Look at what is new, then confirm."
    ),
)
TAKEN = Blocker("taken", gettext_lazy("Somebody else has used this invitation already."))
IS_LEAD = Blocker("is_lead", gettext_lazy("You lead this application yourself."))
ALREADY_NAMED = Blocker("already_named", gettext_lazy("This person has this role already."))
NOT_FOR_YOU = Blocker("not_for_you", gettext_lazy("You cannot invite this person."))
WRITTEN_TODAY = Blocker(
    "written_today",
    gettext_lazy("We have written to this address today already. Ask again tomorrow."),
)
ENOUGH_LETTERS = Blocker(
    "enough_letters",
    gettext_lazy("You have invited as many people as one can in a day. Go on tomorrow."),
)
MOST_PEOPLE = 30
# Letters that one lead causes in a day, in all of their applications.
LETTERS_A_DAY = 20
WRITERS = ("partner", "member")
# States of a call in which nothing late is taken any more.
AFTERWARDS = ("reviewing", "panel", "decided", "released", "running", "closed_out", "cancelled")
A_ROUND = 200
TOO_MANY = Blocker("too_many", gettext_lazy("An application names at most 30 people."))


def open_team(application: Application, actor: User) -> Application:
    """Lock an application whose people the lead wants to change.

    Raises:
        PermissionDenied: somebody else than the lead asks.
        RefusedError: the call has closed, or nothing can be changed.
    """
    found, window = open_for(application.pk, actor)
    if not is_lead(found, actor):
        raise PermissionDenied
    if not window.is_team_open:
        raise RefusedError([TEAM_LOCKED])
    return found


@transaction.atomic
def invite(
    application: Application, *, role: str, email: str, columns: Mapping[str, Any], actor: User
) -> Participant:
    """Name somebody by their address, and write to them; they come in by the link of the letter.

    columns: name and place, as the columns of a participant say.

    Raises:
        RefusedError: there is a partner already; see also `open_team`.
        PermissionDenied: see `open_team`.
    """
    application = open_team(application, actor)
    if blockers := address_blockers(application, role, email, actor):
        raise RefusedError(blockers)
    row = add(application, role=role, email=email, **columns)
    if role != "member":
        send_invitation(row, actor=actor)
    touch(application)
    return row


def address_blockers(
    application: Application, role: str, email: str, actor: User
) -> list[Blocker]:
    """Return what keeps a lead from naming an address: its owner, or too many letters in a day."""
    member = member_at(email)
    owner = Profile.objects.filter(user=member).first() if member else None
    if owner is not None and is_unwelcome(owner, actor):
        return [NOT_FOR_YOU]
    if role == "member":
        return []
    sent = OutgoingEmail.objects.filter(
        deduplication_key__startswith=letter_key(application.lead_id),
        created_at__gt=Now() - timedelta(days=1),
    )
    own = sent.filter(
        deduplication_key__startswith=letter_key(application.lead_id, application.pk)
    )
    if own.filter(to__iexact=email).exists():
        return [WRITTEN_TODAY]
    return [ENOUGH_LETTERS] if sent.count() >= LETTERS_A_DAY else []


def is_unwelcome(profile: Profile, actor: User) -> bool:
    """Tell whether somebody cannot be named: one of the two has blocked the other, or it is me."""
    return have_blocked(ensure_profile(actor), profile) or profile.user_id == actor.pk


def letter_key(*parts: object) -> str:
    """Return by what letters to people who are asked are known, or how such keys begin."""
    return "participant_asked:" + "".join(f"{part}:" for part in parts)


@transaction.atomic
def invite_member(
    application: Application, profile: Profile, *, role: str, actor: User
) -> Participant:
    """Name somebody who has a profile, and tell them.

    Raises:
        RefusedError, PermissionDenied: see `invite`.
    """
    application = open_team(application, actor)
    if is_unwelcome(profile, actor):
        raise RefusedError([NOT_FOR_YOU])
    row = add(
        application, role=role, person=person_of(profile.user), email="", **place_of(profile)
    )
    tell_invited(row, profile.user)
    touch(application)
    return row


def add(application: Application, **columns: Any) -> Participant:
    """Write one participant; the constraints decide between two who are asked at once.

    Hosts and travellers never write in the text.
    """
    columns.setdefault("may_edit", columns["role"] in WRITERS)
    if columns["role"] == "partner" and is_of_own_region(application, columns["region"]):
        raise RefusedError([SAME_REGION])
    if application.participants.count() >= MOST_PEOPLE:
        raise RefusedError([TOO_MANY])
    try:
        with transaction.atomic():
            return Participant.objects.create(application=application, **columns)
    except IntegrityError as error:
        if "one_partner" in str(error):
            raise RefusedError([PARTNER_THERE]) from error
        raise RefusedError([ALREADY_NAMED]) from error


def is_of_own_region(application: Application, region: str) -> bool:
    """Tell whether somebody comes from where the lead is; a joint application needs both regions."""
    lead = application.participants.filter(role="lead").first()
    return region != "elsewhere" and lead is not None and lead.region == region


def tell_invited(row: Participant, user: User) -> Notification | None:
    """Tell a member that they are asked to take part: once a day, however often they are named.

    Who was asked by their address comes in by the link of the letter; who was asked by their
    profile has a place.
    """
    application = row.application
    today = timezone.now().date()
    has_place = row.person_id is not None
    return notify(
        user, "applications", key=f"participant_invited:{application.pk}:{today}",
        title=lambda: _("You are invited to a joint application"),
        address=reverse("funding:application_confirm", args=[application.pk]) if has_place
        else reverse("funding:application_join", args=[row.token]),
        letter="application_invitation", context=letter_facts(row),
    )  # fmt: skip


def letter_facts(row: Participant) -> dict[str, object]:
    """Return what the letter to somebody who is asked says."""
    path = reverse("funding:application_join", args=[row.token])
    return {
        "application": row.application, "call": row.application.call, "participant": row,
        "lead": str(row.application.lead), "join_address": settings.SITE_URL + path,
        "reads_text": row.role in OF_THE_TEXT,
    }  # fmt: skip


def send_invitation(row: Participant, *, actor: User) -> None:
    """Write to an address: a member is told as of all news, anybody else in both languages.

    By the keys of their rows in the outbox the letters of a lead are counted. Which of the two an
    address belongs to, the lead does not learn.
    """
    key = letter_key(row.application.lead_id, row.application_id) + str(row.token)
    if member := member_at(row.email):
        news = tell_invited(row, member)
        if news is not None and news.email is not None:
            OutgoingEmail.objects.filter(pk=news.email.pk).update(deduplication_key=key)
        return
    reader = User(email=row.email, language=actor.language, time_zone=actor.time_zone)
    columns = rendered("application_invitation_both", reader, letter_facts(row))
    OutgoingEmail.objects.get_or_create(
        deduplication_key=key, defaults={**columns, "to": row.email}
    )
    ring(DELIVERY_TASK)


def member_at(email: str) -> User | None:
    """Return the member who has shown that an address is theirs."""
    proven = EmailAddress.objects.filter(email__iexact=email, verified=True, user__is_active=True)
    found = proven.select_related("user").order_by("-primary", "pk").first()
    return found.user if found else None


@transaction.atomic
def remove(application: Application, participant: Participant, *, actor: User) -> None:
    """Take somebody out of a draft; the lead stays.

    Raises:
        PermissionDenied, RefusedError: see `open_team`.
    """
    application = open_team(application, actor)
    if participant.role == "lead":
        raise PermissionDenied
    application.participants.filter(pk=participant.pk).delete()
    touch(application)


def invited_by(token: UUID) -> Participant | None:
    """Return whom a link of a letter invites; None when it does not lead anywhere any more."""
    rows = Participant.objects.filter(token=token).exclude(state__in=GONE)
    return rows.select_related("application__call", "application__lead").first()


@transaction.atomic
def join(participant: Participant, *, actor: User) -> Participant:
    """Take a place that one was asked to take by mail; the own profile says where one works.

    Raises:
        RefusedError: somebody else has taken it, or it is the lead's own.
    """
    application = locked_application(participant.application_id)
    row = Participant.objects.select_for_update(of=("self",)).get(pk=participant.pk)
    person = person_of(actor)
    if application.lead_id == person.pk:
        raise RefusedError([IS_LEAD])
    if row.person_id == person.pk:
        return row
    if row.person_id is not None:
        raise RefusedError([TAKEN])
    row.person = person
    fill_in(row, ensure_profile(actor), is_open=window_of(application).is_team_open)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise RefusedError([ALREADY_NAMED]) from error
    touch(application)
    return row


def fill_in(row: Participant, profile: Profile, *, is_open: bool) -> None:
    """Let the profile say what the lead left open; after closing nothing changes any more."""
    if not is_open:
        return
    row.name = row.name or profile.display_name
    if row.organisation is None and not row.organisation_unlisted:
        for name, value in place_of(profile).items():
            if name != "name":
                setattr(row, name, value)


@transaction.atomic
def confirm(participant: Participant, *, seen_sha256: str, actor: User) -> None:
    """Stand behind exactly the text, or the own place, whose check sum the page showed.

    Raises:
        RefusedError: it was changed meanwhile, or the time is over.
        TransitionError: it is confirmed, or was declined.
        PermissionDenied: somebody else's place.
    """
    application = locked_application(participant.application_id)
    draft = read_draft(application)
    wanted = draft.statement_sum(participant)
    if not seen_sha256 or wanted != seen_sha256:
        raise RefusedError([CHANGED_MEANWHILE])
    participant.application = application
    move(
        participant, "confirm", actor=actor,
        columns={
            "confirmed_hash": wanted, "confirmed_at": timezone.now(),
            "confirmed_content": draft.statement_of(participant),
        },
        facts={"draft_sha256": wanted},
    )  # fmt: skip
    tell_lead(
        application, key=f"participant:{participant.pk}:confirmed:{wanted[:16]}",
        title=lambda: _("%(name)s has confirmed your joint application") % {"name": participant},
    )  # fmt: skip


@transaction.atomic
def decline(participant: Participant, *, actor: User) -> None:
    """Take no part; the lead is told and can ask somebody else.

    Raises:
        TransitionError, PermissionDenied: see `move`.
    """
    application = locked_application(participant.application_id)
    move(participant, "decline", actor=actor, columns={"confirmed_at": None})
    if window_of(application).is_team_open:
        touch(application)
    tell_lead(
        application, key=f"participant:{participant.pk}:declined",
        title=lambda: _("%(name)s does not take part in your application") % {"name": participant},
    )  # fmt: skip


@transaction.atomic
def expire_invitations() -> int:
    """End the invitations that nobody answered until the call closed; return how many."""
    now = timezone.now()
    rows = Participant.objects.filter(
        state="invited", application__call__closes_at__lt=now, application__state="draft",
        application__call__state__in=AFTERWARDS,
    )  # fmt: skip
    found = list(rows.select_for_update(of=("self",), skip_locked=True)[:A_ROUND])
    for row in found:
        move(row, "expire", actor=None)
    return len(found)
