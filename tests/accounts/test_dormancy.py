"""Accounts that nobody uses: asked, hidden, deleted; and everything as it was for who returns."""

from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from konnect.accounts import quick
from konnect.accounts.models import Dormancy, OutgoingEmail, User
from konnect.accounts.presence import today
from konnect.accounts.services.dormancy import look_after_absent, months
from konnect.accounts.services.retention import forget_what_is_over
from matching.models import Profile, ProfileState
from tests.factories.accounts import PASSWORD
from tests.factories.rights import absent_for
from tests.together import together


@pytest.fixture(autouse=True)
def log_apart(settings, tmp_path):
    settings.ERASURE_LOG = str(tmp_path / "erasures.log")


def since(user, days):
    """Let so many days pass since the last step."""
    User.objects.filter(pk=user.pk).update(dormancy_since=timezone.now() - timedelta(days=days))


def letters(user):
    """Return the subjects of the letters to a person."""
    return list(
        OutgoingEmail.objects.filter(to=user.email)
        .order_by("pk")
        .values_list("subject", flat=True)
    )


def test_times_are_those_of_the_policy():
    assert configured.DORMANCY_MONTHS == {"asked": 12, "hidden": 15, "deleted": 24}
    assert months("asked") == timedelta(days=365)


@pytest.mark.parametrize(("days", "asked"), ((364, 0), (365, 1), (900, 1)))
def test_absent_people_are_asked_once(anna, days, asked):
    absent_for(anna.user, days)

    counts = [look_after_absent()["asked"] for _ in range(2)]

    assert counts == [asked, 0]
    assert len(letters(anna.user)) == asked


def test_whoever_never_came_is_counted_from_joining(anna):
    User.objects.update(joined_at=timezone.now() - timedelta(days=400))

    assert look_after_absent()["asked"] == 1


def test_staff_are_never_absent(staff):
    absent_for(staff, 3000)

    assert look_after_absent() == {"deleted": 0, "warned": 0, "hidden": 0, "asked": 0}


@pytest.mark.parametrize(("days", "asked"), ((1, 0), (366, 1)))
def test_whose_programs_come_is_not_absent(anna, days, asked):
    used = timezone.now() - timedelta(days=days)
    anna.user.api_tokens.create(name="script", digest="d" * 64, prefix="kn_", last_used_at=used)
    absent_for(anna.user, 500)

    assert look_after_absent()["asked"] == asked


def test_all_steps_follow_each_other_each_with_its_letter(anna):
    user = absent_for(anna.user, 365)
    look_after_absent()
    since(user, 90)
    assert look_after_absent()["hidden"] == 0
    since(user, 92)
    assert look_after_absent()["hidden"] == 1
    anna.refresh_from_db()
    assert anna.state == ProfileState.HIDDEN
    since(user, 242)
    assert look_after_absent()["warned"] == 0
    since(user, 243)
    assert look_after_absent()["warned"] == 1
    assert look_after_absent()["warned"] == 0
    since(user, 272)
    assert look_after_absent()["deleted"] == 0
    since(user, 273)
    assert look_after_absent()["deleted"] == 1

    assert not User.objects.filter(pk=user.pk).exists()
    assert letters(user) == ["Your account has been deleted"]


def test_somebody_long_gone_when_the_portal_begins_to_count_is_asked_first(anna):
    absent_for(anna.user, 2000)

    look_after_absent()
    look_after_absent()

    assert User.objects.get(pk=anna.user_id).dormancy == Dormancy.ASKED


def test_letters_name_the_day_and_speak_the_persons_language(minji):
    user = absent_for(minji.user, 365)
    look_after_absent()

    letter = OutgoingEmail.objects.get(to=user.email)
    assert '<html lang="ko"' in letter.html
    day = timezone.now().date() + timedelta(days=365)
    assert f"{day.year}. {day.month}. {day.day}." in letter.text


