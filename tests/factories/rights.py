"""A person with something in every table and a telling word in every text."""

from datetime import date, timedelta
from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.core.cache import cache
from django.db import models
from django.test import Client
from django.utils import timezone

from konnect.accounts.models import (
    ApiToken,
    AuditEvent,
    DataExport,
    Impersonation,
    MailTrouble,
    Notification,
    NotificationPreference,
    OutgoingEmail,
    RoleGrant,
)
from konnect.accounts.services import record_consents
from matching import models as nouns
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    ContactRequestFactory,
    ConversationFactory,
    KoreanProfileFactory,
    ListingFactory,
    MessageFactory,
    OrganisationFactory,
    ProfileFactory,
)

CANARY = "zanarienvogel"
HANGUL_CANARY = "자나리엔"
# Columns that the database holds to a shape, or that name something of the portal.
NOT_FREE = {
    "state", "kind", "side", "language", "time_zone", "country_code", "orcid", "password", "email",
    "deduplication_key", "digest", "session_key", "token", "feed_token", "sha256", "currency",
    "confidentiality", "partner_side", "name_order", "career_stage", "source",
    "call_identifier",
}  # fmt: skip


def word(number, *, room=60):
    """Return a word that stands nowhere else, short enough for its column."""
    return f"{CANARY}{number}"[:room]


def told(instance, numbers):
    """Write a telling word into every free text of a row that has none yet."""
    for field in instance._meta.concrete_fields:
        if is_free(field) and not getattr(instance, field.attname):
            setattr(instance, field.attname, telling(field, next(numbers)))
    instance.save()
    return instance


def is_free(field):
    """Tell whether people may write into a column what they like."""
    text = isinstance(field, models.CharField | models.TextField) or (
        isinstance(field, ArrayField) and isinstance(field.base_field, models.CharField)
    )
    choices = field.choices or getattr(getattr(field, "base_field", None), "choices", None)
    return text and not choices and field.name not in NOT_FREE and field.editable


def telling(field, number):
    """Return a telling value for a column."""
    if isinstance(field, ArrayField):
        room = field.base_field.max_length or 60
        return [] if room < len(CANARY) else [word(number, room=room)]
    room = field.max_length or 200
    if isinstance(field, models.URLField):
        return f"https://{word(number)}.example/"
    if isinstance(field, models.EmailField):
        return f"{word(number)}@example.kr"
    return word(number, room=room) if room >= len(CANARY) else ""


def everything_of(numbers):
    """Return a person with rows in every table; `numbers` counts the telling words."""
    minji = KoreanProfileFactory(
        user__email=f"{word('mail')}@example.kr",
        display_name=f"Kim {word('name')}",
        hangul_name=HANGUL_CANARY,
        organisation=OrganisationFactory(side="korea", country_code="KR"),
        summary_en="", summary_ko="",
    )  # fmt: skip
    told(minji, numbers)
    anna = ProfileFactory(user__email="anna@example.eu", display_name="Anna Schmidt")
    account_rows(minji, anna, numbers)
    own_rows(minji, numbers)
    rows_with_others(minji, anna, numbers)
    return minji


