"""Every address of funding, read as everybody at every blind level: nothing hidden is found.

`hidden_stage` plants a word in every field that can be hidden; `funding.visibility` says who may
see it. Searched are pages, headers, the text of papers and what is packed in PDF and spreadsheets,
feeds, the API, news and mails.
"""

import io
import json
import re
import zipfile
import zlib
from itertools import product

import pytest
import typst
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from konnect.accounts.models import Notification, OutgoingEmail
from tests.funding.hidden_stage import OF_A_TRIP, PLANTED, hidden_stage
from tests.test_architecture import walk

WORDS = (*PLANTED, OF_A_TRIP)
PHASES = ("reviewing", "panel", "released")
# Arguments that are words and no numbers of something on the stage.
CHOSEN = {
    "event": ["none"], "step": ["texts"], "code": ["work"], "decision": ["discard"],
    "verdict": ["second"], "what": ["come"], "ending": ["csv", "xlsx"], "kind": ["csv", "xlsx"],
}  # fmt: skip
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
# What a list of scores to choose from offers says nothing of what was given.
OFFERED = re.compile(r"<option(?![^>]*selected)[^>]*>.*?</option>", re.DOTALL)
# People without any role in the call: blindness changes nothing for them.
OUTSIDERS = ("stranger", "staff", "nobody", "rival", "trip_lead", "trip_host")
# A number with a point or a comma that is not a part of another one.
NUMBER = {word: re.compile(rf"(?<![\d.,]){word.replace('.', '[.,]')}(?![\d.,]\d)")
          for word in WORDS if word[0].isdigit()}  # fmt: skip


def patterns():
    """Return (name, pattern) of every address of funding and of what the API answers of it."""
    found = [("funding", each) for each in walk(get_resolver("funding.urls").url_patterns)]
    found += [("api", each) for each in walk(get_resolver("konnect.api").url_patterns)]
    return [
        (f"{space}:{each.name}", each)
        for space, each in found
        if each.callback.__module__.startswith("funding.")
    ]


def addresses(things):
    """Return every address with every thing that it may be about."""
    found = []
    for name, pattern in patterns():
        route = str(pattern.pattern)
        options = [choices(things, route, argument) for argument in pattern.pattern.converters]
        found += [reverse(name, args=values) for values in product(*options)]
    return list(dict.fromkeys(found))


def choices(things, route, argument):
    """Return what an argument may be."""
    if argument == "pk":
        argument = route.split("<")[0].strip("/")
    if argument == "key" and route.startswith("applications"):
        argument = "document"
    if argument == "token" and route.startswith("calls"):
        return [1]
    return CHOSEN.get(argument) or things[argument]


@pytest.fixture
def papers(monkeypatch):
    """Return the list in which the words of every paper land; the papers are printed all the same."""
    given, compile_paper = [], typst.compile

    def watched(*positional, **named):
        given.append(json.dumps(json.loads(named["sys_inputs"]["data"]), ensure_ascii=False))
        return compile_paper(*positional, **named)

    monkeypatch.setattr(typst, "compile", watched)
    return given


def text_of(response, papers):
    """Return everything that an answer says: body, headers, the words of a paper, its properties."""
    body = b"".join(response) if response.streaming else response.content
    heads = "\n".join(f"{name}: {value}" for name, value in response.items())
    words = "\n".join(papers)
    papers.clear()
    parts = [part.decode("utf-8", "replace") for part in unpacked(body)]
    return OFFERED.sub("", "\n".join((heads, words, *parts)))


def unpacked(body):
    """Return what an answer holds; of a PDF without numbers, which draw its lines."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return [book.read(name) for name in book.namelist()]
    if not body.startswith(b"%PDF"):
        return [body]
    return [re.sub(rb"\d", b"", each) for each in (body, *map(inflated, STREAM.findall(body)))]


def inflated(data):
    """Return the content of a packed stream; nothing where it is not packed."""
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""


def words_in(text):
    """Return the planted words of a text."""
    text = text.lower()
    return {
        word for word in WORDS if (NUMBER[word].search(text) if word in NUMBER else word in text)
    }


def client_for(user):
    client = Client()
    if user.is_authenticated:
        client.force_login(user)
    return client


def letters_to(user):
    """Return what was written to somebody."""
    if not user.is_authenticated:
        return ""
    mails = OutgoingEmail.objects.filter(to=user.email)
    news = Notification.objects.filter(user=user)
    return "\n".join(
        [f"{each.subject}\n{each.text}\n{each.html}" for each in mails]
        + [f"{each.title_en}\n{each.title_ko}\n{each.address}" for each in news]
    )


def found_by(stage, role, papers, method="get"):
    """Return {word: where it was found} of everything that somebody reaches."""
    user = stage.users[role]
    client, found = client_for(user), {}
    for address in addresses(stage.things):
        point = transaction.savepoint()
        text = text_of(getattr(client, method)(address), papers)
        transaction.savepoint_rollback(point)
        for word in words_in(text):
            found.setdefault(word, []).append(address)
    for word in words_in(letters_to(user)):
        found.setdefault(word, []).append("letters")
    return found


def leaks(stage, papers, method):
    """Return what was found by those who may not see it."""
    return [
        f"{role} at level {stage.call.blind_level}, {stage.call.state}: {word} at {where[:4]}"
        for role in stage.users
        if role not in OUTSIDERS or stage.call.blind_level == 0
        for word, where in found_by(stage, role, papers, method).items()
        if not stage.may_see(role, word)
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("level", range(4))
def test_nobody_reads_what_is_hidden_from_them(level, phase, papers):
    stage = hidden_stage(level, phase)

    found = leaks(stage, papers, "get")

    assert found == [], "\n".join(found)


@pytest.mark.django_db
@pytest.mark.parametrize("phase", ("reviewing", "panel"))
def test_forms_that_come_back_tell_no_more(phase, papers):
    stage = hidden_stage(2, phase)

    found = leaks(stage, papers, "post")

    assert found == [], "\n".join(found)


# No page shows these to officers once decisions are out; they are searched for all the same.
SHOWN_TO_NO_OFFICER = {"marksecret", "markwhisper", "markcost", "markverdict", "markinstitute"}


@pytest.mark.django_db
def test_the_crawl_finds_every_word_where_it_may_be_read(papers):
    """The twin: an officer, and the people of the trip, find what nobody else does."""
    stage = hidden_stage(2, "released")

    found = {*found_by(stage, "officer", papers), *found_by(stage, "trip_host", papers)}

    assert set(WORDS) - found - SHOWN_TO_NO_OFFICER == set()
