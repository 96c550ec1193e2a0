"""A person's own settings, the language switch, and the demonstration's mailbox."""

import pytest
from django.conf import settings as site
from django.forms import ChoiceField
from django.test.testcases import SimpleTestCase
from django.urls import reverse
from django.utils import translation

from konnect.accounts.models import OutgoingEmail
from konnect.accounts.zone_fields import ZoneField, zone_choices

NASTY = (
    "x" * 5000,
    "Kim\0Minji",
    "🧪🇰🇷",
    "\u202eabc\u200f",
    "\u1100\u1175\u11b7",
    "<script>alert(1)</script>",
    "a" * 10_000_000,
)
GOOD = {"language": "ko", "time_zone": "Asia/Seoul", "appearance": "dark"}


def test_settings_are_kept(client_of, anna):
    client = client_of(anna)

    response = client.post(reverse("accounts:settings"), GOOD)

    anna.user.refresh_from_db()
    kept = {name: getattr(anna.user, name) for name in GOOD}
    assert (response.status_code, kept) == (302, GOOD)
    assert response.cookies[site.LANGUAGE_COOKIE_NAME].value == "ko"


@pytest.mark.parametrize("text", ("", *NASTY))
@pytest.mark.parametrize("field", tuple(GOOD))
def test_settings_survive_nasty_text(client_of, anna, field, text):
    client = client_of(anna)

    response = client.post(reverse("accounts:settings"), GOOD | {field: text})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    others = {name: response.context["form"][name].value() for name in GOOD if name != field}
    assert others == {name: value for name, value in GOOD.items() if name != field}
    anna.user.refresh_from_db()
    assert anna.user.language == "en"


@pytest.mark.parametrize("zone", ("Asia/Seoul", "UTC", "Nowhere/City", '"><b>', None))
def test_select_of_zones_is_the_usual_one(zone):
    field, usual = ZoneField(), ChoiceField(choices=zone_choices)

    written = field.widget.render("zone", zone, {"id": "zone", "aria-invalid": "true"})

    SimpleTestCase().assertHTMLEqual(
        written, usual.widget.render("zone", zone, {"id": "zone", "aria-invalid": "true"})
    )
    assert field.valid_value(zone) == usual.valid_value(zone)


@pytest.mark.parametrize("language", ("en", "ko"))
def test_zones_are_offered_once_korea_and_europe_first(language):
    with translation.override(language):
        groups = zone_choices()

    names = [name for _region, zones in groups for name, _city in zones]
    assert groups[0][1] == [("Asia/Seoul", "서울" if language == "ko" else "Seoul")]
    assert {"Europe/Brussels", "Asia/Nicosia"} <= {name for name, _city in groups[1][1]}
    assert len(names) == len(set(names))
    for _region, zones in groups:
        cities = [city for _name, city in zones]
        assert cities == sorted(set(cities))
    aliases = {"Europe/Kiev", "Asia/Calcutta", "Asia/Istanbul", "Europe/Nicosia", "Australia/LHI"}
    assert not aliases & set(names)


def test_zones_have_korean_names_for_korean_readers():
    with translation.override("ko"):
        written = ZoneField().widget.render("zone", "Asia/Seoul")

    assert '<option value="Asia/Seoul" selected>서울</option>' in written
    assert '<option value="Europe/Brussels">브뤼셀</option>' in written


@pytest.mark.parametrize(
    ("zone", "city"),
    (
        ("Europe/Kiev", "Kyiv"),
        ("Asia/Calcutta", "Kolkata"),
        ("Antarctica/Troll", "Antarctica/Troll"),
    ),
)
def test_an_older_or_rare_zone_stays_as_it_was_chosen(client_of, anna, zone, city):
    written = ZoneField().widget.render("zone", zone)
    response = client_of(anna).post(reverse("accounts:settings"), GOOD | {"time_zone": zone})

    anna.user.refresh_from_db()
    assert f'<option value="{zone}" selected>{city}</option>' in written
    assert written.count(" selected") == 1
    assert (response.status_code, anna.user.time_zone) == (302, zone)


def test_a_zone_that_is_another_on_each_machine_is_none():
    assert not any(ZoneField().valid_value(zone) for zone in ("localtime", "Factory", ""))


