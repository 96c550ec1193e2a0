"""How long ago something was."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from matching.models import Profile
from matching.templatetags.moments import ago

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "words"),
    (
        (timedelta(seconds=-5), "just now"),
        (timedelta(0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(days=6, hours=5), "6 days ago"),
        (timedelta(days=400), "1 year ago"),
    ),
)
def test_only_the_largest_unit_is_said(passed, words):
    with override("en"):
        assert ago(NOW - passed, NOW).replace("\xa0", " ") == words


@pytest.mark.parametrize(("days", "words"), ((0, "just now"), (6, "6 days ago")))
def test_pages_say_when_a_profile_was_confirmed(anna, minji, client_of, days, words):
    moment = timezone.now() - timedelta(days=days, hours=5 * bool(days))
    Profile.objects.update(confirmed_at=moment)
    client = client_of(anna)

    pages = [
        client.get(address).content.decode().replace("\xa0", " ")
        for address in (
            reverse("matching:dashboard"),
            reverse("matching:profile_detail", args=[minji.pk]),
        )
    ]

    assert f"You confirmed it {words}." in pages[0]
    assert f"Confirmed {words}" in pages[1]
