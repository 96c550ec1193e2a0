"""What matching holds of a person, for the copy that they may take with them.

Names of others stand as the person sees them on the pages.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Prefetch, Q, QuerySet
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import User
from konnect.accounts.rights import Row, columns_of, exempt_from_export, register_export, table
from konnect.states import StateChange, changes_by
from matching.models import (
    AbuseReport,
    AbuseReportChange,
    Block,
    ContactRequest,
    ContactRequestChange,
    Conversation,
    ExpressionOfInterest,
    ExpressionOfInterestChange,
    Listing,
    ListingChange,
    MatchRunChange,
    Message,
    Profile,
    ProfileChange,
    ProfileProject,
    SavedSearch,
    SavedSearchHit,
    SourceRequest,
    SuggestionAnswer,
    SuggestionList,
    TwinningActivity,
    TwinningChange,
    TwinningConfirmation,
    TwinningContact,
    Vouch,
    Work,
)

HISTORIES: tuple[type[StateChange], ...] = (
    ProfileChange, ListingChange, ContactRequestChange, ExpressionOfInterestChange,
    TwinningChange, AbuseReportChange, MatchRunChange,
)  # fmt: skip
# Made by the portal from what stands in the profile.
COMPUTED = ("matching_changed_at",)
SECRETS = ("token", "feed_token")


def register_own_data() -> None:
    """Make everything that matching holds a part of the copy."""
    for name, label, rows, models in PARTS:
        register_export(name, label, rows, models=[f"matching.{model}" for model in models])
    exempt_from_export(
        {
            "matching.Organisation": "facts about institutions; who verified one is staff's act",
            "matching.ProfileVectors": "numbers computed from the texts of the profile",
            "matching.RunEdit": "the same numbers, for the minutes of a matching run",
            "matching.TableImport": "a file of the staff, for a week at most; its rows are exported",
            "matching.SearchEntry": "pieces of words of the profile, for the search",
            "matching.TwinningSuggestion": "computed for organisations",
            "matching.Twinning": "an agreement of organisations; one's own part is exported",
        }
    )


def profile(user: User) -> list[Row]:
    """Return the profile with its areas and topics."""
    own = Profile.objects.filter(user=user).prefetch_related("areas", "topics")
    return [columns_of(each, leave_out=COMPUTED) | named_subjects(each) for each in own]


def named_subjects(thing: Profile | Listing) -> dict[str, list[str]]:
    """Return areas and topics by name."""
    return {
        "areas": [str(area) for area in thing.areas.all()],
        "topics": [str(topic) for topic in thing.topics.all()],
    }


def works(user: User) -> list[Row]:
    """Return the works."""
    return table(Work.objects.filter(profile__user=user))


def projects(user: User) -> list[Row]:
    """Return the projects."""
    return table(ProfileProject.objects.filter(profile__user=user))


def listings(user: User) -> list[Row]:
    """Return offers and requests; partner searches with everything that they say besides."""
    own = Listing.objects.filter(profile__user=user).prefetch_related("areas", "topics")
    return [whole_listing(each) for each in own.order_by("pk")]


def whole_listing(listing: Listing) -> dict[str, Any]:
    """Return a listing with what hangs on it: `partner_search.programme` and the like."""
    row = columns_of(listing) | named_subjects(listing)
    for relation in Listing._meta.related_objects:  # noqa: SLF001 - documented API
        if relation.related_model in PARTS_OF_LISTINGS and relation.get_accessor_name():
            row |= beside(listing, str(relation.get_accessor_name()))
    return row


def beside(listing: Listing, accessor: str) -> dict[str, Any]:
    """Return what hangs on a listing by one relation, one row or several."""
    found = getattr(listing, accessor, None)
    if isinstance(found, Model):
        columns = columns_of(found, leave_out=["listing_id", "reviewed_by_id"])
        return {f"{accessor}.{name}": value for name, value in columns.items()}
    rows = found.all() if found is not None else []
    return {accessor: [columns_of(each, leave_out=["id", "listing_id"]) for each in rows]}


def parts_of_listings() -> frozenset[type[Model]]:
    """Return the models of which a row is nothing but a part of one listing."""
    others = {ExpressionOfInterest, ContactRequest, ListingChange, SavedSearchHit, AbuseReport}
    return frozenset(
        relation.related_model
        for relation in Listing._meta.related_objects  # noqa: SLF001 - documented API
        if relation.related_model not in others
        and relation.related_model.__name__ != "SearchEntry"
        and not relation.many_to_many
    )


PARTS_OF_LISTINGS = parts_of_listings()


def interests_sent(user: User) -> list[Row]:
    """Return what the person answered to partner searches."""
    own = ExpressionOfInterest.objects.filter(profile__user=user).select_related("listing")
    return [{"listing": each.listing.title, **columns_of(each)} for each in own.order_by("pk")]


def interests_received(user: User) -> list[Row]:
    """Return what others answered to the person's partner searches."""
    received = ExpressionOfInterest.objects.filter(listing__profile__user=user)
    rows = received.select_related("listing", "profile").order_by("pk")
    return [
        {"listing": each.listing.title, "from": each.profile.name, **columns_of(each)}
        for each in rows
    ]


