"""News on the site: the bell, the list, and the page where one chooses what comes by e-mail."""

import re
from datetime import UTC, datetime, time

import pytest
from django.core.cache import caches
from django.urls import reverse

from konnect.accounts.models import MailTrouble, Notification, OutgoingEmail
from konnect.accounts.services.consents import record_consents
from konnect.accounts.services.notifications import notify
from konnect.accounts.services.wishes import save_wishes, wishes
from tests.factories.accounts import UserFactory

LIST, SETTINGS = "/notifications/", "/settings/notifications/"
KINDS = (
    "contact_request", "message", "interest", "listing", "saved_search", "twinning",
    "source_request", "registrations", "meeting_requests", "schedules", "event_news",
    "calls", "applications", "reviews", "grants",
)  # fmt: skip
GOOD = {
    "digest_hour": "18", "digest_weekday": "4", "quiet_from": "22:00", "quiet_until": "07:30",
    **{f"kind_{kind}": "weekly" for kind in KINDS}, "kind_saved_search": "daily",
}  # fmt: skip
NASTY = ("x" * 5000, "25:00", "Kim\0", "🧪", "-1", "99", "<b>", "9" * 400)


@pytest.fixture(autouse=True)
def nothing_kept():
    caches["layout"].clear()


def tell(user, key="1", title="Somebody wrote", address="/about/"):
    return notify(user, "message", key=key, title=title, address=address)


def titles_in(page):
    return re.findall(r"Somebody \w+", page)


# --- The bell ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "badge", "title"),
    ((0, None, "<title>"), (3, "3", "<title>(3) "), (120, "99+", "<title>(120) ")),
)
def test_bell_and_title_show_how_much_is_unread(client_of, anna, count, badge, title):
    for number in range(count):
        tell(anna.user, str(number))

    page = client_of(anna).get("/about/").content.decode()

    bell = re.search(r'<a class="bell".*?</a>', page, re.DOTALL)[0]
    assert (re.findall(r'class="badge">([\d+]+)', bell) or [None]) == [badge]
    assert title in page


def test_strangers_have_no_bell(client, db):
    assert 'class="bell"' not in client.get("/about/").content.decode()


def test_bell_rings_no_query_more(client_of, anna, django_assert_num_queries):
    tell(anna.user)
    client = client_of(anna)

    # The session, the account, and all counts of the bar in one.
    with django_assert_num_queries(3):
        client.get("/about/")


def test_quick_page_shows_the_bell_too(client_of, anna):
    client = client_of(anna)
    client.get("/suggestions/")
    tell(anna.user)

    pages = [client.get("/suggestions/").content.decode() for _ in range(2)]

    assert ["<title>(1) " in page for page in pages] == [True, True]


def test_counts_are_each_persons_own(client_of, anna, minji):
    tell(minji.user)

    assert "<title>(" not in client_of(anna).get("/about/").content.decode()


# --- The list ---------------------------------------------------------------------------------


def test_list_shows_ones_own_news_the_newest_first(client_of, anna, minji):
    tell(anna.user, "1", "Somebody asked")
    tell(anna.user, "2", "Somebody answered")
    tell(minji.user, "3", "Somebody else")

    page = client_of(anna).get(LIST).content.decode()

    assert titles_in(page) == ["Somebody answered", "Somebody asked"]


def test_list_shows_what_is_unread_on_wish(client_of, anna):
    tell(anna.user, "1", "Somebody asked")
    tell(anna.user, "2", "Somebody answered")
    Notification.objects.filter(key="1").update(read_at=datetime.now(UTC))

    page = client_of(anna).get(LIST, {"show": "unread"}).content.decode()

    assert titles_in(page) == ["Somebody answered"]


@pytest.mark.parametrize(("language", "zone"), (("en", "CET"), ("ko", "KST")))
def test_times_are_the_readers(client_of, anna, minji, language, zone):
    reader = {"en": anna, "ko": minji}[language]
    Notification.objects.filter(pk=tell(reader.user).pk).update(
        created_at=datetime(2026, 1, 5, 10, tzinfo=UTC)
    )

    page = client_of(reader).get(LIST).content.decode()

    assert zone in page
    assert {"CET": "11:00", "KST": "19:00"}[zone] in page


