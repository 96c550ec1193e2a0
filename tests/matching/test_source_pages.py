"""Filling a profile from elsewhere, as its pages show it."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from matching.models import SourceRequest, SourceRequestState
from matching.services.source_fetching import look_at_due_source
from matching.services.source_requests import ask_source
from matching.services.source_words import PROBLEMS, REASONS
from tests.factories.matching import ProfileFactory
from tests.matching import scholarly_server as does
from tests.matching.orcid_records import ORCID, record, work
from tests.matching.test_sources import AUTHOR, BIBTEX

LIST = "/profile/fill/"
HANGUL = re.compile("[가-힣]")


@pytest.fixture
def server(settings):
    running = does.ScholarlyServer()
    running.records[ORCID] = record()
    settings.ORCID_API = settings.OPENALEX_API = settings.CROSSREF_API = running.url
    yield running
    running.close()


@pytest.fixture
def client(client_of, anna):
    return client_of(anna)


def address(look):
    return reverse("matching:source_detail", args=[look.pk])


def ready(profile, source="orcid", asked=ORCID):
    look = ask_source(profile, actor=profile.user, source=source, asked=asked)
    look_at_due_source()
    look.refresh_from_db()
    return look


def text_of(response):
    return response.content.decode()


def test_page_offers_every_source(client):
    page = text_of(client.get(LIST))

    for words in ("Fill from ORCID", "OpenAlex", "BibTeX", "RIS", "DOIs", "up to 1 MB"):
        assert words in page


def test_typed_id_begins_a_look_and_says_that_it_proves_nothing(client, anna):
    response = client.post(LIST, {"source": "orcid", "orcid": f"https://orcid.org/{ORCID}"})

    look = anna.source_requests.get()
    assert (response.url, look.asked, look.source) == (address(look), ORCID, "orcid")
    assert "not verified" in text_of(client.get(LIST))


def test_proven_id_cannot_be_changed(client, anna):
    anna.orcid, anna.orcid_verified_at = ORCID, timezone.now()
    anna.save()

    client.post(LIST, {"source": "orcid", "orcid": "0000-0001-5109-3700"})

    assert anna.source_requests.get().asked == ORCID
    assert "proven by signing in" in text_of(client.get(LIST))


@pytest.mark.parametrize("orcid", ("", "0000-0002-1825-0098", "me", "x" * 500))
def test_wrong_id_is_refused_and_stays_in_the_form(client, anna, orcid):
    response = client.post(LIST, {"source": "orcid", "orcid": orcid})

    assert response.status_code == 200
    assert response.context["orcid_form"].errors
    assert f'value="{orcid}"' in text_of(response) or not orcid
    assert anna.source_requests.count() == 0


@pytest.mark.parametrize(
    ("content", "source"),
    (
        (BIBTEX.encode(), "bibtex"),
        (BIBTEX.encode("cp949"), "bibtex"),
        ("TY  - JOUR\nTI  - A\nER  -\n".encode("utf-16"), "ris"),
        (b"10.1000/abc\n", "doi"),
    ),
)
def test_uploaded_list_begins_a_look(client, anna, content, source):
    client.post(LIST, {"source": "works", "file": SimpleUploadedFile("works", content)})

    assert anna.source_requests.get().source == source


@pytest.mark.parametrize(
    ("content", "words"),
    (
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no text file"),
        (b"@" + b"x" * 3_000_001, "too large"),
        (b"@" + b"x" * 1_000_001, "too large"),
        (b"Dear all, see you on Monday.", "neither BibTeX nor RIS nor DOIs"),
        (b" ", "Choose a file, or paste a list"),
    ),
)
def test_file_of_no_use_is_refused_in_words(client, anna, content, words):
    response = client.post(LIST, {"source": "works", "file": SimpleUploadedFile("w", content)})

    assert words in text_of(response)
    assert anna.source_requests.count() == 0


def test_refused_list_keeps_what_was_pasted(client):
    response = client.post(LIST, {"source": "works", "text": "nothing of use"})

    assert "nothing of use</textarea>" in text_of(response)


def test_waiting_page_asks_again_by_itself_and_by_a_link(client, anna):
    look = ask_source(anna, actor=anna.user, source="orcid", asked=ORCID)

    page = text_of(client.get(address(look)))
    same = client.get(address(look) + "?tries=0", HTTP_HX_REQUEST="true")
    other = client.get(address(look) + "?tries=1", HTTP_HX_REQUEST="true")

    assert f'hx-get="{address(look)}?tries=0"' in page
    assert f'<a href="{address(look)}">Look again</a>' in page
    assert same.status_code == 204
    assert "<html" not in text_of(other)
    assert 'id="look"' in text_of(other)


def test_waiting_page_says_what_keeps_it(client, anna, server):
    server.faults = [does.status(503)]
    look = ready(anna)

    page = text_of(client.get(address(look)))

    assert "reports a fault of its own" in page
    assert "We try again at" in page


@pytest.mark.parametrize("code", PROBLEMS)
def test_failed_page_says_why_and_what_to_do(client, anna, code):
    look = SourceRequest.objects.create(
        profile=anna, source="orcid", asked=ORCID, state=SourceRequestState.FAILED, problem=code
    )

    page = text_of(client.get(address(look)))

    assert str(PROBLEMS[code].title).replace("'", "&#x27;") in page
    assert str(PROBLEMS[code].advice).replace("'", "&#x27;") in page
    assert "Ask again" in page


def test_asking_again_begins_a_new_look(client, anna):
    failed = SourceRequest.objects.create(
        profile=anna, source="orcid", asked=ORCID, state=SourceRequestState.FAILED, problem="slow"
    )

    response = client.post(reverse("matching:source_again", args=[failed.pk]))

    new = anna.source_requests.open().get()
    assert (response.url, new.asked) == (address(new), ORCID)


def test_ready_page_shows_found_beside_present(client, anna, server):
    page = text_of(client.get(address(ready(anna))))

    assert "Minji Kim" in page
    assert "On your profile now, to be replaced:" in page
    assert "Anna Schmidt" in page
    assert "Says Demo Uni" in page
    assert "You entered it at ORCID" in page
    assert "nobody has proven that it is yours" in page


def test_ready_page_of_a_proven_id_does_not_warn(client, anna, server):
    anna.orcid, anna.orcid_verified_at = ORCID, timezone.now()
    anna.save()

    assert "nobody has proven" not in text_of(client.get(address(ready(anna))))


def test_page_of_openalex_says_that_a_machine_guessed(client, anna, server):
    server.authors[ORCID] = AUTHOR

    page = text_of(client.get(address(ready(anna, "openalex"))))

    assert "A machine decided" in page
    assert " checked>" not in page


def test_broken_entries_are_named_with_line_and_reason(client, anna):
    page = text_of(client.get(address(ready(anna, "bibtex", BIBTEX))))

    assert "3 entries could not be read" in page
    assert "Line 4:" in page
    assert "the entry is not closed" in page


def test_taking_and_undoing_by_the_page(client, anna, server):
    look = ready(anna)
    page = client.get(address(look))
    works = [
        o.key for group in page.context["groups"] for o in group["offers"] if o.group == "works"
    ]

    answer = client.post(
        address(look), {"take": works, "version": page.context["version"]}, follow=True
    )
    taken = anna.works.count()
    undone = client.post(reverse("matching:source_undo", args=[look.pk]), follow=True)

    assert (taken, anna.works.count()) == (2, 0)
    assert "What you ticked stands on your profile." in text_of(answer)
    assert "Undone." in text_of(undone)


def test_refused_taking_keeps_the_ticks(client, anna, server):
    server.records[ORCID] = record(
        works={"group": [work(f"Work {n}", doi=f"10.1000/{n}", code=n) for n in range(7)]}
    )
    look = ready(anna)
    page = client.get(address(look))
    works = [
        o.key for group in page.context["groups"] for o in group["offers"] if o.group == "works"
    ]

    answer = client.post(address(look), {"take": works, "version": page.context["version"]})

    assert "five works at most" in text_of(answer)
    assert text_of(answer).count(" checked>") == 7
    assert anna.works.count() == 0


def test_taking_from_an_outdated_page_says_so(client, anna, server):
    look = ready(anna)

    answer = client.post(address(look), {"take": ["x"], "version": "old"})

    assert "Tick at least one thing" in text_of(answer)
    keys = [o.key for group in answer.context["groups"] for o in group["offers"]][:1]
    answer = client.post(address(look), {"take": keys, "version": "old"})
    assert "changed in another window" in text_of(answer)


def test_nonsense_in_the_form_changes_nothing(client, anna, server):
    look = ready(anna)

    answer = client.post(
        address(look), {"take": ["x", "0"], "keep_works": ["-1", "²", "9" * 30], "version": ""}
    )

    assert answer.status_code == 200
    assert anna.works.count() == 0


def test_dropping_by_the_page(client, anna, server):
    look = ready(anna)

    client.post(reverse("matching:source_drop", args=[look.pk]))

    look.refresh_from_db()
    assert (look.state, look.found) == (SourceRequestState.DROPPED, [])
    assert "This look is over" in text_of(client.get(address(look)))


def test_nothing_new_says_so(client, anna, server):
    server.records[ORCID] = {"orcid-identifier": {"path": ORCID}}
    anna.orcid = ORCID
    anna.save()

    assert "Nothing new was found" in text_of(client.get(address(ready(anna))))


@pytest.mark.parametrize("verb", ("detail", "drop", "undo", "again"))
def test_looks_of_others_are_not_there(client, verb):
    other = ProfileFactory()
    look = ask_source(other, actor=other.user, source="orcid", asked=ORCID)

    answer = client.post(reverse(f"matching:source_{verb}", args=[look.pk]))

    assert answer.status_code == 404


def test_found_markup_is_shown_as_text(client, anna, server):
    server.records[ORCID] = record(works={"group": [work("<script>alert(1)</script> & more")]})

    page = text_of(client.get(address(ready(anna))))

    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page


@pytest.mark.parametrize("count", (1, 3, 12))
def test_page_takes_the_same_number_of_queries(
    client, anna, server, django_assert_num_queries, count
):
    server.records[ORCID] = record(
        works={"group": [work(f"Work {n}", doi=f"10.1000/{n}", code=n) for n in range(count)]}
    )
    look = ready(anna)
    client.get(address(look))

    with django_assert_num_queries(12):
        client.get(address(look))


@pytest.mark.parametrize("count", (1, 3))
def test_list_takes_the_same_number_of_queries(client, anna, django_assert_num_queries, count):
    for number in range(count):
        SourceRequest.objects.create(
            profile=anna, source="doi", asked=str(number), state=SourceRequestState.FAILED
        )
    client.get(LIST)

    with django_assert_num_queries(6):
        client.get(LIST)


def test_everything_is_said_in_korean(client_of, minji, server):
    look = ready(minji, "bibtex", BIBTEX)
    client = client_of(minji)

    for path in (LIST, address(look), address(ready(minji))):
        main = text_of(client.get(path)).split("<main")[1].split("</main")[0]
        assert "Take over" not in main
        assert "Fill" not in main
        assert HANGUL.search(main)


def test_codes_have_words():
    assert all(HANGUL.search(str(problem.title)) is None for problem in PROBLEMS.values())
    assert {"no_title", "not_closed", "no_doi", "unknown_doi"} <= set(REASONS)
