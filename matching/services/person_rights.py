"""Matching's part when a person is erased, stays away for long, comes back, or objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from konnect.accounts.scrubbing import Words, scrub
from konnect.states import StateChange, TransitionError, changes_by
from matching.embedding import text_hash
from matching.models import (
    AbuseReport,
    AbuseReportState,
    ContactRequest,
    ContactRequestState,
    Conversation,
    Message,
    Profile,
    ProfileState,
    TextEmbedding,
)
from matching.services.own_data import HISTORIES
from matching.services.person_texts import texts_of
from matching.services.profiles import hide_profile, mark_matching_changed
from matching.services.table_imports import drop_tables_naming

if TYPE_CHECKING:
    from konnect.accounts.models import User

# The reason in the history of a profile that was hidden because nobody came.
ABSENCE = "absence"


def telling_words(*, user: User, **_more: Any) -> list[str]:
    """Return the names, addresses and numbers of the profile that mean this one person."""
    profile = Profile.objects.filter(user=user).first()
    if profile is None:
        return []
    names = [f"{profile.given_name} {profile.family_name}"] * bool(profile.given_name)
    names += [f"{profile.family_name} {profile.given_name}"] * bool(profile.given_name)
    return [
        profile.display_name, profile.hangul_name, profile.hanja_name, profile.cite_as,
        profile.sort_as, profile.contact_email, profile.telephone, profile.website,
        profile.orcid, *profile.other_names, *names,
    ]  # fmt: skip


def part_from_others(*, user: User, words: Words, keeps_messages: bool, **_more: Any) -> None:
    """Leave with others what is theirs, without the person's name; the rest goes with the profile.

    Requests that became no contact go. Conversations stay with the other side.
    """
    blank_reasons(user)
    drop_tables_naming([word for word in words.words if "@" in word])
    profile = Profile.objects.filter(user=user).first()
    if profile is None:
        return
    requests = lock_contacts(profile)
    requests.exclude(state=ContactRequestState.ACCEPTED).delete()
    lock(profile)
    if not keeps_messages:
        take_back_messages(profile)
    forget_conversations_without_anybody(profile)
    scrub(requests, ("message", "answer"), words)
    scrub(Message.objects.filter(conversation__contact_request__in=requests), ("text",), words)
    forget_reports(profile)
    forget_text_vectors(profile)


def lock_contacts(profile: Profile) -> Any:
    """Lock the person's requests in the order of their keys, and return them."""
    requests = ContactRequest.objects.filter(Q(sender=profile) | Q(recipient=profile))
    list(requests.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    return requests


def lock(profile: Profile) -> None:
    """Let nobody write anything more that belongs to this person."""
    list(Profile.objects.select_for_update(of=("self",)).filter(pk=profile.pk).values_list("pk"))


def take_back_messages(profile: Profile) -> None:
    """Empty what the person wrote to others; that they wrote stays."""
    Message.objects.filter(author=profile).update(text="")
    ContactRequest.objects.filter(sender=profile).update(message="")
    ContactRequest.objects.filter(recipient=profile).update(answer="")


def forget_conversations_without_anybody(profile: Profile) -> None:
    """Where the other side is gone already, only the fact of a contact stays, as a number."""
    alone = ContactRequest.objects.filter(
        Q(sender=profile, recipient=None) | Q(sender=None, recipient=profile)
    )
    Conversation.objects.filter(contact_request__in=alone).delete()
    alone.update(message="", answer="")


def blank_reasons(user: User, histories: Iterable[type[StateChange]] = HISTORIES) -> None:
    """Take out of histories what the person typed as a reason; the change itself stays."""
    for model in histories:
        changes_by(model, user).exclude(reason="").update(reason="")


def forget_reports(profile: Profile) -> None:
    """Blank what the person reported; an open report keeps its words until it is decided."""
    decided = (AbuseReportState.UPHELD, AbuseReportState.DISMISSED)
    AbuseReport.objects.filter(reporter=profile, state__in=decided).update(words="")


def blank_ownerless_reports() -> int:
    """Blank the words of decided reports whose author was erased; return how many."""
    decided = (AbuseReportState.UPHELD, AbuseReportState.DISMISSED)
    ownerless = AbuseReport.objects.filter(reporter=None, state__in=decided)
    return ownerless.exclude(words="").update(words="")


def forget_text_vectors(profile: Profile) -> None:
    """Delete the vectors of the person's texts; whoever wrote the same gets new ones."""
    hashes = {text_hash(text) for text in texts_of([profile])[profile.pk].all()}
    TextEmbedding.objects.filter(text_hash__in=hashes).delete()


def hide_absent(*, user: User, **_more: Any) -> None:
    """Hide the profile of somebody who has not been here for long."""
    profile = Profile.objects.filter(user=user, state=ProfileState.PUBLISHED).first()
    if profile is not None:
        hide_profile(profile, actor=None, reason=ABSENCE)


def show_returned(*, user: User, **_more: Any) -> None:
    """Show the profile again, if nothing but absence hid it."""
    profile = Profile.objects.filter(user=user, state=ProfileState.HIDDEN).first()
    if profile is None or not was_hidden_for_absence(profile):
        return
    try:
        profile.move_to(ProfileState.PUBLISHED, actor=None, reason=ABSENCE)
    except TransitionError:
        # Two requests of the same person: the other one was faster.
        return
    mark_matching_changed(profile)


def was_hidden_for_absence(profile: Profile) -> bool:
    """Tell whether the last change of a profile was that it was hidden for absence."""
    last = profile.changes.order_by("pk").last()
    return last is not None and last.reason == ABSENCE and last.actor_id is None


@transaction.atomic
def change_suggestible(profile: Profile, *, actor: User | None, is_suggestible: bool) -> None:
    """Let somebody be suggested to others, or not; a list of theirs follows within seconds."""
    if profile.is_suggestible == is_suggestible:
        return
    profile.is_suggestible = is_suggestible
    profile.save(update_fields=["is_suggestible", "updated_at"])
    mark_matching_changed(profile)