def test_opening_leads_on_and_counts_as_read(client_of, anna):
    news = tell(anna.user)

    response = client_of(anna).get(f"{LIST}{news.pk}/")

    assert (response.status_code, response.url) == (302, "/about/")
    assert not Notification.objects.unread().exists()


@pytest.mark.parametrize(
    "address",
    ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "/\\evil.example"),
)
def test_news_never_leads_off_the_site(client_of, anna, address):
    news = tell(anna.user, address=address)

    assert client_of(anna).get(f"{LIST}{news.pk}/").url == LIST


def test_nobody_opens_the_news_of_others(client_of, anna, minji):
    news = tell(minji.user)

    assert client_of(anna).get(f"{LIST}{news.pk}/").status_code == 404
    assert Notification.objects.unread().exists()


def test_all_is_read_with_one_click(client_of, anna, minji):
    tell(anna.user, "1")
    tell(anna.user, "2")
    tell(minji.user, "3")

    client_of(anna).post(reverse("news:read_all"))

    assert [news.user for news in Notification.objects.unread()] == [minji.user]


@pytest.mark.parametrize("count", (1, 3, 25))
def test_list_query_count(client_of, anna, count, django_assert_num_queries):
    for number in range(count):
        tell(anna.user, str(number))
    client = client_of(anna)

    # Session, account, how many there are, those of the page, and the counts of the bar.
    with django_assert_num_queries(5):
        client.get(LIST)


@pytest.mark.parametrize("page", ("0", "9999", "99999999999999999999", "-1", "x\0", "🧪"))
@pytest.mark.parametrize("show", ("", "unread", "\0", "x" * 3000))
def test_list_survives_odd_addresses(client_of, anna, page, show):
    tell(anna.user)

    assert client_of(anna).get(LIST, {"page": page, "show": show}).status_code == 200


def test_empty_list_says_what_to_do(client_of, anna):
    page = client_of(anna).get(LIST).content.decode()

    assert "Nothing yet" in page
    assert reverse("matching:suggestion_list") in page


# --- What comes by e-mail -----------------------------------------------------------------------


def test_settings_are_kept(client_of, anna):
    response = client_of(anna).post(SETTINGS, GOOD)

    assert response.url == SETTINGS
    kept = wishes(anna.user)
    assert {f"kind_{kind}": kept[kind] for kind in KINDS}.items() <= GOOD.items()
    anna.user.refresh_from_db()
    assert (anna.user.digest_hour, anna.user.digest_weekday) == (18, 4)
    assert (anna.user.quiet_from, anna.user.quiet_until) == (time(22), time(7, 30))


def test_page_shows_what_was_chosen(client_of, anna):
    client = client_of(anna)
    client.post(SETTINGS, GOOD | {"kind_message": "off"})

    form = client.get(SETTINGS).context["form"]

    assert form["kind_message"].value() == "off"
    assert form["kind_listing"].value() == "weekly"
    assert form["digest_hour"].value() == 18


def test_searches_have_each_their_own_rhythm_or_none(client_of, anna):
    client = client_of(anna)
    save_wishes(anna.user, actor=None, rhythms={"saved_search": "weekly"})

    field = client.get(SETTINGS).context["form"]["kind_saved_search"]

    assert [value for value, _label in field.field.choices] == ["daily", "off"]
    assert field.value() == "daily"
    response = client.post(SETTINGS, GOOD | {"kind_saved_search": "weekly"})
    assert list(response.context["form"].errors) == ["kind_saved_search"]


def test_quiet_hours_can_be_taken_back(client_of, anna):
    client = client_of(anna)
    client.post(SETTINGS, GOOD)

    client.post(SETTINGS, GOOD | {"quiet_from": "", "quiet_until": ""})

    anna.user.refresh_from_db()
    assert (anna.user.quiet_from, anna.user.quiet_until) == (None, None)


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("field", ("digest_hour", "digest_weekday", "quiet_from", "kind_message"))
def test_settings_survive_nasty_text(client_of, anna, field, text):
    response = client_of(anna).post(SETTINGS, GOOD | {field: text})

    form = response.context["form"]
    assert (response.status_code, list(form.errors)) == (200, [field])
    assert form["digest_weekday" if field != "digest_weekday" else "digest_hour"].value() in (
        "4",
        "18",
    )
    anna.user.refresh_from_db()
    assert anna.user.digest_hour == 8
    assert wishes(anna.user)["message"] == "instant"


