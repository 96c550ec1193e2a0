"""Who takes part, as far as a reader may know; and whom they should meet."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from events.asking import NOT_NOW, ONESELF, WANTS_NONE
from events.models import Intent
from events.services.event_suggestions import recommended
from events.services.meeting_requests import send_meeting_request
from events.services.participants import find_participants, participants_for
from matching.services.blocks import block_profile
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.search_entries import refresh_search_entries
from tests.factories.events import (
    EventFactory,
    HelperFactory,
    KoreanRegistrationFactory,
    RegistrationFactory,
)


@pytest.fixture
def event(db):
    return EventFactory()


@pytest.fixture
def own(event):
    return RegistrationFactory(event=event)


def seen_by(registration):
    return set(participants_for(registration.event, registration.profile.user))


def test_only_confirmed_people_who_agreed_are_in_the_list(event, own):
    listed = KoreanRegistrationFactory(event=event)
    KoreanRegistrationFactory(event=event, is_listed=False)
    KoreanRegistrationFactory(event=event, state="waiting", entered_list_at=timezone.now())
    KoreanRegistrationFactory(event=event, profile__state="hidden")
    KoreanRegistrationFactory()

    assert seen_by(own) == {own, listed}


def test_organisers_see_everybody_who_takes_part(event, own):
    quiet = KoreanRegistrationFactory(event=event, is_listed=False)
    organiser = HelperFactory(event=event).user

    assert set(participants_for(event, organiser)) == {own, quiet}


def test_a_block_hides_both_ways(event, own):
    other, third = KoreanRegistrationFactory(event=event), RegistrationFactory(event=event)
    block_profile(own.profile, other.profile, actor=own.profile.user)

    assert (seen_by(own), seen_by(other)) == ({own, third}, {other, third})


def found(own, words="", **chosen):
    values = {name: (value,) for name, value in chosen.items()}
    return find_participants(own.event, own.profile.user, words, values)


def test_words_find_names_profiles_and_intents(event, own):
    other = KoreanRegistrationFactory(
        event=event, profile__display_name="Minji Kim", profile__hangul_name="김민지"
    )
    Intent.objects.create(registration=other, kind="offer", text_en="A beamline at Pohang")
    refresh_search_entries(100)

    assert found(own, "beamline pohang").ids == [other.pk]
    assert found(own, "김민지").ids == [other.pk]
    assert found(own, other.profile.display_name).ids == [other.pk]
    assert found(own, "nothing like it").ids == []


def test_facets_narrow_down_and_count(event, own):
    others = KoreanRegistrationFactory.create_batch(2, event=event)
    Intent.objects.create(registration=others[0], kind="request", text_ko="시료")
    refresh_search_entries(100)

    korean = found(own, side="korea")

    assert set(korean.ids) == {each.pk for each in others}
    counts = {facet.name: {v.value: v.count for v in facet.values} for facet in korean.facets}
    assert counts["side"] == {"europe": 1, "korea": 2}
    assert counts["offers_or_seeks"] == {"request": 1}
    assert found(own, side="korea", offers_or_seeks="request").ids == [others[0].pk]


def test_what_narrows_the_list_stands_above_it_and_can_be_taken_away(event, own, client):
    KoreanRegistrationFactory(event=event)
    refresh_search_entries(100)
    client.force_login(own.profile.user)
    address = reverse("events:participant_list", args=[event.pk])

    answer = client.get(address, {"q": "kim", "side": ["korea", "europe"], "page": "1"})

    chips = [(str(chip.facet), chip.query) for chip in answer.context["chips"]]
    assert chips[0] == ("", "side=korea&side=europe")
    assert sorted(chips[1:]) == [("Side", "q=kim&side=europe"), ("Side", "q=kim&side=korea")]
    assert f'href="{address}?q=kim&amp;side=europe"' in answer.content.decode()
    assert f'<li><a href="{address}">Clear all</a></li>' in answer.content.decode()
    assert not client.get(address).context["chips"]


def test_the_list_costs_the_same_for_one_and_for_many(
    event, own, client, django_assert_num_queries, django_assert_max_num_queries
):
    address = reverse("events:participant_list", args=[event.pk])
    client.force_login(own.profile.user)
    client.get(address)
    with django_assert_max_num_queries(40) as few:
        client.get(address)
    for each in KoreanRegistrationFactory.create_batch(30, event=event):
        Intent.objects.create(registration=each, kind="offer", text_en="Something")
    refresh_search_entries(100)

    with django_assert_num_queries(len(few)):
        page = client.get(address)

    assert page.status_code == 200
    assert len(page.context["lines"]) == 24


def test_who_does_not_take_part_is_told_how_to(event, own, client):
    client.force_login(KoreanRegistrationFactory().profile.user)

    page = client.get(reverse("events:participant_list", args=[event.pk]))
    one = client.get(reverse("events:participant_detail", args=[event.pk, own.pk]))

    assert reverse("events:registration_form", args=[event.pk]) in page.content.decode()
    assert own.profile.display_name not in page.content.decode()
    assert one.status_code == 404


def test_a_participant_is_asked_from_their_page_or_the_request_is_shown(event, own, client):
    other = KoreanRegistrationFactory(event=event)
    client.force_login(own.profile.user)
    address = reverse("events:participant_detail", args=[event.pk, other.pk])
    ask = reverse("events:meeting_request_create", args=[event.pk, other.pk])
    assert ask in client.get(address).content.decode()

    request = send_meeting_request(
        event, sender=own, recipient=other, message="Let us talk.", strength=2,
        actor=own.profile.user,
    )  # fmt: skip

    page = client.get(address).content.decode()
    assert reverse("events:meeting_request_detail", args=[request.pk]) in page
    assert ask not in page


def test_whoever_cannot_be_asked_has_the_reason_on_their_page(event, own, client):
    other = KoreanRegistrationFactory(event=event, wants_meetings=False)
    client.force_login(own.profile.user)
    address = reverse("events:participant_detail", args=[event.pk, other.pk])
    ask = reverse("events:meeting_request_create", args=[event.pk, other.pk])

    refused = client.get(address).content.decode()
    event.requests_open_at = timezone.now() + timedelta(days=1)
    event.save()
    early = client.get(address).content.decode()
    itself = client.get(reverse("events:participant_detail", args=[event.pk, own.pk]))

    assert str(WANTS_NONE.words) in refused
    assert str(NOT_NOW.words) in early
    assert ask not in refused + early
    assert str(ONESELF.words) not in itself.content.decode()


# --- Suggestions ----------------------------------------------------------------------------------


def research(registration, text):
    profile = registration.profile
    profile.summary_en = text
    profile.save()


@pytest.fixture
def company(event, own):
    """One like the reader on each side, and one who works on something else."""
    near, same_side = KoreanRegistrationFactory(event=event), RegistrationFactory(event=event)
    far = KoreanRegistrationFactory(event=event)
    for each in (own, near, same_side):
        research(each, "Perovskite solar cells, their stability under light and moisture.")
    research(far, "Medieval manuscripts and the history of book binding in monasteries.")
    refresh_stale_embeddings()
    return near, same_side, far


def suggested(own):
    return [each.registration_id for each in recommended(own.event, own, own.profile.user)]


def test_the_nearest_come_first_on_either_side_with_reasons(own, company):
    near, same_side, far = company

    entries = recommended(own.event, own, own.profile.user)

    assert {each.registration_id for each in entries[:2]} == {near.pk, same_side.pk}
    assert entries[-1].registration_id == far.pk
    assert all(each.suggestion.reasons for each in entries[:2])
    for each in entries:
        assert sum(part.tenths for part in each.suggestion.score.parts) == (
            each.suggestion.score.tenths
        )


def test_what_speaks_for_nobody_is_a_note_on_the_page(own, company, client_of):
    page = client_of(own.profile).get(f"/events/{own.event_id}/suggestions/")

    notes = [note for each in page.context["page"] for note in each.suggestion.notes]
    assert notes
    text = page.content.decode()
    for note in notes:
        assert f"<li>{note}</li>" not in text
        assert str(note) in text


def test_sides_stay_apart_where_the_event_says_so(own, company):
    near, _same_side, far = company
    own.event.allows_same_side = False
    own.event.save()

    assert suggested(own) == [near.pk, far.pk]


def test_whom_one_asked_blocked_or_cannot_see_is_left_out(own, company):
    near, same_side, far = company
    send_meeting_request(
        own.event, sender=own, recipient=near, message="", strength=2, actor=own.profile.user
    )
    block_profile(own.profile, same_side.profile, actor=own.profile.user)

    assert suggested(own) == [far.pk]


def test_who_wants_no_meetings_is_not_suggested(own, company):
    near, same_side, far = company
    for each in (same_side, far):
        each.wants_meetings = False
        each.save()

    assert suggested(own) == [near.pk]


def test_a_changed_profile_is_compared_anew(own, company):
    _near, _same_side, far = company
    assert suggested(own)[-1] == far.pk
    research(far, "Perovskite solar cells, their stability under light and moisture.")
    far.profile.matching_changed_at = timezone.now()
    far.profile.save()
    refresh_stale_embeddings()

    after = recommended(own.event, own, own.profile.user)

    scores = {each.registration_id: each.suggestion.score.tenths for each in after}
    assert scores[far.pk] > 0
    assert max(scores.values()) - scores[far.pk] < 200