def contact_requests(user: User) -> list[Row]:
    """Return the contact requests of both directions."""
    rows = ContactRequest.objects.visible_to(user).with_people().order_by("pk")
    return [
        {
            "with": each.partner_of(user).name,
            "direction": direction(each.side_of(user).pk == each.sender_id),
            **columns_of(each, leave_out=["sender_id", "recipient_id"]),
        }
        for each in rows
    ]


def direction(is_own: bool) -> str:
    """Return whether something was sent or received, in words."""
    return say("sent") if is_own else say("received")


def messages(user: User) -> list[Row]:
    """Return every message of one's conversations, own and received."""
    everything = Prefetch("messages", Message.objects.order_by("pk"))
    own = Conversation.objects.visible_to(user).with_people().prefetch_related(everything)
    return [row for each in own.order_by("pk") for row in letters_of(each, user)]


def letters_of(conversation: Conversation, user: User) -> list[Row]:
    """Return the messages of one conversation."""
    side, partner = conversation.side_of(user), conversation.partner_of(user).name
    return [
        {
            "conversation_id": conversation.pk,
            "with": partner,
            "direction": direction(each.author_id == side.pk),
            "text": each.text,
            "sent_at": each.sent_at,
            "read_at": each.read_at,
        }
        for each in conversation.messages.all()
    ]


def blocks(user: User) -> list[Row]:
    """Return whom the person blocked; who blocked the person is the others' secret."""
    made = Block.objects.filter(blocker__user=user).select_related("blocked")
    return [{"partner": each.blocked.name, "created_at": each.created_at} for each in made]


def suggestions(user: User) -> list[Row]:
    """Return the partners that were computed for the person, best first."""
    lists = SuggestionList.objects.filter(profile__user=user).order_by("-computed_at")
    newest = lists.first()
    if newest is None:
        return []
    names = names_of(user, newest.partner_ids)
    return [
        {"partner": names[pk], "score": score, "computed_at": newest.computed_at}
        for pk, score in zip(newest.partner_ids, newest.scores, strict=False)
        if pk in names
    ]


def names_of(user: User, ids: list[int]) -> dict[int, str]:
    """Return the names of those whom the person may see."""
    seen = Profile.objects.visible_to(user).filter(pk__in=ids)
    return {each.pk: each.name for each in seen}


def suggestion_answers(user: User) -> list[Row]:
    """Return what the person said to suggestions."""
    given = SuggestionAnswer.objects.filter(profile__user=user).select_related("partner")
    return [
        {"partner": each.partner.name, **columns_of(each, leave_out=["partner_id"])}
        for each in given.order_by("pk")
    ]


def saved_searches(user: User) -> list[Row]:
    """Return the searches that the person keeps."""
    return table(SavedSearch.objects.filter(user=user), leave_out=SECRETS)


