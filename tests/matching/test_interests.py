"""Answering partner searches and settling the answers."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from konnect.accounts.models import Notification, OutgoingEmail
from matching.models import (
    ContactRequest,
    Conversation,
    ExpressionOfInterest,
    Listing,
    PartnerSearch,
    ProfileState,
)
from matching.permissions.contacts import RefusedError
from matching.permissions.interests import INTERESTS_A_DAY
from matching.services.interests import express_interest, lapse_interests, write_interest
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    ContactRequestFactory,
    InterestFactory,
    KoreanProfileFactory,
    PartnerSearchFactory,
    ProfileFactory,
)
from tests.matching.test_contact_races import at_once

pytestmark = pytest.mark.django_db
ANSWER = {
    "role": "partner", "organisation_type": "education", "country_code": "BE",
    "expertise": "Ion migration.", "contribution": "We would lead the modelling.",
    "funding": "programme",
}  # fmt: skip
NASTY = ("x" * 9000, "<b>", "a\x00b", "ZZ", "-1", "9" * 30, "")


def of(name, thing):
    return reverse(f"matching:{name}", args=[thing.pk])


@pytest.fixture
def listing(minji):
    """An open search of Minji's."""
    return PartnerSearchFactory(listing__profile=minji).listing


@pytest.fixture
def interest(listing, anna):
    """Anna's answer to it."""
    return InterestFactory(listing=listing, profile=anna)


def settle(client, interest, action, answer=""):
    client.post(of("interest_answer", interest), {"action": action, "answer": answer})
    interest.refresh_from_db()
    return interest.state


def codes(profile, listing):
    with pytest.raises(RefusedError) as refusal:
        express_interest(listing, actor=profile.user, profile=profile, columns=ANSWER)
    return [blocker.code for blocker in refusal.value.blockers]


def test_interest_is_sent_and_told(client_of, anna, minji, listing):
    response = client_of(anna).post(of("interest_create", listing), ANSWER)

    interest = ExpressionOfInterest.objects.get()
    assert response.url == of("interest_detail", interest)
    assert (interest.state, interest.organisation) == ("sent", anna.organisation)
    news = Notification.objects.get(user=minji.user)
    assert (news.kind, news.address) == ("interest", of("interest_detail", interest))
    assert ANSWER["contribution"] in OutgoingEmail.objects.get(to=minji.user.email).text


def test_second_click_leads_to_the_first_one(client_of, anna, listing):
    client = client_of(anna)

    addresses = {client.post(of("interest_create", listing), ANSWER).url for _time in range(2)}

    assert addresses == {of("interest_detail", ExpressionOfInterest.objects.get())}


@pytest.mark.parametrize("field", tuple(ANSWER))
def test_nasty_input_never_breaks_the_form(client_of, anna, listing, field):
    client = client_of(anna)

    statuses = {
        client.post(of("interest_create", listing), ANSWER | {field: text}).status_code
        for text in NASTY
    }

    assert statuses <= {200, 302}


def test_refused_form_keeps_what_was_typed(client_of, anna, listing):
    response = client_of(anna).post(of("interest_create", listing), ANSWER | {"role": ""})

    assert set(response.context["form"].errors) == {"role"}
    assert ANSWER["contribution"] in response.content.decode()


def test_what_keeps_somebody_from_answering(minji, anna, listing):
    assert codes(minji, listing) == ["own_search"]
    InterestFactory(listing=listing, profile=anna)
    assert codes(anna, listing) == ["already_sent"]
    assert codes(ProfileFactory(state=ProfileState.DRAFT), listing) == ["unpublished"]
    Listing.objects.update(state="in_talks")
    assert codes(ProfileFactory(), Listing.objects.get()) == ["not_open"]


def test_interest_deadline_closes_the_door(anna, listing):
    ended = timezone.now() - timedelta(minutes=1)
    listing.deadlines.create(
        kind="interest", at=ended, time_zone="UTC", wall_time="2026-01-01T24:00"
    )

    assert codes(anna, listing) == ["too_late"]


def test_declined_person_does_not_ask_again(client_of, minji, anna, interest):
    settle(client_of(minji), interest, "decline", "Thank you, but no.")

    assert codes(anna, interest.listing) == ["declined"]


def test_limit_of_a_day(anna):
    for search in PartnerSearchFactory.create_batch(INTERESTS_A_DAY):
        InterestFactory(listing=search.listing, profile=anna)

    assert codes(anna, PartnerSearchFactory().listing) == ["too_many"]


def test_blocked_person_finds_no_search_and_cannot_answer(client_of, minji, anna, listing):
    minji.blocks_made.create(blocked=anna)

    assert codes(anna, listing) == ["unreachable"]
    assert client_of(anna).get(of("interest_create", listing)).status_code == 404


def test_accepting_opens_a_conversation(client_of, minji, anna, interest):
    state = settle(client_of(minji), interest, "accept", "반갑습니다.")

    texts = list(Conversation.objects.get().messages.values_list("text", flat=True))
    assert (state, texts) == ("accepted", [interest.contribution, "반갑습니다."])
    assert interest.contact_request.state == "accepted"
    told = Notification.objects.get(user=anna.user)
    assert (told.kind, told.title_en) == ("interest", "Your expression of interest was accepted")
    assert not OutgoingEmail.objects.filter(
        subject__contains="would like to get in touch"
    ).exists()


