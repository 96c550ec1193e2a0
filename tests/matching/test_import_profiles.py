"""People from a table, and what invited people answer."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from konnect.accounts.models import Consent, OutgoingEmail, User
from matching.imports.people import COLUMNS
from matching.models import Area, Organisation, Profile
from matching.services.invitations import invitation_token
from matching.services.profile_import import import_profiles
from tests.factories.matching import KoreanOrganisationFactory, OrganisationFactory, ProfileFactory

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).parents[2].parent / "shared" / "data"
with_samples = pytest.mark.skipif(
    not SAMPLES.exists(), reason="the sample data is not beside the project"
)

MINSU = {
    "email": "Minsu@example.kr",
    "display_name": "Kim Minsu",
    "hangul_name": "김민수",
    "country": "kr",
    "career_stage": "R3",
    "areas": "NANO",
    "keywords": "그래핀|graphene",
    "summary_ko": "그래핀을 연구합니다.",
    "offers": "시료 제작",
    "seeks": "Modelling|Beam time",
    "language": "ko",
}


@pytest.fixture(autouse=True)
def nano(db):
    Area.objects.get_or_create(
        version=Area.CURRENT_VERSION, code="NANO", defaults={"name_en": "Nano", "name_ko": "나노"}
    )


def table(tmp_path, *rows, columns=COLUMNS, encoding="utf-8"):
    path = tmp_path / "people.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("encoding", ("utf-8", "cp949", "utf-16"))
def test_person_is_added_invited_and_shown_to_nobody(tmp_path, encoding):
    result = import_profiles(table(tmp_path, MINSU, encoding=encoding))

    profile = Profile.objects.get()
    assert (result.added, result.refusals) == (1, [])
    assert (profile.state, profile.side, profile.hangul_name) == ("invited", "korea", "김민수")
    assert profile.keywords == ["그래핀", "graphene"]
    assert [area.code for area in profile.areas.all()] == ["NANO"]
    listings = profile.listings.order_by("pk").values_list("kind", "title_en", "title_ko")
    assert list(listings) == [
        ("offer", "", "시료 제작"),
        ("request", "Modelling", ""),
        ("request", "Beam time", ""),
    ]
    assert profile.user.has_usable_password() is False
    assert Profile.objects.published().count() == 0


def test_second_run_changes_nothing(tmp_path):
    path = table(tmp_path, MINSU)

    results = [import_profiles(path) for _time in range(2)]

    assert [(each.added, each.known) for each in results] == [(1, 0), (0, 1)]
    assert User.objects.count() == 1


def test_dry_run_writes_nothing_and_sends_nothing(tmp_path):
    result = import_profiles(table(tmp_path, MINSU), is_dry_run=True, is_inviting=True)

    assert (result.added, User.objects.count(), OutgoingEmail.objects.count()) == (1, 0, 0)


@pytest.mark.parametrize(
    ("column", "value"),
    (
        ("email", "nobody"),
        ("email", ""),
        ("display_name", ""),
        ("display_name", "x" * 151),
        ("summary_en", "x" * 4001),
        ("country", "Korea"),
        ("career_stage", "R9"),
        ("areas", "MAGIC"),
        ("topics", "no.such"),
        ("keywords", "|".join(map(str, range(21)))),
        ("offers", "x" * 201),
        ("language", "de"),
        ("organisation_ror", "05apxxy64"),
        ("organisation_ror", "05apxxy63"),
    ),
)
def test_bad_cell_names_its_line_and_column(tmp_path, column, value):
    result = import_profiles(table(tmp_path, MINSU | {column: value}))

    assert [(each.line, each.column) for each in result.refusals] == [(2, column)]
    assert User.objects.count() == 0


def test_same_person_twice_names_the_first_line(tmp_path):
    result = import_profiles(table(tmp_path, MINSU, MINSU | {"email": "MINSU@example.kr"}))

    assert [(each.line, each.reason) for each in result.refusals] == [
        (3, "minsu@example.kr stands already in line 2")
    ]


def test_missing_columns_are_named(tmp_path):
    result = import_profiles(table(tmp_path, MINSU, columns=("email",)))

    assert [each.reason for each in result.refusals] == ["missing columns: display_name"]


def test_organisation_is_found_by_ror_id(tmp_path):
    kaist = KoreanOrganisationFactory(ror_id="05apxxy63")

    import_profiles(table(tmp_path, MINSU | {"organisation_ror": "https://ror.org/05apxxy63"}))

    assert Profile.objects.get().organisation == kaist


@pytest.fixture
def invited(tmp_path):
    call_command("import_profiles", table(tmp_path, MINSU), "--invite")
    return Profile.objects.get()


def address(profile):
    return reverse("matching:invitation_accept", args=[invitation_token(profile)])


def test_letter_has_the_link_in_both_parts(invited):
    letter = OutgoingEmail.objects.get()

    assert letter.to == "minsu@example.kr"
    assert "/invitation/" in letter.text
    assert "/invitation/" in letter.html


def test_invitation_shows_everything_that_is_held(client, invited):
    text = client.get(address(invited)).content.decode()

    held = ("김민수", "graphene", "그래핀을 연구합니다.", "시료 제작", "minsu@example.kr")
    assert [words in text for words in held] == [True] * 5


def test_accepting_makes_the_account_their_own(client, invited):
    answer = {
        "action": "accept",
        "password": "a fine long password",
        "terms": "on",
        "privacy": "on",
    }

    response = client.post(address(invited), answer)

    invited.refresh_from_db()
    assert (response.url, invited.state) == ("/profile/name/", "draft")
    assert invited.user.check_password("a fine long password")
    assert dict(Consent.objects.values_list("purpose", "is_given")) == {
        "terms": True,
        "privacy": True,
        "newsletter": False,
    }
    assert client.get("/profile/name/").status_code == 200
    assert client.get(address(invited)).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    (
        ("password", ""),
        ("password", "short"),
        ("password", "x\x00" * 20),
        ("password", "y" * 10_000),
        ("terms", ""),
        ("privacy", ""),
    ),
)
def test_incomplete_answer_is_explained(client, invited, field, value):
    answer = {"password": "a fine long password", "terms": "on", "privacy": "on", field: value}

    response = client.post(address(invited), answer)

    assert list(response.context["form"].errors) == [field]


def test_deleting_leaves_nothing(client, invited):
    client.post(address(invited), {"action": "delete"})

    assert (User.objects.count(), Profile.objects.count()) == (0, 0)


def test_old_and_forged_links_are_gone(client, invited):
    with time_machine.travel(timezone.now() - timedelta(days=61), tick=False):
        old = address(invited)

    statuses = [
        client.get(url).status_code for url in (old, "/invitation/x:y:z/", "/invitation/x/")
    ]

    assert statuses == [404, 404, 404]


def test_link_of_a_confirmed_profile_is_gone(client):
    assert client.get(address(ProfileFactory())).status_code == 404


@with_samples
def test_project_texts_become_stand_in_people_on_both_sides(tmp_path):
    for code in ("ICT", "GREEN", "HEALTH", "OTHER"):
        Area.objects.get_or_create(
            version=Area.CURRENT_VERSION, code=code, defaults={"name_en": code, "name_ko": code}
        )
    OrganisationFactory(ror_id="05a28rw58", name="ETH Zurich")
    KoreanOrganisationFactory(ror_id="05apxxy63")
    path = tmp_path / "stand-in.csv"

    call_command("stand_in_profiles", SAMPLES / "projects" / "erc-projects.json", path)
    result = import_profiles(path, is_publishing=True)

    people = Profile.objects.suggestible()
    assert (result.added, result.refusals) == (966, [])
    assert people.filter(side="korea").count() == 322
    assert people.filter(is_invented=True).count() == 966
    assert Organisation.objects.count() == 2