def test_settings_ask_strangers_to_sign_in(client, db):
    assert client.get(reverse("accounts:settings")).url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("language", "heading"), (("en", '<html lang="en"'), ("ko", '<html lang="ko"'))
)
def test_page_speaks_its_reader_and_stays_out_of_caches(client_of, anna, language, heading):
    anna.user.language = language
    anna.user.save()

    response = client_of(anna).get(reverse("accounts:settings"), headers={"accept-language": "de"})

    assert heading in response.content.decode()
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Language"] == language
    assert {"Cookie", "HX-Request"} <= set(response.headers["Vary"].split(", "))


def test_part_of_a_page_stays_out_of_caches_too(client_of, anna):
    response = client_of(anna).get(reverse("accounts:settings"), headers={"hx-request": "true"})

    assert response.headers["Cache-Control"] == "no-store"


def test_zone_that_no_longer_exists_does_no_harm(client_of, anna):
    anna.user.time_zone = "Mars/Olympus"
    anna.user.save()

    assert client_of(anna).get(reverse("accounts:settings")).status_code == 200


def test_visitor_switches_language_and_stays(client, db):
    response = client.post(reverse("accounts:language"), {"language": "ko", "next": "/about/?a=1"})

    assert response.url == "/about/?a=1"
    assert '<html lang="ko"' in client.get(response.url).content.decode()


def test_member_keeps_the_language(client_of, anna):
    client_of(anna).post(reverse("accounts:language"), {"language": "ko"})

    anna.user.refresh_from_db()
    assert anna.user.language == "ko"


@pytest.mark.parametrize(
    "wanted",
    ("https://evil.example/", "//evil.example", "javascript:alert(1)", "", "/\\evil.example"),
)
def test_language_switch_never_leaves_the_site(client, db, wanted):
    response = client.post(reverse("accounts:language"), {"language": "ko", "next": wanted})

    assert response.url == reverse("home")


@pytest.mark.parametrize("text", NASTY)
def test_unknown_language_changes_nothing(client_of, anna, text):
    response = client_of(anna).post(reverse("accounts:language"), {"language": text})

    anna.user.refresh_from_db()
    assert (response.status_code, anna.user.language) == (302, "en")


def test_language_switch_refuses_get(client, db):
    assert client.get(reverse("accounts:language")).status_code == 405


@pytest.fixture
def message(db):
    return OutgoingEmail.objects.create(
        to="minji@example.kr",
        subject="Hello & welcome",
        text="See https://konnect.example/ <b>",
        html="<title>T</title><style>p{}</style><script>alert(1)</script>"
        '<p style="x" onclick="y">Hello <a href="javascript:z">there</a></p>',
    )


def test_mailbox_exists_in_the_demonstration_only(client, message):
    assert client.get(reverse("accounts:mailbox")).status_code == 404
    assert client.get(reverse("accounts:mailbox_message", args=[message.pk])).status_code == 404


def test_mailbox_is_searched_by_address(client, message, settings):
    settings.DEMO = True
    OutgoingEmail.objects.create(to="anna@example.eu", subject="Other", text="")

    page = client.get(reverse("accounts:mailbox"), {"to": "MINJI"}).content.decode()

    assert "Hello &amp; welcome" in page
    assert "Other" not in page


@pytest.mark.parametrize("text", NASTY[:-1])
@pytest.mark.parametrize("name", ("to", "page"))
def test_mailbox_survives_nasty_text(client, message, settings, name, text):
    settings.DEMO = True

    assert client.get(reverse("accounts:mailbox"), {name: text}).status_code == 200


@pytest.mark.parametrize("count", (1, 3))
def test_mailbox_query_count(client, db, settings, count, django_assert_num_queries):
    settings.DEMO = True
    for number in range(count):
        OutgoingEmail.objects.create(to=f"{number}@x.eu", subject="S", text="")

    with django_assert_num_queries(2):
        client.get(reverse("accounts:mailbox"))


def test_message_is_shown_without_its_scripts(client, message, settings):
    settings.DEMO = True

    response = client.get(reverse("accounts:mailbox_message", args=[message.pk]))

    assert response.context["html"] == '<p>Hello <a rel="noopener noreferrer">there</a></p>'
    assert response.context["html"] in response.content.decode()
    assert '<a href="https://konnect.example/" rel="nofollow">' in response.content.decode()


def test_unknown_message_is_not_there(client, db, settings):
    settings.DEMO = True

    assert client.get(reverse("accounts:mailbox_message", args=[10**18])).status_code == 404
