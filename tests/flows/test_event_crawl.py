"""Every page that readers reach of an event: nobody reads what is for others.

Minji's registration, requests and feedback each hold a word that stands nowhere else.
"""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events.models import MeetingFeedback, MeetingState
from matching.embedding import get_embedder
from tests.factories.events import (
    EventFactory,
    HelperFactory,
    KoreanRegistrationFactory,
    MeetingFactory,
    MeetingRequestFactory,
    RegistrationFactory,
    SlotFactory,
)
from tests.factories.matching import ProfileFactory
from tests.flows.test_crawl import crawl, seen

# By word: who may read it.
READERS_OF = {
    "canarynote": {"owner", "organiser"},
    "canaryanswer": {"owner", "organiser"},
    "canaryintent": {"owner", "partner", "organiser"},
    "canaryunlisted": {"organiser"},
    "canaryfeedback": {"owner", "organiser"},
    # Those who prepare it do: other tests say so, a crawl ends before it comes there.
    "canarydraft": set(),
    "canaryroom": {"organiser"},
}


@pytest.fixture(autouse=True)
def words_only(settings):
    """Search by words: what is found by meaning is behind the same door."""
    settings.EMBEDDER = "lexical"
    get_embedder.cache_clear()
    yield
    get_embedder.cache_clear()


@pytest.fixture
def organiser(minji, anna):
    """Return who runs an event at which Minji and Anna have met; write the telling words."""
    begun = timezone.now() - timedelta(hours=2)
    event = EventFactory(starts_at=begun, ends_at=begun + timedelta(hours=6))
    runner = HelperFactory(event=event).user
    own = KoreanRegistrationFactory(event=event, profile=minji, note="canarynote")
    own.intents.create(kind="offer", text_en="canaryintent")
    own.answers.create(
        question=event.questions.create(kind="line", text_en="Meals?"), value="canaryanswer"
    )
    other = RegistrationFactory(event=event, profile=anna)
    hidden = RegistrationFactory(event=event, is_listed=False)
    hidden.intents.create(kind="request", text_en="canaryunlisted")
    MeetingRequestFactory(event=event, sender=own, recipient=RegistrationFactory(event=event))
    meeting = MeetingFactory(
        event=event, slot=SlotFactory(event=event, starts_at=begun), request__sender=other,
        request__recipient=own, place=None,
    )  # fmt: skip
    meeting.move_to(MeetingState.HELD, actor=None)
    MeetingFeedback.objects.create(
        meeting=meeting, registration=own, usefulness=2, words="canaryfeedback"
    )
    event.places.create(kind="online_room", name_en="Room", url="https://canaryroom.example/")
    draft = EventFactory(state="draft", title_en="canarydraft")
    HelperFactory(event=draft, user=runner)
    return runner


@pytest.fixture
def clients(client_of, organiser, minji, anna):
    """Return a client for each place from which somebody may look."""
    return {
        "public": Client(),
        "member": client_of(ProfileFactory()),
        "partner": client_of(anna),
        "owner": client_of(minji),
        "organiser": client_of(organiser),
    }


@pytest.mark.parametrize("reader", ("public", "member", "partner", "owner"))
def test_no_reader_finds_what_is_for_others(clients, reader):
    pages = crawl(clients[reader])

    assert any(path.startswith("/events/") for path in pages)
    found = {word: seen(pages, word) for word in READERS_OF}
    forbidden = {word: found[word] for word in READERS_OF if reader not in READERS_OF[word]}
    assert forbidden == {word: [] for word in forbidden}


def test_those_concerned_find_what_is_theirs(clients):
    for reader in ("owner", "organiser"):
        pages = crawl(clients[reader])
        missing = {
            word
            for word, readers in READERS_OF.items()
            if reader in readers and not seen(pages, word)
        }
        assert missing == set(), reader
