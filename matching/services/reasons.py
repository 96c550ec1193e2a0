"""Why two people are suggested to each other, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.models import Profile
from matching.scoring.explain import Facts, Reason, reasons
from matching.services.evidence import Named, Title
from matching.services.shown import ShownProfile

NAMED_TOPICS = 3
# What is worth knowing but is no reason for suggesting somebody.
NOTES = frozenset(
    {"you_gain_more", "they_gain_more", "in_demand", "worked_together", "new_contact"}
)


class Sentence(SafeString):
    """A reason in words, as HTML; `is_note` when it does not speak for the pair."""

    is_note: bool = False


def explain(
    viewer: Profile, partner: ShownProfile, parts: Sequence[float], named: Named
) -> list[Sentence]:
    """Return the reasons for one suggestion as sentences, the weightiest first."""
    facts = facts_of(viewer, partner, named)
    found = []
    for reason in reasons(parts, facts):
        sentence = Sentence(words(reason, viewer, partner, named))
        sentence.is_note = reason.code in NOTES
        found.append(sentence)
    return found


def facts_of(viewer: Profile, partner: ShownProfile, named: Named) -> Facts:
    """Return what is known of a pair and may be named."""
    topics = {topic.pk for topic in viewer.topics.all()}
    areas = {area.pk for area in viewer.areas.all()}
    return Facts(
        close_works=bool(named.my_work and named.their_work),
        you_seek=bool(named.my_request and named.their_offer),
        you_offer=bool(named.my_offer and named.their_request),
        shared_topics=tuple(topic.pk for topic in partner.topics if topic.pk in topics),
        shared_areas=tuple(area.pk for area in partner.areas if area.pk in areas),
        you_would_visit=viewer.would_visit and partner.would_host,
        they_would_visit=viewer.would_host and partner.would_visit,
    )


def words(reason: Reason, viewer: Profile, partner: ShownProfile, named: Named) -> SafeString:
    """Return one reason as a sentence."""
    if reason.code in WITH_TITLES:
        return WITH_TITLES[reason.code](named)
    if reason.code == "shared_topics":
        return shared_topics(viewer, partner)
    if reason.code == "shared_areas":
        return shared_areas(viewer, partner)
    return escape(PLAIN[reason.code])


def close_works(named: Named) -> SafeString:
    """Name the two publications that are nearest to each other; it may be one and the same."""
    if named.my_work and named.their_work and named.my_work.text == named.their_work.text:
        return filled(_("You both name “%(title)s” among your works."), title=named.my_work)
    sentence = _("Your “%(mine)s” is close to their “%(theirs)s”.")
    return filled(sentence, mine=named.my_work, theirs=named.their_work)


def you_seek(named: Named) -> SafeString:
    """Name the best request of the reader and the offer that meets it."""
    sentence = _("You seek “%(sought)s”; they offer “%(offered)s”.")
    return filled(sentence, sought=named.my_request, offered=named.their_offer)


def you_offer(named: Named) -> SafeString:
    """Name the best request of the partner and the offer that meets it."""
    sentence = _("They seek “%(sought)s”; you offer “%(offered)s”.")
    return filled(sentence, sought=named.their_request, offered=named.my_offer)


def filled(sentence: str, **titles: Title | None) -> SafeString:
    """Put titles into a sentence, each in its own language."""
    pieces = {name: title.__html__() for name, title in titles.items() if title}
    # Both the sentence and the titles are escaped by now.
    return SafeString(escape(sentence) % pieces)


def shared_topics(viewer: Profile, partner: ShownProfile) -> SafeString:
    """Name the first shared topics."""
    mine = set(viewer.topics.all())
    names = [str(topic) for topic in partner.topics if topic in mine]
    return escape(_("You share topics: %(topics)s.") % {"topics": joined(names[:NAMED_TOPICS])})


def shared_areas(viewer: Profile, partner: ShownProfile) -> SafeString:
    """Name the shared areas."""
    mine = set(viewer.areas.all())
    names = [str(area) for area in partner.areas if area in mine]
    return escape(_("You both work in: %(areas)s.") % {"areas": joined(names)})


def joined(names: list[str]) -> str:
    """Return names as a list; a middle dot would not do: Korean names of topics have one inside."""
    return ", ".join(names)


WITH_TITLES: dict[str, Callable[[Named], SafeString]] = {
    "close_works": close_works,
    "you_seek": you_seek,
    "you_offer": you_offer,
}
PLAIN = {
    "similar_work": gettext_lazy("You write about similar research."),
    "exchange_visits": gettext_lazy("You would visit each other: both of you host and travel."),
    "they_host": gettext_lazy("You would visit a partner; they would host you."),
    "you_host": gettext_lazy("They would visit a partner; you would host them."),
    "organisations_fit": gettext_lazy("Your organisations complete each other."),
    "stage_wished": gettext_lazy("The career stage is one that you or they look for."),
    "you_gain_more": gettext_lazy(
        "You would gain more than they would; that counts a little less."
    ),
    "they_gain_more": gettext_lazy(
        "They would gain more than you would; that counts a little less."
    ),
    "in_demand": gettext_lazy("Many ask for this person, so they are suggested a little less."),
    "worked_together": gettext_lazy("You have worked together before."),
    "new_contact": gettext_lazy("You have not worked together before."),
}