def account_rows(minji, anna, numbers):
    """Write what accounts hold."""
    user = minji.user
    now = timezone.now()
    record_consents(
        user, choices={"terms": True, "newsletter": True}, channel="sign_up", language="ko"
    )
    EmailAddress.objects.create(user=user, email=f"{word('second')}@example.org")
    SocialAccount.objects.create(
        user=user, provider="orcid", uid=word("uid"), extra_data={"name": word("extra")}
    )
    Authenticator.objects.create(user=user, type="totp", data={"secret": word("secret")})
    client = Client()
    client.force_login(user)
    session = client.session
    session["note"] = word("session")
    session.save()
    UserSession.objects.create(
        user=user, session_key=session.session_key, ip="192.0.2.1", user_agent=word("agent")
    )
    RoleGrant.objects.create(user=user, role="programme_officer")
    ApiToken.objects.create(user=user, name=word("token"), digest="d" * 64, prefix="kt_abc")
    told(Notification(user=user, kind="account", key="a"), numbers)
    NotificationPreference.objects.create(user=user, kind="contact", rhythm="daily")
    for to in (user.email.upper(), anna.user.email):
        mail = OutgoingEmail(
            to=to, headers={"X-Note": word("header") if to != anna.user.email else ""}
        )
        mail.subject, mail.text = f"{minji.display_name} wrote", f"Dear Anna, {user.email}"
        mail.html, mail.state, mail.sent_at = f"<p>{minji.hangul_name}님</p>", "sent", now
        mail.save()
    OutgoingEmail.objects.create(
        to=anna.user.email, subject="Your digest", text=f"{minji.display_name} and others"
    )
    Notification.objects.create(
        user=anna.user, kind="account", key="b", title_en=f"{minji.display_name} wrote to you",
        title_ko=f"{minji.hangul_name}님이 메시지를 보냈습니다",
    )  # fmt: skip
    MailTrouble.objects.create(address=user.email, kind="soft", reason=word("bounce"))
    DataExport.objects.create(
        user=user, state="ready", ready_at=now, content=word("copy").encode(), sha256="0" * 64
    )
    staff_rows(minji, anna)
    cache.set(f"note-{user.pk}", {"when": 1}, 60)


def staff_rows(minji, anna):
    """Write what staff noted of the person."""
    AuditEvent.objects.create(
        actor=anna.user, actor_name=anna.user.email, action="profile.read", subject=minji.user,
        target_kind="profile", target_id=word("target"), reason=word("because"),
        facts={"name": word("fact")},
    )  # fmt: skip
    Impersonation.objects.create(
        administrator=anna.user, user=minji.user, reason=word("impersonation")
    )
    LogEntry.objects.create(
        user=anna.user, content_type=ContentType.objects.get_for_model(minji.user),
        object_id=str(minji.user_id), object_repr=minji.user.email, action_flag=CHANGE,
        change_message=f"Changed {minji.display_name}",
    )  # fmt: skip


def own_rows(minji, numbers):
    """Write what is the person's own in matching."""
    told(nouns.Work(profile=minji, year=2025), numbers)
    told(nouns.ProfileProject(profile=minji), numbers)
    minji.changes.create(
        old_state="draft", new_state="published", actor=minji.user, reason=word("own")
    )
    listing = ListingFactory(profile=minji, title_en="", title_ko=word("listing"))
    told(listing, numbers)
    listing.changes.create(
        old_state="draft", new_state="open", actor=minji.user, reason=word("why")
    )
    told(nouns.PartnerSearch(listing=listing), numbers)
    for part in parts_of_listings():
        told(part(listing=listing), numbers)
    nouns.ListingDeadline.objects.create(
        listing=listing, kind="call", at=timezone.now(), time_zone="Asia/Seoul", wall_time="2026-12-01T17:00",
        source_words=word("deadline"),
    )  # fmt: skip
    nouns.ConsortiumMember.objects.create(listing=listing, country_code="KR", type="education")
    search = told(nouns.SavedSearch(user=minji.user, kind="people", feed_token="f" * 43), numbers)
    nouns.SavedSearchHit.objects.create(saved_search=search, listing=listing)
    told(
        nouns.SourceRequest(profile=minji, source="doi", found=[{"title": word("found")}]), numbers
    )
    nouns.SearchEntry.objects.update_or_create(
        kind="people", audience="member", profile=minji,
        defaults={"words": word("searched"), "facets": [f"area:{word('facet')}"]},
    )  # fmt: skip


def parts_of_listings():
    """Return models that hang on a listing and need nothing but texts."""
    known = {"PartnerSearch", "ListingDeadline", "ConsortiumMember"}
    from matching.services.own_data import PARTS_OF_LISTINGS  # noqa: PLC0415

    return [model for model in PARTS_OF_LISTINGS if model.__name__ not in known]