@pytest.mark.parametrize("step", (Dormancy.ASKED, Dormancy.HIDDEN))
def test_whoever_signs_in_is_as_they_were(anna, step):
    user = absent_for(anna.user, 365)
    look_after_absent()
    if step == Dormancy.HIDDEN:
        since(user, 92)
        look_after_absent()

    Client().post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

    user.refresh_from_db()
    anna.refresh_from_db()
    assert (user.dormancy, user.dormancy_since, user.last_seen_on) == ("", None, today())
    assert anna.state == ProfileState.PUBLISHED
    assert look_after_absent() == {"deleted": 0, "warned": 0, "hidden": 0, "asked": 0}


def test_open_session_is_a_return_too(anna, client_of):
    client = client_of(anna)
    user = absent_for(anna.user, 365)
    look_after_absent()

    client.get(reverse("accounts:settings"))

    user.refresh_from_db()
    assert (user.dormancy, user.last_seen_on) == ("", today())


def test_profile_that_its_owner_hid_stays_hidden(anna, client_of):
    from matching.services.profiles import hide_profile  # noqa: PLC0415

    hide_profile(anna, actor=anna.user)
    user = absent_for(anna.user, 365)
    look_after_absent()
    since(user, 92)
    look_after_absent()

    client_of(User.objects.get(pk=user.pk))

    anna.refresh_from_db()
    assert anna.state == ProfileState.HIDDEN


def test_second_absence_has_letters_of_its_own(anna, client_of):
    for _time in range(2):
        absent_for(anna.user, 400 + 30 * _time)
        look_after_absent()
        client_of(User.objects.get(pk=anna.user_id))
        anna.user.refresh_from_db()

    assert len(letters(anna.user)) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ("asked", "deleted"))
def test_several_workers_do_each_step_once(anna, minji, omar, step):
    for person in (anna, minji, omar):
        absent_for(person.user, 365)
    if step == "deleted":
        hidden_at = timezone.now() - timedelta(days=300)
        User.objects.update(dormancy=Dormancy.HIDDEN, dormancy_since=hidden_at)
    counts = together(*[lambda: look_after_absent()[step]] * 3)

    assert sum(counts) == 3
    assert OutgoingEmail.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_whoever_comes_back_at_the_last_moment_is_not_deleted(anna, monkeypatch):
    from konnect.accounts.presence import notice  # noqa: PLC0415
    from konnect.accounts.services import dormancy  # noqa: PLC0415

    user = absent_for(anna.user, 800)
    hidden_at = timezone.now() - timedelta(days=300)
    User.objects.update(dormancy=Dormancy.HIDDEN, dormancy_since=hidden_at)
    found = dormancy.to_delete().get()
    notice(User.objects.get(pk=user.pk))

    assert dormancy.delete_if_absent(found) is False
    assert Profile.objects.filter(pk=anna.pk).exists()


# --- Noticing that somebody is here ------------------------------------------------------------


def test_a_page_writes_the_day_once(anna, client_of, django_assert_num_queries):
    client = client_of(anna)
    address = reverse("accounts:consents")
    with django_assert_num_queries(5):
        client.get(address)
    absent_for(anna.user, 1)
    with django_assert_num_queries(6):
        client.get(address)
    with django_assert_num_queries(5):
        client.get(address)


def test_session_of_a_sign_in_by_the_form_may_take_the_quick_way(anna):
    client = Client()
    client.post(reverse("account_login"), {"login": anna.user.email, "password": PASSWORD})

    assert client.session["account_authentication_methods"]
    assert set(client.session.keys()) <= quick.USUAL


def test_quick_way_is_open_only_to_whom_nothing_is_to_be_written_of(anna, client_of):
    client = client_of(anna)
    stored = Session.objects.get().session_data
    user = User.objects.get(pk=anna.user_id)

    assert quick.vouches(stored, user)
    assert not quick.vouches(stored, absent_for(user, 1))
    assert client


def test_retention_leaves_absent_people_alone(anna):
    absent_for(anna.user, 3000)

    forget_what_is_over()

    assert User.objects.filter(pk=anna.user_id).exists()