@pytest.mark.parametrize("is_asked_by_author", (True, False))
def test_accepting_takes_up_a_waiting_request(
    client_of, minji, anna, interest, is_asked_by_author
):
    pair = (minji, anna) if is_asked_by_author else (anna, minji)
    waiting = ContactRequestFactory(sender=pair[0], recipient=pair[1])

    settle(client_of(minji), interest, "accept", "Welcome!")

    waiting.refresh_from_db()
    assert (interest.contact_request, waiting.state) == (waiting, "accepted")
    assert waiting.answer == ("" if is_asked_by_author else "Welcome!")


def test_accepting_a_contact_keeps_the_conversation(client_of, minji, anna, interest):
    known = AcceptedContactRequestFactory(sender=minji, recipient=anna)
    Conversation.objects.create(contact_request=known)

    settle(client_of(minji), interest, "accept")

    assert interest.contact_request == known
    assert ContactRequest.objects.count() == 1


def test_block_that_comes_between_ends_it(client_of, minji, anna, interest):
    anna.blocks_made.create(blocked=minji)

    response = client_of(minji).post(of("interest_answer", interest), {"action": "accept"})

    interest.refresh_from_db()
    assert (response.status_code, interest.state) == (404, "sent")


def test_shortlist_decline_and_withdraw(client_of, minji, anna, interest):
    hers, theirs = client_of(minji), client_of(anna)
    assert settle(hers, interest, "shortlist") == "shortlisted"
    assert settle(hers, interest, "decline", "Another time.") == "declined"
    theirs.post(of("interest_withdraw", interest))
    interest.refresh_from_db()
    assert interest.state == "declined"
    assert [change.new_state for change in interest.changes.all()] == ["shortlisted", "declined"]
    assert "Another time." in theirs.get(of("interest_detail", interest)).content.decode()


def test_withdrawing_tells_the_author(client_of, minji, anna, interest):
    client_of(anna).post(of("interest_withdraw", interest))

    interest.refresh_from_db()
    news = Notification.objects.get(user=minji.user)
    assert (interest.state, news.title_en) == (
        "withdrawn", "Anna Schmidt withdrew an expression of interest",
    )  # fmt: skip


@pytest.mark.parametrize("who", ("omar", "anna"))
def test_only_the_author_answers(client_of, request, interest, who):
    person = request.getfixturevalue(who)

    response = client_of(person).post(of("interest_answer", interest), {"action": "accept"})

    interest.refresh_from_db()
    assert (response.status_code, interest.state) == (404, "sent")


def test_unsettled_interests_lapse_with_the_search_and_the_call(minji, anna, interest):
    untouched = InterestFactory()
    late = InterestFactory()
    late.listing.deadlines.update(at=timezone.now() - timedelta(minutes=1))
    Listing.objects.filter(pk=interest.listing_id).update(state="closed")

    counts = [lapse_interests() for _time in range(2)]

    states = dict(ExpressionOfInterest.objects.values_list("pk", "state"))
    assert counts == [2, 0]
    assert states == {interest.pk: "lapsed", untouched.pk: "sent", late.pk: "lapsed"}


def test_long_description_is_shown_to_whom_the_author_accepted(
    client_of, minji, anna, omar, interest
):
    PartnerSearch.objects.update(details_en="canarydetails", confidentiality="interested")
    address = of("listing_detail", interest.listing)

    def readers():
        return {
            who.display_name
            for who in (minji, anna, omar)
            if "canarydetails" in client_of(who).get(address).content.decode()
        }

    before = readers()
    settle(client_of(minji), interest, "accept")

    assert (before, readers()) == ({"Kim Minji"}, {"Kim Minji", "Anna Schmidt"})


def send(listing, profile, function=express_interest):
    with transaction.atomic():
        function(listing, actor=profile.user, profile=profile, columns=ANSWER)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_guarded", (True, False), ids=("constraint", "no constraint"))
def test_two_windows_at_once_send_one_interest(is_guarded):
    listing = PartnerSearchFactory().listing
    profile = ProfileFactory()
    constraint = ExpressionOfInterest._meta.constraints[0]
    if not is_guarded:
        with connection.schema_editor() as editor:
            editor.remove_constraint(ExpressionOfInterest, constraint)

    def call():
        send(listing, profile, write_interest)

    try:
        outcomes = at_once(ExpressionOfInterest, call, call)
        assert outcomes == (["already_sent", "done"] if is_guarded else ["done", "done"])
        assert ExpressionOfInterest.objects.count() == (1 if is_guarded else 2)
    finally:
        if not is_guarded:
            ExpressionOfInterest.objects.all().delete()
            with connection.schema_editor() as editor:
                editor.add_constraint(ExpressionOfInterest, constraint)


def test_database_holds_one_live_interest(interest):
    with pytest.raises(IntegrityError, match="one_live_interest"):
        InterestFactory(listing=interest.listing, profile=interest.profile, state="shortlisted")


def test_both_sides_of_korea_answer_too(client_of, listing):
    korean = KoreanProfileFactory()

    client_of(korean).post(of("interest_create", listing), ANSWER | {"country_code": "KR"})

    assert ExpressionOfInterest.objects.get().country_code == "KR"