def rows_with_others(minji, anna, numbers):
    """Write what the person has with others."""
    for sender, recipient in ((minji, ProfileFactory()), (ProfileFactory(), minji)):
        told(ContactRequestFactory(sender=sender, recipient=recipient, message=""), numbers)
    contact = AcceptedContactRequestFactory(
        sender=minji, recipient=anna, message=word("asked"), answer="Gladly."
    )
    AcceptedContactRequestFactory(recipient=minji, answer=word("answered"))
    contact.changes.create(
        old_state="pending", new_state="accepted", actor=minji.user, reason=word("reason")
    )
    conversation = ConversationFactory(contact_request=contact)
    MessageFactory(
        conversation=conversation, author=minji, text=f"{word('said')} {minji.display_name}"
    )
    MessageFactory(
        conversation=conversation, author=anna,
        text=f"Dear {minji.display_name} ({minji.hangul_name}님), is {minji.user.email} right?",
        token=uuid4(),
    )  # fmt: skip
    nouns.Block.objects.create(blocker=minji, blocked=ProfileFactory())
    for one, other in ((minji, anna), (anna, minji)):
        nouns.SuggestionAnswer.objects.create(
            profile=one, partner=other, answer="not_for_me", comment=word("comment")
        )
        nouns.Vouch.objects.create(profile=one, voucher=other)
    interests(minji, anna, numbers)
    reports(minji, anna)
    twinning(minji, anna)
    run = nouns.MatchRun.objects.create(
        state="superseded", embedder="lexical@1", weights_version="1"
    )
    nouns.SuggestionList.objects.create(
        match_run=run, profile=minji, partner_ids=[anna.pk], scores=[1], parts=[],
        built_from=timezone.now(),
    )  # fmt: skip
    nouns.RunEdit.objects.create(
        match_run=run, profile=minji, sequence=1, data=word("edit").encode()
    )
    nouns.ProfileVectors.objects.create(
        profile=minji, embedder=word("model"), topic=b"", offers=b"", seeks=b"",
        words=word("vector").encode(), built_from=timezone.now(),
    )  # fmt: skip


def interests(minji, anna, numbers):
    """Write answers to partner searches, in both directions."""
    for author, owner in ((minji, anna), (anna, minji)):
        interest = nouns.ExpressionOfInterest(
            listing=ListingFactory(profile=owner), profile=author, role="coordinator",
            organisation_type="education", country_code="KR",
        )  # fmt: skip
        told(interest, numbers).changes.create(
            old_state="sent", new_state="sent", actor=minji.user, reason=word("interest")
        )


def reports(minji, anna):
    """Write reports by the person and about the person."""
    now = timezone.now()
    for reporter, about in ((minji, anna), (anna, minji)):
        nouns.AbuseReport.objects.create(
            reporter=reporter, profile=about, reason="spam", words=word("report"),
            state="dismissed", decided_at=now, decision=word("decision") if about is minji else "",
        ).changes.create(old_state="open", new_state="dismissed", actor=minji.user, reason=word("rep"))  # fmt: skip


def twinning(minji, anna):
    """Write the person's part in a twinning."""
    pair = nouns.Twinning.objects.create(
        proposer=minji.organisation, partner=anna.organisation, aims_en="Together",
        starts_on=date(2027, 1, 1),
    )  # fmt: skip
    pair.changes.create(
        old_state="proposed", new_state="active", actor=minji.user, reason=word("twin")
    )
    pair.confirmations.create(organisation=minji.organisation, confirmed_by=minji.user)
    pair.contacts.create(organisation=minji.organisation, profile=minji)
    pair.activities.create(
        kind="visit", title_en="Visit", takes_place_on=date(2027, 2, 1), recorded_by=minji.user
    )


def absent_for(user, days):
    """Have somebody last seen so many days ago."""
    user.last_seen_on = timezone.now().date() - timedelta(days=days)
    user.save(update_fields=["last_seen_on"])
    return user