@pytest.mark.parametrize(
    ("begin", "end", "wrong"),
    (("22:00", "", "quiet_until"), ("", "07:00", "quiet_from"), ("07:00", "07:00", "quiet_until")),
)
def test_quiet_hours_need_two_times(client_of, anna, begin, end, wrong):
    response = client_of(anna).post(SETTINGS, GOOD | {"quiet_from": begin, "quiet_until": end})

    assert list(response.context["form"].errors) == [wrong]


def test_adverts_are_offered_to_those_who_agreed(client_of, anna):
    client = client_of(anna)
    assert "kind_announcement" not in client.get(SETTINGS).context["form"].fields
    client.post(SETTINGS, GOOD | {"kind_announcement": "instant"})
    assert notify(anna.user, "announcement", key="1", title="New call", address="/").due_at is None

    record_consents(anna.user, choices={"newsletter": True}, channel="settings", language="en")

    assert "kind_announcement" in client.get(SETTINGS).context["form"].fields


def test_security_mail_is_not_for_choice(client_of, anna):
    assert "kind_account" not in client_of(anna).get(SETTINGS).context["form"].fields

    client_of(anna).post(SETTINGS, GOOD | {"kind_account": "off"})

    assert notify(anna.user, "account", key="1", title="New password", address="/").due_at


@pytest.mark.parametrize("count", (0, 3))
def test_settings_query_count(client_of, anna, count, django_assert_num_queries):
    save_wishes(anna.user, actor=None, rhythms=dict.fromkeys(KINDS[:count], "daily"))
    client = client_of(anna)

    # Session, account, consent, wishes, trouble with the address, and the counts of the bar.
    with django_assert_num_queries(6):
        client.get(SETTINGS)


@pytest.mark.parametrize("rhythm", ("daily", "off"))
@pytest.mark.parametrize("count", (1, len(KINDS)))
def test_saving_costs_the_same_however_many_kinds(
    anna, count, rhythm, django_assert_max_num_queries
):
    save_wishes(anna.user, actor=None, rhythms=dict.fromkeys(KINDS, "weekly"))

    # Two of the savepoint, the rows, what waits in outbox and digest, and what is wished now.
    with django_assert_max_num_queries(7):
        save_wishes(anna.user, actor=None, rhythms=dict.fromkeys(KINDS[:count], rhythm))

    saved = wishes(anna.user)
    assert [saved[name] for name in KINDS[:count]] == [rhythm] * count
    assert [saved[name] for name in KINDS[count:]] == ["weekly"] * (len(KINDS) - count)


def test_page_without_trouble_offers_no_second_try(client_of, anna):
    MailTrouble.objects.create(address="other@example.eu", kind="hard")
    MailTrouble.objects.create(address=anna.user.email, kind="soft")

    assert reverse("news:try_again") not in client_of(anna).get(SETTINGS).content.decode()


def test_second_try_is_for_ones_own_address(client_of, anna):
    MailTrouble.objects.create(address="other@example.eu", kind="hard")

    client_of(anna).post(reverse("news:try_again"))

    assert MailTrouble.objects.count() == 1


def test_moving_to_another_zone_moves_what_waits(client_of, anna):
    save_wishes(anna.user, actor=None, rhythms={"message": "daily"})
    news = tell(anna.user)
    was = news.due_at

    client_of(anna).post(
        "/settings/", {"language": "en", "time_zone": "Asia/Seoul", "appearance": "system"}
    )

    news.refresh_from_db()
    assert (news.due_at - was).total_seconds() % 86_400 == (24 - 8) * 3600


def test_person_with_a_returned_address_is_told_at_sign_in(client, db, fresh_limits):
    user = UserFactory(email="gone@example.eu")
    MailTrouble.objects.create(address="Gone@example.eu", kind="hard")

    page = client.post(
        reverse("account_login"),
        {"login": user.email, "password": "correct horse battery"},
        follow=True,
    ).content.decode()

    assert "gone@example.eu come back" in page
    assert OutgoingEmail.objects.count() == 0
