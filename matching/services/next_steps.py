"""What somebody should do next, as values: the dashboard shows them, the most useful first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.completeness import Missing
from matching.models import ListingKind, ProfileState

Words = str | Promise
# What ORCID most likely knows.
FILLABLE = frozenset({"works", "orcid"})


@dataclass(frozen=True)
class Facts:
    """What the next steps follow from."""

    state: str
    missing: tuple[Missing, ...] = ()
    pending_requests: int = 0
    unread_messages: int = 0
    has_asked: bool = False
    has_suggestions: bool = False
    open_listing_kinds: frozenset[str] = frozenset()
    ending_listings: int = 0
    # The look at another source that waits for the person to choose.
    ready_look: int | None = None
    can_fill: bool = False


@dataclass(frozen=True)
class Step:
    """One thing to do: why, and where."""

    code: str
    title: Words
    reason: Words
    url_name: str
    argument: str = ""


PUBLISH = Step(
    "publish",
    _("Publish your profile"),
    _("Everything needed is there. Look at your profile as others see it, and publish it."),
    "matching:profile_preview",
)
ANSWER = Step(
    "answer",
    _("Answer your contact requests"),
    _("Somebody waits for your answer. A short no is kinder than silence."),
    "matching:contact_list",
)
READ = Step(
    "read",
    _("Read your messages"),
    _("One of your contacts has written to you."),
    "matching:conversation_list",
)
RENEW = Step(
    "renew",
    _("Renew your listings"),
    _("Something that you offer or seek ends within two weeks."),
    "matching:listing_list",
)
LIST = Step(
    "list",
    _("Say what you offer and what you seek"),
    _("Both are compared with what others seek and offer: this improves your suggestions most."),
    "matching:listing_create",
)
ASK = Step(
    "ask",
    _("Write to a suggested partner"),
    _("You have not asked anybody yet. A few lines are enough."),
    "matching:suggestion_list",
)
SEARCH = Step(
    "search",
    _("Look around"),
    _("Search for people by words, area and country while your suggestions are being computed."),
    "matching:people_search",
)


FILL = Step(
    "fill",
    _("Fill your profile from ORCID"),
    _("Names, present post, keywords and works come along; you tick what to take over."),
    "matching:source_list",
)


def next_steps(facts: Facts) -> list[Step]:
    """Return what to do next, the most useful first; empty when all is done."""
    if facts.state != ProfileState.PUBLISHED:
        return list(steps_to_publication(facts))
    return [*steps_for_others(facts), *steps_for_oneself(facts)]


def steps_to_publication(facts: Facts) -> Iterator[Step]:
    """Return the one thing that comes before everything else, and what waits meanwhile."""
    yield from steps_to_choose(facts)
    required = next((lack for lack in facts.missing if lack.is_required), None)
    yield complete(required) if required else PUBLISH
    if facts.can_fill and required:
        yield FILL
    yield from steps_for_others(facts)


def steps_to_choose(facts: Facts) -> Iterator[Step]:
    """Return what was found elsewhere and waits to be chosen from."""
    if facts.ready_look is not None:
        title = _("Choose what to take over")
        reason = _("What other sources know of you has been read. It is kept for 30 days.")
        yield Step("choose", title, reason, "matching:source_detail", str(facts.ready_look))


def complete(lack: Missing) -> Step:
    """Return the step that adds what a profile needs before it can be published."""
    title = _("Complete your profile")
    return Step("complete", title, lack.words, "matching:profile_edit", lack.step)


def steps_for_others(facts: Facts) -> Iterator[Step]:
    """Return what other people wait for."""
    if facts.pending_requests:
        yield ANSWER
    if facts.unread_messages:
        yield READ


def steps_for_oneself(facts: Facts) -> Iterator[Step]:
    """Return what makes the portal more useful to the person."""
    yield from steps_to_choose(facts)
    if facts.ending_listings:
        yield RENEW
    if facts.open_listing_kinds != set(ListingKind.values):
        yield LIST
    if not facts.has_asked:
        yield ASK if facts.has_suggestions else SEARCH
    # Offers and wishes have a step of their own above.
    others = [lack for lack in facts.missing if lack.code not in {"offers", "seeks"}]
    if facts.can_fill and {lack.code for lack in others} & FILLABLE:
        yield FILL
    if others:
        yield improve(others[0])


def improve(lack: Missing) -> Step:
    """Return the step that makes a published profile better."""
    title = _("Improve your profile")
    return Step("improve", title, lack.words, "matching:profile_edit", lack.step)