def search_hits(user: User) -> list[Row]:
    """Return what these found, as far as the person may still see it."""
    found = SavedSearchHit.objects.filter(saved_search__user=user).order_by("pk")
    return table(found)


def sources(user: User) -> list[Row]:
    """Return the looks at ORCID, OpenAlex and files."""
    return table(SourceRequest.objects.filter(profile__user=user))


def vouches(user: User) -> list[Row]:
    """Return for whom the person vouched, and who for the person."""
    concerned = Vouch.objects.filter(Q(profile__user=user) | Q(voucher__user=user))
    return [
        {
            "direction": direction(each.voucher.user_id == user.pk),
            "partner": (each.profile if each.voucher.user_id == user.pk else each.voucher).name,
            "vouched_at": each.vouched_at,
        }
        for each in concerned.select_related("profile", "voucher").order_by("pk")
    ]


def twinnings(user: User) -> list[Row]:
    """Return the person's part in twinnings of organisations."""
    parts: list[QuerySet[Any]] = [
        TwinningContact.objects.filter(profile__user=user),
        TwinningConfirmation.objects.filter(confirmed_by=user),
        TwinningActivity.objects.filter(recorded_by=user),
    ]
    return [
        {"kind": str(part.model._meta.verbose_name), "twinning": str(row.twinning)}  # noqa: SLF001
        | columns_of(row, leave_out=["twinning_id"])
        for part in parts
        for row in part.select_related("twinning__proposer", "twinning__partner")
    ]


def abuse_reports(user: User) -> list[Row]:
    """Return what the person reported; what others reported of the person is in their hands."""
    return table(AbuseReport.objects.filter(reporter__user=user), leave_out=["decided_by_id"])


def history(user: User) -> list[Row]:
    """Return every change of state that the person made."""
    return [
        {"kind": str(noun_of(model)._meta.verbose_name), "before": row.old_state,  # noqa: SLF001 - documented API
         "after": row.new_state, "reason": row.reason, "when": row.changed_at}
        for model in HISTORIES
        for row in changes_by(model, user)
    ]  # fmt: skip


def noun_of(model: type[StateChange]) -> type[Model]:
    """Return whose history it is."""
    return next(
        field.related_model
        for field in model._meta.concrete_fields  # noqa: SLF001 - documented API
        if field.name != "actor" and field.related_model is not None
    )


PARTS = (
    ("profile", _("Profile"), profile, ("Profile",)),
    ("works", _("Works"), works, ("Work",)),
    ("projects", _("Projects"), projects, ("ProfileProject",)),
    ("listings", _("Offers, requests and partner searches"), listings,
     ("Listing", *sorted(model.__name__ for model in PARTS_OF_LISTINGS))),
    ("interests_sent", _("Your answers to partner searches"), interests_sent,
     ("ExpressionOfInterest",)),
    ("interests_received", _("Answers to your partner searches"), interests_received,
     ("ExpressionOfInterest",)),
    ("contact_requests", _("Contact requests"), contact_requests, ("ContactRequest",)),
    ("messages", _("Messages"), messages, ("Message", "Conversation")),
    ("blocks", _("People whom you blocked"), blocks, ("Block",)),
    ("suggestions", _("Suggested partners"), suggestions, ("SuggestionList",)),
    ("suggestion_answers", _("Answers to suggestions"), suggestion_answers,
     ("SuggestionAnswer",)),
    ("saved_searches", _("Saved searches"), saved_searches, ("SavedSearch",)),
    ("search_hits", _("What saved searches found"), search_hits, ("SavedSearchHit",)),
    ("sources", _("Looks at other sources"), sources, ("SourceRequest",)),
    ("vouches", _("Vouchers for affiliations"), vouches, ("Vouch",)),
    ("twinnings", _("Your part in twinnings"), twinnings,
     ("TwinningContact", "TwinningConfirmation", "TwinningActivity")),
    ("abuse_reports", _("What you reported"), abuse_reports, ("AbuseReport",)),
    ("history", _("What you changed, and when"), history,
     tuple(model.__name__ for model in HISTORIES)),
)  # fmt: skip
