"""Telling people news: a row on the site, and a mail at once, in a digest or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise

from konnect.accounts.mail import one_line, queue_email
from konnect.accounts.mail_times import clock_of, mail_time
from konnect.accounts.models import DeliveryState, Notification, OutgoingEmail, Rhythm, User
from konnect.accounts.notifications import Kind, kind_named
from konnect.accounts.services.unsubscribing import stop_address, stop_headers
from konnect.accounts.services.wishes import wish

Title = str | Promise | Callable[[], object]
# The Network Act of Korea, article 50 (4): adverts say so at the beginning of their subject.
ADVERT_MARKS = {"ko": "(광고) "}
# The mail of news that has no letter of its own: title and link.
PLAIN_LETTER = "news"
# One statement for what `get_or_create` does in four.
PUT = """
INSERT INTO accounts_notification (user_id, kind, key, title_en, title_ko, address, rhythm)
VALUES (%(user)s, %(kind)s, %(key)s, %(title_en)s, %(title_ko)s, %(address)s, '')
ON CONFLICT DO NOTHING
RETURNING *
"""


@dataclass(frozen=True)
class Letter:
    """The mail of one piece of news: its templates, what they are told, and what goes along."""

    name: str
    context: Mapping[str, object]
    attachments: Sequence[Mapping[str, str]] = ()


@transaction.atomic(savepoint=False)
def notify(
    user: User,
    kind: str,
    *,
    key: str,
    title: Title,
    address: str,
    letter: str = "",
    context: dict[str, object] | None = None,
    rhythm: Rhythm | None = None,
    attachments: Sequence[Mapping[str, str]] = (),
) -> Notification | None:
    """Tell somebody news once: on the site always, by e-mail as they wish.

    kind: a name of the register; key: what it is about, unique for the person
    (`contact_request:17`); title: what happened, as a lazy text or, when values go into it, as a
    function that returns the text in the language that is then active (Django's `lazy % values`
    is not lazy); it never tells what somebody wrote. address: the path of the page about it.
    letter: the templates of its e-mail (`emails/<letter>-subject.txt` and so on) with their
    context, for those who want this kind at once; everybody else gets title and link in a digest.
    rhythm: how often the person wants this very thing by e-mail, where they said so; who wants
    nothing of the kind gets nothing. attachments: what the letter carries (`mail_parts.attachment`);
    digests carry nothing.

    Returns None when the news was told before, or when the account is closed.

    Raises:
        KeyError: nobody registered the kind.
    """
    chosen = kind_named(kind)
    if not user.is_active:
        return None
    news = put_on_site(user, kind, key=key, title=title, address=address)
    if news is not None:
        letter_facts = Letter(letter or PLAIN_LETTER, context or {}, attachments)
        plan_mail(news, user, chosen, letter_facts, rhythm)
    return news


def put_on_site(
    user: User, kind: str, *, key: str, title: Title, address: str
) -> Notification | None:
    """Write the row of news and no mail; None when it was told before."""
    columns = {"user": user.pk, "kind": kind, "key": key, "address": address, **titles(title)}
    news: Notification | None = next(iter(Notification.objects.raw(PUT, columns)), None)
    if news is not None:
        news.user = user
    return news


def titles(title: Title) -> dict[str, str]:
    """Return the columns of a title in each language."""
    columns = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            text = str(title() if callable(title) else title)
        columns[f"title_{language}"] = one_line(text)
    return columns


def plan_mail(
    news: Notification,
    user: User,
    kind: Kind,
    letter: Letter,
    own_rhythm: Rhythm | None = None,
) -> None:
    """Write the mail of news at once, or note when it is due in a digest."""
    rhythm = wish(user, kind)
    if own_rhythm is not None and rhythm != Rhythm.OFF:
        rhythm = own_rhythm
    clock = clock_of(user, is_advertising=bool(kind.consent))
    news.due_at = mail_time(clock, rhythm, timezone.now())
    if news.due_at is None:
        return
    news.rhythm = own_rhythm or ""
    if rhythm == Rhythm.INSTANT:
        write_letter(news, user, kind, letter)
    news.save(update_fields=["rhythm", "due_at", "mailed_at", "email"])


def write_letter(news: Notification, user: User, kind: Kind, letter: Letter) -> None:
    """Queue the e-mail of one piece of news; quiet hours hold it back in the outbox."""
    stop = stop_address(user, kind.name) if kind.is_optional else ""
    news.email = queue_email(
        letter.name,
        to=user,
        context={**letter.context, **frame_words(kind.reason, stop), "news": news},
        headers=stop_headers(stop) if stop else None,
        not_before=held_back(news.due_at),
        mark=advert_mark(user) if kind.consent else "",
        attachments=letter.attachments,
    )
    news.mailed_at = timezone.now()


def frame_words(reason: str | Promise, stop: str) -> dict[str, object]:
    """Return what the foot of every mail about news says: why it comes, and how it ends."""
    settings_address = settings.SITE_URL + reverse("accounts:notifications")
    return {"reason": reason, "settings_address": settings_address, "stop_address": stop}


def advert_mark(user: User) -> str:
    """Return what the subject of an advert must begin with in the reader's language."""
    return ADVERT_MARKS.get(user.language, "")


def held_back(due_at: datetime | None) -> datetime | None:
    """Return a time that lies ahead; what is due now needs none."""
    return due_at if due_at is not None and due_at > timezone.now() else None


@transaction.atomic
def take_news_back(kind: str, *, key: str) -> int:
    """Delete news that should not have been told, and the letters of it that still wait.

    Returns the number of letters that had gone already.
    """
    news = Notification.objects.filter(kind=kind, key=key)
    letters = OutgoingEmail.objects.filter(pk__in=news.values("email"))
    letters.filter(state=DeliveryState.WAITING).delete()
    gone = letters.filter(state=DeliveryState.SENT).count()
    news.delete()
    return gone


@transaction.atomic
def mark_read(user: User, *, actor: User | None, pks: list[int] | None = None) -> int:
    """Take news as read, all of it or that of these numbers; return how many were not."""
    unread = Notification.objects.filter(user=user).unread()
    if pks is not None:
        unread = unread.filter(pk__in=pks)
    return unread.update(read_at=timezone.now())


def mark_read_about(user: User, address: str) -> int:
    """Take the news as read that leads to a page which the person has just seen."""
    unread = Notification.objects.filter(user=user, address=address).unread()
    return unread.update(read_at=timezone.now())
