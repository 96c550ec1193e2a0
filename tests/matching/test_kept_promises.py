"""What the portal promises about consents, states and hidden fields, held against what it does."""

import unicodedata

import pytest
from django.urls import reverse
from django.utils import timezone

from konnect.accounts.consent_texts import CONSENT_TEXTS
from konnect.accounts.models import ConsentPurpose, OutgoingEmail
from matching.forms.invitations import InvitationForm
from matching.forms.profiles import VisibilityForm
from matching.models import Area, Listing, Profile, ProfileProject, ProfileState, Work
from matching.services.conversations import mark_read
from matching.services.invitations import (
    accept_invitation,
    invitation_token,
    refuse_invitation,
    send_invitation,
)
from matching.services.listings import save_listing
from matching.services.pairs import worked_together_pairs
from tests.factories.matching import (
    ConversationFactory,
    ListingFactory,
    MessageFactory,
    ProfileFactory,
)

CONSENTS = reverse("accounts:consents")
PASSWORD = unicodedata.normalize("NFD", "아주긴비밀번호입니다열두자")


@pytest.mark.parametrize(("answer", "status"), (("no", 404), ("yes", 200)))
def test_open_web_follows_the_consent(client, client_of, anna, answer, status):
    Profile.objects.filter(pk=anna.pk).update(is_public=answer == "no")

    client_of(anna).post(CONSENTS, {"purpose": "public_profile", "is_given": answer})

    assert client.get(reverse("matching:profile_detail", args=[anna.pk])).status_code == status


def test_taking_a_consent_back_outdates_an_open_form(client_of, anna):
    Profile.objects.filter(pk=anna.pk).update(is_public=True)
    before = Profile.objects.get(pk=anna.pk).updated_at

    client_of(anna).post(CONSENTS, {"purpose": "public_profile", "is_given": "no"})

    assert Profile.objects.get(pk=anna.pk).updated_at > before


def test_another_consent_leaves_the_profile_alone(client_of, anna):
    Profile.objects.filter(pk=anna.pk).update(is_public=True)

    client_of(anna).post(CONSENTS, {"purpose": "newsletter", "is_given": "no"})

    assert Profile.objects.get(pk=anna.pk).is_public


@pytest.fixture
def invited(db):
    """Somebody whose profile was imported."""
    return ProfileFactory(
        user__email="invited@example.eu", state=ProfileState.INVITED, published_at=None
    )


def test_consents_have_the_words_that_the_ledger_names(anna):
    invitation = InvitationForm(user=anna.user)
    visibility = VisibilityForm(instance=anna)

    words = {
        purpose: invitation.fields[purpose].label for purpose in ("terms", "privacy", "newsletter")
    }
    words[ConsentPurpose.PUBLIC_PROFILE] = visibility.fields["is_public"].label

    assert words == {purpose: text.text for purpose, text in CONSENT_TEXTS.items()}


def test_password_of_an_invitation_opens_the_account(client, invited):
    address = reverse("matching:invitation_accept", args=[invitation_token(invited)])
    client.post(address, {"password": PASSWORD, "terms": "on", "privacy": "on"})
    client.post(reverse("account_logout"))

    client.post(reverse("account_login"), {"login": invited.user.email, "password": PASSWORD})

    assert client.session["_auth_user_id"] == str(invited.user_id)


@pytest.mark.parametrize("address", ("name", "preview"))
def test_invited_person_who_came_by_another_door_is_led_to_the_invitation(
    client_of, invited, address
):
    response = client_of(invited).get(f"/profile/{address}/")

    token = invitation_token(invited)
    assert response.headers["Location"].startswith(f"/invitation/{token.split(':')[0]}")


def test_invited_profile_is_not_published_without_consents(client_of, invited):
    invited.areas.add(Area.objects.first())

    client_of(invited).post(reverse("matching:profile_publish"))

    assert Profile.objects.get(pk=invited.pk).state == ProfileState.INVITED


def test_message_that_came_after_the_page_stays_unread(anna, minji):
    conversation = ConversationFactory(
        contact_request__sender=anna, contact_request__recipient=minji
    )
    shown, later = MessageFactory.create_batch(2, conversation=conversation, author=anna)

    count = mark_read(conversation, actor=minji.user, newest=shown)

    later.refresh_from_db()
    assert (count, later.read_at) == (1, None)


def test_deleting_leaves_no_letter_either(invited):
    send_invitation(invited)

    refuse_invitation(invited)

    assert not OutgoingEmail.objects.filter(to=invited.user.email).exists()


def test_deleting_does_not_reach_an_accepted_account(invited):
    stale = Profile.objects.get(pk=invited.pk)
    accept_invitation(invited, password="a long password", choices={}, language="en")

    is_deleted = refuse_invitation(stale)

    assert (is_deleted, Profile.objects.filter(pk=invited.pk).exists()) == (False, True)


def test_saving_a_listing_does_not_open_what_ran_out_meanwhile(anna):
    listing = ListingFactory(profile=anna)
    edited = Listing.objects.get(pk=listing.pk)
    listing.move_to("expired", actor=None)

    save_listing(edited, actor=anna.user, columns={"title_en": "New words"})

    stored = Listing.objects.get(pk=listing.pk)
    assert (stored.state, stored.title_en, edited.state) == ("expired", "New words", "expired")


def test_same_row_removed_twice_closes_once(client_of, anna):
    listing = ListingFactory(profile=anna)
    rows = {"offer-TOTAL_FORMS": "2", "offer-INITIAL_FORMS": "0"}
    rows |= {"request-TOTAL_FORMS": "0", "request-INITIAL_FORMS": "0"}
    for number in range(2):
        rows |= {f"offer-{number}-listing_id": listing.pk, f"offer-{number}-is_removed": "on"}
    version = Profile.objects.get(pk=anna.pk).updated_at.isoformat()

    response = client_of(anna).post(
        reverse("matching:profile_edit", args=["offers"]), rows | {"version": version}
    )

    assert (response.status_code, listing.changes.count()) == (302, 1)


def test_absurd_number_of_rows_is_no_error_of_the_server(client_of, anna):
    rows = {"offer-TOTAL_FORMS": "9" * 5000, "action": "add-offer"}

    response = client_of(anna).post(reverse("matching:profile_edit", args=["offers"]), rows)

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("visibility", "number"), (("public", 2), ("members", 2), ("contacts", 0), ("private", 0))
)
@pytest.mark.parametrize("field", ("works", "projects"))
def test_hidden_works_and_projects_tell_nobody_who_worked_together(
    anna, minji, field, visibility, number
):
    for profile in (anna, minji):
        if field == "works":
            Work.objects.create(
                profile=profile, doi="10.1038/x", title="X", year=timezone.now().year
            )
        else:
            ProfileProject.objects.create(profile=profile, identifier="101", title="X")
    Profile.objects.filter(pk=anna.pk).update(visibility={field: visibility})

    pairs = list(worked_together_pairs(None))

    assert len(pairs) == number


@pytest.mark.parametrize("name", ("accounts:language", "appearance"))
@pytest.mark.parametrize("wanted", ("nowhere", "matching:nowhere", "home"))
def test_words_that_are_no_address_lead_home(client, db, name, wanted):
    chosen = {"language": "ko", "appearance": "dark"}

    response = client.post(reverse(name), chosen | {"next": wanted})

    assert (response.status_code, response.headers["Location"]) == (302, reverse("home"))
