"""The news about partner searches and the answers to them, told with the change that causes it.

Titles tell what happened and never what somebody wrote. The letter has the words of the one who
acted, where the other side is meant to read them at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from konnect.accounts.models import Notification
from konnect.accounts.services.notifications import notify
from matching.models import ExpressionOfInterest, Listing, Profile

LETTER = "listing_news"


@dataclass(frozen=True)
class Letter:
    """What a mail about a search says beside its title.

    words: one sentence on what to do; label: the text of its button; quote: what somebody wrote.
    """

    words: object
    label: object
    quote: str = ""


READ_AND_ANSWER = gettext_lazy("Read and answer")
SEE_SEARCH = gettext_lazy("See the partner search")


def notify_of_interest(interest: ExpressionOfInterest) -> Notification | None:
    """Tell the author of a search that somebody expresses interest."""
    partner = interest.profile
    words = gettext_lazy(
        "Read what they offer and answer: shortlist, accept or decline. Accepting lets you write "
        "to each other."
    )
    return tell(
        interest.listing.profile, "interest", key=f"interest:{interest.pk}:sent",
        title=lambda: _("%(name)s is interested in your partner search") % {"name": partner.name},
        address=reverse("matching:interest_detail", args=[interest.pk]),
        letter=Letter(words, READ_AND_ANSWER, interest.contribution),
        about=interest.listing,
    )  # fmt: skip


def notify_of_interest_answer(interest: ExpressionOfInterest) -> Notification | None:
    """Tell the one who expressed interest what the author answered."""
    titles = {
        "shortlisted": gettext_lazy("Your expression of interest is on the shortlist"),
        "accepted": gettext_lazy("Your expression of interest was accepted"),
        "declined": gettext_lazy("Your expression of interest was declined"),
        "lapsed": gettext_lazy("Your expression of interest was not answered in time"),
    }
    words = {
        "shortlisted": gettext_lazy("The author decides later; you need to do nothing."),
        "accepted": gettext_lazy("You can write to each other now."),
        "declined": gettext_lazy("Other partner searches may fit as well."),
        "lapsed": gettext_lazy("The search has ended. Other partner searches may fit as well."),
    }
    state = str(interest.state)
    return tell(
        interest.profile, "interest", key=f"interest:{interest.pk}:{state}",
        title=lambda: str(titles[state]),
        address=reverse("matching:interest_detail", args=[interest.pk]),
        letter=Letter(words[state], gettext_lazy("See the answer"), interest.answer),
        about=interest.listing,
    )  # fmt: skip


def notify_of_withdrawal(interest: ExpressionOfInterest) -> Notification | None:
    """Tell the author that somebody is no longer interested."""
    partner = interest.profile
    words = gettext_lazy("You need to do nothing.")
    return tell(
        interest.listing.profile, "interest", key=f"interest:{interest.pk}:withdrawn",
        title=lambda: _("%(name)s withdrew an expression of interest") % {"name": partner.name},
        address=reverse("matching:interest_detail", args=[interest.pk]),
        letter=Letter(words, SEE_SEARCH), about=interest.listing,
    )  # fmt: skip


def notify_of_review(listing: Listing, *, note: str = "") -> Notification | None:
    """Tell the author that the search is shown, or what to change first."""
    is_shown = listing.state == "open"
    title = (
        gettext_lazy("Your partner search is published")
        if is_shown
        else gettext_lazy("Your partner search needs a change before it is published")
    )
    words = (
        gettext_lazy("Members can read it now and send you expressions of interest.")
        if is_shown
        else gettext_lazy("Change what the note says and send the search again.")
    )
    change = listing.changes.latest("changed_at", "pk")
    return tell(
        listing.profile, "listing", key=f"listing:{listing.pk}:reviewed:{change.pk}",
        title=lambda: str(title), address=address_of(listing, is_shown=is_shown),
        letter=Letter(words, SEE_SEARCH, note), about=listing,
    )  # fmt: skip


def notify_of_ending(listing: Listing) -> Notification | None:
    """Remind the author that the search ends soon."""
    words = gettext_lazy("If you still seek partners, renew it with one click.")
    return tell(
        listing.profile, "listing", key=f"listing:{listing.pk}:ends:{listing.valid_until:%Y%m%d}",
        title=lambda: _("Your partner search ends soon"),
        address=address_of(listing, is_shown=True),
        letter=Letter(words, gettext_lazy("Renew the partner search")), about=listing,
    )  # fmt: skip


def notify_of_outcome_wanted(listing: Listing) -> Notification | None:
    """Ask the author of an ended search what became of it."""
    words = gettext_lazy(
        "Did you find partners, was a proposal sent? Answers are counted without names and help "
        "to show what the portal is good for."
    )
    change = listing.changes.order_by("changed_at", "pk").last()
    return tell(
        listing.profile, "listing",
        key=f"listing:{listing.pk}:outcome:{change.pk if change else 0}",
        title=lambda: _("What became of your partner search?"),
        address=reverse("matching:partner_search_outcome", args=[listing.pk]),
        letter=Letter(words, gettext_lazy("Answer the question")), about=listing,
    )  # fmt: skip


def address_of(listing: Listing, *, is_shown: bool) -> str:
    """Return the page of a search: what others read, or what its author has to do."""
    name = "listing_detail" if is_shown else "partner_search_tasks"
    return reverse(f"matching:{name}", args=[listing.pk])


def tell(
    reader: Profile,
    kind: str,
    *,
    key: str,
    title: Callable[[], object],
    address: str,
    letter: Letter,
    about: Listing,
) -> Notification | None:
    """Tell one person, on the site and by the mail that they wish."""
    context: dict[str, object] = {"reader": reader, "letter": letter, "listing": about}
    return notify(
        reader.user, kind, key=key, title=title, address=address, letter=LETTER, context=context
    )
